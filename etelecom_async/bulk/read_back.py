"""
Read back many steps in doubt with few requests.

A filtered read asks for one object. A walk over the list shows many. The first page of the list shows the
newest objects, so it usually settles all calls that were executed. For the rest, the shorter way counts.

The rules for what proves a call are those of `verify()` of an error; see `_core.calls.verify`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import aclosing
from datetime import datetime
from typing import Any, Final

import attrs

from etelecom_async._core.calls.concurrent_map import concurrent_map
from etelecom_async._core.calls.engine import Engine
from etelecom_async._core.calls.verify import NEW_OBJECTS, ReadBack, ServerClock
from etelecom_async._core.operation import Operation
from etelecom_async.bulk.doubt import Found
from etelecom_async.errors import EtelecomError

PAGE_SIZE: Final = 100
"""Items of a page, by the documentation."""


@attrs.frozen(kw_only=True)
class Question:
    """A step in doubt, and how to read it back."""

    key: str
    """The key of the step."""
    account: str
    """Whose data it is; see `Step.account`."""
    read_back: ReadBack = attrs.field(repr=False)
    concurrency: int
    """How many reads its client makes at a time."""


@attrs.frozen
class Finding:
    """What the read-back of a step has shown."""

    found: Found
    item: Any = attrs.field(default=None, repr=False)
    """The object, if it is there."""
    error: EtelecomError | None = None
    """Why the call was refused, or why the read failed."""


def question(
    key: str,
    account: str,
    engine: Engine,
    operation: Operation[Any, Any],
    request: object,
    *,
    started_at: datetime,
    listener: ServerClock | None = None,
) -> Question | None:
    """
    Return how to read back a step; `None` if no read can tell whether its call was executed.

    Args:
        key: The key of the step.
        account: The account of the step.
        engine: The engine of the step.
        operation: The operation of the step.
        request: The request, with all values that references and the plan gave it.
        started_at: When the intent was written, by the clock of the server. After several calls in doubt, the
            first intent: an object of any of these calls settles the step.
        listener: Takes the time of the server from the reads.
    """
    read_back = engine.read_back(operation, request, started_at, listener)
    if read_back is None:
        return None
    concurrency = engine.options.concurrency
    return Question(key=key, account=account, read_back=read_back, concurrency=concurrency)


async def read_back(
    questions: Iterable[Question],
    *,
    done: Mapping[tuple[str, str], int] | None = None,
    taken: Collection[tuple[str, str]] = (),
) -> dict[str, Finding]:
    """
    Return what the service shows of each step, by the keys of the steps.

    One object settles one step. A failed read does not raise: its steps are `UNREADABLE`.

    Args:
        questions: The steps in doubt.
        done: Number of steps that are done, by account and public name of the operation. Lists have at least
            these rows.
        taken: Objects that other steps have created: account and id.
    """
    done = {} if done is None else done
    used = set(taken)
    groups: dict[object, _Group] = {}
    for asked in questions:
        back = asked.read_back
        group_key = (asked.account, back.read.name, back.operation.name, *back.wanted.shared_values())
        if group_key not in groups:
            rows = done.get((asked.account, back.operation.name), 0)
            groups[group_key] = _Group(used, pages=math.ceil(rows / PAGE_SIZE))
        groups[group_key].add(asked)
    findings: dict[str, Finding] = {}
    if not groups:
        return findings
    concurrency = max(group.concurrency for group in groups.values())
    async for ended in concurrent_map(_Group.run, groups.values(), concurrency=concurrency, in_order=False):
        findings |= ended.unwrap()
    return findings


class _Group:
    """
    Steps whose objects one list shows.

    Args:
        used: Objects that settle no more steps: account and id.
        pages: Number of pages that the list has at least.
    """

    def __init__(self, used: set[tuple[str, str]], *, pages: int) -> None:
        self._used = used
        self._pages = pages
        self._missing: dict[str, Question] = {}
        self._by_label: dict[str, list[Question]] = {}
        self._costs: dict[str, float] = {}
        self._findings: dict[str, Finding] = {}
        self.concurrency = 1

    def add(self, asked: Question) -> None:
        """Add a step."""
        wanted, row = asked.read_back.wanted, asked.read_back.read
        self._missing[asked.key] = asked
        self._by_label.setdefault(wanted.label(), []).append(asked)
        self._costs[asked.key] = sum(1 for _ in wanted.questions(row)) if wanted.has_filter(row) else math.inf
        self.concurrency = asked.concurrency

    async def run(self) -> dict[str, Finding]:
        """Return what the service shows of each step."""
        back = next(iter(self._missing.values())).read_back
        try:
            if back.read.items is None or back.operation.effect not in NEW_OBJECTS:
                await self._each(self._ask)
            else:
                await self._walk(back)
        except EtelecomError as error:
            self._end_all(Finding(Found.UNREADABLE, error=error))
        return self._findings

    async def _walk(self, back: ReadBack) -> None:
        """Walk over the list until all objects are found, or asking for each is shorter."""
        asks_first = back.first is not None
        pages, read = back.pages(PAGE_SIZE), 0
        while self._missing:
            pages_left = max(1, self._pages - read)
            cost = self._cost(asks_first=asks_first)
            # The first page is worth a request. A list may be longer than the journal knows.
            is_longer = read > self._pages and read >= cost
            if cost <= 1 or (read > 0 and (cost <= pages_left or is_longer)):
                if not asks_first:
                    await self._each(self._ask)
                    return
                asks_first = False
                await self._each(self._ask_first)
                continue
            page = await anext(pages, None)
            if page is None:
                self._end_all(Finding(Found.NOTHING))
                return
            read += 1
            for item in page.items:
                self._see(back, item)

    def _cost(self, *, asks_first: bool) -> float:
        """Return the number of requests that ask for each missing object alone."""
        return len(self._missing) if asks_first else sum(self._costs[key] for key in self._missing)

    def _see(self, back: ReadBack, item: object) -> None:
        """Settle the step whose object *item* is, if there is one."""
        back.names(item)  # raises if the item is blank
        for asked in self._by_label.get(back.wanted.label_of(item), ()):
            if asked.key in self._missing and asked.read_back.names(item) and self._settles(asked, item):
                return

    async def _each(self, ask: Callable[[Question], Any]) -> None:
        """Ask for each missing object. A failed read ends only its own step."""
        waiting = list(self._missing.values())
        async for done in concurrent_map(ask, waiting, concurrency=self.concurrency, in_order=False):
            if done.error is not None:
                self._end(done.input, Finding(Found.UNREADABLE, error=done.error))

    async def _ask(self, asked: Question) -> None:
        back = asked.read_back
        if back.operation.effect not in NEW_OBJECTS:
            item = await back()
            self._end(asked, Finding(Found.NOTHING if item is None else Found.EXECUTED, item))
            return
        async with aclosing(back.items()) as items:
            async for item in items:
                if self._settles(asked, item):
                    return
        self._end(asked, Finding(Found.NOTHING))

    async def _ask_first(self, asked: Question) -> None:
        """Make the cheaper read. Only the list shows whether an object is new."""
        if not await asked.read_back.may_exist():
            self._end(asked, Finding(Found.NOTHING))

    def _settles(self, asked: Question, item: object) -> bool:
        """Settle a step if *item*, which is its object, proves its call and no other one; return whether."""
        back = asked.read_back
        identifier = asked.account, str(getattr(item, back.read.key, None) or "")
        if identifier in self._used or not back.is_proof(item):
            return False
        if identifier[1]:
            self._used.add(identifier)
        try:
            back.accepted(item)
        except EtelecomError as error:
            self._end(asked, Finding(Found.REFUSED, item, error))
        else:
            self._end(asked, Finding(Found.EXECUTED, item))
        return True

    def _end(self, asked: Question, finding: Finding) -> None:
        self._findings[asked.key] = finding
        self._missing.pop(asked.key, None)

    def _end_all(self, finding: Finding) -> None:
        for asked in list(self._missing.values()):
            self._end(asked, finding)
