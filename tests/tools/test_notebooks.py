"""The tool runs notebooks, and keeps only what does not differ from run to run."""

from __future__ import annotations

from pathlib import Path

import nbclient
import nbformat
import pytest

from tools import notebooks

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
CELLS = [
    "import sys; print('kept'); print('dropped', file=sys.stderr)",
    "from IPython.display import Image; from base64 import b64decode; Image(b64decode(" + repr(PIXEL) + "))",
    """
import os
from IPython.display import display
display({"application/vnd.jupyter.widget-view+json": {"model_id": "1"}, "text/plain": "bar"}, raw=True)
open("here", "w").close()
os.listdir()
""",
]


def new_notebook(*sources: str) -> notebooks.Notebook:
    """Return a notebook with these cells; the second one has a picture for the docs."""
    cells = [nbformat.v4.new_code_cell(source, id=f"cell-{n}") for n, source in enumerate(sources)]
    if len(cells) > 1:
        cells[1].metadata["tags"] = ["interrupt", "picture:pixel"]
    return nbformat.v4.new_notebook(cells=cells)


@pytest.fixture
def examples(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder of examples with a notebook that is not executed, in place of that of the project."""
    monkeypatch.setattr(notebooks, "EXAMPLES", tmp_path)
    monkeypatch.setattr(notebooks, "PICTURES", tmp_path / "pictures")
    notebooks.write(tmp_path / "a.ipynb", new_notebook(*CELLS))
    return tmp_path


def test_main(examples: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A named notebook gets outputs and its picture; later it runs without its name, with the same bytes."""
    notebooks.main([])
    assert capsys.readouterr().out == ""
    notebooks.main(["a.ipynb"])
    saved = (examples / "a.ipynb").read_bytes()
    printed, picture, value = (cell.outputs for cell in notebooks.read(examples / "a.ipynb").cells)
    assert [output.text for output in printed] == ["kept\n"]
    assert list(dict(notebooks.pictures(notebooks.read(examples / "a.ipynb")))) == ["pixel"]
    assert (examples / "pictures" / "pixel.png").read_bytes().startswith(b"\x89PNG")
    assert len(picture) == 1
    assert [output.data["text/plain"] for output in value] == ["['here']"]  # an empty folder, and no bar
    notebooks.main([])
    assert (examples / "a.ipynb").read_bytes() == saved
    assert capsys.readouterr().out == "a.ipynb\na.ipynb\n"


def test_failing_cell(examples: Path) -> None:
    """A notebook with a cell that fails is not saved."""
    notebooks.write(examples / "a.ipynb", new_notebook("1 / 0"))
    before = (examples / "a.ipynb").read_bytes()
    with pytest.raises(nbclient.exceptions.CellExecutionError):
        notebooks.main(["a.ipynb"])
    assert (examples / "a.ipynb").read_bytes() == before
