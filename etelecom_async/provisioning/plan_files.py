"""
Keep a plan in a file, to approve it first and to make its changes later.

The file has names and phone numbers of employees, so only its owner can read it. It has no passwords and no
keys. Read the shops again before the changes are made, and show `differences`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, NoReturn, cast

import attrs

from etelecom_async._core import private_files
from etelecom_async._core.tracebacks import boundary
from etelecom_async.errors import InvalidRequestError
from etelecom_async.provisioning.changes import Change, Kind, Note, NoteKind
from etelecom_async.provisioning.mistakes import masked_phone
from etelecom_async.provisioning.plan import Plan

_FORMAT: Final = "etelecom_async.plan/1"
_IS_GIVEN: Final = "has_password"
_NEW_ONE: Final = "The roster has a password, and the file of the plan has none: a new one is generated."
_TEXTS: Final = frozenset(
    {
        "shop",
        "full_name",
        "phone",
        "hotline_id",
        "user_id",
        "user_key",
        "extension_id",
        "extension_key",
        "key",
    }
)
_NUMBERS: Final = frozenset({"row", "extension_number"})
_NEEDED: Final[Mapping[Kind, tuple[str, ...]]] = {
    Kind.CREATE_USER: ("full_name", "phone"),
    Kind.CREATE_EXTENSION: ("extension_number", "hotline_id"),
    Kind.ASSIGN: ("extension_number", "extension_id"),
    Kind.UNASSIGN: ("extension_number", "extension_id"),
    Kind.MOVE: ("extension_number", "extension_id", "hotline_id"),
}


@boundary
def write_plan(path: str | os.PathLike[str], plan: Plan) -> None:
    """
    Write a plan to a file that only its owner can read, in place of an older one.

    Args:
        path: The file; its folder must exist.
        plan: The plan.

    Raises:
        OSError: The file cannot be written.
    """
    data = {
        "format": _FORMAT,
        "changes": [_packed_change(change) for change in plan.changes],
        "notes": [{**attrs.asdict(note), "kind": note.kind.value} for note in plan.notes],
        "shops": dict(plan.shops),
        "unchanged": dict(plan.unchanged),
        "present_extensions": plan.present_extensions,
    }
    private_files.replace(Path(path), json.dumps(data, ensure_ascii=False, indent=1).encode())


@boundary
def read_plan(path: str | os.PathLike[str]) -> Plan:
    """
    Return the plan in a file.

    It has no passwords. A note warns of each new employee whose password the roster has.

    Args:
        path: A file of `write_plan`.

    Raises:
        InvalidRequestError: The file is no plan, is damaged, or others can read it.
        OSError: The file cannot be read.
    """
    with Path(path).open("rb") as file:
        if private_files.is_open_to_others(os.fstat(file.fileno()).st_mode):
            _refuse(f"{path} is open to other users of this machine: run `chmod 600` on it")
        content = file.read()
    try:
        data: Any = json.loads(content)
    except (ValueError, RecursionError):  # the error would hold the text
        data = None
    if not isinstance(data, dict) or not isinstance(cast("dict[str, Any]", data).get("format"), str):
        _refuse(f"{path} is no file of a plan")
    fields = cast("dict[str, Any]", data)
    if fields["format"] != _FORMAT:
        _refuse(f"{path} has an unknown format; perhaps a newer version of the SDK wrote it")
    with suppress(KeyError, TypeError, ValueError, AttributeError):  # one of them would hold a value
        return _unpacked(fields)
    return _refuse(f"{path} is damaged: make the plan again")


def differences(old: Plan, new: Plan) -> list[str]:
    """
    Return sentences about what changed between two plans, for example since a plan was written.

    An empty list means that the changes are the same.

    Args:
        old: The plan that a person has seen.
        new: A plan of the same roster, from the shops as they are now.
    """
    before = {change.key: change for change in old.changes}
    after = {change.key: change for change in new.changes}
    return [
        *(f"No longer planned: {_named(before[key])}." for key in before if key not in after),
        *(f"Planned now: {_named(after[key])}." for key in after if key not in before),
        *(_difference(before[key], after[key]) for key in after if _differ(before.get(key), after[key])),
        *_new_problems(old, new),
    ]


def _packed_change(change: Change) -> dict[str, Any]:
    fields = attrs.asdict(change, filter=lambda field, value: field.name != "password" and value is not None)
    fields["kind"] = change.kind.value
    if change.password is not None:
        fields[_IS_GIVEN] = True
    return fields


def _unpacked(data: Mapping[str, Any]) -> Plan:
    changes = tuple(_unpacked_change(fields) for fields in data["changes"])
    keys = {change.key for change in changes}
    needed = {
        key for change in changes for key in (change.user_key, change.extension_key, *change.after) if key
    }
    if len(keys) < len(changes) or needed - keys:
        raise ValueError("two changes have one key, or a change is missing")
    passwords = [
        Note(kind=NoteKind.WARNING, shop=change.shop, row=change.row, text=_NEW_ONE)
        for change, fields in zip(changes, data["changes"], strict=True)
        if fields.get(_IS_GIVEN)
    ]
    notes = [_unpacked_note(fields) for fields in data["notes"]]
    return Plan(
        changes=changes,
        notes=(*notes, *passwords),
        shops={_text(shop): _text(name) for shop, name in data["shops"].items()},
        unchanged={_text(shop): _number(count) for shop, count in data["unchanged"].items()},
        present_extensions=_number(data["present_extensions"]),
    )


def _unpacked_change(fields: Mapping[str, Any]) -> Change:
    kind = Kind(fields["kind"])
    values: dict[str, Any] = {}
    for name, value in fields.items():
        if name in _TEXTS:
            values[name] = _text(value)
        elif name in _NUMBERS:
            values[name] = _number(value)
    for name in _NEEDED[kind]:
        if name not in values:
            raise ValueError(name)
    return Change(
        kind=kind,
        after=tuple(_text(key) for key in fields["after"]),
        in_return=tuple(_text(key) for key in fields["in_return"]),
        **values,
    )


def _unpacked_note(fields: Mapping[str, Any]) -> Note:
    row = fields["row"]
    return Note(
        kind=NoteKind(fields["kind"]),
        shop=_text(fields["shop"]),
        row=None if row is None else _number(row),
        text=_text(fields["text"]),
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _number(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise TypeError
    return value


def _refuse(problem: str) -> NoReturn:
    raise InvalidRequestError((problem,), operation="provisioning.read_plan")


_COMPARED: Final = {"full_name": "name", "hotline_id": "hotline", "extension_id": "extension"}


def _differing(before: Change, after: Change) -> Iterator[str]:
    # An employee who exists by now has an id in place of a key; the phone is the same.
    ids = {before.user_id, after.user_id} - {None}
    if before.phone != after.phone or len(ids) > 1:
        yield "employee"
    for name, word in _COMPARED.items():
        if getattr(before, name) != getattr(after, name):
            yield word


def _differ(before: Change | None, after: Change) -> bool:
    return before is not None and any(_differing(before, after))


def _difference(before: Change, after: Change) -> str:
    return f"Planned with another {' and '.join(_differing(before, after))} now: {_named(after)}."


def _new_problems(old: Plan, new: Plan) -> Iterator[str]:
    known = {(note.shop, note.row, note.text) for note in old.notes}
    for note in new.notes:
        if (
            note.kind in (NoteKind.BLOCKED, NoteKind.CONFLICT)
            and (note.shop, note.row, note.text) not in known
        ):
            row = "" if note.row is None else f", row {note.row}"
            yield f"New problem ({note.kind.value}; shop {note.shop}{row}): {note.text}"


def _named(change: Change) -> str:
    row = "" if change.row is None else f", row {change.row}"
    if change.kind is Kind.CREATE_USER:
        what = f"create the employee with the phone {masked_phone(change.phone or '')}"
    else:
        verb = "create" if change.kind is Kind.CREATE_EXTENSION else change.kind.value
        what = f"{verb} extension {change.extension_number}"
    return f"{what} (shop {change.shop}{row})"
