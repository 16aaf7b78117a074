"""One employee, one extension: what is there stays, what is missing is created, nothing is taken over."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

import attrs
import pytest

from etelecom_async import ShopClient
from etelecom_async.errors import (
    AlreadyExistsError,
    EtelecomError,
    InvalidRequestError,
    NotAppliedError,
    OutcomeUnknownError,
    PermissionDeniedError,
)
from etelecom_async.models import AccountUser, Extension, Hotline, User
from etelecom_async.provisioning import ensure_extension, ensure_user
from etelecom_async.testing import Fault, Sandbox, sandbox

if TYPE_CHECKING:
    from tests.conftest import Peer

pytestmark = pytest.mark.filterwarnings("ignore::etelecom_async.ProvisionalOperationWarning")

PASSWORD = "canary-password"
PHONE = "0987654321"


@attrs.frozen
class Site:
    """A shop of a sandbox, and its client."""

    service: Sandbox
    shop: ShopClient
    hotline: Hotline
    """A hotline of the shop."""

    def add_user(self, **fields: Any) -> AccountUser:
        """Add an employee."""
        return self.service.users.add(**fields)

    def add_extension(self, **fields: Any) -> Extension:
        """Add extension 4711."""
        return self.service.extensions.add(extension_number="4711", **fields)

    def found(self, number: int = 4711) -> list[Extension]:
        """Return the extensions with a number."""
        return [each for each in self.service.extensions.list() if each.extension_number == str(number)]

    async def user(self, phone: str = PHONE) -> Any:
        """Ensure an employee."""
        return await ensure_user(self.shop, full_name="Lê Ánh", phone=phone, password=PASSWORD)

    async def extension(self, **changes: Any) -> Any:
        """Ensure extension 4711 on the first hotline."""
        arguments: dict[str, Any] = {"extension_number": 4711, "hotline": self.hotline, **changes}
        return await ensure_extension(self.shop, **arguments)

    def calls(self, method: str) -> int:
        """Return how many calls of an operation have come."""
        return self.service.requests.counts.get(method, 0)


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    """A shop with a few employees and extensions."""
    async with (
        sandbox(call_logs=0, zns_messages=0) as service,
        ShopClient(service.shop_key, base_url=service.base_url) as shop,
    ):
        hotline = service.hotlines.get(service.extensions.list()[0].hotline_id)
        yield Site(service, shop, hotline)


async def test_new_user(site: Site) -> None:
    """An employee who is missing is created once, with the phone number as people dial it."""
    first = await site.user("+84 987-654-321")
    assert (first.is_created, first.is_confirmed, first.record.phone) == (True, True, PHONE)
    second = await site.user()
    assert (second.is_created, second.record.user_id) == (False, first.record.user_id)
    assert site.calls("shop.users.create") == 1


@pytest.mark.parametrize("stored", [PHONE, "84987654321"])
async def test_user_who_is_there(site: Site, stored: str) -> None:
    """An employee is found in both usual forms of the number, and stays unchanged."""
    user = site.add_user(full_name="Lan", phone=stored)
    ensured = await site.user("+84987654321")
    assert (ensured.record, ensured.is_created) == (user, False)
    assert site.calls("shop.users.create") == 0


async def test_user_whom_the_filter_does_not_find(site: Site) -> None:
    """If the server refuses the number as used, the whole list is read: its filter may know other forms."""
    user = site.add_user(full_name="Lan", phone="+84 987 654 321")
    site.service.faults.add(
        Fault(kind="status", status=409, code="already_exists", operation="shop.users.create")
    )
    ensured = await site.user()
    assert (ensured.record, ensured.is_created) == (user, False)


async def test_user_who_cannot_be_found(site: Site) -> None:
    """A number that is used, but by nobody on the list, is the server's error."""
    site.add_user(full_name="Lan", phone=PHONE, deleted=True)
    with pytest.raises(AlreadyExistsError):
        await site.user()


async def test_lost_user(site: Site) -> None:
    """After a lost response, a look-up finds the new employee. The password is not confirmed then."""
    site.service.faults.add(Fault(kind="reset_after", operation="shop.users.create", times=1))
    ensured = await site.user()
    assert (ensured.is_created, ensured.is_confirmed) == (True, False)
    assert [user.user_id for user in site.service.users.list() if user.phone == PHONE] == [
        ensured.record.user_id
    ]


@pytest.mark.parametrize("readable", [True, False])
async def test_user_in_doubt(site: Site, *, readable: bool) -> None:
    """If no look-up settles a lost call, its error is raised, and the next use reads first."""
    site.service.faults.add(Fault(kind="status", status=504, body="none", operation="shop.users.create"))
    if not readable:
        refusal = Fault(
            kind="status", status=403, code="permission_denied", operation="shop.users.list", after=2
        )
        site.service.faults.add(refusal)
    with pytest.raises(EtelecomError, match=r"shop\.users\.create") as caught:
        await site.user()
    assert caught.value.may_have_happened
    site.service.faults.clear()
    assert (await site.user()).is_created


async def test_refused_user(site: Site) -> None:
    """A refusal is raised: nothing was created."""
    site.service.faults.add(
        Fault(kind="status", status=403, code="permission_denied", operation="shop.users.create")
    )
    with pytest.raises(PermissionDeniedError):
        await site.user()


async def test_wrong_phone(site: Site) -> None:
    """A text that is no phone number sends nothing, and is not shown."""
    with pytest.raises(InvalidRequestError, match=r"provisioning\.ensure_user: phone: not a Viet") as caught:
        await site.user("09012345")
    assert "09012345" not in str(caught.value)
    assert not site.service.requests


async def test_new_extension(site: Site) -> None:
    """An extension that is missing is created once, for the employee."""
    user = (await site.user()).record
    first = await site.extension(user=user)
    assert (first.is_created, first.is_confirmed) == (True, True)
    assert (first.record.user_id, first.record.hotline_id) == (user.user_id, site.hotline.id)
    second = await site.extension(user=user.user_id)
    assert (second.is_created, second.record.id) == (False, first.record.id)
    changes = ("shop.extensions.create", "shop.extensions.assign", "shop.extensions.change_hotline")
    assert [site.calls(method) for method in changes] == [1, 0, 0]


async def test_extension_for_nobody(site: Site) -> None:
    """Without an employee, a new extension is for nobody, and one that is there stays whose it is."""
    assert (await site.extension()).record.user_id == "0"
    user = site.add_user(phone=PHONE)
    await site.extension(user=user)
    assert (await site.extension()).record.user_id == user.user_id


async def test_extension_that_is_there(site: Site) -> None:
    """A free extension is assigned, and moves to the hotline."""
    hotline, user = site.service.hotlines.add(hotline="02838221234", name="Kho Đà Nẵng"), site.add_user()
    extension = site.add_extension(hotline_id=site.hotline.id)
    ensured = await site.extension(hotline=hotline, user=user)
    assert (ensured.is_created, ensured.record.id) == (False, extension.id)
    (found,) = site.found()
    assert (found.user_id, found.hotline_id) == (user.user_id, hotline.id)
    assert (ensured.record.user_id, ensured.record.hotline_id) == (user.user_id, hotline.id)


async def test_other_employees_extension(site: Site) -> None:
    """The extension of another employee is neither taken over nor moved."""
    lan, an = site.add_user(), site.add_user()
    before = site.add_extension(user_id=lan.user_id, hotline_id=site.hotline.id)
    with pytest.raises(InvalidRequestError, match="extension 4711 belongs to another employee: choose"):
        await site.extension(user=an)
    hotline = site.service.hotlines.add(hotline="02838221234")
    with pytest.raises(InvalidRequestError, match="extension 4711 belongs to another employee: name"):
        await site.extension(hotline=hotline)
    assert site.found() == [before]
    moved = await site.extension(hotline=hotline, user=lan)
    assert site.found() == [attrs.evolve(moved.record, updated_at=site.found()[0].updated_at)]


@pytest.mark.parametrize("written", ["028 3822-1234", "+842838221234", "kho da nang", "Kho Đà Nẵng", "id"])
async def test_hotline_as_written(site: Site, written: str) -> None:
    """A hotline is found by number in any notation, by name without accents, and by id."""
    hotline = site.service.hotlines.add(hotline="02838221234", name="Kho Đà Nẵng")
    ensured = await site.extension(hotline=hotline.id if written == "id" else written)
    assert ensured.record.hotline_id == hotline.id


async def test_unclear_hotline(site: Site) -> None:
    """A hotline that is not there, or two with one name, stop the call before it changes anything."""
    for number in ("02838221234", "02838221235"):
        site.service.hotlines.add(hotline=number, name="Kho")
    with pytest.raises(InvalidRequestError, match="hotline: the shop has 2 hotlines 'kho'; write one of"):
        await site.extension(hotline="kho")
    with pytest.raises(InvalidRequestError, match="hotline: the shop has no hotline 'bếp'; write one of"):
        await site.extension(hotline="bếp")
    assert site.calls("shop.extensions.create") == 0


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"extension_number": "4711"}, "extension_number takes a number"),
        ({"extension_number": True}, "extension_number takes a number"),
        ({"extension_number": 0}, "extension_number takes a number"),
        ({"hotline": " "}, "hotline takes a hotline, or its id, number or name"),
        ({"hotline": Hotline()}, "hotline takes a hotline, or its id, number or name"),
        ({"hotline": 5}, "hotline takes a hotline, or its id, number or name, not int"),
        ({"user": "0"}, "user takes an employee with an id, or the id"),
        ({"user": User()}, "user takes an employee with an id, or the id"),
        ({"user": 5}, "user takes an employee with an id, or the id"),
    ],
    ids=str,
)
async def test_wrong_arguments(site: Site, changes: dict[str, Any], problem: str) -> None:
    """A wrong argument sends nothing."""
    with pytest.raises(InvalidRequestError, match=problem):
        await site.extension(**changes)
    assert not site.service.requests


async def test_lost_extension(site: Site) -> None:
    """After a lost response, a look-up finds the new extension."""
    site.service.faults.add(Fault(kind="reset_after", operation="shop.extensions.create", times=1))
    ensured = await site.extension()
    assert (ensured.is_created, ensured.is_confirmed) == (True, False)
    assert [each.id for each in site.found()] == [ensured.record.id]


async def test_extension_in_doubt(site: Site) -> None:
    """A lost call that no look-up settles is an error; the extension is created by the next use."""
    site.service.faults.add(Fault(kind="reset_before", operation="shop.extensions.create", times=1))
    with pytest.raises(OutcomeUnknownError):
        await site.extension()
    assert (await site.extension()).is_created


async def test_two_programs_at_once(site: Site) -> None:
    """If two programs create one extension at the same time, both get it, and only one has created it."""
    user = site.add_user()
    both = await asyncio.gather(*(site.extension(user=user) for _ in range(2)))
    assert sorted(each.is_created for each in both) == [False, True]
    assert both[0].record.id == both[1].record.id


async def test_number_of_another_list(site: Site) -> None:
    """A number that the server refuses as used, but does not list, is the server's error."""
    site.service.faults.add(
        Fault(kind="status", status=409, code="already_exists", operation="shop.extensions.create")
    )
    with pytest.raises(AlreadyExistsError):
        await site.extension()


async def test_lost_change(site: Site) -> None:
    """A change whose response was lost is repeated. The server then says 0 changes, and a read settles it."""
    user = site.add_user()
    site.add_extension(hotline_id=site.hotline.id)
    site.service.faults.add(Fault(kind="reset_after", operation="shop.extensions.assign", times=1))
    hotline = site.service.hotlines.add(hotline="02838221234")
    await site.extension(user=user, hotline=hotline)
    (found,) = site.found()
    assert (found.user_id, found.hotline_id) == (user.user_id, hotline.id)


async def test_change_that_the_server_does_not_make(peer: Peer) -> None:
    """A change that the server does not make is an error, if a read shows the old state."""
    listed = {"extensions": [{"id": "7", "extension_number": "4711", "user_id": "0", "hotline_id": "1" * 19}]}
    peer.always = lambda asked: peer.json({"updated": 0} if "Assign" in asked.path else listed)
    async with ShopClient("shop1161512386239479010:canary-key", base_url=peer.base_url) as shop:
        with pytest.raises(NotAppliedError):
            await ensure_extension(shop, extension_number=4711, hotline="1" * 19, user="5")


async def test_cancelled_before_it_starts(site: Site) -> None:
    """A task that is cancelled before it starts shows neither the password nor the phone number."""
    task = asyncio.ensure_future(site.user())
    inner = asyncio.ensure_future(ensure_user(site.shop, full_name="Lê Ánh", phone=PHONE, password=PASSWORD))
    task.cancel()
    inner.cancel()
    with pytest.raises(asyncio.CancelledError) as caught:
        await inner
    with pytest.raises(asyncio.CancelledError):
        await task
    trace, shown = caught.value.__traceback__, ""
    while trace is not None:
        if trace.tb_frame.f_code.co_filename != __file__:
            shown += repr(trace.tb_frame.f_locals)
        trace = trace.tb_next
    assert "hidden" in shown
    assert PHONE not in shown
    assert PASSWORD not in shown
