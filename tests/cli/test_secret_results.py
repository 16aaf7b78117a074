"""Test which secrets a call returns only once, and that no call is made for a masked one."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import pytest

from etelecom_async.cli.secret_results import new_secrets, secrets_of
from etelecom_async.operations import OPERATIONS

CONNECT = (
    "partner shops connect --email a@example.com --phone 0901234567 --name A --redirect-url https://a.example"
)


def test_secrets_of_all_operations() -> None:
    """Only secrets that no READ call returns count; parts of an object have dots."""
    found = {name: new_secrets(row) for name, row in OPERATIONS.items() if new_secrets(row)}
    assert found == {
        "partner.shops.connect": ["auth_token", "auth_url"],
        "partner.shops.create": ["api_key", "shop_key"],
    }
    assert secrets_of(OPERATIONS["shop.extensions.create"].response) == ["extension_password"]
    assert secrets_of(dict) == []


@pytest.mark.parametrize(
    "line",
    [
        CONNECT,
        f"{CONNECT} --json",
        f"{CONNECT} --output plain.json",
        f"{CONNECT} --columns expires_in,auth_url",
        "partner shops create --name A --columns shop.id,shop_key",
        "api Shop/CreateShopAccount",
    ],
)
def test_no_call_for_a_masked_secret(
    at_peer: Any, peer: Any, line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A call whose secret would be masked is not made, and the line says what to add."""
    monkeypatch.chdir(tmp_path)
    result = at_peer(*line.split())
    assert (result.code, result.out, result.err.count("\n"), peer.requests) == (2, "", 1, [])
    assert "add --reveal --output FILE" in result.err
    assert "Nothing was sent" in result.err
    assert list(tmp_path.iterdir()) == []


def test_secret_goes_to_a_private_file(at_peer: Any, peer: Any, tmp_path: Path) -> None:
    """With `--reveal --output FILE` the call is made, and the file has the secret. A dry run needs none."""
    peer.always = lambda _: peer.json(
        {"type": "shop_request", "auth_token": "request:canary", "auth_url": "https://a.example/canary"}
    )
    file = tmp_path / "page.json"
    result = at_peer(*CONNECT.split(), "--reveal", "--output", str(file))
    assert (result.code, result.out, result.err) == (0, "", "")
    assert json.loads(file.read_text())["auth_url"] == "https://a.example/canary"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert at_peer(*CONNECT.split(), "--dry-run").code == 0
    assert len(peer.requests) == 1


def test_other_columns_need_no_secret(at_peer: Any, peer: Any) -> None:
    """A user who chooses columns without the secret does not want it, so the call is made."""
    peer.always = lambda _: peer.json({"api_key": "1:canary", "shop": {"id": "7"}})
    result = at_peer("partner", "shops", "create", "--name", "A", "--columns", "shop.id")
    assert (result.code, result.out, len(peer.requests)) == (0, "7\n", 1)
