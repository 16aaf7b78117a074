"""The rows that a sync stores for a table of calls."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from etelecom_async import models
from etelecom_async.history.model_rows import table_of
from etelecom_async.history.sync_rows import SyncRows, rows_of

STARTED = datetime(2026, 11, 28, 2, 30, tzinfo=UTC)
TARGETS = ({"target_number": "1001", "status": "missed"}, {"target_number": "1002", "status": "answered"})


def call(**fields: Any) -> models.CallLog:
    """Return a call with two targets and one recording."""
    usual = {"id": "7", "started_at": STARTED, "call_targets": TARGETS, "recording_urls": ("https://a/1",)}
    return models.CallLog.from_dict({**usual, **fields})


def rows(*calls: models.CallLog, name: str | None = "Mây") -> SyncRows:
    """Return the rows of some calls of a shop."""
    return rows_of(table_of(models.CallLog, calls), "1", name)


def digest(**fields: Any) -> str:
    """Return the digest of a call."""
    found: str = rows(call(**fields)).calls["7"]["digest"]
    return found


def test_rows() -> None:
    """A call has its shop; its targets and recordings have their places, and are in rows of their own."""
    found = rows(call(duration=5))
    row = found.calls["7"]
    assert (row["shop_id"], row["shop_name"], row["id"], row["duration"]) == ("1", "Mây", "7", 5)
    assert row["started_at"] == STARTED
    assert "call_targets" not in row
    assert "recording_urls" not in row
    key = {"shop_id": "1", "call_id": "7"}
    assert [
        (each["shop_id"], each["call_id"], each["position"], each["target_number"])
        for each in found.targets["7"]
    ] == [("1", "7", 0, "1001"), ("1", "7", 1, "1002")]
    assert found.recordings["7"] == [{**key, "position": 0, "recording_url": "https://a/1"}]


def test_digest() -> None:
    """The digest is the same for equal calls, and another one after a change of any part of a call."""
    others = [
        digest(duration=6),
        digest(call_targets=TARGETS[:1]),
        digest(call_targets=TARGETS[::-1]),
        digest(recording_urls=()),
        digest(started_at=STARTED.replace(microsecond=1)),
    ]
    assert digest() == digest() == rows(call(), name="Nắng").calls["7"]["digest"]
    assert len({digest(), *others}) == len(others) + 1


def test_calls_without_an_id() -> None:
    """A call without an id has no place in the table; it is counted."""
    found = rows(call(id=""), call())
    assert (list(found.calls), found.without_id) == (["7"], 1)


def test_a_call_that_comes_twice() -> None:
    """Of a call that comes twice, the later one counts, because a statement takes each key once."""
    found = rows(call(note="first"), call(note="second", recording_urls=()))
    assert found.calls["7"]["note"] == "second"
    assert found.recordings["7"] == []


def test_nul() -> None:
    """PostgreSQL refuses the character NUL, so another one replaces it, also in a target."""
    found = rows(call(note="a\0b", call_targets=({"target_number": "1\0"},)))
    assert found.calls["7"]["note"] == "a\N{REPLACEMENT CHARACTER}b"
    assert found.targets["7"][0]["target_number"] == "1\N{REPLACEMENT CHARACTER}"
