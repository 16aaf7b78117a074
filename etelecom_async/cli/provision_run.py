"""Run the commands of `etelecom provision`. This module loads the client."""

from __future__ import annotations

import json
from codecs import BOM_UTF8
from collections.abc import Callable, Container, Coroutine, Iterable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, TypeVar

import attrs

from etelecom_async._core.plurals import counted
from etelecom_async.bulk.journal import Journal
from etelecom_async.cli import exit_codes, provision_roster
from etelecom_async.cli.calling import Client
from etelecom_async.cli.command import usage_error
from etelecom_async.cli.provision_job import Job, show_result
from etelecom_async.cli.provision_keys import THIS_SHOP, Keys
from etelecom_async.cli.running import Call, run_steps
from etelecom_async.cli.signals import run_until_interrupted
from etelecom_async.cli.terminal import note, refuse_if_silent
from etelecom_async.cli.wording import in_words_of_commands
from etelecom_async.errors import RosterError
from etelecom_async.provisioning.applying import read_result
from etelecom_async.provisioning.cells import CellError
from etelecom_async.provisioning.changes import Kind
from etelecom_async.provisioning.chosen_numbers import with_chosen_numbers
from etelecom_async.provisioning.exporting import export as export_rows
from etelecom_async.provisioning.hotlines import find_hotline
from etelecom_async.provisioning.job_changes import path_of, read, resolved
from etelecom_async.provisioning.plan import Plan, make_plan
from etelecom_async.provisioning.plan_files import differences, read_plan, write_plan
from etelecom_async.provisioning.present import PresentShop
from etelecom_async.provisioning.refreshing import refreshed
from etelecom_async.provisioning.roster import write_roster
from etelecom_async.provisioning.rows import RosterRow
from etelecom_async.provisioning.shops import read_shops
from etelecom_async.provisioning.tables import check_suffix, is_same_file

ResultT = TypeVar("ResultT")
_OF_ROSTERS: Final = ("mapping", "sheet", "skip_bad", "numbers", "prune")
"""Options that do not apply to the file of a plan."""
_MOST_DIFFERENCES: Final = 20


def plan(given: Mapping[str, Any]) -> int:
    """
    Run `provision plan`, and return the exit code.

    Args:
        given: Values of the options.

    Raises:
        CommandError: A key is missing, or options exclude each other.
        EtelecomError: The plan is too large, or a shop cannot be read.
    """
    _check_output(given, "out")
    try:
        keys = Keys.of(given)
        rows = provision_roster.read_roster(given, keys.default_shop).rows
        made = _plan_of(keys.call(), keys, rows, given)
    except RosterError as error:
        if given["json"]:
            _print_json({"changes": 0, "steps": [], "problems": provision_roster.as_json(error.mistakes)})
        return provision_roster.show_mistakes(error)
    if given["out"] is not None:
        write_plan(given["out"], made)
    _show_plan(made, given)
    return exit_codes.PARTLY_DONE if given["detailed_exitcode"] and made.changes else exit_codes.DONE


def apply(given: Mapping[str, Any]) -> int:
    """
    Run `provision apply`, and return the exit code.

    Args:
        given: Values of the options.

    Raises:
        CommandError: As for `plan`, or the user does not agree.
        EtelecomError: As for `plan`, or the journal or the credentials cannot be used.
    """
    if not given["yes"]:
        refuse_if_silent("provision apply changes the telephones of shops")
    _check_results(given)
    file = Path(given["file"])
    try:
        keys = Keys.of(given)
        if _is_plan(file):
            call = keys.call()
            made, names = _stored_plan_of(call, keys, file, given)
        else:
            rows = provision_roster.read_roster(given, keys.default_shop).rows
            call = keys.call()
            made = _plan_of(call, keys, rows, given)
            names = list(dict.fromkeys(row.shop for row in rows))
        job = Job(
            call=call,
            keys=keys,
            names=names,
            journal=_journal_of(given),
            credentials=Path(given["credentials"] or f"{file}.credentials"),
            given=given,
        )
        return job.run(made)
    except RosterError as error:
        return provision_roster.show_mistakes(error)


def move(given: Mapping[str, Any]) -> int:
    """
    Run `provision move`, and return the exit code.

    Args:
        given: Values of the options.

    Raises:
        CommandError: As for `apply`, or the extensions or hotlines are wrong.
        EtelecomError: As for `apply`.
    """
    if given["from_hotline"] is None and not given["extensions"]:
        raise usage_error("name the extensions with --from or --extensions")
    if not (given["yes"] or given["dry_run"]):
        refuse_if_silent("provision move changes the telephones of a shop")
    keys = Keys.of(given)
    call = keys.call()
    try:
        present = _ask(call, lambda made: _read(keys, made, [THIS_SHOP]))
        rows = _rows_to_move(present[THIS_SHOP], given)
        made = make_plan(rows, present, only=[Kind.MOVE], max_changes=given["max_changes"], allow_large=True)
        made = attrs.evolve(made, notes=())  # about employees and extensions that do not move
        if given["dry_run"]:
            _show_plan(made, given)
            return exit_codes.DONE
        with TemporaryDirectory(prefix="etelecom-") as folder:  # a move may be repeated
            journal, credentials = Path(folder, "move.journal"), Path(folder, "move.credentials")
            job = Job(
                call=call,
                keys=keys,
                names=[THIS_SHOP],
                journal=journal,
                credentials=credentials,
                given={**given, "settle_after": None, "results": None},
            )
            return job.run(made)
    except RosterError as error:
        return provision_roster.show_mistakes(error)


def export(given: Mapping[str, Any]) -> int:
    """
    Run `provision export`, and return the exit code.

    Args:
        given: Values of the options.

    Raises:
        CommandError: A key is missing.
        EtelecomError: A shop cannot be read, or the ending of the file is wrong.
    """
    file = check_suffix(given["file"])
    keys = Keys.of(given)

    async def read_rows(made: Client) -> tuple[int, list[RosterRow]]:
        found = await keys.shops(made).resolve(await keys.shop_names())
        clients = {shop.shop_id: shop.client for shop in found.values()}
        return len(clients), [row for client in clients.values() for row in await export_rows(client)]

    try:
        shops, rows = _ask(keys.call(), read_rows)
    except RosterError as error:
        return provision_roster.show_mistakes(error)
    write_roster(file, rows)
    if given["json"]:
        _print_json({"file": str(file), "shops": shops, "rows": len(rows)})
    elif not given["quiet"]:
        note(f"{counted(len(rows), 'row')} of {counted(shops, 'shop')} written to {file}")
    return exit_codes.DONE


def status(given: Mapping[str, Any]) -> int:
    """
    Run `provision status`, and return the exit code.

    Args:
        given: Values of the options.

    Raises:
        JournalError: There is no such journal, or it cannot be read.
    """
    _check_results(given)
    journal = Path(given["journal"])
    copy = run_until_interrupted(Journal.read(journal))
    result = run_until_interrupted(read_result(journal))
    pid = None if copy.process is None else copy.process.pid
    is_json = given["json"]
    if is_json:
        _print_json({**result.to_dict(), "journal": str(journal), "process": pid})
    elif pid is not None and not given["quiet"]:
        note(f"process {pid} runs this job now")
    given = {**given, "json": False, "quiet": given["quiet"] or is_json}
    show_result(result, given, has_rows=not is_json)
    return exit_codes.DONE


def _ask(call: Call, read_it: Callable[[Client], Coroutine[Any, Any, ResultT]]) -> ResultT:
    """Return the result of some calls."""
    found: list[ResultT] = []

    async def steps(made: Client) -> int:
        found.append(await read_it(made))
        return exit_codes.DONE

    run_steps(call, steps)
    return found[0]


async def _read(keys: Keys, made: Client, names: Iterable[str]) -> dict[str, PresentShop]:
    return await read_shops(await keys.shops(made).resolve(names))


def _plan_of(call: Call, keys: Keys, rows: tuple[RosterRow, ...], given: Mapping[str, Any]) -> Plan:
    """Return the plan of a roster. That of a job keeps the numbers that the job has chosen."""
    names = dict.fromkeys(row.shop for row in rows)
    present = _ask(call, lambda made: _read(keys, made, names))
    if "journal" in given:
        earlier = read(path_of(resolved(_journal_of(given))))
        rows = tuple(with_chosen_numbers(rows, earlier.values(), present))
    return make_plan(
        rows,
        present,
        number_ranges=_number_ranges(given["numbers"], names),
        prune=given["prune"],
        only=given["only"] or None,
        max_changes=given["max_changes"],
        allow_large=given["allow_large"],
    )


def _number_ranges(numbers: Iterable[tuple[str, range]], names: Iterable[str]) -> dict[str, range]:
    """Return the numbers for `auto` by shop; those without a shop are for all others."""
    found = dict[str, range]()
    for shop, some in numbers:
        if shop in found:
            raise usage_error(f"--numbers is given twice{f' for {shop}' if shop else ''}: write one range")
        found[shop] = some
    others = found.pop("", None)
    return found if others is None else {**dict.fromkeys(names, others), **found}


def _stored_plan_of(call: Call, keys: Keys, file: Path, given: Mapping[str, Any]) -> tuple[Plan, list[str]]:
    """Return the plan in a file, without what is done or impossible by now, and the ids of its shops."""
    for name in _OF_ROSTERS:
        if given[name]:
            option = "map" if name == "mapping" else name.replace("_", "-")
            raise usage_error(f"--{option} does not apply to a plan: use it with `provision plan`")
    stored = read_plan(file)
    earlier = read(path_of(resolved(_journal_of(given))))
    names = list(stored.shops)
    present = _ask(call, lambda made: _read(keys, made, names))
    made = refreshed(stored, present.values())
    changed = differences(_without(stored, earlier), _without(made, earlier))
    if not given["quiet"]:
        for sentence in changed[:_MOST_DIFFERENCES]:
            note(sentence)
        if len(changed) > _MOST_DIFFERENCES:
            note(f"and {len(changed) - _MOST_DIFFERENCES:,} more differences")
    if given["only"]:
        made = made.only(given["only"])
    made.check_size(max_changes=given["max_changes"], allow_large=given["allow_large"])
    return made, names


def _without(plan: Plan, earlier: Container[str]) -> Plan:
    """Return a plan without the changes that an earlier run of the job had."""
    return attrs.evolve(plan, changes=tuple(each for each in plan.changes if each.key not in earlier))


def _is_plan(file: Path) -> bool:
    """Return whether a file is JSON, so it is no roster."""
    try:
        with file.open("rb") as opened:
            return opened.read(64).removeprefix(BOM_UTF8).lstrip().startswith(b"{")
    except OSError:  # reading the roster says why
        return False


def _rows_to_move(shop: PresentShop, given: Mapping[str, Any]) -> list[RosterRow]:
    """Return a row for each extension to move."""
    hotlines: dict[str, str] = {}
    for name in ("to_hotline", "from_hotline"):
        text = given[name]
        if text is None:
            continue
        try:
            hotlines[name] = find_hotline(text, shop)
        except CellError as error:
            option = name.partition("_")[0]
            raise usage_error(f"--{option} {text!r}: {error.problem}; {error.remedy}") from None
    chosen: set[int] = set()
    for _, numbers in given["extensions"]:
        found = [number for number in shop.extensions if number in numbers]
        if not found:
            text = str(numbers[0]) if len(numbers) == 1 else f"{numbers[0]}-{numbers[-1]}"
            raise usage_error(f"--extensions {text}: the shop has none of them")
        chosen.update(found)
    source = hotlines.get("from_hotline")
    return [
        RosterRow(row=place, shop=THIS_SHOP, extension_number=number, hotline=hotlines["to_hotline"])
        for place, (number, extension) in enumerate(sorted(shop.extensions.items()), 1)
        if (not given["extensions"] or number in chosen) and source in (None, extension.hotline_id)
    ]


def _show_plan(made: Plan, given: Mapping[str, Any]) -> None:
    if given["json"]:
        _print_json(made.to_dict())
    else:
        print(in_words_of_commands(str(made)))


def _journal_of(given: Mapping[str, Any]) -> Path:
    return Path(given["journal"] or f"{given['file']}.journal")


def _check_results(given: Mapping[str, Any]) -> None:
    """Refuse a file for `--results` that cannot be written before anything is done."""
    file = given["results"]
    if file is not None and not file.lower().endswith((".csv", ".json", ".xlsx")):
        raise usage_error(f"--results {file}: the file ends in .csv, .json or .xlsx")
    if file is not None and not Path(file).parent.is_dir():
        raise usage_error(f"--results {file}: the folder does not exist")
    _check_output(given, "results")


def _check_output(given: Mapping[str, Any], option: str) -> None:
    """Refuse to write over the file that is read."""
    output, given_file = given[option], given.get("file") or given.get("journal")
    if output is not None and given_file is not None and is_same_file(output, given_file):
        raise usage_error(f"--{option} names the file that is read: name another file")


def _print_json(data: Mapping[str, Any]) -> None:
    print(json.dumps(data, ensure_ascii=False, indent=2))
