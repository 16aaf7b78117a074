"""The record of a step survives the journal, and shows no secret."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from typing import Any

import attrs
import pytest

from etelecom_async import Effect, Secret, errors, models
from etelecom_async.bulk.records import PLANNED_FIELDS, Entry, Failure, Record
from etelecom_async.bulk.states import State

ENTRY = Entry(key="a", operation="shop.users.create", effect=Effect.CREATE, account="1", digest="d")
TIME = datetime(2026, 3, 4, 5, 6, 7, 891011, tzinfo=timezone(timedelta(hours=7)))
FULL = Record(
    key="a",
    operation="shop.users.create",
    effect=Effect.CREATE,
    account="1",
    digest="d",
    state=State.UNKNOWN,
    attempts=2,
    started_at=TIME,
    quiet_since=TIME + timedelta(seconds=1),
    sent_at=TIME + timedelta(seconds=2),
    ended_at=TIME + timedelta(seconds=3),
    chosen={"tracking_id": "t"},
    kept={"id": "1", "count": 3},
    error=Failure(kind="NotFoundError", code="not_found", text="no"),
)


@pytest.mark.parametrize("record", [FULL, Record.planned(ENTRY)], ids=["full", "planned"])
def test_round_trip(record: Record) -> None:
    """A record in the journal is the same record, to the microsecond."""
    entry = {name: getattr(record, name) for name in PLANNED_FIELDS}
    assert Record.decode(entry, str(record.state), json.dumps(record.changing())) == record


def test_planned() -> None:
    """A new record has the fields of the plan, and nothing else."""
    record = Record.planned(ENTRY)
    assert (record.key, record.digest, record.state, record.attempts) == ("a", "d", State.PLANNED, 0)


@pytest.mark.parametrize("value", [Secret("s"), TIME, float("nan")], ids=["secret", "time", "nan"])
@pytest.mark.parametrize("field", ["chosen", "kept"])
def test_only_json(field: str, value: object) -> None:
    """A value that is not JSON is refused before anything is written."""
    fields: Any = {field: {"x": value}}
    with pytest.raises((TypeError, ValueError), match="JSON"):
        attrs.evolve(FULL, **fields).changing()


RESULT = models.ZNSMessage(error_code=-115, error_message="no")


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (errors.NotFoundError("no"), ("NotFoundError", "not_found", "no (not_found, HTTP 404).")),
        (errors.SmsRoutingError("no", result=None), ("SmsRoutingError", "-8", "no")),
        (errors.SmsError("no", result=None), ("SmsError", None, "no")),
        (errors.DeliveryError("no", result=RESULT), ("DeliveryError", "-115", "no")),
        (errors.NotAppliedError("no", result=None), ("NotAppliedError", None, "no")),
        (errors.ConnectError("no"), ("ConnectError", None, "no")),
        (ValueError("canary"), ("ValueError", None, "")),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
def test_failures(error: Exception, expected: tuple[str, str | None, str]) -> None:
    """A failure has the class, the server's code and the message; of other libraries only the class."""
    failure = Failure.of(error)
    assert (failure.kind, failure.code, failure.text) == expected


def test_failure_is_masked_and_short() -> None:
    """The message shows no phone number and no key, and has at most 500 characters."""
    failure = Failure.of(errors.ConnectError("0901234567 Bearer canary-key-1 " + "x" * 1000))
    assert "0901234567" not in failure.text
    assert "canary-key-1" not in failure.text
    assert len(failure.text) == 500
