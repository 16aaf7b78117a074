"""The file of credentials keeps each password, and shows it to its owner alone."""

from __future__ import annotations

import errno
import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from unittest import mock

import attrs
import pytest

from etelecom_async._core.secret import Secret
from etelecom_async.errors import InvalidRequestError, JournalError
from etelecom_async.provisioning import Credential, CredentialsFile, PasswordState
from tests.test_secrecy import chain, locals_of_ours

PASSWORD = "Krypt0-passw0rd"
LOGIN = Credential(
    key="7/user/ab12",
    shop="7",
    row=2,
    full_name="Nguyễn Thị Lan",
    phone="84901234567",
    password=Secret(PASSWORD),
    state=PasswordState.PLANNED,
)
EXTENSION = Credential(
    key="7/extension/1001",
    shop="7",
    extension_number=1001,
    domain="voip.example.com",
    password=Secret("sip"),
    state=PasswordState.CONFIRMED,
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The path of a file that does not exist yet."""
    return tmp_path / "team.credentials"


@pytest.fixture
def written(path: Path) -> Path:
    """A file with two passwords."""
    with CredentialsFile.open(path) as file:
        file.add([LOGIN])
        file.put(EXTENSION)
    return path


def lines(path: Path) -> list[dict[str, Any]]:
    """The lines of a file."""
    return [json.loads(line) for line in path.read_text().splitlines()]


class TestContent:
    """Passwords are read as they were written."""

    def test_round_trip(self, written: Path) -> None:
        """Both a new process and a reader see the passwords; fields that are not set are not written."""
        with CredentialsFile.open(written) as file:
            assert file.credentials == {LOGIN.key: LOGIN, EXTENSION.key: EXTENSION}
            assert CredentialsFile.read(written) == file.credentials
        assert lines(written)[2] == {
            "key": "7/extension/1001",
            "shop": "7",
            "extension_number": 1001,
            "domain": "voip.example.com",
            "password": "sip",
            "state": "confirmed",
        }

    def test_last_line_of_a_key(self, written: Path) -> None:
        """A change adds a line, and the last one counts; the same state adds none."""
        with CredentialsFile.open(written) as file:
            file.mark(LOGIN.key, PasswordState.SENT)
            file.mark(LOGIN.key, PasswordState.SENT)
            file.mark(LOGIN.key, PasswordState.CONFIRMED)
            file.add([])
        assert len(lines(written)) == 5
        confirmed = attrs.evolve(LOGIN, state=PasswordState.CONFIRMED)
        assert CredentialsFile.read(written) == {LOGIN.key: confirmed, EXTENSION.key: EXTENSION}

    def test_softphone(self) -> None:
        """An extension gives the account of a softphone; a login gives none."""
        account = EXTENSION.softphone(websocket_url="wss://example.com:10443")
        assert account.sip_uri == "sip:1001@voip.example.com"
        assert account.password.reveal() == "sip"
        assert account.websocket_url == "wss://example.com:10443"
        with pytest.raises(InvalidRequestError):
            LOGIN.softphone()

    def test_planned_passwords_are_on_the_disk(self, path: Path) -> None:
        """`add` waits for the disk before it returns."""
        with CredentialsFile.open(path) as file, mock.patch("os.fsync", wraps=os.fsync) as sync:
            file.add([LOGIN, EXTENSION])
            assert sync.call_count == 1
            assert len(CredentialsFile.read(path)) == 2


class TestRepair:
    """A process may be killed, and a disk may be full, at any byte."""

    def test_torn_line(self, written: Path) -> None:
        """Whatever bytes of the last line are missing, the earlier lines stay and a new one can be added."""
        content = written.read_bytes()
        whole = content.rindex(b"\n", 0, -1) + 1
        for size in range(whole, len(content)):
            written.write_bytes(content[:size])
            expected = {LOGIN.key} if size < len(content) - 1 else {LOGIN.key, EXTENSION.key}
            assert CredentialsFile.read(written).keys() == expected
            with CredentialsFile.open(written) as file:
                assert file.credentials.keys() == expected
                file.mark(LOGIN.key, PasswordState.SENT)
            found = CredentialsFile.read(written)
            assert found.keys() == expected
            assert found[LOGIN.key].state is PasswordState.SENT

    def test_torn_header(self, path: Path) -> None:
        """An empty file, and a file with a part of the header, become files of passwords."""
        CredentialsFile.open(path).close()
        header = path.read_bytes()
        for size in range(len(header)):
            path.write_bytes(header[:size])
            assert CredentialsFile.read(path) == {}
            CredentialsFile.open(path).close()
            assert path.read_bytes() == header

    def test_power_failure(self, written: Path) -> None:
        """Zeros at the end, as a power failure may leave them, are removed."""
        content = written.read_bytes()
        written.write_bytes(content + bytes(4096))
        CredentialsFile.open(written).close()
        assert written.read_bytes() == content

    @pytest.mark.parametrize("written_bytes", [0, 9])
    def test_full_disk(self, written: Path, written_bytes: int) -> None:
        """A line that is written in part is removed, and the error names the file, not the password."""
        content = written.read_bytes()
        with CredentialsFile.open(written) as file:

            class Full(io.FileIO):
                count = 0

                def write(self, data: Any) -> int:
                    self.count += 1
                    if self.count == 1 and written_bytes:
                        return super().write(bytes(data)[:written_bytes])
                    raise OSError(errno.ENOSPC, "No space left on device")

            vars(file)["_file"].close()
            vars(file)["_file"] = Full(written, "r+")
            with pytest.raises(JournalError, match="cannot be written, so the job stops: No space") as caught:
                file.put(attrs.evolve(LOGIN, row=9))
            assert file.credentials[LOGIN.key].row == 2
        assert PASSWORD not in "".join([*locals_of_ours(caught.value), *map(repr, chain(caught.value))])
        assert written.read_bytes() == content


class TestRefusals:
    """Files that are not ours are neither read nor changed."""

    @pytest.mark.parametrize(
        "content",
        [b"shop,full_name,phone\n", b"shop", b'{"format": "etelecom_async.credentials/2"}\n'],
        ids=["roster", "text", "newer"],
    )
    def test_another_file(self, path: Path, content: bytes) -> None:
        """A file of another kind is refused, and stays as it was."""
        path.write_bytes(content)
        path.chmod(0o600)
        for use in (CredentialsFile.open, CredentialsFile.read):
            with pytest.raises(JournalError, match="is not a file of passwords"):
                use(path)
        assert path.read_bytes() == content

    @pytest.mark.parametrize(
        "line",
        [
            b"{",
            b"[]",
            b'{"key": "7/user/ab12"}',
            b'{"key": "k", "shop": "7", "password": "p", "state": "maybe"}',
            b'{"key": "k", "shop": "7", "password": "p", "state": "sent", "more": 1}',
        ],
    )
    def test_damaged_line(self, written: Path, line: bytes) -> None:
        """A line in the middle that cannot be read is an error with its number, also at the end."""
        content = written.read_bytes().splitlines(keepends=True)
        for place, number in ((1, 2), (3, 4)):
            damaged = [*content[:place], line + b"\n", *content[place:]]
            written.write_bytes(b"".join(damaged))
            with pytest.raises(JournalError, match=f"damaged in line {number}"):
                CredentialsFile.open(written)
            assert written.read_bytes() == b"".join(damaged)

    def test_no_file(self, path: Path, tmp_path: Path) -> None:
        """A missing file cannot be read, and a folder is no file."""
        with pytest.raises(JournalError, match="cannot be read: No such file"):
            CredentialsFile.read(path)
        with pytest.raises(JournalError, match="is no file"):
            CredentialsFile.open(tmp_path)
        with pytest.raises(JournalError, match="does not exist"):
            CredentialsFile.open(tmp_path / "none" / "c")

    @pytest.mark.skipif(sys.platform == "win32", reason="Windows has no modes")
    def test_mode(self, written: Path) -> None:
        """The file is private; one that others can read is refused."""
        assert written.stat().st_mode & 0o777 == 0o600
        written.chmod(0o640)
        for use in (CredentialsFile.open, CredentialsFile.read):
            with pytest.raises(JournalError, match="chmod 600"):
                use(written)

    def test_file_that_cannot_be_opened(self, path: Path) -> None:
        """The reason of the system is in the error, and the lock is free again."""
        with (
            mock.patch("os.open", side_effect=PermissionError(errno.EACCES, "Permission denied")),
            mock.patch("filelock.FileLock.acquire"),
            pytest.raises(JournalError, match="cannot be used: Permission denied"),
        ):
            CredentialsFile.open(path)
        CredentialsFile.open(path).close()


class TestUse:
    """One process at a time writes."""

    def test_two_users(self, written: Path) -> None:
        """A second user is refused until the first one closes the file; readers are not."""
        code = "import sys; from etelecom_async.provisioning import CredentialsFile as F; F.open(sys.argv[1])"
        with CredentialsFile.open(written):
            with pytest.raises(JournalError, match="is in use"):
                CredentialsFile.open(written)
            done = subprocess.run(
                [sys.executable, "-c", code, written], capture_output=True, text=True, timeout=60, check=False
            )
            assert "is in use" in done.stderr
            assert len(CredentialsFile.read(written)) == 2
        CredentialsFile.open(written).close()

    def test_after_close(self, path: Path) -> None:
        """A closed file takes no passwords; a second `close` does nothing."""
        file = CredentialsFile.open(path)
        file.close()
        file.close()
        with pytest.raises(JournalError, match="was closed"):
            file.add([LOGIN])

    def test_secrets_are_not_shown(self, written: Path) -> None:
        """Neither a password nor a whole phone number is in a repr."""
        with CredentialsFile.open(written) as file:
            shown = f"{file!r} {file.credentials!r} {LOGIN!r}"
        assert PASSWORD not in shown
        assert "84901234567" not in shown
        assert "849******67" in shown
