"""Messages in bulk against the sandbox: each row once, and all rows are checked before the first one."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from etelecom_async import ShopClient, SmsClient, bulk
from etelecom_async.errors import InvalidRequestError, JournalError
from etelecom_async.models import OAStatus, SmsTemplate, TemplateStatus, ZNSTemplate
from etelecom_async.testing import Fault, Sandbox, sandbox

SEND = "shop.zns.messages.send"
HEADING = "invoice,phone,customer_name,order_code,amount,due_date\n"
ROWS = (
    "HD-1,0901 234 567,Lan,DH-1,250000,30/11/2026\n"
    "HD-2,+84 901 234 560,An,DH-2,90000,30/11/2026\n"
    "HD-3,901234561,Bình,DH-3,70000,30/11/2026\n"
)


class World(NamedTuple):
    """A sandbox, a shop, and a template that can be sent."""

    service: Sandbox
    shop: ShopClient
    oa_id: str
    template: ZNSTemplate

    def send(self, path: Path, text: str = HEADING + ROWS, **given: Any) -> bulk.Run:
        """Return a run for the rows of a CSV text."""
        settings = {"oa_id": self.oa_id, "template": self.template, "key_column": "invoice", **given}
        return bulk.send(path, self.shop, rows=csv.DictReader(io.StringIO(text)), **settings)


@pytest.fixture
async def world() -> AsyncIterator[World]:
    """Run a sandbox."""
    async with (
        sandbox() as service,
        ShopClient(service.shop_api_key, base_url=service.base_url) as shop,
    ):
        accounts = await shop.zalo.accounts.list().collect()
        oa_id = max((a for a in accounts if a.status == OAStatus.CONNECTED), key=lambda a: a.expires_at).oa_id
        templates = await shop.zns.templates.list(oa_id=oa_id).collect()
        usable = [t for t in templates if t.template_status == TemplateStatus.ENABLE and t.type == "table"]
        yield World(service, shop, oa_id, usable[0])


async def test_each_row_once(world: World, tmp_path: Path) -> None:
    """Each row is a message with its key as tracking id; a second run sends only what is new."""
    journal = tmp_path / "invoices.journal"
    report = await world.send(journal)
    assert (report.is_complete, report.counts) == (True, {bulk.State.DONE: 3})
    more = "HD-4,0901234562,Chi,DH-4,1000,30/11/2026\n"
    report = await world.send(journal, HEADING + ROWS + more)
    assert report.counts == {bulk.State.DONE: 4}
    assert world.service.processed[SEND] == 4
    for key, phone in (("HD-1", "84901234567"), ("HD-3", "84901234561"), ("HD-4", "84901234562")):
        (message,) = await world.shop.zns.messages.list(oa_id=world.oa_id, tracking_id=key).collect()
        assert message.phone == phone


async def test_mistakes_come_before_the_first_message(world: World, tmp_path: Path) -> None:
    """All mistakes are one error; nothing is sent, and there is no journal."""
    wrong = "HD-1,12,,DH-9,250000,30/11/2026\n" + "".join(f",x{index},a,b,1,1\n" for index in range(20))
    with pytest.raises(InvalidRequestError) as caught:
        await world.send(tmp_path / "j", HEADING + ROWS + wrong)
    problems = caught.value.problems
    assert len(problems) == 21
    assert problems[0].startswith("row 4, column 'invoice' has the same key 'HD-1' as row 1: ")
    assert problems[-1] == "and 23 more"
    assert SEND not in world.service.requests.counts
    assert not (tmp_path / "j").exists()


async def test_template_without_id(world: World, tmp_path: Path) -> None:
    """A template that is not of the service is refused."""
    with pytest.raises(InvalidRequestError, match=r"template has no template_id: take it from"):
        world.send(tmp_path / "j", template=ZNSTemplate())


async def test_refused_message_is_sent_after_correction(world: World, tmp_path: Path) -> None:
    """A refused row may be corrected. One that was accepted may not be changed."""
    journal = tmp_path / "j"
    world.service.faults.add(
        Fault(kind="status", status=400, code="invalid_argument", operation=SEND, times=1)
    )
    report = await world.send(journal, HEADING + ROWS.splitlines()[0])
    assert report.counts == {bulk.State.FAILED: 1}
    corrected = HEADING + ROWS.splitlines()[0].replace("Lan", "Lan Anh")
    assert (await world.send(journal, corrected)).is_complete
    with pytest.raises(JournalError, match="HD-1"):
        await world.send(journal)
    assert world.service.processed[SEND] == 1


async def test_lost_response_is_looked_up(world: World, tmp_path: Path) -> None:
    """A message whose response was lost is found by its tracking id, and is not sent again."""
    world.service.faults.add(Fault(kind="reset_after", operation=SEND, times=1))
    journal = tmp_path / "j"
    await world.send(journal)
    assert (await world.send(journal)).is_complete
    assert world.service.processed[SEND] == 3


async def test_ledger(world: World, tmp_path: Path) -> None:
    """With a ledger, another journal does not send the same keys again."""
    async with bulk.SqliteLedger(tmp_path / "sent.ledger") as ledger:
        assert (await world.send(tmp_path / "a", ledger=ledger)).is_complete
        report = await world.send(tmp_path / "b", ledger=ledger)
    assert report.counts == {bulk.State.SKIPPED: 3}
    assert world.service.processed[SEND] == 3


async def test_columns(world: World, tmp_path: Path) -> None:
    """Columns may have other names than the parameters, and other columns are ignored."""
    row = {
        "Số": "1",
        "SĐT": 901234567,
        "Tên": "An",
        "order_code": "a",
        "amount": 1000.0,
        "due_date": "1/1/2026",
    }
    report = await bulk.send(
        tmp_path / "j",
        world.shop,
        oa_id=world.oa_id,
        template=world.template,
        rows=[{**row, "note": "unused"}],
        key_column="Số",
        phone_column="SĐT",
        columns={"customer_name": "Tên"},
    )
    assert report.is_complete
    (message,) = await world.shop.zns.messages.list(oa_id=world.oa_id, tracking_id="1").collect()
    assert message.template_data["customer_name"] == "An"
    assert message.template_data["amount"] == "1000"


@pytest.fixture
async def sms(world: World) -> AsyncIterator[SmsClient]:
    """Return a client of the SMS service."""
    service = world.service
    async with SmsClient(service.sms_username, service.sms_password, base_url=service.sms_base_url) as client:
        yield client


@pytest.mark.filterwarnings("ignore::etelecom_async.ProvisionalOperationWarning")
async def test_sms(world: World, sms: SmsClient, tmp_path: Path) -> None:
    """An SMS goes to each row, with a template or its code; its data are checked against the template."""
    templates = await sms.templates.list().collect()
    template = next(each for each in templates if each.params_format)
    assert template.params_format
    names = list(template.params_format)
    row = {"id": "1", "phone": "0901234567", **dict.fromkeys(names, "123456")}
    rule = ["3"]
    for index, wanted in enumerate([template, template.templatecode]):
        report = await bulk.send_sms(
            tmp_path / f"{index}", sms, template=wanted, routerule=rule, rows=[row], key_column="id"
        )
        assert report.is_complete, str(report)
    assert world.service.processed["sms.send"] == 2
    with pytest.raises(InvalidRequestError, match=f"column '{names[0]}' is missing"):
        bulk.send_sms(
            tmp_path / "2", sms, template=template, routerule=rule, rows=[{"id": "1", "phone": "0901234567"}],
            key_column="id",
        )  # fmt: skip


async def test_sms_in_doubt_stays_unknown(world: World, sms: SmsClient, tmp_path: Path) -> None:
    """No read can find an SMS, so it is sent again only if the user says so."""
    template = SmsTemplate(templatecode="OTP")
    world.service.faults.add(Fault(kind="reset_after", operation="sms.send", times=1))
    settings: dict[str, Any] = {
        "template": template, "routerule": ["3"], "key_column": "id",
        "rows": [{"id": "1", "phone": "0901234567", "otp": "123456"}],
    }  # fmt: skip
    for _ in range(2):
        report = await bulk.send_sms(tmp_path / "j", sms, **settings)
        assert report.counts == {bulk.State.UNKNOWN: 1}
    assert world.service.requests.counts["sms.send"] == 1
    await bulk.send_sms(tmp_path / "j", sms, **settings, resend_unknown=True)
    assert world.service.requests.counts["sms.send"] == 2
