"""Public names taken apart into namespaces, one class each, and into the modules that hold the classes."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final

from codegen import names
from codegen.overlay import Overlay, shown
from codegen.problems import Problems
from codegen.records import Namespace, Operation

ROOTS: Final = ("partner", "shop", "sms")
"""What the public names of one client begin with."""
SHARED: Final = ("partner", "shop")
"""The clients that also have what begins with none of the roots."""


def namespaces(
    operations: Iterable[Operation], overlay: Overlay, problems: Problems
) -> tuple[Namespace, ...]:
    """Return the namespaces of *operations*, by path, and note names that cannot stand side by side."""
    by_name = sorted(operations, key=lambda operation: operation.name)
    paths = sorted({path for operation in by_name for path in _above(operation.name)})
    _check(by_name, paths, overlay, problems)
    found: list[Namespace] = []
    for path in paths:
        doc = overlay.text("namespaces", path)
        if doc is None:
            key = shown(("namespaces", path))
            problems.add(overlay.file, key, "no words for this namespace; say what it holds.")
        found.append(
            Namespace(
                path=path,
                module=_module(path, paths),
                doc=doc or "",
                operations=tuple(operation for operation in by_name if parent(operation.name) == path),
                children=tuple(child for child in paths if parent(child) == path),
            )
        )
    return tuple(found)


def parent(name: str) -> str:
    """Return what stands before the last dot of *name*."""
    return name.rpartition(".")[0]


def _above(name: str) -> Iterable[str]:
    while name := parent(name):
        yield name


def _module(path: str, paths: Iterable[str]) -> str:
    """
    Return the module of a namespace.

    A namespace with others inside, and one that several clients share, has its own, so that a client that
    does not use it need not load it; any other lives with the one above.
    """
    above = parent(path)
    if not above or any(parent(other) == path for other in paths):
        return path.rpartition(".")[2]
    return _module(above, paths)


def _check(
    operations: Iterable[Operation], paths: Collection[str], overlay: Overlay, problems: Problems
) -> None:
    by_name: dict[str, Operation] = {}
    for operation in operations:
        key = shown(("operations", operation.wire, "name"))
        steps = operation.name.split(".")
        if not all(names.is_free_step(step) for step in steps):
            problems.add(
                overlay.file, key, f"{operation.name!r} cannot be called; use free lower_case names."
            )
        other = by_name.setdefault(operation.name, operation)
        if other is not operation:
            problems.add(
                overlay.file, key, f"{other.wire} is called {operation.name!r} too; choose another name."
            )
        if operation.name in paths:
            problems.add(
                overlay.file, key, f"other names begin with {operation.name!r}; choose another name."
            )
    modules: dict[str, str] = {}
    for path in paths:
        module = _module(path, paths)
        if path.rpartition(".")[2] == module and modules.setdefault(module, path) != path:
            text = f"{path} and {modules[module]} need a module of the same name; rename one of them."
            problems.add(overlay.file, "operations", text)
