"""The changes of a plan become steps of a job, each with its call and with what it waits for."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from etelecom_async import Secret, ShopClient
from etelecom_async.bulk.steps import Plan
from etelecom_async.errors import InvalidRequestError
from etelecom_async.provisioning.change_steps import steps_of
from etelecom_async.provisioning.changes import Change, Kind
from etelecom_async.provisioning.credentials import Credential, PasswordState

USER = Change(kind=Kind.CREATE_USER, key="u", shop="1", full_name="Lan", phone="84901234567")
EXTENSION = Change(
    kind=Kind.CREATE_EXTENSION, key="e", shop="1", extension_number=1001, hotline_id="5", user_key="u"
)
UNASSIGN = Change(kind=Kind.UNASSIGN, key="n", shop="1", extension_id="7", extension_number=1002)
ASSIGN = Change(kind=Kind.ASSIGN, key="a", shop="1", extension_id="7", user_id="9", after=("n",))
MOVE = Change(kind=Kind.MOVE, key="m", shop="1", extension_id="7", hotline_id="6")
CREDENTIALS = {
    "u": Credential(key="u", shop="1", password=Secret("canary-password"), state=PasswordState.PLANNED)
}


@pytest.fixture
async def shop() -> AsyncIterator[ShopClient]:
    """A client; nothing is sent."""
    async with ShopClient("shop1:canary-key", base_url="http://127.0.0.1:1/v1") as client:
        yield client


async def test_calls(shop: ShopClient) -> None:
    """Each kind of change is one call; a phone number is sent as people dial it."""
    steps = steps_of([USER, EXTENSION, UNASSIGN, ASSIGN, MOVE], {"1": shop}, CREDENTIALS)
    assert [(step.key, step.operation.name, step.dependencies) for step in steps] == [
        ("u", "shop.users.create", ()),
        ("e", "shop.extensions.create", ("u",)),
        ("n", "shop.extensions.unassign", ()),
        ("a", "shop.extensions.assign", ("n",)),
        ("m", "shop.extensions.change_hotline", ()),
    ]
    assert steps[0].request.phone == "0901234567"
    assert len(Plan(steps).steps) == 5


async def test_problems(shop: ShopClient) -> None:
    """What a change lacks is found for all changes together."""
    wrong = [Change(kind=Kind.MOVE, key="m", shop="1", extension_id="7"), ASSIGN]
    with pytest.raises(InvalidRequestError) as caught:
        steps_of(wrong, {"1": shop}, {})
    assert caught.value.problems == (
        "change 'm' has no hotline_id",
        "change 'a' comes after 'n', which is not in the plan",
    )
