"""The list of deviations in docs/sandbox.md is that of the tests."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent
GUIDE = HERE.parent.parent / "docs" / "sandbox.md"
TITLE = re.compile(r'\nThe page "(?P<title>[^"]+)"\.\n\n(?P<url>https://docs\.etelecom\.vn/\S+)\n')


def pages() -> dict[str, ast.Module]:
    """Return the modules with the statements of a page, by the link to the page."""
    found: dict[str, ast.Module] = {}
    for file in sorted(HERE.glob("test_*.py")):
        module = ast.parse(file.read_text(encoding="utf-8"))
        if page := TITLE.fullmatch(ast.get_docstring(module, clean=False) or ""):
            found[f"[{page['title']}]({page['url']})"] = module
    return found


def reasons(module: ast.Module) -> Iterator[str]:
    """Yield the reasons in a module's marks."""
    for test in module.body:
        if isinstance(test, ast.FunctionDef):
            for mark in test.decorator_list:
                if isinstance(mark, ast.Call) and ast.unparse(mark.func) == "pytest.mark.deviation":
                    (reason,) = mark.args
                    yield ast.literal_eval(reason)


def test_five_pages() -> None:
    """Five pages have tests, each with ten statements or more."""
    assert len(pages()) == 5
    for link, module in pages().items():
        statements = [
            test
            for test in module.body
            if isinstance(test, ast.FunctionDef) and test.name.startswith("test_")
        ]
        assert len(statements) >= 9, link
        assert all(ast.get_docstring(test) for test in statements)


def test_the_guide_lists_the_deviations() -> None:
    """docs/sandbox.md has each deviation with its page, in the order of the tests."""
    table = re.search(
        r"^\| page \| deviation \|\n\| ---.*\n((?:\|.*\n)+)", GUIDE.read_text("utf-8"), re.MULTILINE
    )
    assert table is not None
    rows = [f"| {link} | {reason} |" for link, module in pages().items() for reason in reasons(module)]
    assert table[1].splitlines() == rows
