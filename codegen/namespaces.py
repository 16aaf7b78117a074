"""Group operations by public name into namespaces; each becomes a class in a module."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final

from codegen import names
from codegen.overlay import Overlay, shown
from codegen.problems import Problems
from codegen.records import Namespace, Operation

ROOTS: Final = ("partner", "shop", "sms")
"""First parts of public names that belong to one client."""
SHARED: Final = ("partner", "shop")
"""Clients that also have the names that start with none of the roots."""


def namespaces(
    operations: Iterable[Operation], overlay: Overlay, problems: Problems
) -> tuple[Namespace, ...]:
    """Return the namespaces of *operations*, sorted by path, and report conflicting names."""
    by_name = sorted(operations, key=lambda operation: operation.name)
    paths = sorted({path for operation in by_name for path in _ancestors(operation.name)})
    _check(by_name, paths, overlay, problems)
    found: list[Namespace] = []
    for path in paths:
        doc = overlay.text("namespaces", path)
        if doc is None:
            key = shown(("namespaces", path))
            problems.add(overlay.file, key, "no docstring for this namespace; add one.")
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
    """Return the part of *name* before the last dot."""
    return name.rpartition(".")[0]


def _ancestors(name: str) -> Iterable[str]:
    while name := parent(name):
        yield name


def _module(path: str, paths: Iterable[str]) -> str:
    """
    Return the module of a namespace.

    A namespace has its own module if it contains other namespaces or if several clients share it. A client
    that does not use it then does not load it. Any other namespace is in the module of its parent.
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
                overlay.file,
                key,
                f"{operation.name!r} is not a valid name; use lower_case names that are not reserved.",
            )
        other = by_name.setdefault(operation.name, operation)
        if other is not operation:
            problems.add(
                overlay.file, key, f"{other.wire} has the name {operation.name!r} too; choose another name."
            )
        if operation.name in paths:
            problems.add(
                overlay.file, key, f"other names start with {operation.name!r}; choose another name."
            )
    modules: dict[str, str] = {}
    for path in paths:
        module = _module(path, paths)
        if path.rpartition(".")[2] == module and modules.setdefault(module, path) != path:
            text = f"{path} and {modules[module]} need a module of the same name; rename one of them."
            problems.add(overlay.file, "operations", text)
