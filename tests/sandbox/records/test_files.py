"""Documents of records."""

from __future__ import annotations

import json
import sys
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

from etelecom_async.sandbox.records import RecordError, add_document, load_document

if TYPE_CHECKING:
    from pathlib import Path

    from tests.sandbox.records.conftest import Desk

YAML = """
users:
  - {full_name: Lê An, phone: 0326543210, deleted: false}
extensions:
  - {extension_number: 77, user_id: 0326543210, expires_at: 2026-11-30T00:00:00+07:00}
calls:
  - {direction: out, extension_id: 77, note: no, started_at: 2026-11-01 10:30, recording_urls: null}
"""

# The last line stands for ten million calls.
BOMB = "a: &a {note: x}\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 10)}]\n" for before, name in pairwise("abcdefgh")
)


def added(desk: Desk, document: dict[str, Any], source: str = "") -> dict[str, list[dict[str, Any]]]:
    """Adds the records of a document."""
    with desk.book.changes():
        return add_document(desk.book, document, source)


def test_yaml(desk: Desk, tmp_path: Path) -> None:
    """In YAML, phone numbers, times and words stay texts; decimal numbers, booleans and null do not."""
    (tmp_path / "story.yml").write_text(YAML, encoding="utf-8")
    document = load_document(tmp_path / "story.yml")
    assert document["users"][0] == {"full_name": "Lê An", "phone": "0326543210", "deleted": False}
    assert document["extensions"][0]["extension_number"] == 77
    assert document["calls"][0]["note"] == "no"
    found = added(desk, document)
    (user,), (extension,), (call,) = found["users"], found["extensions"], found["calls"]
    assert (extension["user_id"], call["user_id"]) == (user["user_id"], user["user_id"])
    assert call["started_at"] == "2026-11-01T10:30:00+07:00"
    assert call["recording_urls"] is None


def test_json(desk: Desk, tmp_path: Path) -> None:
    """Records may refer to records of any kind in the document, whatever the order of the kinds in it."""
    document = {
        "calls": [{"shop": "5", "extension_id": "1001"}],
        "extensions": [{"shop": "5", "user_id": "0901234567"}],
        "users": [{"shop": "5", "phone": "0901234567"}],
        "hotlines": [{"shop": "5"}],
        "shops": [{"id": 5}],
    }
    (tmp_path / "story.json").write_text(json.dumps(document), encoding="utf-8")
    found = added(desk, load_document(tmp_path / "story.json"))
    assert list(found) == ["shops", "hotlines", "users", "extensions", "calls"]
    assert found["calls"][0]["user_id"] == found["users"][0]["user_id"]


def test_all_mistakes_together(desk: Desk) -> None:
    """The error has all mistakes with their places, but not those that only follow from another one."""
    before = desk.state.count_records()
    document: dict[str, Any] = {
        "cals": [],
        "users": [{"phone": "0901234567", "full_nam": "x"}, 5, {"phone": "0911111111"}],
        "extensions": [{"user_id": "0901234567"}, {"user_id": "0911111112"}],
        "hotlines": {},
        "calls": [{"duration": "x", "extension_id": "9", "note": None}],
    }
    with pytest.raises(RecordError) as caught:
        added(desk, document, "story.json")
    problems = [text.removeprefix("story.json: ") for text in caught.value.problems]
    assert [problem.partition(": ")[0] for problem in problems] == [
        "cals",
        "hotlines",
        "users[0].full_nam",
        "users[1]",
        "extensions[1].user_id",
        "calls[0].duration",
        "calls[0].note",
        "calls[0].extension_id",
    ]
    assert problems[0] == "cals: there is no such kind; did you mean 'calls'?"
    assert problems[4].endswith("did you mean '0911111111'?")
    assert desk.state.count_records() == before
    with pytest.raises(RecordError, match=r"^x: there is no such kind; there are shops, tenants, "):
        added(desk, {"x": []})


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("a.json", "[1]", "it is not an object with lists of records; there are shops"),
        ("a.json", "{", "Expecting property name"),
        ("a.json", '{"calls": [{"note": "a", "note": "b"}]}', "'note' is there twice in one object"),
        ("a.yaml", "calls:\n- note: a\n  note: b\n", "line 2: 'note' is there twice in one object"),
        ("a.yaml", "calls: [", "expected the node content"),
        ("a.yaml", "calls: !!python/object:os.system {}", "could not determine a constructor"),
        ("a.yaml", "5", "it is not an object with lists of records"),
        ("a.yaml", "calls: &c\n- call_targets: *c\n", "with its aliases, it has more than 2000000 values"),
        ("a.yaml", BOMB, "with its aliases, it has more than 2000000 values"),
        ("missing.json", None, r"there is no file /.*missing\.json; check the path"),
        ("a.json", "\ud800", "it is not text in UTF-8"),
    ],
)
def test_files_that_cannot_be_read(tmp_path: Path, name: str, text: str | None, problem: str) -> None:
    """A file that is no document of records raises an error with its path."""
    if text is not None:
        (tmp_path / name).write_bytes(text.encode(errors="surrogatepass"))
    with pytest.raises(ValueError, match=problem) as caught:
        load_document(tmp_path / name)
    assert name in str(caught.value)


def test_aliases(desk: Desk, tmp_path: Path) -> None:
    """An alias of YAML repeats a record."""
    (tmp_path / "a.yaml").write_text("calls: [&call {caller: 0912345678}, *call]", encoding="utf-8")
    first, second = added(desk, load_document(tmp_path / "a.yaml"))["calls"]
    assert first["caller"] == second["caller"] == "0912345678"


def test_without_pyyaml(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without PyYAML, the error says what to install."""
    monkeypatch.setitem(sys.modules, "yaml", None)
    (tmp_path / "a.yaml").write_text("calls: []", encoding="utf-8")
    with pytest.raises(ValueError, match="needs PyYAML: pip install pyyaml, or"):
        load_document(tmp_path / "a.yaml")
