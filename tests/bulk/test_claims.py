"""A message of a job in the ledger: which key it has, and when the key is free again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from etelecom_async import SmsClient, errors, models
from etelecom_async.bulk.claims import Message, check_keys
from etelecom_async.bulk.ledger import ClaimState, LedgerKey
from etelecom_async.bulk.sqlite_ledger import SqliteLedger
from etelecom_async.bulk.states import State
from etelecom_async.bulk.steps import Plan, Step, step
from etelecom_async.errors import InvalidRequestError

if TYPE_CHECKING:
    from etelecom_async import ShopClient

OA = "579745863508352884"
ACCOUNT = "1161512386239479010"


@pytest.fixture
def ledger(tmp_path: Path) -> SqliteLedger:
    """A ledger in a file."""
    return SqliteLedger(tmp_path / "sent.ledger")


def message(shop: ShopClient, key: str = "a", **given: Any) -> Step[Any]:
    """A step that sends a message."""
    data: dict[str, Any] = {"oa_id": OA, "phone": "0901234567", "template_id": 7, "template_data": {}}
    return step(key, shop.zns.messages.send, **data, **given)


async def test_tracking_id(shop: ShopClient, ledger: SqliteLedger) -> None:
    """The key is the tracking id of the official account."""
    made = message(shop, tracking_id="invoice-1")
    assert (await Message.of(ledger, made, made.request, "job").claim()).state is ClaimState.NEW
    key = LedgerKey(account=ACCOUNT, oa_id=OA, tracking_id="invoice-1")
    assert (await ledger.claim(key, "somebody")).state is ClaimState.HELD


async def test_no_tracking_id(shop: ShopClient, ledger: SqliteLedger) -> None:
    """Without one the key of the step counts, because each journal chooses another id."""
    made = message(shop, "invoice-1")
    for job, chosen, state in (("one", "x", ClaimState.NEW), ("two", "y", ClaimState.HELD)):
        request = made.filled({}, {"tracking_id": chosen})
        claim = await Message.of(ledger, made, request, job).claim()
        assert claim.state is state


async def test_sms(ledger: SqliteLedger) -> None:
    """A service without tracking ids has the key of the step, and no official account."""
    async with SmsClient("user", "password") as sms:
        given: dict[str, Any] = {"templatecode": "t", "list_param": {}, "routerule": ["1"]}
        made = step("invoice-1", sms.send, phonenumber="0901234567", **given)
        assert (await Message.of(ledger, made, made.request, "one").claim()).state is ClaimState.NEW
        assert (await Message.of(ledger, made, made.request, "two").claim()).state is ClaimState.HELD


async def test_owner(shop: ShopClient, ledger: SqliteLedger) -> None:
    """A job that continues finds its own claim; another step or job does not have it."""
    made = message(shop, tracking_id="1")
    first = Message.of(ledger, made, made.request, "job")
    claim = await first.claim()
    assert first.is_ours(claim)
    assert (await Message.of(ledger, made, made.request, "job").claim()).state is ClaimState.OURS
    other = Message.of(ledger, message(shop, "b", tracking_id="1"), made.request, "job")
    assert not other.is_ours(await other.claim())


REFUSED = errors.DeliveryError("no", result=models.ZNSMessage(error_code=-108))
BARE_401 = errors.UnauthenticatedError("no", status=401)
BARE_401.code = None
BARE = errors.APIError("no", status=403)


@pytest.mark.parametrize(
    ("state", "error", "is_free"),
    [
        (State.DONE, None, False),
        (State.UNKNOWN, BARE, False),
        (State.UNKNOWN, REFUSED, False),
        (State.FAILED, REFUSED, True),
        (State.FAILED, BARE, False),
        (State.FAILED, None, False),
        (State.PLANNED, errors.ConnectError("no"), True),
        (State.PLANNED, errors.UnauthenticatedError("no"), True),
        (State.PLANNED, BARE_401, False),
    ],
)
async def test_end(
    shop: ShopClient, ledger: SqliteLedger, state: State, error: errors.EtelecomError | None, *, is_free: bool
) -> None:
    """Only proof that nothing was sent frees a key for another job."""
    made = message(shop, tracking_id="1")
    mine = Message.of(ledger, made, made.request, "job")
    await mine.claim()
    await mine.end(state, error)
    found = (await Message.of(ledger, made, made.request, "other").claim()).state
    assert (found is ClaimState.NEW) == is_free
    assert (found is ClaimState.ACCEPTED) == (state is State.DONE)


async def test_keys_that_no_ledger_holds(shop: ShopClient) -> None:
    """They are found before the first message, all together."""
    user = step("user", shop.users.create, full_name="Lan", phone="0901234567", password="p")
    check_keys(Plan([user, message(shop, "a"), message(shop, "b", tracking_id="1")]))
    bad = [message(shop, f"{number}", tracking_id=f"{number}\n") for number in range(25)]
    with pytest.raises(InvalidRequestError) as caught:
        check_keys(Plan([*bad, user]))
    assert len(caught.value.problems) == 21
    assert caught.value.problems[0] == "step '0': tracking_id contains a control character"
    assert caught.value.problems[-1] == "and 5 more"
    with pytest.raises(InvalidRequestError, match="step '0': tracking_id contains a control character"):
        check_keys(Plan(bad[:1]))
