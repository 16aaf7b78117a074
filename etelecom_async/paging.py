"""
Lists: one page when awaited, every item when iterated.

The room knows no operation and sends nothing itself: a `Pager` is given a function that fetches a page.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Generator, Iterator, Sequence
from contextlib import suppress
from operator import attrgetter
from typing import Any, Final, Generic, Self, TypeVar, cast

import attrs

from etelecom_async._core.model import Model
from etelecom_async._core.tracebacks import boundary, cleaned
from etelecom_async.errors import EtelecomError, InvalidRequestError, PagingError

ItemT = TypeVar("ItemT")


@attrs.frozen(kw_only=True)
class Paging(Model):
    """Which page is wanted."""

    after: str | None = None
    """Cursor: `next` of the page before."""
    before: str | None = None
    """Cursor; not described by the documentation."""
    limit: int | None = None
    """Items in a page; 100 where left out (documented for call logs)."""
    sort: str | None = None
    """Order; the documentation does not show a value."""


@attrs.frozen(kw_only=True)
class PageInfo(Model):
    """What the server says of a page."""

    after: str = ""
    before: str = ""
    limit: int | None = None
    next: str = ""
    """Cursor of the next page; the platform fills it on the last page too."""
    prev: str = ""
    sort: str = ""


@attrs.frozen(kw_only=True)
class Page(Model, Generic[ItemT]):
    """One page of a list."""

    items: tuple[ItemT, ...]
    next: str = ""
    """Cursor of the next page (`after=`). Filled on the last page too: a list ends with an empty page."""
    prev: str = ""
    """Cursor of the page before, as the server gives it."""

    def __iter__(self) -> Iterator[ItemT]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)


Fetch = Callable[[str | None], Awaitable[Page[ItemT]]]
_Step = tuple[str | None, Page[ItemT]] | None
_Queue = asyncio.Queue[_Step[ItemT] | Exception]

# Keys remembered to drop items that the server repeats; two such generations are held at a time.
_GENERATION: Final = 1000
# Keys that a checkpoint carries from the pages before, or those of the last page where it is longer.
_CARRIED: Final = 100


class Pager(Generic[ItemT]):
    """
    A list that has not been asked for yet.

    `await pager` gives the first page, `async for item in pager` every item of every page; each iteration
    starts anew. Items that the server repeats, as it does when rows shift during the walk, come once.

    Args:
        fetch: Gives the page after a cursor; the first page for `None`.
        operation: Public name of the operation.
        query: Gives what the list was asked for; a checkpoint of another query is refused.
        key: The field that identifies an item.
        prefetch: Pages fetched ahead while the caller works; 0 for none.
        resume: A checkpoint, to go on where an earlier walk stopped.
        after: Cursor to start from.
    """

    def __init__(
        self,
        fetch: Fetch[ItemT],
        *,
        operation: str,
        query: Callable[[], bytes],
        key: str = "id",
        prefetch: int = 0,
        resume: str | None = None,
        after: str | None = None,
    ) -> None:
        # Nothing is checked here: an error would pass the frame of the method that holds the arguments.
        self._fetch = fetch
        self._operation = operation
        self._query = query
        self._key = key
        self._prefetch = prefetch
        self._resume = resume
        self._after = after
        self._state: _WalkState | None = None

    def __await__(self) -> Generator[Any, None, Page[ItemT]]:
        return self._first().__await__()

    @boundary
    def __aiter__(self) -> AsyncIterator[ItemT]:
        return _Items(self._walk(prefetch=self._prefetch))

    @boundary
    def pages(self) -> AsyncIterator[Page[ItemT]]:
        """Iterate over whole pages; each item still comes once."""
        return self._walk(prefetch=self._prefetch)

    async def collect(self, *, max_items: int | None = None) -> list[ItemT]:
        """
        Return the items as a list.

        Args:
            max_items: Items at the most; `None` for all.
        """
        collected: list[ItemT] = []
        if max_items is not None and max_items <= 0:
            return collected
        try:
            async for item in self:
                collected.append(item)
                if len(collected) == max_items:
                    break
        except BaseException as error:
            cleaned(error)
            raise
        return collected

    @boundary
    def checkpoint(self) -> str:
        """
        Return where the latest walk stands, as a text for `resume=`; some kilobytes with pages of 100 items.

        Every item that was handed out counts as done: resuming gives the items after it.
        """
        return self._write_checkpoint(self._start() if self._state is None else self._state.position)

    def _start(self) -> _Position:
        """Return where a walk starts."""
        if self._prefetch < 0:
            message = f"prefetch is a number of pages, 0 or more, not {self._prefetch}."
            raise PagingError(message, operation=self._operation)
        return _Position(after=self._after) if self._resume is None else self._read_checkpoint(self._resume)

    def _write_checkpoint(self, position: _Position) -> str:
        return json.dumps(
            {
                "operation": self._operation,
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
            operation, query = fields["operation"], fields["query"]
            position = _Position(
                after=None if fields["after"] is None else str(fields["after"]),
                earlier=tuple(str(key) for key in fields["seen"]),
                skip_blank=int(fields["blank"]),
            )
        except (TypeError, ValueError, KeyError, OverflowError, RecursionError) as error:
            message = "resume= is not a checkpoint; it takes the text that checkpoint() gave."
            raise PagingError(message, operation=self._operation) from error
        if (operation, query) != (self._operation, self._digest()):
            message = f"resume= is a checkpoint of {operation} with other arguments; list with the same ones."
            raise PagingError(message, operation=self._operation)
        return position

    def _digest(self) -> str:
        return hashlib.blake2b(self._query(), digest_size=8).hexdigest()

    async def _first(self) -> Page[ItemT]:
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
            fetcher, self._state, key=self._key, prefetch=prefetch, checkpoint=self._write_checkpoint
        )


class _Position:
    """Where a walk stands: the page it is on, and what of it was handed out."""

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
        """Keys of what came before, in case rows shift into this page."""
        self.skip_blank = skip_blank
        """Items without a key that an earlier walk has already handed out of this page."""
        self.taken = 0

    def _is_through(self) -> bool:
        return bool(self.next) and self.taken == len(self.keys)

    def resume_after(self) -> str | None:
        return self.next if self._is_through() else self.after

    def seen(self) -> list[str]:
        return [key for key in (*self.earlier, *self.keys[: self.taken]) if key]

    def to_carry(self) -> Sequence[str]:
        return (*self.earlier, *self.keys)[-max(_CARRIED, len(self.keys)) :]

    def blank(self) -> int:
        if not self.keys:
            return self.skip_blank
        return 0 if self._is_through() else sum(not key for key in self.keys[: self.taken])


class _PageFetcher(Generic[ItemT]):
    """The pages one after the other, by their cursors; it ends, or raises, but never goes round."""

    def __init__(self, fetch: Fetch[ItemT], after: str | None, operation: str) -> None:
        self._fetch = fetch
        self._operation = operation
        self._after = after
        self.last: Page[ItemT] = Page(items=())
        """The page that came last, also the empty one that ends the list."""
        # Hashes, not texts: a walk over a hundred million rows uses a million cursors.
        self._used = {hash(after)}
        self._done = False
        self._repeated: str | None = None

    async def advance(self) -> _Step[ItemT]:
        """Return the next page and the cursor that led to it, `None` past the end."""
        if self._repeated is not None:
            message = (
                "the server gave a cursor that it had given before, so the list would go round for ever; "
                "list again from `.cursor`, or with another `limit`."
            )
            raise PagingError(message, cursor=self._after, operation=self._operation)
        if self._done:
            return None
        after = self._after
        self.last = page = await self._fetch(after)
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


class _WalkState:
    """Where a walk stands. The pager holds that of the latest walk, and so no walk."""

    __slots__ = ("position",)

    def __init__(self, position: _Position) -> None:
        self.position = position


class _PageIterator(Generic[ItemT]):
    """
    The pages as the caller gets them: each item once, fetched ahead if asked for.

    A class and not an async generator, so that leaving the loop stops the fetching at once.
    """

    def __init__(
        self,
        fetcher: _PageFetcher[ItemT],
        state: _WalkState,
        *,
        key: str,
        prefetch: int,
        checkpoint: Callable[[_Position], str],
    ) -> None:
        self.fetcher = fetcher
        self._key = key
        self._source = _Prefetcher(fetcher, prefetch) if prefetch else fetcher
        self._checkpoint = checkpoint
        self._state = state
        self._seen: set[str] = set(state.position.earlier)
        self._seen_before: set[str] = set()

    @property
    def position(self) -> _Position:
        return self._state.position

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Page[ItemT]:
        while True:
            try:
                page, dropped = await self.advance()
            except BaseException as error:
                cleaned(error)
                raise
            self.position.taken = len(page.items)
            if dropped:
                page = attrs.evolve(
                    page, items=tuple(item for i, item in enumerate(page.items) if i not in dropped)
                )
            if page.items:
                return page

    async def advance(self) -> tuple[Page[ItemT], Collection[int]]:
        """Return the next page, and the places in it of items that were handed out before."""
        try:
            step = await self._source.advance()
        except InvalidRequestError:
            raise  # what cannot be asked for has no place to go on from
        except EtelecomError as error:
            error.checkpoint = self._checkpoint(self.position)
            raise
        if step is None:
            raise StopAsyncIteration
        after, page = step
        before = self.position
        keys = _keys_of(page.items, self._key)
        dropped = self._repeats(keys, before.skip_blank)
        self._state.position = _Position(after=after, next=page.next, keys=keys, earlier=before.to_carry())
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
        for place, key in enumerate(keys):
            if not key:
                if skip_blank > 0:
                    skip_blank -= 1
                    dropped.add(place)
            elif key in self._seen or key in self._seen_before:
                dropped.add(place)
            else:
                self._seen.add(key)
        return dropped


class _Items(Generic[ItemT]):
    """The items of a walk, one at a time."""

    __slots__ = ("_dropped", "_index", "_items", "_walk")

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
                    page, self._dropped = await self._walk.advance()
                except BaseException as error:
                    cleaned(error)
                    raise
                self._items = page.items
                self._index = 0
                continue
            self._index = index + 1
            self._walk.position.taken = index + 1
            if index not in self._dropped:
                return self._items[index]


class _Prefetcher(Generic[ItemT]):
    """Fetches pages before they are asked for; stops as soon as nobody holds it any more."""

    def __init__(self, fetcher: _PageFetcher[ItemT], pages: int) -> None:
        self._fetcher = fetcher
        self._queue: _Queue[ItemT] = asyncio.Queue()
        self._room = asyncio.Semaphore(pages)
        self._task: asyncio.Task[None] | None = None

    async def advance(self) -> _Step[ItemT]:
        if self._task is None:
            self._task = asyncio.create_task(_produce(self._fetcher, self._queue, self._room))
        try:
            step = await self._queue.get()
        except asyncio.CancelledError:
            self._stop()
            raise
        self._room.release()
        if step is None or isinstance(step, Exception):
            self._stop()  # it has ended; who asks again, has the fetcher asked again
        if isinstance(step, Exception):
            raise step
        return step

    def _stop(self) -> None:
        task, self._task = self._task, None
        if task is not None:
            # Whoever lets go of it, this may run in any thread, and when its loop has gone.
            with suppress(RuntimeError):
                task.get_loop().call_soon_threadsafe(task.cancel)

    def __del__(self) -> None:
        self._stop()


async def _produce(fetcher: _PageFetcher[ItemT], queue: _Queue[ItemT], room: asyncio.Semaphore) -> None:
    # It holds no walk: the walk must be free to go away when the caller leaves the loop.
    step: _Step[ItemT] | Exception = None
    while True:
        await room.acquire()
        try:
            step = await fetcher.advance()
        except asyncio.CancelledError:
            room.release()
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, the caller gets it in his turn
            step = error
        queue.put_nowait(step)
        if step is None or isinstance(step, Exception):
            return


def _keys_of(items: Sequence[object], name: str) -> Sequence[str]:
    """Return the key of each item, empty where it has none."""
    try:
        values: list[object] = list(map(attrgetter(name), items))
    except AttributeError:  # JSON as it came, or nothing that has keys
        values = [
            cast("dict[str, object]", item).get(name) if isinstance(item, dict) else None for item in items
        ]
    if {str}.issuperset(map(type, values)) and _NO_KEY not in values:
        return cast("list[str]", values)
    return ["" if value in (None, _NO_KEY, 0) else str(value) for value in values]


_NO_KEY: Final = "0"
"""The platform's word for an id that is not set."""
