"""Test results as plain data with the names of the wire."""

from __future__ import annotations

from datetime import UTC, datetime

from etelecom_async import Secret, models
from etelecom_async._core.secret import MASK
from etelecom_async.cli.rows import Plain, hanoi

CREATED = models.CreatedShopAccount(
    shop_key=Secret("shop1:canary"), api_key=Secret(""), shop=models.Shop(id="1", name="A")
)


def test_secrets_are_masked() -> None:
    """A secret is masked, an empty one stays empty; both are shown if the user asks."""
    masked, shown = Plain(reveal=False).row(CREATED), Plain(reveal=True).row(CREATED)
    assert (masked["shop_key"], masked["api_key"]) == (MASK, "")
    assert (shown["shop_key"], shown["api_key"]) == ("shop1:canary", "")
    assert masked["shop"]["name"] == "A"


def test_names_of_the_wire() -> None:
    """A field has its name on the wire, an enum its text, a time its offset, a list its items."""
    log = models.CallLog(
        direction=models.CallDirection.IN,
        created_at=datetime(2026, 11, 28, 2, 30, tzinfo=UTC),
        call_targets=(models.CallTarget(target_number="1001"),),
        recording_urls=("https://a.example",),
    )
    row = Plain(reveal=False).row(log)
    assert (row["direction"], row["created_at"]) == ("in", "2026-11-28T02:30:00Z")
    assert row["call_targets"][0]["target_number"] == "1001"
    assert row["recording_urls"] == ["https://a.example"]
    assert row["started_at"] is None
    assert Plain(reveal=False, write=hanoi).row(log)["created_at"] == "2026-11-28 09:30:00"


def test_object_without_a_model() -> None:
    """In any JSON object, the name shows what is a secret."""
    given = {"a": [{"token": "canary"}], "password": "canary", "n": 1, "ok": True, "secret": ""}
    assert Plain(reveal=False).row(given) == {
        "a": [{"token": MASK}], "password": MASK, "n": 1, "ok": True, "secret": "",
    }  # fmt: skip
    assert Plain(reveal=True).row(given) == given
