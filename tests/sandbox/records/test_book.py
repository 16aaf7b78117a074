"""Adding, changing, deleting and reading records."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from etelecom_async.sandbox.records import RecordError
from etelecom_async.sandbox.rules import Rules
from etelecom_async.sandbox.times import micros
from tests.sandbox.records.conftest import NOW, Desk

if TYPE_CHECKING:
    from collections.abc import Callable

    from etelecom_async.sandbox.store.state import State


def test_place_in_lists(desk: Desk) -> None:
    """A record with an earlier creation is at its place; equal times are in the order of the additions."""
    new, old = desk.add("calls"), desk.add("calls", started_at=NOW - timedelta(days=400))
    same = [desk.add("calls", started_at=NOW - timedelta(days=500)) for _ in range(3)]
    found = [call["id"] for call in desk.book.fetch_all("calls")]
    assert found[0] == new["id"]
    assert found[-4:] == [old["id"], *(call["id"] for call in reversed(same))]
    assert {len(record_id) for record_id in found} == {19}


def test_given_ids(desk: Desk) -> None:
    """A given id is used once; a number outside of 64 bits or another text is no id."""
    assert desk.add("users", id=42)["user_id"] == "42"
    assert desk.add("templates", id="700001")["template_id"] == 700_001
    for given, problem in (
        ("42", "id: there is a record 42 already"),
        ("0", "id: it is not set"),
        (str(2**63), f"id: '{2**63}' is not an id"),
        ("x", "id: 'x' is not an id"),
        ("9" * 20, "is not an id"),
    ):
        with pytest.raises(RecordError, match=problem):
            desk.add("users", id=given)


@pytest.mark.parametrize(
    ("kind", "given", "problem"),
    [
        ("calls", {"hotline_id": "99"}, "hotline_id: there is no hotline '99'"),
        ("calls", {"extension_id": "1099"}, "extension_id: there is no extension '1099' in shop"),
        ("calls", {"user_id": "5"}, "user_id: there is no employee '5'"),
        ("calls", {"shop": "5"}, "shop: there is no shop '5'"),
        ("extensions", {"hotline_id": "5"}, "hotline_id: there is no hotline '5'"),
        ("followers", {"oa_id": "0"}, "oa_id: there is no official account '0'"),
        ("messages", {"template_id": 5}, "template_id: there is no template '5'"),
        ("consents", {"oa_id": "5"}, "oa_id: there is no official account '5'"),
        ("calls", {"department_id": "x"}, "department_id: 'x' is not an id"),
        ("calls", {"created_at": NOW - timedelta(days=9000)}, "created_at: its year must be"),
        ("users", {"created_at": "2150-01-02 00:00"}, "created_at: its year must be from 2020 to 2149"),
        ("shops", {"api_key": "k"}, "api_key: another shop has this value already"),
    ],
)
def test_wrong_references(desk: Desk, kind: str, given: dict[str, Any], problem: str) -> None:
    """An unknown record, a time without ids and a key in use are named, and nothing is added."""
    desk.add("shops", api_key="k")
    before = desk.state.count_records()
    with pytest.raises(RecordError, match=problem):
        desk.add(kind, **given)
    assert desk.state.count_records() == before


def test_other_names_of_records(desk: Desk) -> None:
    """Numbers of hotlines and extensions, phone numbers and e-mail addresses stand for ids."""
    shop = desk.add("shops", email="may@example.com")["shop"]
    line = desk.add("hotlines", shop="may@example.com", hotline="02473001234")
    user = desk.add("users", shop=shop["id"], phone="0901234567")
    extension = desk.add(
        "extensions",
        shop="may@example.com",
        hotline_id="02473001234",
        user_id="0901234567",
        extension_number=7,
    )
    call = desk.add("calls", shop="may@example.com", hotline_id=line["id"], extension_id="7")
    row = desk.row("call_log", call["id"])
    assert (row["shop_id"], row["hotline_id"]) == (int(shop["id"]), int(line["id"]))
    assert (call["extension_id"], call["user_id"]) == (extension["id"], user["user_id"])
    assert [found["id"] for found in desk.book.fetch_all("calls", "may@example.com")] == [call["id"]]
    with pytest.raises(RecordError, match="extension_id: there is no extension '7' in shop"):
        desk.add("calls", extension_id="7")
    with pytest.raises(RecordError, match="there is no shop"):
        desk.book.fetch_all("calls", "x")


@pytest.mark.parametrize(
    ("kind", "field", "value"),
    [
        ("users", "phone", "0901234567"),
        ("extensions", "extension_number", "77"),
        ("hotlines", "hotline", "19001"),
    ],
)
def test_numbers_in_use(populated: Callable[..., State], kind: str, field: str, value: str) -> None:
    """A number is used once, in the places where the service says so, unless duplicates are allowed."""
    desk = Desk(populated(call_logs=1))
    first, second = desk.add(kind, **{field: value}), desk.add(kind)
    name = "user_id" if kind == "users" else "id"
    with pytest.raises(RecordError, match=rf"^{field}: \w+ {first[name]} has '{value}' already"):
        desk.add(kind, **{field: value})
    with pytest.raises(RecordError, match="already"):
        desk.update(kind, second[name], {field: value})
    assert desk.update(kind, first[name], {field: value})[field] == value
    if kind != "hotlines":
        shop = desk.add("shops")["shop"]["id"]
        desk.add("hotlines", shop=shop)
        assert desk.add(kind, shop=shop, **{field: value})[field] == value
    lenient = Desk(desk.state, allow_duplicates=True)
    assert lenient.add(kind, **{field: value})[field] == value


def test_rules_of_lists(populated: Callable[..., State]) -> None:
    """The records keep the rule of the order; they have no pages, whatever the rules say."""
    state = populated(until="2026-11-29", call_logs=3)
    desk = Desk(state, rules=Rules(order="oldest_first", page_size=1, max_page_size=2))
    new, old = desk.add("calls"), desk.add("calls", started_at=NOW - timedelta(days=900))
    found = [call["id"] for call in desk.book.fetch_all("calls")]
    assert (found[0], found[-1]) == (old["id"], new["id"])
    assert len(found) == len(set(found)) > 4


def test_invented_values_differ(desk: Desk) -> None:
    """Another book of the same state, as after a restart, does not invent the same records again."""
    first, second = desk.add("shops")["shop"], Desk(desk.state).add("shops")["shop"]
    assert first["email"] != second["email"]


def test_changes(desk: Desk) -> None:
    """A change sets fields, the columns of filters and the time of the change, and nothing else."""
    call = desk.add("calls", recording=False)
    desk.clock.moment = NOW + timedelta(hours=1)
    changed = desk.update(
        "calls", call["id"], {"note": "x", "caller": "0901", "recording": True, "user_id": "0"}
    )
    row = desk.row("call_log", call["id"])
    assert (row["caller"], row["user_id"], row["updated_at"]) == ("0901", 0, micros(NOW + timedelta(hours=1)))
    new = {"note": "x", "caller": "0901", "user_id": "0", "updated_at": "2026-11-29T01:00:30+07:00"}
    new["recording_urls"] = [f"{{origin}}/recordings/{call['id']}.wav"]
    assert changed == {**call, **new}
    earlier = desk.update("calls", call["id"], {"updated_at": NOW, "created_at": NOW, "ended_at": None})
    assert (earlier["updated_at"], earlier["ended_at"]) == (
        "2026-11-29T00:00:30+07:00",
        "0001-01-01T00:00:00Z",
    )
    assert desk.row("call_log", call["id"])["created_at"] == micros(NOW)
    assert desk.update("users", desk.add("users")["user_id"], {"full_name": "Lê An"})["full_name"] == "Lê An"


@pytest.mark.parametrize("kind", ["calls", "users", "shops"])
def test_wrong_changes(desk: Desk, kind: str) -> None:
    """An unknown record, an unknown field and the fields of a new record only are rejected."""
    record = desk.book.fetch_all(kind)[0]
    record_id = record.get("id", record.get("user_id"))
    with pytest.raises(RecordError, match=r"there is no (call|employee|shop) 5$"):
        desk.update(kind, "5", {})
    with pytest.raises(RecordError, match="id: there is no such field"):
        desk.update(kind, record_id, {"id": "7", "shop": "7"})
    with pytest.raises(RecordError, match="created_at: its year"):
        desk.update(kind, record_id, {"created_at": "1999-01-01 00:00"})
    assert desk.book.get(kind, int(record_id)) == record


def test_scheduled_changes_of_a_field_end(desk: Desk) -> None:
    """A changed field keeps its value; the scheduled changes of other fields still happen."""
    message = desk.book.fetch_all("messages")[0]
    desk.state.schedule(NOW, "zns_message", int(message["id"]), {"status": "N", "note": "later"})
    desk.state.schedule(NOW, "zns_message", int(message["id"]), {"status": "Z"})
    desk.update("messages", message["id"], {"status": "P"})
    desk.state.apply_due(NOW)
    changed = desk.book.get("messages", int(message["id"]))
    assert (changed["status"], changed["note"]) == ("P", "later")


def test_deletion(desk: Desk) -> None:
    """A deleted record is in no list, and its scheduled changes end with it."""
    message = desk.add("messages")
    desk.state.schedule(NOW, "zns_message", int(message["id"]), {"status": "N"})
    desk.delete("messages", message["id"])
    desk.state.apply_due(NOW)
    with pytest.raises(RecordError, match="there is no message"):
        desk.delete("messages", message["id"])
    assert message not in desk.book.fetch_all("messages")


@pytest.mark.parametrize(
    ("kind", "given", "problem"),
    [
        (
            "calls",
            {"call_targets": [{"status": "missed"}, {"target_numbr": "1001"}]},
            "call_targets: there is no field 'target_numbr' in it; did you mean 'target_number'?",
        ),
        (
            "templates",
            {"template_params": [{"nam": "x"}]},
            "template_params: there is no field 'nam' in it; did you mean 'name'?",
        ),
        ("followers", {"shared_info": {"citty": "Hà Nội"}}, "shared_info: there is no field 'citty' in it"),
    ],
)
def test_misspelt_fields_of_objects(desk: Desk, kind: str, given: dict[str, Any], problem: str) -> None:
    """A misspelt field of an object inside of a record is a problem, too; the right names are accepted."""
    with pytest.raises(RecordError) as caught:
        desk.add(kind, **given)
    assert str(caught.value).startswith(problem)
    added = desk.add(kind)
    (name,) = given
    desk.update(kind, added.get("template_id", added.get("id")), {name: added[name]})


def test_deletion_of_a_shop(desk: Desk) -> None:
    """A shop is deleted with everything that belongs to it; the first shop, whose keys are given, stays."""
    before = desk.state.count_records()
    shop = desk.add("shops")["shop"]["id"]
    desk.add("hotlines", shop=shop)
    for kind in (
        "users",
        "extensions",
        "calls",
        "accounts",
        "followers",
        "templates",
        "messages",
        "consents",
    ):
        desk.add(kind, shop=shop)
    oa_id = int(desk.book.fetch_all("accounts", shop)[0]["oa_id"])
    rows: dict[str, dict[str, object]] = {
        "webhook": {"id": 1, "account_id": int(shop), "doc": "{}"},
        "oa_message": {
            "id": 1, "oa_id": oa_id, "follower_id": 1, "quota_type": "", "created_at": 0, "content": "",
            "doc": "{}",
        },
        "upload": {
            "token": "x", "oa_id": oa_id, "type": "", "name": "", "content_type": "", "size": 1, "sha256": "",
            "expires_at": 0,
        },
        "oa_link": {"token": "x", "shop_id": int(shop), "app_id": "", "redirect_uri": "", "expires_at": 0},
        "oa_code": {
            "code": "x", "shop_id": int(shop), "app_id": "", "redirect_uri": "", "oa_id": 1, "state": 1,
            "expires_at": 0,
        },
        "sign_in": {
            "token": "x", "shop_id": int(shop), "name": "", "email": "", "phone": "", "redirect_url": "",
            "expires_at": 0,
        },
    }  # fmt: skip
    for table, columns in rows.items():
        desk.state.insert(table, **columns)
    desk.delete("shops", shop)
    assert desk.state.count_records() == before
    for table in ("oa_link", "oa_code", "sign_in"):
        assert not desk.state.fetch_all(f"SELECT * FROM {table}")
    with pytest.raises(RecordError, match="is the first shop"):
        desk.delete("shops", desk.state.setting("shop_id"))
