"""The file with the keys: private, whole after a kill, right with several writers, and never shown."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import stat
import subprocess
import sys
import traceback
from pathlib import Path, PurePath
from typing import Any

import pytest

from etelecom_async import ConfigurationError, EtelecomError, Secret
from etelecom_async.errors import KeyStoreError
from etelecom_async.key_store import FileKeyStore, KeyStore

KEY = "shop12414:canary-key-1f2e"
OTHER = "shop115:canary-key-3d4c"
posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no mode bits")


def content_of(path: Path) -> bytes | None:
    """Return the content of a file; `None` if there is no file."""
    return path.read_bytes() if path.exists() else None


def set_mode(path: Path, mode: int) -> None:
    """Set who can use a file."""
    path.chmod(mode)


def save(path: Path, content: bytes) -> None:
    """Write a private file."""
    path.write_bytes(content)
    path.chmod(0o600)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The path of a file that does not exist yet."""
    return tmp_path / "keys.json"


async def test_keys(path: Path) -> None:
    """A stored key is returned, replaced, listed and removed; another store of the same file sees it."""
    store: KeyStore = FileKeyStore(path)
    assert await store.get("12414") is None
    await store.put("12414", Secret(KEY))
    assert await FileKeyStore(str(path)).get("12414") == Secret(KEY)

    store = FileKeyStore(path)
    await store.put("115", OTHER)
    await store.put("12414", "shop12414:newer-key")
    assert await store.get("12414") == Secret("shop12414:newer-key")
    assert await store.shop_ids() == ["115", "12414"]
    await store.remove("12414")
    await store.remove("12414")
    assert (await store.get("12414"), await store.shop_ids()) == (None, ["115"])
    assert repr(store) == f"FileKeyStore({str(path)!r})"


@posix
async def test_file_is_private(path: Path) -> None:
    """Only the owner can read the file, its lock and its replacement, whatever the umask."""
    before = os.umask(0)
    try:
        await FileKeyStore(path).put("1", KEY)
        await FileKeyStore(path).put("2", KEY)
    finally:
        os.umask(before)
    assert {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()} == {
        "keys.json": 0o600,
        "keys.json.lock": 0o600,
    }


@posix
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602, 0o666])
async def test_file_that_others_can_read(path: Path, mode: int) -> None:
    """A file that others can read or change is neither used nor changed; the error names the remedy."""
    store = FileKeyStore(path)
    await store.put("12414", KEY)
    content = content_of(path)
    set_mode(path, mode)
    for use in (store.get("12414"), store.put("1", OTHER), store.remove("12414"), store.shop_ids()):
        error = await refused(use)
        assert "open to other users of this machine: run `chmod 600` on it" in str(error)
    assert content_of(path) == content
    set_mode(path, 0o600)
    assert await store.get("12414") == Secret(KEY)


@posix
async def test_link(path: Path) -> None:
    """A link to the file stays a link."""
    link = path.with_name("link.json")
    link.symlink_to(path)
    await FileKeyStore(link).put("12414", KEY)
    assert link.is_symlink()
    assert await FileKeyStore(path).get("12414") == Secret(KEY)


CONTENTS: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "is not a key store"),
    "text": (KEY.encode(), "is not a key store"),
    "list": (json.dumps([KEY]).encode(), "is not a key store"),
    "no UTF-8": (b'"\xff' + KEY.encode(), "is not a key store"),
    "deep": (b"[" * 100_000, "is not a key store"),
    "cut": (
        json.dumps({"format": "etelecom_async.key_store/1", "keys": {"1": KEY}}).encode()[:-3],
        "is not",
    ),
    "plain map": (json.dumps({"12414": KEY}).encode(), "has an unknown format"),
    "newer": (
        json.dumps({"format": "etelecom_async.key_store/2", "keys": {"1": KEY}}).encode(),
        "has an unknown format; perhaps a newer version of the SDK wrote it",
    ),
    "no keys": (b'{"format": "etelecom_async.key_store/1"}', "is damaged"),
    "wrong key": (b'{"format": "etelecom_async.key_store/1", "keys": {"1": 5}}', "is damaged"),
    "blank key": (b'{"format": "etelecom_async.key_store/1", "keys": {"1": ""}}', "is damaged"),
}


@pytest.mark.parametrize(("content", "problem"), CONTENTS.values(), ids=CONTENTS)
async def test_other_content(path: Path, content: bytes, problem: str) -> None:
    """A file of another format is refused and stays unchanged; no part of the error shows its content."""
    save(path, content)
    store = FileKeyStore(path)
    for use in (store.get("12414"), store.put("1", OTHER), store.remove("1"), store.shop_ids()):
        assert problem in str(await refused(use))
    assert content_of(path) == content


async def test_path_that_cannot_be_used(path: Path) -> None:
    """A missing folder, or a folder in place of the file, is an error with the system's reason."""
    absent = FileKeyStore(path / "absent" / "keys.json")
    assert await absent.get("1") is None
    assert "cannot be written: No such file or directory" in str(await refused(absent.put("1", KEY)))
    folder = FileKeyStore(path.parent)
    assert "cannot be read: " in str(await refused(folder.get("1")))


async def test_write_that_fails(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A write that fails leaves the old keys and no other file with keys."""
    store = FileKeyStore(path)
    await store.put("12414", KEY)

    def fail(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    assert "cannot be written: No space left on device" in str(await refused(store.put("115", OTHER)))
    assert await store.shop_ids() == ["12414"]
    assert {file.name for file in path.parent.iterdir()} == {"keys.json", "keys.json.lock"}


@pytest.mark.parametrize(("shop_id", "key"), [("", KEY), (5, KEY), (None, KEY), ([], KEY)])
async def test_wrong_id(path: Path, shop_id: Any, key: str) -> None:
    """Every method refuses an id that is no text, or empty, and no file is written."""
    store = FileKeyStore(path)
    for use in (store.put(shop_id, key), store.get(shop_id), store.remove(shop_id)):
        with pytest.raises(ConfigurationError, match="shop_id takes a text, not"):
            await use
    assert content_of(path) is None


@pytest.mark.parametrize(
    ("key", "problem"),
    [
        ("", "is empty"),
        (Secret(""), "is empty"),
        (5, "takes a text or a Secret, not int"),
        (Secret.from_export("****"), "was pickled or exported without its text"),
    ],
    ids=["empty", "empty-secret", "number", "masked"],
)
async def test_wrong_key(path: Path, key: Any, problem: str) -> None:
    """A key without a text is refused, and no file is written."""
    with pytest.raises(ConfigurationError, match=f"shop_key {problem}"):
        await FileKeyStore(path).put("1", key)
    assert content_of(path) is None


@pytest.mark.parametrize("given", [None, "", 5, b"", b"x", "a\0b", "/", PurePath()], ids=repr)
def test_wrong_path(given: Any) -> None:
    """The path is a text or a path object, and names a file."""
    with pytest.raises(ConfigurationError, match="path takes the path of a file"):
        FileKeyStore(given)


async def test_concurrent_writers(path: Path) -> None:
    """Writers in tasks and in other processes do not lose one another's keys."""
    code = (
        "import asyncio, sys; from etelecom_async.key_store import FileKeyStore\n"
        "async def main():\n"
        "    store = FileKeyStore(sys.argv[1])\n"
        "    for number in range(20): await store.put(f'{sys.argv[2]}{number:03}', 'shop1:key')\n"
        "asyncio.run(main())"
    )
    processes = [
        await asyncio.create_subprocess_exec(sys.executable, "-c", code, path, str(number))
        for number in (1, 2)
    ]
    await asyncio.gather(*(FileKeyStore(path).put(str(number), KEY) for number in range(20)))
    assert [await process.wait() for process in processes] == [0, 0]
    assert len(await FileKeyStore(path).shop_ids()) == 60


@posix
def test_kill_between_two_steps(path: Path) -> None:
    """A process that is killed before the replacement leaves the old keys, and the next write works."""
    asyncio.run(FileKeyStore(path).put("12414", KEY))
    code = (
        "import asyncio, os, signal, sys; from pathlib import Path\n"
        "from etelecom_async.key_store import FileKeyStore\n"
        "Path.replace = lambda *_: os.kill(os.getpid(), signal.SIGKILL)\n"
        "asyncio.run(FileKeyStore(sys.argv[1]).put('115', 'shop115:key'))"
    )
    done = subprocess.run([sys.executable, "-c", code, path], check=False)
    assert done.returncode == -signal.SIGKILL
    assert path.with_name(".keys.json.new").exists()

    async def use() -> list[str]:
        store = FileKeyStore(path)
        assert await store.get("12414") == Secret(KEY)
        await store.put("1", OTHER)
        return await store.shop_ids()

    assert asyncio.run(use()) == ["1", "12414"]
    assert not path.with_name(".keys.json.new").exists()


async def refused(use: Any) -> EtelecomError:
    """Return the error of a use of the store, after a check that nothing shows a key."""
    with pytest.raises(KeyStoreError) as caught:
        await use
    shown = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    frames = [frame for frame in shown.stack if Path(frame.filename).name == "key_store.py"]
    assert (caught.value.__cause__, caught.value.__context__) == (None, None)
    assert "canary" not in "".join([str(caught.value), *(str(frame.locals) for frame in frames)])
    return caught.value
