"""Lists: each item once, in order, whatever the pages look like, and on from wherever a walk stopped."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Callable
from typing import Any, TypeVar

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from etelecom_async import ConnectError, EtelecomError, InvalidRequestError, Page, Pager, PagingError
from etelecom_async._core.codec import requests, responses
from etelecom_async.models import Webhook
from etelecom_async.operations import OPERATIONS
from etelecom_async.paging import Paging
from tests.conftest import PATIENCE

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

    @pytest.mark.parametrize("field", ["operation", "query", "after", "seen", "blank"])
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
        with pytest.raises(PagingError, match=r"of webhooks\.list with other arguments"):
            pager(fetch, query=b'{"limit": 5}', resume=checkpoint).pages()
        other: Pager[Any] = Pager(fetch, operation="shop.users.list", query=lambda: b"{}")
        with pytest.raises(PagingError, match=r"is a checkpoint of shop\.users\.list"):
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
        with pytest.raises(PagingError, match="would go round for ever") as caught:
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
