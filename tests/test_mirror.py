"""The tests mirror the modules: a module's path gives the path of its tests."""

from __future__ import annotations

import ast
from pathlib import Path

import etelecom_async

PACKAGE = Path(etelecom_async.__file__).parent
TESTS = Path(__file__).parent


def has_code(module: Path) -> bool:
    """Return whether a module defines a function, a class or lazy names; constants need no tests."""
    tree = ast.parse(module.read_text(encoding="utf-8"))
    return any(
        isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        or (isinstance(node, ast.Name) and node.id == "__getattr__")
        for node in ast.walk(tree)
    )


def path_of_tests(module: Path) -> Path:
    """Return the path of a module's tests in tests/; the module's path is relative to the package."""
    # The package itself only exports names.
    name = (module.parent.name or "exports") if module.stem == "__init__" else module.stem
    folders = [folder.strip("_") for folder in module.parts[:-1]]
    return Path(*folders, f"test_{name.strip('_')}.py")


def expected_tests(package: Path) -> list[Path]:
    """Return the test modules that a package needs; the generator's tests cover generated code."""
    modules = [file.relative_to(package) for file in sorted(package.rglob("*.py"))]
    written = [module for module in modules if module.parts[0] != "_generated"]
    return [path_of_tests(module) for module in written if has_code(package / module)]


def test_every_module_has_its_tests() -> None:
    """`etelecom_async/_x/y.py` is tested by `tests/x/test_y.py`; code of a package by `test_<package>.py`."""
    expected = expected_tests(PACKAGE)
    assert Path("core", "http", "test_transport.py") in expected
    assert Path("test_exports.py") in expected
    missing = [file.as_posix() for file in expected if not (TESTS / file).is_file()]
    assert not missing, f"missing in tests/: {', '.join(missing)}"


def test_which_modules_need_tests(tmp_path: Path) -> None:
    """Each module with a function or a class needs tests; constants and generated code do not."""
    modules = {
        "__init__.py": "from other import name\n",
        "_version.py": '__version__ = "1"\n',
        "_generated/models.py": "class Model: ...\n",
        "_client.py": "class Client: ...\n",
        "_core/__init__.py": '"""Nothing to test."""\n',
        "_core/http/_pool.py": "if True:\n    async def connect(): ...\n",
        "cli/__init__.py": "def main(): ...\n",
        "history/__init__.py": "__getattr__, __dir__ = lazy_exports(__name__, {})\n",
    }
    for name, text in modules.items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    assert [file.as_posix() for file in expected_tests(tmp_path)] == [
        "test_client.py",
        "core/http/test_pool.py",
        "cli/test_cli.py",
        "history/test_history.py",
    ]
