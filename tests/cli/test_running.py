"""Test calls and lists of a command: pages, limits, streaming, and lists that end early."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from etelecom_async._core import logs
from etelecom_async.cli import exit_codes, running

if TYPE_CHECKING:
    from collections.abc import Callable

LIST = ("shop", "extensions", "list")


def page(peer: Any, start: int, count: int, following: str = "") -> Any:
    """Return a page of extensions."""
    rows = [{"id": str(number)} for number in range(start, start + count)]
    return peer.json({"extensions": rows, "paging": {"next": following}})


@pytest.mark.parametrize(
    ("arguments", "sizes"),
    [
        ((), [None, None]),
        (("--limit", "3"), [3]),
        (("--limit", "7"), [7, 7]),
        (("--limit", "3", "--page-size", "50"), [50]),
        (("--page-size", "2"), [2, 2]),
        (("--limit", "500"), [None, None]),
    ],
)
def test_limit_is_the_total(
    at_peer: Any, peer: Any, arguments: tuple[str, ...], sizes: list[int | None]
) -> None:
    """`--limit` is the number of rows in total, and asks for no more in a page; `--page-size` is the page."""
    peer.respond_with(page(peer, 0, 5, "a"), page(peer, 5, 5))
    result = at_peer(*LIST, *arguments, "--json")
    assert (result.code, result.err) == (0, "")
    limit = int(arguments[1]) if arguments[:1] == ("--limit",) else 10
    assert [row["id"] for row in result.json] == [str(number) for number in range(min(limit, 10))]
    assert [request.json.get("paging", {}).get("limit") for request in peer.requests] == sizes


def test_body_may_have_the_page_size(at_peer: Any, peer: Any) -> None:
    """The page size of `--body` stays if only `--limit` is given."""
    peer.respond_with(page(peer, 0, 1))
    at_peer(*LIST, "--limit", "1", "--body", "-", stdin='{"paging": {"limit": 9}}')
    assert peer.requests[0].json == {"paging": {"limit": 9}}


def test_list_that_ends_early(at_peer: Any, peer: Any) -> None:
    """Rows before an error are printed as a whole array; the line says how to continue, and that works."""
    refusal = peer.refusal("permission_denied", 403)
    peer.respond_with(page(peer, 0, 5, "a"), refusal)
    result = at_peer(*LIST, "--json")
    assert result.code == exit_codes.PARTLY_DONE
    assert [row["id"] for row in result.json] == ["0", "1", "2", "3", "4"]
    assert result.err.count("\n") == 1
    assert "The list ended after 5 rows. Continue with --resume " in result.err
    checkpoint = result.err.rpartition("--resume ")[2].strip().strip("'")
    peer.respond_with(page(peer, 5, 2))
    again = at_peer(*LIST, "--json", "--resume", checkpoint)
    assert (again.code, [row["id"] for row in again.json]) == (0, ["5", "6"])
    assert peer.requests[-1].json["paging"]["after"] == "a"


def test_list_that_fails_at_once(at_peer: Any, peer: Any) -> None:
    """An error before the first row is a failure of its own kind; the array is empty."""
    peer.respond_with(peer.refusal("unauthenticated", 401))
    result = at_peer(*LIST, "--json")
    assert (result.code, result.out) == (exit_codes.KEY, "[]\n")


def test_rows_are_written_as_they_come(
    start: Callable[..., Any], surroundings: dict[str, str], peer: Any
) -> None:
    """The rows of a page are on stdout before the next page comes, so a list of any length streams."""
    peer.respond_with(page(peer, 0, 100, "a"), peer.HANG)
    surroundings |= {"ETELECOM_BASE_URL": peer.base_url, "ETELECOM_SHOP_API_KEY": "1161512386239479010:key"}
    with start(*LIST, "--jsonl") as running:
        assert [json.loads(running.line())["id"] for _ in range(100)] == [
            str(number) for number in range(100)
        ]
        running.process.kill()


def test_table_on_a_terminal(terminal: Any) -> None:
    """On a terminal, a list is a table with times of Hanoi."""
    code, shown = terminal("shop", "call-logs", "list", "--limit", "2")
    assert code == 0
    assert "\x1b[1m" in shown
    assert "started_at" in shown
    assert "+07:00" not in shown


def test_secrets_of_a_pipe_and_a_terminal(etl: Any, terminal: Any, tmp_path: Any) -> None:
    """Secrets are masked in every format; `--reveal` shows them on a terminal or in a private file only."""
    columns = ("--columns", "id,extension_password", "--limit", "2")
    for style in ("--json", "--jsonl", "--csv"):
        masked = etl(*LIST, *columns, style)
        assert masked.out.count("****") == 2
    refused = etl(*LIST, *columns, "--reveal")
    assert (refused.code, refused.out) == (2, "")
    file = tmp_path / "keys.json"
    assert etl(*LIST, *columns, "--reveal", "--output", str(file)).out == ""
    passwords = [row["extension_password"] for row in json.loads(file.read_text(encoding="utf-8"))]
    assert "****" not in passwords
    terminal.environment["NO_COLOR"] = "1"
    code, shown = terminal(*LIST, *columns, "--reveal")
    assert code == 0
    assert "\x1b[3" not in shown
    assert all(password in shown for password in passwords)


def test_partial_request_takes_the_body(etl: Any) -> None:
    """An operation whose fields are known only in part takes its whole request from `--body`."""
    body = '{"name": "Trà sữa Mây", "email": "may@example.com", "phone": "0909000000"}'
    words = ("partner", "shops", "create", "--body", "-", "--columns", "shop.name", "--json")
    result = etl(*words, stdin=body)
    assert (result.code, result.json) == (0, {"shop.name": "Trà sữa Mây"})


def test_unknown_field_of_the_body(at_peer: Any, peer: Any) -> None:
    """A wrong field of the body is a usage error, and nothing is sent."""
    result = at_peer(*LIST, "--body", "-", stdin='{"pagin": {}}')
    assert (result.code, result.out, peer.requests) == (2, "", [])
    assert "unknown field 'pagin', did you mean 'paging'?" in result.err


def test_warning_is_a_note(at_peer: Any, peer: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A warning of the SDK is one line on stderr, without a line of Python code."""
    warnings.simplefilter("always")  # here warnings are errors; for users they are not

    def warn(_: Any) -> Any:
        warnings.warn("be\ncareful", stacklevel=1)

    monkeypatch.setattr(running, "watch_of", lambda _: warn)
    result = at_peer(*LIST)
    assert (result.code, result.err) == (0, "etelecom: be careful\n")
    assert len(peer.requests) == 1


def test_undecodable_text(at_peer: Any, peer: Any) -> None:
    """Half of a character in a response does not break the output."""
    for body in (rb'{"extensions": [{"id": "1", "state": "\ud800"}]}', b'{"extensions": [{"id": "1\xff"}]}'):
        peer.respond_with(peer.raw(body))
        result = at_peer(*LIST, "--json")
        assert result.code == 0, result
        assert result.json[0]["id"].startswith("1")


def test_upload(at_peer: Any, peer: Any, tmp_path: Any) -> None:
    """A file is uploaded; a missing one is a usage error before anything is sent."""
    (tmp_path / "a.png").write_bytes(b"png")
    words = ("shop", "zalo", "files", "upload", "--oa-id", "1", "--type", "image", "--file")
    assert at_peer(*words, str(tmp_path / "b.png")).code == 2
    assert peer.requests == []
    peer.respond_with(peer.json({"token": "7"}))
    assert at_peer(*words, str(tmp_path / "a.png")).code == 0
    assert b"png" in peer.requests[0].body


OPEN_LIST = ("zns", "templates", "list", "--oa-id", "1", "--type", "foo")


@pytest.mark.parametrize("filters", ["default", "error", "ignore"])
def test_unlisted_text_of_an_open_list(at_peer: Any, peer: Any, unwarned: Any, filters: Any) -> None:
    """A text that an open list does not have is sent, with one note, whatever the filter of warnings."""
    peer.always = lambda _: peer.json({"templates": []})
    with warnings.catch_warnings():
        warnings.simplefilter(filters)
        result = at_peer(*OPEN_LIST)
        assert (result.code, result.out) == (0, "")
        assert result.err == (
            "etelecom: TemplateType does not list 'foo'. The list is open, so the text is sent as it is.\n"
        )
        unwarned.clear()
        assert at_peer(*OPEN_LIST, "--quiet").err == ""
    assert [request.json["filter"]["type"] for request in peer.requests] == ["foo", "foo"]


def test_unlisted_text_of_a_body(at_peer: Any, peer: Any, unwarned: Any) -> None:
    """A text in the body is noted, too, also if the call is made by its wire name."""
    peer.always = lambda _: peer.json({"templates": []})
    body = '{"filter": {"oa_id": "1", "type": "vouchers"}}'
    for words in (("zns", "templates", "list"), ("api", "Zalo/ListTemplates", "--as", "shop")):
        unwarned.clear()
        result = at_peer(*words, "--body", "-", stdin=body)
        assert result.code == 0
        assert result.err == (
            "etelecom: TemplateType does not list 'vouchers': did you mean 'voucher'? The list is open, so "
            "the text is sent as it is.\n"
        )
    assert [request.json["filter"]["type"] for request in peer.requests] == ["vouchers", "vouchers"]


def test_log_is_not_shown(etelecom: Callable[..., Any], surroundings: dict[str, str], peer: Any) -> None:
    """In a process without a logging configuration, the error is the only line."""
    peer.always = lambda _: peer.DROP
    surroundings |= {"ETELECOM_BASE_URL": peer.base_url, "ETELECOM_SHOP_KEY": "shop1:key"}
    code, out, err = etelecom("shop", "tenant", "create")
    assert (code, out, err.count("\n")) == (exit_codes.FAILED, "", 1)
    assert "The server may have executed the call" in err


@pytest.mark.parametrize(("words", "notes"), [((), 1), (("--quiet",), 0)])
def test_pause_is_noted(at_peer: Any, peer: Any, words: tuple[str, ...], notes: int) -> None:
    """A person sees why a command waits; `--quiet` writes nothing of it."""

    def throttle(_: Any) -> Any:
        logs.paused("shop.extensions.list", 30.0)
        return page(peer, 0, 1)

    peer.always = throttle
    result = at_peer(*LIST, "--json", *words)
    assert (result.code, result.err.count("\n")) == (0, notes)
    assert result.err.count("etelecom: shop.extensions.list: the server asked for fewer calls") == notes


def test_no_leaves_the_file(terminal: Any, tmp_path: Path) -> None:
    """A user who answers no keeps the old file of `--output`; the file is not touched before the answer."""
    file = tmp_path / "result.json"
    file.write_text("old")
    asks = ("api", "Zalo/NewMethod", "--as", "shop", "--output", str(file))
    code, shown = terminal(*asks, answer="n\n", after="Continue?")
    assert (code, "you answered no; nothing was sent" in shown) == (1, True)
    assert (file.read_text(), list(tmp_path.glob("*.json"))) == ("old", [file])
