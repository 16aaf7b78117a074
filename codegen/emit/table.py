"""Emit the operations table."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import attrs

from codegen.emit import prose
from codegen.records import API, FAILURE_RULES, Cases, Kind, Operation, Type, Verify

_TEMPLATE: Final = '''{header}

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from etelecom_async._core.operation import (
    Case,
    Cases,
    Effect,
    EmptyRequest,
    FailureRule,
    JsonObject,
    KeyKind,
    Operation,
    PageNumbers,
    Verify,
)
from etelecom_async._generated import models

{rows}

OPERATIONS: Final[Mapping[str, Operation[Any, Any]]] = MappingProxyType(
    {{
        row.name: row
        for row in (
{constants}
        )
    }}
)
"""Rows by public name."""
'''


def emit_table(api: API) -> str:
    """Return the module of the rows."""
    header = prose.docstring(
        [
            "Operations of the API, one row each. An import of the rows loads no model.",
            f"Written by `python -m codegen` (sha256 {api.digest}); do not edit.",
        ],
        0,
    )
    return _TEMPLATE.format(
        header=header,
        rows="\n".join(_row(operation) for operation in api.operations),
        constants="\n".join(f"            {operation.constant}," for operation in api.operations),
    )


def _class(type_: Type) -> str:
    match type_.kind:
        case Kind.OBJECT:
            return f"models.{type_.name}"
        case Kind.EMPTY:
            return "EmptyRequest"
        case _:
            return "JsonObject"


def _loader(type_: Type) -> str:
    """Return a function that loads the class; the models package loads an area on first use."""
    name = _class(type_)
    return f"lambda: {'dict' if name == 'JsonObject' else name}"


def _row(operation: Operation) -> str:
    request, response = operation.request, operation.response
    # The classes of the cases differ from that of the response.
    result = "Any" if operation.cases else _class(response)
    python = f"Operation[{_class(request)}, {result}]"
    callers = ", ".join(f"KeyKind.{caller.upper()}" for caller in operation.callers)
    arguments = [
        f"name={operation.name!r}",
        f"service={operation.service!r}",
        f"method={operation.method!r}",
        f"effect=Effect.{operation.effect}",
        f"callers=frozenset({{{callers}}})",
        f"request_type={_loader(request)}",
        f"response_type={_loader(response)}",
    ]
    arguments += [*_list_facts(operation), *_form_facts(operation)]
    if operation.idempotent_if:
        arguments.append(f"idempotent_if={operation.idempotent_if!r}")
    if operation.fails_in_body is not None:
        arguments.append(f"fails_in_body=FailureRule.{FAILURE_RULES[operation.fails_in_body]}")
    if operation.verify is not None:
        arguments.append(f"verify={_verify(operation.verify)}")
    for name in ("provisional", "denied", "credentials", "tracking", "multipart"):
        if value := getattr(operation, name):
            arguments.append(f"{name}={value!r}")
    if operation.template:
        arguments.append("template=True")
    if operation.source:
        arguments.append(f"source={operation.source!r}")
    return f"{operation.constant}: Final[{python}] = Operation({', '.join(arguments)})"


def _list_facts(operation: Operation) -> Iterator[str]:
    if operation.items is not None:
        yield from (f"items={operation.items!r}", f"key={operation.key!r}")
    if (pages := operation.pages) is not None:
        numbers = f"request={pages.request!r}, response={pages.response!r}, total={pages.total!r}"
        yield f"pages=PageNumbers({numbers})"


def _form_facts(operation: Operation) -> Iterator[str]:
    if operation.form_of is not None:
        yield f"form_of={operation.form_of!r}"
    if operation.wire_request is not None:
        yield f"wire_request_type={_loader(operation.wire_request)}"
    if operation.cases is not None:
        yield f"cases={_cases(operation.cases)}"


def _cases(cases: Cases) -> str:
    known = "".join(
        f"Case({case.tag!r}, {case.prefix!r}, lambda: models.{case.name})," for case in cases.known
    )
    return (
        f"Cases(tag={cases.tag!r}, fallback={cases.fallback!r}, known=({known}), expected={cases.expected!r})"
    )


def _verify(verify: Verify) -> str:
    given = {field.name: getattr(verify, field.name) for field in attrs.fields(Verify)}
    return f"Verify({', '.join(f'{name}={value!r}' for name, value in given.items() if value)})"
