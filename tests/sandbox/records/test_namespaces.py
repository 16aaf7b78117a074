"""Records in Python, and in the lists of the API."""

from __future__ import annotations

import inspect
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from etelecom_async import PartnerClient, ShopClient
from etelecom_async.models import CallLog
from etelecom_async.sandbox.records import namespaces
from etelecom_async.sandbox.records.kinds import KINDS
from etelecom_async.testing import RecordError, Sandbox, sandbox
from etelecom_async.times import VIETNAM

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@pytest.fixture
async def service() -> AsyncIterator[Sandbox]:
    """Returns a sandbox without calls."""
    async with sandbox(call_logs=0, zns_messages=0) as service:
        yield service


def test_every_kind_has_its_namespace() -> None:
    """Each kind has a property of a sandbox, and its methods take the fields of the kind."""
    for name, kind in KINDS.items():
        namespace = next(one for one in vars(namespaces).values() if getattr(one, "kind", None) == name)
        assert kind.new.__name__ in str(inspect.signature(namespace.add))
        assert kind.fields.__name__ in str(inspect.signature(namespace.update))
        assert isinstance(inspect.getattr_static(Sandbox, name), property)


async def test_calls_in_filters(service: Sandbox) -> None:
    """Added, changed and deleted calls are in the list of the API and in its filters at once."""
    call = service.calls.add(caller="0912345678", duration=95, extension_id="1002")
    assert isinstance(call, CallLog)
    other = service.calls.add(shop=service.shops.list()[0].id)
    async with ShopClient(service.shop_api_key, base_url=service.base_url) as shop:
        assert [found.id for found in await shop.call_logs.list().collect()] == [call.id]
        assert (await shop.call_logs.list().first()) == call
        for wanted in (
            {"call_number": "0912345678"},
            {"extension_ids": [call.extension_id]},
            {"user_id": call.user_id},
            {"direction": "in"},
            {"date_from": call.started_at, "date_to": call.started_at},
        ):
            assert await shop.call_logs.list(**wanted).collect() == [call]
        changed = service.calls.update(call.id, direction="out", note="x")
        assert not await shop.call_logs.list(direction="in").collect()
        assert await shop.call_logs.list(direction="out").collect() == [changed]
        (url,) = changed.recording_urls or ()
        assert url.startswith(service.sms_base_url)
        service.calls.delete(call.id)
        assert not await shop.call_logs.list().collect()
    assert service.calls.list() == (other,)
    assert service.calls.get(other.id) == other
    for wrong in (call.id, "", "x", "9" * 30):
        with pytest.raises(RecordError):
            service.calls.get(wrong)


async def test_a_shop_of_its_own(service: Sandbox) -> None:
    """The keys of an added shop work at once, and what it gets belongs to it only."""
    added = service.shops.add(name="Mây Xanh")
    assert added.shop is not None
    assert added.api_key is not None
    shop_id = added.shop.id
    service.hotlines.add(shop=shop_id)
    user = service.users.add(shop=shop_id, full_name="Lê An")
    extension = service.extensions.add(shop=shop_id, user_id=user.user_id)
    call = service.calls.add(shop=shop_id)
    async with ShopClient(added.api_key.reveal(), base_url=service.base_url) as shop:
        assert await shop.extensions.list().collect() == [extension]
        assert (await shop.extensions.get(extension_number=extension.extension_number)).extension_password
        assert await shop.call_logs.list(user_id=user.user_id).collect() == [call]
    async with PartnerClient(service.partner_api_key, base_url=service.base_url) as partner:
        assert "Mây Xanh" in [tenant.name async for tenant in partner.tenants.list()]
    service.shops.delete(shop_id)
    assert not [shop for shop in service.shops.list() if shop.id == shop_id]


async def test_messages(service: Sandbox) -> None:
    """Followers, templates, ZNS and consents are in their lists, and a template can be used to send."""
    template = service.templates.add(type="otp")
    follower = service.followers.add(phone="0901234560")
    message = service.messages.add(template_id=template.template_id, tracking_id="order-1")
    consent = service.consents.add(phone="0901234560")
    async with ShopClient(service.shop_key, base_url=service.base_url) as shop:
        assert [one.id async for one in shop.zns.messages.list(tracking_id="order-1")] == [message.id]
        assert (await shop.zalo.followers.list(phone="84901234560").collect()) == [follower]
        assert (await shop.zalo.consents.list(phone="84901234560").collect()) == [consent]
        check = await shop.zalo.consents.check(oa_id=consent.oa_id, phone="0901234560")
        assert check.error == 0
        sent = await shop.zns.messages.send(
            oa_id=template.oa_id,
            phone="0901234560",
            template_id=template.template_id,
            template_data={"otp": "1234"},
        )
        assert not sent.error_code
        service.messages.update(sent.id, status="N", error_code=-118)
        service.advance(timedelta(minutes=10))
        assert (await shop.zns.messages.get(oa_id=template.oa_id, msg_id=sent.msg_id)).status == "N"


async def test_a_state_file_keeps_records(tmp_path: Path) -> None:
    """Added records survive a restart; a document is read only for a new state."""
    document = {"calls": [{"note": "first"}]}
    for _ in range(2):
        async with sandbox(call_logs=0, data=tmp_path / "state", content=document) as service:
            service.calls.add(note="later")
    async with sandbox(data=tmp_path / "state") as service:
        notes = [call.note for call in service.calls.list(shop=service.shops.list()[-1].id)]
    assert sorted(notes) == ["first", "later", "later"]


async def test_a_wrong_document(tmp_path: Path) -> None:
    """With a wrong document nothing starts and no state is kept; the error has the path of the file."""
    file = tmp_path / "story.json"
    file.write_text('{"calls": [{"hotline_id": "9"}, {"duraton": 1}]}')
    service = sandbox(content=file, data=tmp_path / "state")
    with pytest.raises(RecordError) as caught:
        await service.start()
    assert [text.partition(": ")[0] for text in caught.value.problems] == [str(file)] * 2
    async with sandbox(data=tmp_path / "state", call_logs=3) as again:
        assert len(again.calls.list()) == 5
    with pytest.raises(RuntimeError, match="the sandbox is not running"):
        _ = service.calls


async def test_beside_other_options(tmp_path: Path) -> None:
    """A document, a strict form, rules, a fixed end and a state file work together, also after a restart."""
    created = datetime(2026, 11, 30, tzinfo=VIETNAM)
    started = created - timedelta(days=5)
    document = {"calls": [{"note": "mine", "started_at": started.isoformat(), "created_at": created}]}
    options: dict[str, Any] = {
        "content": document,
        "data": tmp_path / "state",
        "until": "2026-11-20",
        "call_logs": 5,
        "strict": True,
        "call_time": "started_at",
        "order": "oldest_first",
    }
    for _ in range(2):
        async with sandbox(**options) as service:
            calls = service.calls.list(shop=service.shops.list()[0].id)
            mine = calls[-1]
            assert (mine.note, mine.started_at, mine.created_at) == ("mine", started, created)
            others = [call.created_at for call in calls[:-1] if call.created_at]
            assert max(others) < created - timedelta(days=9)
            async with ShopClient(service.shop_api_key, base_url=service.base_url) as shop:
                assert tuple(await shop.call_logs.list().collect()) == calls
                found = await shop.call_logs.list(date_from=started, date_to=started).collect()
                assert found == [mine]
