"""
Run the notebooks of examples/ and save their outputs: `python -m tools.notebooks [NAME ...]`.

Each notebook runs in a new kernel and an empty folder, so its outputs have no path of a machine. Bars and
warnings are not saved, because they differ from run to run. A cell with a tag like `picture:NAME` writes its
picture to docs/pictures/NAME.png. Without a NAME, the command runs each notebook that has saved outputs.
"""

from __future__ import annotations

import asyncio
import sys
from base64 import b64decode
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import nbclient
import nbformat

ROOT: Final = Path(__file__).parent.parent
EXAMPLES: Final = ROOT / "examples"
PICTURES: Final = ROOT / "docs" / "pictures"
TAG: Final = "picture:"
TIMEOUT: Final = 300
"""Seconds for each cell."""
_LIVE: Final = "application/vnd.jupyter.widget-view+json"
_PICTURE: Final = "image/png"

Notebook = Any
"""A notebook of nbformat: dicts whose keys are attributes, too."""


def read(path: Path) -> Notebook:
    """Return a notebook in the format of this project, version 4."""
    with path.open(encoding="utf-8") as file:
        return nbformat.read(file, as_version=4)  # type: ignore[no-untyped-call]  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType] - nbformat has no types


def write(path: Path, notebook: Notebook) -> None:
    """Write a notebook with one form for all releases of nbformat."""
    text: str = nbformat.writes(notebook, indent=1)  # type: ignore[no-untyped-call]  # pyright: ignore[reportUnknownMemberType] - as above
    path.write_text(text.rstrip("\n") + "\n", encoding="utf-8")


def is_executed(notebook: Notebook) -> bool:
    """Return whether a notebook has saved outputs."""
    return any(cell.get("outputs") for cell in notebook.cells)


async def execute(notebook: Notebook, folder: Path) -> None:
    """
    Run all cells of a notebook in a new kernel, and keep the outputs that do not differ from run to run.

    Args:
        notebook: The notebook, which gets the outputs.
        folder: Working folder of the kernel.

    Raises:
        nbclient.exceptions.CellExecutionError: A cell failed.
    """
    resources = {"metadata": {"path": str(folder)}}
    client = nbclient.NotebookClient(notebook, timeout=TIMEOUT, resources=resources, record_timing=False)
    await client.async_execute()
    tidy(notebook)


def tidy(notebook: Notebook) -> None:
    """Remove from a notebook what differs from run to run."""
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = [output for output in cell.outputs if _is_kept(output)]
            cell.metadata.pop("execution", None)
    notebook.metadata.pop("widgets", None)
    notebook.metadata.language_info = {"name": "python"}


def _is_kept(output: Any) -> bool:
    return output.get("name") != "stderr" and _LIVE not in output.get("data", {})


def pictures(notebook: Notebook) -> Iterator[tuple[str, bytes]]:
    """Yield the name and the bytes of each picture that a page of docs/ shows."""
    for cell in notebook.cells:
        for tag in cell.metadata.get("tags", ()):
            if tag.startswith(TAG):
                (picture,) = (
                    output.data[_PICTURE] for output in cell.outputs if _PICTURE in output.get("data", {})
                )
                yield tag.removeprefix(TAG), b64decode(picture)


def save(path: Path) -> None:
    """Run a notebook, and save it with its outputs and its pictures."""
    notebook = read(path)
    with TemporaryDirectory() as folder:
        asyncio.run(execute(notebook, Path(folder)))
    write(path, notebook)
    PICTURES.mkdir(exist_ok=True)
    for name, content in pictures(notebook):
        (PICTURES / f"{name}.png").write_bytes(content)


def main(names: Sequence[str]) -> None:
    """Run the notebooks with these names, and print the name of each."""
    paths = [EXAMPLES / name for name in names] or [
        path for path in sorted(EXAMPLES.glob("*.ipynb")) if is_executed(read(path))
    ]
    for path in paths:
        save(path)
        print(path.name)


if __name__ == "__main__":
    main(sys.argv[1:])
