"""The tests mirror the rooms: who looks for the tests of a module finds them by its name."""

from __future__ import annotations

from pathlib import Path

import pytest

import etelecom_async

PACKAGE = Path(etelecom_async.__file__).parent
TESTS = Path(__file__).parent
MODULES = sorted(
    file.relative_to(PACKAGE)
    for file in PACKAGE.rglob("*.py")
    if file.stem not in {"__init__", "__main__"} and file.relative_to(PACKAGE).parts[0] != "_generated"
)


def test_rooms_are_found() -> None:
    """The list below is not empty by mistake."""
    assert Path("_core", "wire.py") in MODULES


@pytest.mark.parametrize("module", MODULES, ids=Path.as_posix)
def test_module_has_its_tests(module: Path) -> None:
    """`etelecom_async/x/y.py` is tested by `tests/x/test_y.py`; underscores in front are dropped."""
    *rooms, _ = (part.lstrip("_") for part in module.parts)
    tests = Path(*rooms, f"test_{module.stem.lstrip('_')}.py")
    assert (TESTS / tests).is_file(), f"tests/{tests.as_posix()} is missing"
