"""Define `etelecom sandbox`: it runs the service on this machine until it is stopped; and its `trigger`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

import click

from etelecom_async import times
from etelecom_async.cli.command import CommandWithGroup, Entry, Option
from etelecom_async.cli.index import Enum
from etelecom_async.cli.values import Count, Listed

COUNTS: Final[Mapping[str, int]] = {
    "tenants": 3,
    "hotlines": 4,
    "users": 12,
    "extensions": 10,
    "call_logs": 250,
    "official_accounts": 3,
    "followers": 40,
    "zns_messages": 60,
    "sms_quota": 10_000,
}
"""
Default number of each kind of record, as in `sandbox.Content`.

The tests compare them. Loading `Content` for the help would take longer than the help itself.
"""
SEED: Final = 1
"""Default seed, as in `sandbox.Content`."""


class Rule(NamedTuple):
    """A rule that the documentation of the API leaves open."""

    name: str
    help: str
    default: str | int | tuple[str, ...]
    """Its type says which values the option takes; a tuple stands for an option that may be repeated."""
    choices: tuple[str, ...] = ()


RULES: Final = (
    Rule(
        "call_time",
        "the time of a call that date_from and date_to compare",
        default="created_at",
        choices=("created_at", "started_at"),
    ),
    Rule("include_date_from", "include records of exactly the time date_from", default=True),
    Rule("include_date_to", "include records of exactly the time date_to", default=True),
    Rule("page_size", "rows of a page without a limit", default=100),
    Rule("max_page_size", "rows of the largest page", default=100),
    Rule(
        "larger_limit",
        "what happens to a limit above the largest page",
        default="lowered",
        choices=("lowered", "rejected"),
    ),
    Rule(
        "order",
        "order of a list without sort",
        default="newest_first",
        choices=("newest_first", "oldest_first"),
    ),
    Rule(
        "last_page",
        "whether the last page with rows has a next cursor",
        default="has_next",
        choices=("has_next", "has_no_next"),
    ),
    Rule("unpaged", "a list that returns all its rows without paging, by name", default=()),
)
"""
The rules, as in `sandbox.Rules`.

The tests compare them. Loading `Rules` for the help would take too long, too.
"""

_NOUNS: Final = {
    **{name: f"{name.replace('_', ' ')} of the first shop" for name in ("users", "extensions", "call_logs")},
    "zns_messages": "ZNS messages",
    "sms_quota": "messages that the SMS service accepts",
}
"""What an option counts, if its name does not say so."""
_LAST_PORT: Final = 65535
_LARGEST: Final = 2**63
_ADDRESS: Final = "Address"
_CONTENT: Final = "Content"
_RULES: Final = "Rules that the documentation leaves open"
_WEBHOOKS: Final = "Webhooks"
_COUNT: Final = Count()


class _Day(click.ParamType[datetime]):
    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Return the first moment of the day."""
        if isinstance(value, datetime):
            return value
        try:
            return times.day(value).begin
        except ValueError as error:
            self.fail(str(error), param, ctx)


def command() -> CommandWithGroup:
    """Return the command."""
    return CommandWithGroup(
        "sandbox",
        {"trigger": Entry("Make an event in a running sandbox, for a webhook.", _trigger)},
        params=[*_address(), *_content(), *map(_rule, RULES), *_webhooks(), *_behaviour()],
        help=(
            "Run the eTelecom API on this machine with invented data, and print the environment variables to "
            "use it. Ctrl-C stops it."
        ),
        examples=[
            "etelecom sandbox",
            "etelecom sandbox --port 8080 --data state.db --call-logs 10000",
            "etelecom sandbox trigger call_log --caller 0912345678",
        ],
        subcommand_metavar="[trigger EVENT ...]",
        run=_run,
    )


def _trigger() -> click.Command:
    from etelecom_async.cli import sandbox_trigger

    return sandbox_trigger.command()


def _run(**given: Any) -> int:
    from etelecom_async.cli import sandbox_run  # loads the sandbox

    return sandbox_run.run(given)


def _address() -> list[click.Parameter]:
    return [
        Option(
            "--port",
            type=Count(most=_LAST_PORT),
            metavar="N",
            default=0,
            help="Port to listen on. Default: a free port.",
            section=_ADDRESS,
        ),
        Option("--host", help="Address to listen on. Default: 127.0.0.1.", section=_ADDRESS),
        Option(
            "--allow-remote",
            is_flag=True,
            help="Accept other machines: listen on all addresses, or on --host; the keys are random.",
            section=_ADDRESS,
        ),
        Option(
            "--allow-host",
            multiple=True,
            metavar="NAME",
            help="Accept requests to this name of the machine; may be repeated.",
            section=_ADDRESS,
        ),
    ]


def _content() -> list[click.Parameter]:
    options: list[click.Parameter] = [
        Option(
            "--data",
            type=click.Path(path_type=Path),
            metavar="FILE",
            help="Keep the state in this file. A file that already has a state is used without new data. One "
            "sandbox at a time can use it.",
            section=_CONTENT,
        ),
        Option(
            "--seed",
            type=Count(least=-_LARGEST),
            metavar="N",
            default=SEED,
            help="On the same day, the same number gives the same records and keys; keys are random with "
            f"--allow-remote. Default: {SEED}.",
            section=_CONTENT,
        ),
        Option(
            "--until",
            type=_Day(),
            metavar="DATE",
            help="The invented history ends before this day: 2026-11-30, yesterday or -7d. Default: today.",
            section=_CONTENT,
        ),
        Option(
            "--content",
            type=click.Path(path_type=Path),
            metavar="FILE",
            help="Add the records in this JSON or YAML file to a new sandbox.",
            section=_CONTENT,
        ),
    ]
    for name, number in COUNTS.items():
        doc = f"Number of {_NOUNS.get(name, name.replace('_', ' '))}. Default: {number}."
        flag = f"--{name.replace('_', '-')}"
        options.append(Option(flag, type=_COUNT, metavar="N", default=number, help=doc, section=_CONTENT))
    return options


def _rule(rule: Rule) -> click.Parameter:
    """Return the option of a rule; the value of an option that is missing is `None`, or empty."""
    flag = f"--{rule.name.replace('_', '-')}"
    text, default = f"{rule.help[0].upper()}{rule.help[1:]}", str(rule.default)
    settings: dict[str, Any]
    if isinstance(rule.default, bool):
        flag, default = f"{flag}/--no-{flag.removeprefix('--')}", "yes" if rule.default else "no"
        settings = {"default": None}
    elif isinstance(rule.default, int):
        settings = {"type": _COUNT, "metavar": "N"}
    elif isinstance(rule.default, str):
        settings = {"type": Listed(Enum({word: word for word in rule.choices}, is_complete=True))}
    else:
        text = f"{text}; may be repeated"
        settings = {"multiple": True, "metavar": "NAME"}
    end = f" Default: {default}." if rule.default != () else ""
    return Option(flag, help=f"{text}.{end}", section=_RULES, **settings)


def _webhooks() -> list[click.Parameter]:
    return [
        Option(
            "--sms-webhook",
            metavar="URL",
            help="Post the final state of each SMS to this URL.",
            section=_WEBHOOKS,
        ),
        Option(
            "--allow-remote-webhooks",
            is_flag=True,
            help="Post events to other machines, too, not only to this one.",
            section=_WEBHOOKS,
        ),
    ]


def _behaviour() -> list[click.Parameter]:
    return [
        Option(
            "--allow-duplicates",
            is_flag=True,
            help="Accept a number that another employee, extension or hotline has.",
        ),
        Option(
            "--strict",
            is_flag=True,
            help="Accept requests in the documented form only, not as public programs send them.",
        ),
        Option(
            "--chaos",
            type=click.Path(path_type=Path),
            metavar="FILE",
            help="Inject the faults in this TOML or JSON file.",
        ),
        Option("--json", is_flag=True, help="Print one line of JSON when the sandbox listens."),
    ]
