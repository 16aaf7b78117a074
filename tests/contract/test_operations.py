"""The table walked: every operation, every documented sample, both directions of the wire."""

from __future__ import annotations

import inspect
import json
import types
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Union, get_args, get_origin

import attrs
import pytest

from etelecom_async import PartnerClient, ShopClient, SmsClient
from etelecom_async._core import wire
from etelecom_async._core.enums import OpenEnum
from etelecom_async._core.model import Model
from etelecom_async._core.secret import Secret
from etelecom_async.errors import ResultError
from etelecom_async.operations import OPERATIONS, Effect, Operation
from etelecom_async.paging import Page, Pager

SAMPLES = Path(__file__).parent / "samples"
ROWS = {row.wire_name.replace("/", "."): row for row in OPERATIONS.values()}
CLIENTS = {"partner": PartnerClient, "shop": ShopClient, "sms": SmsClient}

# A placeholder of the documentation's generator says a type, not a value.
PLACEHOLDERS: dict[str, Any] = {
    "<integer>": 1,
    "<int>": 1,
    "<boolean>": True,
    "<dateTime>": "2019-08-24T14:15:22Z",
}

operations = pytest.mark.parametrize("name", sorted(OPERATIONS))


def samples(pattern: str) -> list[Any]:
    """The sample files of a kind, named by operation and file."""
    files = sorted(SAMPLES.glob(f"*/{pattern}"))
    return [pytest.param(file, id=f"{file.parent.name}/{file.name}") for file in files]


def fill(kind: Any, name: str) -> Any:  # noqa: PLR0911 - one return for each kind
    """A value of every field of a request, all of them set."""
    parts = [part for part in get_args(kind) if part is not type(None)]
    if get_origin(kind) in (Union, types.UnionType):
        return fill(parts[0], name)
    if get_origin(kind) is Sequence:
        return [fill(parts[0], name)]
    if get_origin(kind) is Mapping:
        return {"name": "text"}
    if isinstance(kind, type) and issubclass(kind, Model):
        return kind(
            **{field.name: fill(field.type, field.name) for field in attrs.fields(attrs.resolve_types(kind))}
        )
    if isinstance(kind, type) and issubclass(kind, OpenEnum):
        return next(iter(kind))
    values = {
        str: f"a {name}",
        int: 7,
        bool: True,
        Secret: Secret("s3cret"),
        datetime: datetime(2026, 1, 2, tzinfo=UTC),
    }
    return values[kind]


def compared(value: Any) -> Any:
    """*value* with tuples as lists, and blanks left out: on the wire, absent and blank are the same."""
    if isinstance(value, Model):
        return {field.name: compared(getattr(value, field.name)) for field in attrs.fields(type(value))}
    if isinstance(value, tuple | list):
        return [compared(item) for item in value]
    return value


@operations
def test_every_request_survives_the_wire(name: str) -> None:
    """What the client encodes with every field set, the server decodes to the same request."""
    row = OPERATIONS[name]
    request: Any = {"any": ["thing"]} if row.request is dict else fill(row.request, "request")

    assert compared(request) == compared(wire.decode_request(row, wire.encode(row, request)))


@pytest.mark.parametrize("file", samples("response*.json"))
def test_every_documented_answer_decodes(file: Path) -> None:
    """A documented answer becomes its model with no problem and nothing to forgive."""
    row = ROWS[file.parent.name]
    surprises: Counter[str] = Counter()
    try:
        result: Any = wire.decode(row, 200, {}, file.read_bytes(), surprises)
    except ResultError as error:  # the sample says `updated: 0`, or has an error_code
        assert row.fails_in_body is not None
        result = error.result

    assert {} == surprises
    assert isinstance(result, Page if row.items else row.response)


@pytest.mark.parametrize("file", samples("response*.json"))
def test_no_field_of_a_documented_answer_is_lost(file: Path) -> None:
    """Every field that a documented answer shows is a field of the model."""
    row = ROWS[file.parent.name]
    answer = json.loads(file.read_bytes())
    shown = answer[row.items] if row.items else [answer]
    for item in shown:
        assert set() == _unknown(item, row.response)


def _unknown(item: Any, kind: Any) -> set[str]:
    parts = [part for part in get_args(kind) if part is not type(None) and part is not ...]
    if isinstance(item, list):
        return {name for one in item for name in _unknown(one, parts[0] if parts else Any)}
    while parts and not (isinstance(kind, type) and issubclass(kind, Model)):
        kind, parts = (
            parts[0],
            [part for part in get_args(parts[0]) if part is not type(None) and part is not ...],
        )
    if not (isinstance(item, dict) and isinstance(kind, type) and issubclass(kind, Model)):
        return set()
    fields = {
        field.metadata.get("wire", field.name): field.type
        for field in attrs.fields(attrs.resolve_types(kind))
    }
    missing = set(item) - set(fields) - EXTRAS
    return missing | {name for key in set(item) & set(fields) for name in _unknown(item[key], fields[key])}


# An older shape of the answer, which the documentation's own table and schema no longer have.
EXTRAS = {"msg_type", "price"}


@pytest.mark.parametrize("file", [file for file in samples("request*.json") if "form" not in file.id])
def test_every_documented_request_is_taken(file: Path) -> None:
    """A documented request decodes strictly, and the client writes the same JSON from it."""
    row = ROWS[file.parent.name]
    sample = json.loads(file.read_bytes(), object_hook=_without_placeholders)

    request = wire.decode_request(row, json.dumps(sample).encode())

    assert _times(sample) == _times(json.loads(wire.encode(row, request)))


def _without_placeholders(fields: dict[str, Any]) -> dict[str, Any]:
    filled = {
        key: PLACEHOLDERS.get(value, value) if isinstance(value, str) else value
        for key, value in fields.items()
    }
    # These are typed as numbers in the schema and written as texts in the curl samples.
    return {
        key: 1 if key in ("template_id", "state") and isinstance(value, str) else value
        for key, value in filled.items()
    }


def _times(value: Any) -> Any:
    """*value* with every time as a datetime: a time may be written in more than one way."""
    if isinstance(value, dict):
        return {key: _times(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_times(item) for item in value]
    if isinstance(value, str) and value[:4].isdigit() and value.endswith("Z"):
        return datetime.fromisoformat(value)
    return value


@operations
def test_every_operation_is_reached_by_its_name(name: str) -> None:
    """The public name is the path of attributes from a client to a method, whose keywords are the fields."""
    row = OPERATIONS[name]
    if row.multipart:
        pytest.skip("the upload is no row-shaped call; it comes with the messages that need it")
    root, *path = name.split(".")
    clients = [CLIENTS[root]] if root in CLIENTS else [PartnerClient, ShopClient]
    for client in clients:
        target: Any = _made(client)
        for step in path or [name]:
            target = getattr(target, step)
        keywords = set(inspect.signature(target).parameters)

        assert keywords >= _asked(row)
        assert ("prefetch" in keywords) == (row.items is not None)


def _made(client: type[Any]) -> Any:
    keys = {PartnerClient: "a-partner-key", ShopClient: "1234567890123456789:x"}
    return SmsClient("user", "password") if client is SmsClient else client(keys[client])


def _asked(row: Operation[Any, Any]) -> set[str]:
    if row.request is dict:
        return {"fields"}
    names: set[str] = set()
    for field in attrs.fields(attrs.resolve_types(row.request)):
        kind = next((part for part in get_args(field.type) if part is not type(None)), field.type)
        if field.name in ("filter", "paging"):
            names |= {inner.name for inner in attrs.fields(kind)}
        elif field.name not in row.credentials:
            names.add(field.name)
    return names


@operations
def test_every_method_says_its_effect_wire_and_source(name: str) -> None:
    """The docstring of each method ends with what it does to the world, its address and its page."""
    row = OPERATIONS[name]
    if row.multipart:
        pytest.skip("the upload is no row-shaped call; it comes with the messages that need it")
    root, *path = name.split(".")
    target: Any = _made(CLIENTS.get(root, ShopClient))
    for step in path or [name]:
        target = getattr(target, step)
    document = inspect.getdoc(target) or ""

    assert f"Effect: {row.effect.value}.  Wire: {row.wire_name}." in document
    assert row.source in document
    assert (row.effect in (Effect.CREATE, Effect.SEND)) == ("OutcomeUnknownError" in document)
    assert (row.provisional is not None) == ("ProvisionalOperationWarning" in document)


def test_a_list_is_a_pager() -> None:
    """A list method gives a Pager at once, without a request."""
    assert isinstance(_made(ShopClient).extensions.list(), Pager)
