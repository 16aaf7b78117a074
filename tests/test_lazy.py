"""Packages load the modules of their public names on first use."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from etelecom_async._lazy import lazy_exports

Functions = tuple[Callable[[str], object], Callable[[], list[str]]]


@pytest.fixture
def functions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Functions:
    """Return the functions of a package with the names `line`, of the module `shapes`, and `colours`."""
    package = tmp_path / "drawings"
    package.mkdir()
    (package / "__init__.py").write_text("__all__ = ['line']\n_private = 1\nimported = 1\n", encoding="utf-8")
    (package / "shapes.py").write_text("line = object()\n", encoding="utf-8")
    (package / "colours.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    for name in ("drawings", "drawings.shapes", "drawings.colours"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    __import__("drawings")
    return lazy_exports("drawings", {"line": "shapes"}, ["colours"])


def test_value_is_loaded_once(functions: Functions) -> None:
    """The first use loads the module, and puts the value into the package."""
    load, _ = functions
    assert "drawings.shapes" not in sys.modules
    line = load("line")
    assert line is sys.modules["drawings.shapes"].line
    assert vars(sys.modules["drawings"])["line"] is line


def test_submodule(functions: Functions) -> None:
    """A public module is an attribute."""
    load, _ = functions
    assert load("colours") is sys.modules["drawings.colours"]


def test_names(functions: Functions) -> None:
    """`dir()` has the public names, the public modules and private names, and no imports."""
    _, names = functions
    found = names()
    assert {"line", "colours", "_private", "__all__"} <= set(found)
    assert "imported" not in found
    assert found == sorted(found)


def test_unknown_name(functions: Functions) -> None:
    """An unknown name is an `AttributeError` that names the package."""
    load, _ = functions
    with pytest.raises(AttributeError, match="module 'drawings' has no attribute 'circle'"):
        load("circle")
