"""
Keep keys in the keyring of the system, if the package `keyring` is installed and finds one.

It is slow to load and may ask the user to unlock it. So only a profile that names a key there leads to it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar

from etelecom_async.cli import exit_codes
from etelecom_async.cli.command import CommandError

_SERVICE: Final = "etelecom"
_LEAST_PRIORITY: Final = 1
"""Backends below it are not recommended: they keep no secret."""

ResultT = TypeVar("ResultT")


def is_available() -> bool:
    """Return whether there is a keyring that protects keys."""
    try:
        import keyring

        backend: Any = keyring.get_keyring()
        return bool(backend.priority >= _LEAST_PRIORITY)
    except Exception:  # noqa: BLE001 - a backend may raise anything while it looks for its service
        return False


def get(profile: str, name: str) -> str | None:
    """
    Return a key; `None` if the keyring has none.

    Raises:
        CommandError: The keyring failed, or is not installed.
    """
    found: str | None = _use(lambda keyring: keyring.get_password(_SERVICE, _user(profile, name)))
    return found


def put(profile: str, name: str, text: str) -> None:
    """
    Store a key.

    Raises:
        CommandError: The keyring failed, or is not installed.
    """
    _use(lambda keyring: keyring.set_password(_SERVICE, _user(profile, name), text))


def remove(profile: str, name: str) -> None:
    """
    Remove a key, if there is one.

    Raises:
        CommandError: The keyring failed, or is not installed.
    """

    def remove(keyring: Any) -> None:
        if keyring.get_password(_SERVICE, _user(profile, name)) is not None:
            keyring.delete_password(_SERVICE, _user(profile, name))

    _use(remove)


def _user(profile: str, name: str) -> str:
    return f"{profile}.{name}"


def _use(call: Callable[[Any], ResultT]) -> ResultT:
    try:
        import keyring
    except ModuleNotFoundError:
        from etelecom_async.cli.extras import install_command

        message = (
            f"the package keyring is not installed. It is part of the extra `keyring`. Install it: "
            f"{install_command('keyring')}"
        )
        raise CommandError(message, exit_code=exit_codes.KEY) from None
    try:
        return call(keyring)
    except Exception as error:  # noqa: BLE001 - a backend may raise anything, and its text may show the key
        kind = type(error).__name__
    message = (
        f"the keyring of the system failed ({kind}): unlock it, or keep the key in the file of the profiles "
        f"with `etelecom auth login --store file`"
    )
    raise CommandError(message, exit_code=exit_codes.KEY)
