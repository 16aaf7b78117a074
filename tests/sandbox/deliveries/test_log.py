"""The attempts to deliver events, as a test reads them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from etelecom_async.sandbox.deliveries.log import Attempt, DeliveryLog

NOW = datetime(2026, 11, 30, tzinfo=UTC)


def attempt(number: int, error: str = "") -> Attempt:
    """Return an attempt."""
    body = f'{{"caller": "0912345678", "id": "{number}"}}'.encode()
    return Attempt("webhook:1", "call_log", NOW, number, None if error else 200, error, "ok", body)


def test_attempts_are_a_sequence() -> None:
    """Attempts can be counted, indexed and iterated; those of an event and failed ones can be chosen."""
    log = DeliveryLog()
    for number, error in enumerate(("", "no", "")):
        log.add(attempt(number, error))
    found = log.read(())
    assert len(found) == 3
    assert [each.retried for each in found] == [0, 1, 2]
    assert found[-1].retried == 2
    assert [each.retried for each in found[:2]] == [0, 1]
    assert [each.retried for each in found.failed] == [1]
    assert len(found.of("call_log")) == 3
    assert found.of("sms_status") == []
    assert found.waiting == 0
    assert repr(found) == "<Deliveries: 3 attempts, 0 events waiting>"
    assert log.counts() == {"call_log, delivered": 2, "call_log, failed": 1}


def test_bodies_are_masked() -> None:
    """Phone numbers are masked in Python and in JSON."""
    log = DeliveryLog()
    log.add(attempt(0))
    (delivery,) = log.read(())
    assert delivery.is_delivered
    assert delivery.body == {"caller": "091***678", "id": "0"}
    assert "0912345678" not in repr(delivery)
    assert delivery.to_dict() == {
        "receiver": "webhook:1",
        "event": "call_log",
        "time": "2026-11-30T07:00:00+07:00",
        "retried": 0,
        "status": 200,
        "error": "",
        "state": "ok",
        "body": {"caller": "091***678", "id": "0"},
    }


def test_a_saved_log_returns() -> None:
    """A restore removes the attempts since, as often as needed."""
    log = DeliveryLog()
    log.add(attempt(0))
    saved = log.save()
    for _ in range(2):
        log.add(attempt(1))
        log.restore(saved)
        assert [each.retried for each in log.read(())] == [0]


def test_only_the_newest_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """A long run does not fill the memory."""
    monkeypatch.setattr("etelecom_async.sandbox.deliveries.log.MOST_DELIVERIES", 2)
    log = DeliveryLog()
    for number in range(3):
        log.add(attempt(number))
    assert [each.retried for each in log.read(())] == [1, 2]
