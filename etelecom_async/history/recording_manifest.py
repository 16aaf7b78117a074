"""
Keep what is known about each recording of a folder, in a file of JSON Lines.

A line belongs to a recording; the last line of a recording counts. The file has no address of a recording,
because such an address may open without a key. Digests of the address let a later run find the recording.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO, Final, Self, cast

import attrs

from etelecom_async import times
from etelecom_async._core import private_files

NAME: Final = "recordings.jsonl"
SAVED: Final = "saved"
MISSING: Final = "missing"
FAILED: Final = "failed"
_STATES: Final = (SAVED, MISSING, FAILED)
_PLAIN_ID: Final = re.compile(r"(?a)\d{1,30}")


@attrs.frozen(kw_only=True)
class Recording:
    """A recording of a call, as the folder knows it."""

    call_id: str
    """Id of the call."""
    number: int
    """Number of the recording within the call, from 0."""
    state: str
    """`saved`, `missing` (the server has no such file) or `failed`."""
    file: str | None = None
    """Name of the file in the folder; `None` if it is not saved."""
    bytes: int = 0
    """Size of the file."""
    reason: str | None = None
    """Why it is not saved."""
    at: str = ""
    """When the state was noted, with the offset of Hanoi."""
    digest: str = ""
    """Digest of the address."""
    path_digest: str = ""
    """Digest of the address without its query, where a signature may be."""

    @property
    def stem(self) -> str:
        """The name of its file, without the suffix. It has safe characters only, whatever the id is."""
        call = self.call_id
        if not _PLAIN_ID.fullmatch(call):
            call = f"x{_digest(call)}"
        return f"{call}-{self.number}"

    def noted(self, state: str, **fields: Any) -> Self:
        """Return the recording with a new state."""
        at = times.now().isoformat(timespec="seconds")
        return attrs.evolve(self, **{"file": None, "bytes": 0, "reason": None, **fields}, state=state, at=at)


class Manifest:
    """
    Keeps the state of each recording of a folder.

    Args:
        folder: The folder.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / NAME
        self._calls: dict[str, dict[int, Recording]] = {}
        """The recordings of each call by their numbers. Those without a state only keep their numbers."""
        self._file: BinaryIO | None = None

    def __iter__(self) -> Iterator[Recording]:
        for recordings in self._calls.values():
            yield from (each for each in recordings.values() if each.state)

    def read(self) -> None:
        """Read the file. A line that was cut when a process was killed is ignored."""
        with suppress(FileNotFoundError), self._path.open("rb") as lines:
            for line in lines:
                recording = _recording(line)
                if recording is not None:
                    self._keep(recording)

    def open(self) -> None:
        """
        Read the file, and write it again with one line for each recording.

        Raises:
            OSError: The file cannot be written.
        """
        self.read()
        private_files.replace(self._path, b"".join(map(_line, self)))
        self._file = self._path.open("ab", buffering=0)

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()

    def note(self, recording: Recording) -> int:
        """
        Note the state of a recording, and return the bytes of its line.

        Raises:
            OSError: The file cannot be written.
        """
        self._keep(recording)
        line = _line(recording)
        rest = memoryview(line)
        while rest:  # a disk that is almost full takes a part of the line
            rest = rest[cast("BinaryIO", self._file).write(rest) :]
        return len(line)

    def _keep(self, recording: Recording) -> None:
        self._calls.setdefault(recording.call_id, {})[recording.number] = recording

    def matched(self, call_id: str, addresses: Sequence[str]) -> list[Recording]:
        """
        Return the recordings of a call, in the order of their addresses; new ones have no state.

        A recording is known by its address. An address with another query in the same place may have a new
        signature only, so it is the same recording. Calls without an id are one call here, so their
        recordings have no place.
        """
        if not addresses:
            return []
        known = self._calls.setdefault(call_id, {})
        unmatched = {each.digest: each for each in known.values()}
        digests = [(_digest(address), _digest(_without_query(address))) for address in addresses]
        found = {
            place: unmatched.pop(digest) for place, (digest, _) in enumerate(digests) if digest in unmatched
        }
        free = itertools.count(max(known, default=-1) + 1)
        for place, (digest, path) in enumerate(digests):
            if place in found:
                continue
            same = known.get(place)
            if call_id and same is not None and same.digest in unmatched and same.path_digest == path:
                del unmatched[same.digest]
                found[place] = attrs.evolve(same, digest=digest)
                continue
            number = place if same is None else next(each for each in free if each not in known)
            found[place] = known[number] = Recording(
                call_id=call_id, number=number, state="", digest=digest, path_digest=path
            )
        return [found[place] for place in range(len(addresses))]


def _line(recording: Recording) -> bytes:
    fields = attrs.asdict(recording, filter=lambda _, value: value is not None)
    return f"{json.dumps(fields)}\n".encode()


def _recording(line: bytes) -> Recording | None:
    """Return the recording of a line; `None` if the line is not whole."""
    try:
        fields: Any = json.loads(line)
        known = {name: value for name, value in fields.items() if name in _TYPES}
        found = Recording(**known)
    except (ValueError, TypeError, AttributeError, RecursionError):
        return None
    is_right = all(isinstance(getattr(found, name), kind) for name, kind in _TYPES.items())
    return found if is_right and found.state in _STATES else None


_TEXT_OR_NONE: Final = (str, type(None))
_TYPES: Final[dict[str, type | tuple[type, ...]]] = {
    "call_id": str,
    "number": int,
    "state": str,
    "file": _TEXT_OR_NONE,
    "bytes": int,
    "reason": _TEXT_OR_NONE,
    "at": str,
    "digest": str,
    "path_digest": str,
}


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode(errors="surrogatepass"), digest_size=12).hexdigest()


def _without_query(address: str) -> str:
    return address.partition("#")[0].partition("?")[0]
