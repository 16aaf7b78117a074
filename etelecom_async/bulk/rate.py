"""
One rate for all processes of one machine: web workers, a nightly job and a bulk job.

A small file holds the time of the last start and of the next free one. Each process changes it under a lock,
for some microseconds. All times are those of the monotonic clock, which the processes of a machine share.
This module sends nothing.
"""

from __future__ import annotations

import math
import os
import stat
import struct
import sys
import time
import zlib
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final, cast

from etelecom_async._core.codec.scalars import plain_scalar
from etelecom_async._core.tracebacks import boundary
from etelecom_async._core.values import kind_of
from etelecom_async.bulk.drives import network_drive
from etelecom_async.errors import ConfigurationError

LOWEST: Final = 1e-6
HIGHEST: Final = 1e6
"""Starts a second that a file can express."""

_FORMAT: Final = b"etrate1\n"
_RECORD: Final = struct.Struct("<QQQQdd")
"""The fields of a state, and the time of its last change."""
_CHECKSUM: Final = struct.Struct("<I")
_SIZE: Final = len(_FORMAT) + _RECORD.size + _CHECKSUM.size
_UNTIMED: Final = len(_FORMAT) + _RECORD.size - 8
"""Size of everything before the time of the last change."""

_TRIES: Final = 20
"""How often to try for the lock in a row. Its holder needs only some microseconds."""
_BUSY: Final = 0.001
"""Seconds to wait for the lock after these tries."""
_LONGEST_WAIT: Final = 1.0
"""After these seconds a waiting attempt looks whether earlier places belong to killed processes."""
_PATIENCE: Final = 0.1
"""Seconds, at least, without a start before a waiting attempt takes the next one out of turn."""
_NEVER: Final = -math.inf


class _State:
    """What the file holds. It changes only under the lock."""

    __slots__ = ("free", "generation", "last", "next", "started")

    def __init__(self, generation: int, started: int, next_number: int, free: int, last: float) -> None:
        self.generation = generation
        """It changes when all places are given up; then each waiting attempt takes a new one."""
        self.started = started
        """Highest number of a place whose attempt has started."""
        self.next = next_number
        """Number of the next place."""
        self.free = free
        """Number of an earlier place that was given back."""
        self.last = last
        """Time of the last start."""

    def reserve(self) -> int:
        """Return the number of a new place, the lowest one."""
        if self.free > self.started:
            number, self.free = self.free, 0
            return number
        self.next += 1
        return self.next - 1

    def give_back(self, number: int) -> None:
        """Give a place back."""
        if self.next == number + 1 > self.started + 1:  # no later place is taken
            self.next = number
        else:
            self.free = number

    def due(self, number: int, gap: float) -> float:
        """Return when the attempt at a place may start. A late start moves all later ones."""
        return self.last + max(1, number - self.started) * gap

    def start(self, number: int, now: float) -> None:
        """Record a start."""
        self.started = max(self.started, number)
        self.last = now

    def start_out_of_turn(self, now: float) -> None:
        """Record a start, and give all places up: the processes that took them have been killed."""
        self.generation += 1
        self.start(self.next, now)
        self.next += 1


class _RateFile:
    """
    The file of a rate.

    Args:
        path: The file.
        gap: Seconds between two starts, at least.
    """

    def __init__(self, path: str, gap: float) -> None:
        self.path: Final = path
        self._lock: Final = f"{path}.lock"
        self.gap: Final = gap
        self.patience: Final = max(2 * gap, _PATIENCE)
        """Seconds after a gap without a start until a waiting attempt starts out of turn."""
        self.now: Callable[[], float] = _NOW

    def change(self, step: Callable[[_State, float], float]) -> float:
        """
        Let *step* change the state under the lock, and return what it returns: the seconds to wait.

        If another process holds the lock, return the seconds after which to try again.
        """
        try:
            with _locked(self._lock) as has_lock:
                if not has_lock:
                    return _BUSY
                with _Opened(self.path) as descriptor:
                    content = os.read(descriptor, _SIZE + 1)
                    now = self.now()
                    state = _decoded(content, now)
                    if state is not None:
                        seconds = step(state, now)
                        changed = _encoded(state, now)
                        if changed[:_UNTIMED] != content[:_UNTIMED]:
                            os.lseek(descriptor, 0, os.SEEK_SET)
                            os.write(descriptor, changed)
                        return seconds
        except OSError as error:
            reason = error.strerror or type(error).__name__
            reason = f"cannot be used: {reason}. Each process must be able to write to it and to {self._lock}"
        else:
            reason = "is no file of a shared rate, so it was not changed. Use another path"
        message = f"{self.path} {reason}."
        raise ConfigurationError(message)


class SharedRate:
    """
    A rate that all clients with the same file keep together, in all processes of one machine.

    Give it to clients as `rate=`. Attempts start in the order in which they began to wait, with at least
    `1 / per_second` seconds between two of them. A process that is killed delays the others by less than two
    seconds, or by three gaps if these are longer. The file stays after the last process, and can be used
    again; after a restart of the machine, too.

    Args:
        path: The file, on a local disk. A missing file is created; its folder must exist. A file beside it,
            with `.lock` at the end, is its lock. Each process needs write access to both.
        per_second: Maximum number of attempts that start within a second. Use the same number everywhere. If
            the numbers differ, the highest one limits all clients together.

    Raises:
        ConfigurationError: *per_second* is not a number above 0. Or *path* is no path, is on a network drive,
            cannot be used, or is no file of a shared rate.
    """

    @boundary
    def __init__(self, path: str | os.PathLike[str], per_second: float) -> None:
        checked = _checked_path(path)
        self.per_second: Final = _checked_rate(per_second)
        """Maximum number of attempts that start within a second."""
        self._file: Final = _RateFile(checked, 1.0 / self.per_second)
        self._not_before = _NEVER
        """Until then no attempt may start, so the file need not be read."""
        self._file.change(lambda _state, _now: 0.0)  # raises now what would be raised by each call

    def start_nowait(self) -> bool:
        """
        Start an attempt now; return false if it is too early, or if other attempts wait.

        Raises:
            ConfigurationError: The file cannot be used any more.
        """
        file = self._file
        return file.now() >= self._not_before and not file.change(self._start_nowait)

    def _start_nowait(self, state: _State, now: float) -> float:
        gap = self._file.gap
        self._not_before = state.last + gap
        if now < state.due(state.next, gap):
            return _BUSY
        state.start(state.next, now)
        state.next += 1
        return 0.0

    def place(self) -> SharedPlace:
        """Return a place for an attempt that has to wait."""
        return SharedPlace(self._file)

    def __repr__(self) -> str:
        return f"SharedRate({self._file.path!r}, {self.per_second:g})"


class SharedPlace:
    """
    The place of one waiting attempt.

    Args:
        file: The file of the rate.
    """

    def __init__(self, file: _RateFile) -> None:
        self._file = file
        self._number: int | None = None
        self._generation = 0

    def start(self) -> float:
        """
        Start the attempt now and return 0; if it is too early, return the seconds after which to ask again.

        Raises:
            ConfigurationError: The file cannot be used any more.
        """
        return self._file.change(self._start)

    def _start(self, state: _State, now: float) -> float:
        gap = self._file.gap
        number = self._number
        if number is None or self._generation != state.generation:
            number = self._number = state.reserve()
            self._generation = state.generation
        due = state.due(number, gap)
        out_of_turn = state.last + gap + self._file.patience
        if now >= due:
            state.start(number, now)
        elif now >= out_of_turn:
            state.start_out_of_turn(now)
        else:
            return min(due - now, max(_LONGEST_WAIT, out_of_turn - now))
        self._number = None
        return 0.0

    def leave(self) -> None:
        """Give the place back, unless the attempt has started."""
        if self._number is not None:
            with suppress(ConfigurationError):
                self._file.change(self._leave)
            self._number = None

    def _leave(self, state: _State, _: float) -> float:
        if self._number is not None and self._generation == state.generation:
            state.give_back(self._number)
        return 0.0


# Both clocks are the same for all processes, and cannot be set. `time.monotonic` has steps
# of 16 ms on Windows before Python 3.13.
_NOW: Final = time.perf_counter if sys.platform == "win32" else time.monotonic


_FLAGS: Final = os.O_RDWR | getattr(os, "O_BINARY", 0)


class _Opened:
    """Open a file, and create it if it is missing."""

    __slots__ = ("_descriptor", "_path")

    def __init__(self, path: str) -> None:
        self._path = path

    def __enter__(self) -> int:
        try:
            self._descriptor = os.open(self._path, _FLAGS)
        except FileNotFoundError:
            # `O_CREAT` at once would be refused for a file of another user in a folder like /tmp.
            self._descriptor = os.open(self._path, _FLAGS | os.O_CREAT, 0o666)
        return self._descriptor

    def __exit__(self, *_: object) -> None:
        os.close(self._descriptor)


def _decoded(content: bytes, now: float) -> _State | None:
    """Return the state in a file; `None` if the file is not of a shared rate."""
    if not content:
        return _State(0, 0, 1, 0, _NEVER)
    is_blank = not content.strip(b"\0")  # a file may be so after a power failure
    if not (is_blank or content.startswith(_FORMAT)) or len(content) > _SIZE:
        return None
    body, checksum = content[: -_CHECKSUM.size], content[-_CHECKSUM.size :]
    if len(content) == _SIZE and checksum == _CHECKSUM.pack(zlib.crc32(body)):
        *numbers, last, changed_at = cast(
            "tuple[int, int, int, int, float, float]", _RECORD.unpack_from(body, len(_FORMAT))
        )
        if changed_at <= now:
            generation, started, next_number, free = numbers
            return _State(generation, started, next_number, free, last)
    # The machine was restarted or the file is damaged. Perhaps an attempt has just started.
    return _State(0, 0, 1, 0, now)


def _encoded(state: _State, now: float) -> bytes:
    body = _FORMAT + _RECORD.pack(state.generation, state.started, state.next, state.free, state.last, now)
    return body + _CHECKSUM.pack(zlib.crc32(body))


@contextmanager
def _locked_by_filelock(path: str) -> Generator[bool]:
    """Hold the lock, or yield false if another one holds it. This works on each system."""
    from filelock import FileLock, Timeout  # only Windows needs it

    lock = FileLock(path, timeout=0)
    try:
        lock.acquire()
    except Timeout:
        yield False
        return
    try:
        yield True
    finally:
        lock.release()


if sys.platform == "win32":
    _locked = _locked_by_filelock

else:
    import fcntl

    # The lock belongs to the open file, and not to the process. So threads exclude each other, too. A fork
    # shares nothing, because the file is opened each time. `FileLock` takes ten times as long.
    @contextmanager
    def _locked(path: str) -> Generator[bool]:
        """Hold the lock, or yield false if another one holds it. The system frees it after a kill."""
        with _Opened(path) as descriptor:
            for _ in range(_TRIES):
                with suppress(BlockingIOError):
                    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
            else:
                yield False
                return
            try:
                yield True
            finally:
                fcntl.flock(descriptor, fcntl.LOCK_UN)  # also for a child that was forked meanwhile


def _checked_path(given: Any) -> str:
    text = cast("object", os.fspath(given)) if isinstance(given, str | os.PathLike) else None
    if not isinstance(text, str) or not Path(text).name or "\0" in text:
        found = "this text" if text and isinstance(given, str) else kind_of(cast("object", given))
        message = f"path takes the path of a file, not {found}."
        raise ConfigurationError(message)
    path = Path(text).absolute()  # the working folder may change
    if drive := network_drive(path.parent.resolve()):
        message = f"{path} is on a network drive ({drive}), where locks are not safe. Use a local disk."
        raise ConfigurationError(message)
    with suppress(OSError):
        if not stat.S_ISREG(path.stat().st_mode):
            message = f"{path} is not a file."
            raise ConfigurationError(message)
    return str(path)


def _checked_rate(given: object) -> float:
    rate = plain_scalar(given)
    if isinstance(rate, bool) or not isinstance(rate, int | float) or not LOWEST <= rate <= HIGHEST:
        message = f"per_second takes a number from {LOWEST:f} to {HIGHEST:.0f}, not {_shown(rate)}."
        raise ConfigurationError(message)
    return float(rate)


def _shown(value: object) -> str:
    # A text may be a key in the wrong place.
    is_short = isinstance(value, int | float) and abs(value) < 10 * HIGHEST
    return repr(value) if is_short else kind_of(value)
