"""
Check the secret in the path of a webhook's URL.

The service does not sign its deliveries. So a secret in the path is the only proof of their origin. The older
platform of the same make advises it, too.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from hashlib import sha256
from hmac import compare_digest
from secrets import token_urlsafe
from typing import Final, cast

from etelecom_async._core.secret import Secret, SecretLike, problem_of
from etelecom_async.errors import ConfigurationError

FEWEST_CHARACTERS: Final = 16
# RFC 3986, unreserved characters: no program needs to encode them in a path.
_ALLOWED: Final = re.compile(r"[A-Za-z0-9._~-]+")


def new_secret() -> Secret:
    """Return a new random secret for the path of a webhook's URL: 43 characters."""
    return Secret(token_urlsafe(32))


class PathSecrets:
    """
    The secrets of a receiver.

    Args:
        secrets: One secret, or several: while an old one is replaced, both are valid.

    Raises:
        ConfigurationError: There is no secret, or one is too short, or has a character that paths encode.
    """

    __slots__ = ("_digests",)

    def __init__(self, secrets: SecretLike | Sequence[SecretLike]) -> None:
        given: object = secrets
        parts = cast("Sequence[SecretLike]", given if isinstance(given, list | tuple) else [given])
        if not parts:
            raise ConfigurationError("secret is an empty list: give at least one secret")
        known = [Secret.of(part) for part in parts]
        for secret in known:
            problem = _problem(secret)
            if problem is not None:
                raise ConfigurationError(problem)
        self._digests: Final = tuple(_digest(secret.reveal()) for secret in known)

    def __repr__(self) -> str:
        return f"<{len(self._digests)} secrets>"

    def match(self, path: str) -> bool:
        """
        Return whether the last part of *path* is one of the secrets, in constant time.

        A slash at the end does not count, because some frameworks add one.
        """
        digest = _digest(path.removesuffix("/").rpartition("/")[2])
        results = [compare_digest(digest, known) for known in self._digests]  # all of them, always
        return any(results)


def _digest(text: str) -> bytes:
    # Digests have equal lengths. Without them, the comparison would show the secret's length.
    return sha256(text.encode(errors="surrogatepass")).digest()


def _problem(secret: Secret) -> str | None:
    """Return why a secret cannot be used; the text does not show it."""
    if problem := problem_of(secret):
        return f"secret {problem}"
    text = secret.reveal()
    if len(text) < FEWEST_CHARACTERS:
        return f"secret has fewer than {FEWEST_CHARACTERS} characters: take webhooks.new_secret()"
    if _ALLOWED.fullmatch(text) is None:
        return "secret has a character that is not safe in a path: take letters, digits, '-', '.', '_' or '~'"
    return None
