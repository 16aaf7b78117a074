"""Test the comparison against services that differ: each difference is named, and no value is shown."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from etelecom_async.cli.credentials import CLIENTS
from etelecom_async.cli.doctor import baseline, conformance, keys, report
from etelecom_async.cli.doctor.conformance import Report
from etelecom_async.sandbox import app
from etelecom_async.testing import sandbox
from tests.cli.doctor.conftest import DROP

if TYPE_CHECKING:
    from collections.abc import Iterator

    from etelecom_async.testing import Sandbox
    from tests.cli.conftest import Tool

EXAMPLES = {
    "unknown field": (
        lambda name, value: [{**row, "brand_new": 5} for row in value] if name == "extensions" else value,
        ("unknown field", "extensions[].brand_new", "no field", "integer"),
    ),
    "missing field": (
        lambda name, value: DROP if name == "tenant_domain" else value,
        ("missing field", "extensions[].tenant_domain", "text", "no field"),
    ),
    "id as a number": (
        lambda name, value: int(value) if name == "hotline_id" else value,
        ("type", "extensions[].hotline_id", "text", "integer"),
    ),
    "array in place of an object": (
        lambda name, value: [] if name == "paging" else value,
        ("type", "paging", "object", "array"),
    ),
    "object in place of an array": (
        lambda name, value: {} if name == "extensions" else value,
        ("type", "extensions", "array", "object"),
    ),
    "text of an enum": (
        lambda name, value: "Frozen" if name == "state" else value,
        ("unlisted text", "extensions[].state", "ExtensionState", "'Frozen'"),
    ),
    "number for an enum": (
        lambda name, value: 3 if name == "state" else value,
        ("type", "extensions[].state", "text", "integer"),
    ),
    "null for a text": (
        lambda name, value: None if name == "tenant_id" else value,
        ("null", "extensions[].tenant_id", "text", "null"),
    ),
    "null for a time": (
        lambda name, value: None if name == "expires_at" else value,
        ("null", "extensions[].expires_at", "time as text", "null"),
    ),
    "empty array for null": (
        lambda name, value: [] if name == "call_targets" and value is None else value,
        ("null", "call_logs[].call_targets", "null", "[]"),
    ),
    "null for an empty array": (
        lambda name, value: value or None if name == "webhooks" else value,
        ("null", "webhooks", "[]", "null"),
    ),
    "always null for an empty array": (
        lambda name, value: value or None if name == "recording_urls" else value,
        ("null", "call_logs[].recording_urls", "null or []", "always null"),
    ),
    "always an empty array for null": (
        lambda name, value: value or [] if name == "recording_urls" else value,
        ("null", "call_logs[].recording_urls", "null or []", "always []"),
    ),
    "null for an object": (
        lambda name, value: None if name == "paging" else value,
        ("null", "paging", "object", "null"),
    ),
    "time without an offset": (
        lambda name, value: "2026-11-28 10:00:00" if name == "updated_at" else value,
        ("form of a time", "extensions[].updated_at", "RFC 3339 with an offset", "YYYY-MM-DD hh:mm:ss"),
    ),
    "time as a number": (
        lambda name, value: 1764300000 if name == "updated_at" else value,
        ("form of a time", "extensions[].updated_at", "RFC 3339 with an offset", "integer"),
    ),
}


@pytest.fixture(scope="module")
def service(other_thread: asyncio.AbstractEventLoop) -> Iterator[Sandbox]:
    """A sandbox with few records, so that comparisons are quick."""
    service = sandbox(call_logs=120, followers=5, zns_messages=5)
    asyncio.run_coroutine_threadsafe(service.start(), other_thread).result()
    yield service
    asyncio.run_coroutine_threadsafe(service.stop(), other_thread).result()


@pytest.fixture
def examined(etl: Tool) -> Any:
    """Return a function that compares the sandbox with the SDK, with the keys of some clients."""
    del etl  # sets the variables
    return lambda *clients: asyncio.run(conformance.examine(keys.find(clients or CLIENTS, None), None))


@pytest.mark.parametrize("name", EXAMPLES)
def test_difference(examined: Any, change: Any, name: str) -> None:
    """Each kind of difference is named with its place, what the SDK expects, and what the service sends."""
    changed, expected = EXAMPLES[name]
    change(changed)
    found = examined("shop")
    lists = ("shop.extensions.list", "shop.call_logs.list", "webhooks.list")
    assert expected in [each[1:5] for each in found.differences if each.operation in lists]


def test_missing_operations(examined: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """An operation that the service does not know is named, also if another read needs its rows."""
    for wire in ("Zalo/ListTemplates", "Etelecom/GetHotlines"):
        monkeypatch.delitem(app._OPERATIONS, wire)
    found: Report = examined("shop")
    named = {each.operation: each for each in found.differences}
    assert set(named) == {"shop.zns.templates.list", "shop.hotlines.list"}
    assert named["shop.hotlines.list"][1:5] == (
        "missing operation", "", "Etelecom/GetHotlines", "HTTP 404, bad_route"
    )  # fmt: skip
    outcomes = {each.operation: each.outcome for each in found.outcomes}
    assert outcomes["shop.hotlines.list"] == "missing operation"
    assert outcomes["shop.zns.templates.get"].startswith("not tried: it needs an id")


def test_keys_of_another_kind(examined: Any, tool: Tool) -> None:
    """With one kind of key, the operations of others are not compared, and that is no difference."""
    tool.set({"ETELECOM_SHOP_KEY": "", "ETELECOM_PARTNER_API_KEY": "", "ETELECOM_SMS_PASSWORD": ""})
    found: Report = examined()
    outcomes = {each.operation: each.outcome for each in found.outcomes}
    assert found.differences == []
    assert outcomes["shop.users.list"] == "refused for a shop_api_key"
    assert outcomes["partner.tenants.list"] == "no key for it"


@pytest.mark.parametrize(
    ("reply", "outcome", "kinds"),
    [
        (("permission_denied", 403), "refused for a", {"refused key"}),
        (("unimplemented", 501), "missing operation", {"missing operation"}),
        (("internal", 500), "failed: HTTP 500, internal", set()),
        ("text", "response", {"response"}),
        ("404", "missing operation", {"missing operation"}),
    ],
)
def test_refusals(at_peer: Tool, peer: Any, reply: Any, outcome: str, kinds: set[str]) -> None:
    """A refusal of one operation is named by its kind, never by the text of the service."""
    del at_peer
    replies = {
        "text": lambda: peer.raw(b"canary"),
        "404": lambda: peer.raw(b"canary", 404, Content_Type="text/plain"),
    }

    def respond(asked: Any) -> Any:
        if not asked.path.endswith("/GetExtensions"):
            return peer.json({"id": "1"})
        return replies[reply]() if isinstance(reply, str) else peer.refusal(*reply, Retry_After="0")

    peer.always = respond
    found: Report = asyncio.run(conformance.examine(keys.find(("shop",), None), None))
    (seen,) = (each for each in found.outcomes if each.operation == "shop.extensions.list")
    assert seen.outcome.startswith(outcome)
    of_extensions = {each.kind for each in found.differences if each.operation == "shop.extensions.list"}
    assert of_extensions == kinds
    assert "canary" not in report.as_json(found)


def test_rows_that_are_no_objects(examined: Any, change: Any) -> None:
    """Rows of another type are a difference, and nothing fails."""
    change(lambda _, value: ["a canary"] if isinstance(value, list) else value)
    found: Report = examined("shop", "partner")
    assert ("type", "call_logs[]", "object", "text") in [each[1:5] for each in found.differences]
    assert "canary" not in report.as_json(found)


CANARY = "Nguyễn Văn Canary 0901234567"


def _with_canaries(name: str, value: Any) -> Any:
    """Return another value of the same type, which must not be in a report."""
    if name == "paging":
        return value
    if isinstance(value, dict):
        return {**value, "0901234567": CANARY, "secret": {CANARY: CANARY}, "numbers": [90123456789]}
    if isinstance(value, list):
        return [_with_canaries("", item) for item in value]
    if isinstance(value, str):
        return CANARY if name != "created_at" else "0901234567"
    return 90123456789 if isinstance(value, int) and not isinstance(value, bool) else value


def test_no_value_in_a_report(examined: Any, change: Any) -> None:
    """No text, number, key of a map or name made of digits of the service is in a report."""
    change(_with_canaries)
    found: Report = examined()
    for text in (report.as_json(found), report.as_markdown(found)):
        assert "unknown field" in text
        assert "(a name that is not shown)" in text
        for value in ("anary", "guyễn", "0901234567", "90123456789"):
            assert value not in text
    environment = [value for name, value in _secrets()]
    assert not any(value in report.as_json(found) for value in environment)


@pytest.mark.parametrize("name", ["0901234567", "Nguyễn Canary", "shops"])
def test_name_of_an_undocumented_array(at_peer: Tool, peer: Any, name: str) -> None:
    """The array of GetShops has no documented name. Its name is shown only if it looks like a name."""
    del at_peer
    peer.always = lambda _: peer.json({"id": "1", name: [{"id": "1"}]})
    found: Report = asyncio.run(conformance.examine(keys.find(("partner",), None), None))
    assert (name in report.as_json(found)) is (name == "shops")
    assert (f"{name}[].id" in found.fields["partner.shops.list"]) is (name == "shops")


def _secrets() -> list[tuple[str, str]]:
    import os

    return [(name, value) for name, value in os.environ.items() if name.startswith("ETELECOM_")]


def test_records_of_the_plain_sandbox_are_not_shown(examined: Any, service: Sandbox) -> None:
    """No name, phone number, id or password of the sandbox's records is in the report."""
    text = report.as_json(examined()) + report.as_markdown(examined())
    users = service.users.list()
    values = [value for user in users for value in (user.full_name, user.phone, user.user_id)]
    values += [call.id for call in service.calls.list()]
    assert len(values) > 30
    assert not any(value in text for value in values)
    assert service.base_url not in text


def test_other_seeds_have_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sandboxes with other records have no difference, because the baseline has all their unlisted texts."""

    async def main() -> list[Any]:
        found: list[Any] = []
        for seed in (1, 2, 3):
            async with sandbox(seed=seed, tenants=10, hotlines=20, extensions=20, followers=20) as service:
                for name, value in service.environment().items():
                    monkeypatch.setenv(name, value)
                made = await conformance.examine(keys.find(CLIENTS, None), None)
                assert made.differences == []
                assert made.different_rules == []
                assert all(rule.is_seen for rule in made.rules)
                found += made.texts
        return found

    texts = asyncio.run(main())
    assert all(baseline.is_expected(each) for each in texts)
    listed = {(enum, repr(text)) for enum, all_texts in baseline.ASSUMED_TEXTS.items() for text in all_texts}
    seen = {(each.expected, each.found) for each in texts}
    assert len(seen) > 5
    assert seen <= listed
