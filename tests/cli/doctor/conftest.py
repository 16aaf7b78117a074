"""Fixtures for a service that differs from the sandbox, and for servers with TLS."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from etelecom_async.sandbox import app
from tests.reliability.conftest import authority, listen, secure

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["authority", "listen", "secure"]


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Unset the proxies of the developer."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture
def change(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[str, Any], Any]], None]:
    """
    Return a function that changes all responses of the sandbox.

    It takes a function from the name and the value of each field to another value. `DROP` removes the field.
    """
    encode = app._encode

    def install(changed: Callable[[str, Any], Any]) -> None:
        def mutated(response: Any) -> bytes:
            return json.dumps(_walk(json.loads(encode(response)), changed)).encode()

        monkeypatch.setattr(app, "_encode", mutated)

    return install


DROP = object()
"""Stands for a removed field."""


def _walk(value: Any, changed: Callable[[str, Any], Any]) -> Any:
    if isinstance(value, list):
        return [_walk(item, changed) for item in value]
    if not isinstance(value, dict):
        return value
    fields = {name: changed(name, _walk(item, changed)) for name, item in value.items()}
    return {name: item for name, item in fields.items() if item is not DROP}
