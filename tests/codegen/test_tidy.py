"""The layout of generated code."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from codegen.tidy import tidy

UNTIDY = "from b import used\nimport unused\nimport a\nx = [ a,used ]"
TIDY = "import a\nfrom b import used\n\nx = [a, used]\n"


@pytest.mark.parametrize("parent", [".", ".nox"])
def test_sources_are_formatted(parent: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each source is formatted and loses unused imports, even if ruff excludes the temporary folder."""
    folder = tmp_path / parent
    folder.mkdir(exist_ok=True)
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    assert tidy({"one.py": UNTIDY, "package/two.py": UNTIDY}) == {"one.py": TIDY, "package/two.py": TIDY}
