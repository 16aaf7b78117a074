"""Run the jobs of `send-many`, and show them. This module loads the client."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable, Coroutine, Mapping
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from secrets import token_hex
from typing import Any, Final, NamedTuple, TextIO, TypeVar, cast

import attrs

from etelecom_async import ShopClient, SmsClient, bulk
from etelecom_async._core.plurals import counted
from etelecom_async._core.urls import is_loopback
from etelecom_async.bulk.journal import Journal
from etelecom_async.bulk.message_rows import Row, Table, read_rows
from etelecom_async.bulk.messages import sms_steps, variables_of_zns, zns_steps
from etelecom_async.bulk.report import report_of
from etelecom_async.bulk.store import JournalCopy
from etelecom_async.cli import exit_codes, profiles, tables
from etelecom_async.cli.calling import Client
from etelecom_async.cli.command import usage_error
from etelecom_async.cli.console import Quiet, Screen
from etelecom_async.cli.index import operation
from etelecom_async.cli.job_description import JobDescription, is_described
from etelecom_async.cli.job_report import exit_code_of, write
from etelecom_async.cli.layout import JSON, Layout
from etelecom_async.cli.operation import credentials_for
from etelecom_async.cli.running import Call, run_steps, write_one
from etelecom_async.cli.signals import run_until_interrupted
from etelecom_async.cli.terminal import confirm, note, refuse_if_silent
from etelecom_async.cli.words import lookup
from etelecom_async.cli.words.send_many import ZNS
from etelecom_async.models import TemplateStatus, ZNSTemplate

ResultT = TypeVar("ResultT")
_OPERATIONS: Final = {ZNS: "shop.zns.messages.send", "sms": "sms.send"}
_MOST_MISTAKES: Final = 20


class _Settings(NamedTuple):
    """What the user decides for each run of a job."""

    journal: Path
    settle_after: timedelta | None
    resend_unknown: bool
    events: str | None
    is_json: bool
    is_quiet: bool


class _Messages(NamedTuple):
    """The checked messages of a job."""

    job: JobDescription
    table: Table
    template: ZNSTemplate | None

    def steps(self, made: Client, rows: Table | None = None) -> list[bulk.Step[Any]]:
        """Return a step for each message."""
        table = self.table if rows is None else rows
        if self.template is None:
            rule: Any = self.job.routerule
            return list(sms_steps(cast("SmsClient", made), self.job.template, rule, table))
        oa_id = self.job.oa_id or ""
        return list(zns_steps(cast("ShopClient", made), oa_id, self.template, table))


def send_many(kind: str, given: Mapping[str, Any]) -> int:
    """
    Run `send-many`, and return the exit code.

    Args:
        kind: `zns` or `sms`.
        given: Values of the options.

    Raises:
        CommandError: The file or a row is wrong, or the user does not agree.
        EtelecomError: The template cannot be read, or the journal cannot be used.
    """
    journal = Path(given["journal"] or f"{given['file']}.journal")
    return _start(JobDescription.of_options(kind, given), journal, given)


def resume(given: Mapping[str, Any]) -> int:
    """
    Run `bulk resume`, and return the exit code.

    Args:
        given: Values of the options.

    Raises:
        CommandError: The journal is not of `send-many`, or as for `send_many`.
        EtelecomError: As for `send_many`.
    """
    journal = Path(given["journal"])
    job = JobDescription.of_meta(journal, _read(journal).meta)
    chosen = {name: given[name] or getattr(job, name) for name in ("profile", "shop")}
    return _start(job, journal, {**given, **chosen, "dry_run": False, "test_to": None})


def status(given: Mapping[str, Any]) -> int:
    """
    Run `bulk status`, and return the exit code.

    Args:
        given: Values of the options.

    Raises:
        JournalError: There is no such journal, or it cannot be read.
    """
    journal = Path(given["journal"])
    copy = _read(journal)
    report = report_of(copy.records)
    pid = None if copy.process is None else copy.process.pid
    if pid is not None and not given["quiet"]:
        note(f"process {pid} runs this job now")
    noun = "message" if is_described(copy.meta) else "step"  # of a program in Python
    more = {"process": pid}
    write(report, journal, is_json=given["json"], is_quiet=given["quiet"], noun=noun, more=more)
    return exit_codes.DONE


def _read(journal: Path) -> JournalCopy:
    return run_until_interrupted(Journal.read(journal))


def _start(job: JobDescription, journal: Path, given: Mapping[str, Any]) -> int:
    """Check everything, ask, and send."""
    if given["events"] == "-" and given["json"]:
        raise usage_error("--events - and --json exclude each other")
    name = f"{job.kind} send-many"
    if not (given["yes"] or given["dry_run"]):
        refuse_if_silent(f"{name} costs money or reaches a person")
    content = tables.read(Path(job.file))
    call = _call_of(job, given)
    if job.sha256 not in ("", content.sha256) and not given["quiet"]:
        note(f"{job.file} has changed since the job started; messages that were sent must be as they were")
    job = attrs.evolve(job, sha256=content.sha256)
    if job.kind == ZNS:
        job, template = _ask(call, lambda made: _find_template(job, cast("ShopClient", made)))
        _note_status(template, given)
    else:
        template = None
    messages = _Messages(job, _checked(job, content.rows[: job.limit], template), template)
    if given["test_to"] is not None:
        return _test(call, messages, given)
    line, left = _summary(messages, journal)
    if given["dry_run"]:
        print(line)
        return exit_codes.DONE
    if left and not given["yes"]:
        confirm(f"{line}; {name} costs money or reaches a person")
    elif not given["quiet"]:
        note(line)
    settings = _Settings(
        journal=journal,
        settle_after=given["settle_after"],
        resend_unknown=given["resend_unknown"],
        events=given["events"],
        is_json=given["json"],
        is_quiet=given["quiet"],
    )
    return run_steps(call, lambda made: _run(messages, made, settings))


def _call_of(job: JobDescription, given: Mapping[str, Any]) -> Call:
    """Return what the calls of a job have in common."""
    row = operation(_OPERATIONS[job.kind])
    given = {**given, "dry_run": False}  # the template is read in each case
    credentials = credentials_for(row, given)
    layout = Layout(format=JSON if given["json"] else None)
    return Call.of(row, {}, credentials, given, output=(layout, sys.stdout), question=None)


def _ask(call: Call, read: Callable[[Client], Coroutine[Any, Any, ResultT]]) -> ResultT:
    """Return the result of some calls."""
    found: list[ResultT] = []

    async def steps(made: Client) -> int:
        found.append(await read(made))
        return exit_codes.DONE

    run_steps(call, steps)
    return found[0]


async def _find_template(job: JobDescription, shop: ShopClient) -> tuple[JobDescription, ZNSTemplate]:
    oa_id = job.oa_id or await lookup.only_account(shop)
    template = await shop.zns.templates.get(oa_id=oa_id, template_id=int(job.template))
    if template.template_id is None:
        template = attrs.evolve(template, template_id=int(job.template))
    return attrs.evolve(job, oa_id=oa_id), template


def _note_status(template: ZNSTemplate, given: Mapping[str, Any]) -> None:
    state = template.template_status
    if state not in (None, TemplateStatus.ENABLE, TemplateStatus.UNKNOWN) and not given["quiet"]:
        note(f"the template has the state {state.value}, so Zalo may refuse its messages")


def _checked(job: JobDescription, rows: list[tables.Row], template: ZNSTemplate | None) -> Table:
    """Return the rows for the messages, or list all mistakes."""
    table = read_rows(
        rows,
        variables=None if template is None else variables_of_zns(template),
        key_column=job.key_column,
        phone_column=job.phone_column,
        columns=job.columns,
    )
    if not table.mistakes:
        return table
    for mistake in table.mistakes[:_MOST_MISTAKES]:
        note(str(mistake))
    more = len(table.mistakes) - _MOST_MISTAKES
    rest = f", {more} more than shown" if more > 0 else ""
    raise usage_error(f"{job.file} has {counted(len(table.mistakes), 'mistake')}{rest}; nothing was sent")


def _summary(messages: _Messages, journal: Path) -> tuple[str, int]:
    """Return one line about the messages that are left and their cost, and their number."""
    states = {key: record.state for key, record in _read(journal).records.items()} if journal.exists() else {}
    keys = [row.key for row in messages.table.rows]
    left = sum(states.get(key) is not bulk.State.DONE for key in keys)
    count = f"{left} of {len(keys)}" if left < len(keys) else str(left)
    job, template = messages.job, messages.template
    name = f"{template.template_name!r} ({job.template})" if template else job.template
    price = template.price if template else None
    cost = "price not documented"
    if price:
        cost = f"price {price} each, {left * price} in total (unit not documented)"
    return f"{count} {job.kind.upper()} of template {name} from {job.file}: {cost}", left


def _test(call: Call, messages: _Messages, given: Mapping[str, Any]) -> int:
    """Send one message, that of the first row, to the phone number of the tester."""
    first = messages.table.rows[0]
    key = f"test-{token_hex(8)}"
    table = Table((Row(key, given["test_to"], first.data),), ())
    line = f"1 test message with the data of {first.key!r} to {given['test_to']}"
    if given["dry_run"]:
        print(line)
        return exit_codes.DONE
    if not given["yes"]:
        confirm(f"{line}; it costs money or reaches a person")

    async def send(made: Client) -> int:
        (step,) = messages.steps(made, table)
        write_one(call, await step.engine.call(step.operation, step.request))
        return exit_codes.DONE

    return run_steps(call, send)


async def _run(messages: _Messages, made: Client, settings: _Settings) -> int:
    """Send the messages, write the report, and return the exit code."""
    steps = messages.steps(made)
    tell = _Teller(settings)
    is_interrupted = False
    async with AsyncExitStack() as stack:
        ledger = _ledger_of(messages.job, made)
        if ledger is not None:
            await stack.enter_async_context(ledger)
        stack.enter_context(tell)
        run = bulk.run(
            settings.journal,
            steps,
            settle_after=settings.settle_after,
            resend_unknown=settings.resend_unknown,
            ledger=ledger,
            on_event=tell,
            meta=messages.job.meta(),
        )
        try:
            async with run:
                left = len(steps) - run.report.counts.get(bulk.State.DONE, 0)
                with _screen(settings).bar("Sending", left) as advance:
                    ended: set[str] = set()
                    async for each in run:  # a message in doubt ends twice
                        advance(int(each.key not in ended))
                        ended.add(each.key)
        except KeyboardInterrupt:
            is_interrupted = True
    report = run.report
    write(
        report,
        settings.journal,
        is_json=settings.is_json,
        is_quiet=settings.is_quiet,
        has_rows=settings.events != "-",
    )
    if not report.is_complete and not settings.is_quiet:
        why = "interrupted" if is_interrupted else report.stopped.removesuffix(".")
        note(f"{why}{'; ' if why else ''}resume: etelecom bulk resume {shlex.quote(str(settings.journal))}")
    return exit_code_of(report, is_interrupted=is_interrupted)


def _screen(settings: _Settings) -> Quiet:
    return Screen(sys.stderr) if sys.stderr.isatty() and not settings.is_quiet else Quiet()


def _ledger_of(job: JobDescription, made: Client) -> bulk.SqliteLedger | None:
    """Return the ledger: the file that the user chose, or the one of all jobs of this user."""
    if job.ledger is not None:
        return bulk.SqliteLedger(job.ledger)
    if is_loopback(made.base_url):  # a new sandbox has the ids of the one before
        return None
    folder = profiles.folder()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return bulk.SqliteLedger(folder / "sent.ledger")


class _Teller:
    """
    Writes the events of a run: waits as notes, and all of them as lines of JSON if the user wants it.

    Args:
        settings: What the user decided.
    """

    def __init__(self, settings: _Settings) -> None:
        self._settings = settings
        self._file: TextIO | None = None
        self._lines: bulk.JsonLines | None = None

    def __enter__(self) -> None:
        path = self._settings.events
        if path == "-":
            self._lines = bulk.JsonLines(sys.stdout)
        elif path is not None:
            try:
                self._file = Path(path).open("a", encoding="utf-8", newline="\n")
            except OSError as error:
                raise usage_error(f"--events {path} cannot be written: {error.strerror or error}") from None
            self._lines = bulk.JsonLines(self._file)

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()

    def __call__(self, event: bulk.Ended | bulk.Waiting) -> None:
        """Write an event."""
        if isinstance(event, bulk.Waiting) and not self._settings.is_quiet:
            note(f"waiting {event.seconds:.0f} s: {event.reason}")
        if self._lines is not None:
            self._lines(event)
