"""Seeded official accounts and followers."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest

from etelecom_async.times import VIETNAM

if TYPE_CHECKING:
    from collections.abc import Callable

    from etelecom_async.sandbox.store.state import State

UNTIL = datetime(2025, 10, 1, tzinfo=VIETNAM)


@pytest.fixture(scope="module")
def state(populated: Callable[..., State]) -> State:
    """Returns the state of a sandbox with many followers."""
    return populated(call_logs=0, official_accounts=5, followers=300, until=UNTIL)


def docs(state: State, table: str) -> list[dict[str, Any]]:
    """Returns all records of a table, oldest first."""
    return [json.loads(row["doc"]) for row in state.fetch_all(f"SELECT doc FROM {table} ORDER BY created_at")]


def test_the_first_account_can_send_for_years(state: State) -> None:
    """The grant of the second account has expired and the third is disconnected. All others can send."""
    accounts = docs(state, "oa")
    can_send = [
        one["status"] == "P" and datetime.fromisoformat(one["expires_at"]) > UNTIL for one in accounts
    ]
    assert can_send == [True, False, False, True, True]
    assert [one["status"] for one in accounts] == ["P", "P", "N", "P", "P"]
    assert datetime.fromisoformat(accounts[0]["expires_at"]).year == 2035
    assert len({one["app_id"] for one in accounts}) == 1


def test_most_followers_are_the_first_accounts(state: State) -> None:
    """Each account has followers, and the first has the most."""
    counts = {one["oa_id"]: 0 for one in docs(state, "oa")}
    for follower in docs(state, "follower"):
        counts[follower["oa_id"]] += 1
    first, *rest = counts.values()
    assert sum(counts.values()) == 300
    assert first > 200
    assert all(rest)


def test_rows_have_unusual_values(state: State) -> None:
    """Some rows have no shared info, null and empty arrays, ids "0", no phone, or an unlisted gender."""
    followers = docs(state, "follower")
    assert {follower["state"] for follower in followers} == {"follow", "unfollow"}
    assert {follower["gender"] for follower in followers} > {"male", "female", "undisclosed"}
    assert {follower["has_conversation"] for follower in followers} == {True, False}
    assert "0" in {follower["assigned_user_id"] for follower in followers}
    assert "" in {follower["phone"] for follower in followers}
    tags = [follower["tags_and_notes_info"]["tag_names"] for follower in followers]
    assert None in tags
    assert [] in tags
    shared = [follower["shared_info"] for follower in followers]
    assert None in shared
    assert all(set(follower["avatars"]) == {"120", "240"} for follower in followers)
