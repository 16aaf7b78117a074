"""Results of operations as the JSON that the API sends for them, checked against the documentation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import Enum
from typing import Any, Final, cast

from etelecom_async._core.codec import responses
from etelecom_async._core.model import Model, fields_of, write_time
from etelecom_async._core.operation import JsonObject, Operation
from etelecom_async._core.secret import MASK, Secret, problem_of
from etelecom_async._core.suggestions import did_you_mean
from etelecom_async._core.values import kind_of
from etelecom_async.errors import DecodeError, InvalidRequestError, ResultError
from etelecom_async.paging import Page, PageInfo
from etelecom_async.testing.script_errors import ReplyError

_PAGING: Final = "paging"


def encode(operation: Operation[Any, Any], result: object) -> bytes:
    """
    Return the body of a success with this result.

    Args:
        operation: The operation.
        result: A model, or its fields as a mapping. For a list: a `Page`, a list of items, or the whole
            response as a mapping.

    Raises:
        ReplyError: A field is not documented, or has a wrong type, or the result is of another operation.
    """
    payload = _page(operation, result) if operation.items else _of_kinds(operation, result)
    try:
        body = responses.encode(payload)
    except (TypeError, ValueError) as error:
        raise _wrong(operation, f"it has a value that JSON does not have: {error}") from None
    mismatches: Counter[str] = Counter()
    try:
        responses.decode(operation, 200, {}, body, mismatches)
    except ResultError:
        pass  # a documented failure inside a 200
    except DecodeError as error:
        raise _wrong(operation, *error.problems) from None
    if mismatches:
        raise _wrong(operation, *(text.removeprefix(f"{operation.name}: ") for text in mismatches))
    return body


def plain(value: object) -> Any:
    """Return a value as JSON types; a model has its names on the wire, and a secret its text."""
    match value:
        case Model():
            plain_value: object = _fields(value)
        case Secret():
            plain_value = MASK if problem_of(value) else value.reveal()
        case Enum():
            plain_value = value.value
        case datetime():
            plain_value = write_time(value)
        case Mapping():
            fields = cast("Mapping[object, object]", value)
            plain_value = {str(name): plain(item) for name, item in fields.items()}
        case list() | tuple():
            plain_value = [plain(item) for item in cast("Sequence[object]", value)]
        case _:
            plain_value = value
    return plain_value


def _fields(model: Model, given: Mapping[str, Any] | None = None) -> JsonObject:
    """Return the fields of a model that are set; only the *given* ones, if it was made from a mapping."""
    kind: Any = type(model)
    fields: JsonObject = {}
    for field in fields_of(kind):
        name: str = field.metadata.get("wire", field.name)
        value = getattr(model, field.name)
        is_given = given is None or field.name in given or name in given
        if is_given and value is not None and "local" not in field.metadata:
            fields[name] = plain(value)
    return fields


def _of_kinds(operation: Operation[Any, Any], result: object) -> JsonObject:
    """Return the result of an operation that is no list."""
    kinds = dict.fromkeys((operation.response, *operation.results))
    fields = _object(operation, tuple(kinds), result)
    cases = operation.cases
    if cases is not None and isinstance(result, Model):
        # The class of the result says which case it is.
        tags = [case.tag for case in cases.known if case.result_type() is type(result)]
        fields = {**dict.fromkeys((cases.tag,), tags[0]), **fields} if tags else fields
    return fields


def _object(operation: Operation[Any, Any], kinds: tuple[Any, ...], value: object) -> JsonObject:
    names = " or ".join("a mapping" if kind is dict else kind.__name__ for kind in kinds)
    if isinstance(value, kinds):
        return cast("JsonObject", plain(value))
    if not isinstance(value, Mapping) or isinstance(value, Model):
        raise _wrong(operation, f"a reply takes {names}, or its fields as a mapping, not {kind_of(value)}")
    if dict in kinds:
        return cast("JsonObject", plain(cast("Mapping[str, object]", value)))
    given = cast("Mapping[str, Any]", value)
    problems: tuple[str, ...] = ()
    for kind in kinds:
        try:
            return _fields(kind.from_dict(given), given)
        except InvalidRequestError as error:
            problems = problems or error.problems
    known = ", ".join(field.name for field in fields_of(kinds[0]))
    raise _wrong(operation, *problems, f"the fields are {known}")


def _page(operation: Operation[Any, Any], result: object) -> JsonObject:
    """Return a page of a list."""
    name = _name_of_items(operation)
    if isinstance(result, Page):
        page = cast("Any", result)
        return _whole_page(operation, name, page.items, page.next, page.prev)
    if isinstance(result, list | tuple):
        return _whole_page(operation, name, cast("Sequence[object]", result))
    if not isinstance(result, Mapping) or isinstance(result, Model):
        raise _wrong(operation, f"a reply takes a list of items, or a Page, not {kind_of(result)}")
    fields = dict(cast("Mapping[str, object]", result))
    pages = operation.pages
    known = (name, _PAGING) if pages is None else (name, pages.response, pages.total)
    unknown = [
        f"unknown field {other!r}{did_you_mean(other, known)}" for other in fields if other not in known
    ]
    if unknown:
        raise _wrong(operation, *unknown)
    paging = fields.get(_PAGING)
    if isinstance(paging, Mapping):
        _object(operation, (PageInfo,), cast("Mapping[str, object]", paging))  # raises for an unknown field
    items = fields.get(name)
    if items is not None:
        fields[name] = _items(operation, items)
    return cast("JsonObject", plain(fields))


def _name_of_items(operation: Operation[Any, Any]) -> str:
    """Return the name of the array; the noun of the operation if the documentation does not show it."""
    return operation.name.split(".")[-2] if operation.items == "*" else str(operation.items)


def _whole_page(
    operation: Operation[Any, Any], name: str, items: Sequence[object], after: str = "", before: str = ""
) -> JsonObject:
    rows = _items(operation, items)
    pages = operation.pages
    if pages is None:
        return {name: rows, _PAGING: {"next": after, "prev": before}}
    number = int(after) - 1 if after.isdecimal() else 1
    return {name: rows, pages.response: number, pages.total: len(rows) + (1 if after else 0)}


def _items(operation: Operation[Any, Any], items: object) -> list[JsonObject]:
    if not isinstance(items, list | tuple):
        raise _wrong(operation, f"the items are a list, not {kind_of(items)}")
    return [_object(operation, (operation.response,), item) for item in cast("Sequence[object]", items)]


def _wrong(operation: Operation[Any, Any], *problems: str) -> ReplyError:
    return ReplyError(f"{operation.name}: {'; '.join(problems)}")
