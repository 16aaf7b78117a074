"""
Keep the passwords of a job in a file that only its owner can read.

The password of a new user is on the disk before its call leaves. So a job that was killed can still tell
which password a user has. The file has a line of JSON for each change of a password; the last line of a key
counts. It is not encrypted.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from enum import StrEnum
from io import FileIO
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Any, Final, Self

import attrs

from etelecom_async._core import private_files
from etelecom_async._core.secret import Secret
from etelecom_async._core.tracebacks import boundary
from etelecom_async.bulk.lock import JobLock
from etelecom_async.errors import JournalError
from etelecom_async.provisioning.mistakes import masked_phone
from etelecom_async.softphone import SoftphoneAccount

_HEADER: Final = b'{"format": "etelecom_async.credentials/1"}\n'


class PasswordState(StrEnum):
    """How far a password is."""

    PLANNED = "planned"
    """No user has it: the call was not made, or it was refused."""
    SENT = "sent"
    """The call started. The user may have it."""
    CONFIRMED = "confirmed"
    """The response of the service, or its list, says so."""
    UNCONFIRMED = "unconfirmed"
    """
    The response was lost, and the user was found by its phone.

    If nobody else creates users of this shop, this is the user's password.
    """


@attrs.frozen(kw_only=True)
class Credential:
    """The password of a user's login, or the SIP password of an extension."""

    key: str
    """Key of the change that creates the user or the extension."""
    shop: str
    """Id of the shop."""
    row: int | None = None
    """Number of the row in the roster."""
    full_name: str | None = None
    phone: str | None = attrs.field(default=None, repr=lambda phone: repr(phone and masked_phone(phone)))
    extension_number: int | None = None
    """Number of the extension; `None` for a user's login."""
    domain: str | None = None
    """SIP domain of an extension."""
    password: Secret
    state: PasswordState

    def softphone(self, *, websocket_url: str | None = None) -> SoftphoneAccount:
        """
        Return the account of an extension.

        Args:
            websocket_url: Address for web softphones. Default: not known.

        Raises:
            InvalidRequestError: It is a user's login, or a field is wrong.
        """
        return SoftphoneAccount(
            user="" if self.extension_number is None else str(self.extension_number),
            domain=self.domain or "",
            password=self.password,
            websocket_url=websocket_url,
            display_name=self.full_name or "",
        )


_FIELDS: Final = tuple(field.name for field in attrs.fields(Credential))


class CredentialsFile:
    """
    The open file with the passwords of a job. No other process can use it meanwhile.

    Use `open` and `close`, or `with`.
    """

    def __init__(self, path: Path, lock: JobLock) -> None:
        self.path: Final = path
        self._lock: Final = lock
        self._file: FileIO | None = None
        self._size = 0
        self._credentials: dict[str, Credential] = {}

    @classmethod
    @boundary
    def open(cls, path: str | os.PathLike[str]) -> Self:
        """
        Open a file, or create it. A last line that was written only in part is removed.

        Args:
            path: The file; its folder must exist, on a local disk.

        Raises:
            JournalError: The file is in use, is of another kind, or others can read it.
        """
        found = Path(path).resolve()  # a link must not lead to another lock
        lock = JobLock(found)
        lock.acquire()
        opened = cls(found, lock)
        try:
            opened._load()
        except OSError as error:
            opened.close()
            raise _failure(found, "cannot be used", error) from None
        except BaseException:
            opened.close()
            raise
        return opened

    @staticmethod
    @boundary
    def read(path: str | os.PathLike[str]) -> Mapping[str, Credential]:
        """
        Return the passwords in a file by their keys. Another process may use it.

        Raises:
            JournalError: There is no such file, it is of another kind, or others can read it.
        """
        found = Path(path)
        try:
            with found.open("rb") as file:
                _check_mode(found, file.fileno())
                content = file.read()
        except OSError as error:
            raise _failure(found, "cannot be read", error) from None
        return _parsed(found, content)[0]

    @property
    def credentials(self) -> Mapping[str, Credential]:
        """The passwords by their keys, in the order of their first lines."""
        return MappingProxyType(self._credentials)

    @boundary
    def add(self, credentials: Iterable[Credential]) -> None:
        """
        Add passwords; return when all are on the disk.

        Raises:
            JournalError: The file cannot be written. Send none of these passwords.
        """
        if added := list(credentials):
            self._append(added, sync=True)

    @boundary
    def put(self, credential: Credential) -> None:
        """
        Add or replace a password that can be read again. It survives the end of the process.

        Raises:
            JournalError: The file cannot be written.
        """
        self._append([credential], sync=False)

    @boundary
    def mark(self, key: str, state: PasswordState) -> None:
        """
        Change the state of a password. The new state survives the end of the process.

        Raises:
            JournalError: The file cannot be written.
        """
        before = self._credentials[key]
        if before.state is not state:
            self._append([attrs.evolve(before, state=state)], sync=False)

    def close(self) -> None:
        """Write everything to the disk, close the file, and let other processes use it."""
        file, self._file = self._file, None
        if file is not None:
            with suppress(OSError), file:  # all that has to be on the disk is there
                os.fsync(file.fileno())
        self._lock.release(None)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"CredentialsFile({str(self.path)!r})"

    def _load(self) -> None:
        if self.path.exists() and not self.path.is_file():
            raise JournalError(f"{self.path} is no file: choose another path.")
        flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0)
        descriptor = os.open(self.path, flags, private_files.MODE)
        self._file = file = FileIO(descriptor, "r+")
        _check_mode(self.path, descriptor)
        content = file.read()
        self._credentials, self._size = _parsed(self.path, content)
        if self._size < len(content):
            file.truncate(self._size)
        if not self._size:
            self._write(_HEADER, sync=True)
            private_files.sync_folder(self.path.parent)
        elif content[self._size - 1 : self._size] != b"\n":
            self._write(b"\n", sync=True)

    def _append(self, credentials: list[Credential], *, sync: bool) -> None:
        self._lock.check_process()
        self._write(b"".join(map(_encoded, credentials)), sync=sync)
        self._credentials.update((each.key, each) for each in credentials)

    def _write(self, content: bytes, *, sync: bool) -> None:
        if self._file is None:
            raise JournalError(f"{self.path} was closed: run the job again.")
        rest = memoryview(content)
        try:
            self._file.seek(self._size)
            while rest:
                rest = rest[self._file.write(rest) :]
            if sync:
                os.fsync(self._file.fileno())
        except OSError as error:
            # A part of a line would hide the next one.
            with suppress(OSError):
                self._file.truncate(self._size)
            raise _failure(self.path, "cannot be written, so the job stops", error) from None
        self._size += len(content)


def _failure(path: Path, problem: str, error: OSError) -> JournalError:
    return JournalError(f"{path} {problem}: {error.strerror or type(error).__name__}.")


def _check_mode(path: Path, descriptor: int) -> None:
    # On Windows, the folder's permissions count.
    if private_files.is_open_to_others(os.fstat(descriptor).st_mode):
        raise JournalError(
            f"{path} is open to other users of this machine: run `chmod 600` on it. If others may have read "
            f"it, the users need new passwords."
        )


def _encoded(credential: Credential) -> bytes:
    # Like `attrs.asdict`, which takes several times as long.
    fields = {name: value for name in _FIELDS if (value := getattr(credential, name)) is not None}
    fields |= {"password": credential.password.reveal(), "state": credential.state.value}
    return f"{json.dumps(fields)}\n".encode()


def _parsed(path: Path, content: bytes) -> tuple[dict[str, Credential], int]:
    """Return the passwords in *content*, and how many of its bytes are whole lines."""
    if _HEADER.startswith(content):  # also a header that was written in part
        return {}, len(content) if content == _HEADER else 0
    if not content.startswith(_HEADER):
        raise JournalError(f"{path} is not a file of passwords: choose another path.")
    credentials: dict[str, Credential] = {}
    size = len(_HEADER)
    lines = content[size:].splitlines(keepends=True)
    for number, line in enumerate(lines, 2):
        credential = _decoded(line)
        if credential is not None:
            credentials[credential.key] = credential
        elif number <= len(lines) or line.endswith(b"\n"):
            raise JournalError(f"{path} is damaged in line {number}: restore a copy of it.")
        else:
            break
        size += len(line)
    return credentials, size


def _decoded(line: bytes) -> Credential | None:
    """Return the password in a line; `None` if it is not a whole line."""
    try:
        fields: dict[str, Any] = json.loads(line)
        typed: dict[str, Any] = {
            "password": Secret(fields["password"]),
            "state": PasswordState(fields["state"]),
        }
        return Credential(**(fields | typed))
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
