"""Make the call of a command, and write its result. This module loads the client and the models."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
import warnings
from collections.abc import AsyncIterator, Callable, Coroutine, Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple, Self, TextIO, cast

from etelecom_async import EtelecomError, Pager, ProvisionalOperationWarning, UnlistedValueWarning
from etelecom_async._core.attachment import Attachment
from etelecom_async._core.model import Model, fields_of
from etelecom_async.cli import exit_codes, failures
from etelecom_async.cli.calling import Client, DryRun, Watch, as_json, client, method, refuse, showing
from etelecom_async.cli.columns import same_path
from etelecom_async.cli.command import CommandError, usage_error
from etelecom_async.cli.credentials import Credentials
from etelecom_async.cli.index import Operation
from etelecom_async.cli.layout import TABLE, Layout
from etelecom_async.cli.output import Writer, writer
from etelecom_async.cli.request_body import Body
from etelecom_async.cli.rows import Plain, hanoi
from etelecom_async.cli.secret_results import new_secrets
from etelecom_async.cli.signals import run_until_interrupted
from etelecom_async.cli.terminal import confirm, note
from etelecom_async.cli.wording import in_words_of_commands
from etelecom_async.operations import OPERATIONS
from etelecom_async.paging import Paging

USUAL_PAGE: Final = 100
"""Rows in a page of the API, if the request does not say how many."""
_FLUSHED: Final = 100
"""Rows that are written at a time."""


class Call(NamedTuple):
    """A call to make, and where its result goes."""

    operation: Operation
    body: Body
    credentials: Credentials
    layout: Layout
    stream: TextIO
    limit: int | None
    page_size: int | None
    resume: str | None
    base_url: str | None
    is_dry: bool
    is_debug: bool
    is_quiet: bool
    question: str | None
    """What to ask before the call, if anything."""

    @classmethod
    def of(
        cls,
        operation: Operation,
        body: Body,
        credentials: Credentials,
        given: Mapping[str, Any],
        *,
        output: tuple[Layout, TextIO],
        question: str | None,
    ) -> Self:
        """
        Return the call of a command.

        Args:
            operation: The operation.
            body: The request.
            credentials: The key.
            given: Values of the options.
            output: What the user asked of the output, and the stream.
            question: What to ask before the call, if anything.
        """
        return cls(
            operation=operation,
            body=body,
            credentials=credentials,
            layout=output[0],
            stream=output[1],
            limit=given.get("limit"),
            page_size=given.get("page_size"),
            resume=given.get("resume"),
            base_url=given["base_url"],
            is_dry=given["dry_run"],
            is_debug=given["debug"],
            is_quiet=given["quiet"],
            question=question,
        )


def run_call(call: Call) -> int:
    """
    Make the call, write its result, and return the exit code.

    Raises:
        CommandError: The list ended early, or the user does not agree.
        EtelecomError: The call failed.
    """
    with watching(call):
        arguments = arguments_of(call)
        refuse_masked_result(call)
        if call.question is not None:
            confirm(call.question)
        return run_until_interrupted(_with_client(call, lambda made: _make(call, made, *arguments)))


def run_raw(call: Call) -> int:
    """
    Make the call by its wire name, write the JSON object of the response, and return the exit code.

    Raises:
        EtelecomError: The call failed.
    """
    with watching(call):
        refuse_masked_result(call)
        if call.question is not None:
            confirm(call.question)
        return run_until_interrupted(_with_client(call, lambda made: _make_raw(call, made)))


def refuse_masked_result(call: Call) -> None:
    """
    Refuse a call that makes a secret which no later call can read, if the output would mask it.

    Raises:
        CommandError: The user must add `--reveal`, or choose columns without the secret.
    """
    row = OPERATIONS.get(call.operation.name)
    if row is None or call.is_dry or call.layout.reveal:
        return
    chosen = call.layout.columns
    lost = [name for name in new_secrets(row) if not chosen or any(same_path(name, each) for each in chosen)]
    if not lost:
        return
    words = call.operation.command
    ids = [name for name in call.operation.columns if name.rpartition(".")[2] == "id"]
    instead = f"; --columns {ids[0]} does without" if ids else ""
    raise usage_error(
        f"{words} returns {' and '.join(lost)} only once, and masked without --reveal: add --reveal --output "
        f"FILE, which makes a file that only you can read{instead}. Nothing was sent"
    )


def run_rows(call: Call, rows: Callable[[Client], AsyncIterator[object]], *, if_none: str) -> int:
    """
    Write the rows of one or more calls, and return the exit code.

    Args:
        call: What the calls have in common.
        rows: Makes the calls, and returns the models.
        if_none: The note about an empty list, which then counts as failed; empty if it does not.

    Raises:
        CommandError: The list ended early.
        EtelecomError: A call failed.
    """

    async def write(made: Client) -> int:
        if await _list(call, rows(made)) or not if_none:
            return exit_codes.DONE
        note(if_none)
        return exit_codes.FAILED

    return run_steps(call, write)


def run_steps(call: Call, steps: Callable[[Client], Coroutine[Any, Any, int]]) -> int:
    """
    Run the steps of a command that needs more than one call, and return the exit code.

    Args:
        call: What the steps have in common.
        steps: Makes the calls with a client, and returns the exit code.

    Raises:
        EtelecomError: A call failed.
    """
    with watching(call):
        return run_until_interrupted(_with_client(call, steps))


async def _with_client(call: Call, steps: Callable[[Client], Coroutine[Any, Any, int]]) -> int:
    code = exit_codes.DONE
    async with client(call.credentials, call.base_url, watch_of(call)) as made:
        with dry_run(call):
            code = await steps(made)
    return code


async def _make_raw(call: Call, made: Client) -> int:
    result = await made.call(call.operation.wire, call.body)
    # The response is a whole JSON object; the operation's columns are those of one item of a list.
    write_one(call._replace(operation=call.operation._replace(result="")), result)
    return exit_codes.DONE


async def _make(call: Call, made: Client, positional: Sequence[object], named: Mapping[str, object]) -> int:
    result = method(made, call.operation.name)(*positional, **named)
    if call.operation.is_list:
        pager = cast("Pager[Any]", result)
        await _list(call, aiter(pager if call.limit is None else pager.take(call.limit)))
    else:
        write_one(call, await cast("Coroutine[Any, Any, object]", result))
    return exit_codes.DONE


def write_one(call: Call, result: object) -> None:
    """Write the result of a call that is no list."""
    _writer(call).one(_plain(call).row(result))


def arguments_of(call: Call) -> tuple[Sequence[object], Mapping[str, object]]:
    """
    Return the positional and the named arguments of the method, from the request's JSON object.

    Raises:
        InvalidRequestError: A field is unknown, missing or of a wrong type.
    """
    row = OPERATIONS[call.operation.name]
    body = dict(call.body)
    for field in call.operation.fields:
        if field.kind == "file" and isinstance(body.get(field.path[0]), str):
            body[field.path[0]] = Attachment(Path(body[field.path[0]]))
    _set_page_size(call, body)
    request: Model = row.request.from_dict(body)
    if call.operation.is_partial:
        return (request,), {}
    named = _fields(request, row.credentials)
    if call.resume is not None:
        named["resume"] = call.resume
    return (), named


def _fields(request: Model, without: tuple[str, ...]) -> dict[str, Any]:
    """Return the fields that are set. A list takes those of its filter and of its paging, too."""
    kind: Any = type(request)
    given: dict[str, Any] = {}
    for field in fields_of(kind):
        value = getattr(request, field.name)
        if value is None or field.name in without:
            continue
        if isinstance(value, Paging) or (field.name == "filter" and isinstance(value, Model)):
            given |= _fields(value, ())
        else:
            given[field.name] = value
    return given


def _set_page_size(call: Call, body: Body) -> None:
    size = call.page_size
    if size is None and call.limit is not None and call.limit < USUAL_PAGE:
        size = call.limit  # no row that nobody asked for
    if not call.operation.page_size or size is None:
        return
    *objects, name = call.operation.page_size
    place = body
    for inner in objects:
        place[inner] = place = dict(place.get(inner) or {})
    if call.page_size is not None or place.get(name) is None:
        place[name] = size


async def _list(call: Call, items: AsyncIterator[object]) -> int:
    """
    Write the rows of a list, and return their number.

    Raises:
        CommandError: The list ended early, after some rows.
    """
    out, plain = _writer(call), _plain(call)
    rows = 0
    try:
        async for item in items:
            out.add(plain.row(item))
            rows += 1
            if rows % _FLUSHED == 0:
                call.stream.flush()
    except EtelecomError as error:
        out.end()
        if not rows:
            raise
        more = f" Continue with --resume {error.checkpoint}" if error.checkpoint else ""
        message = f"{failures.text_of(error)} The list ended after {rows} rows.{more}"
        raise CommandError(message, exit_code=exit_codes.PARTLY_DONE) from error
    except asyncio.CancelledError:  # Ctrl-C: what is written stays readable
        out.end()
        raise
    out.end()
    return rows


def _writer(call: Call) -> Writer:
    row = call.operation
    return writer(call.layout, call.stream, result=row.result or row.name, known=row.columns)


def _plain(call: Call) -> Plain:
    reveal = call.layout.reveal
    if call.layout.format_for(call.stream) == TABLE:
        return Plain(reveal=reveal, write=hanoi)
    return Plain(reveal=reveal)


def watch_of(call: Call) -> Watch | None:
    """Return what sees each request."""
    if call.is_dry:
        return refuse
    return showing(call.credentials) if call.is_debug else None


@contextmanager
def dry_run(call: Call) -> Generator[None]:
    """Write the request instead of the result, if it was stopped before it was sent."""
    try:
        yield
    except DryRun as dry:
        call.stream.write(f"{json.dumps(as_json(dry.request), ensure_ascii=False, indent=2)}\n")


@contextmanager
def watching(call: Call) -> Generator[None]:
    """Write the log of the SDK to stderr for `--debug`; else only its pauses, as notes, like warnings."""
    logger = logging.getLogger("etelecom_async")
    level = logger.level
    # Without any handler, Python would write the records itself.
    handler = logging.StreamHandler(sys.stderr) if call.is_debug else _Pauses(call)
    logger.addHandler(handler)
    if call.is_debug:
        logger.setLevel(logging.DEBUG)
        note(f"the key comes from {call.credentials.source}")
    try:
        with warnings.catch_warnings():
            # The command has said so in its own words.
            warnings.simplefilter("ignore", ProvisionalOperationWarning)
            warnings.simplefilter("ignore" if call.is_quiet else "always", UnlistedValueWarning)
            warnings.showwarning = _note_warning
            yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)


class _Pauses(logging.Handler):
    """Notes a long pause, so that a command does not seem to hang. The error itself says the rest."""

    def __init__(self, call: Call) -> None:
        super().__init__()
        self._is_quiet = call.is_quiet

    def emit(self, record: logging.LogRecord) -> None:
        """Write a note of a pause."""
        if not self._is_quiet and getattr(record, "kind", None) == "pause":
            note(record.getMessage())


def _note_warning(message: Warning | str, *_: object, **__: object) -> None:
    note(in_words_of_commands(str(message)))
