"""Download the recordings of the calls of a span of time."""

from __future__ import annotations

import asyncio
import itertools
import os
import ssl
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Unpack, cast

import attrs

from etelecom_async._core.clock import Clock
from etelecom_async._core.http.addresses import is_public
from etelecom_async._core.http.downloads import Downloader, DownloadError, Incoming, Kind, Limits, Part
from etelecom_async._core.http.tls import Tls
from etelecom_async._core.tracebacks import boundary, cleaned
from etelecom_async._core.values import kind_of
from etelecom_async.errors import InvalidRequestError
from etelecom_async.history import recording_formats
from etelecom_async.history.reading import CallFilter, CallOptions, Calls, calls
from etelecom_async.history.recording_folder import QuotaReachedError, RecordingFolder
from etelecom_async.history.recording_manifest import FAILED, MISSING, SAVED, Manifest, Recording
from etelecom_async.history.recording_parts import PartFile

if TYPE_CHECKING:
    from etelecom_async._client import ShopClient

_ATTEMPTS: Final = 3
_LONGEST_WAIT: Final = 60.0
"""Seconds that a run waits if a server asks for it. After a longer request, the next run tries again."""
_MOST_UNREACHABLE: Final = 10
"""Recordings in a row without a connection or a response in time, until the run gives the server up."""
_USUAL_CONCURRENCY: Final = 4
_MOST_CONCURRENCY: Final = 64
_KEPT: Final = (Kind.BROKEN, Kind.UNREACHABLE)
"""Failures after which the part of a file stays."""
_PASSING: Final = (*_KEPT, Kind.CHANGED)
"""Failures after which the same run tries again."""
_NO_SPACE: Final = "it does not fit into max_bytes, which the folder may hold"


class RecordingOptions(CallFilter, total=False):
    """
    Which recordings are downloaded, and how.

    Attributes:
        windows (int): Parts of the span whose calls are listed at once, from 1 to 64. Default: 4.
        concurrency (int): Files to download at once, from 1 to 64. Default: 4.
        max_bytes (int): Bytes that the folder may hold. The run ends with the first file that does not fit.
            Default: any number.
        max_file_bytes (int): Bytes of one file. A larger one fails. Default: 512 MiB.
        allow_private (bool): Whether to connect to this machine and to addresses of private networks. A
            telephone exchange in the office may need it. Default: `False`.
        retry_missing (bool): Whether to ask again for files that the server did not have. Default: `False`.
        tls (Tls): Certificates for the servers of the recordings. Default: the system's.
    """

    windows: int
    concurrency: int
    max_bytes: int
    max_file_bytes: int
    allow_private: bool
    retry_missing: bool
    tls: Tls | ssl.SSLContext


@attrs.frozen(kw_only=True)
class RecordingCounts:
    """What a run has done."""

    files: int = 0
    """Files that were downloaded."""
    bytes: int = 0
    """Bytes of these files."""
    missing: int = 0
    """Recordings that the server does not have, also those that an earlier run has noted."""
    failed: int = 0
    """Recordings that could not be downloaded for another reason; the next run tries again."""
    skipped: int = 0
    """Recordings that the folder had before."""

    def to_dict(self) -> dict[str, int]:
        """Return the fields as plain data."""
        return attrs.asdict(self)


async def download_recordings(
    shop: ShopClient,
    folder: str | os.PathLike[str],
    since: str | date,
    until: str | date | None = None,
    *,
    on_progress: Callable[[RecordingCounts, float], object] | None = None,
    **options: Unpack[RecordingOptions],
) -> RecordingCounts:
    """
    Download the recordings of the calls of a span of time into a folder.

        counts = await history.download_recordings(shop, "recordings", "-7d", "today")

    The files have the names `<call id>-<number>.<suffix>`. A file appears when it is whole. A file that is
    whole is not requested again, and one that was cut is continued. The file `recordings.jsonl` in the folder
    says what happened to each recording; `recordings` reads it.

    The requests have no key: the addresses of recordings seem to need none, which is inferred. They use
    neither the proxy nor the headers of the client.

    Args:
        shop: A client of the shop.
        folder: The folder; it is made if it does not exist.
        since: First day, or an aware time; see `calls`.
        until: The day after the last one, or an aware time. Default: now.
        on_progress: Is called after each recording, with the counts and the share of the time that was read.
        options: See `RecordingOptions`. Each filter of `shop.call_logs.list` is an option, too.

    Raises:
        InvalidRequestError: An argument is wrong.
        EtelecomError: The calls could not be listed.
        BlockingIOError: Another run downloads into the folder.
        OSError: The folder cannot be written.
    """
    try:
        rows = calls(shop, since, until, **_checked(folder, options))
        run = _Run(shop, Path(folder), rows, options, on_progress)
        return await run.download()
    except BaseException as error:
        cleaned(error)
        raise


@boundary
def recordings(folder: str | os.PathLike[str]) -> list[Recording]:
    """
    Return what a folder of recordings knows about each of them.

        for recording in history.recordings("recordings"):
            print(recording.call_id, recording.state, recording.file, recording.reason)

    Args:
        folder: The folder of `download_recordings`. A folder without recordings has none.

    Raises:
        OSError: The folder cannot be read.
    """
    manifest = Manifest(Path(folder))
    manifest.read()
    return list(manifest)


def _checked(folder: object, options: RecordingOptions) -> CallOptions:
    """
    Return the options for the list of the calls.

    Raises:
        InvalidRequestError: The folder or another option is wrong.
    """
    given = cast("Mapping[str, Any]", options)
    unknown = sorted(given.keys() - RecordingOptions.__annotations__.keys())
    problems = [f"there is no option {name!r}" for name in unknown]
    if not isinstance(folder, str | os.PathLike) or folder == "":
        problems.append("folder takes the path of a folder")
    concurrency = given.get("concurrency", _USUAL_CONCURRENCY)
    if type(concurrency) is not int or not 1 <= concurrency <= _MOST_CONCURRENCY:
        problems.append(f"concurrency takes a whole number from 1 to {_MOST_CONCURRENCY}")
    problems += [
        f"{name} takes a whole number of bytes, at least 1"
        for name in ("max_bytes", "max_file_bytes")
        if name in given and (type(given[name]) is not int or given[name] < 1)
    ]
    problems += [
        f"{name} takes True or False, not {kind_of(given[name])}"
        for name in ("allow_private", "retry_missing")
        if not isinstance(given.get(name, False), bool)
    ]
    if not isinstance(given.get("tls"), Tls | ssl.SSLContext | None):
        problems.append(f"tls takes a Tls or an ssl.SSLContext, not {kind_of(given['tls'])}")
    if problems:
        raise InvalidRequestError(tuple(problems))
    of_list = {name: value for name, value in given.items() if name in CallOptions.__annotations__}
    return cast("CallOptions", of_list)


def _check(head: bytes) -> None:
    """
    Check the first bytes of a whole file.

    Raises:
        DownloadError: They are not those of a recording.
    """
    if not head:
        raise DownloadError(Kind.REFUSED, "the file is empty")
    if recording_formats.is_page(head):
        raise DownloadError(Kind.REFUSED, "the server sends a page, which is no recording")


def _any_address(_address: str, /) -> bool:
    return True


class _Servers:
    """The servers that cannot be reached, so that a run does not wait for each of their files."""

    def __init__(self) -> None:
        self._failures: Counter[str] = Counter()

    def check(self, address: str) -> None:
        """
        Check that the server of an address may still be tried.

        Raises:
            DownloadError: Too many recordings in a row had no connection.
        """
        if self._failures[_origin(address)] >= _MOST_UNREACHABLE:
            reason = f"the server did not respond for {_MOST_UNREACHABLE} recordings before it"
            raise DownloadError(Kind.UNREACHABLE, reason)

    def note(self, address: str, failure: DownloadError | None) -> None:
        """Note how a download from a server ended; `None` is success."""
        if failure is not None and failure.kind is Kind.UNREACHABLE:
            self._failures[_origin(address)] += 1
        else:
            self._failures.pop(_origin(address), None)


def _origin(address: str) -> str:
    return "/".join(address.split("/", 3)[:3])


@attrs.frozen
class _Job:
    """A recording to download."""

    recording: Recording
    address: str = attrs.field(repr=False)


class _Run:
    """One run over the recordings of a span."""

    def __init__(
        self,
        shop: ShopClient,
        folder: Path,
        rows: Calls,
        options: RecordingOptions,
        on_progress: Callable[[RecordingCounts, float], object] | None,
    ) -> None:
        self._calls = rows
        self._options = options
        self._on_progress = on_progress
        self._concurrency = options.get("concurrency", _USUAL_CONCURRENCY)
        self._folder = RecordingFolder(folder, options.get("max_bytes"))
        self._clock: Clock = cast("Any", shop)._engine.options.clock
        self._counts = RecordingCounts()
        self._waiting: asyncio.Queue[_Job | None] = asyncio.Queue(maxsize=self._concurrency)
        self._seen: set[tuple[str, int]] = set()
        """Recordings that are waiting, or that are being downloaded."""
        self._servers = _Servers()
        self._is_full = False

    async def download(self) -> RecordingCounts:
        """Download the recordings."""
        certificates: ssl.SSLContext | bool = True
        tls = self._options.get("tls")
        if tls is not None:
            certificates = await asyncio.to_thread(tls.context) if isinstance(tls, Tls) else tls
        limits = Limits()
        if "max_file_bytes" in self._options:
            limits = Limits(max_bytes=self._options["max_file_bytes"])
        downloader = Downloader(
            accepts=recording_formats.accepts,
            is_allowed=_any_address if self._options.get("allow_private") else is_public,
            limits=limits,
            certificates=certificates,
        )
        async with downloader:
            with self._folder:
                try:
                    async with asyncio.TaskGroup() as tasks:
                        for _ in range(self._concurrency):
                            tasks.create_task(self._work(downloader))
                        await self._list()
                except BaseExceptionGroup as failures:
                    raise failures.exceptions[0] from None
        return self._counts

    async def _list(self) -> None:
        """Hand out the recordings of each call."""
        async for table in self._calls:
            for row in table.select(["id", "recording_urls"]).to_pylist():
                await self._hand_out(row["id"] or "", row["recording_urls"] or ())
            if self._is_full:
                break
            self._show()
        for _ in range(self._concurrency):
            await self._waiting.put(None)

    async def _hand_out(self, call_id: str, urls: Sequence[str | None]) -> None:
        addresses = list(dict.fromkeys(url for url in urls if url))
        found = self._folder.manifest.matched(call_id, addresses)
        for recording, address in zip(found, addresses, strict=True):
            key = recording.call_id, recording.number
            if self._is_full or key in self._seen:
                continue
            if self._folder.has(recording):
                self._count(skipped=1)
            elif recording.state == MISSING and not self._options.get("retry_missing"):
                self._count(missing=1)
            else:
                self._seen.add(key)
                await self._waiting.put(_Job(recording, address))

    async def _work(self, downloader: Downloader) -> None:
        while (job := await self._waiting.get()) is not None:
            if not self._is_full:
                await self._save(downloader, job)
                self._show()

    async def _save(self, downloader: Downloader, job: _Job) -> None:
        """Download a recording, and note what became of it."""
        recording = job.recording
        part = PartFile(
            self._folder.path, recording.stem, recording.path_digest, self._folder.quota.give_back
        )
        try:
            name = await self._fetch(downloader, job.address, part)
        except DownloadError as error:
            self._servers.note(job.address, error)
            is_missing = error.kind is Kind.MISSING
            noted = recording.noted(MISSING if is_missing else FAILED, reason=error.reason)
            self._count(missing=int(is_missing), failed=int(not is_missing))
        except QuotaReachedError:
            self._is_full = True
            noted = recording.noted(FAILED, reason=_NO_SPACE)
            self._count(failed=1)
        else:
            self._servers.note(job.address, None)
            noted = recording.noted(SAVED, file=name, bytes=part.size)
            self._count(files=1, bytes=part.size)
        finally:
            part.close()
        self._folder.note(noted)
        self._seen.discard((recording.call_id, recording.number))

    async def _fetch(self, downloader: Downloader, address: str, part: PartFile) -> str:
        """
        Download a recording, and return the name of its file.

        Raises:
            DownloadError: It could not be downloaded.
            QuotaReachedError: It does not fit into the folder.
        """
        try:
            earlier = part.restore()
            if not part.is_whole:
                self._servers.check(address)
                await self._receive(downloader, address, part, earlier)
            _check(part.head())
        except DownloadError as error:
            if error.kind not in _KEPT:
                part.discard()
            raise
        return part.finish()

    async def _receive(
        self, downloader: Downloader, address: str, part: PartFile, earlier: Part | None
    ) -> None:
        """
        Receive what is missing, with some more attempts.

        Raises:
            DownloadError: The last attempt failed.
            QuotaReachedError: It does not fit into the folder.
        """
        for attempt in itertools.count(1):
            try:
                async with downloader.open(address, earlier) as incoming:
                    await self._write(incoming, part)
                    return
            except DownloadError as error:
                part.close()
                wait = max(error.wait or 0.0, 2.0 ** (attempt - 1))
                if error.kind not in _PASSING or attempt == _ATTEMPTS or wait > _LONGEST_WAIT:
                    raise
                is_changed = error.kind is Kind.CHANGED
            if is_changed:
                part.discard()
                earlier = None
                continue
            earlier = part.restore()
            await self._clock.sleep(wait)

    async def _write(self, incoming: Incoming, part: PartFile) -> None:
        quota = self._folder.quota
        part.begin(incoming)
        total = incoming.total
        if total is None:

            def write(piece: bytes) -> None:
                quota.take(len(piece))
                part.write(piece)

            await incoming.read(write)
            return
        quota.take(total - part.size)
        try:
            await incoming.read(part.write)
        finally:
            quota.give_back(total - part.size)

    def _count(self, **more: int) -> None:
        counts = self._counts
        self._counts = attrs.evolve(counts, **{name: getattr(counts, name) + n for name, n in more.items()})

    def _show(self) -> None:
        if self._on_progress is not None:
            self._on_progress(self._counts, self._calls.progress.done)
