"""Mask what a recorder writes, so that its file holds no secret and no phone number."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final, cast
from urllib.parse import urlsplit

import attrs

from etelecom_async._core import known_secrets, secret
from etelecom_async._core.call_secrets import secret_values
from etelecom_async._core.http.messages import HttpRequest
from etelecom_async._core.known_secrets import KnownSecrets
from etelecom_async._core.secret import MASK
from etelecom_async.testing import exchanges
from etelecom_async.testing.replies import row_of

UNIQUE: Final = "<unique id>"
"""Stands for the id that the client makes for each message."""
_UNIQUE_ID: Final = re.compile(r"[0-9a-f]{32}")
_RECORDINGS: Final = re.compile(r"recording_?urls?\Z", re.IGNORECASE)
_RECORDING: Final = "https://masked.invalid/recording"
_LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")
_PEER: Final = "http://sandbox.invalid"


@attrs.frozen
class Masks:
    """
    Masks of one call. The same request always gets the same masks, so files do not change without a reason.

    Masks keep the type of each value, so that a masked response still decodes.
    """

    _request: HttpRequest
    _names: frozenset[str]
    """Names of more fields to mask."""
    _origin: str
    """Origin of a server on this machine, whose port changes; else empty."""
    unique_id: str
    """The id that the client made for the message; empty if there is none."""
    _declared: KnownSecrets
    """The secrets that the documentation shows, also of a call by its name on the wire."""

    @classmethod
    def of(cls, request: HttpRequest, body: object, names: frozenset[str]) -> Masks:
        """Return the masks of a call, by its request with the JSON *body*."""
        url = urlsplit(request.url)
        origin = f"{url.scheme}://{url.netloc}" if url.hostname in _LOOPBACK else ""
        row = row_of(request.operation)
        tracking = None if row is None else row.tracking
        value: object = cast("Mapping[str, object]", body).get(tracking) if tracking else None
        is_ours = isinstance(value, str) and _UNIQUE_ID.fullmatch(value) is not None
        declared = KnownSecrets([] if row is None else secret_values(row.request, body))
        return cls(request, names, origin, str(value) if is_ours else "", declared)

    def apply(self, value: object) -> Any:
        """Return a JSON value with secrets, phone numbers, URLs of recordings and the named fields masked."""
        with known_secrets.of_call(self._request):
            return self._value(value, is_secret=False, is_recording=False)

    def text(self, text: str) -> str:
        """Return a text that is no JSON, masked."""
        with known_secrets.of_call(self._request):
            return self._text(text)

    def failure(self, text: str) -> str:
        """Return the text of a failed connection, masked; of this machine, also without the port."""
        if self._origin:
            url = urlsplit(self._origin)
            # As in a URL, and as in the addresses of Python.
            text = re.sub(rf"(?<=:){url.port}\b|(?<=', ){url.port}\b", "0", text)
        return self.text(text)

    def _value(self, value: object, *, is_secret: bool, is_recording: bool) -> Any:
        if isinstance(value, Mapping):
            fields = cast("Mapping[str, object]", value)
            return {
                self._text(name): self._field(name, item, is_secret=is_secret, is_recording=is_recording)
                for name, item in fields.items()
            }
        if isinstance(value, list):
            items = cast("list[object]", value)
            if is_recording:
                return [_recording_url(number) for number in range(1, len(items) + 1)]
            return [self._value(item, is_secret=is_secret, is_recording=False) for item in items]
        if isinstance(value, str):
            return self._leaf(value, is_secret=is_secret, is_recording=is_recording)
        if isinstance(value, int | float) and not isinstance(value, bool):
            text = str(value)
            return 0 if is_secret or secret.mask(text) != text else value
        return value

    def _field(self, name: str, value: object, *, is_secret: bool, is_recording: bool) -> Any:
        return self._value(
            value,
            is_secret=is_secret or name in self._names or secret.is_masked_name(name),
            is_recording=is_recording or _RECORDINGS.search(name) is not None,
        )

    def _leaf(self, text: str, *, is_secret: bool, is_recording: bool) -> str:
        if not text:
            return text
        if is_secret:
            return self._secret(text)
        return _recording_url(1) if is_recording else self._text(text)

    def _secret(self, text: str) -> str:
        """Return the mask of a secret; an object that is sent as a text stays one."""
        inner = exchanges.json_of(text.encode())
        if inner is None:
            return MASK
        return json.dumps(self._value(inner, is_secret=True, is_recording=False), ensure_ascii=False)

    def _text(self, text: str) -> str:
        if self.unique_id:
            text = text.replace(self.unique_id, UNIQUE)
        if self._origin:
            text = text.replace(self._origin, _PEER)
        return secret.mask(self._declared.replace(text, MASK))


def with_unique_id(value: object, unique_id: str) -> Any:
    """Return a masked value with the id of another request in place of the mark."""
    text = json.dumps(value, ensure_ascii=False)
    return json.loads(text.replace(UNIQUE, unique_id)) if unique_id else value


def _recording_url(number: int) -> str:
    return f"{_RECORDING}-{number}.mp3"
