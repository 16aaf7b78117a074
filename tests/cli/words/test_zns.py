"""Test `etelecom zns`: the operations on ZNS, and `zns status`."""

from __future__ import annotations

from typing import Any

import pytest

from etelecom_async import phones
from etelecom_async._core.codec.zalo_codes import ZALO

STATUS = ("zns", "status")


def some_message(etl: Any, *, has_failed: bool = False) -> dict[str, Any]:
    """Return a message of the sandbox."""
    accounts = etl("zalo", "accounts", "list", "--json").json
    messages = [
        message
        for account in accounts
        for message in etl("zns", "messages", "list", "--oa-id", account["oa_id"], "--json").json
    ]
    return next(message for message in messages if bool(message["error_code"]) == has_failed)


def test_by_phone(etl: Any) -> None:
    """The messages to a number in any notation are shown, the newest first."""
    message = some_message(etl)
    account = ("--oa-id", message["oa_id"])
    expected = etl("zns", "messages", "list", *account, "--phone", message["phone"], "--json").json
    expected.sort(key=lambda row: row["created_at"], reverse=True)
    for text in phones.forms(message["phone"]):
        result = etl(*STATUS, "--phone", text, *account, "--json", "--quiet")
        assert (result.code, result.err) == (0, "")
        assert [row["id"] for row in result.json] == [row["id"] for row in expected]
    one = etl(*STATUS, "--phone", message["phone"], *account, "--json", "--quiet", "--limit", "1")
    assert one.json == expected[:1]


def test_by_tracking_id(etl: Any) -> None:
    """The message with a tracking id is shown, in a pipe as TSV."""
    message = some_message(etl)
    options = ("--tracking-id", message["tracking_id"], "--oa-id", message["oa_id"])
    result = etl(*STATUS, *options, "--columns", "msg_id,status,delivery_status")
    assert result == (0, f"{message['msg_id']}\t{message['status']}\t{message['delivery_status']}\n", "")
    assert etl(*STATUS, *options, "--limit", "1", "--json").json == [message]


def test_failed_message_is_explained(etl: Any) -> None:
    """A note says what the error code means, and which command says what to do; `--quiet` omits it."""
    message = some_message(etl, has_failed=True)
    options = (
        "--tracking-id",
        message["tracking_id"],
        "--oa-id",
        message["oa_id"],
        "--columns",
        "error_code",
    )
    code = message["error_code"]
    expected = f"etelecom: error_code {code}: {ZALO[code]}. What to do: etelecom explain {code}\n"
    assert etl(*STATUS, *options) == (0, f"{code}\n", expected)
    assert etl(*STATUS, *options, "--quiet") == (0, f"{code}\n", "")


def test_only_account_is_found(at_peer: Any, peer: Any) -> None:
    """The account is found if the shop has exactly one."""
    message = {"id": "1", "oa_id": "77", "status": "N", "error_code": -9999}
    peer.respond_with(
        peer.json({"accounts": [{"oa_id": "77", "name": "Mây"}]}),
        peer.json({"messages": [message]}),
    )
    result = at_peer(*STATUS, "--tracking-id", "invoice-1", "--json")
    assert (result.code, result.json[0]["id"]) == (0, "1")
    assert result.err == "etelecom: error_code -9999: not listed. What to do: etelecom explain -9999\n"
    assert peer.requests[1].json["filter"] == {"oa_id": "77", "tracking_id": "invoice-1"}


def test_several_accounts(etl: Any) -> None:
    """With several accounts, the usage error lists all of them."""
    result = etl(*STATUS, "--phone", "0901234567")
    accounts = etl("zalo", "accounts", "list", "--json").json
    choices = ", ".join(f"{account['oa_id']} ({account['name']})" for account in accounts)
    assert (result.code, result.out) == (2, "")
    assert result.err == (
        f"etelecom: the shop has {len(accounts)} official accounts; choose one with --oa-id: {choices}\n"
    )


def test_no_account(at_peer: Any, peer: Any) -> None:
    """A shop without an account is told so."""
    peer.always = lambda _: peer.json({"accounts": []})
    result = at_peer(*STATUS, "--phone", "0901234567")
    assert (result.code, result.out) == (2, "")
    assert result.err == "etelecom: the shop has no official account: connect one at eTelecom first\n"


def test_no_message(etl: Any) -> None:
    """If there is no message, the list is empty, a note says so, and the exit code is 1."""
    account = etl("zalo", "accounts", "list", "--json").json[0]["oa_id"]
    result = etl(*STATUS, "--tracking-id", "nothing", "--oa-id", account, "--json")
    assert result == (1, "[]\n", "etelecom: there is no such message\n")


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ([], "give either --phone or --tracking-id"),
        (["--phone", "0901234567", "--tracking-id", "a"], "give either --phone or --tracking-id"),
        (["--tracking-id", " "], "'--tracking-id': the text is empty"),
        (["--phone", "0901234567", "--oa-id", ""], "'--oa-id': the text is empty"),
        (["--phone", "1"], "not a Vietnamese phone number"),
        (["--fone", "1"], "No such option '--fone'. Did you mean '--phone'?"),
        (["invoice-1"], "unexpected extra argument"),
    ],
)
def test_wrong_input(etl: Any, arguments: list[str], problem: str) -> None:
    """Wrong input is a usage error in one line."""
    result = etl(*STATUS, *arguments)
    assert (result.code, result.out, result.err.count("\n")) == (2, "", 1)
    assert problem in result.err


def test_operations_on_zns(etl: Any) -> None:
    """`zns` is still short for `shop zns`, and its help lists `status`."""
    assert "\n  status  " in etl("zns", "--help").out.replace("status     ", "status  ")
    assert etl("zns", "messages", "list", "--help").code == 0


def test_on_a_terminal(terminal: Any, etl: Any) -> None:
    """On a terminal it is a table with state, delivery and error code."""
    message = some_message(etl)
    code, shown = terminal(*STATUS, "--tracking-id", message["tracking_id"], "--oa-id", message["oa_id"])
    assert code == 0
    assert [name in shown for name in ("status", "delivery_status", "error_code")] == [True] * 3
