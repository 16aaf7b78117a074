"""`etelecom_async.history` exports its names, and loads their modules on first use."""

from __future__ import annotations

import re
import subprocess
import sys
from itertools import permutations
from pathlib import Path

import pytest

from etelecom_async import history


def test_table_of_modules() -> None:
    """The table names exactly the public names, each with the module that the static imports name."""
    table = vars(history)["_MODULES"]
    assert sorted(table) == sorted(history.__all__)
    source = Path(history.__file__).read_text(encoding="utf-8")
    static = {
        name: module
        for module, names in re.findall(
            r"^    from etelecom_async\.history\.([\w.]+) import (\([^)]*\)|.*)", source, re.MULTILINE
        )
        for name in re.findall(r"\w+", names)
    }
    assert static == table


@pytest.mark.parametrize("name", history.__all__)
def test_all_imports(name: str) -> None:
    """Each public name exists, and `dir()` lists it."""
    assert getattr(history, name).__name__ == name
    assert name in dir(history)


def test_unknown_name() -> None:
    """An unknown name is an error."""
    with pytest.raises(AttributeError, match=r"'etelecom_async\.history' has no attribute 'exprot'"):
        _ = vars(history)["__getattr__"]("exprot")


def run(code: str) -> set[str]:
    """Return the words that a program prints."""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, text=True, timeout=60
    )
    return set(done.stdout.split())


def test_import_loads_nothing() -> None:
    """`import etelecom_async.history` loads none of its modules, and no package of its extra."""
    loaded = run("import etelecom_async.history, sys; print(*sys.modules)")
    assert {name for name in loaded if name.startswith("etelecom_async")} == {
        "etelecom_async",
        "etelecom_async._lazy",
        "etelecom_async._version",
        "etelecom_async.history",
    }
    assert not {"filelock", "pyarrow", "pandas", "polars"} & loaded


MODULES = ["exporting", "reading", "tables", "walking"]
FUNCTIONS = ["calls", "export", "list_table", "table", "to_pandas", "to_polars"]


@pytest.mark.parametrize("order", list(permutations(MODULES, 2)), ids="-".join)
def test_functions_after_imports(order: tuple[str, ...]) -> None:
    """No module hides a function of the package, whatever was imported before."""
    imports = "\n".join(f"import etelecom_async.history.{module}" for module in order)
    shown = ", ".join(f"type(history.{name}).__name__" for name in FUNCTIONS)
    assert run(f"{imports}\nfrom etelecom_async import history\nprint({shown})") == {"function"}


def test_no_module_has_a_public_name() -> None:
    """A module with the name of a public function would hide it once the module is imported."""
    modules = {path.stem for path in Path(history.__file__).parent.glob("*.py")}
    assert not modules & set(history.__all__)
