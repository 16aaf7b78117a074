"""Faults in the pages of a list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from etelecom_async.sandbox import Fault

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager

    from tests.sandbox.conftest import Peer

LIST = "Etelecom/ListCallLogs"


async def pages(peer: Peer, limit: int, **filters: Any) -> list[list[str]]:
    """Returns the ids on each page, up to the empty one."""
    found: list[list[str]] = []
    paging: dict[str, Any] = {"limit": limit}
    while rows := (response := await peer.shop(LIST, paging=paging, **filters))["call_logs"]:
        assert response["paging"]["limit"] == limit
        found.append([row["id"] for row in rows])
        paging = {"limit": limit, "after": response["paging"]["next"]}
    return found


@pytest.mark.parametrize("rows", [1, 3])
async def test_duplicate_rows(peer: Peer, rows: int) -> None:
    """Each page except the first starts with the last rows of the page before, and has so many rows more."""
    right = await pages(peer, 10)
    active = peer.service.faults.add(Fault(kind="duplicate_rows", rows=rows))
    assert await pages(peer, 10) == [
        right[0],
        right[0][-rows:] + right[1],
        right[1][-rows:] + right[2],
    ]
    assert (active.seen, active.struck) == (2, 2)


@pytest.mark.parametrize("rows", [1, 4])
async def test_shift_rows(peer: Peer, rows: int) -> None:
    """Each page except the first starts some rows early and keeps its length; no row is missing."""
    everything = [row for page in await pages(peer, 10) for row in page]
    peer.service.faults.add(Fault(kind="shift_rows", rows=rows))
    shifted = await pages(peer, 10)
    assert {len(page) for page in shifted[:-1]} == {10}
    starts = [everything.index(page[0]) for page in shifted]
    assert starts == [(10 - rows) * number for number in range(len(shifted))]
    for start, page in zip(starts, shifted, strict=True):
        assert page == everything[start : start + 10]
    assert shifted[-1][-1] == everything[-1]


async def test_shift_leaves_a_row_of_the_page(peer: Peer) -> None:
    """A page has at least one new row for any shift, so every list ends."""
    peer.service.faults.add(Fault(kind="shift_rows", rows=100))
    assert [len(page) for page in await pages(peer, 2)] == [2] * 29
    assert [len(page) for page in await pages(peer, 1)] == [1] * 30


async def test_repeat_cursor(peer: Peer) -> None:
    """A page returns its own cursor as the next one, and its own rows each time."""
    peer.service.faults.add(Fault(kind="repeat_cursor"))
    first = await peer.shop(LIST, paging={"limit": 10})
    cursor = first["paging"]["next"]
    again = [await peer.shop(LIST, paging={"limit": 10, "after": cursor}) for _ in range(2)]
    assert [page["paging"]["next"] for page in again] == [cursor, cursor]
    assert again[0]["call_logs"] == again[1]["call_logs"] != first["call_logs"]


async def test_repeat_page(peer: Peer) -> None:
    """A page comes again under ever new cursors; after the fault each of them leads on."""
    right = await pages(peer, 10)
    active = peer.service.faults.add(Fault(kind="repeat_page", after=1))
    paging: dict[str, Any] = {"limit": 10}
    cursors: list[str] = []
    rows: list[list[str]] = []
    for _ in range(20):
        page = await peer.shop(LIST, paging=paging)
        cursors.append(page["paging"]["next"])
        rows.append([row["id"] for row in page["call_logs"]])
        paging = {"limit": 10, "after": cursors[-1]}
    assert rows == [right[0], right[1], *[right[2]] * 18]
    assert len(set(cursors)) == 20
    assert (active.seen, active.struck) == (19, 18)
    peer.service.faults.clear()
    for cursor in cursors[2:]:
        page = await peer.shop(LIST, paging={"limit": 10, "after": cursor})
        assert [row["id"] for row in page["call_logs"]] == right[2]
        assert (
            page["paging"]["next"] == (await peer.shop(LIST, paging={"after": cursors[1]}))["paging"]["next"]
        )


@pytest.mark.parametrize("value", [False, 0, 0.0, None, "", " "])
@pytest.mark.parametrize("limit", [10, 100])
async def test_blank_next(peer: Peer, value: Any, limit: int) -> None:
    """Only the last page with rows ends with this value, also if it is the first; no row is missing."""
    right = await pages(peer, limit)
    active = peer.service.faults.add(Fault(kind="blank_next", next=value))
    found: list[list[str]] = []
    paging: dict[str, Any] = {"limit": limit}
    for _ in right:
        page = await peer.shop(LIST, paging=paging)
        found.append([row["id"] for row in page["call_logs"]])
        paging = {"limit": limit, "after": page["paging"]["next"]}
    assert found == right
    assert repr(paging["after"]) == repr(value)
    assert (active.seen, active.struck) == (1, 1)


async def test_one_boundary(peer: Peer) -> None:
    """`after` and `times` count pages that are not the first, so one boundary can be chosen."""
    right = await pages(peer, 10)
    active = peer.service.faults.add(Fault(kind="duplicate_rows", operation=LIST, after=1, times=1))
    assert await pages(peer, 10) == [right[0], right[1], right[1][-1:] + right[2]]
    assert (active.seen, active.struck) == (2, 1)


async def test_filters_hold(peer: Peer) -> None:
    """The repeated rows are rows of the filtered list."""
    asked = {"filter": {"direction": "in"}}
    right = await pages(peer, 4, **asked)
    peer.service.faults.add(Fault(kind="duplicate_rows"))
    assert len(right) > 1
    assert (await pages(peer, 4, **asked))[1] == right[0][-1:] + right[1]


async def test_other_calls_go_on(peer: Peer) -> None:
    """Operations without pages, and lists of other operations, get no fault."""
    right = await pages(peer, 10)
    active = peer.service.faults.add(Fault(kind="duplicate_rows", operation="shop.users.list"))
    await peer.shop("Etelecom/GetTenant")
    assert await pages(peer, 10) == right
    assert active.seen == 0


async def test_a_page_and_its_response(
    open_peer: Callable[..., AbstractAsyncContextManager[Peer]],
) -> None:
    """A corrupted page can be lost too, because each target has its own fault."""
    faults = [Fault(kind="repeat_cursor"), Fault(kind="status", status=500, after=1, times=1)]
    async with open_peer(call_logs=30, faults=faults) as peer:
        cursor = (await peer.shop(LIST, paging={"limit": 10}))["paging"]["next"]
        paging = {"limit": 10, "after": cursor}
        assert await peer.shop_error(LIST, paging=paging) == (500, "internal")
        assert (await peer.shop(LIST, paging=paging))["paging"]["next"] == cursor


async def test_with_other_rules(open_peer: Callable[..., AbstractAsyncContextManager[Peer]]) -> None:
    """A small page limits the repeated rows; a last page without a cursor is the last one for faults, too."""
    rules = {"page_size": 5, "max_page_size": 5, "larger_limit": "rejected", "last_page": "has_no_next"}
    async with open_peer(call_logs=15, **rules) as peer:
        peer.service.faults.add(Fault(kind="duplicate_rows", rows=9, times=1))
        peer.service.faults.add(Fault(kind="blank_next", next=0))
        first = await peer.shop(LIST)
        second = await peer.shop(LIST, paging={"after": first["paging"]["next"]})
        last = await peer.shop(LIST, paging={"after": second["paging"]["next"]})
    assert [len(page["call_logs"]) for page in (first, second, last)] == [5, 10, 5]
    assert second["call_logs"][:5] == first["call_logs"]
    assert last["paging"]["next"] == 0
