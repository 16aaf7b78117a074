"""Test that a warning finds the line of the caller."""

from __future__ import annotations

import inspect
import sys
import warnings
from typing import Any

import attrs
import pytest

from etelecom_async._core.user_line import stack_level


def emit(depth: int) -> None:
    """Warn, after so many calls of this function."""
    if depth:
        emit(depth - 1)
    else:
        warnings.warn("here", stacklevel=stack_level())


@attrs.frozen
class Made:
    """A class whose constructor attrs generates."""

    depth: int

    def __attrs_post_init__(self) -> None:
        emit(self.depth)


@pytest.fixture
def internal(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return `emit` and `Made` as if a module of the SDK had defined them."""
    source = inspect.getsource(emit) + "\n" + inspect.getsource(Made)
    names: dict[str, Any] = {
        "__name__": "etelecom_async.odd",
        "attrs": attrs,
        "warnings": warnings,
        "stack_level": stack_level,
    }
    monkeypatch.setitem(sys.modules, "etelecom_async.odd", inspect.getmodule(emit))
    exec(compile(source, "odd.py", "exec"), names)  # the source above
    return names


@pytest.mark.parametrize("name", ["emit", "Made"])
@pytest.mark.parametrize("depth", [0, 1, 3])
def test_line_of_the_caller(internal: Any, name: str, depth: int) -> None:
    """The warning is at the caller's line, through functions of the SDK and generated constructors."""
    with pytest.warns(UserWarning, match="here") as caught:
        internal[name](depth)
    line = inspect.currentframe().f_lineno - 1  # type: ignore[union-attr]
    assert [(warning.filename, warning.lineno) for warning in caught] == [(__file__, line)]
