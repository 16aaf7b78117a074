"""Run a job of `etelecom provision`, and show what became of it. This module loads the client."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import attrs

from etelecom_async import bulk
from etelecom_async._core.plurals import counted
from etelecom_async.bulk.report import report_of
from etelecom_async.bulk.states import State
from etelecom_async.bulk.verdicts import KEY_REFUSED
from etelecom_async.cli import exit_codes
from etelecom_async.cli.calling import Client
from etelecom_async.cli.console import Quiet, Screen
from etelecom_async.cli.layout import Layout
from etelecom_async.cli.output import writer
from etelecom_async.cli.provision_keys import Keys
from etelecom_async.cli.running import Call, run_steps
from etelecom_async.cli.terminal import confirm, note
from etelecom_async.cli.wording import in_words_of_commands
from etelecom_async.errors import JournalError
from etelecom_async.provisioning.applying import apply, read_result
from etelecom_async.provisioning.job_changes import path_of, read, resolved
from etelecom_async.provisioning.plan import Plan
from etelecom_async.provisioning.results import HEADINGS, Result, result_of

_MOST_ROWS: Final = 1000
"""Rows that are shown; a file of `--results` has all."""


@attrs.frozen(kw_only=True)
class Job:
    """A job that makes the changes of a plan."""

    call: Call
    """What the calls have in common."""
    keys: Keys
    names: Sequence[str]
    """The shops of the plan, as the roster names them."""
    journal: Path
    credentials: Path
    given: Mapping[str, Any]
    """Values of the options."""

    def run(self, plan: Plan) -> int:
        """
        Ask, make the changes, show what became of them, and return the exit code.

        Raises:
            CommandError: The user does not agree.
            EtelecomError: The plan, the journal or the credentials cannot be used.
        """
        line = _summary(plan)
        if plan.changes and not self.given["yes"]:
            print(in_words_of_commands(str(plan)), file=sys.stderr)
            confirm(f"{line}; the API cannot delete employees and extensions")
        elif not self.given["quiet"]:
            note(line)
        return run_steps(self.call, lambda made: self._apply(plan, made))

    async def _apply(self, plan: Plan, made: Client) -> int:
        shops = self.keys.shops(made)
        earlier = {change.shop for change in read(path_of(resolved(self.journal))).values()}
        found = await shops.resolve([*self.names, *sorted(earlier - plan.shops.keys())])
        clients = {shop.shop_id: shop.client for shop in found.values()}
        is_quiet = self.given["quiet"]
        screen = Screen(sys.stderr) if sys.stderr.isatty() and not is_quiet else Quiet()
        is_interrupted = False
        with screen.bar("Changing", len(plan.changes)) as advance:
            ended: set[str] = set()

            def hear(event: bulk.Ended | bulk.Waiting) -> None:
                if isinstance(event, bulk.Ended):
                    advance(int(event.key not in ended))  # a call in doubt ends twice
                    ended.add(event.key)
                elif not is_quiet:
                    note(f"waiting {event.seconds:.0f} s: {event.reason}")

            try:
                result = await apply(
                    plan,
                    clients,
                    journal=self.journal,
                    credentials=self.credentials,
                    settle_after=self.given["settle_after"],
                    on_event=hear,
                )
            except KeyboardInterrupt:
                is_interrupted = True
                result = await self._result_so_far(plan)
        show_result(result, self.given)
        if not result.is_complete and not is_quiet:
            why = "interrupted" if is_interrupted else result.stopped.removesuffix(".")
            note(f"{why}{'; ' if why else ''}the same command again continues")
        return _exit_code_of(result, is_interrupted=is_interrupted)

    async def _result_so_far(self, plan: Plan) -> Result:
        noted = result_of((), report_of({}), notes=plan.notes)
        with suppress(JournalError):  # it was stopped before the journal had the job
            so_far = await read_result(self.journal)
            return attrs.evolve(so_far, rows=(*so_far.rows, *noted.rows))
        return noted


def show_result(result: Result, given: Mapping[str, Any], *, has_rows: bool = True) -> None:
    """
    Write a result as the options say: its counts as JSON, or the rows that are not done.

    Args:
        result: The result.
        given: Values of the options.
        has_rows: Whether to write rows.
    """
    _show(result, given, has_rows=has_rows)
    if given["results"] is not None:  # last: the disk may be full
        result.write(given["results"])


def _show(result: Result, given: Mapping[str, Any], *, has_rows: bool) -> None:
    if given["json"]:
        print(json.dumps(result.counts))
        return
    rows = [row for row in result.rows if row.state is not State.DONE]
    if has_rows:
        out = writer(Layout(), sys.stdout, result="", known=HEADINGS)
        for row in rows[:_MOST_ROWS]:
            out.add({**row.to_dict(), "reason": in_words_of_commands(row.reason)})
        out.end()
    if given["quiet"]:
        return
    if has_rows and len(rows) > _MOST_ROWS:
        note(f"and {len(rows) - _MOST_ROWS:,} more rows; --results FILE writes all")
    counts = ", ".join(f"{count:,} {state}" for state, count in result.counts.items() if count)
    total = len(result.rows)
    note(f"{counted(total, 'change')}: {counts}" if total else "nothing to do")
    remarks = Counter(row.reason for row in result.rows if row.state is State.DONE and row.reason)
    for remark, count in remarks.items():
        note(f"{count:,} of those done: {in_words_of_commands(remark)}")


def _summary(plan: Plan) -> str:
    """Return one line with the number of changes of each kind."""
    if not plan.changes:
        return "nothing to change"
    kinds = Counter(change.kind.value for change in plan.changes)
    counts = ", ".join(f"{count:,} {kind.replace('_', ' ')}" for kind, count in kinds.items())
    total, shops = len(plan.changes), len({change.shop for change in plan.changes})
    return f"{counted(total, 'change')} in {counted(shops, 'shop')}: {counts}"


def _exit_code_of(result: Result, *, is_interrupted: bool) -> int:
    if result.is_complete:
        return exit_codes.DONE
    if is_interrupted:
        return exit_codes.INTERRUPTED
    return exit_codes.KEY if KEY_REFUSED in result.stopped else exit_codes.PARTLY_DONE
