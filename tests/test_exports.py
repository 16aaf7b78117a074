"""The package exports its public names, and states its version once."""

from __future__ import annotations

import importlib.metadata
import re
import tomllib
from pathlib import Path
from types import ModuleType

import pytest

import etelecom_async
import etelecom_async.bulk
import etelecom_async.models
import etelecom_async.operations

ROOT = Path(__file__).parent.parent
FACADES = [etelecom_async, etelecom_async.bulk, etelecom_async.models, etelecom_async.operations]


@pytest.mark.parametrize("facade", FACADES, ids=lambda facade: facade.__name__)
def test_all_is_sorted(facade: ModuleType) -> None:
    """`__all__` is in the order of ruff (constants, classes, functions), without duplicates."""
    kinds = [(not name.isupper(), not name[0].isupper(), name) for name in facade.__all__]
    assert kinds == sorted(set(kinds))


@pytest.mark.parametrize("facade", FACADES, ids=lambda facade: facade.__name__)
def test_all_imports(facade: ModuleType) -> None:
    """Each name in `__all__` exists."""
    missing = [name for name in facade.__all__ if not hasattr(facade, name)]
    assert not missing


def test_all_is_complete() -> None:
    """Each public name of the package is in its `__all__`."""
    public = {
        name
        for name in dir(etelecom_async)
        if not name.startswith("_") and not isinstance(getattr(etelecom_async, name), ModuleType)
    }
    assert public - {"annotations"} == set(etelecom_async.__all__) - {"__version__"}


def test_table_of_modules() -> None:
    """The table names exactly the public names, each with the module that the static imports name."""
    table = vars(etelecom_async)["_MODULES"]
    assert set(table) == set(etelecom_async.__all__) - {"__version__"}
    source = Path(etelecom_async.__file__).read_text(encoding="utf-8")
    static = {
        name: module
        for module, names in re.findall(
            r"^    from etelecom_async\.([\w.]+) import (\([^)]*\)|.*)", source, re.MULTILINE
        )
        for name in re.findall(r"\w+", names)
    }
    assert static == table


def test_dir_lists_names_and_modules() -> None:
    """`dir()` lists the public names and modules, also before their first use, for completion in a shell."""
    assert set(dir(etelecom_async)) >= {*etelecom_async.__all__, "errors", "models", "paging", "testing"}


def test_version_of_distribution() -> None:
    """The distribution has the version of the package, and pyproject.toml states none."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert "version" not in project
    assert importlib.metadata.version("etelecom-async") == etelecom_async.__version__


def test_version_heads_the_changelog() -> None:
    """The first heading of the changelog is the version of the package."""
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    headings = re.findall(r"^## \[(.+?)\] - (Unreleased|\d{4}-\d\d-\d\d)$", changelog, flags=re.MULTILINE)
    assert headings[0][0] == etelecom_async.__version__
