"""Test the keyring of the system."""

from __future__ import annotations

import sys
from typing import Any

import keyring
import pytest

from etelecom_async.cli import system_keyring
from etelecom_async.cli.command import CommandError


def test_key_in_the_keyring(memory_keyring: Any) -> None:
    """A key is stored for a profile and a setting, and can be removed twice."""
    assert system_keyring.is_available()
    assert system_keyring.get("work", "shop_key") is None
    system_keyring.put("work", "shop_key", "shop1:x")
    assert memory_keyring.keys == {("etelecom", "work.shop_key"): "shop1:x"}
    assert system_keyring.get("work", "shop_key") == "shop1:x"
    system_keyring.remove("work", "shop_key")
    system_keyring.remove("work", "shop_key")
    assert memory_keyring.keys == {}


def test_keyring_that_raises(memory_keyring: Any) -> None:
    """An error of the keyring is one text with what to do, without the text of the keyring's error."""
    memory_keyring.is_locked = True
    with pytest.raises(CommandError, match=r"failed \(KeyringLocked\): unlock it") as raised:
        system_keyring.put("work", "shop_key", "shop1:x")
    assert raised.value.exit_code == 4
    assert "canary" not in str(raised.value)
    assert raised.value.__context__ is None


def test_no_package(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the package there is no keyring, and a profile that needs it says how to install it."""
    monkeypatch.setitem(sys.modules, "keyring", None)
    assert not system_keyring.is_available()
    with pytest.raises(CommandError, match=r"keyring is not installed\. .* Install it: .* 'keyring>="):
        system_keyring.get("work", "shop_key")


def test_backend_that_protects_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A backend that keeps keys in plain text, or that fails while it is found, is no keyring."""
    from keyring.backends import fail, null

    for backend in (null.Keyring(), fail.Keyring()):
        monkeypatch.setattr(keyring, "get_keyring", lambda found=backend: found)
        assert not system_keyring.is_available()
    monkeypatch.setattr(keyring, "get_keyring", lambda: 1 // 0)
    assert not system_keyring.is_available()
