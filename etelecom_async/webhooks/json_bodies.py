"""
Read the JSON of a delivery. No I/O.

The reader is lenient with values, as the client is with responses. It is strict with structure: a body with
two possible meanings is refused.
"""

from __future__ import annotations

import json
import math
from typing import Any, Final, cast

from etelecom_async._core.codec.lenient_json import repaired_text, without_mark
from etelecom_async._core.codec.scalars import json_name
from etelecom_async.errors import InvalidWebhookError

DEEPEST: Final = 100
"""Maximum depth of objects and arrays inside one another; the client has the same limit."""
_MOST_PROBLEMS: Final = 10


def read(body: bytes) -> tuple[tuple[str, dict[str, Any]], ...]:
    """
    Return the objects of a body with their JSON paths: the object itself, or each object of an array.

    Bytes that are not UTF-8 and half surrogates become `U+FFFD`. Numbers that are not finite become null.

    Raises:
        InvalidWebhookError: It is not JSON, it holds something else, or it is ambiguous or too deep.
    """
    value = _repaired(_parse(without_mark(body)), DEEPEST)
    if isinstance(value, list):
        units = [(f"$[{index}]", unit) for index, unit in enumerate(cast("list[object]", value))]
    else:
        units = [("$", value)]
    wrong = ((path, unit) for path, unit in units if not isinstance(unit, dict))
    problems = [f"{json_name(unit)} in place of an object @ {path}" for path, unit in wrong]
    if problems:
        raise InvalidWebhookError(tuple(problems[:_MOST_PROBLEMS]))
    return tuple(cast("list[tuple[str, dict[str, Any]]]", units))


def _parse(body: bytes) -> object:
    problem = "the body is not JSON in UTF-8 @ $"
    try:
        return json.loads(
            body.decode(errors="replace"),
            object_pairs_hook=_object,
            parse_constant=lambda _: None,
            parse_float=_number,
            parse_int=_number,
            strict=False,  # a raw control character in a text does no harm
        )
    except _RepeatedNameError:
        problem = "an object has the same name twice @ $"
    except RecursionError:
        problem = _TOO_DEEP
    except ValueError:
        pass
    raise InvalidWebhookError((problem,))  # outside of the handlers: the cause quotes the body


_TOO_DEEP: Final = f"more than {DEEPEST} objects and arrays inside one another @ $"


class _RepeatedNameError(Exception):
    """Two fields of an object have the same name: programs differ in which one they read."""


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise _RepeatedNameError
    return fields


def _number(text: str) -> float | None:
    """Return a number; `None` if it is not finite, or has more digits than Python reads."""
    try:
        number = int(text) if text.lstrip("-").isdigit() else float(text)
    except ValueError:
        return None
    return number if isinstance(number, int) or math.isfinite(number) else None


def _repaired(value: object, levels: int) -> object:
    """Return *value* with whole texts, so that it can be printed and stored."""
    if isinstance(value, str):
        return value if value.isascii() else repaired_text(value)
    if not isinstance(value, dict | list):
        return value
    if levels == 0:
        raise InvalidWebhookError((_TOO_DEEP,))
    if isinstance(value, list):
        return [_repaired(part, levels - 1) for part in cast("list[object]", value)]
    fields = cast("dict[str, object]", value)
    return {str(_repaired(name, 0)): _repaired(part, levels - 1) for name, part in fields.items()}
