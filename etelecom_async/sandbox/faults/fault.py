"""
What can be said of a fault: its kind, whom it strikes, and its details.

A fault that cannot be, or that says what its kind does not heed, is refused where it is made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from typing import Any, Final, TypeVar, cast

import attrs
from attrs.validators import optional

from etelecom_async.operations import OPERATIONS

_TextT = TypeVar("_TextT", bound=StrEnum)


class Target(StrEnum):
    """What a fault strikes."""

    CONNECTION = "connection"
    CALL = "call"
    PAGE = "page"
    """A page of a list that is not the first."""


class Kind(StrEnum):
    """What goes wrong."""

    REFUSE = "refuse"
    """A new connection is reset before anything is read from it."""
    RESET_BEFORE = "reset_before"
    """The connection is reset once the request's head was read; nothing was done."""
    RESET_AFTER = "reset_after"
    """The connection is reset in place of the answer; it was done."""
    HALF_BODY = "half_body"
    """The connection is closed in the middle of the answer's body."""
    STALL_HEADER = "stall_header"
    """No answer comes, until the caller gives up or the sandbox ends."""
    STALL_BODY = "stall_body"
    """The second half of the answer's body never comes."""
    SLOW = "slow"
    """The answer comes in pieces, with a pause before each but the first."""
    STATUS = "status"
    """Another HTTP status is answered."""
    WRONG_LENGTH = "wrong_length"
    """The answer's Content-Length is not that of its body."""
    GZIP_GARBAGE = "gzip_garbage"
    """The answer says that it is gzip, and is not."""
    DUPLICATE_ROWS = "duplicate_rows"
    """A page begins with the last rows of the one before, and is longer by them."""
    SHIFT_ROWS = "shift_rows"
    """A page begins some rows earlier than it should, as if new ones had come; it is as long as asked for."""
    REPEAT_CURSOR = "repeat_cursor"
    """A page names its own cursor as the next one."""

    @property
    def target(self) -> Target:
        """What it strikes."""
        if self is Kind.REFUSE:
            return Target.CONNECTION
        pages = (Kind.DUPLICATE_ROWS, Kind.SHIFT_ROWS, Kind.REPEAT_CURSOR)
        return Target.PAGE if self in pages else Target.CALL


class Body(StrEnum):
    """The body of a `status` fault."""

    JSON = "json"
    """The API's form of an error."""
    HTML = "html"
    """A page, as proxies answer."""
    NONE = "none"


class RetryAfter(StrEnum):
    """How a `status` fault writes `Retry-After`."""

    SECONDS = "seconds"
    DATE = "date"
    JUNK = "junk"


_STATUSES: Final = range(200, 600)
# A year; more is a slip of the keyboard.
_MOST_SECONDS: Final = 366 * 24 * 3600
_BY_WIRE_NAME: Final = {row.wire_name: row.name for row in OPERATIONS.values()}


def _one_or_more(value: object, field: str) -> tuple[Any, ...]:
    if isinstance(value, str) or not isinstance(value, Iterable):
        return (value,)
    values = tuple(cast("Iterable[object]", value))
    if not values:
        raise ValueError(f"{field} is empty")
    return values


def _read_all(kind: type[_TextT], value: object, field: str) -> tuple[_TextT, ...]:
    texts = _one_or_more(value, field)
    for text in texts:
        if text not in list(kind):
            raise ValueError(f"{field} is {text!r}, not one of {', '.join(kind)}")
    return tuple(kind(text) for text in texts)


def _read_kinds(value: str | Iterable[str]) -> tuple[Kind, ...]:
    return _read_all(Kind, value, "kind")


def _read_bodies(value: str | Iterable[str]) -> tuple[Body, ...]:
    return _read_all(Body, value, "body")


def _read_retry_after_as(value: str | Iterable[str]) -> tuple[RetryAfter, ...]:
    return _read_all(RetryAfter, value, "retry_after_as")


def _read_statuses(value: int | Iterable[int]) -> tuple[int, ...]:
    statuses = _one_or_more(value, "status")
    for status in statuses:
        if type(status) is not int or status not in _STATUSES:
            raise ValueError(f"status is {status!r}, not a number from {_STATUSES[0]} to {_STATUSES[-1]}")
    return statuses


def _read_operation(name: str | None) -> str | None:
    if name is None or name in list(OPERATIONS):
        return name
    if name not in list(_BY_WIRE_NAME):
        raise ValueError(f"operation is {name!r}, which is neither a public nor a wire name")
    return _BY_WIRE_NAME[name]


def _check(what: str, is_right: Callable[[Any], bool]) -> Any:
    def check(_: object, field: attrs.Attribute[Any], value: object) -> None:
        if not is_right(value):
            raise ValueError(f"{field.name} is {value!r}, not {what}")

    return check


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: object) -> bool:
    return _is_whole(value) or isinstance(value, float)


_WHOLE: Final = _check("a whole number", _is_whole)
_NOT_NEGATIVE: Final = _check("a whole number, 0 or more", lambda it: _is_whole(it) and it >= 0)
_POSITIVE: Final = _check("a whole number, 1 or more", lambda it: _is_whole(it) and it >= 1)
_SHARE: Final = _check("a number from 0 to 1", lambda it: _is_number(it) and 0 <= it <= 1)
_SECONDS: Final = _check("a number of seconds", lambda it: _is_number(it) and 0 <= it <= _MOST_SECONDS)
_TEXT: Final = _check("a text", lambda it: isinstance(it, str))
_YES_OR_NO: Final = _check("true or false", lambda it: isinstance(it, bool))


def _of(*kinds: Kind) -> Mapping[str, frozenset[Kind]]:
    """Return a field's metadata: the kinds that heed it."""
    return {"kinds": frozenset(kinds)}


@attrs.frozen(kw_only=True)
class Fault:
    """
    What goes wrong, with which calls.

    Where a field takes several values, one of them is taken each time, by the seed.

    Raises:
        ValueError: A value cannot be right, or is one that the kind does not heed.
    """

    kind: tuple[Kind, ...] = attrs.field(converter=_read_kinds)
    """What goes wrong; several kinds have to strike the same target."""
    operation: str | None = attrs.field(default=None, converter=_read_operation)
    """Public or wire name of the operation; `None` for any."""
    times: int | None = attrs.field(default=None, validator=optional(_POSITIVE))
    """How often it strikes; `None` for always."""
    after: int = attrs.field(default=0, validator=_NOT_NEGATIVE)
    """How many calls it lets pass before."""
    probability: float = attrs.field(default=1.0, validator=_SHARE)
    """Share of the calls that it strikes."""
    seed: int = attrs.field(default=0, validator=_WHOLE)
    """Decides which calls that share is, and what is taken of several values."""

    processed: bool | None = attrs.field(
        default=None, validator=optional(_YES_OR_NO), metadata=_of(Kind.STATUS, Kind.STALL_HEADER)
    )
    """Whether the call is done before it goes wrong; where left out, `stall_header` does it, `status` not."""
    status: tuple[int, ...] = attrs.field(default=(503,), converter=_read_statuses, metadata=_of(Kind.STATUS))
    body: tuple[Body, ...] = attrs.field(
        default=(Body.JSON,), converter=_read_bodies, metadata=_of(Kind.STATUS)
    )
    code: str | None = attrs.field(default=None, validator=optional(_TEXT), metadata=_of(Kind.STATUS))
    """The code in a JSON body; where left out, the one that goes with the status."""
    retry_after: float | None = attrs.field(
        default=None, validator=optional(_SECONDS), metadata=_of(Kind.STATUS)
    )
    """Seconds that the answer asks to wait; `None` for no `Retry-After`."""
    retry_after_as: tuple[RetryAfter, ...] = attrs.field(
        default=(RetryAfter.SECONDS,), converter=_read_retry_after_as, metadata=_of(Kind.STATUS)
    )
    off_by: int = attrs.field(default=-1, validator=_WHOLE, metadata=_of(Kind.WRONG_LENGTH))
    """Bytes by which Content-Length is off: fewer than are sent, or more."""
    piece_bytes: int = attrs.field(default=64, validator=_POSITIVE, metadata=_of(Kind.SLOW))
    """Bytes of a piece."""
    pause_seconds: float = attrs.field(default=0.05, validator=_SECONDS, metadata=_of(Kind.SLOW))
    """Seconds between two pieces."""
    rows: int = attrs.field(
        default=1, validator=_POSITIVE, metadata=_of(Kind.DUPLICATE_ROWS, Kind.SHIFT_ROWS)
    )
    """Rows that come again."""

    def __attrs_post_init__(self) -> None:
        if len({kind.target for kind in self.kind}) > 1:
            raise ValueError(f"{', '.join(self.kind)} do not strike the same target; make a fault of each")
        if self.operation and self.target is Target.CONNECTION:
            raise ValueError("operation means nothing to refuse: no request was read yet")
        if self.operation and self.target is Target.PAGE and not OPERATIONS[self.operation].items:
            raise ValueError(f"{self.operation} is no list, so {self.kind[0]} cannot strike it")
        if self.retry_after is None and self.retry_after_as != (RetryAfter.SECONDS,):
            raise ValueError("retry_after_as says how to write retry_after, which is missing")
        for field, value in self._said():
            heeding = field.metadata.get("kinds")
            if heeding and heeding.isdisjoint(self.kind):
                raise ValueError(f"{field.name} is {value!r}, which means nothing to {', '.join(self.kind)}")

    @property
    def target(self) -> Target:
        """What it strikes."""
        return self.kind[0].target

    def as_form(self) -> dict[str, Any]:
        """Return what it says, as JSON and TOML write it."""
        return {field.name: _unpacked(value) for field, value in self._said()}

    def _said(self) -> Iterable[tuple[attrs.Attribute[Any], Any]]:
        """Yield the fields that are not left at what they are anyway."""
        for field in attrs.fields(Fault):
            value = getattr(self, field.name)
            if value != field.default:
                yield field, value


def _unpacked(value: object) -> Any:
    values = _one_or_more(value, "")
    return values[0] if len(values) == 1 else list(values)
