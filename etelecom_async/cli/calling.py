"""Make the client of a command, and watch its requests: for `--dry-run` and `--debug`."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Callable, Mapping
from typing import Any, Final, NoReturn, cast

from etelecom_async import ConfigurationError, KeyKindError, PartnerClient, ShopClient, SmsClient
from etelecom_async._core.attachment import Form
from etelecom_async._core.calls.engine import Engine
from etelecom_async._core.http.connection import ConnectionConfig
from etelecom_async._core.http.messages import HttpRequest, HttpResponse
from etelecom_async._core.http.transport import MAX_RESPONSE_BYTES, Transport
from etelecom_async._core.operation import Operation
from etelecom_async._core.secret import MASK
from etelecom_async._core.urls import is_loopback
from etelecom_async.cli import exit_codes
from etelecom_async.cli.command import CommandError, usage_error
from etelecom_async.cli.credentials import CLIENTS, PARTNER, SHOP, Credentials
from etelecom_async.cli.wording import in_words_of_commands

Watch = Callable[[HttpRequest], None]
"""Function that sees each request before it is sent, and may raise an error instead."""
Hear = Callable[[HttpResponse], object]
"""Function that sees each response."""


class DryRun(Exception):  # noqa: N818 - it is no error: the request is shown instead of sent
    """
    The request was built, and is not sent.

    Args:
        request: The request.
    """

    def __init__(self, request: HttpRequest) -> None:
        super().__init__(request.url)
        self.request = request


def refuse(request: HttpRequest) -> NoReturn:
    """
    Stop before a request is sent.

    Raises:
        DryRun: Always.
    """
    raise DryRun(request)


class _Watched(Transport):
    def __init__(self, connection: ConnectionConfig, watch: Watch | None, hear: Hear | None) -> None:
        super().__init__(None, connection)
        self._watch = watch
        self._hear = hear

    async def send(
        self, request: HttpRequest, seconds: float, most_bytes: int = MAX_RESPONSE_BYTES
    ) -> HttpResponse:
        if self._watch is not None:
            self._watch(request)
        response = await super().send(request, seconds, most_bytes)
        if self._hear is not None:
            self._hear(response)
        return response


class _Watchable:
    _engine: Engine

    @property
    def base_url(self) -> str:
        """The URL that requests go to."""
        return self._engine.identity.base_url

    def wire_name(self, operation: Operation[Any, Any]) -> str:
        """Return the wire name of an operation, with the corrections of the environment."""
        return self._engine.options.wire_name(operation)

    def watch(self, connection: ConnectionConfig, watch: Watch | None, hear: Hear | None) -> None:
        """Let *watch* see each request, and *hear* each response."""
        self._engine.transport = _Watched(connection, watch, hear)


class _Partner(_Watchable, PartnerClient):
    pass


class _Shop(_Watchable, ShopClient):
    pass


class _Sms(_Watchable, SmsClient):
    pass


Client = _Partner | _Shop | _Sms


def client(
    credentials: Credentials, base_url: str | None, watch: Watch | None, hear: Hear | None = None
) -> Client:
    """
    Return the client for a key.

    Args:
        credentials: The key.
        base_url: URL of the API; `None` for that of the environment or the profile, or else eTelecom's.
        watch: Sees each request.
        hear: Sees each response.

    Raises:
        CommandError: The key or the URL cannot be used.
        EtelecomError: The key is of another kind, or a variable of the environment is wrong.
    """
    place = "--base-url"
    if base_url is None and credentials.base_url is not None:
        base_url, place = credentials.base_url.text, f"the base URL of {credentials.base_url.place}"
    try:
        made = _made(credentials, base_url, trust_env=False)
    except KeyKindError:
        raise
    except ConfigurationError as error:
        raise _named(error, credentials, place) from None
    # As other commands do, use the proxy of the environment; a sandbox on this machine needs none.
    trust_env = not is_loopback(made.base_url)
    if trust_env:
        made = _made(credentials, base_url, trust_env=True)
    if watch is not None or hear is not None:
        made.watch(ConnectionConfig(trust_env=trust_env), watch, hear)
    return made


def _named(error: ConfigurationError, credentials: Credentials, place: str) -> Exception:
    """Return an error that names the source of the key, or the option, instead of an argument of Python."""
    name, _, problem = in_words_of_commands(error.message).partition(" ")
    if name in ("api_key", "password", "username"):
        return CommandError(f"the key from {credentials.source} {problem}", exit_code=exit_codes.KEY)
    if name == "base_url":
        return usage_error(f"{place} {problem}")
    return error


def _made(credentials: Credentials, base_url: str | None, *, trust_env: bool) -> Client:
    if credentials.client == PARTNER:
        return _Partner(credentials.secret, base_url=base_url, trust_env=trust_env)
    if credentials.client == SHOP:
        return _Shop(credentials.secret, base_url=base_url, trust_env=trust_env)
    return _Sms(credentials.username, credentials.secret, base_url=base_url, trust_env=trust_env)


def method(made: Client, name: str) -> Callable[..., Any]:
    """Return the method of an operation, for example `shop.extensions.list` of a `ShopClient`."""
    first, *others = name.split(".")
    found: Any = made if first in CLIENTS else getattr(made, first)
    for step in others:
        found = getattr(found, step)
    return cast("Callable[..., Any]", found)


def body_of(request: HttpRequest) -> str:
    """Return the body of a request as JSON, with its secrets masked."""
    if isinstance(request.body, Form):
        return request.body.shown()
    return request.known_secrets().replace_secrets(request.body.decode(), MASK)


def curl(request: HttpRequest, credentials: Credentials) -> str:
    """Return the `curl` line of a request, with a variable in place of the key."""
    variable = f'"${credentials.variable}"'
    parts = ["curl", "-sS", "-X", "POST", shlex.quote(request.url)]
    if "Authorization" in request.headers:
        parts += ["-H", f'"Authorization: Bearer ${credentials.variable}"']
    if isinstance(request.body, Form):
        for name, text in request.body.fields:
            parts += ["-F", shlex.quote(f"{name}={text}")]
        for name, file in request.body.files:
            parts += ["-F", shlex.quote(f"{name}=@{file.name}")]
        return " ".join(parts)
    # The password of the SMS service is in the body.
    key = json.dumps(credentials.secret.reveal(), ensure_ascii=False)
    text = request.body.decode().replace(key, f'"{_PLACE}"')
    text = shlex.quote(request.known_secrets().replace_secrets(text, MASK)).replace(_PLACE, f"'{variable}'")
    return " ".join([*parts, "-H", "'Content-Type: application/json'", "-d", text])


def showing(credentials: Credentials) -> Watch:
    """Return what writes the `curl` line of each request to stderr."""

    def show(request: HttpRequest) -> None:
        print(curl(request, credentials), file=sys.stderr)

    return show


_PLACE: Final = "\x00"
"""Stands for the key while a line is quoted."""


def as_json(request: HttpRequest) -> Mapping[str, Any]:
    """Return a request as data: the method, the URL, and the body with its secrets masked."""
    text = body_of(request)
    try:
        body: Any = json.loads(text)
    except ValueError:  # a form
        body = text
    return {"method": "POST", "url": request.url, "body": body}
