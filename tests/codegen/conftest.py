"""Fixtures with a small invented API, as a project in its own folder."""

from __future__ import annotations

import importlib
import json
import pickle
import shutil
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import attrs
import pytest
import yaml

import etelecom_async
from codegen.__main__ import main
from codegen.documents import SafeLoader

EXAMPLE = Path(__file__).parent / "example"
PACKAGE = "etelecom_async._generated"


@attrs.define
class Example:
    """Files of the example, which a test may change before the generator reads them."""

    root: Path
    spec: dict[str, Any]
    overlay: str

    def at(self, *steps: str) -> Any:
        """Return the part of the spec at these steps."""
        node: Any = self.spec
        for step in steps:
            node = node[step]
        return node

    def save(self) -> Path:
        """Write spec and overlay, and return the folder of the project."""
        text = json.dumps(self.spec, ensure_ascii=False)  # JSON is YAML too, and faster to write
        (self.root / "codegen/spec/desk.openapi.yaml").write_text(text, encoding="utf-8")
        (self.root / "codegen/overlay.toml").write_text(self.overlay, encoding="utf-8")
        return self.root


def copy(folder: Path) -> Path:
    """Copy the example's files to a folder, and return the folder."""
    (folder / "codegen/spec").mkdir(parents=True)
    shutil.copy(EXAMPLE / "desk.openapi.yaml", folder / "codegen/spec")
    shutil.copy(EXAMPLE / "overlay.toml", folder / "codegen")
    return folder


@cache
def pickled_spec() -> bytes:
    """Return the spec of the example; unpickling it is faster than reading YAML."""
    return pickle.dumps(yaml.load((EXAMPLE / "desk.openapi.yaml").read_bytes(), SafeLoader))


@pytest.fixture
def example(tmp_path: Path) -> Example:
    """Return the unchanged example."""
    return Example(
        copy(tmp_path),
        pickle.loads(pickled_spec()),
        (EXAMPLE / "overlay.toml").read_text(encoding="utf-8"),
    )


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the generated code of the example; tests must not change it."""
    folder = copy(tmp_path_factory.mktemp("example"))
    assert main([], folder) == 0
    return folder


@pytest.fixture
def generated(written: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], ModuleType]]:
    """Yield a function that imports generated modules of the example in place of the package's own."""
    stand_in = ModuleType(PACKAGE)
    stand_in.__path__ = [str(written / PACKAGE.replace(".", "/"))]
    for name in [name for name in sys.modules if name.startswith(PACKAGE)]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, PACKAGE, stand_in)
    monkeypatch.setattr(etelecom_async, "_generated", stand_in, raising=False)
    yield lambda name: importlib.import_module(f"{PACKAGE}.{name}")
    for name in [name for name in sys.modules if name.startswith(f"{PACKAGE}.")]:
        del sys.modules[name]
