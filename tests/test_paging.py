"""Lists: each item once, in order, whatever the pages look like, and on from wherever a walk stopped."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING, Any, TypeVar

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from etelecom_async import (
    ConnectError,
    DecodeError,
    EtelecomError,
    InvalidRequestError,
    Page,
    Pager,
    PagingError,
    ShopClient,
    errors,
)
from etelecom_async._core.codec import requests, responses
from etelecom_async.models import Webhook
from etelecom_async.operations import OPERATIONS
from etelecom_async.paging import Paging
from tests.conftest import PATIENCE

if TYPE_CHECKING:
    from tests.conftest import Asked, Peer, Reply

ItemT = TypeVar("ItemT")

ROW = OPERATIONS["webhooks.list"]
ENDS: dict[str, dict[str, object]] = {
    "no paging": {},
    "paging null": {"paging": None},
    "next missing": {"paging": {}},
    "next null": {"paging": {"next": None}},
    "next empty": {"paging": {"next": ""}},
    "next filled": {"paging": {"next": "end"}},
}


@attrs.frozen
class Listing:
    """A list on a server: JSON items page by page, and how the last page ends."""

    pages: tuple[tuple[dict[str, object], ...], ...]
    end: str = "next filled"

    @property
    def items(self) -> list[dict[str, object]]:
        """Each item once, in order; an item without an id is never another one."""
        items: list[dict[str, object]] = []
        for page in self.pages:
            items += [item for item in page if not item.get("id") or item not in items]
        return items

    async def fetch(self, cursor: str | None) -> Page[Webhook]:
        """The page after a cursor, read from its JSON as the client reads it."""
        number = 0 if cursor is None else int(cursor) if cursor.isdecimal() else len(self.pages)
        if number >= len(self.pages):
            answer: dict[str, object] = {"webhooks": [], "paging": {"next": "still more"}}
        elif number == len(self.pages) - 1:
            answer = {"webhooks": self.pages[number], **ENDS[self.end]}
        else:
            answer = {"webhooks": self.pages[number], "paging": {"next": str(number + 1)}}
        page = responses.decode(ROW, 200, {}, json.dumps(answer).encode(), Counter())
        assert isinstance(page, Page)
        return page

    def pager(self, *, prefetch: int = 0, resume: str | None = None) -> Pager[Webhook]:
        """The list as a user gets it."""
        return pager(self.fetch, prefetch=prefetch, resume=resume)


def pager(fetch: Callable[[str | None], Any], *, query: bytes = b"{}", **options: Any) -> Pager[Any]:
    """A pager over a function."""
    return Pager(fetch, operation="webhooks.list", query=lambda: query, **options)


def told(items: list[dict[str, object]]) -> list[Webhook]:
    """Items as models, with `url` to tell those without an id apart."""
    return [Webhook(id=str(item.get("id") or ""), url=str(item["url"])) for item in items]


@st.composite
def listings(draw: st.DrawFn, *, ids: bool = True, repeats: bool = True) -> Listing:
    """Any split of any number of items into pages, whose beginnings may repeat what came before."""
    sizes = draw(st.lists(st.integers(1, 5), max_size=8))
    items: list[dict[str, object]] = []
    pages = []
    for size in sizes:
        back = draw(st.integers(0, 3)) if repeats else 0
        fresh: list[dict[str, object]] = []
        for number in range(len(items), len(items) + size):
            has_id = ids if not draw(st.booleans()) else True
            fresh.append(
                {
                    "id": str(number + 1) if has_id else draw(st.sampled_from([None, "", "0"])),
                    "url": f"u{number}",
                }
            )
        again = (
            [item for item in items[len(items) - back :] if item["id"] not in {None, "", "0"}] if back else []
        )
        items += fresh
        pages.append((*again, *fresh))
    return Listing(pages=tuple(pages), end=draw(st.sampled_from(sorted(ENDS))))


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


class TestWalk:
    """Each item of every page once, in order."""

    @given(listing=listings(), prefetch=st.integers(0, 3))
    async def test_items(self, listing: Listing, prefetch: int) -> None:
        """Any split of N ids, with repeats at boundaries and any end: each once, in order."""
        expected = told(listing.items)
        assert [item async for item in listing.pager(prefetch=prefetch)] == expected
        assert await listing.pager(prefetch=prefetch).collect() == expected
        pages = [page async for page in listing.pager(prefetch=prefetch).pages()]
        assert [item for page in pages for item in page] == expected
        assert all(pages)

    @given(listing=listings(ids=False, repeats=False), prefetch=st.integers(0, 3))
    async def test_items_without_ids(self, listing: Listing, prefetch: int) -> None:
        """Items without an id, or with the platform's blank one, all come, in order."""
        items = [item async for item in listing.pager(prefetch=prefetch)]
        assert [item.url for item in items] == [item["url"] for page in listing.pages for item in page]

    @given(listing=listings())
    async def test_every_iteration_starts_anew(self, listing: Listing) -> None:
        """A pager may be awaited and walked as often as one likes."""
        pager = listing.pager()
        first = await pager
        assert list(first) == told(list(listing.pages[0])) if listing.pages else not first
        assert [item async for item in pager] == [item async for item in pager] == told(listing.items)

    @given(listing=listings(), prefetch=st.integers(0, 3), most=st.integers(-1, 20))
    async def test_collect_stops(self, listing: Listing, prefetch: int, most: int) -> None:
        """`collect(max_items=)` gives that many at the most, and asks for no page beyond them."""
        asked: list[str | None] = []

        async def fetch(cursor: str | None) -> Page[Webhook]:
            asked.append(cursor)
            return await listing.fetch(cursor)

        items = await pager(fetch, prefetch=prefetch).collect(max_items=most)
        assert items == told(listing.items)[: max(most, 0)]
        if most <= 0:
            assert asked == []

    async def test_iterator_can_be_iterated(self) -> None:
        """A walk that was begun by hand can be ended by `async for`."""
        walk = aiter(Listing(pages=tuple(({"id": str(n), "url": ""},) for n in range(1, 4))).pager())
        assert (await anext(walk)).id == "1"
        assert [item.id async for item in walk] == ["2", "3"]

    async def test_short_page_is_not_the_end(self) -> None:
        """Only an empty page, or no cursor, ends a list; a short page does not."""
        sizes = [3, 1, 3]
        numbers = iter(range(100))
        listing = Listing(
            pages=tuple(tuple({"id": str(next(numbers) + 1), "url": ""} for _ in range(n)) for n in sizes)
        )
        assert len(await listing.pager().collect()) == 7

    async def test_empty_page_is_the_end(self) -> None:
        """An empty page ends a list even where it has a cursor, and is asked for once."""
        asked: list[str | None] = []

        async def fetch(cursor: str | None) -> Page[Webhook]:
            asked.append(cursor)
            return Page(items=(), next="more")

        assert await pager(fetch).collect() == []
        assert asked == [None]

    async def test_page_asked_for_alone_is_as_the_server_gave_it(self) -> None:
        """An awaited page has its cursors, also where it has no items; a walk still ends there."""
        answers = {None: Page(items=(), next="n", prev="p"), "n": Page(items=(Webhook(id="1"),), next="m")}

        async def fetch(cursor: str | None) -> Page[Webhook]:
            return answers[cursor]

        empty = pager(fetch)
        assert await empty == Page(items=(), next="n", prev="p")
        assert await pager(fetch, prefetch=2) == Page(items=(), next="n", prev="p")
        assert [item async for item in empty] == [page async for page in empty.pages()] == []
        assert await pager(fetch, after="n") == Page(items=(Webhook(id="1"),), next="m")

    async def test_page_of_what_was_handed_out_before(self) -> None:
        """Where all of the page was handed out before the checkpoint, none is left, but its cursors are."""

        async def fetch(_: str | None) -> Page[Webhook]:
            return Page(items=(Webhook(id="1"),), prev="p")

        walked = pager(fetch)
        assert len(await walked.collect()) == 1
        assert await pager(fetch, resume=walked.checkpoint()) == Page(items=(), prev="p")

    async def test_page_of_nothing_but_repeats(self) -> None:
        """A page of nothing new is passed over, also where pages are walked, and is no end."""
        one, two, three = ({"id": str(n), "url": ""} for n in (1, 2, 3))
        listing = Listing(pages=((one, two), (one, two), (two, three)))
        pages = [[item.id for item in page] async for page in listing.pager().pages()]
        assert pages == [["1", "2"], ["3"]]
        assert [item.id async for item in listing.pager()] == ["1", "2", "3"]

    async def test_repeat_within_a_page(self) -> None:
        """An item twice in one page comes once."""
        one, two = ({"id": str(n), "url": ""} for n in (1, 2))
        assert [item.id async for item in Listing(pages=((one, one, two),)).pager()] == ["1", "2"]

    @pytest.mark.parametrize(
        ("items", "count"),
        [
            ([{"id": "1"}, {"id": "1"}, {"id": 1}], 1),
            ([{"id": "0"}, {"id": "0"}, {"id": 0}, {"id": None}, {"id": ""}, {}], 6),
            ([{"key": "1"}, {"key": "1"}], 2),
        ],
        ids=["same id", "blank ids", "another key"],
    )
    async def test_open_items(self, items: list[dict[str, object]], count: int) -> None:
        """JSON objects are told apart by the same key; a blank one tells nothing."""

        async def fetch(_: str | None) -> Page[dict[str, object]]:
            return Page(items=tuple(items))

        assert len(await pager(fetch).collect()) == count

    async def test_other_key(self) -> None:
        """The row may say that another field identifies an item."""

        async def fetch(_: str | None) -> Page[Webhook]:
            return Page(items=(Webhook(id="1", url="a"), Webhook(id="2", url="a"), Webhook(id="3", url="b")))

        assert [item.id for item in await pager(fetch, key="url").collect()] == ["1", "3"]

    async def test_memory_is_bounded(self) -> None:
        """However long the list, some thousand keys are held, and a checkpoint stays a few kilobytes."""
        size = 50
        most = 0

        async def fetch(cursor: str | None) -> Page[Webhook]:
            start = int(cursor or 0)
            # Three items of the page before come again.
            numbers = range(max(start - 3, 0), min(start + size, 10_000))
            items = tuple(Webhook(id=f"{10**18 + number}") for number in numbers) if start < 10_000 else ()
            return Page(items=items, next=str(start + size))

        walked = pager(fetch)
        walk = walked.pages()
        count = 0
        async for page in walk:
            count += len(page)
            most = max(most, len(walk._seen) + len(walk._seen_before))
            assert len(walked.checkpoint()) < 5000
        assert count == 10_000
        assert 1000 < most <= 2 * (1000 + size + 3)

    async def test_page(self) -> None:
        """A page is iterated and counted, and an empty one is false."""
        page = Page(items=(1, 2), next="n", prev="p")
        assert (list(page), len(page), bool(page), bool(Page(items=()))) == ([1, 2], 2, True, False)


class TestResume:
    """On from wherever a walk stopped."""

    @given(listing=listings(), prefetch=st.integers(0, 3))
    async def test_after_every_item(self, listing: Listing, prefetch: int) -> None:
        """The checkpoint after any item, and the one before the first, gives exactly the rest."""
        pager = listing.pager(prefetch=prefetch)
        checkpoints = [pager.checkpoint(), *[pager.checkpoint() async for _ in pager]]
        expected = told(listing.items)
        for place, checkpoint in enumerate(checkpoints):
            assert await listing.pager(prefetch=prefetch, resume=checkpoint).collect() == expected[place:]
            first = await listing.pager(prefetch=prefetch, resume=checkpoint)
            assert list(first) == expected[place : place + len(first)]
            assert bool(first) == bool(expected[place:])

    @given(listing=listings(), prefetch=st.integers(0, 3))
    async def test_after_every_page(self, listing: Listing, prefetch: int) -> None:
        """The checkpoint after any page gives exactly the rest."""
        pager = listing.pager(prefetch=prefetch)
        done: list[Webhook] = []
        expected = told(listing.items)
        async for page in pager.pages():
            done += page
            rest = listing.pager(prefetch=prefetch, resume=pager.checkpoint())
            assert done + await rest.collect() == expected
        assert done == expected

    @given(listing=listings())
    async def test_item_by_item(self, listing: Listing) -> None:
        """A walk that is broken off and resumed after each single item sees the same as one that is not."""
        items: list[Webhook] = []
        resume = None
        while True:
            pager = listing.pager(resume=resume)
            fresh = await pager.collect(max_items=1)
            if not fresh:
                break
            items += fresh
            resume = pager.checkpoint()
        assert items == told(listing.items)

    @given(listing=listings(ids=False, repeats=False))
    async def test_items_without_ids(self, listing: Listing) -> None:
        """Items without an id are counted, so that none is lost and none comes twice."""
        pager = listing.pager()
        urls = [item["url"] for page in listing.pages for item in page]
        async for _ in pager:
            place = len(urls) - len(await listing.pager(resume=pager.checkpoint()).collect())
            again = [item.url for item in await listing.pager(resume=pager.checkpoint()).collect()]
            assert again == urls[place:]
        seen: list[str] = []
        resume = None
        while fresh := await (walk := listing.pager(resume=resume)).collect(max_items=1):
            seen += [item.url for item in fresh]
            resume = walk.checkpoint()
        assert seen == urls

    @given(listing=listings(), broken=st.integers(0, 7), prefetch=st.integers(0, 3))
    async def test_after_an_error(self, listing: Listing, broken: int, prefetch: int) -> None:
        """An error in mid-list carries a checkpoint that gives the rest, and the walk itself can go on."""
        failures = [ConnectError("refused")]

        async def fetch(cursor: str | None) -> Page[Webhook]:
            if failures and cursor == (str(broken) if broken else None):
                raise failures.pop()
            return await listing.fetch(cursor)

        expected = told(listing.items)
        walk = aiter(pager(fetch, prefetch=prefetch))
        items: list[Webhook] = []
        error: EtelecomError | None = None
        while True:
            try:
                items.append(await anext(walk))
            except StopAsyncIteration:
                break
            except ConnectError as caught:
                error = caught
                rest = await listing.pager(resume=caught.checkpoint).collect()
                assert items + rest == expected
        assert (error is not None) == (broken < max(len(listing.pages), 1))
        assert items == expected

    async def test_rows_that_shift(self) -> None:
        """Rows that are added while a walk rests shift others into the next page; none comes twice."""
        rows = [str(number) for number in range(20, 0, -1)]

        async def fetch(cursor: str | None) -> Page[Webhook]:
            start = int(cursor or 0)
            return Page(items=tuple(Webhook(id=row) for row in rows[start : start + 5]), next=str(start + 5))

        first = pager(fetch)
        items = await first.collect(max_items=8)
        rows[:0] = ["23", "22", "21"]
        items += await pager(fetch, resume=first.checkpoint()).collect()
        assert [item.id for item in items] == [str(number) for number in range(20, 0, -1)]

    async def test_repeats_that_reach_beyond_the_page_before(self) -> None:
        """Where pages are shorter than what is repeated, the checkpoint knows more than one page."""
        one, two, three, four, five = ({"id": str(n), "url": ""} for n in range(1, 6))
        listing = Listing(pages=((one, two), (three,), (four,), (one, two, three, four, five)))
        pager = listing.pager()
        assert len(await pager.collect(max_items=4)) == 4
        rest = await listing.pager(resume=pager.checkpoint()).collect()
        assert [item.id for item in rest] == ["5"]

    @given(listing=listings(ids=False))
    async def test_nothing_done_since(self, listing: Listing) -> None:
        """A list that was resumed and not walked, or failed at once, has the checkpoint it came from."""

        async def fail(_: str | None) -> Page[Webhook]:
            raise ConnectError("refused")

        walked = listing.pager()
        async for _ in walked:
            checkpoint = walked.checkpoint()
            assert listing.pager(resume=checkpoint).checkpoint() == checkpoint
            with pytest.raises(ConnectError) as caught:
                await pager(fail, resume=checkpoint)
            assert caught.value.checkpoint == checkpoint

    @pytest.mark.parametrize(
        "text",
        ["", "x", "5", "[]", "{}", '{"operation": "webhooks.list"}', "null", "[" * 100_000],
        ids=lambda text: text[:9],
    )
    def test_what_is_no_checkpoint(self, text: str) -> None:
        """Anything but a checkpoint is refused, and nothing is fetched."""
        with pytest.raises(PagingError, match=r"webhooks\.list: resume= is not a checkpoint") as caught:
            pager(Listing(pages=()).fetch, resume=text).pages()
        assert caught.value.operation == "webhooks.list"

    @pytest.mark.parametrize("field", ["version", "operation", "account", "query", "after", "seen", "blank"])
    @given(value=_JSON)
    async def test_checkpoint_that_was_changed(self, field: str, value: object) -> None:
        """Whatever stands in a checkpoint's field, it is used or refused, and breaks nothing."""
        listing = Listing(pages=(({"id": "1", "url": ""},),))
        fields = {**json.loads(listing.pager().checkpoint()), field: value}
        try:
            pages = listing.pager(resume=json.dumps(fields)).pages()
        except PagingError:
            return
        assert len([page async for page in pages]) <= 1

    def test_checkpoint_of_another_list(self) -> None:
        """A checkpoint of another operation, or of the same one with other arguments, is refused."""
        fetch = Listing(pages=()).fetch
        checkpoint = pager(fetch).checkpoint()
        with pytest.raises(PagingError, match=r"belongs to a list with other arguments"):
            pager(fetch, query=b'{"limit": 5}', resume=checkpoint).pages()
        other: Pager[Any] = Pager(fetch, operation="shop.users.list", query=lambda: b"{}")
        with pytest.raises(PagingError, match=r"belongs to shop\.users\.list"):
            pager(fetch, resume=other.checkpoint()).pages()

    def test_checkpoint_shows_no_question(self) -> None:
        """A checkpoint holds a hash of the question, not its phone numbers and names."""
        assert (
            "0901234567" not in pager(Listing(pages=()).fetch, query=b'{"phone": "0901234567"}').checkpoint()
        )


class TestRoundAndRound:
    """A cursor that comes again."""

    @pytest.mark.parametrize("prefetch", range(4))
    @pytest.mark.parametrize(
        ("cursors", "last_good"),
        [(["a", "a"], "a"), (["a", "b", "a"], "b"), (["a", "b", "c", "b"], "c")],
        ids=str,
    )
    async def test_repeating_cursor(self, cursors: list[str], last_good: str, prefetch: int) -> None:
        """A cursor that was used before raises with the last good one, after all items have come once."""
        following = dict(zip([None, *cursors], cursors, strict=False))

        async def fetch(cursor: str | None) -> Page[Webhook]:
            return Page(items=(Webhook(id=f"of {cursor}"),), next=following[cursor])

        walk = aiter(pager(fetch, prefetch=prefetch))
        for cursor in [None, *cursors[:-1]]:
            assert (await anext(walk)).id == f"of {cursor}"
        with pytest.raises(PagingError, match="would never end") as caught:
            await anext(walk)
        assert caught.value.cursor == last_good
        assert caught.value.checkpoint is not None

    async def test_cursor_that_the_caller_gave(self) -> None:
        """A list that starts at a cursor does not come back to it."""
        asked: list[str | None] = []

        async def fetch(cursor: str | None) -> Page[Webhook]:
            asked.append(cursor)
            return Page(items=(Webhook(id="1"),), next="a")

        walk = aiter(pager(fetch, after="a"))
        await anext(walk)
        for _ in range(2):  # asking again does not help
            with pytest.raises(PagingError) as caught:
                await anext(walk)
            assert caught.value.cursor == "a"
        assert asked == ["a"]

    async def test_resumed_list_that_stands_still(self) -> None:
        """A page that points at itself raises again where it is resumed, and gives nothing twice."""

        async def fetch(cursor: str | None) -> Page[Webhook]:
            return Page(items=(Webhook(id=f"of {cursor}"),), next="a")

        with pytest.raises(PagingError) as caught:
            await pager(fetch).collect()
        with pytest.raises(PagingError):
            await pager(fetch, resume=caught.value.checkpoint).collect()
        resumed = aiter(pager(fetch, resume=caught.value.checkpoint))
        with pytest.raises(PagingError):
            await anext(resumed)


class Server:
    """Pages without end, whose answers the test may hold back."""

    def __init__(self) -> None:
        self.asked: list[str | None] = []
        self.open = asyncio.Event()
        self.open.set()

    async def fetch(self, cursor: str | None) -> Page[Webhook]:
        """The page after a cursor."""
        self.asked.append(cursor)
        await self.open.wait()
        number = int(cursor or 0)
        return Page(items=(Webhook(id=f"{number}a"), Webhook(id=f"{number}b")), next=str(number + 1))


async def turns(number: int = 10) -> None:
    """Lets the loop turn some times."""
    for _ in range(number):
        await asyncio.sleep(0)


class TestPrefetch:
    """Pages that are fetched ahead."""

    @pytest.mark.parametrize("prefetch", range(4))
    async def test_pages_ahead(self, prefetch: int) -> None:
        """While the caller works with a page, that many more are fetched, and none before he asks."""
        server = Server()
        walk = aiter(pager(server.fetch, prefetch=prefetch).pages())
        await turns()
        assert server.asked == []
        for number in range(5):
            await anext(walk)
            await turns()
            assert len(server.asked) == number + 1 + prefetch

    async def test_awaiting_fetches_one_page(self) -> None:
        """Who awaits one page gets one page, whatever the prefetch."""
        server = Server()
        await pager(server.fetch, prefetch=3)
        await turns()
        assert server.asked == [None]

    @pytest.mark.parametrize("prefetch", [-1, -100])
    def test_negative(self, prefetch: int) -> None:
        """A negative prefetch is refused."""
        with pytest.raises(PagingError, match=f"prefetch is a number of pages, 0 or more, not {prefetch}"):
            pager(Server, prefetch=prefetch).pages()

    @pytest.mark.parametrize("prefetch", range(4))
    async def test_break(self, prefetch: int) -> None:
        """Breaking out of `async for` stops the fetching, also in the middle of it."""
        server = Server()
        async for _ in pager(server.fetch, prefetch=prefetch):
            server.open.clear()
            await turns()
            break
        asked = len(server.asked)
        server.open.set()
        await turns()
        assert len(server.asked) == asked
        assert asyncio.all_tasks() == {asyncio.current_task()}

    @pytest.mark.parametrize("prefetch", range(4))
    async def test_cancel(self, prefetch: int) -> None:
        """Cancelling a walk that waits for a page stops the fetching."""
        server = Server()
        walked = pager(server.fetch, prefetch=prefetch)

        async def walk() -> None:
            async for item in walked:
                if item.id == "2b":
                    server.open.clear()

        task = asyncio.create_task(walk())
        await turns(50)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        server.open.set()
        asked = len(server.asked)
        await turns()
        assert len(server.asked) == asked
        assert asyncio.all_tasks() == {asyncio.current_task()}

    @pytest.mark.parametrize("prefetch", range(4))
    async def test_on_after_a_cancelled_step(self, prefetch: int) -> None:
        """A step that was cancelled, as by a time limit, can be made again: nothing is lost."""
        server = Server()
        walk = aiter(pager(server.fetch, prefetch=prefetch))
        items: list[Any] = []
        for _ in range(7):
            server.open.clear()
            while True:  # what was fetched ahead comes, and then a step has to wait
                step = asyncio.create_task(anext(walk))
                await turns()
                if not step.done():
                    break
                items.append(step.result())
            step.cancel()
            assert isinstance((await asyncio.gather(step, return_exceptions=True))[0], asyncio.CancelledError)
            server.open.set()
            items.append(await asyncio.wait_for(anext(walk), PATIENCE))
        expected = [f"{number}{letter}" for number in range(100) for letter in "ab"]
        assert [item.id for item in items] == expected[: len(items)]

    @pytest.mark.parametrize("prefetch", range(4))
    async def test_asking_again_after_the_end(self, prefetch: int) -> None:
        """A walk that has ended stays ended, however often it is asked."""
        walk = aiter(Listing(pages=(({"id": "1", "url": ""},),)).pager(prefetch=prefetch))
        assert (await anext(walk)).id == "1"
        for _ in range(3):
            assert await asyncio.wait_for(anext(walk, None), PATIENCE) is None

    @pytest.mark.parametrize("prefetch", range(4))
    async def test_other_errors(self, prefetch: int) -> None:
        """What is no error of ours reaches the caller as it is; a question that cannot be asked, too."""
        errors: list[Exception] = [ZeroDivisionError(), InvalidRequestError(("x",))]

        async def fetch(_: str | None) -> Page[Webhook]:
            raise errors[-1]

        with pytest.raises(InvalidRequestError) as caught:
            await pager(fetch, prefetch=prefetch).collect()
        assert caught.value.checkpoint is None
        errors.pop()
        with pytest.raises(ZeroDivisionError):
            await pager(fetch, prefetch=prefetch).collect()

    async def test_dropped_in_another_thread(self) -> None:
        """A walk that is let go of in another thread stops its fetching in its own."""
        asyncio.get_running_loop().set_debug(True)  # so that it refuses what another thread must not do
        server = Server()
        held: list[AsyncIterator[Page[Webhook]]] = [pager(server.fetch, prefetch=1).pages()]
        await anext(held[0])
        server.open.clear()
        await turns()
        await asyncio.to_thread(held.clear)
        await turns()
        assert asyncio.all_tasks() == {asyncio.current_task()}

    def test_dropped_after_its_loop(self) -> None:
        """A walk that outlives its loop is let go of in silence."""
        server: list[Server] = []
        walks: list[AsyncIterator[Page[Webhook]]] = []

        async def begin() -> None:
            server.append(Server())
            walks.append(pager(server[0].fetch, prefetch=1).pages())
            await anext(walks[0])

        asyncio.run(begin())
        walks.clear()
        assert server[0].asked == [None, "1"]


class TestTwoWalks:
    """Two walks of one pager."""

    async def test_each_has_its_own_place(self) -> None:
        """Two walks at the same time do not disturb one another."""
        listing = Listing(pages=tuple(({"id": str(n), "url": ""},) for n in range(1, 6)))
        walked = listing.pager()
        first, second = aiter(walked), aiter(walked)
        pairs = [(await anext(first), await anext(second)) for _ in range(5)]
        assert [(one.id, other.id) for one, other in pairs] == [(str(n), str(n)) for n in range(1, 6)]

    async def test_checkpoint_is_of_the_walk_that_began_last(self) -> None:
        """`checkpoint()` is where the latest walk stands, also while an older one goes on."""
        listing = Listing(pages=tuple(({"id": str(n), "url": ""},) for n in range(1, 6)))
        walked = listing.pager()
        first, second = aiter(walked), aiter(walked)
        await anext(second)
        for _ in range(3):
            await anext(first)
        rest = await listing.pager(resume=walked.checkpoint()).collect()
        assert [item.id for item in rest] == ["2", "3", "4", "5"]

    async def test_error_carries_the_place_of_its_own_walk(self) -> None:
        """The checkpoint of an error is that of the walk that failed, not of the latest one."""
        listing = Listing(pages=tuple(({"id": str(n), "url": ""},) for n in range(1, 6)))

        async def fetch(cursor: str | None) -> Page[Webhook]:
            if cursor == "3":
                raise ConnectError("refused")
            return await listing.fetch(cursor)

        walked = pager(fetch)
        first, second = aiter(walked), aiter(walked)
        for _ in range(3):
            await anext(first)
        await anext(second)
        with pytest.raises(ConnectError) as caught:
            await anext(first)
        rest = await listing.pager(resume=caught.value.checkpoint).collect()
        assert [item.id for item in rest] == ["4", "5"]


def test_paging_is_a_request() -> None:
    """What page is wanted is written like any request, and is empty where nothing is said."""
    row = OPERATIONS["partner.hotlines.list"]
    assert (
        requests.encode(row, row.request(paging=Paging(sort="a", before="b")))
        == b'{"paging":{"before":"b","sort":"a"}}'
    )
    assert requests.encode(row, row.request(paging=Paging())) == b"{}"


class Rows:
    """A server with a number of rows, 10 a page, that answers after some turns of the event loop."""

    def __init__(self, count: int = 1000, *, pause: int = 3) -> None:
        self.count = count
        self.pause = pause
        self.fetched: list[int] = []

    async def fetch(self, cursor: str | None) -> Page[Webhook]:
        """The page after a cursor."""
        start = int(cursor or 0)
        await turns(self.pause)
        self.fetched.append(start)
        rows = tuple(Webhook(id=str(number + 1)) for number in range(start, min(start + 10, self.count)))
        return Page(items=rows, next=str(start + 10))

    def pager(self, **options: Any) -> Pager[Webhook]:
        """The list."""
        return pager(self.fetch, **options)

    @property
    def ids(self) -> list[str]:
        """The ids of all rows, in order."""
        return [str(number + 1) for number in range(self.count)]


WORKERS = pytest.mark.parametrize("workers", [1, 2, 5, 8])
PREFETCH = pytest.mark.parametrize("prefetch", [0, 1, 3])


class TestSharing:
    """Several tasks that share one iterator."""

    @WORKERS
    @PREFETCH
    @pytest.mark.parametrize("pauses", [False, True])
    async def test_each_row_goes_to_one_task(self, workers: int, prefetch: int, *, pauses: bool) -> None:
        """Each of 1,000 rows goes to exactly one task, each page is fetched once, and all tasks end."""
        server = Rows()
        rows = aiter(server.pager(prefetch=prefetch))
        taken: list[list[str]] = [[] for _ in range(workers)]

        async def work(number: int) -> None:
            async for row in rows:
                taken[number].append(row.id)
                if pauses:
                    await turns(number + 1)

        async with asyncio.timeout(PATIENCE):
            await asyncio.gather(*map(work, range(workers)))
        assert sorted((row for each in taken for row in each), key=int) == server.ids
        assert len(server.fetched) == len(set(server.fetched)) == 101
        assert all(each == sorted(each, key=int) for each in taken)

    @WORKERS
    @PREFETCH
    async def test_pages(self, workers: int, prefetch: int) -> None:
        """The same with whole pages."""
        server = Rows()
        pages = server.pager(prefetch=prefetch).pages()
        taken: list[str] = []

        async def work() -> None:
            async for page in pages:
                taken.extend(row.id for row in page)
                await turns(2)

        async with asyncio.timeout(PATIENCE):
            await asyncio.gather(*(work() for _ in range(workers)))
        assert sorted(taken, key=int) == server.ids

    @pytest.mark.parametrize("workers", [2, 5, 8])
    @PREFETCH
    @pytest.mark.parametrize("after", [0, 1, 7, 50])
    async def test_cancelled_worker(self, workers: int, prefetch: int, after: int) -> None:
        """A task that is cancelled, wherever it is, takes no row with it; the others get all the rest."""
        server = Rows()
        rows = aiter(server.pager(prefetch=prefetch))
        taken: list[str] = []

        async def work() -> None:
            async for row in rows:
                taken.append(row.id)
                await turns(1)

        async with asyncio.timeout(PATIENCE):
            tasks = [asyncio.create_task(work()) for _ in range(workers)]
            await turns(after)
            tasks[0].cancel()
            results = await asyncio.gather(*tasks, return_exceptions=True)
        assert [type(result) for result in results] == [asyncio.CancelledError] + [type(None)] * (workers - 1)
        assert sorted(taken, key=int) == server.ids
        assert asyncio.all_tasks() == {asyncio.current_task()}

    @WORKERS
    @PREFETCH
    @pytest.mark.parametrize("stop", [1, 10, 11, 500, 995, 1000])
    async def test_resume(self, workers: int, prefetch: int, stop: int) -> None:
        """A checkpoint passes no row that was not handed out: the rows before and after it are all rows."""
        server = Rows()
        walk = server.pager(prefetch=prefetch)
        rows = aiter(walk)
        taken: list[str] = []
        checkpoints: list[str] = []

        async def work() -> None:
            async for row in rows:
                taken.append(row.id)
                if len(taken) == stop:
                    checkpoints.append(walk.checkpoint())
                if len(taken) >= stop:
                    return
                await turns(1)

        async with asyncio.timeout(PATIENCE):
            await asyncio.gather(*(work() for _ in range(workers)))
        at_stop = taken[:stop]
        rest = await server.pager(prefetch=prefetch, resume=checkpoints[0]).collect()
        assert sorted([*at_stop, *(row.id for row in rest)], key=int) == server.ids

    @PREFETCH
    async def test_error(self, prefetch: int) -> None:
        """An error reaches the task that fetched; the others try again, and no row is lost."""
        server = Rows(100)
        failures = [ConnectError("refused"), ConnectError("refused")]

        async def fetch(cursor: str | None) -> Page[Webhook]:
            if cursor == "50" and failures:
                raise failures.pop()
            return await server.fetch(cursor)

        rows = aiter(pager(fetch, prefetch=prefetch))
        taken: list[str] = []

        async def work() -> None:
            async for row in rows:
                taken.append(row.id)
                await turns(1)

        async with asyncio.timeout(PATIENCE):
            results = await asyncio.gather(*(work() for _ in range(5)), return_exceptions=True)
        assert sum(isinstance(result, ConnectError) for result in results) == 2
        assert sorted(taken, key=int) == server.ids


class TestStaleRows:
    """Rows that come again under ever new cursors."""

    @pytest.mark.parametrize("prefetch", [0, 2])
    @pytest.mark.parametrize("cycle", [1, 3, 30, 400])
    async def test_cycle(self, cycle: int, prefetch: int) -> None:
        """A server that repeats its rows without end is found out after 20 pages, and each row came once."""
        fetched: list[str | None] = []

        async def fetch(cursor: str | None) -> Page[Webhook]:
            number = int(cursor or 0)
            fetched.append(cursor)
            start = 10 * (number % cycle)
            return Page(
                items=tuple(Webhook(id=str(start + row + 1)) for row in range(10)), next=str(number + 1)
            )

        taken: list[str] = []

        async def walk() -> None:
            async for row in pager(fetch, prefetch=prefetch):
                taken.append(row.id)  # noqa: PERF401 - what came before the error counts

        with pytest.raises(PagingError, match="20 pages in a row without a new item") as caught:
            await walk()
        assert taken == [str(number + 1) for number in range(10 * cycle)]
        assert len(fetched) <= cycle + 20 + prefetch
        assert caught.value.checkpoint is not None

    async def test_rows_without_keys(self) -> None:
        """Pages whose rows have no key are compared as a whole."""

        async def fetch(cursor: str | None) -> Page[Webhook]:
            return Page(items=(Webhook(url="a"), Webhook(url="b")), next=str(int(cursor or 0) + 1))

        with pytest.raises(PagingError, match="without a new item"):
            await pager(fetch).collect()

    async def test_some_stale_pages_are_no_error(self) -> None:
        """A server may repeat 19 pages: the walk goes on."""

        async def fetch(cursor: str | None) -> Page[Webhook]:
            number = int(cursor or 0)
            row = 1 if number < 20 else number
            return Page(items=(Webhook(id=str(row)),), next=str(number + 1) if number < 25 else "")

        assert [row.id for row in await pager(fetch).collect()] == ["1", "20", "21", "22", "23", "24", "25"]


class TestBinding:
    """A checkpoint belongs to one operation, query, account and version."""

    @pytest.mark.parametrize(
        ("change", "reason"),
        [
            ({"account": "shop2"}, "belongs to another account"),
            ({"query": b"{1}"}, "belongs to a list with other arguments"),
        ],
        ids=["account", "query"],
    )
    def test_other_list(self, change: dict[str, Any], reason: str) -> None:
        """A checkpoint of another list is refused, with the difference and what to do."""
        server = Rows()
        checkpoint = server.pager(account="shop1").checkpoint()
        with pytest.raises(PagingError, match=reason) as caught:
            server.pager(**{"account": "shop1", "resume": checkpoint, **change}).pages()
        assert "start again without resume=" in str(caught.value)

    @pytest.mark.parametrize("version", [1, 3, "2", None])
    def test_other_version(self, version: object) -> None:
        """A checkpoint of another format is refused."""
        server = Rows()
        fields = {**json.loads(server.pager().checkpoint()), "version": version}
        with pytest.raises(PagingError, match="has the format version"):
            server.pager(resume=json.dumps(fields)).pages()

    async def test_client(self, peer: Peer) -> None:
        """A rotated key and another `limit` resume; another shop, another filter and another list do not."""

        def answer(asked: Asked) -> Reply:
            after = asked.json.get("paging", {}).get("after")
            row = {None: "1", "n": "2"}.get(after)
            rows = [{"user_id": row}] if row else []
            return peer.json({"account_users": rows, "paging": {"next": "end" if after else "n"}})

        peer.always = answer
        key = "shop1161512386239479010:"
        async with ShopClient(f"{key}old-key", base_url=peer.base_url) as shop:
            users = shop.users.list(phone="0901234567", limit=1)
            async for _ in users:
                break
            checkpoint = users.checkpoint()
        assert "old-key" not in checkpoint
        assert "0901234567" not in checkpoint
        async with ShopClient(f"{key}new-key", base_url=peer.base_url) as shop:
            again = shop.users.list(phone="0901234567", limit=100, resume=checkpoint)
            assert [user.user_id for user in await again.collect()] == ["2"]
            with pytest.raises(PagingError, match="other arguments"):
                await shop.users.list(phone="0901234568", resume=checkpoint)
            with pytest.raises(PagingError, match=r"belongs to shop\.users\.list"):
                await shop.extensions.list(resume=checkpoint)
        async with ShopClient("shop1161512386239479011:other", base_url=peer.base_url) as shop:
            with pytest.raises(PagingError, match="another account"):
                await shop.users.list(phone="0901234567", resume=checkpoint)


class TestRefusedCursor:
    """A cursor that the server does not take any more."""

    @pytest.mark.parametrize(
        "error", [errors.InvalidArgumentError, errors.NotFoundError, errors.OutOfRangeError]
    )
    @pytest.mark.parametrize("prefetch", [0, 1])
    async def test_resume(self, error: type[EtelecomError], prefetch: int) -> None:
        """The error says that the cursor has expired, and how to start again."""
        server = Rows()
        walk = aiter(first := server.pager())
        for _ in range(10):
            await anext(walk)

        async def fetch(cursor: str | None) -> Page[Webhook]:
            assert cursor == "10"
            raise error("cursor không hợp lệ")

        with pytest.raises(PagingError, match=r"It has probably expired\. Start again without") as caught:
            await pager(fetch, resume=first.checkpoint(), prefetch=prefetch).collect()
        assert caught.value.cursor == "10"
        assert isinstance(caught.value.__cause__, error)
        assert "cursor không hợp lệ" in str(caught.value)

    async def test_other_refusals_stay(self) -> None:
        """A refusal of a list that starts at its beginning, or another error on resume, is itself."""

        async def fetch(cursor: str | None) -> Page[Webhook]:
            raise errors.PermissionDeniedError("no") if cursor else errors.InvalidArgumentError("no")

        with pytest.raises(errors.InvalidArgumentError):
            await pager(fetch)
        with pytest.raises(errors.PermissionDeniedError):
            await pager(fetch, after="n")


class TestOddValues:
    """Ids and cursors as odd servers write them."""

    @staticmethod
    def page(body: str) -> Page[Webhook]:
        """A page, read from its JSON as the client reads it."""
        result: Any = responses.decode(ROW, 200, {}, body.encode(), Counter())
        return result

    def test_float_ids(self) -> None:
        """An id that arrives as a float is the same text as the whole number."""
        page = self.page('{"webhooks": [{"id": 17.0}, {"id": 9007199254740991.0}, {"id": 1.5}]}')
        assert [row.id for row in page] == ["17", "9007199254740991", "1.5"]

    @pytest.mark.parametrize(
        "number", ["1415096549774721801.0", "1.4150965497747218e+18", "9007199254740993.0"]
    )
    def test_id_that_lost_digits(self, number: str) -> None:
        """A float that cannot hold the id is an error with its path: two rows would become one."""
        with pytest.raises(DecodeError) as caught:
            self.page(f'{{"webhooks": [{{"id": "1"}}, {{"id": {number}}}]}}')
        assert caught.value.problems == (
            "number with a decimal point that is too large to be exact @ $.webhooks[1].id",
        )

    @pytest.mark.parametrize("value", ["false", "0", '"0"', '" "', '""', "null", '"false"'])
    async def test_next_that_is_no_cursor(self, value: str) -> None:
        """`next` as false, 0 or blank ends the list."""
        fetched: list[str | None] = []

        async def fetch(cursor: str | None) -> Page[Webhook]:
            fetched.append(cursor)
            return self.page(f'{{"webhooks": [{{"id": "1"}}], "paging": {{"next": {value}}}}}')

        assert len(await pager(fetch).collect()) == 1
        assert fetched == [None]
