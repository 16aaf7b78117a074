"""The rules that the documentation leaves open."""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any, get_args, get_type_hints

import attrs
import pytest

from etelecom_async.operations import OPERATIONS
from etelecom_async.sandbox.rules import RuleOptions, Rules
from etelecom_async.sandbox.store.state import to_json

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from contextlib import AbstractAsyncContextManager

    from tests.sandbox.conftest import Peer

LIST = "Etelecom/ListCallLogs"
HOTLINES = "Etelecom/GetHotlines"


def test_options_are_the_fields() -> None:
    """The options of `Sandbox` are the fields of `Rules`, with the same words."""
    hints = get_type_hints(RuleOptions)
    assert list(hints) == [field.name for field in attrs.fields(Rules)]
    for field in attrs.fields(Rules):
        assert get_args(hints[field.name])[: len(field.metadata["choices"])] == field.metadata["choices"]
        assert field.metadata["help"]


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (
            {"order": "newest"},
            "order is 'newest', not one of newest_first, oldest_first; did you mean 'newest_f",
        ),
        ({"call_time": None}, "call_time is None, not one of"),
        ({"include_date_to": 1}, "include_date_to is 1, not true or false"),
        ({"page_size": 0}, "page_size is 0, not a number of rows from 1 to"),
        ({"max_page_size": True}, "max_page_size is True"),
        ({"max_page_size": 10**6}, "max_page_size is 1000000"),
        ({"page_size": 101}, "page_size is 101, which is larger than max_page_size, 100"),
        ({"unpaged": "shop.hotline.list"}, "a wire name of a list; did you mean 'shop.hotlines.list'?"),
        ({"unpaged": ["sms.send"]}, "'sms.send', which is not a list with cursors"),
        ({"unpaged": ["sms.templates.list"]}, "which is not a list with cursors"),
        ({"unpaged": [5]}, "unpaged has 5"),
    ],
)
def test_wrong_values(options: dict[str, Any], problem: str) -> None:
    """A wrong value raises an error that names the rule, and the word that was perhaps meant."""
    with pytest.raises(ValueError, match=r"\w") as caught:
        Rules(**options)
    assert problem in str(caught.value)


def test_of_an_operation() -> None:
    """The rules of an operation say only whether this one is without paging."""
    rules = Rules(order="oldest_first", unpaged=[HOTLINES, "shop.hotlines.list", "shop.users.list"])
    assert rules.unpaged == ("shop.hotlines.list", "shop.users.list")
    assert rules.to_dict()["unpaged"] == ["shop.hotlines.list", "shop.users.list"]
    assert rules.of("shop.users.list").unpaged == ("shop.users.list",)
    other = rules.of("shop.extensions.list")
    assert (other.unpaged, other.order) == ((), "oldest_first")
    assert Rules().of("shop.users.list") is not None


@pytest.fixture
async def changed(
    open_peer: Callable[..., AbstractAsyncContextManager[Peer]],
) -> AsyncIterator[Callable[..., Any]]:
    """Opens peers of sandboxes with few calls and the given rules."""
    async with AsyncExitStack() as stack:

        async def start(**rules: Any) -> Peer:
            return await stack.enter_async_context(open_peer(**{"call_logs": 30, "users": 30, **rules}))

        yield start


async def test_sizes_of_pages(changed: Callable[..., Any]) -> None:
    """`page_size` is the limit of a request without one; `max_page_size` lowers or rejects larger limits."""
    peer = await changed(page_size=5, max_page_size=20, larger_limit="rejected")
    page = await peer.shop(LIST)
    assert (len(page["call_logs"]), page["paging"]["limit"]) == (5, 5)
    assert len((await peer.shop(LIST, paging={"limit": 20}))["call_logs"]) == 20
    assert await peer.shop_error(LIST, paging={"limit": 21}) == (400, "invalid_argument")
    assert await peer.shop_error(LIST, paging={"limit": -1}) == (400, "invalid_argument")
    assert len(await peer.calls()) == 30
    peer = await changed(max_page_size=200, call_logs=150)
    assert len((await peer.shop(LIST, paging={"limit": 500}))["call_logs"]) == 150


async def test_order_and_last_page(changed: Callable[..., Any]) -> None:
    """A list can start with the oldest row, and end without a cursor, forwards and backwards."""
    peer = await changed(order="oldest_first", last_page="has_no_next")
    first = await peer.shop(LIST, paging={"limit": 15})
    assert first["paging"]["sort"] == "created_at"
    assert first["paging"]["prev"] == ""
    second = await peer.shop(LIST, paging={"limit": 15, "after": first["paging"]["next"]})
    assert second["paging"]["next"] == ""
    times = [call["created_at"] for page in (first, second) for call in page["call_logs"]]
    assert times == sorted(times)
    assert len(times) == 30
    back = await peer.shop(LIST, paging={"limit": 15, "after": second["paging"]["prev"]})
    assert back["call_logs"] == first["call_logs"]
    assert (back["paging"]["prev"], back["paging"]["next"]) == ("", first["paging"]["next"])
    newest = await peer.shop(LIST, paging={"sort": "-created_at", "limit": 30})
    assert newest["call_logs"] == [*reversed([*first["call_logs"], *second["call_logs"]])]
    assert newest["paging"]["next"] == ""
    assert (await peer.shop(LIST, filter={"call_number": "1"}))["paging"]["next"] == ""


async def test_ends_of_spans(changed: Callable[..., Any]) -> None:
    """A span can exclude each of its ends."""
    calls = sorted(await (await changed()).calls(), key=lambda call: call["created_at"])
    span = {"date_from": calls[3]["created_at"], "date_to": calls[9]["created_at"]}
    for rules, expected in (
        ({}, calls[3:10]),
        ({"include_date_from": False}, calls[4:10]),
        ({"include_date_to": False}, calls[3:9]),
        ({"include_date_from": False, "include_date_to": False}, calls[4:9]),
    ):
        found = await (await changed(**rules)).calls(**span)
        assert [call["id"] for call in reversed(found)] == [call["id"] for call in expected]


async def test_time_of_calls(changed: Callable[..., Any]) -> None:
    """`call_time` says which time of a call the span means; an offset is understood."""
    for rule, expected in (("created_at", 30), ("started_at", 29)):
        peer = await changed(call_time=rule)
        newest, *rest = await peer.calls()
        state = peer.service._now.state
        moved = {**newest, "started_at": "2001-01-01T07:00:00.000001+07:00"}
        state.execute("UPDATE call_log SET doc = ? WHERE id = ?", to_json(moved), int(newest["id"]))
        assert len(await peer.calls(date_from=rest[-1]["started_at"])) == expected
        late = await peer.calls(date_from="2001-01-01T00:00:00Z", date_to="2001-01-01T00:00:01Z")
        assert [call["id"] for call in late] == ([newest["id"]] if rule == "started_at" else [])


async def test_lists_without_paging(changed: Callable[..., Any]) -> None:
    """A list without paging returns all its rows; the limit is ignored, and other lists keep their pages."""
    peer = await changed(unpaged=["shop.users.list"], page_size=4)
    everyone = await peer.shop("Shop/GetAccountUsers", paging={"limit": 1})
    assert list(everyone) == ["account_users"]
    assert len(everyone["account_users"]) == 30
    assert len((await peer.shop(LIST))["call_logs"]) == 4


async def test_every_list_has_the_rules(changed: Callable[..., Any]) -> None:
    """Each list with cursors obeys the rules of pages."""
    lists = {name: row for name, row in OPERATIONS.items() if row.items and row.pages is None}
    peer = await changed(page_size=1, max_page_size=1, last_page="has_no_next")
    unpaged = await changed(unpaged=lists)
    checked: set[str] = set()
    for name, row in lists.items():
        by_shop = "partner_shop_key" in row.callers
        ask = peer.shop if by_shop else peer.partner
        body = {"filter": {"oa_id": (await peer.oas())[0]["oa_id"]}} if "templates" in name else {}
        page = await ask(row.wire_name, **body)
        if "paging" not in page:
            continue
        (items,) = (value for key, value in page.items() if key != "paging")
        assert (len(items), page["paging"]["limit"]) == (1, 1), name
        ask = unpaged.shop if by_shop else unpaged.partner
        assert "paging" not in await ask(row.wire_name, **body), name
        checked.add(name)
    assert set(lists) - checked == {"webhooks.list"}  # it has no paging in the documentation either
