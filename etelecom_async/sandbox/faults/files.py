"""
Faults in JSON and TOML: `{"faults": [{"kind": "reset_after", "times": 1}]}`.

The fields are the fields of `Fault`. If one fault is wrong, none is returned; the error names its position.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import attrs

from etelecom_async.sandbox.faults.spec import Fault
from etelecom_async.sandbox.files import read_file
from etelecom_async.sandbox.hints import nearest_or_all


def parse_faults(document: Mapping[str, Any]) -> list[Fault]:
    """
    Return the faults of a document.

    Raises:
        ValueError: The document has another form, or a fault in it is wrong.
    """
    items: Any = document.get("faults")
    if set(document) != {"faults"} or not isinstance(items, list):
        raise ValueError("faults, a list, is required, and nothing else")
    return [_parse_fault(item, f"faults[{index}]") for index, item in enumerate(cast("list[object]", items))]


def _parse_fault(item: object, where: str) -> Fault:
    if not isinstance(item, dict):
        raise ValueError(f"{where} is not an object")  # noqa: TRY004 - the document is wrong, not a type
    fields = cast("dict[str, Any]", item)
    known = [field.name for field in attrs.fields(Fault)]
    for name in fields:
        if name not in known:
            raise ValueError(f"{where}.{name} is unknown{nearest_or_all(name, known)}")
    if "kind" not in fields:
        raise ValueError(f"{where}.kind is missing")
    try:
        return Fault(**fields)
    except ValueError as error:
        raise ValueError(f"{where}: {error}") from None


def load_faults(path: str | Path) -> list[Fault]:
    """
    Return the faults of a file: TOML if its name ends in `.toml`, otherwise JSON.

    Raises:
        ValueError: The file cannot be read, has another form, or contains a wrong fault.
    """
    file, text = Path(path), read_file(path)
    try:
        document: Any = tomllib.loads(text) if file.suffix == ".toml" else json.loads(text)
        return parse_faults(cast("dict[str, Any]", document) if isinstance(document, dict) else {})
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{file}: {error}") from error
