"""Test `etelecom explain`: codes and states without a network."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest

from etelecom_async._core.codec.zalo_codes import REMEDIES, ZALO
from etelecom_async._generated.states import STATES
from etelecom_async.cli.words.explain import explanations
from etelecom_async.errors import APIError

TWIRP = {kind.code: kind for kind in APIError.__subclasses__() if kind.code}


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("-118", ["-118"]),
        ("118", ["-118"]),
        ("-3", ["-3"]),
        ("1", ["1"]),
        ("not_found", ["not_found"]),
        ("NOT FOUND", ["not_found"]),
        ("not-found", ["not_found"]),
        ("NotFoundError", ["not_found"]),
        ("404", ["not_found", "bad_route"]),
        ("429", ["resource_exhausted"]),
        ("fail", ["FAIL"]),
        ("NS", ["NS"]),
        ("seen", ["seen"]),
    ],
)
def test_code(tool: Any, text: str, codes: list[str]) -> None:
    """A code is found in any notation, also by its HTTP status or by the error's name in Python."""
    result = tool("explain", text, "--json")
    assert (result.code, result.err) == (0, "")
    assert [row["code"] for row in result.json] == codes
    assert all(row["meaning"] for row in result.json)


def test_words_of_a_code(tool: Any) -> None:
    """A code has its meaning and a remedy in words of commands; in a pipe it is TSV."""
    zalo = f"-118\tZNS error\t{ZALO[-118].capitalize()}.\t{REMEDIES[-118]}\n".replace("zalo", "Zalo")
    assert tool("explain", "-118") == (0, zalo, "")
    limit = tool("explain", "resource_exhausted", "--json").json[0]
    assert limit == {
        "code": "resource_exhausted",
        "kind": "API error",
        "http_status": 429,
        "meaning": "Too many calls; refused before any work.",
        "what_to_do": "The call was not executed. Wait, and send fewer calls at a time.",
    }
    assert tool("explain", "internal", "--columns", "what_to_do").out.startswith(
        "The server may have executed"
    )
    assert tool("explain", "-6", "--columns", "what_to_do").out == (
        "`etelecom sms templates list` lists the account's templates.\n"
    )


@pytest.mark.parametrize(
    ("status", "meaning", "what_to_do"),
    [
        ("502", "Bad Gateway.", "The server may have executed the call"),
        ("415", "Unsupported Media Type.", "The call was not executed."),
    ],
)
def test_status_without_a_code(tool: Any, status: str, meaning: str, what_to_do: str) -> None:
    """An HTTP status that no code of the API has is explained, too: proxies send such ones."""
    (row,) = tool("explain", status, "--json").json
    assert (row["code"], row["kind"], row["http_status"]) == (status, "HTTP status", int(status))
    assert row["meaning"].startswith(meaning)
    assert row["what_to_do"].startswith(what_to_do)


def test_text_with_several_meanings(tool: Any) -> None:
    """A letter has another meaning for each kind of object, and all are shown."""
    rows = tool("explain", "P", "--json").json
    assert {row["kind"]: row["meaning"] for row in rows} == {
        "consent reply status": "Agreed.",
        "consent status": "Success.",
        "extension state": "Still valid.",
        "journey status": "Enabled.",
        "OA status": "Connected.",
        "tenant status": "Enabled.",
        "ZNS message status": "The table says enabled (inferred: sent).",
    }


def test_all(tool: Any) -> None:
    """Without a code, it lists every code of the API and of Zalo, and every state, each as one row."""
    result = tool("explain", "--csv")
    assert (result.code, result.err) == (0, "")
    rows = list(csv.DictReader(io.StringIO(result.out)))
    states = [value for values in STATES.values() for value in values]
    assert [row["code"] for row in rows] == [*TWIRP, *map(str, ZALO), *states]
    assert {row["code"]: row["http_status"] for row in rows if row["kind"] == "API error"} == {
        code: str(kind.status) for code, kind in TWIRP.items()
    }
    assert all(row["meaning"] for row in rows)


def test_errors_have_a_remedy() -> None:
    """Each error, each refusal of an SMS and each failed state says what to do, in no words of Python."""
    failed = {("SMS delivery status", "FAIL"), ("ZNS message status", "N"), ("consent status", "N")}
    for row in explanations():
        if row.kind in ("API error", "ZNS error") or (row.kind, row.code) in failed or row.code[0] == "-":
            assert row.what_to_do
        assert "()" not in row.what_to_do
        assert "await" not in row.what_to_do


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["notfund"], "'notfund' is not a known code or state. Did you mean 'not_found'?"),
        (["-1181"], "Did you mean '-118'"),
        (["599"], "'599' is not a known code or state. All of them: etelecom explain"),
        (["200"], "'200' is not a known code or state. All of them: etelecom explain"),
        (["zzz"], "'zzz' is not a known code or state. All of them: etelecom explain"),
        ([""], "'' is not a known code or state."),
        (["--jsn"], "No such option '--jsn'. Did you mean '--json'"),
        (["-x"], "No such option '-x'."),
        (["a", "b"], "unexpected extra argument"),
        (["P", "--columns", "cod"], "no column 'cod'. Did you mean 'code'?"),
    ],
)
def test_wrong_input(tool: Any, arguments: list[str], problem: str) -> None:
    """An unknown code is a usage error in one line that names similar ones."""
    result = tool("explain", *arguments)
    assert (result.code, result.out, result.err.count("\n")) == (2, "", 1)
    assert problem in result.err


def test_completion(tool: Any) -> None:
    """Tab completes codes."""
    variables = {"COMP_WORDS": "etelecom explain not_", "COMP_CWORD": "2"}
    tool.set({"_ETELECOM_COMPLETE": "bash_complete", **variables})
    assert tool().out.split() == ["plain,not_found", "plain,not_answered"]


def test_on_a_terminal(terminal: Any) -> None:
    """On a terminal it is a table, whose heading has the names of the columns."""
    code, shown = terminal("explain", "FAIL")
    assert code == 0
    assert [word in shown for word in ("what_to_do", "SMS delivery status", "Failed.")] == [True] * 3
