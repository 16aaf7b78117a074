"""The sandbox responds to every operation over HTTP, and each response decodes without a mismatch."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
import pytest
import yaml
from openapi_schema_validator import OAS31Validator

from codegen.documents import SafeLoader
from etelecom_async._core.codec import responses
from etelecom_async._core.model import Model
from etelecom_async.operations import OPERATIONS, Operation
from etelecom_async.paging import Page
from tests.contract.conftest import ARGUMENTS, new_world

if TYPE_CHECKING:
    from collections.abc import Iterator

SPEC = Path(__file__).parent.parent.parent / "codegen/spec"


@pytest.mark.parametrize("name", OPERATIONS)
async def test_every_operation_succeeds(name: str) -> None:
    """The response is a 200 that matches the spec and its model, without mismatches or unknown fields."""
    row = OPERATIONS[name]
    async with new_world() as world:
        status, headers, body = await world.request(name, ARGUMENTS[name](world))
    assert status == 200, body
    schema_mismatches: Counter[str] = Counter()
    result: Any = responses.decode(row, status, headers, body, schema_mismatches)

    assert schema_mismatches == {}
    assert isinstance(result, Page if row.items else row.results)
    if row.items and name != "webhooks.delete":
        assert result.items
    assert unknown(row, json.loads(body)) == set()
    assert list(disagreements(row, json.loads(body))) == []


def unknown(row: Operation[Any, Any], response: dict[str, Any]) -> set[str]:
    """Return the fields of a response that its model does not have."""
    if not issubclass(row.response, Model):
        return set()
    items = response[row.items] if row.items else [response]
    known = {field.metadata.get("wire", field.name) for field in attrs.fields(row.response)}
    return {name for item in items for name in item} - known


def schemas() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each operation's wire name and the schema of its success, with the spec's components."""
    for file in SPEC.iterdir():
        spec = yaml.load(file.read_bytes(), SafeLoader)
        for path in spec["paths"].values():
            success = path["post"]["responses"]["200"]["content"]["application/json"]["schema"]
            name = path["post"]["operationId"].replace("-", "/")
            yield name, success | {"components": spec["components"]}


SCHEMAS = dict(schemas())


def disagreements(row: Operation[Any, Any], response: dict[str, Any]) -> Iterator[str]:
    """Yield the places where a response does not match the spec; a generated client would fail there."""
    validator = OAS31Validator(SCHEMAS[row.wire_name], format_checker=OAS31Validator.FORMAT_CHECKER)
    for error in validator.iter_errors(response):
        yield f"{error.json_path}: {error.message}"


def test_arguments_cover_the_table() -> None:
    """Each row has its arguments, and there are no others."""
    assert set(ARGUMENTS) == set(OPERATIONS)
