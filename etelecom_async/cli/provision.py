"""Define `etelecom provision`: the telephones of shops become as a spreadsheet says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import click

from etelecom_async.cli import options
from etelecom_async.cli.command import Command, Entry, Group, Option
from etelecom_async.cli.optional_packages import needs
from etelecom_async.cli.options import OUTPUT, REQUEST, SAFETY
from etelecom_async.cli.values import Count, Duration, InputFile, Numbers, OutputFile, Pair, Word

ROSTER: Final = "Roster"
PLAN: Final = "Plan"
JOB: Final = "Job"
_PLAN: Final = "Show what would change, and change nothing."
_APPLY: Final = "Make the changes of a roster or of a plan, each once."
_STATUS: Final = "Show what a job has done, also while it runs."
_EXPORT: Final = "Write the present employees and extensions as a roster."
_MOVE: Final = "Give extensions another hotline."
_KEYS: Final = (
    "One key of a shop, from --key-file, --shop or the environment, is enough for one shop. For several, "
    "--shop-keys names a file, or the keys come from the partner's key store."
)
_OPTIONAL: Final = {
    "charset_normalizer": "charset-normalizer",
    "filelock": "filelock",
    "python_calamine": "python-calamine",
    "xlsxwriter": "xlsxwriter",
}
"""Packages of the extra `provision`, by their modules."""


def command() -> Group:
    """Return the group."""
    return Group(
        "provision",
        {
            "plan": Entry(_PLAN, _plan),
            "apply": Entry(_APPLY, _apply),
            "status": Entry(_STATUS, _status),
            "export": Entry(_EXPORT, _export),
            "move": Entry(_MOVE, _move),
        },
        help=(
            "Set up employees and extensions (máy nhánh) from a spreadsheet, for one shop or many. "
            "docs/provisioning.md explains the spreadsheet."
        ),
        examples=[
            "etelecom provision plan employees.xlsx",
            "etelecom provision apply employees.xlsx",
            "etelecom provision export employees.xlsx",
        ],
    )


def _plan() -> Command:
    return Command(
        "plan",
        params=[
            click.Argument(["file"], type=click.Path(), metavar="FILE"),
            *_roster_options(),
            *_plan_options(),
            Option(
                "--out",
                type=OutputFile(),
                metavar="FILE",
                help="Write the plan to a file, for `provision apply`. Only you can read it.",
                section=PLAN,
            ),
            Option(
                "--detailed-exitcode",
                is_flag=True,
                help="End with exit code 3 if there is something to do.",
                section=OUTPUT,
            ),
            *_output_options("Write the plan as a JSON object."),
            *_key_options(),
        ],
        help=(
            f"{_PLAN}\n\nFILE is CSV or XLSX, with headings in English or Vietnamese: shop, full_name, "
            "phone, extension, hotline. All mistakes of the file come together, before the first call. Then "
            "the command reads what the shops have. It finds employees by their phones. "
            f"{_KEYS} A bad file ends with exit code 2."
        ),
        examples=[
            "etelecom provision plan employees.xlsx",
            "etelecom provision plan employees.csv --shop-keys keys.json --out plan.json",
            "etelecom provision plan employees.csv --map phone=Zalo --skip-bad bad.csv",
        ],
        callback=_callback("plan"),
    )


def _apply() -> Command:
    return Command(
        "apply",
        params=[
            click.Argument(["file"], type=click.Path(), metavar="FILE"),
            *_roster_options(),
            *_plan_options(),
            *_job_options(),
            *_ending_options(),
        ],
        help=(
            f"{_APPLY}\n\nFILE is a roster, or a plan of `provision plan --out`. The command reads what the "
            "shops have, asks, and makes the changes. The same command again continues: it repeats nothing "
            "that was done. Passwords of new employees are in the credentials file before they are sent. "
            f"{_KEYS} If not everything is done, the exit code is 3."
        ),
        examples=[
            "etelecom provision apply employees.xlsx",
            "etelecom provision apply plan.json --shop-keys keys.json --yes",
            "etelecom provision apply employees.xlsx --journal june.journal --credentials june.credentials",
        ],
        callback=_callback("apply"),
    )


def _status() -> Command:
    return Command(
        "status",
        params=[
            click.Argument(["journal"], type=click.Path(), metavar="JOURNAL"),
            _results_option(),
            *_output_options("Write the status as a JSON object."),
        ],
        help=f"{_STATUS}\n\nIt lists the changes that are not done, with row and reason. It makes no call.",
        examples=[
            "etelecom provision status employees.xlsx.journal",
            "etelecom provision status employees.xlsx.journal --results results.xlsx",
        ],
        callback=_callback("status"),
    )


def _export() -> Command:
    return Command(
        "export",
        params=[
            click.Argument(["file"], type=click.Path(), metavar="FILE"),
            *_output_options("Write the number of rows as a JSON object."),
            *_key_options(),
        ],
        help=(
            f"{_EXPORT}\n\nThe ending of FILE, .csv or .xlsx, chooses the format. Only you can read the "
            f"file. It has no passwords. A plan of it has no changes. {_KEYS}"
        ),
        examples=["etelecom provision export employees.xlsx"],
        callback=_callback("export"),
    )


def _move() -> Command:
    return Command(
        "move",
        params=[
            Option(
                "--to",
                "to_hotline",
                type=Word(),
                metavar="HOTLINE",
                required=True,
                help="New hotline: its number, name or id.",
                section=REQUEST,
            ),
            Option(
                "--from",
                "from_hotline",
                type=Word(),
                metavar="HOTLINE",
                help="Only extensions of this hotline.",
                section=REQUEST,
            ),
            Option(
                "--extensions",
                type=Numbers(),
                multiple=True,
                metavar="FROM-TO",
                help="Only these extensions, for example 1001 or 1001-1099; repeat it for several.",
                section=REQUEST,
            ),
            Option("--dry-run", is_flag=True, help="Show the plan, and change nothing.", section=SAFETY),
            _max_changes_option(),
            *_ending_options(has_shop_keys=False),
        ],
        help=(
            f"{_MOVE}\n\nName the extensions with --from, --extensions or both. Extensions that have the "
            "hotline already stay as they are. So a move that was stopped is repeated with the same command."
        ),
        examples=[
            "etelecom provision move --from 02873001234 --to 02473009999 --dry-run",
            "etelecom provision move --extensions 1001-1300 --to 'Tổng đài Mây'",
        ],
        callback=_callback("move"),
    )


def _callback(name: str) -> Callable[..., int]:
    def callback(**given: Any) -> int:
        return _run(name, given)

    return callback


def _run(name: str, given: dict[str, Any]) -> int:
    """
    Call a function of the module `provision_run`, and return the exit code.

    Raises:
        CommandError: A package is not installed, or as for that function.
    """
    with needs(_OPTIONAL, extra="provision", use="A spreadsheet"):
        from etelecom_async.cli import provision_run  # loads the client

        function: Callable[..., int] = getattr(provision_run, name)
        return function(given)


def _roster_options() -> list[click.Parameter]:
    return [
        Option(
            "--map",
            "mapping",
            type=Pair(),
            multiple=True,
            metavar="FIELD=COLUMN",
            help="Heading, or letters, of the column of a field, for example phone=Zalo or phone=D.",
            section=ROSTER,
        ),
        Option(
            "--sheet",
            type=Word(),
            metavar="NAME",
            help="Sheet of an XLSX file. Default: the first visible one.",
            section=ROSTER,
        ),
        Option(
            "--skip-bad",
            type=OutputFile(),
            metavar="FILE",
            help="Leave out rows with mistakes, and write them to this file (.csv or .xlsx).",
            section=ROSTER,
        ),
        Option(
            "--numbers",
            type=Numbers(has_shop=True),
            multiple=True,
            metavar="[SHOP=]FROM-TO",
            help="Numbers for extensions that say `auto`, for example 1001-1999.",
            section=ROSTER,
        ),
    ]


def _plan_options() -> list[click.Parameter]:
    return [
        Option(
            "--only",
            type=Word(),
            multiple=True,
            metavar="KIND|SHOP|KEY",
            help=(
                "Only these changes: of a kind, for example create_user, of a shop, or with the key of a "
                "step in --json. Repeat it for several. Changes that they need are made, too."
            ),
            section=PLAN,
        ),
        Option(
            "--prune",
            is_flag=True,
            help="Also take extensions that no row covers from their employees. Nothing is deleted.",
            section=PLAN,
        ),
        _max_changes_option(),
        Option(
            "--allow-large",
            is_flag=True,
            help="Allow a plan that moves or unassigns more than 30 % of the extensions.",
            section=SAFETY,
        ),
    ]


def _max_changes_option() -> Option:
    return Option(
        "--max-changes",
        type=Count(),
        metavar="N",
        help="Refuse a plan with more changes.",
        section=SAFETY,
    )


def _job_options() -> list[click.Parameter]:
    return [
        Option("--journal", metavar="FILE", help="File of the job. Default: FILE.journal.", section=JOB),
        Option(
            "--credentials",
            metavar="FILE",
            help=(
                "File for the passwords of new employees and extensions. Only you can read it. "
                "Default: FILE.credentials."
            ),
            section=JOB,
        ),
        Option(
            "--settle-after",
            type=Duration(),
            metavar="TIME",
            help=(
                "How long a proxy may hold a request, for example 10m. Calls in doubt are made again after "
                "that time."
            ),
            section=JOB,
        ),
        _results_option(),
    ]


def _results_option() -> Option:
    return Option(
        "--results",
        type=OutputFile(),
        metavar="FILE",
        help="Write a row for each change to a file: .csv, .xlsx or .json.",
        section=OUTPUT,
    )


def _ending_options(*, has_shop_keys: bool = True) -> list[click.Parameter]:
    return [
        Option("--yes", is_flag=True, help="Do not ask first. Needed without a terminal.", section=SAFETY),
        *_output_options("Write the numbers of changes by state as one line of JSON."),
        *_key_options(has_shop_keys=has_shop_keys),
    ]


def _output_options(doc: str) -> list[click.Parameter]:
    return [
        options.summary_option(doc),
        options.quiet_option(),
    ]


def _key_options(*, has_shop_keys: bool = True) -> list[click.Parameter]:
    found = options.connection_options(has_shop=True)
    if has_shop_keys:
        doc = 'JSON file with the keys of shops: {"<shop id, code or name>": "<key>"}.'
        option = Option("--shop-keys", type=InputFile(), metavar="FILE", help=doc, section=options.CONNECTION)
        found.insert(0, option)
    return found
