"""`etelecom_async.bulk` exports its names, and loads their modules on first use."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from etelecom_async import bulk


def test_table_of_modules() -> None:
    """The table names exactly the public names, each with the module that the static imports name."""
    table = vars(bulk)["_MODULES"]
    assert sorted(table) == sorted(bulk.__all__)
    source = Path(bulk.__file__).read_text(encoding="utf-8")
    static = {
        name: module
        for module, names in re.findall(
            r"^    from etelecom_async\.bulk\.([\w.]+) import (\([^)]*\)|.*)", source, re.MULTILINE
        )
        for name in re.findall(r"\w+", names)
    }
    assert static == table


@pytest.mark.parametrize("name", bulk.__all__)
def test_all_imports(name: str) -> None:
    """Each public name exists, and `dir()` lists it."""
    assert getattr(bulk, name).__name__ == name
    assert name in dir(bulk)


def test_unknown_name() -> None:
    """An unknown name is an error."""
    with pytest.raises(AttributeError, match=r"'etelecom_async\.bulk' has no attribute 'sned'"):
        _ = vars(bulk)["__getattr__"]("sned")


def test_import_loads_nothing() -> None:
    """`import etelecom_async.bulk` loads none of its modules, and no package of its extra."""
    code = "import etelecom_async.bulk, sys; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, text=True, timeout=60
    )
    loaded = set(done.stdout.split())
    assert {name for name in loaded if name.startswith("etelecom_async")} == {
        "etelecom_async",
        "etelecom_async._lazy",
        "etelecom_async._version",
        "etelecom_async.bulk",
    }
    assert not {"filelock", "sqlite3"} & loaded
