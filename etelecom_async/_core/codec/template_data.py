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


class _Parameter(Protocol):
    name: str
    require: bool | None
    accept_null: bool | None
    min_length: int | None
    max_length: int | None


@runtime_checkable
class _Template(Protocol):
    template_id: int | None
    template_params: tuple[_Parameter, ...]


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


def _problems(data: Mapping[str, Any], parameters: tuple[_Parameter, ...]) -> Iterator[str]:
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
        elif isinstance(value, str):
            yield from _text_problem(name, value, parameter)


def _text_problem(name: str, value: str, parameter: _Parameter) -> Iterator[str]:
    if not value and parameter.accept_null:
        return
    if not value and (parameter.require or parameter.accept_null is False):
        yield f"template_data[{name!r}] is empty, but the template requires a text"
        return
    size = f"template_data[{name!r}] has {len(value)} characters"
    # A limit of 0 means that no limit is set.
    if parameter.min_length and len(value) < parameter.min_length:
        yield f"{size}; the template requires at least {parameter.min_length}"
    if parameter.max_length and len(value) > parameter.max_length:
        yield f"{size}; the template allows at most {parameter.max_length}"
