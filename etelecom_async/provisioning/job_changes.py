"""
Keep the changes of a job beside its journal, and continue the job with a newer plan.

A journal takes no plan without its started steps. But a new plan is made from the present state, so it lacks
what is done already. The file `<journal>.changes` has those changes, and the steps of a run are both.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, cast

import attrs

from etelecom_async._core import private_files
from etelecom_async.bulk.records import Record
from etelecom_async.bulk.states import IN_DOUBT, NOT_EXECUTED, State
from etelecom_async.errors import JournalError
from etelecom_async.provisioning.changes import CREATES, Change, Kind, in_order

_FORMAT: Final = "etelecom_async.changes/1"
_FIELDS: Final = tuple(field.name for field in attrs.fields(Change) if field.name != "password")
_BLANK: Final = (None, ())


def resolved(path: str | os.PathLike[str]) -> Path:
    """Return an absolute path without links: a link must not lead to other files beside the journal."""
    return Path(path).resolve()


def path_of(journal: Path) -> Path:
    """Return the path of the changes of a job."""
    return journal.with_name(f"{journal.name}.changes")


def read(path: Path) -> dict[str, Change]:
    """
    Return the changes in a file by their keys; none if there is no file.

    Raises:
        JournalError: The file cannot be read, or is of another kind.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise JournalError(f"{path} cannot be read: {error.strerror or type(error).__name__}.") from None
    try:
        data: Any = json.loads(content)
        if data["format"] != _FORMAT:
            data = None
        return {fields["key"]: _decoded(fields) for fields in data["changes"]}
    except (ValueError, TypeError, KeyError, RecursionError):
        pass  # the error would hold names and phone numbers
    raise JournalError(f"{path} is not the file of a job: restore a copy of it, or use another journal.")


def write(path: Path, changes: Iterable[Change]) -> None:
    """
    Write the changes of a job, without passwords, in place of an older file.

    Raises:
        JournalError: The file cannot be written.
    """
    data = {"format": _FORMAT, "changes": [_encoded(change) for change in changes]}
    try:
        private_files.replace(path, json.dumps(data).encode())
    except OSError as error:
        raise JournalError(f"{path} cannot be written: {error.strerror or type(error).__name__}.") from None


def _encoded(change: Change) -> dict[str, Any]:
    # Like `attrs.asdict`, which takes several times as long.
    return {name: value for name in _FIELDS if (value := getattr(change, name)) not in _BLANK}


def _decoded(fields: dict[str, Any]) -> Change:
    typed: dict[str, Any] = {name: tuple(fields.get(name, ())) for name in ("after", "in_return")}
    typed["kind"] = Kind(fields["kind"])
    return Change(**(fields | typed))


@attrs.frozen(kw_only=True)
class JobChanges:
    """The changes of a job."""

    changes: Mapping[str, Change]
    """By their keys."""
    not_shown: frozenset[str] = frozenset()
    """Keys of creates that are done by the journal, but the new plan asks for them. They are not repeated."""
    superseded: frozenset[str] = frozenset()
    """
    Keys of changes in doubt that the new plan does not ask for. They must not be repeated.

    The plan was made from the present state: either it is as they ask for, or somebody has changed it since.
    """


def newest(changes: Iterable[Change], is_done: Callable[[str], bool]) -> Iterator[Change]:
    """
    Yield changes, but not those that were done, and are made once more.

    Args:
        changes: The changes of a job.
        is_done: Returns whether the change with a key is done.
    """
    given = list(changes)
    last = {_first_key(change.key): change.key for change in given}
    for change in given:
        if last[_first_key(change.key)] == change.key or not is_done(change.key):
            yield change


def _first_key(key: str) -> str:
    return key.partition("#")[0]


def merged(
    plan: Iterable[Change], earlier: Mapping[str, Change], records: Mapping[str, Record], path: Path
) -> JobChanges:
    """
    Return the changes of *plan*, and those of earlier plans that were started.

    Args:
        plan: The changes to make.
        earlier: The changes of earlier plans of this job.
        records: The steps in the journal.
        path: The file of *earlier*, for errors.

    Raises:
        JournalError: A step was started, and *earlier* lacks its change.
    """
    started = [key for key, record in records.items() if record.state not in NOT_EXECUTED]
    if missing := [key for key in started if key not in earlier]:
        raise JournalError(
            f"{path} lacks {len(missing)} changes of the journal: put both files back together, or use "
            f"another journal."
        )
    merging = _Merging({key: earlier[key] for key in started}, records)
    for change in plan:
        merging.add(change)
    return JobChanges(
        changes=merging.finished(),
        not_shown=frozenset(merging.not_shown),
        superseded=frozenset(merging.superseded),
    )


class _Merging:
    """
    The changes of a job, while those of a new plan are added.

    Args:
        started: The changes that were started, by their keys.
        records: The steps in the journal.
    """

    def __init__(self, started: dict[str, Change], records: Mapping[str, Record]) -> None:
        self._changes: Final = dict(started)
        self._new_keys: Final[dict[str, str]] = {}
        self.not_shown: Final[set[str]] = set()
        self._records: Final = records
        self._started: Final = started
        self.superseded: Final = {
            key
            for key, change in started.items()
            if records[key].state in IN_DOUBT and change.kind not in CREATES
        }
        self._repeated: Final[dict[tuple[str, int | None], list[str]]] = {}
        """For each extension: keys of its changes that are made again, because they are in doubt."""

    def add(self, change: Change) -> None:
        """Add a change of the new plan."""
        before = self._started.get(change.key)
        if before is not None and change.kind in CREATES:
            # The step stays as it was: the call may have been executed.
            self._changes[change.key] = attrs.evolve(before, row=change.row, password=change.password)
            if self._records[change.key].state is State.DONE:
                self.not_shown.add(change.key)
            return
        if before is not None:
            if change.key in self.superseded and self._target(change) == self._target(before):
                self._changes[change.key] = attrs.evolve(before, row=change.row)
                self.superseded.remove(change.key)
                extension = change.shop, change.extension_number
                self._repeated.setdefault(extension, []).append(change.key)
                return
            self._new_keys[change.key] = self._free_key(change.key)
            change = attrs.evolve(change, key=self._new_keys[change.key])
        self._changes[change.key] = change

    def finished(self) -> dict[str, Change]:
        """Return all changes in the order of the calls. New ones name one another by their new keys."""
        for key, change in self._changes.items():
            if key not in self._started:
                after = [self._new_keys.get(each, each) for each in change.after]
                repeated = self._repeated.get((change.shop, change.extension_number), [])
                self._changes[key] = attrs.evolve(change, after=tuple(dict.fromkeys((*after, *repeated))))
        return {change.key: change for change in in_order(self._changes.values())}

    def _free_key(self, key: str) -> str:
        """Return a key for a change that is made once more, for example to assign an extension anew."""
        number = 2
        while f"{key}#{number}" in self._started:
            number += 1
        return f"{key}#{number}"

    def _target(self, change: Change) -> tuple[object, ...]:
        """Return what *change* does, with the ids of objects that are there by now."""
        user = change.user_id or self._id_of(change.user_key)
        extension = change.extension_id or self._id_of(change.extension_key)
        return change.kind, extension, user, change.hotline_id

    def _id_of(self, key: str | None) -> object:
        record = self._records.get(cast("str", key))
        return None if record is None else record.kept.get("id")
