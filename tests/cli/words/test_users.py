"""Test `etelecom users`: the operations on users, and `users find`."""

from __future__ import annotations

from typing import Any

import pytest

from etelecom_async import phones

FIND = ("users", "find")


def some_user(etl: Any) -> dict[str, Any]:
    """Return a user of the sandbox."""
    user: dict[str, Any] = etl("users", "list", "--limit", "1", "--json").json[0]
    return user


def test_any_notation(etl: Any) -> None:
    """The user is found whatever the notation of the number, and shown once."""
    user = some_user(etl)
    normal = phones.normalize(user["phone"])
    national = phones.national(normal)
    for text in (normal, national, f"+84 {national[1:4]}-{national[4:7]}-{national[7:]}", national[1:]):
        result = etl(*FIND, text, "--json")
        assert (result.code, result.err) == (0, "")
        assert [found["user_id"] for found in result.json] == [user["user_id"]]


def test_formats(etl: Any) -> None:
    """In a pipe it is TSV; CSV, JSON lines and columns are as everywhere."""
    user = some_user(etl)
    phone = user["phone"]
    columns = ("user_id", "full_name", "phone", "email", "position")
    assert etl(*FIND, phone) == (0, "\t".join(user[name] for name in columns) + "\n", "")
    assert etl(*FIND, phone, "--columns", "full_name").out == f"{user['full_name']}\n"
    assert etl(*FIND, phone, "--csv").out.startswith("account_id,")
    assert etl(*FIND, phone, "--jsonl").json["user_id"] == user["user_id"]


def test_locale_without_vietnamese_letters(
    etelecom: Any, surroundings: dict[str, str], service: Any, etl: Any
) -> None:
    """A pipe gets UTF-8 also if the locale, as of an old cron job, has no Vietnamese letters."""
    user = some_user(etl)
    surroundings |= {**service.environment(), "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"}
    code, out, err = etelecom(*FIND, user["phone"], "--columns", "full_name")
    assert (code, out, err) == (0, f"{user['full_name']}\n", "")
    assert not out.isascii()


def test_nobody(etl: Any) -> None:
    """If nobody has the number, the list is empty, a note says so, and the exit code is 1."""
    note = "etelecom: no employee of this shop has this phone number\n"
    assert etl(*FIND, "0999999999") == (1, "", note)
    assert etl(*FIND, "0999999999", "--json") == (1, "[]\n", note)


def test_each_form_is_asked(at_peer: Any, peer: Any) -> None:
    """The service is asked for each form. Other users that it returns are not shown."""
    users = [
        {"user_id": "1", "phone": "0901234567"},
        {"user_id": "2", "phone": "0907654321"},
        {"user_id": "3"},
    ]

    def respond(request: Any) -> Any:
        is_first = request.json["filter"]["phone"] == "0901234567" and not request.json.get("paging")
        return peer.json({"account_users": users if is_first else []})

    peer.always = respond
    result = at_peer(*FIND, "+84901234567", "--json")
    assert [user["user_id"] for user in result.json] == ["1", "3"]
    asked = [request.json["filter"]["phone"] for request in peer.requests]
    assert set(asked) == {"0901234567", "84901234567"}
    assert at_peer(*FIND, "+84901234567", "--limit", "1", "--columns", "user_id").out == "1\n"


@pytest.mark.parametrize(
    ("arguments", "code", "problem"),
    [
        ([], 2, "Missing argument 'PHONE'"),
        (["12"], 2, "not a Vietnamese phone number (2 digits)"),
        (["0901234567", "0907654321"], 2, "unexpected extra argument"),
        (["0901234567 / 0907654321"], 2, "more than one phone number"),
        (["Lan"], 2, "a phone number has no letters"),
        (["0901234567", "--json", "--csv"], 2, "--json and --csv exclude each other"),
    ],
)
def test_wrong_input(etl: Any, arguments: list[str], code: int, problem: str) -> None:
    """Wrong input is one line."""
    result = etl(*FIND, *arguments)
    assert (result.code, result.out, result.err.count("\n")) == (code, "", 1)
    assert problem in result.err


def test_missing_key(tool: Any) -> None:
    """Without a key the exit code is 4."""
    result = tool(*FIND, "0901234567")
    assert (result.code, result.out) == (4, "")
    assert "ETELECOM_SHOP_API_KEY or ETELECOM_SHOP_KEY" in result.err


def test_key_of_another_kind(etl: Any) -> None:
    """The shop's own key may not list users; the line names the variable of the right key."""
    etl.set({"ETELECOM_SHOP_KEY": ""})
    result = etl(*FIND, "0901234567")
    assert (result.code, result.out) == (4, "")
    assert "ETELECOM_SHOP_KEY" in result.err


def test_dry_run(at_peer: Any, peer: Any) -> None:
    """`--dry-run` shows the first request, and sends nothing."""
    result = at_peer(*FIND, "0901 234 567", "--dry-run")
    assert (result.code, result.err, peer.requests) == (0, "", [])
    assert result.json["body"]["filter"] == {"phone": "0901234567"}


def test_operations_on_users(etl: Any) -> None:
    """`users` is also short for `shop users`."""
    assert etl("users", "list", "--json") == etl("shop", "users", "list", "--json")
    assert "\n  find  " in etl("users", "--help").out
    wrong = etl("users", "fnd")
    assert (wrong.code, wrong.out) == (2, "")
    assert "Did you mean 'find'?" in wrong.err


def test_on_a_terminal(terminal: Any, etl: Any) -> None:
    """On a terminal it is a table with a heading."""
    user = some_user(etl)
    code, shown = terminal(*FIND, user["phone"])
    assert code == 0
    assert "full_name" in shown
    assert user["full_name"] in shown
