"""
Keep the keys of shops: a key for each shop's id.

`FileKeyStore` keeps them in one file. For a database or a vault, write a class with the two methods of
`KeyStore`. `PartnerClient(key_store=...)` uses either.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, NoReturn, Protocol, TypeVar, cast

from etelecom_async._core import private_files
from etelecom_async._core.secret import Secret, SecretLike, problem_of
from etelecom_async._core.tracebacks import boundary, cleaned
from etelecom_async._core.values import kind_of
from etelecom_async.errors import ConfigurationError, KeyStoreError

if sys.platform == "win32":
    import msvcrt

    def _acquire(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_LOCK, 1)

else:
    import fcntl

    def _acquire(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX)


ResultT = TypeVar("ResultT")
_FORMAT: Final = "etelecom_async.key_store/1"


class KeyStore(Protocol):
    """What a `PartnerClient` needs of a key store: two asynchronous methods."""

    async def get(self, shop_id: str, /) -> Secret | str | None:
        """Return the key of a shop; `None` if there is none."""
        ...

    async def put(self, shop_id: str, shop_key: Secret, /) -> None:
        """Store the key of a shop, in place of an older one; `shop_key.reveal()` is its text."""
        ...


class FileKeyStore:
    """
    A key store in one file, which only its owner can read.

    Each write replaces the whole file, so a killed process leaves the old file or the new one. Writers wait
    for one another, also in different processes: a file beside it, with `.lock` at the end, is their lock.
    The keys are not encrypted.

    Args:
        path: The file. The first write creates it; its folder must exist.

    Raises:
        ConfigurationError: *path* is not a path.
    """

    @boundary
    def __init__(self, path: str | os.PathLike[str]) -> None:
        given: Any = path
        text: object = os.fspath(path) if isinstance(given, str | os.PathLike) else None
        if not isinstance(text, str) or not Path(text).name or "\0" in text:
            found = "this text" if text and isinstance(given, str) else kind_of(cast("object", given))
            message = f"path takes the path of a file, not {found}."
            raise ConfigurationError(message)
        self._path: Final = Path(text)

    async def get(self, shop_id: str) -> Secret | None:
        """
        Return the key of a shop; `None` if there is none.

        Raises:
            ConfigurationError: The id is not a text, or is empty.
            KeyStoreError: The file cannot be read, others can read it, or it has another format.
        """
        _check_text("shop_id", shop_id)
        return await _in_thread(lambda: _key(_read(self._path), shop_id))

    async def put(self, shop_id: str, shop_key: SecretLike) -> None:
        """
        Store the key of a shop, in place of an older one.

        Raises:
            ConfigurationError: The id or the key is not a text, or is empty.
            KeyStoreError: The file cannot be written, others can read it, or it has another format.
        """
        shop_key = secret = Secret.of(shop_key)  # this frame must not show a text
        await _in_thread(lambda: self._change(shop_id, secret))

    async def remove(self, shop_id: str) -> None:
        """
        Remove the key of a shop, if there is one.

        Raises:
            ConfigurationError: The id is not a text, or is empty.
            KeyStoreError: The file cannot be written, others can read it, or it has another format.
        """
        await _in_thread(lambda: self._change(shop_id, None))

    async def shop_ids(self) -> list[str]:
        """
        Return the ids of all shops with a key, sorted.

        Raises:
            KeyStoreError: The file cannot be read, others can read it, or it has another format.
        """
        return await _in_thread(lambda: sorted(_read(self._path)))

    def _change(self, shop_id: str, secret: Secret | None) -> None:
        _check_text("shop_id", shop_id)
        if secret is not None:
            _check_secret(secret)
        path = self._path.resolve()  # a link stays a link
        try:
            with _locked(path):
                keys = _read(path)
                if secret is not None:
                    keys[shop_id] = secret.reveal()
                elif keys.pop(shop_id, None) is None:
                    return
                private_files.replace(path, json.dumps({"format": _FORMAT, "keys": keys}, indent=1).encode())
        except OSError as error:
            reason = error.strerror or type(error).__name__
        else:
            return
        raise KeyStoreError(f"{self._path} cannot be written: {reason}.")

    def __repr__(self) -> str:
        return f"FileKeyStore({str(self._path)!r})"


async def _in_thread(work: Callable[[], ResultT]) -> ResultT:
    try:
        return await asyncio.to_thread(work)
    except BaseException as error:
        cleaned(error)
        raise


def _check_text(name: str, value: object) -> None:
    if not isinstance(value, str) or not value:
        message = f"{name} takes a text, not {kind_of(value)}."
        raise ConfigurationError(message)


def _check_secret(key: Secret) -> None:
    problem = problem_of(key) or (None if key else "is empty")
    if problem is not None:
        message = f"shop_key {problem}."
        raise ConfigurationError(message)


def _key(keys: dict[str, str], shop_id: str) -> Secret | None:
    text = keys.get(shop_id)
    return None if text is None else Secret(text)


def _read(path: Path) -> dict[str, str]:
    """Return the keys in a file; none if there is no file."""
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            content = file.read()
    except FileNotFoundError:
        return {}
    except OSError as error:
        reason = error.strerror or type(error).__name__
    else:
        _check_mode(path, mode)
        return _parse(path, content)
    raise KeyStoreError(f"{path} cannot be read: {reason}.")


def _check_mode(path: Path, mode: int) -> None:
    # On Windows, the folder's permissions count.
    if private_files.is_open_to_others(mode):
        raise KeyStoreError(
            f"{path} is open to other users of this machine: run `chmod 600` on it. If others may have read "
            f"it, ask eTelecom for new keys."
        )


def _parse(path: Path, content: bytes) -> dict[str, str]:
    try:
        data: Any = json.loads(content)
    except (ValueError, RecursionError):  # the error would hold the text
        data = None
    if not isinstance(data, dict):
        _refuse(path, "is not a key store")
    fields = cast("dict[str, Any]", data)
    if fields.get("format") != _FORMAT:
        _refuse(path, "has an unknown format; perhaps a newer version of the SDK wrote it")
    keys = fields.get("keys")
    if not isinstance(keys, dict) or not all(
        isinstance(key, str) and key for key in cast("dict[str, object]", keys).values()
    ):
        _refuse(path, "is damaged")
    return cast("dict[str, str]", keys)


def _refuse(path: Path, problem: str) -> NoReturn:
    raise KeyStoreError(f"{path} {problem}: nothing was changed. Use another path, or move the file away.")


@contextmanager
def _locked(path: Path) -> Generator[None]:
    """Hold the lock of a file. The system ends it with the process, also after a kill."""
    descriptor = os.open(path.with_name(f"{path.name}.lock"), os.O_RDWR | os.O_CREAT, private_files.MODE)
    try:
        _acquire(descriptor)
        yield
    finally:
        os.close(descriptor)
