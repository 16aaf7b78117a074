"""The call logs of a span of time, in columns."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final, Literal, TypedDict, Unpack, cast

from etelecom_async._client import ShopClient
from etelecom_async._core.tracebacks import boundary, cleaned
from etelecom_async._core.values import kind_of
from etelecom_async.errors import InvalidRequestError
from etelecom_async.history.arrow import ArrowSchema, ArrowTable, pa
from etelecom_async.history.fetching import OPERATION, Query
from etelecom_async.history.spans import MARGIN, Span
from etelecom_async.history.tables import Table
from etelecom_async.history.walking import Progress, Tables, Walk
from etelecom_async.history.windows import Checkpoint

if TYPE_CHECKING:
    from etelecom_async import models

USUAL_WINDOWS: Final = 4
"""Parts of a span that are read at once by default."""
_MOST_WINDOWS: Final = 64


class CallFilter(TypedDict, total=False):
    """The filters of `shop.call_logs.list`, which mean the same here."""

    call_number: str
    call_state: models.CallState | Literal["unknown", "answered", "not_answered"]
    department_id: str
    duration: models.CallDurationFilter
    direction: models.CallDirection | Literal["unknown", "in", "out", "ext", "ext_in", "ext_out"]
    extension_ids: Sequence[str]
    external_id: str
    external_session_id: str
    hotline_ids: Sequence[str]
    user_id: str


class CallOptions(CallFilter, total=False):
    """
    How call logs are read.

    Attributes:
        windows (int): Parts of the span to read at once, from 1 to 64. Default: 4.
        in_order (bool): Whether the rows come by the time of their start. Rows then wait for their turn, so a
            walk that resumes reads the windows of these rows again. Default: `False`.
        limit (int): Rows in a page. Default: that of the server, 100.
        margin (timedelta): How far the creation of a call may be from its start. The requests ask for so much
            more time at both ends. Default: 2 hours.
        resume (str): A checkpoint, to continue where an earlier walk stopped. Default: none.
    """

    windows: int
    in_order: bool
    limit: int
    margin: timedelta
    resume: str


@boundary
def calls(
    shop: ShopClient, since: str | date, until: str | date | None = None, **options: Unpack[CallOptions]
) -> Calls:
    """
    Return the call logs of a span of time; nothing is requested yet.

    A call belongs to the day in Hanoi of its start, or of its creation if it has no start.

        calls = history.calls(shop, "-7d", "today")
        async for table in calls:  # a `pyarrow.Table` of some pages
            print(table.num_rows)

    Args:
        shop: A client of the shop.
        since: First day, as `times.day` takes it: `"2026-11-01"`, `"-7d"`, a date; or an aware time.
        until: The day after the last one, or an aware time. Default: now; with `resume=` that of the
            checkpoint.
        options: See `CallOptions`. Each filter of `shop.call_logs.list` is an option, too.

    Raises:
        InvalidRequestError: An argument is wrong.
        PagingError: The checkpoint belongs to other arguments.
    """
    resume = options.get("resume")
    checkpoint = None if resume is None else Checkpoint.read(resume)
    if until is None and checkpoint is not None:
        until = checkpoint.span.end
    return Calls(query_of(shop, since, until, options), checkpoint)


class Calls:
    """
    The call logs of a span of time. `async for` yields them as tables; each loop starts anew.

    `await calls.table()` returns all rows in memory.
    """

    def __init__(self, query: Query, checkpoint: Checkpoint | None) -> None:
        self._query = query
        self._resume = checkpoint
        if checkpoint is not None:
            checkpoint.check(query.span, query.account, query.key())
        self._walk = self._new_walk()

    def __repr__(self) -> str:
        span = self._query.span
        return f"<call logs from {span.begin:%Y-%m-%d %H:%M} until {span.end:%Y-%m-%d %H:%M}: use async for>"

    def __aiter__(self) -> Tables:
        self._walk = self._new_walk()
        return Tables(self._walk)

    def _new_walk(self) -> Walk:
        return Walk(self._query, self._resume)

    def resumed(self, checkpoint: str) -> Calls:
        """
        Return the call logs after a checkpoint.

        Raises:
            PagingError: The checkpoint belongs to other arguments.
        """
        return Calls(self._query, Checkpoint.read(checkpoint))

    @property
    def key(self) -> str:
        """What the rows depend on: span, account and filters, as a text."""
        span = self._query.span
        return json.dumps(
            [span.begin.isoformat(), span.end.isoformat(), self._query.account, self._query.key()]
        )

    @property
    def account(self) -> str:
        """Whose call logs they are: the id in the key of the shop."""
        return self._query.account

    @property
    def windows(self) -> int:
        """The number of windows that are read at once."""
        return self._query.windows

    @property
    def span(self) -> Span:
        """The span of time."""
        return self._query.span

    @property
    def schema(self) -> ArrowSchema:
        """The columns."""
        return self._walk.columns.schema

    @property
    def progress(self) -> Progress:
        """How far the latest loop is."""
        return self._walk.progress()

    @property
    def unknown_fields(self) -> Mapping[str, int]:
        """
        The number of rows in the latest loop with each field that the models do not have.

        The column `extra` has their values.
        """
        return Counter(self._walk.unknown_fields)

    def checkpoint(self) -> str:
        """Return where the latest loop stands, after the last table that it returned, for `resume=`."""
        return self._walk.checkpoint()

    def rest(self) -> ArrowTable | None:
        """
        End the latest loop, and return the rows that were read, but not handed out; `None` if there are none.

        After an interrupt, store them before you take the checkpoint: they need no second request. In time
        order there are none.
        """
        return self._walk.rest()

    async def table(self, *, on_progress: Callable[[Progress], object] | None = None) -> Table:
        """
        Return all rows in memory.

        Args:
            on_progress: Is called after each part.

        Raises:
            EtelecomError: A request failed; `.checkpoint` continues after the rows before it.
        """
        try:
            parts = [self.schema.empty_table()]
            async for part in self:
                parts.append(part)
                if on_progress is not None:
                    on_progress(self.progress)
            return Table(pa.concat_tables(parts))
        except BaseException as error:
            cleaned(error)
            raise


def query_of(shop: object, since: str | date, until: str | date | None, options: CallOptions) -> Query:
    """
    Return what to read, and how.

    Raises:
        InvalidRequestError: An argument is wrong.
    """
    problems: list[str] = []
    if not isinstance(shop, ShopClient):
        problems.append(f"shop takes a ShopClient, not {kind_of(shop)}")
    windows: Any = options.get("windows", USUAL_WINDOWS)
    problems += windows_problems(windows)
    margin: Any = options.get("margin", MARGIN)
    if not isinstance(margin, timedelta) or margin < timedelta():
        problems.append("margin takes a timedelta, not below 0")
    in_order: Any = options.get("in_order", False)
    if not isinstance(in_order, bool):
        problems.append(f"in_order takes True or False, not {kind_of(in_order)}")
    filters = {name: value for name, value in options.items() if name in CallFilter.__annotations__}
    unknown = options.keys() - CallOptions.__annotations__.keys()
    problems += [f"there is no option {name!r}" for name in sorted(unknown)]
    span: Span | None = None
    try:
        span = Span.of(since, until)
    except ValueError as error:
        problems.append(str(error))
    if problems or span is None:
        raise InvalidRequestError(tuple(problems), operation=OPERATION.name)
    return Query(
        shop=cast("ShopClient", shop),
        span=span,
        filters=filters,
        limit=options.get("limit"),
        windows=windows,
        in_order=in_order,
        margin=margin,
    )


def windows_problems(windows: object) -> list[str]:
    """Return what is wrong with a number of windows, if anything."""
    if type(windows) is int and 1 <= windows <= _MOST_WINDOWS:
        return []
    return [f"windows takes a whole number from 1 to {_MOST_WINDOWS}, not {windows!r}"[:100]]


async def table(
    shop: ShopClient,
    since: str | date,
    until: str | date | None = None,
    *,
    on_progress: Callable[[Progress], object] | None = None,
    **options: Unpack[CallOptions],
) -> Table:
    """
    Return the call logs of a span of time as a table in memory.

        week = await history.table(shop, "-7d", "today")
        frame = week.to_pandas()

    Args:
        shop: A client of the shop.
        since: First day, or an aware time; see `calls`.
        until: The day after the last one, or an aware time. Default: now.
        on_progress: Is called after each part.
        options: See `CallOptions`.

    Raises:
        InvalidRequestError: An argument is wrong.
        EtelecomError: A request failed; `.checkpoint` continues after the rows before it.
    """
    return await calls(shop, since, until, **options).table(on_progress=on_progress)
