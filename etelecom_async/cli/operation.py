"""Make the command of an operation from the index, and run it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from etelecom_async.cli import exit_codes, options
from etelecom_async.cli.command import Command, CommandError, Entry, Group, usage_error
from etelecom_async.cli.credentials import (
    KEYS,
    PARTNER,
    SHOP,
    Credentials,
    clients_with_key,
    find,
    stand_in,
)
from etelecom_async.cli.index import (
    BODY_KIND,
    SECRET_KIND,
    Field,
    Operation,
    children,
    enum,
    is_group,
    operation,
    operations,
    summary,
    words,
)
from etelecom_async.cli.request_body import Body, build
from etelecom_async.cli.settings import OPTION, SETTINGS, Settings
from etelecom_async.cli.terminal import note, refuse_if_silent
from etelecom_async.cli.values import is_id

_SHARED: Final = (PARTNER, SHOP)
_EFFECTS: Final = {
    "READ": "It changes nothing.",
    "IDEMPOTENT": "A second call changes nothing more.",
    "CREATE": "Each call creates another object.",
    "SEND": "It costs money or reaches a person, so it asks first.",
    "DELETE": "It deletes, so it asks first.",
}
_EXAMPLE_ROWS: Final = 20
_EXAMPLES: Final = 2
"""Examples in the help of a group."""
_NAMED: Final = ("phone", "phonenumber", "recipient", "id", "hotline_id")
"""Fields that a question names."""


def entry(name: str) -> Entry:
    """Return the entry of a namespace or an operation, by its full name."""
    load = (lambda: group(name)) if is_group(name) else (lambda: command(operation(name)))
    return Entry(summary(name), load)


def group(path: str, word: str | None = None) -> Group:
    """
    Return the group of a namespace.

    Args:
        path: The namespace.
        word: The last word of the command; by default that of the namespace.
    """
    entries = {last: entry(name) for last, name in children(path).items()}
    return Group(
        word or words(path.rpartition(".")[2]), entries, help=summary(path), examples=examples_of_group(path)
    )


def examples_of_group(path: str) -> list[str]:
    """Return shell lines that show commands in a namespace: reads, if it has any."""
    inside = [row for row in operations() if row.name.startswith(f"{path}.")]
    reads = [row for row in inside if row.effect == "READ"]
    return [examples(row)[0] for row in (reads or inside)[:_EXAMPLES]]


def command(row: Operation) -> Command:
    """Return the command of an operation."""
    params = options.request_options(row)
    if row.is_list:
        params += options.list_options(has_pages=bool(row.page_size))
    params += options.output_options(row.columns)
    params += options.safety_options(asks=row.asks)
    params += options.connection_options(() if row.client else _SHARED, has_shop=row.client in ("", SHOP))

    def callback(**given: Any) -> int:
        return run(row, given)

    return Command(
        row.command.rpartition(" ")[2],
        params=params,
        help=_help(row),
        short_help=row.summary,
        examples=examples(row),
        body_only=[field.flag for field in row.fields if field.kind == BODY_KIND],
        callback=callback,
    )


def _help(row: Operation) -> str:
    title = f"{row.title} ({row.title_vi})" if row.title_vi else row.title
    basis = "" if row.documented else " Inferred, not documented: the name and the fields may be wrong."
    keys = " or ".join(row.callers)
    return (
        f"{row.summary}\n\nIn the documentation: {title}. {_EFFECTS[row.effect]}{basis} "
        f"Key: {keys}. Wire: {row.wire}."
    )


def examples(row: Operation) -> list[str]:
    """Return shell lines that show the command."""
    line = f"etelecom {row.command}"
    needed = "".join(f" {_sample(field)}" for field in row.fields if field.is_required)
    # Parts of a required object are not required one by one.
    if "recipient" in {field.path[0] for field in row.fields}:
        needed += "".join(f" {field.flag} {_word(field)}" for field in row.fields if _is_short_part(field))
    if row.is_partial:
        return [f"{line} --body request.json"]
    if row.is_list:
        return [f"{line}{needed} --limit {_EXAMPLE_ROWS}", f"{line}{needed} --csv > rows.csv"]
    if row.effect == "READ":
        return [f"{line}{needed}", f"{line}{needed} --json"]
    return [f"{line}{needed}{' --yes' if row.asks else ''}", f"{line}{needed} --dry-run"]


def _is_short_part(field: Field) -> bool:
    return field.path[0] in ("recipient", "message") and field.name.count(".") == 1 and field.kind == "text"


def _sample(field: Field) -> str:
    if field.kind == SECRET_KIND:
        return f"{field.flag} FILE"
    if field.kind == "map":
        return f"{field.flag} name=value"
    if field.item_kind.startswith("enum:"):
        return f"{field.flag} {next(value for value in enum(field.item_kind).names if value != 'unknown')}"
    return f"{field.flag} {_word(field)}"


def _word(field: Field) -> str:
    return field.path[-1].upper()


def run(row: Operation, given: Mapping[str, Any]) -> int:
    """
    Run the command of an operation.

    Args:
        row: The operation.
        given: Values of the options.

    Raises:
        CommandError: The command cannot continue.
    """
    layout = options.layout(given)
    body = build(row, given)
    credentials = credentials_for(row, given)
    # Only now, because all this takes longer to load than everything before.
    from etelecom_async.cli import output
    from etelecom_async.cli.running import Call, run_call

    with output.opened(layout) as stream:
        question = None if given["dry_run"] or given.get("yes", True) else _question(row, body)
        if question is not None:
            refuse_if_silent(question)
        if not (row.documented or given["quiet"]):
            note(f"{row.name} is inferred, not documented: its name and fields may be wrong")
        return run_call(Call.of(row, body, credentials, given, output=(layout, stream), question=question))


def credentials_for(row: Operation, given: Mapping[str, Any]) -> Credentials:
    """
    Return the key of a command.

    Raises:
        CommandError: There is none, or it is not clear whose key to use.
        EtelecomError: The shop of `--shop` cannot be found.
    """
    settings = Settings.checked(given.get("profile"))
    shop, key_file = given.get("shop"), given["key_file"]
    client = given.get("client") or row.client or (SHOP if shop else _choose(row, given, settings))
    if shop is not None and (client != SHOP or key_file is not None):
        other = "--key-file" if client == SHOP else f"--as {client}"
        raise usage_error(f"--shop and {other} exclude each other")
    flag = "--shop"
    if client == SHOP and key_file is None:
        shop, flag = chosen_shop(shop, settings)
    try:
        if shop is not None:
            return _of_shop(shop, settings, given, flag)
        credentials = find(client, row.callers, key_file, settings)
    except CommandError as error:
        if given["dry_run"] and key_file is None and error.exit_code == exit_codes.KEY:
            return stand_in(client, ("partner_shop_key",) if shop else row.callers, settings)
        raise
    if not given["quiet"]:
        _note_unused_profile(credentials, settings)
    return credentials


def chosen_shop(given: str | None, settings: Settings) -> tuple[str | None, str]:
    """
    Return the shop that a partner acts for, if any, and where it was named.

    Args:
        given: The value of `--shop`.
        settings: The settings of the command. Their shop counts only without a key of a shop.
    """
    stored = None
    if given is None and not clients_with_key([SHOP], settings):
        stored = settings.of_profile("shop")
    return (given, "--shop") if stored is None else (stored.text, f"shop of {stored.place}")


def _of_shop(shop: str, settings: Settings, given: Mapping[str, Any], flag: str) -> Credentials:
    from etelecom_async.cli import shops  # it loads the client

    if given["dry_run"] and not is_id(shop):  # a look-up would be a call
        return stand_in(SHOP, ("partner_shop_key",), settings)
    return shops.credentials_for_shop(
        shop, settings, flag=flag, base_url=given["base_url"], is_debug=given["debug"]
    )


def _note_unused_profile(credentials: Credentials, settings: Settings) -> None:
    """Say that a variable wins over the profile that the user named."""
    is_named = settings.profile.source == OPTION
    if is_named and credentials.source in {SETTINGS[name].variable for name in KEYS[credentials.client]}:
        note(f"the key in {credentials.source} is used, not that of profile {settings.profile.text!r}")


def _choose(row: Operation, given: Mapping[str, Any], settings: Settings) -> str:
    """Return the client of an operation that two of them have."""
    known = clients_with_key(_SHARED, settings)
    if SHOP not in known and settings.of_profile("shop"):
        known.append(SHOP)
    if given["key_file"] is None and len(known) == 1:
        return known[0]
    if given["key_file"] is None and row.effect == "READ":
        if known and not given["quiet"]:
            note(f"used the {SHOP}'s key; --as {PARTNER} uses the partner's")
        return SHOP
    raise usage_error(f"it is not clear whose key to use: add --as {SHOP} or --as {PARTNER}")


def _question(row: Operation, body: Body) -> str:
    from etelecom_async.cli import columns

    parts = [f"{name} {columns.cell(body[name])}" for name in _NAMED if body.get(name)]
    what = "deletes" if row.effect == "DELETE" else "costs money or reaches a person"
    where = f" ({', '.join(parts)})" if parts else ""
    return f"{row.command}{where} {what}"
