"""Define `etelecom doctor`: its options, and what runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from etelecom_async.cli import exit_codes, options
from etelecom_async.cli.command import Command, CommandError, Option, usage_error
from etelecom_async.cli.credentials import CLIENTS, SHOP, Credentials
from etelecom_async.cli.doctor.checks import COLUMNS, SHOWN, exit_code
from etelecom_async.cli.layout import JSON, TABLE, TSV
from etelecom_async.cli.operation import chosen_shop
from etelecom_async.cli.settings import Settings

if TYPE_CHECKING:
    from etelecom_async.cli.doctor.checks import Finding

_REPORT: Final = "Conformance"
_OF_TABLES: Final = ("jsonl", "csv", "columns", "output")
"""Options of the output that a report does not have."""


def command() -> Command:
    """Return the command."""
    return Command(
        "doctor",
        params=[
            Option(
                "--conformance",
                is_flag=True,
                help="Compare the service with this program: READ calls only, with small pages.",
                section=_REPORT,
            ),
            Option(
                "--report",
                metavar="FILE",
                help="Write the comparison to a file: JSON with --json or in a .json file, else Markdown.",
                section=_REPORT,
            ),
            *options.output_options(COLUMNS, can_reveal=False),
            *options.connection_options(CLIENTS, has_shop=True),
        ],
        help=(
            "Check base URL, proxy, DNS, TLS, keys, path name, clock and latency; say what to do about each "
            "problem. --conformance reports how the service differs from this program: names and types only, "
            "no values, so you can hand the report on."
        ),
        examples=[
            "etelecom doctor",
            "etelecom doctor --json | jq '.[] | select(.status != \"ok\")'",
            "etelecom doctor --conformance --report report.md",
        ],
        callback=_run,
    )


def _run(**given: Any) -> int:
    clients = _clients(given)
    if given["conformance"]:
        return _report(clients, given)
    if given["report"] is not None:
        raise usage_error("--report needs --conformance")
    layout = options.layout(given)
    from etelecom_async.cli import output
    from etelecom_async.cli.doctor.diagnosis import diagnose
    from etelecom_async.cli.signals import run_until_interrupted

    settings = Settings.checked(given["profile"])
    found, missing = _keys(clients, given, settings)

    async def main() -> int:
        findings = await diagnose(
            found,
            given["base_url"],
            settings,
            usual=given["client"] or SHOP,
            missing=missing,
            is_debug=given["debug"],
        )
        for finding in findings:
            out.add(finding.row())
        out.end()
        return exit_code(findings)

    with output.opened(layout) as stream:
        if not layout.columns and layout.format_for(stream) in (TABLE, TSV):
            layout = layout._replace(columns=SHOWN)
        out = output.writer(layout, stream, result="", known=COLUMNS)
        return run_until_interrupted(main())


def _report(clients: Sequence[str], given: Mapping[str, Any]) -> int:
    for name in _OF_TABLES:
        if given[name]:
            raise usage_error(
                f"--{name} does not apply to --conformance: its forms are --json and --report FILE"
            )
    from etelecom_async.cli.doctor import conformance, report
    from etelecom_async.cli.signals import run_until_interrupted
    from etelecom_async.cli.terminal import note

    settings = Settings.checked(given["profile"])
    found, missing = _keys(clients, given, settings)
    if missing is not None:
        raise CommandError(missing.finding, exit_code=missing.check.exit_code)
    if not found:
        raise CommandError(
            "there is no key: `etelecom help keys` names the variables", exit_code=exit_codes.KEY
        )
    file = given["report"]
    if file is not None:
        report.check_folder(file)
    if not given["quiet"]:
        _note_unusable(found)

    async def main() -> int:
        made = await conformance.examine(found, given["base_url"], is_debug=given["debug"])
        is_json = given["json"] or (file or "").lower().endswith(f".{JSON}")
        text = report.as_json(made) if is_json else report.as_markdown(made)
        if file is None:
            print(text, end="")
        else:
            report.write(file, text)
            if not given["quiet"]:
                note(f"{report.summary(made)}; written to {file}. It holds no values: you can hand it on")
        return made.exit_code

    return run_until_interrupted(main())


def _keys(
    clients: Sequence[str], given: Mapping[str, Any], settings: Settings
) -> tuple[list[Credentials], Finding | None]:
    """Return the keys to use, and the finding about the key of a named shop, if it is missing."""
    from etelecom_async.cli.doctor import keys

    found = keys.find(clients, given["key_file"], settings)
    if SHOP not in clients or given["key_file"] is not None:
        return found, None
    shop, flag = chosen_shop(given["shop"], settings)
    if shop is None:
        return found, None
    key, missing = keys.of_shop(
        shop, settings, flag=flag, base_url=given["base_url"], is_debug=given["debug"]
    )
    others = [each for each in found if each.client != SHOP]
    return others + ([] if key is None else [key]), missing


def _note_unusable(found: Sequence[Credentials]) -> None:
    """Name the keys that cannot be used. If none can be, the command fails, and says why."""
    from etelecom_async.cli.doctor import keys
    from etelecom_async.cli.terminal import note

    unusable = [finding for finding, key in keys.check(found) if key is None]
    if len(unusable) < len(found):
        for finding in unusable:
            note(f"not used: {finding.line()}")


def _clients(given: Mapping[str, Any]) -> Sequence[str]:
    if given["shop"] is not None and (given["key_file"] is not None or given["client"] not in {None, SHOP}):
        other = "--key-file" if given["key_file"] is not None else f"--as {given['client']}"
        raise usage_error(f"--shop and {other} exclude each other")
    if given["client"] is not None:
        return (given["client"],)
    if given["key_file"] is not None:
        raise usage_error("--key-file needs --as, which says whose key it is")
    return CLIENTS
