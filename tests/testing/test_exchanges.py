"""The file of a recorder is stable, and a damaged one is named."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from etelecom_async.testing import ScriptError
from etelecom_async.testing.exchanges import Exchange, difference, json_of, read, write

if TYPE_CHECKING:
    from pathlib import Path

TEXT = """{
  "format": 1,
  "exchanges": [
    {
      "operation": "account",
      "request": {},
      "status": 200,
      "response": {
        "name": "Lê An"
      }
    },
    {
      "operation": "shop.users.list",
      "request": {
        "paging": {
          "limit": 2
        }
      },
      "failure": "response_lost",
      "message": "gone"
    }
  ]
}
"""
EXCHANGES = [
    Exchange(operation="account", request={}, status=200, response={"name": "Lê An"}),
    Exchange(
        operation="shop.users.list", request={"paging": {"limit": 2}}, failure="response_lost", message="gone"
    ),
]


def test_file(tmp_path: Path) -> None:
    """The file is JSON with one value in a line, in a fixed order, and is read back."""
    file = tmp_path / "new folder" / "a.json"
    write(file, EXCHANGES)
    assert file.read_text(encoding="utf-8") == TEXT
    assert read(file) == EXCHANGES
    assert [each.name for each in file.parent.iterdir()] == ["a.json"]


def test_failed_write(tmp_path: Path) -> None:
    """A failure leaves the earlier file, and no other one."""
    file = tmp_path / "a.json"
    write(file, EXCHANGES)
    with pytest.raises(TypeError):
        write(file, [Exchange(operation="account", request=object())])
    assert file.read_text(encoding="utf-8") == TEXT
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"format": 1}',
        '{"format": 1, "exchanges": [{"a": 1}]}',
        '{"format": 1, "exchanges": 1}',
        '{"format": 1, "exchanges": "ab"}',
        '{"format": 1, "exchanges": [{"operation": "account", "request": {}}]}',
        '{"format": 1, "exchanges": [{"operation": "account", "request": {}, "status": "200"}]}',
        '{"format": 1, "exchanges": [{"operation": "account", "request": {}, "failure": "other"}]}',
        '{"format": 1, "exchanges": [{"operation": 7, "request": {}, "status": 200}]}',
        '{"format": 1, "exchanges": [{"operation": "account", "request": {}, "status": 200, "headers": []}]}',
    ],
)
def test_damaged_file(tmp_path: Path, text: str) -> None:
    """A file that is not from a recorder is refused by its name."""
    file = tmp_path / "a.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ScriptError, match=r"a\.json is no file of a recorder"):
        read(file)


def test_file_that_cannot_be_read(tmp_path: Path) -> None:
    """A missing file, a folder, and a file of another version each say what to do."""
    with pytest.raises(ScriptError, match=r"there is no file .*a\.json: record it first"):
        read(tmp_path / "a.json")
    with pytest.raises(ScriptError, match="is no file of a recorder"):
        read(tmp_path)
    file = tmp_path / "b.json"
    file.write_text('{"format": 2, "exchanges": []}', encoding="utf-8")
    with pytest.raises(ScriptError, match="has format 2, not 1: record it again"):
        read(file)


def test_difference() -> None:
    """The difference shows the lines that changed, with one around them."""
    assert difference(EXCHANGES[1], {"paging": {"limit": 3}}).splitlines() == [
        "--- recorded",
        "+++ sent",
        "@@ -2,3 +2,3 @@",
        '   "paging": {',
        '-    "limit": 2',
        '+    "limit": 3',
        "   }",
    ]


@pytest.mark.parametrize("body", [b"", b"[]", b"no", b"\xff", b"[" * 100_000])
def test_no_object(body: bytes) -> None:
    """A body without a JSON object is kept as a text."""
    assert json_of(body) is None
