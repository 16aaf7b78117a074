"""Test the output for users and for programs."""

from __future__ import annotations

import io
import subprocess

import pytest

from etelecom_async.cli.console import Quiet, Screen, export_lines


def test_quiet_shows_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    """For programs, neither lines nor progress are shown."""
    quiet = Quiet()
    quiet.say("a line")
    with quiet.bar("calls", 2) as advance:
        advance(2)
    with quiet.share() as show:
        show("calls", 0.5, "2 rows")
    assert capsys.readouterr() == ("", "")


def test_lines_are_plain_without_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """Without a terminal, lines are not wrapped, coloured or read as markup, and there is no progress bar."""
    screen = Screen()
    line = f"[bold]{'x' * 200}[/bold] 1234 http://127.0.0.1"
    screen.say(line)
    with screen.bar("calls", 2) as advance:
        advance(2)
    with screen.share() as show:
        show("calls", 0.5, "2 rows")
    assert capsys.readouterr() == (f"{line}\n", "")


def test_share_on_a_terminal() -> None:
    """A terminal shows label, share and text as they are, without markup; nothing stays at the end."""
    shown = Shown()
    with Screen(shown).share() as show:
        show("[bold]calls[/bold]", 0.5, "2 rows")
    for text in ("[bold]calls[/bold]", "50%", "2 rows"):
        assert text in shown.getvalue()


class Shown(io.StringIO):
    """A terminal in memory."""

    def isatty(self) -> bool:
        """Return that it is a terminal."""
        return True


def test_table_has_every_value(capsys: pytest.CaptureFixture[str]) -> None:
    """A table shows the sections in order, each with its heading, names and values."""
    Screen().table({"fruit": {"apples": 3, "pears": "0.50"}, "birds": {"owls": 12}})
    rows = [line.strip("│ \n").split() for line in capsys.readouterr().out.splitlines() if "│" in line]
    cells = [[cell for cell in row if cell != "│"] for row in rows]
    assert cells == [["fruit"], ["apples", "3"], ["pears", "0.50"], ["birds"], ["owls", "12"]]


def test_export_lines_in_a_shell() -> None:
    """A shell that runs the lines sets exactly the given values, with any characters."""
    environment = {"ETELECOM_BASE_URL": "http://[::1]:80/v1", "ETELECOM_SMS_PASSWORD": 'it\'s $HOME; "x" `y`'}
    script = f'{export_lines(environment)}\nprintf \'%s\\n\' "$ETELECOM_BASE_URL" "$ETELECOM_SMS_PASSWORD"'
    done = subprocess.run(["sh", "-c", script], capture_output=True, check=True, text=True)
    assert done.stdout.splitlines() == list(environment.values())
