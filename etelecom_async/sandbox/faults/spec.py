"""
The description of a fault: its kind, its target and its details.

A value that is wrong, or that does not apply to the kind, raises an error when the fault is created.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from typing import Any, Final, TypeVar, cast

import attrs
from attrs.validators import optional

from etelecom_async._core.operation import KeyKind
from etelecom_async._core.secret import MASK, Secret
from etelecom_async.operations import OPERATIONS
from etelecom_async.sandbox.hints import did_you_mean
from etelecom_async.sandbox.sender import Sender, read_key, read_test_name

_TextT = TypeVar("_TextT", bound=StrEnum)


class Target(StrEnum):
    """What a fault acts on."""

    CONNECTION = "connection"
    CALL = "call"
    PAGE = "page"
    """A page of a list, except the first one."""
    LAST_PAGE = "last_page"
    """The last page of a list that has rows."""


class Kind(StrEnum):
    """What goes wrong."""

    REFUSE = "refuse"
    """Resets a new connection before anything is read from it."""
    RESET_BEFORE = "reset_before"
    """Resets the connection after the head of the request; the call is not executed."""
    RESET_AFTER = "reset_after"
    """Executes the call, then resets the connection instead of sending the response."""
    HALF_BODY = "half_body"
    """Closes the connection in the middle of the response body."""
    STALL_HEADER = "stall_header"
    """Sends no response until the caller gives up or the sandbox ends."""
    STALL_BODY = "stall_body"
    """Sends the first half of the response body, and never the second half."""
    SLOW = "slow"
    """Sends the response in pieces, with pauses between them."""
    EXECUTE_LATE = "execute_late"
    """Resets the connection, and executes the call later, as a slow proxy does."""
    STATUS = "status"
    """Sends another HTTP status, with another body."""
    WRONG_LENGTH = "wrong_length"
    """Sends a Content-Length that is not the length of the body."""
    GZIP_GARBAGE = "gzip_garbage"
    """Declares the response as gzip, but does not compress it."""
    DUPLICATE_ROWS = "duplicate_rows"
    """Puts the last rows of the page before in front of a page, which gets longer."""
    SHIFT_ROWS = "shift_rows"
    """Starts a page some rows early, as if new rows had come; the page keeps its length."""
    REPEAT_CURSOR = "repeat_cursor"
    """Returns the cursor of a page as its own next cursor."""
    REPEAT_PAGE = "repeat_page"
    """Returns a page again and again, each time with a new next cursor."""
    BLANK_NEXT = "blank_next"
    """Ends a list with a `next` that is no cursor, such as `false` or 0."""

    @property
    def target(self) -> Target:
        """What the kind acts on."""
        return _TARGETS.get(self, Target.CALL)


_TARGETS: Final = {
    Kind.REFUSE: Target.CONNECTION,
    Kind.DUPLICATE_ROWS: Target.PAGE,
    Kind.SHIFT_ROWS: Target.PAGE,
    Kind.REPEAT_CURSOR: Target.PAGE,
    Kind.REPEAT_PAGE: Target.PAGE,
    Kind.BLANK_NEXT: Target.LAST_PAGE,
}
_PAGES: Final = (Target.PAGE, Target.LAST_PAGE)


class Body(StrEnum):
    """The body of a `status` fault."""

    JSON = "json"
    """An error as the API sends it."""
    CUT = "cut"
    """The same, cut off in the middle of its text."""
    HTML = "html"
    """An HTML page, as proxies send it."""
    TEXT = "text"
    """Plain text, as load balancers send it."""
    NONE = "none"


class RetryAfter(StrEnum):
    """How a `status` fault writes `Retry-After`."""

    SECONDS = "seconds"
    DATE = "date"
    JUNK = "junk"


_STATUSES: Final = range(200, 600)
# A year; a larger number is a typing error.
_MOST_SECONDS: Final = 366 * 24 * 3600
# Forms of one operation share a fault: the sandbox matches faults before it reads the body.
_BY_NAME: Final = {name: row.form_of or name for name, row in OPERATIONS.items()}
_BY_WIRE_NAME: Final = {row.wire_name: _BY_NAME[name] for name, row in OPERATIONS.items()}


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


def _read_texts(value: str | Iterable[str] | None, field: str) -> tuple[str, ...]:
    if value is None or value == ():
        return ()
    texts = _one_or_more(value, field)
    for text in texts:
        if not isinstance(text, str):
            raise ValueError(f"{field} is {text!r}, not a text")  # noqa: TRY004 - each wrong field is a ValueError
    return texts


def _read_codes(value: str | Iterable[str] | None) -> tuple[str, ...]:
    return _read_texts(value, "code")


def _read_contents(value: str | Iterable[str] | None) -> tuple[str, ...]:
    return _read_texts(value, "content")


def _read_nexts(value: str | float | Iterable[str | float | None] | None) -> tuple[Any, ...]:
    values = _one_or_more(value, "next")
    for item in values:
        if not _is_blank(item):
            raise ValueError(f"next is {item!r}, not null, false, 0 or a blank text")
    return values


def _is_blank(value: object) -> bool:
    return not value.strip() if isinstance(value, str) else value in (None, False, 0)


def _read_operation(name: str | None) -> str | None:
    if name is None:
        return None
    for known in (_BY_NAME, _BY_WIRE_NAME):
        if name in list(known):
            return known[name]
    hint = did_you_mean(str(name), (*_BY_NAME, *_BY_WIRE_NAME))
    raise ValueError(f"operation is {name!r}, which is neither a public nor a wire name{hint}")


def _read_test(name: str | None) -> str | None:
    return None if name is None else read_test_name(name)


def _read_key(key: Secret | str | None) -> Secret | None:
    return key if key is None or isinstance(key, Secret) else Secret(read_key(key))


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
_YES_OR_NO: Final = _check("true or false", lambda it: isinstance(it, bool))


def _applies_to(*kinds: Kind) -> Mapping[str, frozenset[Kind]]:
    """Return the metadata of a field: the kinds to which it applies."""
    return {"kinds": frozenset(kinds)}


@attrs.frozen(kw_only=True)
class Fault:
    """
    A fault and the calls to which it applies.

    If a field has several values, the seed chooses one of them each time.

    Raises:
        ValueError: A value is wrong, or does not apply to the kind.
    """

    kind: tuple[Kind, ...] = attrs.field(converter=_read_kinds)
    """What goes wrong; several kinds must have the same target."""
    operation: str | None = attrs.field(default=None, converter=_read_operation)
    """Public name or wire name of the operation; `None` for all operations."""
    test: str | None = attrs.field(default=None, converter=_read_test)
    """Name of the test whose calls get the fault, by their header `X-Sandbox-Test`; `None` for all calls."""
    key: Secret | None = attrs.field(default=None, converter=_read_key)
    """Key whose calls get the fault; `None` for all keys."""
    times: int | None = attrs.field(default=None, validator=optional(_POSITIVE))
    """Number of calls into which the fault is injected; `None` for all."""
    after: int = attrs.field(default=0, validator=_NOT_NEGATIVE)
    """Number of calls to let pass first."""
    probability: float = attrs.field(default=1.0, validator=_SHARE)
    """Share of the calls into which the fault is injected, from 0 to 1."""
    seed: int = attrs.field(default=0, validator=_WHOLE)
    """Chooses the calls, and one of several values."""

    processed: bool | None = attrs.field(
        default=None, validator=optional(_YES_OR_NO), metadata=_applies_to(Kind.STATUS, Kind.STALL_HEADER)
    )
    """Whether the call is executed first; by default `stall_header` executes it and `status` does not."""
    late_seconds: float | None = attrs.field(
        default=None,
        validator=optional(_SECONDS),
        metadata=_applies_to(Kind.EXECUTE_LATE, Kind.STATUS, Kind.STALL_HEADER),
    )
    """
    Seconds after the end of the response or connection when the call is executed.

    The clock of the sandbox counts them. By default `execute_late` has 0, and other kinds are not late.
    """
    status: tuple[int, ...] = attrs.field(
        default=(503,), converter=_read_statuses, metadata=_applies_to(Kind.STATUS)
    )
    body: tuple[Body, ...] = attrs.field(
        default=(Body.JSON,), converter=_read_bodies, metadata=_applies_to(Kind.STATUS)
    )
    code: tuple[str, ...] = attrs.field(default=(), converter=_read_codes, metadata=_applies_to(Kind.STATUS))
    """Code in a JSON body, which may disagree with the status; by default the code of the status."""
    content: tuple[str, ...] = attrs.field(
        default=(), converter=_read_contents, metadata=_applies_to(Kind.STATUS)
    )
    """The text of the body, sent as JSON whether or not it is; replaces `body` and `code`."""
    retry_after: float | None = attrs.field(
        default=None, validator=optional(_SECONDS), metadata=_applies_to(Kind.STATUS)
    )
    """Seconds in `Retry-After`; `None` for no such header."""
    retry_after_as: tuple[RetryAfter, ...] = attrs.field(
        default=(RetryAfter.SECONDS,), converter=_read_retry_after_as, metadata=_applies_to(Kind.STATUS)
    )
    off_by: int = attrs.field(default=-1, validator=_WHOLE, metadata=_applies_to(Kind.WRONG_LENGTH))
    """Bytes to add to Content-Length; a negative number announces too few."""
    piece_bytes: int = attrs.field(default=64, validator=_POSITIVE, metadata=_applies_to(Kind.SLOW))
    """Bytes in each piece."""
    pause_seconds: float = attrs.field(default=0.05, validator=_SECONDS, metadata=_applies_to(Kind.SLOW))
    """Seconds between two pieces."""
    rows: int = attrs.field(
        default=1, validator=_POSITIVE, metadata=_applies_to(Kind.DUPLICATE_ROWS, Kind.SHIFT_ROWS)
    )
    """Number of repeated rows."""
    next: tuple[Any, ...] = attrs.field(
        default=(False,), converter=_read_nexts, metadata=_applies_to(Kind.BLANK_NEXT)
    )
    """Value of `next`: null, false, 0 or a blank text."""

    def __attrs_post_init__(self) -> None:
        if len({kind.target for kind in self.kind}) > 1:
            raise ValueError(f"{', '.join(self.kind)} do not have the same target; create one fault for each")
        self._check_what_a_head_shows()
        if self.operation and self.target in _PAGES and not OPERATIONS[self.operation].items:
            raise ValueError(f"{self.operation} is not a list, so {self.kind[0]} does not apply to it")
        if self.retry_after is None and self.retry_after_as != (RetryAfter.SECONDS,):
            raise ValueError("retry_after_as is the format of retry_after, which is missing")
        if self.processed is not None and self.late_seconds is not None:
            raise ValueError("late_seconds already says when the call is executed; remove processed")
        if self.content and (self.code or self.body != (Body.JSON,)):
            raise ValueError("content is the whole body; remove body and code")
        for field, value in self._explicit_fields():
            kinds = field.metadata.get("kinds")
            if kinds and kinds.isdisjoint(self.kind):
                raise ValueError(f"{field.name} is {value!r}, which does not apply to {', '.join(self.kind)}")

    def _check_what_a_head_shows(self) -> None:
        """Check that operation, test and key are known when the fault acts."""
        named = [name for name in ("operation", "test", "key") if getattr(self, name)]
        if named and self.target is Target.CONNECTION:
            raise ValueError(
                f"{named[0]} does not apply to refuse: no request was read yet; reset_before resets a "
                "connection after the head of a request"
            )
        if self.key and self.operation and KeyKind.USERNAME_PASSWORD in OPERATIONS[self.operation].callers:
            raise ValueError(
                f"key does not apply to {self.operation}, which sends no key; give the test instead"
            )

    @property
    def target(self) -> Target:
        """What the fault acts on."""
        return self.kind[0].target

    @property
    def sender(self) -> Sender:
        """The filter of the calls that get the fault."""
        return Sender(self.test, None if self.key is None else self.key.reveal())

    def to_dict(self) -> dict[str, Any]:
        """Return the fields that differ from their defaults, as in JSON and TOML; a key is masked."""
        return {field.name: _simplify(value) for field, value in self._explicit_fields()}

    def _explicit_fields(self) -> Iterable[tuple[attrs.Attribute[Any], Any]]:
        """Yield the fields that differ from their defaults."""
        for field in attrs.fields(Fault):
            value = getattr(self, field.name)
            # `False` and 0 are equal, but are different values of `next`.
            if value != field.default or repr(value) != repr(field.default):
                yield field, value


def bind(fault: Fault, sender: Sender) -> Fault:
    """
    Return a fault for the calls of one sender.

    Raises:
        ValueError: The fault belongs to another sender already, or acts before a request is read.
    """
    for name, bound, wanted in (
        ("test", fault.test, sender.test),
        ("key", fault.sender.key, sender.key),
    ):
        if bound and wanted and bound != wanted:
            raise ValueError(f"the fault names another {name}; remove it, or add the fault for that {name}")
    return attrs.evolve(fault, test=sender.test or fault.test, key=sender.key or fault.key)


def _simplify(value: object) -> Any:
    if isinstance(value, Secret):
        return MASK
    values = _one_or_more(value, "")
    return values[0] if len(values) == 1 else list(values)
