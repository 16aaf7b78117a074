"""
The journal of the sandbox: the requests that arrived, with their outcome, and the counts of both.

The counts are exact. Only the newest requests are kept, so a long run does not fill the memory. A body is
kept as it arrived. It is masked when a test reads it, by the rules of the client.
"""

from __future__ import annotations

import json
import math
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, cast, overload

import attrs

from etelecom_async._core import known_secrets, secret
from etelecom_async._core.call_secrets import known_secrets as secrets_of
from etelecom_async._core.call_secrets import secret_values
from etelecom_async._core.known_secrets import KnownSecrets
from etelecom_async._core.operation import KeyKind
from etelecom_async.operations import OPERATIONS
from etelecom_async.sandbox.hints import did_you_mean
from etelecom_async.sandbox.sender import EVERYONE, Sender
from etelecom_async.sandbox.times import iso

MOST_REQUESTS: Final = 10_000
"""Number of the newest requests that are kept."""
MOST_BODY_BYTES: Final = 16 * 1024
"""Bytes of a body that are kept."""


@attrs.frozen(kw_only=True)
class RecordedRequest:
    """A request that arrived at the sandbox, for the assertions of a test."""

    operation: str | None
    """Public name of the operation, for example `shop.users.create`; `None` for an unknown path."""
    path: str
    """Path of the request, for example `/v1/shop.Shop/CreateAccountUser`."""
    status: int | None
    """HTTP status that was sent; `None` if none was sent, or not yet."""
    is_executed: bool
    """Whether the call was executed, whether or not the response arrived."""
    faults: tuple[str, ...]
    """Kinds of the faults that were injected into the call: at most one of the call and one of its page."""
    key_kind: KeyKind | None
    """Kind of the key; `None` if the key is missing or not valid."""
    test: str | None
    """Name of the test, from the header `X-Sandbox-Test`."""
    time: datetime
    """When the request arrived, by the clock of the sandbox."""
    body: Any
    """
    The JSON of the request with secrets and phone numbers masked, or the fields of an upload.

    It is a text if the body is no JSON or too long, and `None` if it is empty or was not read.
    """

    def to_dict(self) -> dict[str, Any]:
        """Return the request as JSON."""
        return {**attrs.asdict(self), "time": iso(self.time), "faults": list(self.faults)}


Outcome = tuple[int | None, bool, tuple[str, ...]]
"""The status, whether the call was executed, and the injected faults."""


@attrs.define(eq=False)
class Entry:
    """A request in the journal, while it is handled and after it."""

    operation: str | None
    path: str
    sender: Sender
    time: datetime
    status: int | None = None
    is_executed: bool = False
    faults: tuple[str, ...] = ()
    key_kind: KeyKind | None = None
    _body: bytes | dict[str, Any] = b""
    _masked_body: Any = None

    def add_fault(self, kind: str) -> None:
        """Record that a fault was injected into the call."""
        self.faults = (*self.faults, kind)

    def add_to_body(self, piece: bytes) -> None:
        """Keep another piece of a body that is not read as a whole."""
        if isinstance(self._body, bytes) and len(self._body) <= MOST_BODY_BYTES:
            self.keep_body(self._body + piece)

    def keep_body(self, body: bytes | dict[str, Any]) -> None:
        """Keep a body or its start, or the fields of an upload."""
        self._body = body[: MOST_BODY_BYTES + 1] if isinstance(body, bytes) else body
        self._masked_body = None

    def outcome(self) -> Outcome:
        """Return what became of the request so far, for `return_to`."""
        return self.status, self.is_executed, self.faults

    def return_to(self, outcome: Outcome) -> None:
        """Return to an earlier outcome; a call that is still under way then completes this entry."""
        self.status, self.is_executed, self.faults = outcome

    def to_request(self) -> RecordedRequest:
        """Return the request with a masked body."""
        # A search for the secrets of a call takes milliseconds.
        if self._masked_body is None:
            self._masked_body = mask_body(self._body, self.sender.key, self.operation)
        return RecordedRequest(
            operation=self.operation,
            path=self.path,
            status=self.status,
            is_executed=self.is_executed,
            faults=self.faults,
            key_kind=self.key_kind,
            test=self.sender.test,
            time=self.time,
            body=self._masked_body,
        )


class Requests(Sequence[RecordedRequest]):
    """
    Recorded requests, oldest first, and their counts.

    Args:
        entries: The newest requests.
        counts: Number of all requests by public name of the operation, rejected ones included.
    """

    def __init__(self, entries: Iterable[Entry], counts: Mapping[str, int]) -> None:
        self._entries: Final = tuple(entries)
        self.counts: Final = counts
        """Number of all requests by public name of the operation, rejected ones included."""

    def of(self, operation: str) -> list[RecordedRequest]:
        """
        Return the requests of an operation, by its public name.

        Raises:
            ValueError: There is no such operation.
        """
        if operation not in OPERATIONS:
            hint = did_you_mean(operation, OPERATIONS)
            raise ValueError(f"{operation!r} is not the public name of an operation{hint}")
        return [entry.to_request() for entry in self._entries if entry.operation == operation]

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[RecordedRequest]:
        return (entry.to_request() for entry in self._entries)

    @overload
    def __getitem__(self, index: int) -> RecordedRequest: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[RecordedRequest]: ...
    def __getitem__(self, index: int | slice) -> RecordedRequest | Sequence[RecordedRequest]:
        if isinstance(index, slice):
            return [entry.to_request() for entry in self._entries[index]]
        return self._entries[index].to_request()

    def __repr__(self) -> str:
        return f"Requests({list(self)!r})"


_Counts = Counter[tuple[str, Sender]]
SavedJournal = tuple[tuple[tuple[Entry, Outcome], ...], _Counts, _Counts]
"""A journal that was saved: its entries with their outcomes, and its counts."""


class Journal:
    """The journal of one sandbox."""

    def __init__(self) -> None:
        self._entries: Final = deque[Entry](maxlen=MOST_REQUESTS)
        self._received: Final[_Counts] = Counter()
        self._executed: Final[_Counts] = Counter()

    def add(self, operation: str | None, path: str, sender: Sender, time: datetime) -> Entry:
        """Record a request that arrives; return its entry, which the handling completes."""
        entry = Entry(operation, path, sender, time)
        self._entries.append(entry)
        if operation is not None:
            self._received[operation, sender] += 1
        return entry

    def add_execution(self, entry: Entry) -> None:
        """Record that a call was executed."""
        entry.is_executed = True
        if entry.operation is not None:
            self._executed[entry.operation, entry.sender] += 1

    def requests(self, wanted: Sender = EVERYONE) -> Requests:
        """Return the requests of the senders that a filter matches."""
        if wanted == EVERYONE:  # fast, because a test may ask for the counts after each call
            return Requests(self._entries, self.received())
        found = [entry for entry in self._entries if wanted.matches(entry.sender)]
        return Requests(found, self.received(wanted))

    def received(self, wanted: Sender = EVERYONE) -> dict[str, int]:
        """Return the number of requests by public name of the operation, rejected requests included."""
        return _sum(self._received, wanted)

    def executed(self, wanted: Sender = EVERYONE) -> dict[str, int]:
        """Return the number of executed calls by public name, whether or not the response arrived."""
        return _sum(self._executed, wanted)

    def save(self) -> SavedJournal:
        """Return a copy, for `restore`."""
        entries = tuple((entry, entry.outcome()) for entry in self._entries)
        return entries, self._received.copy(), self._executed.copy()

    def restore(self, saved: SavedJournal) -> None:
        """Return to a saved journal."""
        entries, received, executed = saved
        self._entries.clear()
        for entry, outcome in entries:
            entry.return_to(outcome)
            self._entries.append(entry)
        for counts, before in ((self._received, received), (self._executed, executed)):
            counts.clear()
            counts.update(before)


def _sum(counts: _Counts, wanted: Sender) -> dict[str, int]:
    total: dict[str, int] = {}
    for (operation, sender), count in counts.items():
        if wanted.matches(sender):
            total[operation] = total.get(operation, 0) + count
    return total


@attrs.frozen
class _Call:
    secrets: KnownSecrets

    def known_secrets(self) -> KnownSecrets:
        return self.secrets


def mask_body(body: bytes | dict[str, Any], key: str | None = None, operation: str | None = None) -> Any:
    """Return a body as JSON or text, with secrets and phone numbers masked."""
    content = body if isinstance(body, dict) else _decode(body)
    declared = [] if operation is None else secret_values(OPERATIONS[operation].request, content)
    secrets = secrets_of([*declared, key] if key else declared, content)
    with known_secrets.of_call(_Call(secrets)):
        try:
            return _mask(content)
        except RecursionError:
            # Too deep for the search, not for the decoder.
            return secret.mask(json.dumps(content))


def _decode(body: bytes) -> Any:
    """Return a body as JSON, or as a text if it is no JSON or was cut; `None` for an empty one."""
    if not body:
        return None
    text = body[:MOST_BODY_BYTES].decode(errors="replace")
    if len(body) > MOST_BODY_BYTES:
        return f"{text} …"
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _mask(value: object) -> Any:
    if isinstance(value, str):
        return secret.mask(value)
    if isinstance(value, dict):
        fields = cast("dict[str, object]", value)
        return {secret.mask(name): _mask_field(name, item) for name, item in fields.items()}
    if isinstance(value, list):
        return [_mask(item) for item in cast("list[object]", value)]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        masked = secret.mask(str(value))
        return value if masked == str(value) else masked
    return value


def _mask_field(name: str, value: object) -> Any:
    if value is None or isinstance(value, bool) or not secret.is_masked_name(name):
        return _mask(value)
    return secret.MASK
