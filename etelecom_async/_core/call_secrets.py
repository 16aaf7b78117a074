"""
Collect the secrets of a request: its `Secret` fields, values with a masked name, and data of templates.

This module contains no operation.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from functools import cache
from typing import Any, Final, cast

import attrs

from etelecom_async._core.known_secrets import KnownSecrets
from etelecom_async._core.model import Model, fields_of, parts_of
from etelecom_async._core.secret import Secret, has_secret_value, is_masked_name

_TEMPLATE_DATA: Final = ("list_param", "template_data")


def known_secrets(of_client: Iterable[str], request: object) -> KnownSecrets:
    """
    Return what to mask in the response to *request*.

    Args:
        of_client: Keys and passwords of the client and of its proxy.
        request: A model, or the JSON object of an open call.
    """
    secrets, tokens = list(of_client), list[str]()
    waiting = list(_parts(request, is_secret=False, is_template=False))
    while waiting:
        value, is_secret, is_template = waiting.pop()
        if isinstance(value, Secret) or has_secret_value(value):
            secrets += _revealed(Secret.of(cast("Any", value)))
        elif isinstance(value, str | int | float) and not isinstance(value, bool):
            if is_template:
                tokens.append(str(value))
                waiting += _parts(_from_json(value), is_secret=False, is_template=True)
            elif is_secret:
                secrets.append(str(value))
        else:
            waiting += _parts(value, is_secret=is_secret, is_template=is_template)
    return KnownSecrets(secrets, tokens)


def with_secrets(model: object, body: Any) -> Any:
    """Return *body* with a `Secret` in place of each text that its model declares as one."""
    found = {name: Secret(text) for name, text in _declared(model, body)}
    return {**body, **found} if found else body


def secret_values(model: object, body: object) -> list[str]:
    """
    Return the texts in the JSON *body* of a request that its model declares as secrets.

    Their names alone may not show it: `code` is also the name of a status.
    """
    return [text for _, text in _declared(model, body)]


def _declared(model: object, body: object) -> Iterator[tuple[str, str]]:
    """Yield name and text of each secret that a model declares; an open body has no model."""
    if isinstance(body, Mapping) and isinstance(model, type) and issubclass(model, Model):
        fields = cast("Mapping[str, object]", body)
        for name in _secret_names(cast("Any", model)):
            text = fields.get(name)
            if isinstance(text, str) and text:
                yield name, text


@cache
def _secret_names(model: Any) -> tuple[str, ...]:
    """Return the names on the wire of the secrets of a model."""
    return tuple(
        field.metadata.get("wire", field.name) for field in fields_of(model) if Secret in parts_of(field.type)
    )


_Part = tuple[object, bool, bool]


def _parts(whole: object, *, is_secret: bool, is_template: bool) -> Iterator[_Part]:
    """Yield the parts of an object or a list: the value, and whether it is a secret or data of a template."""
    if isinstance(whole, Model):
        kind: Any = type(whole)
        named: Iterable[tuple[object, object]] = [
            (field.name, getattr(whole, field.name)) for field in attrs.fields(kind)
        ]
    elif isinstance(whole, Mapping):
        named = cast("Mapping[object, object]", whole).items()
    else:
        if isinstance(whole, list | tuple):
            for item in cast("Iterable[object]", whole):
                yield item, is_secret, is_template
        return
    for name, value in named:
        text = str(name).lower()
        yield (
            value,
            is_secret or is_masked_name(text),
            is_template or text.endswith(_TEMPLATE_DATA),
        )


def _revealed(secret: Secret) -> list[str]:
    with suppress(ValueError):  # it was pickled
        return [str(secret.reveal())]
    return []


def _from_json(value: object) -> object:
    """Return the object in a text that holds JSON, `None` for any other text."""
    if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
        with suppress(ValueError, RecursionError):
            return json.loads(value)
    return None
