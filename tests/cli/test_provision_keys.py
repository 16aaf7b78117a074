"""The keys of a roster's shops come from a file, from one key of a shop, or from the partner's key store."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from etelecom_async.key_store import FileKeyStore
from tests.cli.conftest import Office, new_office

if TYPE_CHECKING:
    from etelecom_async.testing import Sandbox

NO_SHOP = {"ETELECOM_SHOP_KEY": "", "ETELECOM_SHOP_API_KEY": ""}


@pytest.fixture
def keys(tmp_path: Path) -> Any:
    """Write a file of `--shop-keys` that only its owner can read, and return its path."""

    def write(content: object) -> str:
        file = tmp_path / "keys.json"
        file.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
        file.chmod(0o600)
        return str(file)

    return write


@pytest.fixture
def roster(tmp_path: Path) -> Any:
    """Write a roster of one employee for each shop, and return its path."""

    def write(*shops: str) -> str:
        file = tmp_path / "a.csv"
        rows = [f"{shop},Lan,09032{place:05}" for place, shop in enumerate(shops)]
        file.write_text("\n".join(["shop,full_name,phone", *rows]), encoding="utf-8")
        return str(file)

    return write


def changes(result: Any) -> int:
    """Return the number of changes of a plan."""
    assert (result.code, result.err) == (0, "")
    count: int = result.json["changes"]
    return count


PLAN = ("provision", "plan")
JSON = ("--json", "--quiet")


def test_file_without_the_partners_key(etl: Any, office: Office, keys: Any, roster: Any) -> None:
    """Ids and names in the file need no key of the partner; a shop without a key is named."""
    etl.set({**NO_SHOP, "ETELECOM_PARTNER_API_KEY": ""})
    for name in (office.shop_id, office.name):
        file = keys({name: office.key})
        assert changes(etl(*PLAN, roster(office.shop_id, office.name), "--shop-keys", file, *JSON)) == 2
    assert changes(etl(*PLAN, roster(""), "--shop-keys", keys({office.name: office.key}), *JSON)) == 1
    missing = etl(*PLAN, roster(office.name, "Nơi khác"), "--shop-keys", file, "--quiet")
    assert (missing.code, missing.err.count("\n")) == (2, 1)
    assert 'shop, "Nơi khác"' in missing.err


def test_key_of_another_shop(etl: Any, service: Sandbox, office: Office, keys: Any, roster: Any) -> None:
    """A key of another shop, and a key that is refused, stop the plan; no line shows a key."""
    other = asyncio.run(new_office(service, f"{office.name} khác"))
    file = keys({office.shop_id: other.key, other.name: "shop1:canary"})
    result = etl(*PLAN, roster(office.shop_id, other.name), "--shop-keys", file, "--quiet")
    assert (result.code, result.out, result.err.count("\n")) == (2, "", 2)
    assert f"the key of this shop is of shop {other.shop_id}" in result.err
    assert "get a new one with `etelecom connect`" in result.err
    assert "canary" not in result.err


def test_key_store(etl: Any, service: Sandbox, tmp_path: Path, roster: Any) -> None:
    """Without a key of a shop, the keys are those of the partner's key store; exports have all its shops."""
    offices = [asyncio.run(new_office(service, f"Kho {tmp_path.name} {place}")) for place in range(2)]
    store = FileKeyStore(tmp_path / "store.json")

    async def fill() -> None:
        for office in offices:
            await store.put(office.shop_id, office.key)

    asyncio.run(fill())
    etl.write_profiles(f'[profiles.default]\nkey_store = "{tmp_path}/store.json"\n')
    etl.set(NO_SHOP)
    assert changes(etl(*PLAN, roster(*(office.name for office in offices)), *JSON)) == 2
    blank = etl(*PLAN, roster(""), "--quiet")
    assert (blank.code, blank.err.count("\n")) == (2, 1)
    assert "the shop is blank" in blank.err
    exported = etl("provision", "export", str(tmp_path / "b.csv"), "--json")
    assert (exported.code, exported.json["shops"]) == (0, 2)
    one = etl(*PLAN, roster(""), "--shop", offices[0].name, *JSON)
    assert changes(one) == 1
    file = ("--shop-keys", str(tmp_path / "store.json"))
    assert changes(etl(*PLAN, roster(offices[1].name), *file, *JSON)) == 1


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("{", "is not JSON (--shop-keys)"),
        ("[]", "has not the form"),
        ({}, "has not the form"),
        ({"a": 1}, "has not the form"),
        ({"a": " "}, "has not the form"),
    ],
)
def test_wrong_file(etl: Any, keys: Any, roster: Any, content: object, problem: str) -> None:
    """A wrong file is one line."""
    result = etl(*PLAN, roster("a"), "--shop-keys", keys(content))
    assert (result.code, result.out, result.err.count("\n")) == (2, "", 1)
    assert problem in result.err


def test_other_options(etl: Any, keys: Any, roster: Any, tmp_path: Path) -> None:
    """`--shop-keys` excludes `--shop` and `--key-file`; a missing file is one line."""
    file = keys({"a": "shop1:canary"})
    for option in ("--shop", "--key-file"):
        result = etl(*PLAN, roster("a"), "--shop-keys", file, option, "a")
        assert (result.code, result.err) == (2, f"etelecom: --shop-keys and {option} exclude each other\n")
    missing = etl(*PLAN, roster("a"), "--shop-keys", str(tmp_path / "none"))
    assert (missing.code, missing.err.count("\n")) == (2, 1)


def test_file_that_others_can_read(etl: Any, office: Office, keys: Any, roster: Any) -> None:
    """A note says that others can read the keys."""
    file = keys({office.shop_id: office.key})
    Path(file).chmod(0o644)
    result = etl(*PLAN, roster(office.shop_id), "--shop-keys", file)
    assert result.err.startswith(
        f"etelecom: other users of this machine can read the keys in {file}: chmod 600 "
    )
