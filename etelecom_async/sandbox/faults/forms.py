"""
Faults as JSON and TOML write them: `{"faults": [{"kind": "reset_after", "times": 1}]}`.

The fields are those of `Fault`. All are read or none: the first wrong one is told, with its place.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import attrs

from etelecom_async.sandbox.faults.fault import Fault


def read_faults(document: Mapping[str, Any]) -> list[Fault]:
    """
    Return the faults of a document.

    Raises:
        ValueError: It has another form, or a fault in it cannot be.
    """
    forms: Any = document.get("faults")
    if set(document) != {"faults"} or not isinstance(forms, list):
        raise ValueError("faults, a list, is what has to be there, and nothing else")
    return [_read_fault(form, f"faults[{place}]") for place, form in enumerate(cast("list[object]", forms))]


def _read_fault(form: object, where: str) -> Fault:
    if not isinstance(form, dict):
        raise ValueError(f"{where} is not an object")  # noqa: TRY004 - what is wrong is the document
    fields = cast("dict[str, Any]", form)
    known = [field.name for field in attrs.fields(Fault)]
    for name in fields:
        if name not in known:
            raise ValueError(f"{where}.{name} is unknown; there are {', '.join(known)}")
    if "kind" not in fields:
        raise ValueError(f"{where}.kind is missing")
    try:
        return Fault(**fields)
    except ValueError as error:
        raise ValueError(f"{where}: {error}") from None


def load_faults(path: str | Path) -> list[Fault]:
    """
    Return the faults of a file, in TOML where its name ends so, and else in JSON.

    Raises:
        ValueError: The file cannot be read, has another form, or a fault in it cannot be.
    """
    file = Path(path)
    try:
        text = file.read_text(encoding="utf-8")
        document: Any = tomllib.loads(text) if file.suffix == ".toml" else json.loads(text)
        return read_faults(cast("dict[str, Any]", document) if isinstance(document, dict) else {})
    except OSError as error:
        raise ValueError(str(error)) from error
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{file}: {error}") from error
