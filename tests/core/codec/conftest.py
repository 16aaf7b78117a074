"""Shared by the tests of requests, responses and error bodies."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest

from etelecom_async import Effect, EtelecomError
from etelecom_async._core.codec import responses
from etelecom_async._core.operation import Operation
from etelecom_async.operations import OPERATIONS

OPEN: Operation[dict[str, Any], dict[str, Any]] = Operation(
    name="open",
    service="Any",
    method="Thing",
    effect=Effect.READ,
    callers=frozenset(),
    request_type=lambda: dict,
    response_type=lambda: dict,
)


def decode(
    name: str | Operation[Any, Any],
    body: object,
    *,
    status: int = 200,
    headers: dict[str, str] | None = None,
    schema_mismatches: Counter[str] | None = None,
) -> Any:
    """Decode a body, or a value as JSON, as the response of an operation."""
    operation = OPERATIONS[name] if isinstance(name, str) else name
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return responses.decode(
        operation, status, headers or {}, data, Counter() if schema_mismatches is None else schema_mismatches
    )


def refused(name: str | Operation[Any, Any], body: object, **keywords: Any) -> Any:
    """Return the error that decoding raises."""
    with pytest.raises(EtelecomError) as caught:
        decode(name, body, **keywords)
    return caught.value
