"""
Check the data of a ZNS message against the template's parameters before anything is sent.

This module uses the fields of templates, and of requests with a template. It contains no operation.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Protocol, cast, runtime_checkable

import attrs

from etelecom_async._core.codec.scalars import composed, plain_scalar
from etelecom_async._core.values import quoted_name


class Parameter(Protocol):
    """A parameter of a template."""

    @property
    def name(self) -> str:
        """Its key in the data."""
        ...

    @property
    def require(self) -> bool | None:
        """Whether a value is required."""
        ...

    @property
    def accept_null(self) -> bool | None:
        """Whether the value may be empty."""
        ...

    @property
    def min_length(self) -> int | None:
        """Least number of characters."""
        ...

    @property
    def max_length(self) -> int | None:
        """Largest number of characters."""
        ...


@runtime_checkable
class _Template(Protocol):
    template_id: int | None
    template_params: tuple[Parameter, ...]


def with_template(request: Any) -> tuple[Any, tuple[str, ...]]:
    """
    Return *request* with the id of its template, and the problems of its data.

    The texts of the data are converted to the Unicode form NFC, in which their characters are counted.

    Args:
        request: A model with `template`, `template_id` and `template_data`.
    """
    template: object = request.template
    if template is None:
        missing = "template_id or template is required"
        return request, () if request.template_id is not None else (missing,)
    template_id: object = plain_scalar(request.template_id)
    if not (isinstance(template, _Template) and isinstance(template_id, int | None)):
        return request, ()  # `check` reports this problem
    if template_id is None:
        if template.template_id is None:
            return request, ("template has no template_id: pass template_id too",)
        request = attrs.evolve(request, template_id=template.template_id)
    elif template.template_id not in (None, template_id):
        conflict = f"template_id is {request.template_id}, and template is {template.template_id}: pass one"
        return request, (conflict,)
    given: object = request.template_data
    if not isinstance(given, Mapping):
        return request, ()  # `check` reports this problem
    data = {
        name: composed(value) if isinstance(value, str) else value
        for name, value in cast("Mapping[str, Any]", given).items()
    }
    return attrs.evolve(request, template_data=data), tuple(_problems(data, template.template_params))


def _problems(data: Mapping[str, Any], parameters: tuple[Parameter, ...]) -> Iterator[str]:
    known = {parameter.name: parameter for parameter in parameters}
    for name in data:
        if name not in known:
            names = ", ".join(known) or "none"
            shown = quoted_name(name)
            yield f"template_data has {shown}, which is not a parameter of the template; it has {names}"
    for name, parameter in known.items():
        value = data.get(name)
        if name not in data:
            if parameter.require:
                yield f"template_data lacks {name!r}, which the template requires"
        elif isinstance(value, str) and (problem := problem_of_text(value, parameter)):
            yield f"template_data[{name!r}] {problem}"


def problem_of_text(text: str, parameter: Parameter) -> str:
    """Return what is wrong with the value of a parameter, as the end of a sentence; empty if nothing is."""
    if not text and parameter.accept_null:
        return ""
    if not text and (parameter.require or parameter.accept_null is False):
        return "is empty, but the template requires a text"
    # A limit of 0 means that no limit is set.
    if parameter.min_length and len(text) < parameter.min_length:
        return f"has {len(text)} characters; the template requires at least {parameter.min_length}"
    if parameter.max_length and len(text) > parameter.max_length:
        return f"has {len(text)} characters; the template allows at most {parameter.max_length}"
    return ""
