"""Log records about events and deliveries."""

from __future__ import annotations

import logging

import pytest

from etelecom_async._core.logs import FIELDS
from etelecom_async.webhooks import Dropped, UnknownEvent, drops

EVENT = UnknownEvent(raw={"phone": "0912345678"})


def raised(text: str) -> ValueError:
    """Return an error with a traceback."""
    try:
        raise ValueError(text)  # noqa: TRY301 - its traceback is wanted
    except ValueError as error:
        return error


@pytest.mark.parametrize("reason", drops.REASONS)
def test_dropped(caplog: pytest.LogCaptureFixture, reason: drops.Reason) -> None:
    """Each reason has its text; an error is shown with its traceback, without secrets and phone numbers."""
    error = raised("token=abcdef0123456789 of 0912345678")
    drops.dropped(Dropped(event=EVENT, reason=reason, error=error))
    (record,) = caplog.records
    assert record.levelno == (logging.ERROR if reason == "handler_failed" else logging.WARNING)
    assert drops.REASONS[reason] in record.getMessage()
    assert "in raised" in record.getMessage()
    assert record.getMessage().endswith("ValueError: token=**** of 091***678")
    assert vars(record)["reason"] == reason
    assert vars(record)["error"] == "ValueError"
    assert vars(record)["operation"] == "webhooks.unknown"
    assert set(FIELDS) <= set(vars(record))
    assert (record.exc_info, record.name) == (None, "etelecom_async.webhooks")


def test_without_an_error(caplog: pytest.LogCaptureFixture) -> None:
    """A record without an error is one line, and shows nothing of the event."""
    caplog.set_level(logging.DEBUG)
    drops.dropped(Dropped(event=EVENT, reason="stopped"))
    drops.refused("malformed", "the body is not JSON")
    drops.unhandled(EVENT)
    levels = [record.levelno for record in caplog.records]
    assert levels == [logging.WARNING, logging.WARNING, logging.DEBUG]
    assert [vars(record)["kind"] for record in caplog.records] == [
        *("webhook_dropped", "webhook_refused", "webhook_unhandled")
    ]
    assert "0912345678" not in caplog.text
    assert all("\n" not in record.getMessage() for record in caplog.records)
