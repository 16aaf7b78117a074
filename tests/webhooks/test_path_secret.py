"""The secret in the path of a webhook's URL."""

from __future__ import annotations

from typing import Any

import pytest

from etelecom_async import Secret
from etelecom_async.errors import ConfigurationError
from etelecom_async.webhooks import new_secret
from etelecom_async.webhooks.path_secret import PathSecrets

TEXT = "a-secret-of-the-tests"


def test_new_secret() -> None:
    """A new secret is random, long, valid, and masked."""
    first, second = new_secret(), new_secret()
    assert first != second
    assert len(first.reveal()) == 43
    assert first.reveal() not in f"{first} {first!r}"
    assert PathSecrets(first).match(f"/{first.reveal()}")


def test_match() -> None:
    """Only the last part of the path counts, and it must be equal."""
    secrets = PathSecrets(TEXT)
    for path in (TEXT, f"/{TEXT}", f"/any/where/{TEXT}", f"//{TEXT}", f"/{TEXT}/"):
        assert secrets.match(path)
    wrong = (
        "",
        "/",
        f"/{TEXT}//",
        f"/{TEXT[:-1]}",
        f"/{TEXT}x",
        f"/{TEXT.upper()}",
        f"/{TEXT}\n",
        "/\ud800",
        "/é",
    )
    for path in wrong:
        assert not secrets.match(path)


def test_two_secrets() -> None:
    """While a secret is replaced, the old and the new one are valid."""
    secrets = PathSecrets([Secret(TEXT), new_secret()])
    assert secrets.match(f"/{TEXT}")
    assert repr(secrets) == "<2 secrets>"


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ("", "fewer than 16 characters"),
        ("short", "fewer than 16 characters"),
        (TEXT + "/x", "not safe in a path"),
        (TEXT + " ", "not safe in a path"),
        (TEXT + "%", "not safe in a path"),
        (TEXT + "é", "not safe in a path"),
        (None, "takes a text or a Secret, not None"),
        (12345678901234567, "takes a text or a Secret, not int"),
        (b"bytes-of-a-secret", "takes a text or a Secret, not bytes"),
        ([], "empty list"),
        ([TEXT, "short"], "fewer than 16 characters"),
    ],
)
def test_refused(given: Any, problem: str) -> None:
    """A secret that is weak, or that a path would change, is refused; the error does not show it."""
    with pytest.raises(ConfigurationError, match=problem) as caught:
        PathSecrets(given)
    assert TEXT not in str(caught.value)
