"""
Lists: one page when awaited, every item when iterated.

This module knows no operation and sends nothing: a `Pager` is given a function that fetches a page.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import (
    AsyncIterable,
    AsyncIterator,
    Awaitable,
    Callable,
    Collection,
    Generator,
    Iterator,
    Mapping,
    Sequence,
)
from contextlib import suppress
from functools import partial
from numbers import Integral
from operator import attrgetter
from typing import TYPE_CHECKING, Any, ClassVar, Final, Generic, NoReturn, Self, TypeVar, cast

import attrs

from etelecom_async._core.model import READER, Model, cells
from etelecom_async._core.plurals import counted
from etelecom_async._core.secret import mask
from etelecom_async._core.tracebacks import boundary, cleaned
from etelecom_async._core.values import kind_of
from etelecom_async.errors import (
    APIError,
    EtelecomError,
    InvalidArgumentError,
    InvalidRequestError,
    MalformedError,
    NotFoundError,
    OutOfRangeError,
    PagingError,
)

ItemT = TypeVar("ItemT")


@attrs.frozen(kw_only=True, repr=False)
class Paging(Model):
    """Which page is wanted."""

    after: str | None = None
    """Cursor: `next` of the page before."""
    before: str | None = None
    """Cursor; not described by the documentation."""
    limit: int | None = None
    """Items in a page; default 100 (documented for call logs)."""
    sort: str | None = None
    """Order; the documentation does not show a value."""


@attrs.frozen(kw_only=True, repr=False)
class PageInfo(Model):
    """What the server says about a page."""

    after: str = ""
    before: str = ""
    limit: int | None = None
    next: str = ""
    """Cursor of the next page; the platform fills it on the last page too."""
    prev: str = ""
    sort: str = ""


_NO_CURSOR: Final = frozenset({"", "0", "false", "null"})
"""What servers write for a cursor that is not set."""


def _to_cursor(text: str) -> str:
    """Return *text*, empty if it is no cursor."""
    return "" if text.strip().lower() in _NO_CURSOR else text


@attrs.frozen(kw_only=True, repr=False)
class Page(Model, Generic[ItemT]):
    """One page of a list."""

    items: tuple[ItemT, ...]
    next: str = attrs.field(default="", converter=_to_cursor)
    """Cursor of the next page (`after=`). It is filled on the last page too; an empty page ends a list."""
    prev: str = attrs.field(default="", converter=_to_cursor)
    """Cursor of the page before, as the server gives it."""

    @classmethod
    @boundary
    def from_dict(cls, data: Mapping[str, Any], *, item: Any = Any, ignore_unknown: bool = False) -> Self:
        """
        Create a page from plain data, as `to_dict()` returns it in either form.

        Args:
            data: The fields by their names.
            item: The model of the items. Default: the items stay plain data.
            ignore_unknown: Whether to skip fields that the models do not have.

        Raises:
            InvalidRequestError: A field is unknown, missing or of a wrong type.
        """
        kind = cast("Any", cls)[item]
        return cast("Self", READER.read(kind, data, ignore_unknown=ignore_unknown))

    def _repr_html_(self) -> str:
        """Return the items as an HTML table, for notebooks."""
        from etelecom_async._core.html_tables import records_table

        return records_table(
            f"Page of {counted(len(self.items), 'item')}", [_cells(item) for item in self.items]
        )

    def __iter__(self) -> Iterator[ItemT]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)


Fetch = Callable[[str | None], Awaitable[Page[ItemT]]]
_Step = tuple[str | None, Page[ItemT]] | None
_Queue = asyncio.Queue[_Step[ItemT] | Exception]

CHECKPOINT_VERSION: Final = 2
"""Version of the checkpoint's format; version 1 knew no account."""
MOST_STALE_PAGES: Final = 20
"""Pages in a row without a new item, after which a walk ends with an error."""

# Keys remembered to drop repeated items; two such generations are held at a time.
_GENERATION: Final = 1000
# Keys of earlier pages that a checkpoint carries; at least those of the last page.
_CARRIED: Final = 100
# How servers refuse a cursor: a lost one may be invalid, out of range or unknown.
_CURSOR_REFUSALS: Final = (InvalidArgumentError, MalformedError, NotFoundError, OutOfRangeError)


class _AsyncOnly:
    """
    Base of lists that are not in memory: each way of the synchronous language raises an error with a hint.

    Type checkers do not see these methods, so they refuse the same mistakes before the program runs.
    """

    __slots__ = ()

    _hint: ClassVar[str]

    if not TYPE_CHECKING:

        def _refuse(self, *_: object) -> NoReturn:
            message = f"{self!r} is not in memory: {self._hint}"
            raise TypeError(message)

        # `if pager:` would always be true, also for an empty list.
        __bool__ = __contains__ = __getitem__ = __iter__ = __len__ = __next__ = __reversed__ = _refuse

        def __getattr__(self, name: str) -> NoReturn:
            message = f"{type(self).__name__!r} object has no attribute {name!r}"
            if not name.startswith("_"):
                message += f": {self._hint}"
            raise AttributeError(message, name=name, obj=self)


class Pager(_AsyncOnly, Generic[ItemT]):
    """
    A list that was not requested yet.

    `await pager` returns the first page. `async for item in pager` yields every item of every page; each
    iteration starts anew. Items that the server repeats, for example when rows shift, come once. `first()`,
    `take(n)` and `collect()` return one item, some items or all items.

    Several tasks may share one iterator (`rows = aiter(pager)`). Each item goes to exactly one of them.

    Args:
        fetch: Fetches the page after a cursor, the first page for `None`.
        operation: Public name of the operation.
        query: Returns what was asked for, without cursors and page size.
        account: Whose list it is.
        key: The field that identifies an item.
        prefetch: Pages to fetch ahead while the caller works; 0 for none.
        resume: A checkpoint, to continue where an earlier walk stopped.
        after: Cursor to start from.
    """

    _hint = (
        "use `async for item in pager`, or `await` it for one page: `page = await pager`, then `page.items`. "
        "`await pager.first()` returns one item, `await pager.collect()` a list of all items."
    )

    def __init__(
        self,
        fetch: Fetch[ItemT],
        *,
        operation: str,
        query: Callable[[], bytes],
        account: str = "",
        key: str = "id",
        prefetch: int = 0,
        resume: str | None = None,
        after: str | None = None,
    ) -> None:
        # Nothing is checked here: an error would pass the frame of the method that holds the arguments.
        self._fetch = fetch
        self._operation = operation
        self._query = query
        self._account = account
        self._key = key
        self._prefetch = prefetch
        self._resume = resume
        self._after = after
        self._state: _WalkState | None = None

    def __repr__(self) -> str:
        return f"<Pager of {self._operation}: await it for one page, or use async for>"

    def _repr_html_(self) -> str:
        """Return how to request the list, as HTML for notebooks. Nothing is requested."""
        from etelecom_async._core.html_tables import hint

        return hint(
            f"{self._operation} is a list that is not requested yet. Await it, for example:",
            "page = await pager",
            "items = await pager.take(10)",
            "async for item in pager: ...",
        )

    def __await__(self) -> Generator[Any, None, Page[ItemT]]:
        return self._first_page().__await__()

    @boundary
    def __aiter__(self) -> AsyncIterator[ItemT]:
        return _Items(self._walk(prefetch=self._prefetch))

    @boundary
    def pages(self) -> AsyncIterator[Page[ItemT]]:
        """Iterate over whole pages; each item still comes once."""
        return self._walk(prefetch=self._prefetch)

    async def first(self) -> ItemT | None:
        """
        Return the first item, `None` if the list is empty.

        It requests one page with the *limit* of the list, so `list(limit=1).first()` transfers only one item.
        """
        # Another limit could change the result: some servers filter the rows of a page after they cut it.
        # With `resume=`, pages without new items are skipped.
        try:
            async for item in _Items(self._walk(prefetch=0)):
                return item
        except BaseException as error:
            cleaned(error)
            raise
        return None

    @boundary
    def take(self, n: int) -> Taken[ItemT]:
        """
        Return the first items, without requests for later pages.

        `await pager.take(5)` returns them as a list. `async for item in pager.take(5)` yields each as soon as
        its page arrives.

        Args:
            n: Maximum number of items; 0 requests nothing.
        """
        most = _whole(n)
        if most is None or most < 0:
            given = kind_of(n) if most is None else "a negative number"
            problem = f"n takes a whole number, 0 or more, not {given}"
            raise InvalidRequestError((problem,), operation=self._operation)
        return Taken(self, most)

    async def collect(self) -> list[ItemT]:
        """Return all items as a list; `take(n)` returns some of them."""
        return await _collect(self)

    @boundary
    def checkpoint(self) -> str:
        """
        Return where the latest walk stands, as a text for `resume=`; some kilobytes with pages of 100 items.

        Every item that was handed out counts as processed: resuming yields the items after it. The checkpoint
        belongs to this operation, its arguments (*limit* may change) and this account.
        """
        return self._write_checkpoint(self._start() if self._state is None else self._state.position)

    def bookmark(self) -> Callable[[], str]:
        """
        Return a function that writes the checkpoint of the present page, also when the walk is further on.

        It costs nothing until it is called. Take it right after a page of `pages()`.
        """
        position = self._start() if self._state is None else self._state.position
        return partial(self._write_checkpoint, position)

    def _start(self) -> _Position:
        """Return where a walk starts."""
        prefetch = _whole(self._prefetch)
        if prefetch is None or prefetch < 0:
            shown = "a negative number" if prefetch is not None else kind_of(self._prefetch)
            message = f"prefetch is a number of pages, 0 or more, not {shown}."
            raise PagingError(message, operation=self._operation)
        after: object = self._after
        if not isinstance(after, str | None):  # pyright: ignore[reportUnnecessaryIsInstance] - callers without types
            problem = f"after takes a text, the `next` of a page, not {kind_of(after)}"
            raise InvalidRequestError((problem,), operation=self._operation)
        return _Position(after=self._after) if self._resume is None else self._read_checkpoint(self._resume)

    def _write_checkpoint(self, position: _Position) -> str:
        return json.dumps(
            {
                "version": CHECKPOINT_VERSION,
                "operation": self._operation,
                "account": self._account,
                "query": self._digest(),
                "after": position.resume_after(),
                "seen": position.seen(),
                "blank": position.blank(),
            },
            separators=(",", ":"),
        )

    def _read_checkpoint(self, text: str) -> _Position:
        try:
            fields = cast("dict[str, Any]", json.loads(text))
            version, operation = fields["version"], fields["operation"]
            account, query = fields["account"], fields["query"]
            position = _Position(
                after=None if fields["after"] is None else str(fields["after"]),
                earlier=tuple(str(key) for key in fields["seen"]),
                skip_blank=int(fields["blank"]),
            )
        except (TypeError, ValueError, KeyError, OverflowError, RecursionError) as error:
            message = "resume= is not a checkpoint; it takes the text that checkpoint() returned."
            raise PagingError(message, operation=self._operation) from error
        problem = ""
        if version != CHECKPOINT_VERSION:
            problem = f"has the format version {version}, and this release reads {CHECKPOINT_VERSION}"
        elif operation != self._operation:
            problem = f"belongs to {operation}"
        elif account != self._account:
            problem = "belongs to another account"
        elif query != self._digest():
            problem = "belongs to a list with other arguments"
        if problem:
            message = f"the checkpoint {problem}. Use it with its own list, or start again without resume=."
            raise PagingError(message, operation=self._operation)
        return position

    def _digest(self) -> str:
        return hashlib.blake2b(self._query(), digest_size=8).hexdigest()

    async def _first_page(self) -> Page[ItemT]:
        try:
            walk = self._walk(prefetch=0)
            async for page in walk:
                return page
            # An empty list is a page too, as the server wrote it.
            return attrs.evolve(walk.fetcher.last, items=())
        except BaseException as error:
            cleaned(error)
            raise

    def _walk(self, *, prefetch: int) -> _PageIterator[ItemT]:
        self._state = _WalkState(self._start())
        fetcher = _PageFetcher(self._fetch, self._state.position.after, self._operation)
        return _PageIterator(
            fetcher,
            self._state,
            operation=self._operation,
            key=self._key,
            prefetch=prefetch,
            checkpoint=self._write_checkpoint,
        )


class _Position:
    """Where a walk stands: the page it is on, and how many of its items were handed out."""

    __slots__ = ("after", "earlier", "keys", "next", "skip_blank", "taken")

    def __init__(
        self,
        *,
        after: str | None,
        next: str = "",  # noqa: A002 - the name that the wire has
        keys: Sequence[str] = (),
        earlier: Sequence[str] = (),
        skip_blank: int = 0,
    ) -> None:
        self.after = after
        self.next = next
        self.keys = keys
        """The key of each item of the page."""
        self.earlier = earlier
        """Keys of earlier items, in case rows shift into this page."""
        self.skip_blank = skip_blank
        """Items without a key that an earlier walk already handed out of this page."""
        self.taken = 0

    def _is_complete(self) -> bool:
        return bool(self.next) and self.taken == len(self.keys)

    def resume_after(self) -> str | None:
        return self.next if self._is_complete() else self.after

    def seen(self) -> list[str]:
        return [key for key in (*self.earlier, *self.keys[: self.taken]) if key]

    def to_carry(self) -> Sequence[str]:
        return (*self.earlier, *self.keys)[-max(_CARRIED, len(self.keys)) :]

    def blank(self) -> int:
        if not self.keys:
            return self.skip_blank
        return 0 if self._is_complete() else sum(not key for key in self.keys[: self.taken])


class _PageFetcher(Generic[ItemT]):
    """Fetches page after page by their cursors. It ends or raises, but never loops."""

    def __init__(self, fetch: Fetch[ItemT], after: str | None, operation: str) -> None:
        self._fetch = fetch
        self._operation = operation
        self._first = after
        self._after = after
        self.last: Page[ItemT] = Page(items=())
        """The page that came last; also the empty one that ends the list."""
        # Hashes instead of texts: a walk over a hundred million rows uses a million cursors.
        self._used = {hash(after)}
        self._done = False
        self._repeated: str | None = None

    async def advance(self) -> _Step[ItemT]:
        """Return the next page and the cursor that led to it, `None` after the end."""
        if self._repeated is not None:
            message = (
                "the server returned a cursor for the second time, so the list would never end. "
                "List again from `.cursor`, or with another `limit`."
            )
            raise PagingError(message, cursor=self._after, operation=self._operation)
        if self._done:
            return None
        after = self._after
        self.last = page = await self._fetch_after(after)
        following = page.next
        if not page.items:
            self._done = True
            return None
        if not following:
            self._done = True
        elif hash(following) in self._used:
            self._repeated = following
        else:
            self._used.add(hash(following))
            self._after = following
        return after, page

    async def _fetch_after(self, after: str | None) -> Page[ItemT]:
        try:
            return await self._fetch(after)
        except _CURSOR_REFUSALS as error:
            if after is None or after != self._first:
                raise
            raise self._refused(after, error) from error

    def _refused(self, cursor: str, error: APIError) -> PagingError:
        """Return the error for a cursor that an earlier walk left, and the server does not take any more."""
        message = (
            f"the server refused the cursor to start from: {error.message} It has probably expired. "
            f"Start again without resume= and after=, or from the last item that you have stored."
        )
        return PagingError(message, cursor=cursor, operation=self._operation)


class _WalkState:
    """Where a walk stands. The pager holds the state of the latest walk, and so no walk."""

    __slots__ = ("position",)

    def __init__(self, position: _Position) -> None:
        self.position = position


class _PageIterator(_AsyncOnly, Generic[ItemT]):
    """
    The pages as the caller gets them: each item once, fetched ahead if requested.

    This is a class and not an async generator, so that leaving the loop stops fetching at once. Several tasks
    may share it: one of them fetches while the others wait.
    """

    _hint = "use `async for page in pager.pages()`."

    def __init__(
        self,
        fetcher: _PageFetcher[ItemT],
        state: _WalkState,
        *,
        operation: str,
        key: str,
        prefetch: int,
        checkpoint: Callable[[_Position], str],
    ) -> None:
        self.fetcher = fetcher
        self.turn = asyncio.Lock()
        """Held by the task that fetches the next page."""
        self._operation = operation
        self._key = key
        self._source = _Prefetcher(fetcher, prefetch) if prefetch else fetcher
        self._checkpoint = checkpoint
        self._state = state
        self._seen: set[str] = set(state.position.earlier)
        self._seen_before: set[str] = set()
        self._pages_seen: set[int] = set()
        """Hashes of the keys of each page."""
        self._stale_pages = 0
        """Pages in a row without a new item."""

    @property
    def position(self) -> _Position:
        return self._state.position

    def __repr__(self) -> str:
        return f"<pages of {self._operation}: use async for>"

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Page[ItemT]:
        try:
            async with self.turn:
                while True:
                    page, dropped = await self.advance()
                    self.position.taken = len(page.items)
                    if dropped:
                        kept = (item for index, item in enumerate(page.items) if index not in dropped)
                        page = attrs.evolve(page, items=tuple(kept))
                    if page.items:
                        return page
        except BaseException as error:
            cleaned(error)
            raise

    async def advance(self) -> tuple[Page[ItemT], Collection[int]]:
        """Return the next page, and the indexes of its items that were handed out before."""
        try:
            step = await self._source.advance()
            if step is None:
                raise StopAsyncIteration
            after, page = step
            before = self.position
            keys = _keys_of(page.items, self._key)
            dropped = self._repeats(keys, before.skip_blank)
            is_known = self._is_known(page, keys)
            if is_known and any(keys):
                dropped = range(len(keys))
            self._state.position = _Position(
                after=after, next=page.next, keys=keys, earlier=before.to_carry()
            )
            self._check_progress(is_stale=is_known or len(dropped) == len(keys))
        except InvalidRequestError:
            raise  # a request that cannot be sent has no place to continue from
        except EtelecomError as error:
            error.checkpoint = self._checkpoint(self.position)
            # The error's traceback keeps this walk alive, so leaving the loop does not stop the fetching.
            if isinstance(self._source, _Prefetcher):
                self._source.stop()
            raise
        return page, dropped

    def _repeats(self, keys: Sequence[str], skip_blank: int) -> Collection[int]:
        if len(self._seen) > _GENERATION:
            self._seen_before, self._seen = self._seen, set()
        fresh = set(keys)
        if (
            len(fresh) == len(keys)
            and "" not in fresh
            and self._seen.isdisjoint(fresh)
            and self._seen_before.isdisjoint(fresh)
        ):
            self._seen |= fresh
            return ()
        dropped: set[int] = set()
        for index, key in enumerate(keys):
            if not key:
                if skip_blank > 0:
                    skip_blank -= 1
                    dropped.add(index)
            elif key in self._seen or key in self._seen_before:
                dropped.add(index)
            else:
                self._seen.add(key)
        return dropped

    def _is_known(self, page: Page[ItemT], keys: Sequence[str]) -> bool:
        """Return whether this very page came before: a cycle may be longer than the remembered keys."""
        content = hash(tuple(keys)) if any(keys) else hash(repr(page.to_dict()["items"]))
        is_known = content in self._pages_seen
        self._pages_seen.add(content)
        return is_known

    def _check_progress(self, *, is_stale: bool) -> None:
        """Count pages without a new item: a server may repeat its rows under new cursors without end."""
        self._stale_pages = self._stale_pages + 1 if is_stale else 0
        if self._stale_pages >= MOST_STALE_PAGES:
            message = (
                f"the server sent {MOST_STALE_PAGES} pages in a row without a new item, under new cursors. "
                f"The list would never end. List again with another `limit`, or filter for fewer items."
            )
            raise PagingError(message, cursor=self.position.after, operation=self._operation)


class _Items(_AsyncOnly, Generic[ItemT]):
    """The items of a walk, one at a time."""

    __slots__ = ("_dropped", "_index", "_items", "_walk")

    _hint = "use `async for`, or `await anext(...)` for the next item."

    def __init__(self, walk: _PageIterator[ItemT]) -> None:
        self._walk = walk
        self._items: tuple[ItemT, ...] = ()
        self._dropped: Collection[int] = ()
        self._index = 0

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> ItemT:
        while True:
            index = self._index
            if index == len(self._items):
                try:
                    await self._next_page()
                except BaseException as error:
                    cleaned(error)
                    raise
                continue
            # Nothing is awaited from here on, so no other task gets the same item.
            self._index = index + 1
            self._walk.position.taken = index + 1
            if index not in self._dropped:
                return self._items[index]

    async def _next_page(self) -> None:
        async with self._walk.turn:
            if self._index < len(self._items):
                return  # another task has fetched it meanwhile
            page, self._dropped = await self._walk.advance()
            self._items = page.items
            self._index = 0


class Taken(_AsyncOnly, Generic[ItemT]):
    """The first items of a list: await it for a list in memory, or use `async for`."""

    __slots__ = ("_most", "_pager")

    _hint = "`await` it for a list in memory, or use `async for`."

    def __init__(self, pager: Pager[ItemT], most: int) -> None:
        self._pager = pager
        self._most = most

    def __repr__(self) -> str:
        return f"<up to {self._most} items of {self._pager!r}>"

    def _repr_html_(self) -> str:
        """Return how to request the items, as HTML for notebooks. Nothing is requested."""
        from etelecom_async._core.html_tables import hint

        items = counted(self._most, "item")
        text = f"Up to {items} of a list that is not requested yet. Await them, for example:"
        return hint(text, f"items = await pager.take({self._most})")

    def __await__(self) -> Generator[Any, None, list[ItemT]]:
        return _collect(self).__await__()

    @boundary
    def __aiter__(self) -> AsyncIterator[ItemT]:
        return _FirstItems(aiter(self._pager), self._most)


class _FirstItems(_AsyncOnly, Generic[ItemT]):
    """The first items of a walk. Several tasks may share it."""

    __slots__ = ("_items", "_left")

    _hint = _Items._hint

    def __init__(self, items: AsyncIterator[ItemT], left: int) -> None:
        self._items = items
        self._left = left

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> ItemT:
        if self._left == 0:
            raise StopAsyncIteration
        # Counted before the wait, so that no other task takes this item too.
        self._left -= 1
        try:
            return await anext(self._items)
        except BaseException as error:
            self._left += 1
            cleaned(error)
            raise


class _Prefetcher(Generic[ItemT]):
    """Fetches pages before they are needed; stops as soon as nothing refers to it any more."""

    def __init__(self, fetcher: _PageFetcher[ItemT], pages: int) -> None:
        self._fetcher = fetcher
        self._queue: _Queue[ItemT] = asyncio.Queue()
        self._free = asyncio.Semaphore(pages)
        self._task: asyncio.Task[None] | None = None

    async def advance(self) -> _Step[ItemT]:
        if self._task is None:
            self._task = asyncio.create_task(_produce(self._fetcher, self._queue, self._free))
        try:
            step = await self._queue.get()
        except asyncio.CancelledError:
            self.stop()
            raise
        self._free.release()
        if step is None or isinstance(step, Exception):
            self.stop()  # it has ended; the next call asks the fetcher again
        if isinstance(step, Exception):
            raise step
        return step

    def stop(self) -> None:
        """Stop fetching; the next page that is asked for starts it again."""
        task, self._task = self._task, None
        if task is not None:
            # The last reference may be dropped in any thread, and after the loop was closed.
            with suppress(RuntimeError):
                task.get_loop().call_soon_threadsafe(task.cancel)

    def __del__(self) -> None:
        self.stop()


async def _produce(fetcher: _PageFetcher[ItemT], queue: _Queue[ItemT], free: asyncio.Semaphore) -> None:
    # It refers to no walk: the walk must be collected when the caller leaves the loop.
    step: _Step[ItemT] | Exception = None
    while True:
        await free.acquire()
        try:
            step = await fetcher.advance()
        except asyncio.CancelledError:
            free.release()
            raise
        except Exception as error:  # noqa: BLE001 - the caller gets it in its turn
            step = error
        queue.put_nowait(step)
        if step is None or isinstance(step, Exception):
            return


def _cells(item: object) -> dict[str, object]:
    """Return the cells of an item in a table. Plain data has no types, so its secrets are found by names."""
    return cells(item) if isinstance(item, Model) else {"item": mask(repr(item))}


def _whole(number: object) -> int | None:
    """Return a whole number as an `int`; `None` for any other value."""
    if isinstance(number, bool) or not isinstance(number, Integral):
        return None
    return int(number)


async def _collect(items: AsyncIterable[ItemT]) -> list[ItemT]:
    try:
        return [item async for item in items]
    except BaseException as error:
        cleaned(error)
        raise


def _keys_of(items: Sequence[object], name: str) -> Sequence[str]:
    """Return the key of each item, empty if it has none."""
    try:
        values: list[object] = list(map(attrgetter(name), items))
    except AttributeError:  # open JSON, or items without keys
        values = [
            cast("dict[str, object]", item).get(name) if isinstance(item, dict) else None for item in items
        ]
    if {str}.issuperset(map(type, values)):
        keys = cast("list[str]", values)
        if _NO_KEY not in keys and _REPAIRED not in "".join(keys):
            return keys
    texts = ["" if value in (None, 0) else str(value) for value in values]
    return ["" if text == _NO_KEY or _REPAIRED in text else text for text in texts]


_NO_KEY: Final = "0"
"""What the platform writes for an id that is not set."""
_REPAIRED: Final = "\ufffd"
"""Stands for characters that could not be read: two ids with it may differ."""
