"""
How a call in doubt is verified: which read to make, and which item of it proves that the call was executed.

This module sends nothing; the engine makes the reads.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import aclosing, suppress
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Self, cast, get_args

import attrs

from etelecom_async import phones
from etelecom_async._core import known_secrets
from etelecom_async._core.clock import Clock
from etelecom_async._core.codec import error_bodies, scalars
from etelecom_async._core.http.messages import HttpRequest
from etelecom_async._core.model import fields_of
from etelecom_async._core.operation import Effect, FailureRule, Operation, Verify
from etelecom_async._core.tracebacks import cleaned
from etelecom_async.errors import EtelecomError, NotFoundError
from etelecom_async.paging import Page, Pager, Paging

NEW_OBJECTS: Final = frozenset((Effect.CREATE, Effect.SEND))
"""The effects whose calls make an object; an older one is not theirs."""
_TOLERANCE: Final = timedelta(seconds=1)
"""`Date` and a time of creation may both be cut to whole seconds."""
_SUCCESS: Final = 200
_PHONES: Final = frozenset(("phone", "hotline"))
"""The fields with phone numbers. The reference names no form for them, and a server may use another one."""


class ServerClock:
    """
    When a call started, by the clock of the server.

    Args:
        clock: The clock of the client.
        started: When the call started, by that clock.
    """

    def __init__(self, clock: Clock, started: float) -> None:
        self._clock = clock
        self._started = started
        self.call_started = datetime.now(UTC) - self._elapsed()
        """By the client's own time, until the server has sent its time."""
        self.is_servers = False
        """Whether the server has sent its time."""

    def hear(self, headers: Mapping[str, str]) -> None:
        """Take the time of the server from the headers of a response, if they have it."""
        now = scalars.read_http_date(headers.get("Date"))
        if now is not None:
            self.call_started = now - self._elapsed()
            self.is_servers = True

    def is_older_than_call(self, item: object) -> bool:
        """Return whether *item* was created before the call; false if it does not show when."""
        created_at: datetime | None = getattr(item, "created_at", None)
        return created_at is not None and created_at < self.call_started - _TOLERANCE

    def _elapsed(self) -> timedelta:
        return timedelta(seconds=self._clock.now() - self._started)


class KnownStart(ServerClock):
    """
    When a call of an earlier process started: the clocks of this process cannot tell.

    Args:
        started: The time by the clock of the server.
        listener: Takes the time of the server from the reads, for other calls.
    """

    def __init__(self, started: datetime, listener: ServerClock | None = None) -> None:
        self.call_started = started
        self._listener = listener

    def hear(self, headers: Mapping[str, str]) -> None:
        """Keep the known time, and let the listener take the one of now."""
        if self._listener is not None:
            self._listener.hear(headers)


@attrs.frozen
class Wanted:
    """The state that the call asked for, as far as a read can show it."""

    _rule: Verify
    _values: Mapping[str, object] = attrs.field(repr=False)
    """Values by the names of request fields."""

    @classmethod
    def of(cls, rule: Verify, request: object) -> Self | None:
        """Return what *rule* looks for after *request*; `None` if the request does not name its object."""
        key = () if rule.key is None else (rule.key,)
        values = {name: getattr(request, name) for name in (*rule.by, *key, *rule.sets)}
        needed = (*key, *rule.sets)
        return cls(rule, values) if all(values[name] not in (None, "") for name in needed) else None

    def questions(self, row: Operation[Any, Any]) -> Iterator[Any]:
        """
        Yield the requests of the read *row* that ask for the object, as far as it has filters.

        The first one has the values of the call. If it filters by a phone number, the others have the other
        forms of the number, because a filter may compare texts exactly.
        """
        rule = self._rule
        asking = {name: self._values[name] for name in (*rule.by, *((rule.key,) if rule.key else ()))}
        first = _question(row, asking)
        yield first
        for name in _PHONES & asking.keys():
            others = (_question(row, {**asking, name: form}) for form in _other_forms(asking[name]))
            yield from (question for question in others if question != first)

    def question_for_all(self, row: Operation[Any, Any], limit: int) -> Any:
        """
        Return the request of the list *row* that shows the objects of many calls.

        It has only the filters whose values such calls share.

        Args:
            row: The list.
            limit: The size of a page.
        """
        question = _question(row, {name: self._values[name] for name in self._rule.by})
        return attrs.evolve(question, paging=Paging(limit=limit)) if hasattr(question, "paging") else question

    def shared_values(self) -> tuple[object, ...]:
        """Return the values that calls must share, so that one list can show the objects of all of them."""
        return tuple(self._values[name] for name in self._rule.by)

    def has_filter(self, row: Operation[Any, Any]) -> bool:
        """Return whether the read *row* can ask for this object alone."""
        return self._rule.key is not None and self._rule.key in _askable(row)

    def label(self) -> str:
        """Return a text that finds this object among many: that of its key."""
        key = self._rule.key
        return "" if key is None else _label(key, self._values[key])

    def label_of(self, item: object) -> str:
        """Return the text that finds *item*, as `label` returns it for the object of a call."""
        key = self._rule.key
        return "" if key is None else _label(key, getattr(item, self._rule.key_field or key, None))

    def names(self, item: object) -> bool:
        """Return whether *item* is the object: it shows the key, and no other value of a filter."""
        rule = self._rule
        if rule.key is not None and not self._shows(item, rule.key_field or rule.key, self._values[rule.key]):
            return False
        return all(
            not (getattr(item, name, None) and self._values[name])
            or self._shows(item, name, self._values[name])
            for name in rule.by
        )

    def holds_in(self, item: object) -> bool:
        """Return whether *item*, which is the object, is in the state that the call asked for."""
        return all(self._shows(item, name, self._values[name]) for name in self._rule.sets) and all(
            self._shows(item, name, text) for name, text in self._rule.shows.items()
        )

    def _shows(self, item: object, name: str, value: object) -> bool:
        shown = getattr(item, name, None)
        if name in _PHONES and phones.same(shown, cast("str", value)):
            return True
        return _comparable(shown) == _comparable(value)

    @property
    def is_absent(self) -> bool:
        """Whether the object has to be absent."""
        return self._rule.is_absent


@attrs.frozen
class ReadBack:
    """
    Reads whether the state that a call asked for holds; called without arguments, any number of times.

    Returns the object as the read shows it, or `True` if it was to be deleted and is absent. Returns `None`
    if the state does not hold. If the object says that the call failed, it raises the error of the lost
    response.
    """

    operation: Operation[Any, Any]
    """The call in doubt."""
    read: Operation[Any, Any]
    first: Operation[Any, Any] | None
    """A cheaper read; if it does not find the object, the other one is not made."""
    wanted: Wanted
    _clock: ServerClock | None
    """Tells new objects from old ones, if that matters."""
    _http_request: HttpRequest
    """The request of the call; the object may repeat its secrets."""
    _read_one: Callable[[Operation[Any, Any], Any], Awaitable[object]] = attrs.field(
        kw_only=True, alias="read_one"
    )
    _read_list: Callable[[Operation[Any, Any], Any], Pager[object]] = attrs.field(
        kw_only=True, alias="read_list"
    )

    async def __call__(self) -> object:
        try:
            return await self._verify()
        except BaseException as error:
            cleaned(error)
            raise

    async def _verify(self) -> object:
        if not await self.may_exist():
            return None
        async with aclosing(self.items()) as items:
            async for item in items:
                if self.wanted.is_absent:
                    return None
                if self.is_proof(item):
                    return self.accepted(item)
        return True if self.wanted.is_absent else None

    async def may_exist(self) -> bool:
        """Make the cheaper read, if there is one; return whether the object may exist."""
        return self.first is None or bool([item async for item in self._items(self.first)])

    def items(self) -> AsyncGenerator[object]:
        """Yield what the read shows of the object."""
        return self._items(self.read)

    def pages(self, limit: int) -> AsyncIterator[Page[object]]:
        """
        Iterate over the list that shows the objects of many calls.

        Args:
            limit: The size of a page.
        """
        return self._read_list(self.read, self.wanted.question_for_all(self.read, limit)).pages()

    def names(self, item: object) -> bool:
        """
        Return whether *item* of the list is the object.

        Raises:
            EtelecomError: The item is blank.
        """
        return self._names(self.read, item)

    def is_proof(self, item: object) -> bool:
        """Return whether *item*, which is the object, proves that the call was executed."""
        return self.wanted.holds_in(item) and not (self._clock and self._clock.is_older_than_call(item))

    def accepted(self, item: object) -> object:
        """
        Return *item*, which is the proof.

        Raises:
            DeliveryError: The item says that the call failed.
        """
        if self.operation.fails_in_body is FailureRule.ERROR_CODE:
            with known_secrets.of_call(self._http_request):
                error_bodies.raise_if_failed(self.operation, _SUCCESS, item)
        return item

    async def _items(self, row: Operation[Any, Any]) -> AsyncGenerator[object]:
        """Yield what *row* shows of the object."""
        if row.items is not None:
            for question in self.wanted.questions(row):
                async for item in self._read_list(row, question):
                    if self._names(row, item):
                        yield item
            return
        try:
            item = await self._read_one(row, next(self.wanted.questions(row)))
        except NotFoundError:
            return
        if self._names(row, item):
            yield item

    def _names(self, row: Operation[Any, Any], item: object) -> bool:
        if not any(getattr(item, field.name) for field in attrs.fields(cast("Any", type(item)))):
            message = "the read-back is blank, so it does not tell whether the call was executed."
            raise EtelecomError(message, operation=row.name)
        return self.wanted.names(item)


def _askable(row: Operation[Any, Any]) -> frozenset[str]:
    """Return the names of the fields and filters that a request of *row* has."""
    names: set[str] = set()
    kind: Any = row.request
    for field in fields_of(kind):
        names |= attrs.fields_dict(_filters(field)).keys() if field.name == "filter" else {field.name}
    return frozenset(names)


def _filters(field: attrs.Attribute[Any]) -> Any:
    """Return the class of the filters in the field *filter* of a request."""
    return next(part for part in get_args(field.type) if part is not type(None))


def _question(row: Operation[Any, Any], asking: Mapping[str, object]) -> Any:
    """Return the request of *row* with the values of *asking* that it has fields or filters for."""
    asked: dict[str, Any] = {}
    kind: Any = row.request
    for field in fields_of(kind):
        if field.name == "filter":
            filters = _filters(field)
            known = attrs.fields_dict(filters)
            asked["filter"] = filters(**{name: value for name, value in asking.items() if name in known})
        elif (value := asking.get(field.name)) is not None:
            # A number in one request is a text in another one, as an extension's number is.
            takes_number = int in (field.type, *get_args(field.type))
            asked[field.name] = value if takes_number else str(value)
    return row.request(**asked)


def _other_forms(phone: object) -> Sequence[str]:
    """Return the forms of *phone* that differ from the text of the call."""
    try:
        return [form for form in phones.forms(cast("str", phone)) if form != phone]
    except ValueError:
        return ()


def _label(name: str, value: object) -> str:
    """Return *value* of a field as a text that is the same for all its forms."""
    if name in _PHONES:
        with suppress(ValueError):
            return phones.normalize(cast("str", value))
    return _comparable(value)


def _comparable(value: object) -> str:
    """Return *value* as a text; no id and a zero are the same."""
    text = "" if value is None else str(value)
    return "" if text == "0" else text
