"""Pages show the code of tested files as it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools import included

PAGES = sorted((included.ROOT / "docs").glob("*.md"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_pages_are_up_to_date(page: Path) -> None:
    """Each block that names a file shows its code; `python -m tools.included` writes the blocks again."""
    text = page.read_text(encoding="utf-8")
    assert included.included(text) == text


def test_code(tmp_path: Path) -> None:
    """A reference names a whole file, or definitions with their decorators, in any order."""
    lines = ['"""Doc."""', "", "A = 1", "B: int = 2", "", "", "class C:", "    @property", "    def d(self):"]
    (tmp_path / "file.py").write_text("\n".join([*lines, "        return 3", ""]), encoding="utf-8")
    assert included.code("file.py", tmp_path).startswith("A = 1\nB: int = 2\n\n\nclass C:\n")
    assert included.code("file.py#C.d,A", tmp_path) == "@property\ndef d(self):\n    return 3\n\n\nA = 1\n"
    assert included.code("file.py#B", tmp_path) == "B: int = 2\n"
    page = "x\n\n```python from=file.py#A\nold\nold\n```\n\ny\n"
    assert included.included(page, tmp_path) == "x\n\n```python from=file.py#A\nA = 1\n```\n\ny\n"


@pytest.mark.parametrize("name", ["Z", "C.z", "A.z", "C.d.z"])
def test_missing_definition(tmp_path: Path, name: str) -> None:
    """A name that the file does not define is an error, so a renamed function does not vanish from a page."""
    (tmp_path / "file.py").write_text("A = 1\n\n\nclass C:\n    d = 2\n", encoding="utf-8")
    with pytest.raises(LookupError, match="there is no"):
        included.code(f"file.py#{name}", tmp_path)


def test_main(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Only pages whose code has changed are written."""
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "old.md").write_text("```python from=file.py\nB\n```\n", encoding="utf-8")
    (tmp_path / "docs" / "same.md").write_text("text\n", encoding="utf-8")
    (tmp_path / "file.py").write_text("A = 1\n", encoding="utf-8")
    included.main(tmp_path)
    assert capsys.readouterr().out == "wrote docs/old.md\n"
    assert "A = 1" in (tmp_path / "docs" / "old.md").read_text(encoding="utf-8")
