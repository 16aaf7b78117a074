"""Tell apart the results that share a response on the wire, for example a key and a sign-in page."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import attrs

from etelecom_async._core.model import Model
from etelecom_async._core.operation import Case, Cases
from etelecom_async._core.secret import Secret


def select(cases: Cases, response: Model) -> Model | str:
    """
    Return the result that *response* stands for, or the problem as a text that shows no value.

    The tag decides. If it is missing or unlisted, the beginning of the fallback field does. A beginning of
    another case than the tag's is a problem: a caller would take the value for what it is not.
    """
    values = _by_wire_name(response)
    tag, text = values[cases.tag], _text(values[cases.fallback])
    by_tag = next((case for case in cases.known if case.tag == tag), None)
    by_fallback = next((case for case in cases.known if re.match(case.prefix, text)), None)
    case = by_tag or by_fallback
    if case is None:
        known = " or ".join(case.tag for case in cases.known)
        return (
            f"neither a known {cases.tag} ({known}) nor a known beginning of {cases.fallback} @ $.{cases.tag}"
        )
    if by_fallback is not None and by_fallback is not case:
        return f"{case.tag}, but with the {cases.fallback} of {by_fallback.tag} @ $.{cases.fallback}"
    if case.tag not in cases.expected:
        return f"{case.tag} in place of {' or '.join(cases.expected)} @ $.{cases.tag}"
    return _result(case, values)


def _by_wire_name(response: Model) -> dict[str, Any]:
    kind: Any = type(response)
    return {_wire_name(field): getattr(response, field.name) for field in attrs.fields(kind)}


def _wire_name(field: attrs.Attribute[Any]) -> str:
    name: str = field.metadata.get("wire", field.name)
    return name


def _text(value: object) -> str:
    text = value.reveal() if isinstance(value, Secret) else value
    return text if isinstance(text, str) else ""


def _result(case: Case, values: Mapping[str, Any]) -> Model | str:
    kind: Any = case.result_type()
    fields = {field.name: _wire_name(field) for field in attrs.fields(kind)}
    for field in attrs.fields(kind):
        if field.default is attrs.NOTHING and not values[fields[field.name]]:
            return f"{case.tag} without {fields[field.name]} @ $.{fields[field.name]}"
    result: Model = kind(**{name: values[wire] for name, wire in fields.items()})
    return result
