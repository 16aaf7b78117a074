"""Test the choice of the READ calls."""

from __future__ import annotations

from etelecom_async.cli.doctor import reads
from etelecom_async.errors import APIError, ConnectError, NotFoundError
from etelecom_async.operations import OPERATIONS, Effect


def test_order() -> None:
    """All reads are chosen, and the lists come before the reads that need their ids."""
    names = [row.name for row in reads.order()]
    assert set(names) == {name for name, row in OPERATIONS.items() if row.effect is Effect.READ}
    for name, source in reads._SOURCES.items():
        assert names.index(source) < names.index(name)


def test_bodies() -> None:
    """Lists ask for small pages, in the form of each list; other reads take ids from rows."""
    assert reads.read_of(OPERATIONS["shop.extensions.list"], {}).body == {"paging": {"limit": 20}}
    assert reads.read_of(OPERATIONS["sms.templates.list"], {}).body == {"ItemCount": 20}
    assert reads.read_of(OPERATIONS["webhooks.list"], {}).body == {}
    rows = {
        "shop.zns.messages.list": ["no object", {"oa_id": "0"}, {"oa_id": "1", "msg_id": "2", "phone": "3"}]
    }
    assert reads.read_of(OPERATIONS["shop.zns.messages.get"], rows).body == {"oa_id": "1", "msg_id": "2"}


def test_reasons() -> None:
    """A read whose ids are not known says why it is not made."""
    assert reads.read_of(OPERATIONS["sms.status"], {}).reason == "it needs an id that no list shows"
    reason = reads.read_of(OPERATIONS["shop.zns.journeys.get"], {"shop.zns.journeys.list": []}).reason
    assert reason == "it needs an id from shop.zns.journeys.list, which showed none"


def test_not_tried() -> None:
    """The inferred operations that change something are listed."""
    assert {row.name for row in reads.not_tried()} == {
        "partner.hotlines.attach", "partner.hotlines.delete", "partner.hotlines.detach"
    }  # fmt: skip


def test_description_of_an_error() -> None:
    """An error is described by what the SDK knows of it, not by its text."""
    assert reads.describe(NotFoundError("canary", status=404)) == "HTTP 404, not_found"
    assert reads.describe(APIError("canary", code="canary", status=400)) == "HTTP 400, another code"
    assert reads.describe(ConnectError("canary")) == "ConnectError"
