"""The content of a new sandbox."""

from __future__ import annotations

import json
import re
from collections import OrderedDict
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import attrs
import pytest

from etelecom_async import times
from etelecom_async.operations import OPERATIONS
from etelecom_async.sandbox import seed
from etelecom_async.sandbox.services import HANDLERS
from etelecom_async.sandbox.store.state import State
from etelecom_async.sandbox.times import micros
from etelecom_async.sandbox.world.content import Content

if TYPE_CHECKING:
    from collections.abc import Callable

TABLES = ("setting", "shop", "tenant", "hotline", "account_user", "extension", "call_log")
LISTS = {
    "partner.tenants.list": "tenant",
    "partner.hotlines.list": "hotline",
    "shop.users.list": "account_user",
    "shop.extensions.list": "extension",
    "shop.call_logs.list": "call_log",
    "shop.zalo.accounts.list": "oa",
    "shop.zalo.followers.list": "follower",
    "shop.zalo.consents.list": "consent",
    "shop.zns.templates.list": "zns_template",
    "shop.zns.journeys.list": "journey",
    "shop.zns.messages.list": "zns_message",
    "sms.templates.list": "sms_template",
}
# Lists with undocumented fields, without seeded records, or of a table that another list above has.
OTHER_LISTS = {"partner.shops.list", "webhooks.list", "shop.hotlines.list"}
# The newest documentation does not have these fields.
REMOVED_FIELDS = {"enable_sms_on_zns_failure", "sms"}
LATER = ("oa", "follower", "zns_template", "sms_template", "consent", "journey", "zns_message", "due")


def rows(state: State) -> list[list[tuple[Any, ...]]]:
    """Returns all rows of a state."""
    tables = (*TABLES, *LATER)
    return [[tuple(row) for row in state.fetch_all(f"SELECT * FROM {table}")] for table in tables]


def docs(state: State, table: str) -> list[dict[str, Any]]:
    """Returns all records of a table."""
    return [json.loads(row["doc"]) for row in state.fetch_all(f"SELECT doc FROM {table} ORDER BY id")]


def test_the_same_content_is_seeded_once(
    populated: Callable[..., State], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Later sandboxes with the same content get a copy, which shares no change; other content is seeded."""
    seeded: list[Content] = []
    populate_directly = seed.populate

    def populate(state: State, content: Content) -> None:
        seeded.append(content)
        populate_directly(state, content)

    monkeypatch.setattr(seed, "populate", populate)
    monkeypatch.setattr(seed, "_kept", OrderedDict())

    def create(**options: Any) -> list[list[tuple[Any, ...]]]:
        with closing(State()) as state:
            seed.create_in_memory(state, Content(until="2026-11-30", call_logs=20, **options))
            found = rows(state)
            state.execute("DELETE FROM call_log")
            state.save_settings(partner_name="another one")
            return found

    first = create()
    assert first == create() == create() == rows(populated(until="2026-11-30", call_logs=20))
    assert len(seeded) == 1
    others = [create(seed=number, zns_messages=0, followers=0) for number in range(2, 10)]
    assert first not in others
    assert len(seeded) == 9
    assert create() == first  # eight newer ones have replaced it
    assert len(seeded) == 10
    monkeypatch.setattr(seed, "_LARGEST_KEPT", 1)
    assert create(seed=10) == create(seed=10)
    assert len(seeded) == 12


def test_same_seed_same_everything(populated: Callable[..., State]) -> None:
    """The same content gives the same records, ids and keys; another seed gives other ones."""
    assert rows(populated(seed=5, until="2026-11-30")) == rows(populated(seed=5, until="2026-11-30"))
    first, second = populated(seed=5), populated(seed=6)
    for name in ("partner_id", "partner_api_key", "shop_id", "cursor_key", "sms_password"):
        assert first.setting(name) != second.setting(name)


def test_counts_do_not_change_other_parts(populated: Callable[..., State]) -> None:
    """Each part has its own random numbers, so the number of calls or ZNS does not change other parts."""
    few, many = (rows(populated(call_logs=number, until="2026-11-30")) for number in (1, 100))
    calls = TABLES.index("call_log")
    assert few[:calls] == many[:calls]
    assert few[calls + 1 :] == many[calls + 1 :]
    many = rows(populated(call_logs=1, zns_messages=80, until="2026-11-30"))
    assert few[: -len(LATER) + 4] == many[: -len(LATER) + 4]


@pytest.mark.parametrize("tenants", [0, 1, 30])
def test_counts(populated: Callable[..., State], tenants: int) -> None:
    """Each count is the number of records, those of the first shop. Each tenant has a shop of its own."""
    wanted = {"hotlines": 9, "users": 17, "official_accounts": 4, "followers": 21, "zns_messages": 33}
    wanted |= {"extensions": 13, "call_logs": 40} if tenants else {}
    nothing = {"hotlines": 0, "users": 0, "extensions": 0, "call_logs": 0}
    state = populated(tenants=tenants, **(nothing | wanted))
    counts = state.count_records()
    tables = {
        "hotlines": "hotline",
        "users": "account_user",
        "extensions": "extension",
        "call_logs": "call_log",
        "official_accounts": "oa",
        "followers": "follower",
        "zns_messages": "zns_message",
    }
    assert counts["tenant"] == tenants
    assert counts["shop"] == max(tenants, 1)
    shop_id = int(state.setting("shop_id"))
    for name in ("users", "extensions", "call_logs"):
        of_shop = f"SELECT count(*) FROM {tables[name]} WHERE shop_id = ?"
        counts[tables[name]] = state.fetch_one(of_shop, shop_id)[0]
    assert {name: counts[tables[name]] for name in wanted} == wanted


def test_the_first_shop_can_be_used_at_once(populated: Callable[..., State]) -> None:
    """The tenant of the first shop is active; its extensions have its hotlines and employees."""
    state = populated(tenants=5, hotlines=8, users=30, extensions=30)
    shop_id = state.setting("shop_id")
    (tenant,) = state.fetch_all("SELECT * FROM tenant WHERE shop_id = ?", int(shop_id))
    assert json.loads(tenant["doc"])["status"] == "P"
    hotlines = {
        str(row["id"]) for row in state.fetch_all("SELECT id FROM hotline WHERE tenant_id = ?", tenant["id"])
    }
    users = {user["user_id"] for user in docs(state, "account_user") if user["account_id"] == shop_id}
    assert len(hotlines) >= 4
    extensions = [one for one in docs(state, "extension") if one["account_id"] == shop_id]
    assert len(extensions) == 30
    for extension in extensions:
        assert extension["tenant_id"] == str(tenant["id"])
        assert extension["hotline_id"] in hotlines
        assert extension["user_id"] in users | {"0"}


def test_everything_was_created_before_the_end(populated: Callable[..., State]) -> None:
    """No record is newer than `until`, so later calls always have the newest records."""
    state = populated(until=datetime(2026, 1, 1, tzinfo=UTC))
    others = ("shop", "tenant", "hotline", "extension", "oa", "follower", "zns_template", "zns_message")
    for table in (*others, "call_log"):
        moments = [datetime.fromisoformat(doc["created_at"]) for doc in docs(state, table)]
        assert max(moments) < datetime(2026, 1, 1, tzinfo=UTC)
    assert max(moments) > datetime(2026, 1, 1, tzinfo=UTC) - timedelta(days=8)


@pytest.mark.parametrize("until", [datetime(2020, 1, 1, tzinfo=UTC), datetime(2149, 12, 31, 23, tzinfo=UTC)])
def test_ids_at_both_limits_of_the_end(populated: Callable[..., State], until: datetime) -> None:
    """The earliest and the latest end give ids of 19 digits, as the documented ones."""
    state = populated(until=until)
    ids = [
        str(row["id"])
        for table in ("shop", "tenant", "hotline", "extension", "call_log", "account_user")
        for row in state.fetch_all(f"SELECT id FROM {table}")
    ]
    assert {
        len(number) for number in [*ids, state.setting("partner_id"), state.setting("connection_id")]
    } == {19}


@pytest.mark.parametrize("name", LISTS)
def test_a_record_has_all_documented_fields(populated: Callable[..., State], name: str) -> None:
    """A record has exactly the documented fields, by their wire names."""
    fields = attrs.fields(OPERATIONS[name].response)
    expected = {field.metadata.get("wire", field.name) for field in fields} - REMOVED_FIELDS
    records = docs(populated(call_logs=20), LISTS[name])
    assert records
    for record in records:
        assert set(record) == expected


def test_every_list_is_covered() -> None:
    """The test above covers each list with a handler, except those with a reason."""
    lists = {name for name in HANDLERS if OPERATIONS[name].items}
    assert lists == LISTS.keys() | OTHER_LISTS


@pytest.mark.parametrize(
    "now",
    [
        datetime(2026, 11, 28, 17, tzinfo=UTC),  # midnight in Hanoi
        datetime(2026, 11, 28, 16, 59, 59, 999_999, tzinfo=UTC),
        datetime(2026, 2, 28, 17, tzinfo=UTC),
        datetime(2028, 2, 29, 12, tzinfo=UTC),
        datetime(2026, 12, 31, 20, tzinfo=UTC),
    ],
    ids=["midnight", "before midnight", "end of a month", "leap day", "new year"],
)
def test_by_default_the_history_ends_now(
    populated: Callable[..., State], monkeypatch: pytest.MonkeyPatch, now: datetime
) -> None:
    """At every hour the newest calls are of yesterday in Hanoi, and no record is in the future."""
    monkeypatch.setattr(times, "now", lambda zone=times.VIETNAM: now.astimezone(zone))
    state = populated(call_logs=600, official_accounts=95, zns_messages=100)
    today = now.astimezone(times.VIETNAM).date()
    for table in ("shop", "tenant", "hotline", "extension", "oa", "follower", "zns_template", "zns_message"):
        newest = state.fetch_one(f"SELECT max(max(created_at), max(updated_at)) FROM {table}")[0]
        assert newest <= micros(now), table
    calls = docs(state, "call_log")
    assert max(datetime.fromisoformat(call["updated_at"]) for call in calls) <= now
    newest = max(datetime.fromisoformat(call["started_at"]) for call in calls)
    assert newest.astimezone(times.VIETNAM).date() == today - timedelta(days=1)


def test_the_seed_is_the_same_on_other_days(populated: Callable[..., State]) -> None:
    """Another end shifts all times by whole days; names, numbers and states are the same in every table."""
    first, second = populated(until="2025-10-01"), populated(until="2026-03-02")
    changing = re.compile(r"\d{19}|2\d{3}-\d\d-\d\d|shop\w*:\w+")
    for table in (*TABLES[1:], *LATER):
        column = "changes" if table == "due" else "doc"
        query = f"SELECT {column} FROM {table} ORDER BY rowid"
        one, other = (
            [changing.sub("", json.dumps(json.loads(row[column]))) for row in state.fetch_all(query)]
            for state in (first, second)
        )
        assert one == other, table
