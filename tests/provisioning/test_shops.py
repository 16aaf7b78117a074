"""Shops are found by id, code or name, and each key is checked; all mistakes come together."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import attrs
import pytest

from etelecom_async import PartnerClient, Secret, ShopClient
from etelecom_async.errors import ConfigurationError, ConnectError, RosterError
from etelecom_async.key_store import FileKeyStore
from etelecom_async.provisioning import ResolvedShop, Shops, read_shops
from etelecom_async.testing import Sandbox, sandbox
from tests.test_secrecy import chain, locals_of_ours, text_forms

UNKNOWN = "the partner has no shop with this name or code"
OTHER = "the key of this shop is of shop"
LOOK_UP = "write the id; only a partner's key can look up a code"
ONE = "write this shop, or give the key of the other one"


@attrs.frozen
class World:
    """A sandbox with three shops. Two of their names differ only by accents."""

    service: Sandbox
    partner: PartnerClient
    ids: list[str]
    keys: list[str]

    def shops(self, keys: Any, *, has_partner: bool = True) -> Shops:
        """Return the shops with these keys."""
        if has_partner:
            return Shops(self.partner, keys)
        return Shops(None, keys, open_shop=self.partner.for_shop)


@pytest.fixture
async def world() -> AsyncIterator[World]:
    """Give a sandbox with its shops."""
    async with (
        sandbox(call_logs=0, extensions=1, users=1, tenants=1) as service,
        PartnerClient(service.partner_api_key, base_url=service.base_url, retries=0) as partner,
    ):
        made = [
            service.shops.add(name=name, code=code)
            for name, code in (("Quận Một", "Q1"), ("Bán lẻ", "BL"), ("Bạn lẻ", "12"))
        ]
        keys = [str(each.shop_key.reveal()) for each in made if each.shop_key is not None]
        yield World(service, partner, [each.shop.id for each in made if each.shop is not None], keys)


def ids(found: Mapping[str, ResolvedShop]) -> dict[str, str]:
    """Return the ids of shops, after a check that their clients exist."""
    assert all(isinstance(shop.client, ShopClient) for shop in found.values())
    return {name: shop.shop_id for name, shop in found.items()}


def lines(error: RosterError) -> list[str]:
    """Return the mistakes of an error as texts."""
    return [str(mistake) for mistake in error.mistakes]


class TestNames:
    """The names of shops in a roster."""

    async def test_id_code_and_name(self, world: World) -> None:
        """Ids, codes and names are found, with or without accents and case."""
        keys = dict(zip(world.ids, world.keys, strict=True))
        first, second, third = world.ids
        found = await world.shops(keys).resolve([first, "q1", "Quận Một", "QUAN  MOT", "bán lẻ", "12", "q1"])
        assert ids(found) == {
            first: first,
            "q1": first,
            "Quận Một": first,
            "QUAN  MOT": first,
            "bán lẻ": second,
            "12": third,
        }
        assert found["12"].name == "Bạn lẻ"

    async def test_ids_need_no_list(self, world: World) -> None:
        """Ids work also if the partner's list does not have them: it is not even read."""
        keys = dict(zip(world.ids, world.keys, strict=True))
        assert ids(await world.shops(keys).resolve(world.ids)) == {each: each for each in world.ids}
        assert "partner.shops.list" not in world.service.processed

    async def test_unknown_and_ambiguous(self, world: World) -> None:
        """Unknown and ambiguous names are mistakes, all together, with ways out."""
        keys = dict(zip(world.ids, world.keys, strict=True))
        with pytest.raises(RosterError) as caught:
            await world.shops(keys).resolve(["Ban le", "Quận Mốt Hai", "xyz", "999"])
        second, third = sorted(world.ids[1:])
        assert lines(caught.value) == [
            f'shop, "Ban le": 2 shops have this name or code; write one of their ids: {second}, {third}',
            f"shop, \"Quận Mốt Hai\": {UNKNOWN}, did you mean 'Quận Một'; write its id",
            f'shop, "xyz": {UNKNOWN}; write its id',
            'shop, "999": there is no key for shop 999; add it to the keys',
        ]


class TestKeys:
    """The keys of shops."""

    async def test_labels(self, world: World) -> None:
        """A mapping may have ids, codes and names, whatever the roster has."""
        keys = {"QUẬN MỘT": world.keys[0], "bl": Secret(world.keys[1]), world.ids[2]: world.keys[2]}
        names = [world.ids[0], "Q1", world.ids[1], "Bán lẻ", "12", "Bạn lẻ"]
        found = await world.shops(keys).resolve(names)
        assert list(ids(found).values()) == [world.ids[place] for place in (0, 0, 1, 1, 2, 2)]
        assert list(found) == names

    async def test_key_store(self, world: World, tmp_path: Path) -> None:
        """A key store is asked by id."""
        store = FileKeyStore(tmp_path / "keys.json")
        await store.put(world.ids[0], world.keys[0])
        assert ids(await world.shops(store).resolve(["Q1"])) == {"Q1": world.ids[0]}
        with pytest.raises(RosterError, match=f"there is no key for shop {world.ids[1]}"):
            await world.shops(store).resolve(["BL"])

    async def test_function(self, world: World) -> None:
        """An async function is called with the id."""
        asked: list[str] = []

        async def key_of(shop_id: str) -> str | None:
            asked.append(shop_id)
            return dict(zip(world.ids, world.keys, strict=True)).get(shop_id)

        assert ids(await world.shops(key_of).resolve(["Q1"])) == {"Q1": world.ids[0]}
        assert asked == [world.ids[0]]
        with pytest.raises(RosterError, match="no shop with this name or code"):
            await world.shops(key_of).resolve(["xyz"])

    async def test_key_of_another_shop(self, world: World) -> None:
        """A key of another shop is a mistake that names both shops."""
        first, second, _ = world.ids
        with pytest.raises(RosterError) as caught:
            await world.shops({first: world.keys[1], "BL": world.keys[0]}).resolve(["Q1", second])
        assert lines(caught.value) == [
            f'shop, "Q1": {OTHER} {second} (Bán lẻ); give the key of shop {first}',
            f'shop, "{second}": {OTHER} {first} (Quận Một); give the key of shop {second}',
        ]

    async def test_refused_keys(self, world: World) -> None:
        """Keys that the server refuses, or that have another form, are mistakes; no text has a key."""
        own = world.service.shop_api_key
        keys = {world.ids[0]: f"shop{world.ids[0]}:unknown-canary", world.ids[1]: own, world.ids[2]: ""}
        with pytest.raises(RosterError) as caught:
            await world.shops(keys).resolve(world.ids)
        first, second, third = lines(caught.value)
        assert "the key of this shop cannot be used: the key is not valid" in first
        assert "the key of this shop cannot be used: this is" in second
        assert third == f'shop, "{world.ids[2]}": there is no key for shop {world.ids[2]}; add it to the keys'
        text = repr(caught.value) + str(caught.value)
        assert "canary" not in text
        assert own not in text

    async def test_two_keys(self, world: World) -> None:
        """Two keys whose names fit one shop equally well are a mistake."""
        keys = {"q1": world.keys[0], "Q 1": world.keys[0], "Q-1": world.keys[0]}
        assert ids(await world.shops(keys).resolve(["Q1"])) == {"Q1": world.ids[0]}
        del keys["q1"]
        with pytest.raises(RosterError, match="2 keys fit this shop; give its key by its id"):
            await world.shops(keys).resolve(["Q.1", world.ids[0]])

    async def test_server_that_is_away(self, world: World) -> None:
        """A failure of the network is no mistake of the roster."""
        async with PartnerClient(
            world.service.partner_api_key, base_url="http://127.0.0.1:9", retries=0
        ) as partner:
            with pytest.raises(ConnectError):
                await Shops(partner, {world.ids[0]: world.keys[0]}).resolve([world.ids[0]])

    @pytest.mark.parametrize("port", [9, None])
    async def test_frames(self, world: World, port: int | None) -> None:
        """No frame of an error holds a key: not of a failed call, and not of a mistake."""
        key = f"shop{world.ids[0]}:unknown-canary"
        base_url = world.service.base_url if port is None else f"http://127.0.0.1:{port}"
        async with PartnerClient(world.service.partner_api_key, base_url=base_url, retries=0) as partner:
            with pytest.raises((ConnectError, RosterError)) as caught:
                await Shops(partner, {world.ids[0]: key}).resolve([world.ids[0]])
        texts = [text for link in chain(caught.value) for text in (*locals_of_ours(link), text_forms(link))]
        assert texts
        assert not any("canary" in text for text in texts)

    async def test_wrong_types(self, world: World) -> None:
        """Arguments of other types are refused, without the keys."""
        wrong: Any = 5
        with pytest.raises(
            ConfigurationError, match="keys takes a key store, a mapping or an async function, not int"
        ):
            Shops(world.partner, wrong)
        with pytest.raises(ConfigurationError, match="the key of 'Q1' takes a text or a Secret, not int"):
            Shops(world.partner, {"Q1": wrong})
        with pytest.raises(ConfigurationError, match="open_shop has to say"):
            Shops(None, {})

        async def number(_: str) -> Any:
            return wrong

        with pytest.raises(ConfigurationError, match="the key takes a text"):
            await Shops(world.partner, number).resolve(world.ids)


class TestWithoutPartner:
    """Only the keys are there, and no list of shops."""

    async def test_names(self, world: World) -> None:
        """A shop is found by its id or its name; a key by its label or by the shop that it is of."""
        keys = {"QUAN MOT": world.keys[0], world.ids[1]: world.keys[1]}
        shops = world.shops(keys, has_partner=False)
        found = await shops.resolve(["Quận Một", world.ids[0], "Bán lẻ", world.ids[1]])
        assert list(ids(found).values()) == [world.ids[place] for place in (0, 0, 1, 1)]

    async def test_code_needs_the_partner(self, world: World) -> None:
        """A code cannot be checked without the partner: it might be the one of another shop."""
        shops = world.shops({"Q1": world.keys[0]}, has_partner=False)
        with pytest.raises(RosterError) as caught:
            await shops.resolve(["Q1", "BL"])
        assert lines(caught.value) == [
            f'shop, "Q1": the key for this name is of shop {world.ids[0]} (Quận Một); {LOOK_UP}',
            'shop, "BL": no key is for a shop with this name; write the id of the shop',
        ]

    async def test_refused_key_of_another_shop(self, world: World) -> None:
        """A key that is refused does not stop the look-up of the others."""
        keys = {"old": f"shop{world.ids[1]}:unknown", "x": world.keys[0]}
        found = await world.shops(keys, has_partner=False).resolve(["Quận Một"])
        assert ids(found) == {"Quận Một": world.ids[0]}


class TestOneShop:
    """A roster for the shop of one key."""

    async def test_names(self, world: World) -> None:
        """Rows name the shop by id or name, or not at all."""
        shop = world.partner.for_shop(world.keys[0])
        found = await Shops.of_one(shop).resolve(["", world.ids[0], "quan mot"])
        assert ids(found) == dict.fromkeys(["", world.ids[0], "quan mot"], world.ids[0])
        assert all(each.client is shop for each in found.values())

    async def test_another_shop(self, world: World) -> None:
        """Rows of another shop are mistakes."""
        shops = Shops.of_one(world.partner.for_shop(world.keys[0]))
        with pytest.raises(RosterError) as caught:
            await shops.resolve([world.ids[0], world.ids[1], "BL"])
        assert lines(caught.value) == [
            f'shop, "{name}": the key is of shop {world.ids[0]} (Quận Một); {ONE}'
            for name in (world.ids[1], "BL")
        ]


async def test_read_shops(world: World) -> None:
    """Each shop is read once, and is there under each of its names."""
    keys = dict(zip(world.ids, world.keys, strict=True))
    names = ["Q1", world.ids[0], "BL"]
    before = world.service.processed.get("shop.users.list", 0)
    present = await read_shops(await world.shops(keys).resolve(names))
    assert {name: shop.shop for name, shop in present.items()} == {
        "Q1": world.ids[0],
        world.ids[0]: world.ids[0],
        "BL": world.ids[1],
    }
    assert present["Q1"] is present[world.ids[0]]
    assert world.service.processed["shop.users.list"] == before + 2
