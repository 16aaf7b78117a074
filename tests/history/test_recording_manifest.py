"""Test the manifest of recordings: how it is written and read, and how a recording is found again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from etelecom_async.history.recording_manifest import FAILED, MISSING, NAME, SAVED, Manifest, Recording

ONE, TWO = "https://sip.example/rec/canary-1?sig=canary", "https://sip.example/rec/canary-2?sig=canary"


def opened(folder: Path) -> Manifest:
    """Return the manifest of a folder, ready to write."""
    manifest = Manifest(folder)
    manifest.open()
    return manifest


def noted(folder: Path, *addresses: str, call_id: str = "7") -> list[Recording]:
    """Note that the recordings of a call were saved, and return them."""
    manifest = opened(folder)
    found = [
        each.noted(SAVED, file=f"{each.stem}.wav", bytes=10) for each in manifest.matched(call_id, addresses)
    ]
    for each in found:
        manifest.note(each)
    manifest.close()
    return found


def test_round_trip(tmp_path: Path) -> None:
    """A run reads the notes of the earlier one, and the last line of a recording counts."""
    (saved,) = noted(tmp_path, ONE)
    assert (saved.call_id, saved.number, saved.file, saved.bytes, saved.reason) == (
        "7",
        0,
        "7-0.wav",
        10,
        None,
    )
    assert saved.at.endswith("+07:00")
    manifest = opened(tmp_path)
    manifest.note(saved.noted(MISSING, reason="the server answered HTTP 404"))
    manifest.close()
    assert (tmp_path / NAME).read_text().count("\n") == 2
    manifest = opened(tmp_path)
    manifest.close()
    (again,) = manifest
    assert (again.state, again.file, again.bytes, again.reason) == (
        MISSING,
        None,
        0,
        "the server answered HTTP 404",
    )
    assert (tmp_path / NAME).read_text().count("\n") == 1


def test_no_addresses(tmp_path: Path) -> None:
    """The file has no address, because it may open without a key, and only its owner can read it."""
    noted(tmp_path, ONE, TWO)
    text = (tmp_path / NAME).read_text()
    assert "canary" not in text
    assert "sip.example" not in text
    assert (tmp_path / NAME).stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"\xff\n",
        b"[]\n",
        b"7\n",
        b"{}\n",
        b'{"call_id": "8", "number": "0", "state": "saved"}\n',
        b'{"call_id": "8", "number": 0, "state": "lost"}\n',
        b'{"call_id": "8", "number": 0, "state": "saved", "file": 7}\n',
        b'{"call_id": "8", "number": 0, "sta',
        b"[" * 10_000,
    ],
)
def test_broken_line(tmp_path: Path, line: bytes) -> None:
    """A line that was cut, or that somebody has changed, is ignored."""
    (saved,) = noted(tmp_path, ONE)
    with (tmp_path / NAME).open("ab") as file:
        file.write(line)
    manifest = opened(tmp_path)
    manifest.close()
    assert list(manifest) == [saved]


def test_later_version(tmp_path: Path) -> None:
    """A field of a later version does not disturb."""
    (tmp_path / NAME).write_text(
        json.dumps({"call_id": "8", "number": 0, "state": FAILED, "new": 1}) + "\n", encoding="utf-8"
    )
    manifest = Manifest(tmp_path)
    manifest.read()
    assert [each.call_id for each in manifest] == ["8"]


def test_no_file(tmp_path: Path) -> None:
    """A folder without a manifest has no recordings."""
    manifest = Manifest(tmp_path)
    manifest.read()
    manifest.close()
    assert not list(manifest)


@pytest.mark.parametrize(
    "call_id", ["../../x", "a/b", "a\\b", "", "con", "\0", "é", "7\n", "١٢", "9" * 31, "x" * 300, "\ud800"]
)
def test_safe_names(call_id: str) -> None:
    """The name of a file has digits and letters only, whatever the id of the call is."""
    stem = Recording(call_id=call_id, number=3, state="").stem
    assert stem.isascii()
    assert stem.replace("-", "").isalnum()
    assert stem[0] == "x"
    assert len(stem) < 40
    assert stem.endswith("-3")


def test_plain_names() -> None:
    """The usual id is in the name, and other ids differ."""
    assert Recording(call_id="1477480292560553177", number=0, state="").stem == "1477480292560553177-0"
    assert len({Recording(call_id=each, number=0, state="").stem for each in ("a", "A", "b")}) == 3


def places(folder: Path, *addresses: str) -> list[tuple[int, str]]:
    """Return the numbers and states of the recordings with these addresses."""
    manifest = Manifest(folder)
    manifest.read()
    return [(each.number, each.state) for each in manifest.matched("7", addresses)]


def test_same_addresses(tmp_path: Path) -> None:
    """Recordings are known by their addresses, in any order."""
    noted(tmp_path, ONE, TWO)
    assert places(tmp_path, ONE, TWO) == [(0, SAVED), (1, SAVED)]
    assert places(tmp_path, TWO, ONE) == [(1, SAVED), (0, SAVED)]
    assert places(tmp_path, TWO) == [(1, SAVED)]


def test_new_address_in_front(tmp_path: Path) -> None:
    """A new address never takes the number of another recording."""
    noted(tmp_path, ONE)
    assert places(tmp_path, TWO, ONE) == [(1, ""), (0, SAVED)]
    noted(tmp_path, TWO, ONE)
    assert places(tmp_path, ONE, TWO) == [(0, SAVED), (1, SAVED)]
    assert places(tmp_path, f"{ONE}3", f"{TWO}4", ONE) == [(2, ""), (1, SAVED), (0, SAVED)]


def test_many_addresses(tmp_path: Path) -> None:
    """A call may have ten thousand recordings, also new ones before them, and each keeps its number."""
    addresses = [f"https://a.example/{number}" for number in range(10_000)]
    noted(tmp_path, *addresses)
    manifest = Manifest(tmp_path)
    manifest.read()
    new = [f"https://b.example/{number}" for number in range(10_000)]
    found = manifest.matched("7", [*new, *reversed(addresses)])
    assert [each.number for each in found[10_000:]] == list(reversed(range(10_000)))
    assert {each.number for each in found[:10_000]} == set(range(10_000, 20_000))


def test_numbers_are_kept(tmp_path: Path) -> None:
    """A new recording has its number from the first look-up on, and counts only when it is noted."""
    manifest = opened(tmp_path)
    (one,) = manifest.matched("7", [ONE])
    assert [each.number for each in manifest.matched("7", [TWO, ONE])] == [1, 0]
    assert manifest.matched("7", []) == []
    assert not list(manifest)
    manifest.note(one.noted(SAVED, file="7-0.wav"))
    assert [each.number for each in manifest] == [0]
    manifest.close()


def test_calls_without_an_id(tmp_path: Path) -> None:
    """Without the id of a call, only the whole address tells a recording from others."""
    noted(tmp_path, "https://a.example/rec?id=1", call_id="")
    manifest = Manifest(tmp_path)
    manifest.read()
    found = manifest.matched("", ["https://a.example/rec?id=2", "https://a.example/rec?id=1"])
    assert [(each.number, each.state) for each in found] == [(1, ""), (0, SAVED)]


def test_new_signature(tmp_path: Path) -> None:
    """An address with another query is the same recording in the same place only."""
    noted(tmp_path, "https://a.example/rec?id=1", "https://a.example/rec?id=2")
    assert places(tmp_path, "https://a.example/rec?id=1&sig=2", "https://a.example/rec?id=2#x") == [
        (0, SAVED),
        (1, SAVED),
    ]
    assert places(tmp_path, "https://a.example/rec?id=3", "https://a.example/rec?id=1") == [
        (2, ""),
        (0, SAVED),
    ]
    assert places(tmp_path, "https://b.example/rec?id=1") == [(2, "")]
