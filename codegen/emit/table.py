"""The text of the operations table."""

from __future__ import annotations

from typing import Final

from codegen.emit import prose
from codegen.records import API, Kind, Operation, Type

_TEMPLATE: Final = '''{header}

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from etelecom_async._core.operation import Effect, EmptyRequest, JsonObject, KeyKind, Operation

if TYPE_CHECKING:
    from etelecom_async._generated.models import {areas}

{rows}

OPERATIONS: Final[Mapping[str, Operation[Any, Any]]] = MappingProxyType(
    {{
        row.name: row
        for row in (
{constants}
        )
    }}
)
"""The rows by public name."""
'''


def emit_table(api: API) -> str:
    """Return the module of the rows."""
    header = prose.docstring(
        [
            "The operations of the API, one row each. The rows name their models and load none.",
            f"Written by `python -m codegen` (sha256 {api.digest}); do not edit.",
        ],
        0,
    )
    homes = {model.name: model.area for model in api.models}
    return _TEMPLATE.format(
        header=header,
        areas=", ".join(sorted(set(homes.values()))),
        rows="\n".join(_row(operation, homes) for operation in api.operations),
        constants="\n".join(f"            {operation.constant}," for operation in api.operations),
    )


def _reference(type_: Type, homes: dict[str, str], dot: str) -> str:
    match type_.kind:
        case Kind.OBJECT:
            return f"{homes[type_.name]}{dot}{type_.name}"
        case Kind.EMPTY:
            return "EmptyRequest"
        case _:
            return "JsonObject"


def _row(operation: Operation, homes: dict[str, str]) -> str:
    request, response = operation.request, operation.response
    python = f"Operation[{_reference(request, homes, '.')}, {_reference(response, homes, '.')}]"
    callers = ", ".join(f"KeyKind.{caller.upper()}" for caller in operation.callers)
    arguments = [
        f"name={operation.name!r}",
        f"service={operation.service!r}",
        f"method={operation.method!r}",
        f"effect=Effect.{operation.effect}",
        f"callers=frozenset({{{callers}}})",
        f"request_ref={_reference(request, homes, ':')!r}",
        f"response_ref={_reference(response, homes, ':')!r}",
    ]
    if operation.items is not None:
        arguments += [f"items={operation.items!r}", f"key={operation.key!r}"]
    for name in ("fails_in_body", "provisional", "credentials", "tracking", "verify", "multipart"):
        if value := getattr(operation, name):
            arguments.append(f"{name}={value!r}")
    if operation.template:
        arguments.append("template=True")
    if operation.source:
        arguments.append(f"source={operation.source!r}")
    return f"{operation.constant}: Final[{python}] = Operation({', '.join(arguments)})"
