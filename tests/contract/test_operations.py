"""Every operation and every documented sample encodes and decodes."""

from __future__ import annotations

import inspect
import json
import re
import types
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from operator import attrgetter
from pathlib import Path
from typing import Any, Union, get_args, get_origin

import attrs
import pytest

from etelecom_async import PartnerClient, ShopClient, SmsClient
from etelecom_async._core.attachment import Attachment
from etelecom_async._core.codec import requests, responses
from etelecom_async._core.codec.enums import OpenEnum
from etelecom_async._core.model import Model
from etelecom_async._core.secret import Secret
from etelecom_async.errors import ResultError, by_code
from etelecom_async.operations import OPERATIONS, Effect, Operation
from etelecom_async.paging import Page, Pager
from etelecom_async.sandbox import leniency

SAMPLES = Path(__file__).parent / "samples"
ROWS = {
    row.wire_name.replace("/", "."): row.as_served() for row in OPERATIONS.values() if row.form_of is None
}
CLIENTS = {"partner": PartnerClient, "shop": ShopClient, "sms": SmsClient}

# The documentation's generator prints types as placeholders instead of values.
PHONE = "84901234567"
PLACEHOLDERS: dict[str, Any] = {
    "<integer>": 1,
    "integer": 1,
    "<int>": 1,
    "<boolean>": True,
    "<dateTime>": "2019-08-24T14:15:22Z",
}

# The upload is a form, not JSON; the tests of attachments cover it.
json_operations = pytest.mark.parametrize(
    "name", sorted(name for name in OPERATIONS if not OPERATIONS[name].multipart)
)


def samples(pattern: str) -> list[Any]:
    """Return the sample files of a kind, with operation and file as test ids."""
    files = sorted(SAMPLES.glob(f"*/{pattern}"))
    return [pytest.param(file, id=f"{file.parent.name}/{file.name}") for file in files]


def fill(kind: Any, name: str) -> Any:
    """Return a value of this type; every field of a model is set."""
    parts = [part for part in get_args(kind) if part is not type(None)]
    if get_origin(kind) in (Union, types.UnionType):
        return fill(parts[0], name)
    if get_origin(kind) is Sequence:
        return [fill(parts[0], name)]
    if get_origin(kind) is Mapping:
        return {"name": "text"}
    if isinstance(kind, type) and issubclass(kind, Model):
        return kind(
            **{
                field.name: PHONE if field.metadata.get("form") == "phone" else fill(field.type, field.name)
                for field in attrs.fields(attrs.resolve_types(kind))
                if not field.metadata.get("local")
            }
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


def decoded(operation: Operation[Any, Any], body: bytes) -> Any:
    """Return the request in *body*, as the sandbox reads it."""
    return requests.structure(operation, requests.read_object(body))


def compared(value: Any) -> Any:
    """Return *value* with models as dicts and tuples as lists."""
    if isinstance(value, Model):
        return {field.name: compared(getattr(value, field.name)) for field in attrs.fields(type(value))}
    if isinstance(value, tuple | list):
        return [compared(item) for item in value]
    return value


@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_optional_request_fields_default_to_none(name: str) -> None:
    """Every optional field defaults to None, so a request omits exactly the fields that were not given."""
    kinds: list[Any] = [OPERATIONS[name].request]
    for kind in kinds:
        if isinstance(kind, type) and issubclass(kind, Model):
            for field in attrs.fields(attrs.resolve_types(kind)):
                if not field.metadata.get("local"):
                    assert field.default in (attrs.NOTHING, None), field.name
                    kinds.append(field.type)
        kinds.extend(get_args(kind))


@json_operations
def test_the_client_needs_no_leniency(name: str) -> None:
    """The client sends no null and no other type, whether all fields are set or only the required ones."""
    row = OPERATIONS[name]
    request: Any = {"any": ["thing"]} if row.request is dict else fill(row.request, "request")
    least: Any = request
    if row.request is not dict:
        needed = [field.name for field in attrs.fields(row.request) if field.default is attrs.NOTHING]
        needed += ["template_id"] if row.template else []
        least = row.request(**{name: getattr(request, name) for name in needed})
    for sent in (request, least):
        raw = requests.read_object(requests.encode(row, sent))
        leniency.require_values(raw)
        listless = {name: part for name, part in raw.items() if name not in ("filter", "paging")}
        assert leniency.relax(row, listless) == listless


@json_operations
def test_every_request_round_trips(name: str) -> None:
    """The server decodes a request with every field set to the same request that the client encoded."""
    row = OPERATIONS[name]
    request: Any = fill(row.request, "request")

    assert compared(request) == compared(decoded(row, requests.encode(row, request)))


@pytest.mark.parametrize("file", samples("response*.json"))
def test_every_documented_response_decodes(file: Path) -> None:
    """A documented response decodes to its model without a mismatch."""
    row = ROWS[file.parent.name]
    schema_mismatches: Counter[str] = Counter()
    try:
        result: Any = responses.decode(row, 200, {}, file.read_bytes(), schema_mismatches)
    except ResultError as error:  # the sample says `updated: 0`, or has an error_code
        assert row.fails_in_body is not None
        result = error.result

    assert schema_mismatches == {}
    assert isinstance(result, Page if row.items else row.results)


@pytest.mark.parametrize("file", samples("*.raw.txt"))
def test_every_response_decodes_as_printed(file: Path) -> None:
    """A printed response that is not valid JSON decodes like its repaired form, with one counted mismatch."""
    row = ROWS[file.parent.name]
    repaired = file.with_name(file.name.replace(".raw.txt", ".json"))
    schema_mismatches: Counter[str] = Counter()

    printed = responses.decode(row, 200, {}, file.read_bytes(), schema_mismatches)

    assert printed == responses.decode(row, 200, {}, repaired.read_bytes(), Counter())
    assert list(schema_mismatches.values()) == [1]


@pytest.mark.parametrize("file", samples("error.*.json"))
def test_every_documented_rejection_is_raised(file: Path) -> None:
    """A documented body of a rejected call raises the error of its code, with text and details."""
    body = json.loads(file.read_bytes())
    kind = by_code(body["code"])

    with pytest.raises(kind) as caught:
        responses.decode(ROWS[file.parent.name], kind.status, {}, file.read_bytes(), Counter())

    assert (caught.value.code, caught.value.msg) == (body["code"], body["msg"])
    assert caught.value.meta == body.get("meta", {})


@pytest.mark.parametrize("file", samples("request.form.json"))
def test_every_documented_form_is_encoded(file: Path) -> None:
    """The client encodes a documented form with the same fields and the file."""
    row = ROWS[file.parent.name]
    sample = json.loads(file.read_bytes())
    content = Attachment(b"")
    given = {name: content if text.startswith("@") else text for name, text in sample.items()}

    form = requests.encode_form(row, row.request(**given))

    assert dict(form.fields) == {name: text for name, text in given.items() if text is not content}
    assert form.files == (("file", content),)


def test_every_sample_is_tested() -> None:
    """Every sample file has a name that one of the tests uses."""
    patterns = ["response*.json", "request*.json", "error.*.json", "*.raw.txt"]
    files = {file for pattern in patterns for file in SAMPLES.glob(f"*/{pattern}")}
    assert {file for file in SAMPLES.glob("*/*") if file.is_file()} == files


@pytest.mark.parametrize("file", samples("response*.json"))
def test_models_have_every_documented_field(file: Path) -> None:
    """Every field of a documented response is a field of the model."""
    row = ROWS[file.parent.name]
    response = json.loads(file.read_bytes())
    items = response[row.items] if row.items else [response]
    for item in items:
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


# Fields of an older response, which the documentation's own table and schema no longer have.
EXTRAS = {"msg_type", "price"}


@pytest.mark.parametrize("file", [file for file in samples("request*.json") if "form" not in file.id])
def test_every_documented_request_decodes(file: Path) -> None:
    """A documented request decodes strictly, and the client encodes it to the same JSON."""
    row = ROWS[file.parent.name]
    sample = json.loads(file.read_bytes(), object_hook=_without_placeholders)

    request = decoded(row, json.dumps(sample).encode())

    assert _times(sample) == _times(json.loads(requests.encode(row, request)))


def _without_placeholders(fields: dict[str, Any]) -> dict[str, Any]:
    return {
        key: PHONE if key == "phonenumber" else PLACEHOLDERS.get(str(value), value)
        for key, value in fields.items()
    }


def _times(value: Any) -> Any:
    """Return *value* with every time as a datetime, because a time has several notations."""
    if isinstance(value, dict):
        return {key: _times(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_times(item) for item in value]
    if isinstance(value, str) and value[:4].isdigit() and value.endswith("Z"):
        return datetime.fromisoformat(value)
    return value


@json_operations
def test_every_operation_is_reached_by_its_name(name: str) -> None:
    """The public name is the attribute path from a client to a method, with the fields as keywords."""
    row = OPERATIONS[name]
    for target in _methods(name):
        keywords = set(inspect.signature(target).parameters)

        assert keywords >= _keywords(row)
        is_paged = row.pages is not None or "paging" in {field.name for field in _fields(row)}
        assert ("prefetch" in keywords) == is_paged


def _methods(name: str) -> list[Any]:
    """Return the methods with this public name: of one client, or of both if the name has no client."""
    root, _, rest = name.partition(".")
    clients = {root: CLIENTS[root]} if root in CLIENTS else {"partner": PartnerClient, "shop": ShopClient}
    path = rest if root in CLIENTS else name
    return [attrgetter(path)(_new(client)) for client in clients.values()]


def _new(client: type[Any]) -> Any:
    keys = {PartnerClient: "a-partner-key", ShopClient: "1234567890123456789:x"}
    return SmsClient("user", "password") if client is SmsClient else client(keys[client])


def _fields(row: Operation[Any, Any]) -> Sequence[Any]:
    return attrs.fields(attrs.resolve_types(row.request))


def _keywords(row: Operation[Any, Any]) -> set[str]:
    if "body" in inspect.signature(_methods(row.name)[0]).parameters:  # the whole request
        return {"body"}
    names = set[str]()
    for field in _fields(row):
        kind = next((part for part in get_args(field.type) if part is not type(None)), field.type)
        if field.name in ("filter", "paging"):
            names |= {inner.name for inner in attrs.fields(kind)}
        elif field.name not in row.credentials:
            names.add(field.name)
    return names


def _taken(*, by_sms: bool = False) -> set[str]:
    """Return the names of all arguments of the API, or of the SMS service, which has its own ids."""
    rows = [row for row in OPERATIONS.values() if row.name.startswith("sms.") == by_sms]
    return {name for row in rows for name in _keywords(row)}


def _objects() -> list[Any]:
    """Return a test case for each result with an id: its class, its service, the noun of its namespace."""
    found = {
        (row.response, row.name.startswith("sms."), row.name.split(".")[-2].removesuffix("s"))
        for row in OPERATIONS.values()
        if issubclass(row.response, Model) and (row.items or hasattr(row.response, "id"))
    }
    return [pytest.param(*case, id=case[0].__name__) for case in sorted(found, key=str)]


@pytest.mark.parametrize(("kind", "by_sms", "noun"), _objects())
def test_ids_have_the_names_of_arguments(kind: Any, noun: str, *, by_sms: bool) -> None:
    """
    A result has its id as `id`, and under each name that an argument of any operation has for it.

    Those names follow from the class, as in `call_log_id`, and from the namespace, as in `user_id`.
    """
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", kind.__name__).lower()
    names = {"id", *({f"{word}_id" for word in (words, noun)} & _taken(by_sms=by_sms))}
    assert [name for name in sorted(names) if not hasattr(kind, name)] == []


def test_ids_by_argument() -> None:
    """The rule holds for these arguments, so it is not empty."""
    names = ("user_id", "extension_id", "hotline_id", "tenant_id", "oa_id", "template_id", "journey_id")
    results = {row.response for row in OPERATIONS.values()} - {dict}
    has = {name: {kind.__name__ for kind in results if hasattr(kind, name)} for name in names}
    assert set(names) <= _taken()
    assert {"User", "AccountUser"} <= has["user_id"]
    assert has["extension_id"] == {"Extension", "CallLog"}
    assert all(has.values())


@json_operations
def test_docstrings_have_effect_wire_and_source(name: str) -> None:
    """The docstring of each method has its effect, its wire name and its page."""
    row = OPERATIONS[name]
    document = inspect.getdoc(_methods(name)[0]) or ""

    fields = " and ".join(f"`{field}`" for field in row.idempotent_if)
    condition = f" if {fields} is given, else not retried" if fields else ""
    assert f"Effect: {row.effect.value}{condition}.  Wire: {row.wire_name}." in document
    assert row.source in document
    assert (row.effect in (Effect.CREATE, Effect.SEND)) == ("OutcomeUnknownError" in document)
    assert (row.provisional is not None) == ("ProvisionalOperationWarning" in document)


def test_a_list_is_a_pager() -> None:
    """A list method returns a Pager at once, without a request."""
    assert isinstance(_new(ShopClient).extensions.list(), Pager)
