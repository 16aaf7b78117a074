"""The record of a step in the journal. It contains no request, no phone number and no secret."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

import attrs

from etelecom_async._core.known_secrets import KnownSecrets
from etelecom_async._core.operation import Effect
from etelecom_async._core.secret import MASK, mask
from etelecom_async.bulk.states import State
from etelecom_async.errors import APIError, EtelecomError, ResultError, SmsError

_MOST_CHARACTERS: Final = 500
_TIMES: Final = ("started_at", "quiet_since", "sent_at", "ended_at")


@attrs.frozen(kw_only=True)
class Entry:
    """What the journal keeps of a step of the plan."""

    key: str
    operation: str
    """Public name of the operation, or its wire name."""
    effect: Effect
    account: str
    """Whose data the call changes, without a secret; it survives a new key."""
    digest: str
    """Digest of operation, account and request."""


@attrs.frozen(kw_only=True)
class Failure:
    """Why a step is not done, without secrets and phone numbers."""

    kind: str
    """Name of the error's class."""
    code: str | None = None
    """Code of the API, of Zalo or of the SMS service, if the server sent one."""
    text: str = ""
    """The error's message; empty for an error of another library, because it may contain anything."""

    @classmethod
    def of(cls, error: BaseException, hidden: Iterable[str] = ()) -> Failure:
        """
        Return what the journal keeps of an error.

        Args:
            error: The error.
            hidden: Texts that are masked, too, in all forms in which a server may quote them.
        """
        if not isinstance(error, EtelecomError):
            return cls(kind=type(error).__name__)
        text = mask(KnownSecrets(hidden).replace(error.message, MASK))
        return cls(kind=type(error).__name__, code=_code_of(error), text=text[:_MOST_CHARACTERS])


def _code_of(error: EtelecomError) -> str | None:
    if isinstance(error, APIError):
        return error.code
    if isinstance(error, SmsError):
        return error.status or None
    code: object = getattr(error.result, "error_code", None) if isinstance(error, ResultError) else None
    return None if code is None else str(code)


@attrs.frozen(kw_only=True)
class Record(Entry):
    """A step in the journal."""

    state: State = State.PLANNED
    attempts: int = 0
    """How often the call was started."""
    started_at: datetime | None = None
    """The server's time before the first call that may have been executed: an older object is another one."""
    quiet_since: datetime | None = None
    """The server's time at which the last call had surely sent its last byte; `None` if that is not known."""
    sent_at: datetime | None = None
    """This machine's time before the last call."""
    ended_at: datetime | None = None
    """This machine's time of the outcome."""
    chosen: Mapping[str, Any] = attrs.field(factory=dict[str, Any])
    """Values of the request that the job chose before the first call, for example `tracking_id`."""
    kept: Mapping[str, Any] = attrs.field(factory=dict[str, Any])
    """Values of the result that other steps use, by their paths, for example `id`."""
    error: Failure | None = None

    @classmethod
    def planned(cls, entry: Entry) -> Record:
        """Return the record of a step that was not started yet."""
        return cls(**{name: getattr(entry, name) for name in PLANNED_FIELDS})

    @classmethod
    def decode(cls, entry: Mapping[str, Any], state: str, text: str) -> Record:
        """Return the record with these fields of the plan, this state, and `changing` as JSON."""
        fields: dict[str, Any] = json.loads(text)
        for name in _TIMES:
            if name in fields:
                fields[name] = datetime.fromtimestamp(fields[name], UTC)
        if "error" in fields:
            fields["error"] = Failure(**fields["error"])
        return cls(**{**entry, "effect": Effect(entry["effect"])}, state=State(state), **fields)

    def changing(self) -> dict[str, Any]:
        """
        Return the fields that change while the job runs, except the state, in a form for JSON.

        Raises:
            TypeError: A value is not JSON, for example a `Secret`.
            ValueError: A number is not finite.
        """
        fields: dict[str, Any] = {"attempts": self.attempts}
        # Numbers, because texts take several times as long.
        if self.started_at is not None:
            fields["started_at"] = self.started_at.timestamp()
        if self.quiet_since is not None:
            fields["quiet_since"] = self.quiet_since.timestamp()
        if self.sent_at is not None:
            fields["sent_at"] = self.sent_at.timestamp()
        if self.ended_at is not None:
            fields["ended_at"] = self.ended_at.timestamp()
        if self.chosen:
            fields["chosen"] = _checked(self.chosen)
        if self.kept:
            fields["kept"] = _checked(self.kept)
        if self.error is not None:
            fields["error"] = {"kind": self.error.kind, "code": self.error.code, "text": self.error.text}
        return fields


def _checked(values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return *values*, which must be JSON: another thread writes them, which could not tell the caller."""
    if not all(isinstance(value, str) for value in values.values()):
        json.dumps(values, allow_nan=False)
    return values


PLANNED_FIELDS: Final = tuple(field.name for field in attrs.fields(Entry))
"""Fields that a record has from the plan."""
