"""Define the options that commands share, and those of an operation's request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import click

from etelecom_async.cli.command import Option, usage_error
from etelecom_async.cli.index import BODY_KIND, SECRET_KIND, Field, Operation, enum
from etelecom_async.cli.layout import CHOSEN, Layout
from etelecom_async.cli.values import (
    Columns,
    Count,
    InputFile,
    Listed,
    Moment,
    OutputFile,
    OutputPath,
    Pair,
    ProfileName,
    Word,
)

REQUEST: Final = "Request"
LIST: Final = "List"
OUTPUT: Final = "Output"
SAFETY: Final = "Safety"
CONNECTION: Final = "Key and connection"
MOST_WINDOWS: Final = 64
ALL_SHOPS: Final = "all"
"""Value of `--shops` that means all shops in the key store."""


def request_options(operation: Operation) -> list[click.Parameter]:
    """Return the options of an operation's request, and `--body`."""
    is_read = operation.effect == "READ"
    options: list[click.Parameter] = [
        _of_field(each, is_read=is_read) for each in operation.fields if each.kind != BODY_KIND
    ]
    body_only = ", ".join(each.name for each in operation.fields if each.kind == BODY_KIND)
    more = f" Only it can have {body_only}." if body_only else ""
    if operation.fields or operation.page_size:
        options.append(body_option(f"The request as a JSON object; options replace its values.{more}"))
    return options


def body_option(doc: str) -> Option:
    """Return the option `--body`."""
    return Option(
        "--body", type=InputFile(), metavar="FILE|-", help=f"{doc} `-` reads stdin.", section=REQUEST
    )


def _of_field(field: Field, *, is_read: bool) -> Option:
    doc = f"{field.doc}  [required]" if field.is_required else field.doc
    settings: dict[str, Any] = {"help": doc, "section": REQUEST, "multiple": field.is_multiple}
    flag = field.flag
    if field.item_kind == SECRET_KIND:
        settings |= {
            "type": InputFile(),
            "metavar": "FILE|-",
            "help": f"File with this secret, `-` for stdin; asked for on a terminal. {doc}",
        }
    elif field.kind == "boolean":
        flag = f"{flag}/--no-{flag.removeprefix('--')}"
        settings |= {"default": None}
    else:
        settings |= {"type": _type(field, is_read=is_read)}
    return Option(field.parameter, flag, **settings)


def _type(field: Field, *, is_read: bool) -> click.ParamType[Any]:
    kind = field.item_kind
    if kind.startswith("enum:"):
        return Listed(enum(kind))
    if kind == "time":
        return Moment(is_end=field.name.rpartition(".")[2].endswith("_to"))
    if kind == "file":
        return click.Path(exists=True, dir_okay=False)
    if kind == "text" and is_read:
        return Word()  # an unset variable of a shell would be a filter that lets everything through
    return {"integer": Count(least=-(10**18)), "number": click.FLOAT, "map": Pair()}.get(kind, click.STRING)


def list_options(*, has_pages: bool) -> list[click.Parameter]:
    """Return the options of a list."""
    positive = Count(least=1)
    options: list[click.Parameter] = [
        Option("--limit", type=positive, metavar="N", help="Rows in total. Default: all rows.", section=LIST)
    ]
    if has_pages:
        options += [
            page_size_option(),
            Option(
                "--resume",
                metavar="CHECKPOINT",
                help="Continue a list that ended early; its error shows the checkpoint.",
                section=LIST,
            ),
        ]
    return options


def page_size_option() -> Option:
    """Return the option `--page-size`."""
    return Option("--page-size", type=Count(least=1), metavar="N", help="Rows in a page.", section=LIST)


def windows_option() -> Option:
    """Return the option `--windows` of commands that read a span of time in parts."""
    return Option(
        "--windows",
        type=Count(least=1, most=MOST_WINDOWS),
        metavar="N",
        default=4,
        show_default=True,
        help="Parts of the time to read at once.",
        section=LIST,
    )


def shops_option(doc: str) -> Option:
    """Return the option `--shops` of commands that read many shops."""
    return Option("--shops", type=InputFile(), metavar=f"{ALL_SHOPS}|FILE", help=doc, section=CONNECTION)


def target_option(metavar: str, doc: str) -> Option:
    """Return the required option `--output` of commands that write one file or folder."""
    return Option(
        "--output", "-o", type=OutputPath(), required=True, metavar=metavar, help=doc, section=OUTPUT
    )


def summary_option(doc: str) -> Option:
    """Return the option `--json` of commands that end with a summary."""
    return Option("--json", is_flag=True, help=doc, section=OUTPUT)


def quiet_option() -> Option:
    """Return the option `--quiet`."""
    return Option("--quiet", is_flag=True, help="Write no notes to stderr.", section=OUTPUT)


def output_options(known: Sequence[str], *, can_reveal: bool = True) -> list[click.Parameter]:
    """
    Return the options of the output.

    Args:
        known: Columns of the result; none if any name may exist.
        can_reveal: Whether the result may have secrets.
    """
    options: list[click.Parameter] = [
        Option("--json", is_flag=True, help="Write JSON: an object, or an array for a list.", section=OUTPUT),
        Option("--jsonl", is_flag=True, help="Write one JSON object a line.", section=OUTPUT),
        Option("--csv", is_flag=True, help="Write CSV with a heading, and all columns.", section=OUTPUT),
        Option(
            "--columns",
            type=Columns(known),
            help="Columns, with dots for parts: id,shop.name. Names are those of --json.",
            section=OUTPUT,
        ),
        Option(
            "--output",
            metavar="FILE|-",
            type=OutputFile(),
            help="Write to a file; its end chooses .json, .jsonl, .csv or TSV. `-` is stdout.",
            section=OUTPUT,
        ),
        quiet_option(),
    ]
    if can_reveal:
        options.append(
            Option(
                "--reveal",
                is_flag=True,
                help="Show secrets: only on a terminal, or into a file that only you can read.",
                section=OUTPUT,
            )
        )
    return options


def layout(given: Mapping[str, Any]) -> Layout:
    """
    Return the output that the options ask for.

    Raises:
        CommandError: They ask for two formats.
    """
    formats = [name for name in CHOSEN if given.get(name)]
    if len(formats) > 1:
        raise usage_error(f"--{formats[0]} and --{formats[1]} exclude each other")
    return Layout(
        format=formats[0] if formats else None,
        columns=given.get("columns") or (),
        file=None if given.get("output") == "-" else given.get("output"),
        reveal=bool(given.get("reveal")),
    )


def safety_options(*, asks: bool) -> list[click.Parameter]:
    """
    Return the options that keep a call from doing harm.

    Args:
        asks: Whether the command asks before it sends.
    """
    options: list[click.Parameter] = [
        Option("--dry-run", is_flag=True, help="Print the request, and send nothing.", section=SAFETY)
    ]
    if asks:
        options.append(
            Option("--yes", is_flag=True, help="Do not ask first. Needed without a terminal.", section=SAFETY)
        )
    return options


def profile_option() -> Option:
    """Return the option `--profile`."""
    return Option(
        "--profile",
        type=ProfileName(),
        metavar="NAME",
        help="Profile with the key and the URL. Default: ETELECOM_PROFILE, or else the one of the file.",
        section=CONNECTION,
    )


def connection_options(clients: Sequence[str] = (), *, has_shop: bool = False) -> list[click.Parameter]:
    """
    Return the options of key and connection.

    Args:
        clients: The clients to choose from, if an operation belongs to several.
        has_shop: Whether a partner may act for one of its shops.
    """
    options: list[click.Parameter] = [
        profile_option(),
        Option(
            "--key-file",
            type=InputFile(),
            metavar="FILE|-",
            help="File with the key (for SMS the password), `-` for stdin. Default: environment, profile.",
            section=CONNECTION,
        ),
        Option(
            "--base-url",
            metavar="URL",
            help="URL of the API. Default: the environment, the profile, or else eTelecom's.",
            section=CONNECTION,
        ),
        Option(
            "--debug",
            is_flag=True,
            help="Write each request to stderr as a `curl` line, with a variable in place of the key.",
            section=CONNECTION,
        ),
    ]
    if has_shop:
        doc = "Act for this shop, with the partner's key for it from the key store."
        options.insert(1, Option("--shop", metavar="NAME|ID", help=doc, section=CONNECTION))
    if clients:
        chosen = Option(
            "--as", "client", type=click.Choice(clients), help="Whose key to use.", section=CONNECTION
        )
        options.insert(0, chosen)
    return options
