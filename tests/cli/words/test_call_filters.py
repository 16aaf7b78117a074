"""Test the options that choose calls, which `calls list` and `calls export` share."""

from __future__ import annotations

from typing import Any

import pytest

from etelecom_async.cli.command import CommandError
from etelecom_async.cli.words import calls
from etelecom_async.cli.words.call_filters import Chosen, note_inferred, options, refuse_pairs

NONE: dict[str, Any] = {
    "missed": False,
    "answered": False,
    "direction": None,
    "user": None,
    "extension": None,
    "hotline": None,
}


def test_both_commands_have_them() -> None:
    """Each option that chooses calls is one of `calls list` and of `calls export`."""
    names = {param.name for param in options(of_user="", of_extension="")}
    assert names == set(NONE)
    group = calls.command()
    for word in ("list", "export"):
        command = group.get_command(group.make_context("calls", [word]), word)
        assert command is not None
        assert names <= {param.name for param in command.params}


def test_look_ups() -> None:
    """An option that names something needs the operations that find it."""
    assert Chosen.of(NONE).lookups() == []
    assert Chosen.of({**NONE, "hotline": "1"}).lookups() == ["shop.hotlines.list"]
    assert Chosen.of({**NONE, "user": "1", "hotline": "1"}).lookups() == [
        "shop.users.list",
        "shop.extensions.list",
        "shop.hotlines.list",
    ]


@pytest.mark.parametrize("pair", [("missed", "answered"), ("user", "extension")])
def test_options_that_exclude_each_other(pair: tuple[str, str]) -> None:
    """Two options that no call can meet are a usage error."""
    with pytest.raises(CommandError, match=f"--{pair[0]} and --{pair[1]} exclude each other"):
        Chosen.of({**NONE, **dict.fromkeys(pair, "x")})
    with pytest.raises(CommandError, match="--from and --to exclude each other"):
        refuse_pairs({"date_from": 1, "date_to": 1}, [("date_from", "date_to")])


def test_note_about_hotlines(capsys: pytest.CaptureFixture[str]) -> None:
    """The note about an inferred operation goes to stderr; `--quiet` omits it."""
    note_inferred({"quiet": True}, "finds the hotline")
    assert capsys.readouterr() == ("", "")
    note_inferred({"quiet": False}, "finds the hotline")
    text = "shop.hotlines.list finds the hotline; it is inferred, not documented, and may fail"
    assert capsys.readouterr() == ("", f"etelecom: {text}\n")
