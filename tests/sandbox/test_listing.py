"""Pages and cursors: following them returns each row once, in order, forwards and backwards."""

from __future__ import annotations

import asyncio
import base64
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etelecom_async.sandbox.listing import SORT_ORDERS, ListQuery
from etelecom_async.sandbox.rules import DEFAULTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractAsyncContextManager

    from tests.sandbox.conftest import Peer

ROWS = 230

limits = st.lists(st.one_of(st.none(), st.integers(0, 150)), min_size=1, max_size=8)


class Walker:
    """Fetches pages of calls over HTTP, for tests that are not asynchronous."""

    def __init__(self, runner: asyncio.Runner, peer: Peer) -> None:
        # The runner's own method also sets a signal handler, and then formats the last result as a text.
        self._run = runner.get_loop().run_until_complete
        self._peer = peer
        self.calls = self._run(peer.walk(peer.shop, "Etelecom/ListCallLogs", "call_logs"))
        self.orders = {sort: self._order(sort) for sort in SORT_ORDERS}
        self.ends = {sort: self._end(sort) for sort in SORT_ORDERS}

    def page(self, **paging: Any) -> tuple[list[str], dict[str, Any]]:
        """Returns the ids on a page, and its paging."""
        wanted = {name: value for name, value in paging.items() if value not in (None, "")}
        response = self._run(self._peer.shop("Etelecom/ListCallLogs", paging=wanted))
        return [call["id"] for call in response["call_logs"]], response["paging"]

    def rejects(self, **paging: Any) -> bool:
        """Returns whether a page gets invalid_argument."""
        response = self._run(self._peer.shop_error("Etelecom/ListCallLogs", paging=paging))
        return response == (400, "invalid_argument")

    def _end(self, sort: str) -> tuple[str, str]:
        """Returns the last id of an order, and the cursor after it."""
        ids, paging = self.page(sort=sort)
        while ids:
            last, end = ids[-1], paging["next"]
            ids, paging = self.page(after=end)
        return last, end

    def _order(self, sort: str) -> list[str]:
        """Returns all ids, in an order that this class computes itself."""
        column = sort.removeprefix("-")
        rows = [(datetime.fromisoformat(call[column]), int(call["id"]), call["id"]) for call in self.calls]
        return [row[-1] for row in sorted(rows, reverse=sort.startswith("-"))]


@pytest.fixture(scope="module")
def walker(open_peer: Callable[..., AbstractAsyncContextManager[Peer]]) -> Iterator[Walker]:
    """Returns a walker over the calls of one sandbox, in its own event loop."""
    with asyncio.Runner() as runner:
        opening = open_peer(call_logs=ROWS)
        walker = Walker(runner, runner.run(opening.__aenter__()))
        assert len(walker.calls) == ROWS
        yield walker
        runner.run(opening.__aexit__(None, None, None))


@given(limits=limits, sort=st.sampled_from(SORT_ORDERS))
def test_forwards(walker: Walker, limits: list[int | None], sort: str) -> None:
    """Following `next` returns each row once, in order, with any limits, and ends with an empty page."""
    found: list[str] = []
    cursor, turn = "", 0
    while True:
        limit = limits[turn % len(limits)]
        ids, paging = walker.page(after=cursor, limit=limit, sort=sort)
        assert len(ids) <= paging["limit"] == min(limit or 100, 100)
        if not ids:
            break
        found += ids
        cursor, turn = paging["next"], turn + 1
    assert found == walker.orders[sort]
    # The last cursor stays valid, so a caller can continue when new rows exist.
    assert paging["next"] == cursor


@given(limits=limits, sort=st.sampled_from(SORT_ORDERS), field=st.sampled_from(["after", "before"]))
def test_backwards(walker: Walker, limits: list[int | None], sort: str, field: str) -> None:
    """From the end, `prev` returns all rows back to the first page, in `after` or in `before`."""
    last, end = walker.ends[sort]
    found = [last]
    ids, paging = walker.page(before=end, limit=limits[0])
    turn = 1
    while True:
        found = ids + found
        if not paging["prev"]:
            break
        ids, paging = walker.page(**{field: paging["prev"]}, limit=limits[turn % len(limits)])
        turn += 1
    assert found == walker.orders[sort]


def test_prev_and_next_are_inverse(walker: Walker) -> None:
    """`prev` of a page leads to the page before it; `next` of that page leads back."""
    first, paging = walker.page(limit=7)
    assert paging["prev"] == ""
    second, paging = walker.page(limit=7, after=paging["next"])
    back, paging = walker.page(limit=7, after=paging["prev"])
    assert back == first
    assert walker.page(limit=7, after=paging["next"])[0] == second


def test_paging_of_a_response(walker: Walker) -> None:
    """The paging of a response has the cursor, the limit and the order of its page."""
    _, first = walker.page()
    assert (first["after"], first["before"], first["limit"], first["sort"]) == ("", "", 100, "-created_at")
    _, second = walker.page(after=first["next"], limit=5)
    assert (second["after"], second["before"], second["limit"]) == (first["next"], "", 5)


def test_a_cursor_contains_the_order(walker: Walker) -> None:
    """A request with a cursor but without an order uses the order of the cursor."""
    ids, paging = walker.page(sort="updated_at", limit=100)
    more, paging = walker.page(after=paging["next"])
    assert paging["sort"] == "updated_at"
    assert ids + more == walker.orders["updated_at"][:200]


async def test_wrong_paging_is_rejected(peer: Peer) -> None:
    """A negative limit, an unknown order, and an order that is not the cursor's get invalid_argument."""
    cursor = (await peer.shop("Etelecom/ListCallLogs"))["paging"]["next"]
    for paging in (
        {"limit": -1},
        {"sort": "duration"},
        {"sort": "created_at DESC; --"},
        {"after": cursor, "sort": "updated_at"},
    ):
        response = await peer.shop_error("Etelecom/ListCallLogs", paging=paging)
        assert response == (400, "invalid_argument"), paging


async def test_a_cursor_is_of_one_list(peer: Peer) -> None:
    """A list rejects the cursor of another list."""
    cursor = (await peer.shop("Etelecom/ListCallLogs"))["paging"]["next"]
    response = await peer.shop_error("Etelecom/GetExtensions", paging={"after": cursor})
    assert response == (400, "invalid_argument")


@given(data=st.data())
def test_invalid_cursors(walker: Walker, data: st.DataObject) -> None:
    """A list rejects a text that is not a cursor, and a cursor with a changed bit."""
    good = base64.urlsafe_b64decode(walker.page(limit=10)[1]["next"] + "==")
    bit = data.draw(st.integers(0, len(good) * 8 - 1))
    changed = bytearray(good)
    changed[bit // 8] ^= 1 << bit % 8
    text = data.draw(st.one_of(st.just(base64.urlsafe_b64encode(changed).decode()), st.text(min_size=1)))
    assert walker.rejects(after=text)


async def test_new_rows_do_not_shift_pages(peer: Peer) -> None:
    """A row that is created between two requests does not repeat or hide another row."""
    everything = await peer.walk(peer.shop, "Etelecom/GetExtensions", "extensions")
    first = await peer.shop("Etelecom/GetExtensions", paging={"limit": 4})
    hotline_id = everything[0]["hotline_id"]
    made = await peer.shop("Etelecom/CreateExtension", hotline_id=hotline_id, extension_number=9999)
    after = first["paging"]["next"]
    rest = await peer.walk(peer.shop, "Etelecom/GetExtensions", "extensions", paging={"after": after})
    assert first["extensions"] + rest == everything
    assert (await peer.shop("Etelecom/GetExtensions"))["extensions"][0] == made


async def test_an_empty_list(newcomer: Peer) -> None:
    """A list without rows is one empty page without cursors."""
    response = await newcomer.shop("Etelecom/ListCallLogs")
    assert response["call_logs"] == []
    assert (response["paging"]["next"], response["paging"]["prev"]) == ("", "")


def test_queries_read_the_json() -> None:
    """A condition compares a field of the record; hidden fields are removed from it."""
    rows = ListQuery("oa", rules=DEFAULTS, without=("webhook_url", "x"))
    rows.where_field("status", "P")
    assert (rows.conditions, rows.values) == (["json_extract(doc, '$.status') = ?"], ["P"])
    assert rows.doc == "json_remove(doc, '$.webhook_url', '$.x')"
    assert ListQuery("oa", rules=DEFAULTS).doc == "doc"
