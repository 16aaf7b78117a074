"""Emit the resource modules: namespaces of methods."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import attrs

from codegen import names
from codegen.emit import prose
from codegen.emit.models import annotation
from codegen.namespaces import ROOTS, SHARED, parent
from codegen.records import API, Direction, Field, Kind, Namespace, Operation, Type

_IMPORTS: Final = """
from __future__ import annotations

from collections.abc import Coroutine, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from etelecom_async._core.attachment import FileSource
from etelecom_async._core.calls.engine import Engine
from etelecom_async._core.operation import JsonObject
from etelecom_async._core.secret import SecretLike, to_secret, to_secret_or_none
from etelecom_async._generated import models
from etelecom_async._generated import operations as ops
from etelecom_async.paging import Pager, Paging
"""
_INIT: Final = """
    __slots__ = ("_engine",)

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
"""
_PACKAGE: Final = "etelecom_async._generated.resources"
_LIST_DOCS: Final = {
    "prefetch": "Number of pages to fetch ahead while the caller uses one; 0 for none.",
    "resume": "Checkpoint of an earlier iteration, to continue from there.",
}
_PAGING_ORDER: Final = ("limit", "sort", "after", "before")
_UNKNOWN_OUTCOME: Final = {
    "CREATE": "No response arrived. The client does not retry, because that could create a duplicate.",
    "SEND": "No response arrived. The client does not retry, because that could cost money or reach a "
    "person twice.",
}
_FAILED_IN_BODY: Final = {
    "updated": ("NotAppliedError", "The response has `updated: 0`: the change was not made."),
    "error_code": (
        "DeliveryError",
        "The response has an `error_code` other than 0: the request was rejected.",
    ),
    "status": ("SmsError", "The response has a `status` other than 1: the request was rejected."),
    "code": ("APIError", "The response has a `code` other than ok; the class is that of the code."),
}


@attrs.frozen(kw_only=True)
class _Parameter:
    """A keyword of a method."""

    name: str
    python: str
    doc: str
    required: bool = False
    default: str = "None"
    secret: bool = False

    def __str__(self) -> str:
        if self.required:
            return f"{self.name}: {self.python}"
        optional = self.python if self.default != "None" else f"{self.python} | None"
        return f"{self.name}: {optional} = {self.default}"


def emit_resources(api: API) -> dict[str, str]:
    """Return the modules of the namespaces, by name."""
    modules: dict[str, list[Namespace]] = {}
    for namespace in api.namespaces:
        modules.setdefault(namespace.module, []).append(namespace)
    return {module: _module(api, module, members) for module, members in modules.items()}


def _module(api: API, module: str, members: Sequence[Namespace]) -> str:
    classes = [_class(api, namespace) for namespace in members]
    return "\n\n".join(
        [_header(api, module, members), _IMPORTS, _type_checking_imports(api, module, members), *classes]
    )


def _header(api: API, module: str, members: Iterable[Namespace]) -> str:
    first = next(namespace for namespace in members if namespace.name == module)
    return prose.docstring(
        [first.doc, f"Written by `python -m codegen` (sha256 {api.digest}); do not edit."], 0
    )


def class_name(namespace: Namespace) -> str:
    """Return the name of a namespace's class; `ShopRoot` for a client's own."""
    if namespace.path in ROOTS:
        return f"{names.pascal(namespace.path)}Root"
    module = names.pascal(namespace.module)
    return module if namespace.name == namespace.module else f"{module}{names.pascal(namespace.name)}"


def _children(api: API, namespace: Namespace) -> list[Namespace]:
    inside = [api.namespace(path) for path in namespace.children]
    if namespace.path in SHARED:
        inside += [other for other in api.namespaces if not parent(other.path) and other.path not in ROOTS]
    return sorted(inside, key=lambda child: child.name)


def _type_checking_imports(api: API, module: str, members: Iterable[Namespace]) -> str:
    """Return imports, for type checkers only, of the classes that properties load on first use."""
    lines = [
        f"    from {_PACKAGE}.{child.module} import {class_name(child)}"
        for namespace in members
        for child in _children(api, namespace)
        if child.module != module
    ]
    return "\n".join(["if TYPE_CHECKING:", *lines]) if lines else ""


def _class(api: API, namespace: Namespace) -> str:
    operations = list(namespace.operations)
    if namespace.path in SHARED:
        operations += [operation for operation in api.operations if not parent(operation.name)]
    operations.sort(key=lambda operation: operation.name.rpartition(".")[2])
    children = _children(api, namespace)
    members = [] if namespace.path in ROOTS else [_repr(namespace, children, operations)]
    members += [_property(namespace, child) for child in children]
    members += [_method(api, operation) for operation in operations]
    head = f"class {class_name(namespace)}:\n{prose.docstring([namespace.doc], 4)}\n{_INIT}"
    return "\n\n".join([head, *members])


def _repr(namespace: Namespace, children: Iterable[Namespace], operations: Iterable[Operation]) -> str:
    """Return a method with the path and the members, which help in a notebook or a debugger."""
    paths = [*(child.name for child in children), *(operation.name for operation in operations)]
    listed = ", ".join(path.rpartition(".")[2] for path in paths)
    return f'    def __repr__(self) -> str:\n        return "<{namespace.path}: {listed}>"'


def _property(namespace: Namespace, child: Namespace) -> str:
    name = class_name(child)
    lines = ["    @property", f"    def {child.name}(self) -> {name}:", prose.docstring([child.doc], 8)]
    if child.module != namespace.module:
        lines += [f"        from {_PACKAGE}.{child.module} import {name}", ""]
    return "\n".join([*lines, f"        return {name}(self._engine)"])


def _method(api: API, operation: Operation) -> str:
    name = operation.name.rpartition(".")[2]
    is_list = operation.items is not None
    parameters, request = _request(api, operation)
    result = "JsonObject"
    if operation.cases is not None:
        result = " | ".join(f"models.{name}" for name in operation.cases.results)
    elif operation.response.kind is Kind.OBJECT:
        result = annotation(api, operation.response, Direction.RESPONSE, "models.")
    row = f"ops.{operation.constant}"
    if is_list:
        returned = f"Pager[{result}]"
        options = "prefetch=prefetch, resume=resume"
        if all(parameter.name != "resume" for parameter in parameters):
            options = "prefetch=0, resume=None"
        call = f"self._engine.list({row}, request, {options})"
    else:
        # No `async def`: its frame would show the request in tracebacks that show local variables.
        returned = f"Coroutine[Any, Any, {result}]"
        call = f"self._engine.call({row}, request)"
    return "\n".join(
        [
            f"    def {name}({_signature(operation, parameters)}) -> {returned}:",
            prose.docstring(_doc(api, operation, parameters), 8),
            *_secret_conversions(parameters),
            f"        request = {request}",
            f"        return {call}",
        ]
    )


def _secret_conversions(parameters: Iterable[_Parameter]) -> list[str]:
    """Return the statements that wrap secrets first, so that no traceback with local variables shows them."""
    return [
        f"        {each.name} = {'to_secret' if each.required else 'to_secret_or_none'}({each.name})"
        for each in parameters
        if each.secret
    ]


def _signature(operation: Operation, parameters: Iterable[_Parameter]) -> str:
    if operation.is_partial:
        return f"self, {', '.join(map(str, parameters))}, /"
    keywords = [str(parameter) for parameter in parameters]
    return ", ".join(["self", "*", *keywords]) if keywords else "self"


def _request(api: API, operation: Operation) -> tuple[list[_Parameter], str]:
    """Return the method's keywords, and the expression that creates the request."""
    row = f"ops.{operation.constant}"
    if operation.is_partial:
        return [_body(api, operation)], f"self._engine.request_of({row}, body)"
    if operation.request.kind is Kind.EMPTY:
        return [], f"{row}.request()"
    parameters: list[_Parameter] = []
    arguments: list[str] = []
    paging: list[_Parameter] = []
    for field in api.model(operation.request.name).fields:
        if field.name in operation.credentials:
            continue
        if operation.items is not None and field.wire == "filter" and field.type.kind is Kind.OBJECT:
            inside = api.model(field.type.name).fields
            parameters += [_parameter(api, inner) for inner in inside]
            passed = _passed(inner.name for inner in inside)
            arguments.append(f"{field.name}=models.{field.type.name}({passed})")
        elif operation.items is not None and _is_paging(field.type):
            paging = _paging(api)
            arguments.append(f"{field.name}=Paging({_passed(_PAGING_ORDER)})")
        else:
            parameter = _parameter(api, field)
            if field.name == operation.tracking:
                parameter = attrs.evolve(
                    parameter, doc=f"{parameter.doc} By default, the client generates it."
                )
            parameters.append(parameter)
            arguments.append(f"{field.name}={field.name}")
    if operation.pages is not None:
        paging = _iteration()
    parameters.sort(key=lambda parameter: not parameter.required)
    return parameters + paging, f"{row}.request({', '.join(arguments)})"


def _body(api: API, operation: Operation) -> _Parameter:
    """Return the parameter of a request that the documentation shows only in part."""
    name = operation.request.name
    fields = ", ".join(f"`{field.name}`" for field in api.model(name).fields)
    return _Parameter(
        name="body",
        python=f"models.{name} | Mapping[str, Any]",
        doc=f"The request, or a mapping of its fields: {fields}. The documentation does not show all "
        f'fields; `client.call("{operation.wire}", ...)` sends any.',
    )


def _passed(passed: Iterable[str]) -> str:
    return ", ".join(f"{name}={name}" for name in passed)


def _paging(api: API) -> list[_Parameter]:
    parameters = [
        _Parameter(
            name=name, python="int" if name == "limit" else "str", doc=prose.sentence(api.paging[name])
        )
        for name in _PAGING_ORDER
    ]
    return [*parameters, *_iteration()]


def _iteration() -> list[_Parameter]:
    """Return the keywords of every list that has more than one page."""
    prefetch = _Parameter(name="prefetch", python="int", default="0", doc=_LIST_DOCS["prefetch"])
    return [prefetch, _Parameter(name="resume", python="str", doc=_LIST_DOCS["resume"])]


def _is_paging(type_: Type) -> bool:
    return type_ == Type(Kind.OBJECT, "Paging")


def _parameter(api: API, field: Field) -> _Parameter:
    python = annotation(api, field.type, Direction.REQUEST, "models.")
    if field.type.kind is Kind.SECRET:
        python = "SecretLike"
    if field.type.kind is Kind.BYTES:
        python = "FileSource"
    sentences = [prose.sentence(field.doc)]
    if field.max_length is not None:
        sentences.append(f"At most {field.max_length} characters.")
    if field.max_items is not None:
        sentences.append(f"At most {field.max_items} items.")
    if field.type.enum:
        enum = api.enum(field.type.enum)
        values = ", ".join(f"`{member.value}`" for member in enum.members)
        sentences.append(f"{'One of' if enum.is_complete else 'Known values'}: {values}.")
    if field.inferred:
        sentences.append("Inferred, not documented.")
    return _Parameter(
        name=field.name,
        python=python,
        required=field.required,
        doc=" ".join(sentences),
        secret=field.type.kind is Kind.SECRET,
    )


def _doc(api: API, operation: Operation, parameters: Iterable[_Parameter]) -> list[str | list[str]]:
    title = operation.title + (f" ({operation.title_vi})" if operation.title_vi else "")
    raises: list[tuple[str, str]] = []
    if operation.effect in _UNKNOWN_OUTCOME:
        verify = " `verify()` of the error checks whether the call was executed." if operation.verify else ""
        raises.append(("OutcomeUnknownError", _UNKNOWN_OUTCOME[operation.effect] + verify))
    if operation.fails_in_body is not None:
        raises.append(_FAILED_IN_BODY[operation.fails_in_body])
    warns: list[tuple[str, str]] = []
    if operation.provisional:
        warns.append(("ProvisionalOperationWarning", prose.sentence(operation.provisional)))
    return [
        *prose.opening(operation.doc),
        f"In the documentation: {prose.sentence(title)}",
        prose.section("Args", [(parameter.name, parameter.doc) for parameter in parameters], 8),
        ["        Returns:", *prose.filled(_returned(api, operation), 12)],
        prose.section("Raises", raises, 8),
        prose.section("Warns", warns, 8),
        [
            f"        Effect: {_effect(operation)}.  Wire: {operation.wire}.",
            f"        Source: {operation.source or 'none; the operation is inferred.'}",
        ],
    ]


def _effect(operation: Operation) -> str:
    if not operation.idempotent_if:
        return operation.effect
    fields = " and ".join(f"`{name}`" for name in operation.idempotent_if)
    return f"{operation.effect} if {fields} is given, else not retried"


def _returned(api: API, operation: Operation) -> str:
    name = operation.response.name
    if operation.items is not None:
        item = f"`{name}`" if name else "JSON object"
        return f"A pager: `await` returns one page, `async for` returns every {item} of all pages."
    if operation.cases is not None:
        results = operation.cases.results
        return " ".join(f"`{name}`: {prose.first_sentence(api.model(name).doc)}" for name in results)
    return prose.first_sentence(api.model(name).doc) if name else "The JSON object, as the server sends it."
