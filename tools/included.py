"""
Include code of tested files in pages: `python -m tools.included` writes the blocks again.

A block that starts with "```python from=examples/outbox.py#Outbox.store,send" shows these definitions of the
file. Without names, it shows the whole file after its docstring.
"""

from __future__ import annotations

import ast
import re
import textwrap
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parent.parent
BLOCK: Final = re.compile(r"^(```python from=(\S+)\n)(.*?)^```$", re.MULTILINE | re.DOTALL)


def code(reference: str, root: Path = ROOT) -> str:
    """
    Return the code that a reference names.

    Args:
        reference: A file, and perhaps `#` and names of its definitions: `file.py#Class.method,function`.
        root: The folder of the project.

    Raises:
        LookupError: The file has no such definition.
    """
    path, _, names = reference.partition("#")
    source = (root / path).read_text(encoding="utf-8")
    tree = ast.parse(source)
    if names:
        return "\n\n".join(_definition(source, tree, name) for name in names.split(","))
    first = tree.body[0] if tree.body else None
    has_docstring = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    end = first.end_lineno if first is not None and has_docstring else 0
    return "".join(source.splitlines(keepends=True)[end:]).strip("\n") + "\n"


def _definition(source: str, tree: ast.Module, name: str) -> str:
    body: list[ast.stmt] = tree.body
    found: ast.stmt | None = None
    for part in name.split("."):
        found = next((node for node in body if part in _names(node)), None)
        if found is None:
            raise LookupError(f"there is no {name}")
        body = found.body if isinstance(found, ast.ClassDef) else []
    assert found is not None  # noqa: S101 - a name has at least one part
    decorators = (
        found.decorator_list
        if isinstance(found, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        else []
    )
    start = min([found.lineno, *(decorator.lineno for decorator in decorators)])
    return textwrap.dedent("".join(source.splitlines(keepends=True)[start - 1 : found.end_lineno]))


def _names(node: ast.stmt) -> set[str]:
    """Return the names that a statement defines."""
    if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
        return {node.name}
    if isinstance(node, ast.AnnAssign):
        return {ast.unparse(node.target)}
    return {ast.unparse(target) for target in node.targets} if isinstance(node, ast.Assign) else set()


def included(page: str, root: Path = ROOT) -> str:
    """Return the text of a page with the present code of each file."""
    return BLOCK.sub(lambda found: f"{found[1]}{code(found[2], root)}```", page)


def main(root: Path = ROOT) -> None:
    """Write the pages again whose code has changed."""
    for page in sorted((root / "docs").glob("*.md")):
        text = page.read_text(encoding="utf-8")
        if (new := included(text, root)) != text:
            page.write_text(new, encoding="utf-8")
            print(f"wrote docs/{page.name}")


if __name__ == "__main__":
    main()
