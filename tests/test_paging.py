"""Lists: each item comes once and in order, for any pages, and a walk can resume from any point."""

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
from tests.conftest import PATIENCE, read_html

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
    """A list on a server: its pages of JSON items, and the form of the last page."""

    pages: tuple[tuple[dict[str, object], ...], ...]
    end: str = "next filled"
    _decoded: dict[int, Page[Webhook]] = attrs.field(factory=dict, init=False, repr=False, eq=False)

    @property
    def items(self) -> list[dict[str, object]]:
        """Return each item once, in order; items without an id are all different."""
        items: list[dict[str, object]] = []
        for page in self.pages:
            items += [item for item in page if not item.get("id") or item not in items]
        return items

    async def fetch(self, cursor: str | None) -> Page[Webhook]:
        """Return the page after a cursor, decoded from JSON like the client does."""
        number = 0 if cursor is None else int(cursor) if cursor.isdecimal() else len(self.pages)
        if number not in self._decoded:
            self._decoded[number] = self._decode(number)
        return self._decoded[number]

    def _decode(self, number: int) -> Page[Webhook]:
        if number >= len(self.pages):
            response: dict[str, object] = {"webhooks": [], "paging": {"next": "still more"}}
        elif number == len(self.pages) - 1:
            response = {"webhooks": self.pages[number], **ENDS[self.end]}
        else:
            response = {"webhooks": self.pages[number], "paging": {"next": str(number + 1)}}
        page = responses.decode(ROW, 200, {}, json.dumps(response).encode(), Counter())
        assert isinstance(page, Page)
        return page

    def pager(self, *, prefetch: int = 0, resume: str | None = None) -> Pager[Webhook]:
        """Return the list as a user gets it."""
        return pager(self.fetch, prefetch=prefetch, resume=resume)


def pager(fetch: Callable[[str | None], Any], *, query: bytes = b"{}", **options: Any) -> Pager[Any]:
    """Return a pager that fetches with a function."""
    return Pager(fetch, operation="webhooks.list", query=lambda: query, **options)


def as_models(items: list[dict[str, object]]) -> list[Webhook]:
    """Return items as models, whose `url` distinguishes those without an id."""
    return [Webhook(id=str(item.get("id") or ""), url=str(item["url"])) for item in items]


@st.composite
def listings(draw: st.DrawFn, *, ids: bool = True, repeats: bool = True) -> Listing:
    """Return a list of any size in pages of any size; a page may begin with earlier items."""
    sizes = draw(st.lists(st.integers(1, 5), max_size=8))
    items: list[dict[str, object]] = []
    pages = []
    for size in sizes:
        repeated = draw(st.integers(0, 3)) if repeats else 0
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
            [item for item in items[len(items) - repeated :] if item["id"] not in {None, "", "0"}]
            if repeated
            else []
        )
        items += fresh
        pages.append((*again, *fresh))
    return Listing(pages=tuple(pages), end=draw(st.sampled_from(sorted(ENDS))))


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


_SYNCHRONOUS: dict[str, Callable[[Any], object]] = {
    "for": list,
    "len": len,
    "index": lambda rows: rows[0],
    "slice": lambda rows: rows[:5],
    "in": lambda rows: "1" in rows,
    "if": bool,
    "next": next,
    "reversed": reversed,
    "unpacking": lambda rows: [*rows],
}
_LAZY: dict[str, tuple[Callable[[Pager[Any]], object], str]] = {
    "pager": (lambda pager: pager, "use `async for item in pager`, or `await` it for one page"),
    "pages": (lambda pager: pager.pages(), "use `async for page in pager.pages()`"),
    "take": (lambda pager: pager.take(5), "`await` it for a list in memory, or use `async for`"),
    "items": (aiter, "use `async for`, or `await anext(...)` for the next item"),
    "items of take": (lambda pager: aiter(pager.take(5)), "use `async for`, or `await anext(...)`"),
}
each_lazy = pytest.mark.parametrize(("make", "hint"), _LAZY.values(), ids=_LAZY)


class TestForgottenAwait:
    """Using a list as if it were in memory."""

    @each_lazy
    @pytest.mark.parametrize("use", _SYNCHRONOUS.values(), ids=_SYNCHRONOUS)
    async def test_synchronous_use(
        self, make: Callable[[Pager[Any]], object], hint: str, use: Callable[[Any], object]
    ) -> None:
        """Each synchronous use raises an error that says what to write instead, and requests nothing."""
        with pytest.raises(TypeError) as caught:
            use(make(Listing(pages=()).pager()))
        assert hint in str(caught.value)

    @each_lazy
    @pytest.mark.parametrize("name", ["items", "next", "prev", "id", "to_dict"])
    async def test_attribute_of_the_result(
        self, make: Callable[[Pager[Any]], object], hint: str, name: str
    ) -> None:
        """An attribute of a page or an item is missing, and the error says what to write instead."""
        lazy = make(Listing(pages=()).pager())
        with pytest.raises(AttributeError) as caught:
            getattr(lazy, name)
        assert str(caught.value).startswith(f"{type(lazy).__name__!r} object has no attribute {name!r}: ")
        assert hint in str(caught.value)
        assert not hasattr(lazy, name)

    def test_private_attribute(self) -> None:
        """Tools that look for private methods get a plain error without a hint."""
        with pytest.raises(AttributeError, match=r"^'Pager' object has no attribute '_repr_png_'$"):
            getattr(Listing(pages=()).pager(), "_repr_png_")  # noqa: B009 - the name does not exist

    async def test_html(self) -> None:
        """A notebook says what to await. It requests nothing, and shows no argument of the call."""

        async def fetch(_: str | None) -> Page[Webhook]:
            raise AssertionError

        listed = pager(fetch, query=b'{"phone":"0901234567"}')
        assert read_html(listed) == (
            [],
            [
                "webhooks.list is a list that is not requested yet. Await it, for example:",
                "page = await pager",
                "items = await pager.take(10)",
                "async for item in pager: ...",
            ],
        )
        for number, text in ((1, "Up to 1 item of"), (5, "Up to 5 items of")):
            _, texts = read_html(listed.take(number))
            assert texts[0].startswith(text)
            assert texts[1:] == [f"items = await pager.take({number})"]

    async def test_reprs(self) -> None:
        """The repr names the operation and says what to do; it shows no argument of the call."""
        listed = pager(Listing(pages=()).fetch, query=b'{"phone":"0901234567"}')
        assert repr(listed) == "<Pager of webhooks.list: await it for one page, or use async for>"
        assert repr(listed.pages()) == "<pages of webhooks.list: use async for>"
        assert repr(listed.take(5)) == f"<up to 5 items of {listed!r}>"


class TestWalk:
    """Walking a list."""

    @given(listing=listings(), prefetch=st.integers(0, 3))
    async def test_items(self, listing: Listing, prefetch: int) -> None:
        """For any pages, repeats at page boundaries and any last page, each item comes once and in order."""
        expected = as_models(listing.items)
        assert [item async for item in listing.pager(prefetch=prefetch)] == expected
        assert await listing.pager(prefetch=prefetch).collect() == expected
        pages = [page async for page in listing.pager(prefetch=prefetch).pages()]
        assert [item for page in pages for item in page] == expected
        assert all(pages)

    @given(listing=listings(ids=False, repeats=False), prefetch=st.integers(0, 3))
    async def test_items_without_ids(self, listing: Listing, prefetch: int) -> None:
        """Items without an id, or with the platform's blank id, all come, in order."""
        items = [item async for item in listing.pager(prefetch=prefetch)]
        assert [item.url for item in items] == [item["url"] for page in listing.pages for item in page]

    @given(listing=listings())
    async def test_every_iteration_starts_anew(self, listing: Listing) -> None:
        """A pager can be awaited and walked any number of times."""
        pager = listing.pager()
        first = await pager
        assert list(first) == as_models(list(listing.pages[0])) if listing.pages else not first
        assert [item async for item in pager] == [item async for item in pager] == as_models(listing.items)

    @given(listing=listings(), prefetch=st.integers(0, 3), most=st.integers(0, 20))
    async def test_take(self, listing: Listing, prefetch: int, most: int) -> None:
        """`take(n)` gives at most that many items as a list or one by one, and fetches nothing for 0."""
        fetched: list[str | None] = []

        async def fetch(cursor: str | None) -> Page[Webhook]:
            fetched.append(cursor)
            return await listing.fetch(cursor)

        items = await pager(fetch, prefetch=prefetch).take(most)
        assert items == as_models(listing.items)[:most]
        if most == 0:
            assert fetched == []
        assert [item async for item in pager(fetch, prefetch=prefetch).take(most)] == items

    async def test_take_requests_no_page_too_many(self) -> None:
        """`take(n)` ends with the page of its last item; a checkpoint then continues after this item."""
        listing = Listing(
            pages=tuple(({"id": f"{n}0", "url": ""}, {"id": f"{n}1", "url": ""}) for n in (1, 2, 3))
        )
        fetched: list[str | None] = []

        async def fetch(cursor: str | None) -> Page[Webhook]:
            fetched.append(cursor)
            return await listing.fetch(cursor)

        walked = pager(fetch)
        assert [item.id for item in await walked.take(3)] == ["10", "11", "20"]
        assert fetched == [None, "1"]
        assert [item.id for item in await listing.pager(resume=walked.checkpoint()).collect()] == [
            "21",
            "30",
            "31",
        ]

    @pytest.mark.parametrize("wrong", [-1, 1.5, "5", True, None])
    def test_take_of_no_number(self, wrong: Any) -> None:
        """`take` refuses everything that is no number of items, before anything is requested."""
        with pytest.raises(InvalidRequestError, match=r": n takes a whole number, 0 or more, not "):
            Listing(pages=()).pager().take(wrong)

    async def test_take_shared_by_tasks(self) -> None:
        """Tasks that share the iterator of `take(n)` get n items together, each item once."""
        pages = tuple(({"id": str(n), "url": ""},) for n in range(1, 10))
        walk = aiter(Listing(pages=pages).pager().take(5))

        async def read() -> list[str]:
            return [item.id async for item in walk]

        taken = [row for rows in await asyncio.gather(*(read() for _ in range(3))) for row in rows]
        assert sorted(taken) == ["1", "2", "3", "4", "5"]

    async def test_take_after_an_error(self) -> None:
        """An item whose request failed does not count: the same iterator still gives n items."""
        replies: list[Page[Webhook] | Exception] = [
            Page(items=(Webhook(id="1"),), next="a"),
            ConnectError("refused"),
            Page(items=(Webhook(id="2"), Webhook(id="3"))),
        ]

        async def fetch(_: str | None) -> Page[Webhook]:
            if isinstance(reply := replies.pop(0), Exception):
                raise reply
            return reply

        walk = aiter(pager(fetch).take(2))
        assert (await anext(walk)).id == "1"
        with pytest.raises(ConnectError):
            await anext(walk)
        assert [item.id async for item in walk] == ["2"]

    @given(listing=listings(), prefetch=st.integers(0, 3))
    async def test_first(self, listing: Listing, prefetch: int) -> None:
        """`first()` gives the first item, or `None` for an empty list, with one request."""
        fetched: list[str | None] = []

        async def fetch(cursor: str | None) -> Page[Webhook]:
            fetched.append(cursor)
            return await listing.fetch(cursor)

        walked = pager(fetch, prefetch=prefetch)
        expected = as_models(listing.items)
        assert await walked.first() == (expected[0] if expected else None)
        assert fetched == [None]
        assert await listing.pager(resume=walked.checkpoint()).collect() == expected[1:]

    async def test_first_after_a_checkpoint(self) -> None:
        """`first()` of a resumed list skips the items that were handed out, also over several pages."""
        one, two, three = ({"id": str(n), "url": ""} for n in (1, 2, 3))
        listing = Listing(pages=((one, two), (one, two), (three,)))
        walked = listing.pager()
        assert len(await walked.take(2)) == 2
        found = await listing.pager(resume=walked.checkpoint()).first()
        assert found is not None
        assert found.id == "3"

    async def test_first_raises(self) -> None:
        """An error of the request reaches the caller of `first()`."""

        async def fetch(_: str | None) -> Page[Webhook]:
            message = "refused"
            raise ConnectError(message)

        with pytest.raises(ConnectError):
            await pager(fetch).first()

    async def test_iterator_can_be_iterated(self) -> None:
        """A walk that begins with `anext()` can continue with `async for`."""
        walk = aiter(Listing(pages=tuple(({"id": str(n), "url": ""},) for n in range(1, 4))).pager())
        assert (await anext(walk)).id == "1"
        assert [item.id async for item in walk] == ["2", "3"]

    async def test_short_page_is_not_the_end(self) -> None:
        """A list ends only with an empty page or without a cursor; a short page is not the end."""
        sizes = [3, 1, 3]
        numbers = iter(range(100))
        listing = Listing(
            pages=tuple(tuple({"id": str(next(numbers) + 1), "url": ""} for _ in range(n)) for n in sizes)
        )
        assert len(await listing.pager().collect()) == 7

    async def test_empty_page_is_the_end(self) -> None:
        """An empty page ends a list even if it has a cursor, and is fetched once."""
        fetched: list[str | None] = []

        async def fetch(cursor: str | None) -> Page[Webhook]:
            fetched.append(cursor)
            return Page(items=(), next="more")

        assert await pager(fetch).collect() == []
        assert fetched == [None]

    async def test_awaited_page_keeps_its_cursors(self) -> None:
        """An awaited page has its cursors even without items; a walk still ends at that page."""
        pages = {None: Page(items=(), next="n", prev="p"), "n": Page(items=(Webhook(id="1"),), next="m")}

        async def fetch(cursor: str | None) -> Page[Webhook]:
            return pages[cursor]

        empty = pager(fetch)
        assert await empty == Page(items=(), next="n", prev="p")
        assert await pager(fetch, prefetch=2) == Page(items=(), next="n", prev="p")
        assert [item async for item in empty] == [page async for page in empty.pages()] == []
        assert await pager(fetch, after="n") == Page(items=(Webhook(id="1"),), next="m")

    async def test_page_without_remaining_items(self) -> None:
        """If the checkpoint is after the last item of a page, the page has no items but keeps its cursors."""

        async def fetch(_: str | None) -> Page[Webhook]:
            return Page(items=(Webhook(id="1"),), prev="p")

        walked = pager(fetch)
        assert len(await walked.collect()) == 1
        assert await pager(fetch, resume=walked.checkpoint()) == Page(items=(), prev="p")

    async def test_page_of_repeats(self) -> None:
        """A page without new items is skipped, also by `pages()`, and does not end the list."""
        one, two, three = ({"id": str(n), "url": ""} for n in (1, 2, 3))
        listing = Listing(pages=((one, two), (one, two), (two, three)))
        pages = [[item.id for item in page] async for page in listing.pager().pages()]
        assert pages == [["1", "2"], ["3"]]
        assert [item.id async for item in listing.pager()] == ["1", "2", "3"]

    async def test_repeat_within_a_page(self) -> None:
        """An item that is twice in one page comes once."""
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
        """JSON objects are compared by the same key; objects with a blank key are all different."""

        async def fetch(_: str | None) -> Page[dict[str, object]]:
            return Page(items=tuple(items))

        assert len(await pager(fetch).collect()) == count

    async def test_other_key(self) -> None:
        """The operation's row may name another field as the key of an item."""

        async def fetch(_: str | None) -> Page[Webhook]:
            return Page(items=(Webhook(id="1", url="a"), Webhook(id="2", url="a"), Webhook(id="3", url="b")))

        assert [item.id for item in await pager(fetch, key="url").collect()] == ["1", "3"]

    async def test_memory_is_bounded(self) -> None:
        """In a long list, the walk holds about 2,000 keys, and each checkpoint is below 5,000 bytes."""
        size = 50
        peak = 0

        async def fetch(cursor: str | None) -> Page[Webhook]:
            start = int(cursor or 0)
            # The page begins with the last three items of the page before.
            numbers = range(max(start - 3, 0), min(start + size, 10_000))
            items = tuple(Webhook(id=f"{10**18 + number}") for number in numbers) if start < 10_000 else ()
            return Page(items=items, next=str(start + size))

        walked = pager(fetch)
        walk = walked.pages()
        count = 0
        async for page in walk:
            count += len(page)
            peak = max(peak, len(walk._seen) + len(walk._seen_before))
            assert len(walked.checkpoint()) < 5000
        assert count == 10_000
        assert 1000 < peak <= 2 * (1000 + size + 3)

    async def test_page(self) -> None:
        """A page can be iterated and counted, and an empty page is false."""
        page = Page(items=(1, 2), next="n", prev="p")
        assert (list(page), len(page), bool(page), bool(Page(items=()))) == ([1, 2], 2, True, False)


class TestResume:
    """Resuming a walk from a checkpoint."""

    @given(listing=listings(), prefetch=st.integers(0, 3))
    async def test_after_every_item(self, listing: Listing, prefetch: int) -> None:
        """The checkpoint before the first item, or after any item, gives exactly the remaining items."""
        pager = listing.pager(prefetch=prefetch)
        checkpoints = [pager.checkpoint(), *[pager.checkpoint() async for _ in pager]]
        expected = as_models(listing.items)
        for index, checkpoint in enumerate(checkpoints):
            assert await listing.pager(prefetch=prefetch, resume=checkpoint).collect() == expected[index:]
            first = await listing.pager(prefetch=prefetch, resume=checkpoint)
            assert list(first) == expected[index : index + len(first)]
            assert bool(first) == bool(expected[index:])

    @given(listing=listings(), prefetch=st.integers(0, 3))
    async def test_after_every_page(self, listing: Listing, prefetch: int) -> None:
        """The checkpoint after any page gives exactly the remaining items."""
        pager = listing.pager(prefetch=prefetch)
        walked: list[Webhook] = []
        expected = as_models(listing.items)
        async for page in pager.pages():
            walked += page
            rest = listing.pager(prefetch=prefetch, resume=pager.checkpoint())
            assert walked + await rest.collect() == expected
        assert walked == expected

    @given(listing=listings(), prefetch=st.integers(0, 3))
    async def test_bookmarks(self, listing: Listing, prefetch: int) -> None:
        """The bookmark of a page gives the items after this page, also when the walk is further on."""
        pager = listing.pager(prefetch=prefetch)
        bookmarks = [pager.bookmark()]
        counts = [0]
        async for page in pager.pages():
            bookmarks.append(pager.bookmark())
            counts.append(counts[-1] + len(page))
            assert bookmarks[-1]() == pager.checkpoint()
        expected = as_models(listing.items)
        for bookmark, count in zip(bookmarks, counts, strict=True):
            assert await listing.pager(resume=bookmark()).collect() == expected[count:]

    @given(listing=listings())
    async def test_item_by_item(self, listing: Listing) -> None:
        """A walk that stops and resumes after each item sees the same items as one walk to the end."""
        items: list[Webhook] = []
        resume = None
        while True:
            pager = listing.pager(resume=resume)
            fresh = await pager.take(1)
            if not fresh:
                break
            items += fresh
            resume = pager.checkpoint()
        assert items == as_models(listing.items)

    @given(listing=listings(ids=False, repeats=False))
    async def test_items_without_ids(self, listing: Listing) -> None:
        """Items without an id are counted, so a resumed walk loses none and repeats none."""
        pager = listing.pager()
        urls = [item["url"] for page in listing.pages for item in page]
        walked = 0
        async for item in pager:
            assert item.url == urls[walked]
            walked += 1
            again = [item.url for item in await listing.pager(resume=pager.checkpoint()).collect()]
            assert again == urls[walked:]
        seen: list[str] = []
        resume = None
        while fresh := await (walk := listing.pager(resume=resume)).take(1):
            seen += [item.url for item in fresh]
            resume = walk.checkpoint()
        assert seen == urls

    @given(listing=listings(), broken=st.integers(0, 7), prefetch=st.integers(0, 3))
    async def test_after_an_error(self, listing: Listing, broken: int, prefetch: int) -> None:
        """An error has a checkpoint that gives the remaining items, and the walk itself can continue."""
        failures = [ConnectError("refused")]

        async def fetch(cursor: str | None) -> Page[Webhook]:
            if failures and cursor == (str(broken) if broken else None):
                raise failures.pop()
            return await listing.fetch(cursor)

        expected = as_models(listing.items)
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
        """New rows before the resume shift old rows into the next page; no row comes twice."""
        rows = [str(number) for number in range(20, 0, -1)]

        async def fetch(cursor: str | None) -> Page[Webhook]:
            start = int(cursor or 0)
            return Page(items=tuple(Webhook(id=row) for row in rows[start : start + 5]), next=str(start + 5))

        first = pager(fetch)
        items = await first.take(8)
        rows[:0] = ["23", "22", "21"]
        items += await pager(fetch, resume=first.checkpoint()).collect()
        assert [item.id for item in items] == [str(number) for number in range(20, 0, -1)]

    async def test_repeats_that_reach_beyond_the_page_before(self) -> None:
        """A checkpoint remembers more than one page, for repeats that are longer than a page."""
        one, two, three, four, five = ({"id": str(n), "url": ""} for n in range(1, 6))
        listing = Listing(pages=((one, two), (three,), (four,), (one, two, three, four, five)))
        pager = listing.pager()
        assert len(await pager.take(4)) == 4
        rest = await listing.pager(resume=pager.checkpoint()).collect()
        assert [item.id for item in rest] == ["5"]

    @given(listing=listings(ids=False))
    async def test_checkpoint_without_progress(self, listing: Listing) -> None:
        """A resumed list keeps its checkpoint until the first item, also if the first fetch fails."""

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
    def test_invalid_checkpoint(self, text: str) -> None:
        """Any text that is not a checkpoint is refused before a fetch."""
        with pytest.raises(PagingError, match=r"webhooks\.list: resume= is not a checkpoint") as caught:
            pager(Listing(pages=()).fetch, resume=text).pages()
        assert caught.value.operation == "webhooks.list"

    @pytest.mark.parametrize("field", ["version", "operation", "account", "query", "after", "seen", "blank"])
    @given(value=_JSON)
    async def test_changed_checkpoint(self, field: str, value: object) -> None:
        """Any value in a checkpoint's field is used or refused, and causes no other error."""
        listing = Listing(pages=(({"id": "1", "url": ""},),))
        fields = {**json.loads(listing.pager().checkpoint()), field: value}
        try:
            pages = listing.pager(resume=json.dumps(fields)).pages()
        except PagingError:
            return
        assert len([page async for page in pages]) <= 1

    def test_checkpoint_of_another_list(self) -> None:
        """A checkpoint of another operation, or with other arguments, is refused."""
        fetch = Listing(pages=()).fetch
        checkpoint = pager(fetch).checkpoint()
        with pytest.raises(PagingError, match=r"belongs to a list with other arguments"):
            pager(fetch, query=b'{"limit": 5}', resume=checkpoint).pages()
        other: Pager[Any] = Pager(fetch, operation="shop.users.list", query=lambda: b"{}")
        with pytest.raises(PagingError, match=r"belongs to shop\.users\.list"):
            pager(fetch, resume=other.checkpoint()).pages()

    def test_checkpoint_hides_the_query(self) -> None:
        """A checkpoint holds a hash of the query, not its phone numbers and names."""
        assert (
            "0901234567" not in pager(Listing(pages=()).fetch, query=b'{"phone": "0901234567"}').checkpoint()
        )


class TestRepeatingCursor:
    """Cursors that repeat."""

    @pytest.mark.parametrize("prefetch", range(4))
    @pytest.mark.parametrize(
        ("cursors", "last_good"),
        [(["a", "a"], "a"), (["a", "b", "a"], "b"), (["a", "b", "c", "b"], "c")],
        ids=str,
    )
    async def test_repeating_cursor(self, cursors: list[str], last_good: str, prefetch: int) -> None:
        """A repeated cursor raises an error with the last good cursor, after each item came once."""
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

    async def test_first_cursor(self) -> None:
        """A list that starts at a cursor and returns to it raises an error."""
        fetched: list[str | None] = []

        async def fetch(cursor: str | None) -> Page[Webhook]:
            fetched.append(cursor)
            return Page(items=(Webhook(id="1"),), next="a")

        walk = aiter(pager(fetch, after="a"))
        await anext(walk)
        for _ in range(2):  # the second step fails, too
            with pytest.raises(PagingError) as caught:
                await anext(walk)
            assert caught.value.cursor == "a"
        assert fetched == ["a"]

    async def test_resumed_list_without_progress(self) -> None:
        """If a page's cursor points to the page itself, a resumed list raises again and repeats no item."""

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
    """A server with endless pages; a test can delay its responses."""

    def __init__(self) -> None:
        self.fetched: list[str | None] = []
        self.open = asyncio.Event()
        self.open.set()

    async def fetch(self, cursor: str | None) -> Page[Webhook]:
        """Return the page after a cursor."""
        self.fetched.append(cursor)
        await self.open.wait()
        number = int(cursor or 0)
        return Page(items=(Webhook(id=f"{number}a"), Webhook(id=f"{number}b")), next=str(number + 1))


async def turns(number: int = 10) -> None:
    """Let the event loop run that many iterations."""
    for _ in range(number):
        await asyncio.sleep(0)


class TestPrefetch:
    """Fetching pages ahead with `prefetch=`."""

    @pytest.mark.parametrize("prefetch", range(4))
    async def test_pages_ahead(self, prefetch: int) -> None:
        """While the caller works with a page, `prefetch` more are fetched; none before the first step."""
        server = Server()
        walk = aiter(pager(server.fetch, prefetch=prefetch).pages())
        await turns()
        assert server.fetched == []
        for number in range(5):
            await anext(walk)
            await turns()
            assert len(server.fetched) == number + 1 + prefetch

    async def test_awaiting_fetches_one_page(self) -> None:
        """Awaiting a pager fetches one page, for any `prefetch`."""
        server = Server()
        await pager(server.fetch, prefetch=3)
        await turns()
        assert server.fetched == [None]

    @pytest.mark.parametrize("prefetch", [-1, -100])
    def test_negative(self, prefetch: int) -> None:
        """A negative prefetch is refused."""
        with pytest.raises(
            PagingError, match="prefetch is a number of pages, 0 or more, not a negative number"
        ):
            pager(Server, prefetch=prefetch).pages()

    @pytest.mark.parametrize("prefetch", range(4))
    async def test_break(self, prefetch: int) -> None:
        """Leaving `async for` stops the prefetch, even during a fetch."""
        server = Server()
        async for _ in pager(server.fetch, prefetch=prefetch):
            server.open.clear()
            await turns()
            break
        fetched = len(server.fetched)
        server.open.set()
        await turns()
        assert len(server.fetched) == fetched
        assert asyncio.all_tasks() == {asyncio.current_task()}

    @pytest.mark.parametrize("prefetch", range(4))
    async def test_cancel(self, prefetch: int) -> None:
        """Cancelling a walk that waits for a page stops the prefetch."""
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
        fetched = len(server.fetched)
        await turns()
        assert len(server.fetched) == fetched
        assert asyncio.all_tasks() == {asyncio.current_task()}

    @pytest.mark.parametrize("prefetch", range(4))
    async def test_continue_after_a_cancelled_step(self, prefetch: int) -> None:
        """After a cancelled step, for example by a timeout, the walk can continue and loses no item."""
        server = Server()
        walk = aiter(pager(server.fetch, prefetch=prefetch))
        items: list[Any] = []
        for _ in range(7):
            server.open.clear()
            while True:  # first take the prefetched items; then a step has to wait
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
    async def test_steps_after_the_end(self, prefetch: int) -> None:
        """A walk that has ended stays ended."""
        walk = aiter(Listing(pages=(({"id": "1", "url": ""},),)).pager(prefetch=prefetch))
        assert (await anext(walk)).id == "1"
        for _ in range(3):
            assert await asyncio.wait_for(anext(walk, None), PATIENCE) is None

    @pytest.mark.parametrize("prefetch", range(4))
    async def test_other_errors(self, prefetch: int) -> None:
        """Other exceptions, and the error for an invalid request, reach the caller without a checkpoint."""
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
        """A walk that is dropped in another thread stops its prefetch in its own thread."""
        asyncio.get_running_loop().set_debug(True)  # debug mode detects unsafe calls from another thread
        server = Server()
        held: list[AsyncIterator[Page[Webhook]]] = [pager(server.fetch, prefetch=1).pages()]
        await anext(held[0])
        server.open.clear()
        await turns()
        await asyncio.to_thread(held.clear)
        await turns()
        assert asyncio.all_tasks() == {asyncio.current_task()}

    def test_dropped_after_its_loop(self) -> None:
        """Dropping a walk after its loop has ended causes no error and no warning."""
        server: list[Server] = []
        walks: list[AsyncIterator[Page[Webhook]]] = []

        async def begin() -> None:
            server.append(Server())
            walks.append(pager(server[0].fetch, prefetch=1).pages())
            await anext(walks[0])

        asyncio.run(begin())
        walks.clear()
        assert server[0].fetched == [None, "1"]


class TestTwoWalks:
    """Two walks of one pager."""

    async def test_walks_are_independent(self) -> None:
        """Two walks at the same time do not affect each other."""
        listing = Listing(pages=tuple(({"id": str(n), "url": ""},) for n in range(1, 6)))
        walked = listing.pager()
        first, second = aiter(walked), aiter(walked)
        pairs = [(await anext(first), await anext(second)) for _ in range(5)]
        assert [(one.id, other.id) for one, other in pairs] == [(str(n), str(n)) for n in range(1, 6)]

    async def test_checkpoint_of_the_latest_walk(self) -> None:
        """`checkpoint()` is the position of the latest walk, even if an older walk continues."""
        listing = Listing(pages=tuple(({"id": str(n), "url": ""},) for n in range(1, 6)))
        walked = listing.pager()
        first, second = aiter(walked), aiter(walked)
        await anext(second)
        for _ in range(3):
            await anext(first)
        rest = await listing.pager(resume=walked.checkpoint()).collect()
        assert [item.id for item in rest] == ["2", "3", "4", "5"]

    async def test_checkpoint_of_the_failed_walk(self) -> None:
        """An error has the checkpoint of the walk that failed, not of the latest walk."""
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
    """`Paging` is encoded like any request; without values it is left out."""
    row = OPERATIONS["partner.hotlines.list"]
    assert (
        requests.encode(row, row.request(paging=Paging(sort="a", before="b")))
        == b'{"paging":{"before":"b","sort":"a"}}'
    )
    assert requests.encode(row, row.request(paging=Paging())) == b"{}"


class Rows:
    """A server with 10 rows a page that responds after some iterations of the event loop."""

    def __init__(self, count: int = 1000, *, pause: int = 3) -> None:
        self.count = count
        self.pause = pause
        self.fetched: list[int] = []

    async def fetch(self, cursor: str | None) -> Page[Webhook]:
        """Return the page after a cursor."""
        start = int(cursor or 0)
        await turns(self.pause)
        self.fetched.append(start)
        rows = tuple(Webhook(id=str(number + 1)) for number in range(start, min(start + 10, self.count)))
        return Page(items=rows, next=str(start + 10))

    def pager(self, **options: Any) -> Pager[Webhook]:
        """Return the list."""
        return pager(self.fetch, **options)

    @property
    def ids(self) -> list[str]:
        """Return the ids of all rows, in order."""
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
        """With `pages()`, each row also goes to exactly one task."""
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
        """Cancelling a task at any point loses no row; the other tasks get all remaining rows."""
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
        """A checkpoint skips no row: the rows before it and after it are all rows."""
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
        """An error reaches the task that fetched; the other tasks fetch again, and no row is lost."""
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
    """Rows that repeat under new cursors."""

    @pytest.mark.parametrize("prefetch", [0, 2])
    @pytest.mark.parametrize("cycle", [1, 3, 30, 400])
    async def test_cycle(self, cycle: int, prefetch: int) -> None:
        """Endless repeats raise an error after 20 pages without a new row; each row came once."""
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
                taken.append(row.id)  # noqa: PERF401 - the rows before the error count, too

        with pytest.raises(PagingError, match="20 pages in a row without a new item") as caught:
            await walk()
        assert taken == [str(number + 1) for number in range(10 * cycle)]
        assert len(fetched) <= cycle + 20 + prefetch
        assert caught.value.checkpoint is not None

    async def test_error_stops_fetching_ahead(self) -> None:
        """After the error nothing is fetched any more, although the caller keeps the iterator."""
        before = asyncio.all_tasks()

        async def fetch(cursor: str | None) -> Page[Webhook]:
            return Page(items=(Webhook(id="1"),), next=str(int(cursor or 0) + 1))

        rows = aiter(pager(fetch, prefetch=3))

        async def walk() -> None:
            async for _ in rows:
                pass

        with pytest.raises(PagingError, match="without a new item"):
            await walk()
        for _ in range(5):
            await asyncio.sleep(0)
        assert asyncio.all_tasks() == before
        with pytest.raises(PagingError, match="without a new item"):
            await anext(rows)

    async def test_rows_without_keys(self) -> None:
        """If rows have no key, whole pages are compared."""

        async def fetch(cursor: str | None) -> Page[Webhook]:
            return Page(items=(Webhook(url="a"), Webhook(url="b")), next=str(int(cursor or 0) + 1))

        with pytest.raises(PagingError, match="without a new item"):
            await pager(fetch).collect()

    async def test_some_stale_pages_are_no_error(self) -> None:
        """A walk continues after 19 repeated pages."""

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
        """A checkpoint of another list is refused; the error names the difference and tells what to do."""
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
        """A checkpoint works with a new key or another `limit`, but not for another shop, filter or list."""

        def respond(asked: Asked) -> Reply:
            after = asked.json.get("paging", {}).get("after")
            row = {None: "1", "n": "2"}.get(after)
            rows = [{"user_id": row}] if row else []
            return peer.json({"account_users": rows, "paging": {"next": "end" if after else "n"}})

        peer.always = respond
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
    """A cursor that the server no longer accepts."""

    @pytest.mark.parametrize(
        "error", [errors.InvalidArgumentError, errors.NotFoundError, errors.OutOfRangeError]
    )
    @pytest.mark.parametrize("prefetch", [0, 1])
    async def test_resume(self, error: type[EtelecomError], prefetch: int) -> None:
        """The error says that the cursor has probably expired, and how to start again."""
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
        """Without a cursor, or with another error class, the API's error reaches the caller unchanged."""

        async def fetch(cursor: str | None) -> Page[Webhook]:
            raise errors.PermissionDeniedError("no") if cursor else errors.InvalidArgumentError("no")

        with pytest.raises(errors.InvalidArgumentError):
            await pager(fetch)
        with pytest.raises(errors.PermissionDeniedError):
            await pager(fetch, after="n")


class TestOddValues:
    """Unusual ids and cursors."""

    @staticmethod
    def page(body: str) -> Page[Webhook]:
        """Return a page, decoded from JSON like the client does."""
        result: Any = responses.decode(ROW, 200, {}, body.encode(), Counter())
        return result

    def test_float_ids(self) -> None:
        """An id that is a float becomes the text of the whole number."""
        page = self.page('{"webhooks": [{"id": 17.0}, {"id": 9007199254740991.0}, {"id": 1.5}]}')
        assert [row.id for row in page] == ["17", "9007199254740991", "1.5"]

    @pytest.mark.parametrize(
        "number", ["1415096549774721801.0", "1.4150965497747218e+18", "9007199254740993.0"]
    )
    def test_id_that_lost_digits(self, number: str) -> None:
        """A float too large to be exact is an error with its path, because two ids could become equal."""
        with pytest.raises(DecodeError) as caught:
            self.page(f'{{"webhooks": [{{"id": "1"}}, {{"id": {number}}}]}}')
        assert caught.value.problems == (
            "number with a decimal point that is too large to be exact @ $.webhooks[1].id",
        )

    @pytest.mark.parametrize("value", ["false", "0", '"0"', '" "', '""', "null", '"false"'])
    async def test_next_without_a_cursor(self, value: str) -> None:
        """If `next` is false, 0 or blank, the list ends."""
        fetched: list[str | None] = []

        async def fetch(cursor: str | None) -> Page[Webhook]:
            fetched.append(cursor)
            return self.page(f'{{"webhooks": [{{"id": "1"}}], "paging": {{"next": {value}}}}}')

        assert len(await pager(fetch).collect()) == 1
        assert fetched == [None]
