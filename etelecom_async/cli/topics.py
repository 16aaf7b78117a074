"""Define `etelecom help`: help about a command, or about a topic that concerns all of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import click

from etelecom_async.cli import exit_codes
from etelecom_async.cli.command import Command, did_you_mean

_KEYS: Final = """\
Keys are never arguments. They come from the first of these places:

  1. a file (--key-file FILE, or - for stdin), or the key store (--shop NAME|ID)
  2. the environment
  3. the profile (--profile NAME, ETELECOM_PROFILE, or the default one), which `etelecom auth login` writes
  4. the keyring of the system, if the profile says so

These variables and commands belong together:

  etelecom partner …   ETELECOM_PARTNER_API_KEY
  etelecom shop …      ETELECOM_SHOP_API_KEY, the shop's own key, or
                       ETELECOM_SHOP_KEY, the partner's key for the shop.
                       If both are set, the one whose kind the documentation names for the operation.
  etelecom sms …       ETELECOM_SMS_USERNAME and ETELECOM_SMS_PASSWORD
  etelecom account, etelecom webhooks …   the key of --as shop or --as partner

The URL comes from --base-url, from ETELECOM_BASE_URL (for SMS: ETELECOM_SMS_BASE_URL), from the profile, or
is eTelecom's. `etelecom config list` shows each value and where it comes from.
`etelecom sandbox` prints all these variables for a service on this machine."""

_TIMES: Final = """\
An option that takes a time takes a day of Hanoi or a time:

  2026-11-28, today, yesterday, -7d      a day; -7d is the day seven days ago
  2026-11-28T09:30                       a time of Hanoi
  2026-11-28T02:30Z                      a time with an offset

For an option that ends in -to, a day stands for its end: the midnight after it. For others, for its start.
So --date-from yesterday --date-to yesterday is the whole day."""

_OUTPUT: Final = """\
Results go to stdout; notes, questions and errors go to stderr.

  on a terminal    a table; times are those of Hanoi
  in a pipe        TSV: columns separated by tabs, without a heading;
                   \\t, \\n, \\r and \\\\ stand for those characters
  --json           an object, or one array for a list, with the field names of the API
  --jsonl          one object a line
  --csv            a heading and all columns
  --columns a,b.c  these columns only, in any format; scripts should name theirs

In TSV and CSV, a text that a spreadsheet would take for a formula starts with an apostrophe.
Secrets are shown as ****. --reveal shows them on a terminal, or in a file that only you can read
(--output FILE makes one). NO_COLOR=1 turns colours off."""


def _exit_codes() -> str:
    return "\n".join(f"{code:>4}  {meaning}" for code, meaning in exit_codes.MEANINGS.items())


TOPICS: Final[Mapping[str, tuple[str, Callable[[], str]]]] = {
    "exit-codes": ("what the exit codes mean", _exit_codes),
    "keys": ("where keys come from", lambda: _KEYS),
    "output": ("formats, secrets, streams", lambda: _OUTPUT),
    "times": ("how to write times and days", lambda: _TIMES),
}
"""A summary and a text for each topic."""


def command() -> Command:
    """Return the command."""
    topics = "\n\n".join(f"{name}: {summary}." for name, (summary, _) in TOPICS.items())
    return Command(
        "help",
        params=[click.Argument(["words"], nargs=-1, metavar="[TOPIC | COMMAND ...]")],
        help=f"Explain a topic or a command. Topics:\n\n{topics}",
        examples=["etelecom help exit-codes", "etelecom help shop extensions list"],
        callback=_run,
    )


def _run(words: Sequence[str]) -> int:
    if len(words) == 1 and words[0] in TOPICS:
        print(TOPICS[words[0]][1]())
        return exit_codes.DONE
    print(_help_of(words))
    return exit_codes.DONE


def _help_of(words: Sequence[str]) -> str:
    parent = click.get_current_context().find_root()
    found: Any = parent.command
    context = parent
    for word in words:
        inner = found.get_command(context, word) if isinstance(found, click.Group) else None
        if inner is None:
            known = found.list_commands(context) if isinstance(found, click.Group) else []
            if found is parent.command:
                known = [*known, *TOPICS]
            raise click.UsageError(f"No such command or topic {word!r}{did_you_mean(word, known)}", parent)
        context = click.Context(inner, info_name=word, parent=context, **inner.context_settings)
        found = inner
    return str(found.get_help(context))
