"""The specification is complete and valid, and matches every sample of the vendor's documentation."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from openapi_spec_validator import OpenAPIV31SpecValidator

from codegen.documents import SafeLoader

ROOT = Path(__file__).parent.parent.parent
SAMPLES = Path(__file__).parent / "samples"
AREAS = ("account", "pbx", "sms", "tenants", "zalo", "zns")
SPECS: dict[str, dict[str, Any]] = {
    area: yaml.load((ROOT / f"codegen/spec/{area}.openapi.yaml").read_bytes(), SafeLoader) for area in AREAS
}
SCOPES = {"shop_api_key": "shop", "partner_api_key": "partner", "partner_shop_key": "partner"}
PROVISIONAL = {
    "Etelecom/GetDriverConfig",
    "Etelecom/GetHotlines",
    "Etelecom/PartnerAddHotlineToTenant",
    "Etelecom/PartnerRemoveHotline",
    "Etelecom/PartnerRemoveHotlineFromTenant",
}
# Placeholders that the documentation prints instead of values.
PLACEHOLDER = re.compile(r"<.*>|string|text|int64|integer")
JSON_TYPES = {
    "string": str,
    "integer": int,
    "boolean": bool,
    "array": list,
    "object": dict,
    "null": type(None),
}


def operations() -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    """Yield the wire name of each operation, its specification, and its document."""
    for spec in SPECS.values():
        for path in spec["paths"].values():
            yield path["post"]["operationId"].replace("-", "/"), path["post"], spec


OPERATIONS = {name: (operation, spec) for name, operation, spec in operations()}


def inside(node: Any) -> Iterator[dict[str, Any]]:
    """Yield every object in a document."""
    if isinstance(node, dict):
        yield node
        for value in node.values():
            yield from inside(value)
    elif isinstance(node, list):
        for value in node:
            yield from inside(value)


def follow(schema: dict[str, Any], spec: dict[str, Any]) -> dict[str, Any]:
    """Return the target of a schema's reference, or its only option other than null."""
    if "$ref" in schema:
        node: Any = spec
        for step in schema["$ref"].removeprefix("#/").split("/"):
            node = node[step]
        return follow(node, spec)
    if "anyOf" in schema:
        (only,) = (choice for choice in schema["anyOf"] if choice != {"type": "null"})
        target = follow(only, spec)
        return {**target, "type": [target["type"], "null"]}
    return schema


def disagreements(
    value: Any, schema: dict[str, Any], spec: dict[str, Any], path: str = "$", *, closed: bool = True
) -> Iterator[str]:
    """
    Yield the places where a sample does not match the specification.

    Args:
        value: Value in the sample.
        schema: Schema of the value.
        spec: Document with the schema.
        path: Place of the value, for messages.
        closed: Whether an unlisted value of an enum is a disagreement.
    """
    schema = follow(schema, spec)
    types = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    if isinstance(value, str) and PLACEHOLDER.fullmatch(value):
        return
    if type(value) not in [JSON_TYPES[name] for name in types]:
        yield f"{path}: {value!r} is no {' or '.join(types)}"
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from disagreements(item, schema["items"], spec, f"{path}[{index}]", closed=closed)
    elif isinstance(value, dict):
        others = schema.get("additionalProperties")
        for key, item in value.items():
            known = schema.get("properties", {}).get(key, others)
            if known is None:
                yield f"{path}.{key}: not in the specification"
            elif known is not True:
                yield from disagreements(item, known, spec, f"{path}.{key}", closed=closed)
    elif closed and value not in schema.get("x-known-values", {value: ""}):
        yield f"{path}: {value!r} is not among the known values"


def schema_of(sample: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the schema that a sample must match, and its document."""
    operation, spec = OPERATIONS[sample.parent.name.replace(".", "/")]
    match sample.name.partition(".")[0]:
        case "request":
            (content,) = operation["requestBody"]["content"].values()
        case "response":
            content = operation["responses"]["200"]["content"]["application/json"]
        case part:
            assert part == "error"
            content = follow(operation["responses"]["default"], spec)["content"]["application/json"]
    return content["schema"], spec


def responses(operation: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of an operation's response."""
    return operation["responses"]["200"]["content"]["application/json"]["schema"]


def reachable(schema: dict[str, Any], spec: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the components that a schema needs, by reference."""
    found: dict[str, dict[str, Any]] = {}
    waiting = [schema]
    while waiting:
        for node in inside(waiting.pop()):
            if "$ref" in node and node["$ref"] not in found:
                found[node["$ref"]] = follow(node, spec)
                waiting.append(found[node["$ref"]])
    return found


@pytest.mark.parametrize("area", AREAS)
def test_document_is_valid(area: str) -> None:
    """Each spec file is a valid OpenAPI 3.1 document."""
    assert SPECS[area]["openapi"] == "3.1.0"
    assert [error.message for error in OpenAPIV31SpecValidator(SPECS[area]).iter_errors()] == []


def test_no_other_spec_file() -> None:
    """These tests read every file that the generator reads."""
    assert {file.name for file in (ROOT / "codegen/spec").iterdir()} == {
        f"{area}.openapi.yaml" for area in AREAS
    }


def test_all_operations_are_present() -> None:
    """The specification has each of the 58 operations of the vendor's navigation once."""
    assert len(list(operations())) == 58
    assert len(OPERATIONS) == 58


def test_inferred_operations_are_provisional() -> None:
    """Exactly the five operations whose pages could not be read are provisional, each with its reason."""
    reasons = {
        name: operation["x-provisional"]
        for name, operation, _ in operations()
        if "x-provisional" in operation
    }
    assert reasons.keys() == PROVISIONAL
    assert all(reason.startswith("Inferred from ") for reason in reasons.values())


@pytest.mark.parametrize("name", OPERATIONS)
def test_operation_has_callers_and_source(name: str) -> None:
    """Each operation has its callers, the matching scopes, its source and its confidence."""
    operation, spec = OPERATIONS[name]
    callers = set(operation["x-callers"])
    if spec is SPECS["sms"]:
        assert callers == {"username_password"}
    else:
        (parameter,) = (follow(node, spec) for node in operation["parameters"])
        assert callers
        assert {SCOPES[caller] for caller in callers} == set(parameter["schema"]["enum"])
        assert callers == {key for choice in operation["security"] for key in choice}
    assert operation["externalDocs"]["url"].startswith("https://docs.etelecom.vn/")
    assert operation["externalDocs"]["url"] in operation["x-pages"]
    assert operation["x-confidence"] in ("high", "medium", "low")


@pytest.mark.parametrize("area", AREAS)
def test_components_are_used(area: str) -> None:
    """An operation uses every component."""
    spec = SPECS[area]
    used = set(reachable({"paths": spec["paths"]}, spec))
    used |= {
        f"#/components/securitySchemes/{key}"
        for path in spec["paths"].values()
        for choice in path["post"].get("security", ())
        for key in choice
    }
    assert used == {
        f"#/components/{kind}/{name}" for kind, members in spec["components"].items() for name in members
    }


@pytest.mark.parametrize("component", ["Paging", "PageInfo", "Error"])
def test_repeated_component_is_the_same_everywhere(component: str) -> None:
    """A component in several files is equal in all of them."""
    schemas = [spec["components"]["schemas"].get(component) for spec in SPECS.values()]
    first, *others = (schema for schema in schemas if schema is not None)
    assert others
    assert all(schema == first for schema in others)


@pytest.mark.parametrize("area", AREAS)
def test_everything_is_described(area: str) -> None:
    """Each component, each field and each enum value has a description."""
    for name, schema in SPECS[area]["components"]["schemas"].items():
        fields = schema.get("properties", {}).items()
        values = schema.get("x-known-values", {}).items()
        undescribed = [field for field, node in fields if not node.get("description")]
        undescribed += [value for value, meaning in values if not meaning]
        assert (name, bool(schema.get("description")), undescribed) == (name, True, [])


def test_responses_require_no_field() -> None:
    """No response requires a field, because a client accepts missing fields; requests may require fields."""
    for name, (operation, spec) in OPERATIONS.items():
        requiring = [ref for ref, node in reachable(responses(operation), spec).items() if "required" in node]
        assert (name, requiring) == (name, [])
    assert OPERATIONS["Etelecom/CreateExtension"][1]["components"]["schemas"]["CreateExtensionRequest"][
        "required"
    ] == ["hotline_id", "extension_number"]


def test_enums_are_open() -> None:
    """No request or response restricts a field to the known values."""
    for name, (operation, spec) in OPERATIONS.items():
        for schema in (operation["requestBody"], responses(operation)):
            nodes = [node for part in (schema, *reachable(schema, spec).values()) for node in inside(part)]
            assert (name, [node for node in nodes if "enum" in node or "const" in node]) == (name, [])


@pytest.mark.parametrize(
    "sample", sorted(SAMPLES.glob("*/*.json")), ids=lambda sample: f"{sample.parent.name}/{sample.stem}"
)
def test_sample_matches(sample: Path) -> None:
    """Every key of a sample is in the specification with its type, and every enum value is known."""
    schema, spec = schema_of(sample)
    value = json.loads(sample.read_text(encoding="utf-8"))
    closed = ".etop_" not in sample.name  # the older platform has other values
    assert list(disagreements(value, schema, spec, closed=closed)) == []


def test_disagreements_are_found() -> None:
    """A sample with an unknown key, an unknown value or a wrong type is found."""
    spec = SPECS["pbx"]
    schema = responses(OPERATIONS["Etelecom/ListCallLogs"][0])
    call = {"direction": "sideways", "call_targets": [{"fail_code": "486"}], "mood": "good", "id": None}
    assert list(disagreements({"call_logs": [call]}, schema, spec)) == [
        "$.call_logs[0].direction: 'sideways' is not among the known values",
        "$.call_logs[0].call_targets[0].fail_code: '486' is no integer",
        "$.call_logs[0].mood: not in the specification",
        "$.call_logs[0].id: None is no string",
    ]


def test_raw_sample_is_not_json() -> None:
    """The one sample in text form is not valid JSON, so it has a repaired form."""
    (raw,) = SAMPLES.glob("*/*.txt")
    with pytest.raises(json.JSONDecodeError):
        json.loads(raw.read_text(encoding="utf-8"))
    assert raw.with_name("response.json").exists()


def test_operations_without_a_sample_are_named() -> None:
    """The folder's README lists exactly the operations without a sample."""
    listed = re.findall(r"^- `(.+)`$", (SAMPLES / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    folders = {folder.name.replace(".", "/") for folder in SAMPLES.iterdir() if folder.is_dir()}
    assert folders <= OPERATIONS.keys()
    assert sorted(OPERATIONS.keys() - folders) == listed
