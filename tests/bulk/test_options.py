"""The options of a run have safe defaults."""

from __future__ import annotations

from datetime import timedelta

from etelecom_async.bulk.options import RunOptions


def test_defaults() -> None:
    """Nothing is repeated by itself, and no message is sent again; a run waits some minutes for a server."""
    options = RunOptions()
    assert options.settle_after is None
    assert not options.resend_unknown
    assert options.ledger is None
    assert options.on_event is None
    assert not options.superseded
    assert not options.may_replace
    assert options.patience == timedelta(minutes=5)
