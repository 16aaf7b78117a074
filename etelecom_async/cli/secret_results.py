"""Find the secrets that a call returns once. This module loads the models."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any, Final, get_args

from etelecom_async import Effect, Secret
from etelecom_async._core.model import Model, fields_of
from etelecom_async._core.operation import Operation
from etelecom_async.operations import OPERATIONS

_MAKING: Final = (Effect.CREATE, Effect.SEND)


def new_secrets(row: Operation[Any, Any]) -> list[str]:
    """Return the names on the wire of the secrets that a call makes, and that no READ call returns."""
    if row.effect not in _MAKING:
        return []
    return [name for name in secrets_of(row.response) if name.rpartition(".")[2] not in _readable()]


@cache
def _readable() -> frozenset[str]:
    rows = [row for row in OPERATIONS.values() if row.effect is Effect.READ]
    return frozenset(name.rpartition(".")[2] for row in rows for name in secrets_of(row.response))


def secrets_of(kind: Any) -> list[str]:
    """Return the names on the wire of the secrets in a result."""
    return list(_secrets(kind, "")) if isinstance(kind, type) and issubclass(kind, Model) else []


def _secrets(kind: Any, before: str) -> Iterator[str]:
    for field in fields_of(kind):
        name = f"{before}{field.metadata.get('wire') or field.name}"
        for part in _parts(field.type):
            if part is Secret:
                yield name
            elif isinstance(part, type) and issubclass(part, Model):
                yield from _secrets(part, f"{name}.")


def _parts(annotation: Any) -> Iterator[Any]:
    """Yield the classes in an annotation, for example `Secret` of `Secret | None`."""
    inner = get_args(annotation)
    if not inner:
        yield annotation
    for each in inner:
        yield from _parts(each)
