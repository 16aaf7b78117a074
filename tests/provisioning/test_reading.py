"""The state of a shop is read from all pages of its lists, in the form of a roster."""

from __future__ import annotations

import json
import warnings
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

import pytest

from etelecom_async import PartnerClient, ShopClient
from etelecom_async._core.operation import KeyKind
from etelecom_async.errors import KeyKindError, PermissionDeniedError, ProvisionalOperationWarning
from etelecom_async.provisioning import (
    PresentExtension,
    PresentHotline,
    PresentShop,
    PresentUser,
    read_present,
)
from etelecom_async.testing import Sandbox, sandbox

if TYPE_CHECKING:
    from tests.conftest import Asked, Peer, Reply

KEY = "shop1161512386239479010:canary-key"


@pytest.fixture
async def service() -> AsyncIterator[Sandbox]:
    """Give a sandbox without employees and extensions, whose pages have two items."""
    async with sandbox(call_logs=0, extensions=0, users=0, tenants=1, page_size=2) as service:
        yield service


@pytest.fixture
async def shop(service: Sandbox) -> AsyncIterator[ShopClient]:
    """Give a client of the sandbox's shop."""
    async with PartnerClient(service.partner_api_key, base_url=service.base_url) as partner:
        yield partner.for_shop(service.shop_key)


class TestSandbox:
    """A shop of a sandbox."""

    async def test_all_pages(self, service: Sandbox, shop: ShopClient) -> None:
        """Employees by normalized phone, extensions by number, and hotlines by id, from several pages."""
        users = [
            service.users.add(full_name=f"Người {number}", phone=phone)
            for number, phone in enumerate(("0901234567", "+84 901 234 568", "84901234569", "no phone"))
        ]
        made = [
            service.extensions.add(extension_number=str(1001 + place), user_id=user.user_id)
            for place, user in enumerate(users)
        ]
        made.append(service.extensions.add(extension_number="2001"))
        present = await read_present(shop)
        assert list(present.users.values()) == [
            PresentUser(user_id=user.user_id, full_name=user.full_name, phone=phone)
            for user, phone in zip(
                users, ("84901234567", "84901234568", "84901234569", "no phone"), strict=True
            )
        ]
        assert present.extensions == {
            int(each.extension_number): PresentExtension(
                extension_id=each.id,
                number=int(each.extension_number),
                user_id=None if each.extension_number == "2001" else each.user_id,
                hotline_id=each.hotline_id,
            )
            for each in made
        }
        tenant = await shop.tenant.get()
        hotlines = {
            each.id: each for each in service.hotlines.list() if each.connection_id == tenant.connection_id
        }
        assert present.hotlines.keys() <= hotlines.keys()
        assert len(present.hotlines) >= 2
        current = await shop.current()
        assert (present.shop, present.name) == (current.id, current.name)
        assert present.knows_hotlines
        assert present.key_kind is KeyKind.PARTNER_SHOP_KEY
        assert (present.more_users, present.more_extensions, dict(present.deleted_users)) == ((), (), {})

    async def test_hotline(self, service: Sandbox, shop: ShopClient) -> None:
        """A hotline has its id, its number and its name."""
        made = service.hotlines.add(hotline="02873001234", name="Bán hàng")
        present = await read_present(shop)
        assert present.hotlines[made.id] == PresentHotline(
            hotline_id=made.id, number="02873001234", name="Bán hàng"
        )

    async def test_no_warning(self, shop: ShopClient) -> None:
        """The list of hotlines is inferred; reading a shop does not warn of it, and later calls do."""
        with warnings.catch_warnings(action="error"):
            await read_present(shop)
        with pytest.warns(ProvisionalOperationWarning):
            await shop.hotlines.list()

    async def test_deleted(self, service: Sandbox, shop: ShopClient) -> None:
        """A deleted employee is apart, except if another one has the phone now."""
        gone = service.users.add(full_name="Lan", phone="0901234567", deleted=True)
        service.users.add(full_name="Hoa", phone="0901234568", deleted=True)
        here = service.users.add(full_name="Hoa", phone="84901234568")
        present = await read_present(shop)
        assert {phone: user.user_id for phone, user in present.users.items()} == {"84901234568": here.user_id}
        assert {phone: user.user_id for phone, user in present.deleted_users.items()} == {
            "84901234567": gone.user_id
        }

    async def test_own_key(self, service: Sandbox) -> None:
        """A shop's own key may not list employees: the error says which key may."""
        async with ShopClient(service.shop_api_key, base_url=service.base_url) as own:
            with pytest.raises(PermissionDeniedError, match="gives this call to a partner_shop_key"):
                await read_present(own)


USERS: list[dict[str, Any]] = [
    {"user_id": "13", "full_name": "C", "phone": "0901234567"},
    {"user_id": "9", "full_name": "B", "phone": "+84901234567"},
    {"user_id": "11", "full_name": "A", "phone": "84901234567"},
]
EXTENSIONS: list[dict[str, Any]] = [
    {"id": "25", "extension_number": "1002", "user_id": "", "hotline_id": "0"},
    {"id": "24", "extension_number": "1001", "user_id": "0", "hotline_id": "1"},
    {"id": "23", "extension_number": "1001", "user_id": "11", "hotline_id": "1"},
    {"id": "22", "extension_number": "1001", "user_id": "0", "hotline_id": "1"},
    {"id": "21", "extension_number": "*97", "user_id": "0", "hotline_id": "2"},
]


class TestPeer:
    """Responses that the sandbox does not give."""

    @staticmethod
    def serve(peer: Peer, **replies: Reply | Any) -> None:
        """Let the peer respond by the method of the call."""
        known: dict[str, Any] = {
            "CurrentShop": {"id": "1", "name": "A"},
            "CurrentAccount": {"id": "1", "name": "A"},
            "GetAccountUsers": {"account_users": USERS},
            "GetExtensions": {"extensions": EXTENSIONS},
            "GetHotlines": {"hotlines": []},
            **replies,
        }

        def respond(asked: Asked) -> Reply:
            reply = known[asked.path.rpartition("/")[2]]
            return reply if isinstance(reply, type(peer.HANG)) else peer.json(reply)

        peer.always = respond

    async def read(self, peer: Peer, key: str = KEY) -> PresentShop:
        """Read the shop of the peer."""
        async with ShopClient(key, base_url=peer.base_url, retries=0) as shop:
            return await read_present(shop)

    async def test_doubles(self, peer: Peer) -> None:
        """Of two with one phone or number, the one in use counts, and then the oldest."""
        self.serve(peer)
        present = await self.read(peer)
        assert [user.user_id for user in present.users.values()] == ["11"]
        assert [user.user_id for user in present.more_users] == ["9", "13"]
        assert {number: each.extension_id for number, each in present.extensions.items()} == {
            1001: "23",
            1002: "25",
        }
        assert [each.extension_id for each in present.more_extensions] == ["22", "24"]
        assert (present.extensions[1002].user_id, present.extensions[1002].hotline_id) == (None, "")

    @pytest.mark.parametrize(("code", "status"), [("bad_route", 404), ("unimplemented", 501)])
    async def test_no_list_of_hotlines(self, peer: Peer, code: str, status: int) -> None:
        """If the server has no list of hotlines, those of the extensions are known."""
        self.serve(peer, GetHotlines=peer.refusal(code, status))
        present = await self.read(peer)
        assert not present.knows_hotlines
        assert dict(present.hotlines) == {"1": PresentHotline(hotline_id="1", number="", name="")}

    async def test_other_name_of_the_list(self, peer: Peer) -> None:
        """The name of the list that the client was told is used."""
        self.serve(peer, ListHotlines={"hotlines": [{"id": "5", "hotline": "19001234", "name": "A"}]})
        names = {"shop.hotlines.list": "Etelecom/ListHotlines"}
        async with ShopClient(KEY, base_url=peer.base_url, wire_names=names) as shop:
            assert list((await read_present(shop)).hotlines) == ["5"]

    async def test_refused_list_of_hotlines(self, peer: Peer) -> None:
        """Another failure of the list is an error, without the key in its frames."""
        self.serve(peer, GetHotlines=peer.refusal("permission_denied", 403))
        with pytest.raises(PermissionDeniedError) as caught:
            await self.read(peer)
        assert "canary-key" not in str(caught.value)

    async def test_own_key(self, peer: Peer) -> None:
        """With a shop's own key, the account of the key is the shop."""
        self.serve(peer, CurrentShop=peer.refusal("permission_denied", 403))
        present = await self.read(peer, "1161512386239479010:canary-key")
        assert (present.shop, present.key_kind) == ("1", KeyKind.SHOP_API_KEY)

    @pytest.mark.parametrize("current", [{"name": "A"}, {"id": "0"}])
    async def test_unknown_shop(self, peer: Peer, current: dict[str, str]) -> None:
        """A server that does not say which shop it is cannot be used."""
        self.serve(peer, CurrentShop=current)
        with pytest.raises(KeyKindError, match="does not say which shop"):
            await self.read(peer)

    async def test_phones_are_masked(self, peer: Peer) -> None:
        """The text of a shop shows no phone number, also of doubles."""
        self.serve(peer)
        text = repr(await self.read(peer))
        assert not any(digits in text for digits in ("901234567", json.dumps(KEY)))
