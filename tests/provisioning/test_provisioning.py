"""`etelecom_async.provisioning` exports its names, and loads their modules on first use."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from etelecom_async import provisioning


def test_table_of_modules() -> None:
    """The table names exactly the public names, each with the module that the static imports name."""
    table = vars(provisioning)["_MODULES"]
    assert sorted(table) == sorted(provisioning.__all__)
    source = Path(provisioning.__file__).read_text(encoding="utf-8")
    static = {
        name: module
        for module, names in re.findall(
            r"^    from etelecom_async\.provisioning\.([\w.]+) import (\([^)]*\)|.*)", source, re.MULTILINE
        )
        for name in re.findall(r"\w+", names)
    }
    assert static == table


@pytest.mark.parametrize("name", provisioning.__all__)
def test_all_imports(name: str) -> None:
    """Each public name exists, and `dir()` lists it."""
    assert getattr(provisioning, name) is not None
    assert name in dir(provisioning)


def test_unknown_name() -> None:
    """An unknown name is an error."""
    with pytest.raises(AttributeError, match=r"'etelecom_async\.provisioning' has no attribute 'sned'"):
        _ = vars(provisioning)["__getattr__"]("sned")


def test_import_loads_nothing() -> None:
    """`import etelecom_async.provisioning` loads none of its modules, and no package of its extra."""
    code = "import etelecom_async.provisioning, sys; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, text=True, timeout=60
    )
    loaded = set(done.stdout.split())
    assert {name for name in loaded if name.startswith("etelecom_async")} == {
        "etelecom_async",
        "etelecom_async._lazy",
        "etelecom_async._version",
        "etelecom_async.provisioning",
    }
    assert not {"charset_normalizer", "python_calamine", "xlsxwriter"} & loaded
