"""The tests mirror the rooms: who looks for the tests of a module finds them by its name."""

from __future__ import annotations

from pathlib import Path

import etelecom_async

PACKAGE = Path(etelecom_async.__file__).parent
TESTS = Path(__file__).parent


def test_every_module_has_its_tests() -> None:
    """`etelecom_async/x/y.py` is tested by `tests/x/test_y.py`; underscores in front are dropped."""
    modules = [file.relative_to(PACKAGE) for file in PACKAGE.rglob("*.py")]
    written = [file for file in modules if file.parts[0] != "_generated" and not file.stem.startswith("__")]
    assert Path("_core", "wire.py") in written
    expected = [
        Path(*(room.lstrip("_") for room in file.parts[:-1]), f"test_{file.stem.lstrip('_')}.py")
        for file in written
    ]
    missing = sorted(file.as_posix() for file in expected if not (TESTS / file).is_file())
    assert not missing, f"missing in tests/: {', '.join(missing)}"
