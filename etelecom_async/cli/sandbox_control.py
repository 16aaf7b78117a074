"""Call the control API of a running sandbox: find the sandbox, send one request, and read the response."""

from __future__ import annotations

import http.client
import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final, NamedTuple, cast
from urllib.parse import urlsplit

from etelecom_async._core.urls import is_loopback
from etelecom_async.cli import exit_codes
from etelecom_async.cli.command import CommandError
from etelecom_async.cli.settings import OPTION, Settings, Value

_SECONDS: Final = 30
_START: Final = "start one with `etelecom sandbox` in another shell, and paste the lines that it prints"


class SandboxAddress(NamedTuple):
    """The address of a running sandbox."""

    host: str
    port: int

    @property
    def origin(self) -> str:
        """The start of its URLs."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"


def find_sandbox(base_url: str | None, profile: str | None) -> SandboxAddress:
    """
    Return the address of the sandbox that a command is about.

    Args:
        base_url: The value of `--base-url`; `None` for that of the environment or the profile.
        profile: The value of `--profile`.

    Raises:
        CommandError: The URL is not one of a sandbox. A URL of the environment must be on this machine, so
            that no invented event goes to the real service.
    """
    found = (
        Settings.checked(profile).value("base_url")
        if base_url is None
        else Value(base_url, OPTION, "--base-url")
    )
    if found is None or (found.source != OPTION and not is_loopback(found.text)):
        place = "no variable" if found is None or not found.place else found.place
        raise _usage(f"{place} names a sandbox on this machine: {_START}; or add --base-url URL")
    try:
        parts = urlsplit(found.text)
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = parts = None
    if parts is None or parts.scheme != "http" or not host:
        raise _usage(f"{found.place} is not the URL of a sandbox, such as http://127.0.0.1:8080/v1")
    return SandboxAddress(host, port or http.client.HTTP_PORT)


def post(address: SandboxAddress, path: str, body: Mapping[str, object]) -> dict[str, Any]:
    """
    Send one request to the control API, and return the JSON object of the response.

    It is never repeated: a second record would be another event.

    Args:
        address: The sandbox.
        path: The path after `/_sandbox`.
        body: The JSON object.

    Raises:
        CommandError: There is no sandbox, or it refused the request.
    """
    connection = http.client.HTTPConnection(address.host, address.port, timeout=_SECONDS)
    try:
        connection.connect()
    except OSError as error:
        reason = error.strerror or str(error)
        raise CommandError(f"no sandbox listens at {address.origin} ({reason}): {_START}") from error
    try:
        headers = {"Content-Type": "application/json"}
        connection.request("POST", f"/_sandbox{path}", json.dumps(body), headers)
        response = connection.getresponse()
        status, content = response.status, response.read()
    except (OSError, http.client.HTTPException) as error:
        raise CommandError(
            f"the response of {address.origin} was lost ({str(error) or type(error).__name__}): "
            "the sandbox may have made the event, so look before you repeat the command"
        ) from error
    finally:
        connection.close()
    return _read(address, status, content)


def _read(address: SandboxAddress, status: int, content: bytes) -> dict[str, Any]:
    try:
        found = json.loads(content)
    except ValueError:
        found = None
    if isinstance(found, dict):
        fields = cast("dict[str, Any]", found)
        if status == HTTPStatus.OK:
            return fields
        if isinstance(text := fields.get("msg"), str) and fields.get("code") != "bad_route":
            raise CommandError(f"the sandbox refused the event: {text}")
    raise CommandError(f"{address.origin} is not a sandbox that can make events (HTTP {status}): {_START}")


def _usage(text: str) -> CommandError:
    return CommandError(text, exit_code=exit_codes.USAGE)
