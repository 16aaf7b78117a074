"""Make a report about the calls of a span: one HTML file."""

from __future__ import annotations

import asyncio
import errno
import os
import stat
import tempfile
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path
from typing import Any, BinaryIO, Final, ParamSpec, TypedDict, TypeVar, Unpack, cast

import attrs

from etelecom_async import times
from etelecom_async._client import ShopClient
from etelecom_async._core import private_files
from etelecom_async._core.tracebacks import cleaned
from etelecom_async._core.values import kind_of
from etelecom_async._generated import models
from etelecom_async.errors import APIError, DecodeError, InvalidRequestError
from etelecom_async.history import report_page
from etelecom_async.history.hotlines import HotlineColumns, listed
from etelecom_async.history.reading import CallOptions, Calls, calls
from etelecom_async.history.report_database import Database, step_of
from etelecom_async.history.report_figures import Figures
from etelecom_async.history.report_sections import Heading
from etelecom_async.history.report_texts import LANGUAGES, Language, readable
from etelecom_async.history.streams import WholeStream
from etelecom_async.history.walking import Stage

P = ParamSpec("P")
R = TypeVar("R")

LIMIT: Final = 20
"""Seconds within which an answer is in time, if the caller does not choose."""


class ReadOptions(TypedDict, total=False):
    """
    How the call logs of a report are read. Filters would hide call backs, so there are none.

    Attributes:
        windows (int): As in `CallOptions`.
        limit (int): Rows in a page, as in `CallOptions`.
        margin (timedelta): As in `CallOptions`.
    """

    windows: int
    limit: int
    margin: timedelta


@attrs.frozen(kw_only=True)
class Report:
    """What a report is about."""

    calls: int
    """Calls in the span."""
    missed: int
    """Missed calls."""
    not_returned: int
    """Missed calls that were not returned."""
    requests: int
    """Responses with call logs that were received."""
    hotline_requests: int
    """Those of them that were for the hotlines."""
    size: int
    """Bytes of the page."""

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain data."""
        return attrs.asdict(self)


async def report(
    shop: ShopClient,
    output: str | os.PathLike[str] | BinaryIO,
    since: str | date,
    until: str | date | None = None,
    *,
    language: Language = "en",
    hotlines: bool | Iterable[models.Hotline] = False,
    service_level: float = LIMIT,
    reveal_numbers: bool = False,
    on_progress: Stage | None = None,
    **options: Unpack[ReadOptions],
) -> Report:
    """
    Write a report about the calls of a span of time: one HTML file that needs no network.

        await history.report(shop, "week.html", "-7d", "today", language="vi")

    The file appears when it is whole. It can only be read by its owner, because it has names and perhaps
    phone numbers; a file that it replaces keeps its mode. The page prints the definition of each figure.
    It never has the address of a recording.

    Args:
        shop: A client of the shop.
        output: The file, or a binary stream. An existing file is replaced.
        since: First day, or an aware time; see `calls`.
        until: The day after the last one, or an aware time. Default: now.
        language: `en` or `vi`.
        hotlines: Whether to count the calls of each hotline. A call log names no hotline, so the report lists
            the calls of each hotline, too. `True` takes the hotlines of `shop.hotlines.list`, which is
            inferred; a list of hotlines needs no such call.
        service_level: Seconds within which an answer is in time.
        reveal_numbers: Whether to show the numbers of callers that nobody called back. Default: masked.
        on_progress: Is called after each part.
        options: See `ReadOptions`.

    Raises:
        InvalidRequestError: An argument is wrong.
        EtelecomError: A request failed.
        OSError: The file cannot be written.
    """
    try:
        path = _path(output)
        _check(language, service_level, options)
        reading = cast("CallOptions", options)
        walk = calls(shop, since, until, **reading)
        columns = HotlineColumns(shop, walk.span, reading)
        if hotlines is not False:
            await columns.read(None if hotlines is True else listed(hotlines), on_progress)
        heading = Heading(
            language=language,
            shop=await _name(shop) or walk.account,
            span=walk.span,
            step=step_of(walk.span),
            made=times.now(),
            limit=service_level,
            reveals_numbers=reveal_numbers,
            employees=await _employees(shop),
        )
        read = _Reading(walk, columns, has_hotlines=hotlines is not False)
        figures = await read.figures(service_level, on_progress)
        page = (await in_thread(report_page.page, figures, heading)).encode()
        if path is None:
            WholeStream(cast("BinaryIO", output)).write(page)
        else:
            _write(path, page)
    except BaseException as error:
        cleaned(error)
        raise
    return Report(
        calls=figures.calls,
        missed=figures.missed.missed,
        not_returned=figures.missed.open,
        requests=columns.requests + walk.progress.requests,
        hotline_requests=columns.requests,
        size=len(page),
    )


@attrs.frozen
class _Reading:
    """Reads the calls, and counts them."""

    walk: Calls
    columns: HotlineColumns
    has_hotlines: bool = attrs.field(kw_only=True)

    async def figures(self, limit: float, on_progress: Stage | None) -> Figures:
        """Return the figures. The calls are in a file meanwhile, and not in memory."""
        walk = self.walk
        with (
            tempfile.TemporaryDirectory(prefix="etelecom-report-") as folder,
            Database(Path(folder)) as database,
        ):
            async for table in walk:
                database.add(self.columns.add(table))
                if on_progress is not None:
                    on_progress("calls", walk.progress)
            return await in_thread(database.figures, walk.span, limit=limit, has_hotlines=self.has_hotlines)


async def in_thread(function: Callable[P, R], /, *args: P.args, **options: P.kwargs) -> R:
    """Run a function in a thread, so that the event loop stays free. A cancellation waits for its end."""
    task = asyncio.ensure_future(asyncio.to_thread(function, *args, **options))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])  # it uses the files that are deleted next
        raise


async def _name(shop: ShopClient) -> str:
    """Return the name of the shop; empty if the service does not say it."""
    with suppress(APIError, DecodeError):
        return readable((await shop.current()).name)
    return ""


async def _employees(shop: ShopClient) -> Mapping[str, str] | None:
    """Return the names of the employees by their ids; `None` if the key may not read them."""
    with suppress(APIError, DecodeError):
        return {user.id: readable(user.full_name or user.short_name) async for user in shop.users.list()}
    return None


def _check(language: object, service_level: object, options: ReadOptions) -> None:
    """
    Check the arguments that only a report has.

    Raises:
        InvalidRequestError: One is wrong.
    """
    problems: list[str] = []
    if language not in LANGUAGES:
        problems.append(f"language takes one of {', '.join(LANGUAGES)}, not {language!r:.40}")
    is_number = isinstance(service_level, int | float) and not isinstance(service_level, bool)
    if not is_number or not 0 < cast("float", service_level) < float("inf"):
        problems.append("service_level takes a number of seconds above 0")
    unknown = options.keys() - ReadOptions.__annotations__.keys()
    problems += [f"there is no option {name!r} for a report" for name in sorted(unknown)]
    if problems:
        raise InvalidRequestError(tuple(problems))


def _path(output: object) -> Path | None:
    """
    Return the file to write; `None` for a stream.

    Raises:
        InvalidRequestError: It is neither a path nor a binary stream.
        OSError: No file can be there.
    """
    if not isinstance(output, str | os.PathLike):
        if not callable(getattr(output, "write", None)) or hasattr(output, "encoding"):
            raise InvalidRequestError((f"output takes a path or a binary stream, not {kind_of(output)}",))
        return None
    path = Path(os.path.realpath(cast("str", output)))
    if not path.parent.is_dir():
        raise FileNotFoundError(errno.ENOENT, "there is no such folder", str(path.parent))
    with suppress(FileNotFoundError):
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            raise IsADirectoryError(errno.EISDIR, "this is a folder, and no file", str(path))
        if not stat.S_ISREG(mode):  # the file would take its place
            raise OSError(errno.EINVAL, "this is no file: open it, and give the stream", str(path))
    return path


def _write(path: Path, page: bytes) -> None:
    mode = None
    with suppress(FileNotFoundError):
        mode = stat.S_IMODE(path.stat().st_mode)
    private_files.replace(path, page)
    if mode is not None:
        path.chmod(mode)
