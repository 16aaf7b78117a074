"""The file of a recorder: masked requests with their responses, in JSON that people can read and compare."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from difflib import unified_diff
from pathlib import Path
from typing import Any, Final, cast

import attrs

from etelecom_async.testing.script_errors import ScriptError

FORMAT: Final = 1
"""Version of the file."""
NEVER_SENT: Final = "never_sent"
RESPONSE_LOST: Final = "response_lost"
_FAILURES: Final = (None, NEVER_SENT, RESPONSE_LOST)


@attrs.define(kw_only=True)
class Exchange:
    """A request and what came back; all of it is masked."""

    operation: str
    """Public name, or the name on the wire for a call by that name."""
    request: Any
    """The JSON of the request, or the fields of an upload."""
    status: int | None = None
    """HTTP status; `None` without a response."""
    headers: dict[str, str] = attrs.field(factory=dict[str, str])
    """The headers that mean something to the client."""
    response: Any = None
    """The JSON of the response; `None` if it is no JSON."""
    text: str | None = None
    """The body of a response that is no JSON."""
    failure: str | None = None
    """`never_sent` or `response_lost`, if there was no response."""
    message: str = ""
    """What failed."""

    @property
    def is_complete(self) -> bool:
        """Return whether the outcome is known; a call that was cancelled, or has not ended, has none."""
        return self.status is not None or self.failure is not None

    def to_dict(self) -> dict[str, Any]:
        """Return the fields that are set."""
        fields = attrs.asdict(self, recurse=False)
        return {
            name: value
            for name, value in fields.items()
            if name == "request" or not (value is None or value in ({}, ""))
        }


def write(path: Path, exchanges: Sequence[Exchange]) -> None:
    """Write a file as a whole, so that a failure leaves the earlier one."""
    content = {"format": FORMAT, "exchanges": [exchange.to_dict() for exchange in exchanges]}
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(f"{json.dumps(content, ensure_ascii=False, indent=2)}\n")
        Path(temporary).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(temporary).unlink()
        raise


def read(path: Path) -> list[Exchange]:
    """
    Return the exchanges of a file.

    Raises:
        ScriptError: The file cannot be read, or is no file of a recorder.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content["format"] != FORMAT:
            raise ScriptError(f"{path} has format {content['format']}, not {FORMAT}: record it again")
        return [_exchange(fields) for fields in content["exchanges"]]
    except FileNotFoundError:
        raise ScriptError(f"there is no file {path}: record it first, with mode='record'") from None
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise ScriptError(f"{path} is no file of a recorder ({error}): record it again") from None


def _exchange(fields: Any) -> Exchange:
    """Return an exchange of a file, which people may have edited."""
    exchange = Exchange(**fields)
    wrong = [name for name, kinds in _KINDS.items() if not isinstance(getattr(exchange, name), kinds)]
    if wrong:
        raise TypeError(f"{wrong[0]} of an exchange has a wrong type")
    if exchange.failure not in _FAILURES or not exchange.is_complete:
        raise ValueError(f"an exchange of {exchange.operation} has neither a status nor a known failure")
    return exchange


_KINDS: Final[Mapping[str, type | tuple[type, ...]]] = {
    "operation": str,
    "status": (int, type(None)),
    "headers": dict,
    "text": (str, type(None)),
    "message": str,
}


def difference(recorded: Exchange, request: object) -> str:
    """Return the lines in which a request differs from a recorded one; both are masked."""
    lines = unified_diff(_lines(recorded.request), _lines(request), "recorded", "sent", lineterm="", n=1)
    return "\n".join(lines)


def _lines(value: object) -> list[str]:
    return json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True).splitlines()


def json_of(body: bytes) -> Any:
    """Return the JSON object in a body; `None` if it holds none."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return cast("Mapping[str, Any]", value) if isinstance(value, dict) else None
