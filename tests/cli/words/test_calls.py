"""Test `etelecom calls list`."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from etelecom_async import phones, times

LIST = ("calls", "list")
ALL = ("shop", "call-logs", "list", "--json")


def ids(rows: list[dict[str, Any]]) -> list[str]:
    """Return the ids of calls."""
    return [row["id"] for row in rows]


def is_missed(row: dict[str, Any]) -> bool:
    """Return whether a call is missed, as docs/call-logs.md defines it."""
    return (row["direction"], row["call_state"]) == ("in", "not_answered")


def test_all_calls(etl: Any) -> None:
    """Without a filter, it lists the same calls as the operation, in each format."""
    for options in ([], ["--json"], ["--csv"], ["--limit", "3", "--jsonl"], ["--columns", "id,caller"]):
        assert etl(*LIST, *options) == etl("shop", "call-logs", "list", *options)


def test_day_and_missed(etl: Any) -> None:
    """`--day yesterday --missed` lists exactly the missed calls that started on that day in Hanoi."""
    yesterday = times.day("yesterday")
    expected = [
        row["id"]
        for row in etl(*ALL).json
        if is_missed(row) and datetime.fromisoformat(row["started_at"]) in yesterday
    ]
    result = etl(*LIST, "--day", "yesterday", "--missed", "--json")
    assert (result.code, result.err) == (0, "")
    assert ids(result.json) == expected
    assert expected
    days = ("--from", str(yesterday.date), "--to", str(yesterday.date))
    assert etl(*LIST, *days, "--missed", "--json") == result
    assert etl(*LIST, "--day", "2020-01-01", "--json") == (0, "[]\n", "")


def test_answered_and_direction(etl: Any) -> None:
    """The states and directions are those of the operation."""
    rows = etl(*ALL).json
    answered = [row["id"] for row in rows if row["call_state"] == "answered" and row["direction"] == "out"]
    assert ids(etl(*LIST, "--answered", "--direction", "OUT", "--json").json) == answered
    assert ids(etl(*LIST, "--missed", "--direction", "in", "--json").json) == ids(filter(is_missed, rows))


def test_user(etl: Any) -> None:
    """An employee may be named by phone, id, name or a part of the name."""
    row = next(row for row in etl(*ALL).json if row["user_id"] != "0")
    user = next(user for user in etl("users", "list", "--json").json if user["user_id"] == row["user_id"])
    expected = [each["id"] for each in etl(*ALL).json if each["user_id"] == user["user_id"]]
    for text in (
        phones.national(user["phone"]),
        user["user_id"],
        user["full_name"],
        user["full_name"].lower(),
    ):
        assert ids(etl(*LIST, "--user", text, "--json").json) == expected


def test_missed_calls_of_an_employee(etl: Any) -> None:
    """A missed call has no employee, so `--missed` shows those that rang at an extension of the employee."""
    extension = next(row for row in etl("shop", "extensions", "list", "--json").json if row["user_id"] != "0")
    number = extension["extension_number"]
    expected = [
        row["id"]
        for row in etl(*ALL).json
        if is_missed(row) and number in [target["target_number"] for target in row["call_targets"]]
    ]
    assert expected
    by_extension = etl(*LIST, "--missed", "--extension", number, "--json")
    assert ids(by_extension.json) == expected
    assert set(expected) <= set(ids(etl(*LIST, "--missed", "--user", extension["user_id"], "--json").json))
    assert ids(etl(*LIST, "--missed", "--extension", number, "--limit", "1", "--json").json) == expected[:1]


def test_employee_without_an_extension(at_peer: Any, peer: Any) -> None:
    """No call rings at an employee without an extension, so no call is read, and a note says why."""
    peer.always = lambda _: peer.json({"extensions": [{"extension_number": "1001", "user_id": "8"}]})
    note = "etelecom: this employee has no extension, so no call rang at one\n"
    assert at_peer(*LIST, "--missed", "--user", "7", "--json") == (0, "[]\n", note)
    assert at_peer(*LIST, "--missed", "--user", "7", "--quiet") == (0, "", "")
    assert not any("ListCallLogs" in request.path for request in peer.requests)


def test_extension(etl: Any) -> None:
    """An extension is named by its number."""
    row = next(row for row in etl(*ALL).json if row["extension_id"] != "0")
    extensions = etl("shop", "extensions", "list", "--json").json
    number = next(each["extension_number"] for each in extensions if each["id"] == row["extension_id"])
    expected = [each["id"] for each in etl(*ALL).json if each["extension_id"] == row["extension_id"]]
    assert ids(etl(*LIST, "--extension", number, "--json").json) == expected


def test_hotline(etl: Any) -> None:
    """A hotline is named by its number, its name or its id; a note says that the look-up is inferred."""
    hotline = etl("shop", "hotlines", "list", "--json", "--quiet").json[0]
    expected = etl(*ALL, "--hotline-ids", hotline["id"]).json
    assert expected
    for text in (hotline["hotline"], hotline["name"].upper(), hotline["id"]):
        result = etl(*LIST, "--hotline", text, "--json")
        assert result.json == expected
        assert result.err.startswith("etelecom: shop.hotlines.list finds the hotline; it is inferred")
    assert etl(*LIST, "--hotline", hotline["id"], "--json", "--quiet").err == ""


def test_number(etl: Any) -> None:
    """A number in any notation finds the calls from and to it, the newest first, each once."""
    caller = next(row["caller"] for row in etl(*ALL).json if row["direction"] == "in")
    expected = [row["id"] for row in etl(*ALL).json if caller in (row["caller"], row["callee"])]
    for text in phones.forms(caller):
        assert ids(etl(*LIST, "--number", text, "--json").json) == expected
    assert ids(etl(*LIST, "--number", caller, "--limit", "1", "--json").json) == expected[:1]


def call(number: int, minute: int | None, **fields: Any) -> dict[str, Any]:
    """Return a call log."""
    moment = datetime(2026, 11, 28, 10, tzinfo=times.VIETNAM) + timedelta(minutes=minute or 0)
    return {"id": str(number), "started_at": moment.isoformat() if minute is not None else None, **fields}


def test_forms_of_a_number_are_merged(at_peer: Any, peer: Any) -> None:
    """The calls of both forms of a number come in one order; calls without a time come last."""
    lists = {
        "0901234567": [call(5, 50), call(3, 30), call(1, None)],
        "84901234567": [call(6, 60), call(5, 50), call(2, 20)],
    }

    def respond(request: Any) -> Any:
        is_first = not (request.json.get("paging") or {}).get("after")
        return peer.json({"call_logs": lists[request.json["filter"]["call_number"]] if is_first else []})

    peer.always = respond
    assert ids(at_peer(*LIST, "--number", "0901234567", "--json").json) == ["6", "5", "3", "2", "1"]


def test_failed_list_of_a_number_has_no_checkpoint(at_peer: Any, peer: Any) -> None:
    """A list of one form cannot be resumed, so the error does not offer it. Its rows are printed."""
    first = {"call_logs": [call(1, 10)], "paging": {"next": "a"}}
    empty: dict[str, Any] = {"call_logs": []}
    peer.respond_with(peer.json(first), peer.json(empty), peer.refusal("not_found", 404))
    result = at_peer(*LIST, "--number", "0901234567", "--json")
    assert (result.code, ids(result.json)) == (3, ["1"])
    assert "The list ended after 1 rows." in result.err
    assert "--resume" not in result.err


def test_resume(at_peer: Any, peer: Any) -> None:
    """A list that ends early continues with the checkpoint of its error."""
    first = {"call_logs": [call(2, 20)], "paging": {"next": "a"}}
    peer.respond_with(peer.json(first), peer.refusal("not_found", 404))
    failed = at_peer(*LIST, "--day", "2026-11-28", "--json")
    assert (failed.code, ids(failed.json)) == (3, ["2"])
    checkpoint = failed.err.partition("Continue with --resume ")[2].strip()
    peer.respond_with(peer.json({"call_logs": [call(1, 10)]}))
    assert ids(at_peer(*LIST, "--day", "2026-11-28", "--json", "--resume", checkpoint).json) == ["1"]


def test_call_after_the_end_is_left_out(at_peer: Any, peer: Any) -> None:
    """A call that started at the midnight after a day belongs to the next day."""
    midnight = {"id": "9", "started_at": "2026-11-28T17:00:00Z"}
    last = {"id": "8", "started_at": "2026-11-28T16:59:59Z"}
    peer.respond_with(peer.json({"call_logs": [midnight, last]}))
    assert ids(at_peer(*LIST, "--day", "2026-11-28", "--limit", "2", "--json").json) == ["8"]
    assert peer.requests[0].json["filter"] == {
        "date_from": "2026-11-28T00:00:00+07:00",
        "date_to": "2026-11-29T00:00:00+07:00",
    }


def test_size_of_pages(at_peer: Any, peer: Any) -> None:
    """A small limit asks for a small page, except where rows are left out; `--page-size` wins."""

    def sizes(*options: str) -> list[Any]:
        peer.requests.clear()
        assert at_peer(*LIST, *options).code == 0
        calls = [request.json for request in peer.requests if "ListCallLogs" in request.path]
        return [(each.get("paging") or {}).get("limit") for each in calls]

    extension = {"id": "7", "extension_number": "1001"}
    peer.always = lambda request: peer.json(
        {"call_logs": []} if "ListCallLogs" in request.path else {"extensions": [extension]}
    )
    assert sizes("--limit", "5") == [5]
    assert sizes("--limit", "500") == [None]
    assert sizes("--limit", "5", "--page-size", "50") == [50]
    assert sizes("--missed", "--extension", "1001", "--limit", "5") == [None]


@pytest.mark.parametrize("option", ["--user", "--extension", "--hotline"])
def test_empty_text(at_peer: Any, peer: Any, option: str) -> None:
    """An empty text, as of an unset variable in a script, does not list all calls."""
    result = at_peer(*LIST, option, "")
    assert (result.code, result.out, peer.requests) == (2, "", [])
    assert f"'{option}': the text is empty" in result.err


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("--day foo", "'foo' names no day; write today, yesterday, -7d or 2026-11-28"),
        ("--day 2026-02-30", "2026-02-30 is not in the calendar"),
        ("--day yesterday --from today", "--day and --from exclude each other"),
        ("--day yesterday --to today", "--day and --to exclude each other"),
        ("--from today --to yesterday", "--from is not before --to: no time is in this period"),
        ("--from 25:00", "'25:00' is no time"),
        ("--missed --answered", "--missed and --answered exclude each other"),
        ("--missed --direction out", "--missed means calls from outside, so --direction must be in"),
        ("--user 1 --extension 1", "--user and --extension exclude each other"),
        ("--number 0901234567 --resume x", "--number and --resume exclude each other"),
        ("--number 12", "not a Vietnamese phone number (2 digits)"),
        ("--direction inn", "'inn' is not listed: did you mean 'in'?"),
        ("--mised", "No such option '--mised'. Did you mean '--missed'?"),
        ("--limit x", "'x' is no whole number"),
        ("--user Nobody", "--user 'Nobody' names no employee of this shop"),
        ("--user 0999999999", "--user '0999999999' names no employee of this shop"),
        ("--user Nguy", "--user 'Nguy' is not clear; give the id of one employee: Nguyễn "),
        ("--extension 99", "--extension '99' names no extension of this shop; there are: 10"),
        ("--hotline 0999999999 --quiet", "--hotline '0999999999' names no hotline of this shop; there are: "),
    ],
)
def test_wrong_input(etl: Any, line: str, problem: str) -> None:
    """Wrong input is a usage error in one line, and prints no data."""
    result = etl(*LIST, *line.split())
    assert (result.code, result.out, result.err.count("\n")) == (2, "", 1)
    assert problem in result.err


def test_help_defines_missed(tool: Any) -> None:
    """The help says which calls are missed, and which filter the group has."""
    text = " ".join(tool(*LIST, "--help").out.split())
    assert "Only missed calls: direction in and state not_answered." in text
    assert "list" in tool("calls", "--help").out
    assert "Did you mean 'list'?" in tool("calls", "lst").err


def test_dry_run(at_peer: Any, peer: Any) -> None:
    """`--dry-run` shows the request, and sends nothing."""
    result = at_peer(*LIST, "--missed", "--limit", "20", "--dry-run")
    assert (result.code, result.err, peer.requests) == (0, "", [])
    assert result.json["body"] == {
        "filter": {"direction": "in", "call_state": "not_answered"},
        "paging": {"limit": 20},
    }


def test_on_a_terminal(terminal: Any) -> None:
    """On a terminal it is a table with times of Hanoi."""
    code, shown = terminal(*LIST, "--missed", "--limit", "1", "--columns", "caller,call_state,started_at")
    assert code == 0
    assert "not_answered" in shown
    assert "Z" not in shown.splitlines()[1]
