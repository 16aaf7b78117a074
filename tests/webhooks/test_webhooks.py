"""The package loads its modules on first use."""

from __future__ import annotations

import subprocess
import sys

import pytest

from etelecom_async import errors, webhooks

LOADED = """
import sys
from etelecom_async import webhooks
before = [name for name in sys.modules if name.startswith("etelecom_async.webhooks.")]
webhooks.Router
import etelecom_async.webhooks.asgi, etelecom_async.webhooks.wsgi
print(before, "aiohttp" in sys.modules, "etelecom_async._client" in sys.modules)
"""


def test_public_names() -> None:
    """Each public name exists, and an unknown one is an ordinary error."""
    for name in webhooks.__all__:
        assert getattr(webhooks, name).__name__ == name
    assert set(webhooks.__all__) <= set(dir(webhooks))
    assert webhooks.InvalidWebhookError is errors.InvalidWebhookError
    with pytest.raises(AttributeError, match="has no attribute 'Routers'"):
        _ = webhooks.Routers  # type: ignore[attr-defined] - the wrong type is the test


def test_what_is_loaded() -> None:
    """The import loads no module, and the router loads neither aiohttp nor a client."""
    done = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=True)
    assert done.stdout == "[] False False\n"
