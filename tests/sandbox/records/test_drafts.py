"""The defaults of new records."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from etelecom_async.sandbox.records import RecordError
from etelecom_async.sandbox.times import micros
from tests.sandbox.records.conftest import NOW

if TYPE_CHECKING:
    from tests.sandbox.records.conftest import Desk


def seconds(call: dict[str, Any]) -> tuple[float, float | None]:
    """Returns start and end of a call, in seconds after now."""
    ended = datetime.fromisoformat(call["ended_at"])
    start = (datetime.fromisoformat(call["started_at"]) - NOW).total_seconds()
    return start, None if ended.year == 1 else (ended - NOW).total_seconds()


def at(offset: float) -> datetime:
    """Returns a time in seconds after now."""
    return NOW + timedelta(seconds=offset)


@pytest.mark.parametrize(
    ("given", "state", "duration", "times"),
    [
        ({}, "answered", 60, (-65, 0)),
        ({"duration": 95}, "answered", 95, (-100, 0)),
        ({"duration": 0}, "not_answered", 0, (-5, 0)),
        ({"call_state": "not_answered"}, "not_answered", 0, (-5, 0)),
        ({"call_state": "voicemail"}, "voicemail", 0, (-5, 0)),
        ({"call_state": "unknown"}, "unknown", 0, (0, None)),
        ({"ended_at": None}, "unknown", 0, (0, None)),
        ({"ended_at": None, "started_at": at(-20)}, "unknown", 0, (-20, None)),
        ({"started_at": at(-1000)}, "answered", 60, (-1000, -935)),
        ({"created_at": at(-1000)}, "answered", 60, (-1000, -935)),
        ({"started_at": at(-20)}, "answered", 15, (-20, 0)),
        ({"started_at": at(-1)}, "answered", 1, (-1, 0)),
        ({"started_at": at(100)}, "answered", 60, (100, 160)),
        ({"started_at": at(-62), "duration": 60}, "answered", 60, (-62, 0)),
        ({"started_at": at(-20), "duration": 60}, "answered", 60, (-20, 40)),
        ({"ended_at": at(-500)}, "answered", 60, (-565, -500)),
        ({"started_at": at(-100), "ended_at": at(-50)}, "answered", 45, (-100, -50)),
        ({"started_at": at(-100), "ended_at": at(-50), "duration": 50}, "answered", 50, (-100, -50)),
        ({"started_at": at(-100), "ended_at": at(-100)}, "answered", 0, (-100, -100)),
    ],
)
def test_times_of_a_call(
    desk: Desk, given: dict[str, Any], state: str, duration: int, times: tuple[float, float | None]
) -> None:
    """State, duration and times complete each other; the end is never later than now if that is possible."""
    call = desk.add("calls", **given)
    assert (call["call_state"], call["duration"], seconds(call)) == (state, duration, times)
    assert call["created_at"] == call["started_at"]
    assert call["call_status"] == {"answered": "P", "unknown": "Z"}.get(state, "N")
    assert bool(call["recording_urls"]) == (state == "answered")
    assert (call["call_targets"] is None) == (times[1] is None)


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"started_at": at(0), "ended_at": at(-1)}, "ended_at: the call ends before it starts"),
        ({"started_at": at(-9), "ended_at": at(-1), "duration": 9}, "duration: it is longer than"),
        ({"duration": -1}, "duration: it is negative"),
        ({"duration": 2**62}, "duration: the call does not fit into the calendar"),
        ({"duration": 10**10}, "created_at: its year must be from 2020"),
    ],
)
def test_times_that_do_not_fit(desk: Desk, given: dict[str, Any], problem: str) -> None:
    """Times and a duration that contradict each other are rejected."""
    with pytest.raises(RecordError, match=problem):
        desk.add("calls", **given)


def test_parties_of_a_call(desk: Desk) -> None:
    """Numbers, hotline, extension and employee fit each other and the direction."""
    extensions = {
        one["extension_number"]: one
        for one in desk.book.fetch_all("extensions", desk.state.setting("shop_id"))
    }
    lines = {
        one["id"]: one["hotline"] for one in desk.book.fetch_all("hotlines", desk.state.setting("shop_id"))
    }

    incoming = desk.add("calls", extension_id="1003")
    third = extensions["1003"]
    assert (incoming["direction"], incoming["callee"]) == ("in", "1003")
    assert desk.row("call_log", incoming["id"])["hotline_id"] == int(third["hotline_id"])
    assert (incoming["extension_id"], incoming["user_id"]) == (third["id"], third["user_id"])
    assert incoming["call_targets"][0]["target_number"] == "1003"
    user = desk.book.get("users", int(third["user_id"]))
    assert desk.row("call_log", incoming["id"])["department_id"] == int(user["department_id"])

    outgoing = desk.add("calls", caller=lines[third["hotline_id"]], callee="0912345678")
    assert (outgoing["direction"], outgoing["call_targets"][0]["target_number"]) == ("out", "0912345678")
    assert outgoing["external_id"]
    by_extension = desk.add("calls", caller="1003")
    assert (by_extension["direction"], by_extension["extension_id"]) == ("out", third["id"])
    internal = desk.add("calls", direction="ext", extension_id="1003")
    assert (internal["caller"], internal["callee"] in set(extensions) - {"1003"}) == ("1003", True)
    assert desk.add("calls", user_id=third["user_id"])["extension_id"] == third["id"]

    missed = desk.add("calls", call_state="not_answered")
    assert (missed["extension_id"], missed["user_id"]) == ("0", "0")
    assert missed["callee"] == missed["call_targets"][0]["target_number"] == "1001"
    assert desk.add("calls", direction="out")["caller"] == "1001"
    other_line = next(line for line in lines if line != third["hotline_id"])
    by_id = desk.add("calls", hotline_id=other_line, extension_id="0")
    assert (by_id["callee"], by_id["call_targets"][0]["target_number"]) == (lines[other_line],) * 2
    by_number = desk.add("calls", callee=lines[other_line])
    assert desk.row("call_log", by_number["id"])["hotline_id"] == int(other_line)
    foreign = desk.add("calls", callee="19009999", extension_id="0", user_id="", hotline_id="0")
    assert (foreign["callee"], foreign["extension_id"]) == ("19009999", "0")


def test_a_shop_that_has_nothing(desk: Desk) -> None:
    """Without a hotline, a tenant, an account or a template, the error says what to add first."""
    bare = desk.add("shops", tenant=False)["shop"]["id"]
    for kind in ("hotlines", "extensions"):
        with pytest.raises(RecordError, match="has no tenant; add one first"):
            desk.add(kind, shop=bare)
    tenant = desk.add("tenants", shop=bare)
    assert tenant["status"] == "P"
    with pytest.raises(RecordError, match="has a tenant already"):
        desk.add("tenants", shop=bare)
    for kind in ("calls", "extensions"):
        with pytest.raises(RecordError, match="has no hotline; add one first"):
            desk.add(kind, shop=bare)
    for kind in ("followers", "templates", "consents", "messages"):
        with pytest.raises(RecordError, match="has no official account; add one first"):
            desk.add(kind, shop=bare)
    oa = desk.add("accounts", shop=bare, daily_quota=3)
    assert (oa["remaining_quota"], oa["onwer_id"]) == (3, tenant["owner_id"])
    with pytest.raises(RecordError, match="has no template; add one first"):
        desk.add("messages", shop=bare)
    line = desk.add("hotlines", shop=bare)
    assert (line["status"], line["connection_id"]) == ("P", tenant["connection_id"])
    call = desk.add("calls", shop=bare)
    assert (call["callee"], call["extension_id"]) == (line["hotline"], "0")
    internal = desk.add("calls", shop=bare, direction="ext")
    assert internal["caller"] == internal["callee"] == line["hotline"]


def test_a_shop_without_hotlines_of_its_own(desk: Desk) -> None:
    """A seeded shop whose hotline was taken away still gets calls on that of its extensions."""
    shops = [shop["id"] for shop in desk.book.fetch_all("shops")]
    (shop,) = (shop for shop in shops if not desk.book.fetch_all("hotlines", shop))
    call = desk.add("calls", shop=shop)
    (extension,) = desk.book.fetch_all("extensions", shop)
    assert (call["callee"], call["extension_id"]) == (extension["extension_number"], extension["id"])
    assert desk.row("call_log", call["id"])["hotline_id"] == int(extension["hotline_id"])
    missed = desk.add("calls", shop=shop, extension_id="0")
    assert missed["callee"] in {line["hotline"] for line in desk.book.fetch_all("hotlines")}


def test_next_numbers(desk: Desk) -> None:
    """Extensions and templates get the next number; invented numbers are new ones."""
    assert [desk.add("extensions")["extension_number"] for _ in range(2)] == ["1011", "1012"]
    assert desk.add("extensions", user_id="")["user_id"] == "0"
    ids = [desk.add("templates")["template_id"] for _ in range(2)]
    assert ids[1] == ids[0] + 1 > 500_000
    phones = {desk.add("users")["phone"] for _ in range(20)}
    assert len(phones) == 20
    assert {phone[-1] for phone in phones} == {"0"}
    desk.state.save_settings(added_records="0")
    assert desk.add("users")["phone"] not in phones


def test_employees(desk: Desk) -> None:
    """The short name is the last word of the name, as the service makes it."""
    assert desk.add("users", full_name="Lê Thị An")["short_name"] == "An"
    assert desk.add("users", full_name="")["short_name"] == ""
    assert desk.add("users", full_name="Lê An", short_name="Ann", roles=None)["short_name"] == "Ann"


def test_hotlines(desk: Desk) -> None:
    """A hotline is on the tenant of a shop, or on none."""
    free = desk.add("hotlines", shop=None)
    assert (free["status"], free["owner_id"], desk.row("hotline", free["id"])["tenant_id"]) == (
        "Z",
        "0",
        None,
    )
    named = desk.add("hotlines", name="Bán hàng", network="viettel")
    assert (named["name"], named["network"], named["status"]) == ("Bán hàng", "viettel", "P")


def test_shops(desk: Desk) -> None:
    """A shop has its keys and an active tenant; it can have given keys, and no link with the partner."""
    added = desk.add("shops", name="Mây", api_key="own", shop_key=None)
    assert (added["shop"]["name"], added["api_key"], added["shop_key"]) == ("Mây", "own", None)
    row = desk.state.fetch_one("SELECT doc FROM tenant WHERE shop_id = ?", int(added["shop"]["id"]))
    assert json.loads(row["doc"])["status"] == "P"
    again = desk.add("shops")
    assert again["shop_key"].startswith(f"shop{again['shop']['id']}:")


def test_messages(desk: Desk) -> None:
    """A ZNS was sent and seen now; with an error code it was rejected, without one it can be on its way."""
    template = desk.add("templates", type="rating", template_daily_quota=5)
    assert (template["template_tag"], template["template_remaining_quota"]) == ("POST_TRANSACTION", 5)
    seen = desk.add(
        "messages", template_id=template["template_id"], phone="0901234567", rate=5, submit_time=NOW
    )
    assert (seen["phone"], seen["status"], seen["delivery_status"]) == ("84901234567", "P", "seen")
    assert (seen["is_charged"], seen["fee_main"]) == (True, template["price"])
    assert set(seen["template_data"]) == {"customer_name", "order_code"}
    assert desk.row("zns_message", seen["id"])["submitted_at"] > 0
    rejected = desk.add("messages", error_code=-110, error_message="old")
    assert (rejected["status"], rejected["delivery_status"], rejected["is_charged"]) == (
        "N",
        "unknown",
        False,
    )
    waiting = desk.add("messages", status="Z")
    assert (waiting["sent_time"], waiting["fee_main"]) == ("0001-01-01T00:00:00Z", 0)
    first, second = (one["oa_id"] for one in reversed(desk.book.fetch_all("accounts")[-2:]))
    with pytest.raises(RecordError, match=r"template_id: template \d+ is not of official account"):
        desk.add("messages", oa_id=second, template_id=template["template_id"])
    assert desk.add("messages", oa_id=first)["oa_id"] == first


def test_consents(desk: Desk) -> None:
    """A user agreed now for 30 days; refused and rejected requests grant nothing."""
    agreed = desk.add("consents", phone="0901234567")
    assert (agreed["phone"], agreed["reply_status"], agreed["delivery_status"]) == (
        "84901234567",
        "P",
        "seen",
    )
    wanted: dict[str, dict[str, Any]] = {
        "agreed": {},
        "refused": {"reply_status": "N"},
        "rejected": {"error_code": -110},
        "expired": {"granted_until": at(-1)},
        "none": {"granted_until": None},
    }
    ids = {name: desk.add("consents", **given)["id"] for name, given in wanted.items()}
    granted = {name: desk.row("consent", record_id)["granted_until"] for name, record_id in ids.items()}
    micro = 1_000_000
    now = round(NOW.timestamp()) * micro
    assert granted == {
        "agreed": now + 30 * 86_400 * micro, "refused": 0, "rejected": 0, "expired": now - micro, "none": 0,
    }  # fmt: skip


def test_a_reply_that_changes(desk: Desk) -> None:
    """A changed reply grants the consent for 30 days after the request, or takes it back."""
    consent = desk.add("consents", reply_status="S")
    for reply, days in (("P", 30), ("N", None), ("P", 30)):
        desk.update("consents", consent["id"], {"reply_status": reply})
        expected = 0 if days is None else micros(NOW + timedelta(days=days))
        assert desk.row("consent", consent["id"])["granted_until"] == expected
    desk.update("consents", consent["id"], {"phone": "84901234567"})
    assert desk.row("consent", consent["id"])["granted_until"] > 0


def test_followers(desk: Desk) -> None:
    """Notes, tags and the last interaction of a follower have fields of their own."""
    added = desk.add("followers", tag_names=["VIP"], interacted_at=NOW, assigned_user_id="")
    assert added["tags_and_notes_info"] == {"notes": None, "tag_names": ["VIP"]}
    changed = desk.update("followers", added["id"], {"notes": ["x"], "phone": ""})
    assert changed["tags_and_notes_info"] == {"notes": ["x"], "tag_names": ["VIP"]}
    assert desk.row("follower", added["id"])["interacted_at"] == round(NOW.timestamp()) * 1_000_000
    with pytest.raises(RecordError, match="zl_user_id: another follower has this value already"):
        desk.add("followers", zl_user_id=added["zl_user_id"])
