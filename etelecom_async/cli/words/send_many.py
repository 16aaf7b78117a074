"""Define `etelecom zns send-many` and `etelecom sms send-many`: a message for each row of a CSV file."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import click

from etelecom_async.cli import options
from etelecom_async.cli.command import Command, Option
from etelecom_async.cli.optional_packages import needs
from etelecom_async.cli.options import REQUEST, SAFETY
from etelecom_async.cli.values import Count, Duration, OutputFile, Pair, Phone, Word

JOB: Final = "Job"
ZNS: Final = "zns"
SMS: Final = "sms"
_OA: Final = "Official account's id. Default: the shop's account, if it has only one."
_COMMON: Final = (
    "All rows are checked before the first message. The first line of FILE names the columns. A column has "
    "the name of its variable in the template, or --column says which it is; other columns are ignored. The "
    "key column identifies each message, for example by the number of an invoice. Running the command again "
    "continues the job: it sends only what was not sent. If some messages were not sent, the exit code is 3."
)
_HELP: Final = {
    ZNS: (
        f"Send a ZNS for each row of a CSV file, each once.\n\n{_COMMON} A message in doubt is looked up by "
        "its key, which is its tracking id. --dry-run reads the template, and checks everything. "
        "Key: shop_api_key or partner_shop_key. Wire: Zalo/SendZNS."
    ),
    SMS: (
        f"Send an SMS for each row of a CSV file.\n\n{_COMMON} Without --column, all columns besides key and "
        "phone number are variables. The SMS service has no list of messages. So one in doubt is not looked "
        "up, and is sent again only with --resend-unknown. Key: username_password. "
        "Wire: OmniMessage/SendMessage."
    ),
}
_EXAMPLES: Final = {
    ZNS: [
        "etelecom zns send-many invoices.csv --template 377385 --key-column invoice --dry-run",
        "etelecom zns send-many invoices.csv --template 377385 --key-column invoice --test-to 0901234567",
        "etelecom zns send-many invoices.csv --template 377385 --key-column invoice --column amount=total",
    ],
    SMS: [
        "etelecom sms send-many codes.csv --template OTP --routerule 3 --key-column id --column otp=code",
    ],
}


def oa_option() -> Option:
    """Return the option for the official account, which has a default."""
    return Option("--oa-id", type=Word(), metavar="ID", help=_OA, section=REQUEST)


def command(kind: str) -> Command:
    """
    Return the command.

    Args:
        kind: `zns` or `sms`.
    """
    params: list[click.Parameter] = [
        click.Argument(["file"], type=click.Path(), metavar="FILE"),
        *_request_options(kind),
        *job_options(),
        Option("--journal", metavar="FILE", help="File of the job. Default: FILE.journal.", section=JOB),
        Option(
            "--ledger",
            metavar="FILE",
            help=(
                "File with all keys that were sent, by any job. Default: sent.ledger in the folder of the "
                "profiles; none for a service on this machine."
            ),
            section=JOB,
        ),
        Option("--limit", type=Count(least=1), metavar="N", help="Only the first N rows.", section=JOB),
        Option(
            "--test-to",
            type=Phone(),
            help="Send only one message, that of the first row, to this phone number, as a test.",
            section=SAFETY,
        ),
        Option("--dry-run", is_flag=True, help="Check everything, and send no message.", section=SAFETY),
        *ending_options(has_shop=kind == ZNS),
    ]

    def callback(**given: Any) -> int:
        return run_job("send_many", kind, given)

    return Command("send-many", params=params, help=_HELP[kind], examples=_EXAMPLES[kind], callback=callback)


def run_job(name: str, *arguments: Any) -> int:
    """
    Call a function of the module `jobs`, and return the exit code.

    Raises:
        CommandError: A package is not installed, or as for that function.
    """
    with needs({"filelock": "filelock"}, extra="bulk", use="A job"):
        from etelecom_async.cli import jobs  # loads the client
    function: Callable[..., int] = getattr(jobs, name)
    return function(*arguments)


def _request_options(kind: str) -> list[click.Parameter]:
    named = "Zalo's id of the template." if kind == ZNS else "Code of the template."
    params: list[click.Parameter] = [
        Option(
            "--template",
            type=Count(least=1) if kind == ZNS else Word(),
            metavar="T",
            required=True,
            help=named,
            section=REQUEST,
        ),
        Option(
            "--key-column",
            type=Word(),
            metavar="NAME",
            required=True,
            help="Column with the key of each message. It is stored, so it must not be a phone number.",
            section=REQUEST,
        ),
        Option(
            "--phone-column",
            type=Word(),
            metavar="NAME",
            default="phone",
            help="Column with the phone number, in any notation. Default: phone.",
            section=REQUEST,
        ),
        Option(
            "--column",
            "columns",
            type=Pair(),
            multiple=True,
            metavar="VARIABLE=COLUMN",
            help="Column of a variable of the template, if it has another name.",
            section=REQUEST,
        ),
    ]
    if kind == ZNS:
        params.append(oa_option())
    else:
        params.append(
            Option(
                "--routerule",
                type=click.Choice(("1", "2", "3")),
                multiple=True,
                required=True,
                help="Channels in the order to try; repeat it for several.",
                section=REQUEST,
            )
        )
    return params


def job_options() -> list[click.Parameter]:
    """Return the options of each run of a job."""
    return [
        Option(
            "--settle-after",
            type=Duration(),
            metavar="TIME",
            help=(
                "How long a proxy may hold a request, for example 10m. With --resend-unknown: wait that long "
                "before a message is sent again."
            ),
            section=JOB,
        ),
        Option(
            "--resend-unknown",
            is_flag=True,
            help="Send messages in doubt again. A person may get one twice.",
            section=JOB,
        ),
        Option(
            "--events",
            type=OutputFile(),
            metavar="FILE|-",
            help="Append a line of JSON for each message that has ended; `-` is stdout.",
            section=JOB,
        ),
    ]


def ending_options(*, has_shop: bool) -> list[click.Parameter]:
    """Return the options of question, output and connection."""
    return [
        Option("--yes", is_flag=True, help="Do not ask first. Needed without a terminal.", section=SAFETY),
        *output_options(),
        *options.connection_options(has_shop=has_shop),
    ]


def output_options() -> list[click.Parameter]:
    """Return the options of the report."""
    return [
        options.summary_option("Write the report as a JSON object."),
        options.quiet_option(),
    ]
