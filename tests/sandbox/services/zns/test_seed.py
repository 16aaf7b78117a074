"""Seeded templates, and the seeded history of messages."""

from __future__ import annotations

import json
from collections import Counter
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
    """Returns the state of a sandbox with a long history."""
    return populated(call_logs=0, zns_messages=600, until=UNTIL)


def docs(state: State, table: str) -> list[dict[str, Any]]:
    """Returns all records of a table."""
    return [json.loads(row["doc"]) for row in state.fetch_all(f"SELECT doc FROM {table} ORDER BY id")]


def test_templates_of_every_kind_and_state(state: State) -> None:
    """Each documented kind can be sent; some templates cannot, and some values are unlisted."""
    templates = docs(state, "zns_template")
    sendable = {one["type"] for one in templates if one["template_status"] == "ENABLE"}
    assert sendable == {"otp", "text", "table", "rating"}
    assert {one["template_status"] for one in templates} > {"ENABLE", "PENDING_REVIEW", "REJECT", "DISABLE"}
    assert "carousel" in {one["type"] for one in templates}
    assert {one["template_quality"] for one in templates} == {"HIGH", "MEDIUM", "LOW", "UNDEFINED", "unknown"}
    assert [one["template_daily_quota"] for one in templates if one["apply_template_quota"]] == [5]
    assert {one["oa_id"] for one in templates} == {one["oa_id"] for one in docs(state, "oa")}


def test_counts(state: State) -> None:
    """
    The number of ZNS is exact.

    There are a tenth as many journeys, and a fifth as many requests for consent.
    """
    messages = docs(state, "zns_message")
    assert len(messages) == 600
    kinds = Counter(message["type"] for message in messages)
    journeys = [one for one in docs(state, "journey") if one["status"] != "N" or not one["error_code"]]
    assert kinds["journey"] == len(journeys) > 40
    assert len(docs(state, "consent")) == 120


def test_history_is_over(state: State) -> None:
    """All messages were sent before the end and have their later states; rejected ones are not charged."""
    for message in docs(state, "zns_message"):
        assert datetime.fromisoformat(message["updated_at"]) <= UNTIL
        if message["error_code"]:
            assert (message["status"], message["msg_id"], message["is_charged"]) == ("N", "", False)
        else:
            assert message["status"] == "P"
            assert message["is_charged"] != message["is_development"]
    states = Counter(message["delivery_status"] for message in docs(state, "zns_message"))
    assert set(states) == {"unknown", "received", "seen"}
    assert {one["error_code"] for one in docs(state, "zns_message")} == {0, -110, -112, -114, -118}
    assert any(message["rate"] for message in docs(state, "zns_message"))
    assert {one["reply_status"] for one in docs(state, "consent")} >= {"P", "N", "NS", "Z"}


def test_later_changes_are_scheduled(state: State) -> None:
    """The last journeys are still active, and end later."""
    open_journeys = [one for one in docs(state, "journey") if one["status"] == "P"]
    assert open_journeys
    state.apply_due(datetime.fromisoformat(open_journeys[-1]["expired_at"]))
    assert not [one for one in docs(state, "journey") if one["status"] == "P"]
