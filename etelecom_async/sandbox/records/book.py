"""
Add, change, delete and read the records of a sandbox, of every kind in the same way.

Values that a caller gives are written as they are, so a record can have a state to which the service itself
would never lead. Only references and numbers in use are checked.
"""

# ruff: noqa: S608 - names in SQL are our own tables and columns; values are bound by `?`

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Final

from etelecom_async.sandbox.hints import did_you_mean
from etelecom_async.sandbox.ids import UNSET_ID
from etelecom_async.sandbox.listing import ListQuery, fetch_page
from etelecom_async.sandbox.records.drafts import Draft
from etelecom_async.sandbox.records.kinds import KINDS, SHOP, UNSET, Kind, Reference
from etelecom_async.sandbox.records.values import (
    RecordError,
    check_creation,
    check_fields,
    hints_of,
    time_to_wire,
    to_wire,
)
from etelecom_async.sandbox.rules import DEFAULTS, Rules
from etelecom_async.sandbox.store.clock import Clock
from etelecom_async.sandbox.store.state import State
from etelecom_async.sandbox.times import micros

# Fields that are not written into a record as they are.
_SPECIAL: Final = ("id", "shop", "created_at", "updated_at")
_TABLES_OF_SHOP: Final = (
    "tenant", "account_user", "extension", "call_log", "oa", "follower", "consent", "zns_template",
    "journey", "zns_message",
)  # fmt: skip
# Other rows of a shop, which have no scheduled changes.
_ROWS_OF_SHOP: Final = (
    "webhook WHERE account_id = ?",
    "sign_in WHERE shop_id = ?",
    "oa_link WHERE shop_id = ?",
    "oa_code WHERE shop_id = ?",
    *(f"{table} WHERE oa_id IN (SELECT id FROM oa WHERE shop_id = ?)" for table in ("oa_message", "upload")),
)


class RecordBook:
    """
    The records of one sandbox, as the state holds them: URLs of recordings have a placeholder for the origin.

    Args:
        state: The state.
        clock: The clock.
        rules: The rules of lists, which `fetch_all` keeps.
        allow_duplicates: Whether a number may be used again for another record.
    """

    def __init__(
        self, state: State, clock: Clock, *, rules: Rules = DEFAULTS, allow_duplicates: bool = False
    ) -> None:
        self._state: Final = state
        self._clock: Final = clock
        self._rules: Final = rules
        self._allow_duplicates: Final = allow_duplicates

    @contextmanager
    def changes(self) -> Generator[None]:
        """Commit the changes of the block together; none is kept if the block fails."""
        with self._state.transaction():
            yield

    def add(self, kind_name: str, given: Mapping[str, object]) -> dict[str, Any]:
        """
        Add a record inside of `changes`; return its JSON.

        Raises:
            RecordError: A field is wrong; each problem starts with the name of its field.
        """
        kind, now = KINDS[kind_name], self._clock.now()
        values, problems = check_fields(given, kind.new, kind.enums(), now, kind.parts())
        shop_id = self._shop_of(kind, values, problems)
        self._resolve(kind, values, shop_id, problems)
        if problems:
            raise RecordError(problems)
        draft = Draft(
            state=self._state,
            table=kind.table,
            now=now,
            shop_id=shop_id,
            serial=self._next_serial(),
            values=values,
        )
        with _reporting_conflicts(kind):
            record_id = kind.create(draft)
            self._write(kind, record_id, values, values.get("updated_at", draft.created_at))
            record = self.get(kind_name, record_id)
        if kind.name == "shops":
            keys = self._state.fetch_one("SELECT api_key, shop_key FROM shop WHERE id = ?", record_id)
            return {"shop": record, "api_key": keys["api_key"], "shop_key": keys["shop_key"]}
        return record

    def update(self, kind_name: str, record_id: int, given: Mapping[str, object]) -> dict[str, Any]:
        """
        Change fields of a record inside of `changes`, and drop their scheduled changes; return its JSON.

        Raises:
            RecordError: There is no such record, or a field is wrong.
        """
        kind, now = KINDS[kind_name], self._clock.now()
        self._require(kind, record_id)
        values, problems = check_fields(given, kind.fields, kind.enums(), now, kind.parts())
        self._resolve(kind, values, self._owner(kind, record_id), problems)
        if problems:
            raise RecordError(problems)
        with _reporting_conflicts(kind):
            self._write(kind, record_id, values, values.get("updated_at", now))
        return self.get(kind_name, record_id)

    def delete(self, kind_name: str, record_id: int) -> None:
        """
        Delete a record inside of `changes`; a shop with everything that belongs to it.

        Raises:
            RecordError: There is no such record, or it is the first shop.
        """
        kind = KINDS[kind_name]
        self._require(kind, record_id)
        if kind.name == "shops":
            self._delete_content_of_shop(record_id)
        self._state.delete(kind.table, record_id)

    def get(self, kind_name: str, record_id: int) -> dict[str, Any]:
        """
        Return the JSON of a record.

        Raises:
            RecordError: There is no such record.
        """
        kind = KINDS[kind_name]
        self._require(kind, record_id)
        return self._state.fetch_doc(kind.table, record_id)

    def fetch_all(self, kind_name: str, shop: str | None = None) -> list[dict[str, Any]]:
        """
        Return the JSON of all records, in the order of the API's lists.

        Args:
            kind_name: The kind.
            shop: Id or e-mail address of a shop, whose records are returned; all if it is missing.

        Raises:
            RecordError: There is no such shop.
        """
        kind = KINDS[kind_name]
        query = ListQuery(kind.table, rules=self._rules.without_paging())
        if shop is not None:
            query.where(kind.of_shop, self._find(SHOP, "shop", shop, 0))
        return [json.loads(doc) for doc in fetch_page(self._state, kind.name, query, None).docs]

    def _next_serial(self) -> int:
        """Return the number of the next new record; the state has it, so a file and a snapshot keep it."""
        row = self._state.fetch_first("SELECT value FROM setting WHERE name = 'added_records'")
        serial = int(row["value"]) + 1 if row else 1
        self._state.save_settings(added_records=str(serial))
        return serial

    def _require(self, kind: Kind, record_id: int) -> None:
        if not self._state.fetch_first(f"SELECT 1 FROM {kind.table} WHERE id = ?", record_id):
            raise RecordError([f"there is no {kind.noun} {record_id}"])

    def _shop_of(self, kind: Kind, values: dict[str, Any], problems: list[str]) -> int:
        """Return the shop of a new record; 0 for none."""
        if not kind.has_shop or ("shop" in values and values["shop"] is None):
            return 0
        given = values.get("shop", self._state.setting("shop_id"))
        try:
            return self._find(SHOP, "shop", given, 0)
        except RecordError as error:
            problems += error.problems
            return 0

    def _owner(self, kind: Kind, record_id: int) -> int:
        """Return the shop of a record; 0 for a kind whose records refer to nothing of a shop."""
        if not kind.references:
            return 0
        row = self._state.fetch_one(f"SELECT shop_id FROM {kind.table} WHERE id = ?", record_id)
        shop_id: int = row["shop_id"]
        return shop_id

    def _resolve(self, kind: Kind, values: dict[str, Any], shop_id: int, problems: list[str]) -> None:
        """Replace other names of records by their ids."""
        for name, reference in kind.references.items():
            if name not in values:
                continue
            if reference.may_be_unset and values[name] in UNSET:
                values[name] = UNSET_ID
                continue
            try:
                number = self._find(reference, name, str(values[name]), shop_id)
            except RecordError as error:
                problems += error.problems
            else:
                values[name] = number if isinstance(values[name], int) else str(number)

    def _find(self, reference: Reference, field: str, text: str, shop_id: int) -> int:
        """Return the id of a record by its id or its other name."""
        scope, values = ("shop_id = ?", (shop_id,)) if reference.is_of_shop else ("true", ())
        keys = f"id, {reference.key}" if reference.key else "id"
        rows = f"SELECT {keys} FROM {reference.table} WHERE {scope}"
        for key in keys.split(", "):
            found = self._state.fetch_first(f"{rows} AND CAST({key} AS TEXT) = ? ORDER BY id", *values, text)
            if found:
                record_id: int = found["id"]
                return record_id
        where = f" in shop {shop_id}" if reference.is_of_shop else ""
        known = [str(value) for row in self._state.fetch_all(f"{rows} LIMIT 1000", *values) for value in row]
        problem = f"there is no {reference.noun} {text[:40]!r}{where}"
        raise RecordError([f"{field}: {problem}{did_you_mean(text, known)}"])

    def _write(self, kind: Kind, record_id: int, values: dict[str, Any], updated_at: datetime) -> None:
        """Write values into a record and into the columns that mirror them."""
        table = kind.table
        record = self._state.fetch_doc(table, record_id)
        if kind.prepare:
            kind.prepare(values, record, record_id)
        self._check_unique(kind, record_id, values)
        hints, changes, columns = hints_of(kind.new), dict[str, Any](), dict[str, object]()
        for name, value in values.items():
            if name in kind.columns:
                column, convert = kind.columns[name]
                columns[column] = _converted(name, value, convert)
            if name in record and name not in _SPECIAL:
                is_time = value is None and "datetime" in str(hints.get(name))
                changes[name] = time_to_wire(None) if is_time else to_wire(value)
        if "created_at" in values:
            columns["created_at"] = _converted("created_at", values["created_at"], _creation)
            if "created_at" in record:
                changes["created_at"] = to_wire(values["created_at"])
        self._state.unschedule(table, record_id, {*changes, *values})
        self._state.update(table, record_id, updated_at, changes, **columns)

    def _check_unique(self, kind: Kind, record_id: int, values: Mapping[str, Any]) -> None:
        if self._allow_duplicates:
            return
        for name, group in kind.unique.items():
            if name not in values:
                continue
            column, _ = kind.columns[name]
            same = f"other.{group} = own.{group}" if group else "true"
            found = self._state.fetch_first(
                f"SELECT other.id FROM {kind.table} AS other JOIN {kind.table} AS own ON own.id = ? "
                f"WHERE other.id <> own.id AND other.{column} = ? AND {same}",
                record_id,
                values[name],
            )
            if found:
                problem = f"{kind.noun} {found['id']} has {values[name]!r} already"
                raise RecordError([f"{name}: {problem}; choose another one, or allow duplicates"])

    def _delete_content_of_shop(self, shop_id: int) -> None:
        if str(shop_id) == self._state.setting("shop_id"):
            raise RecordError([f"shop {shop_id} is the first shop, whose keys the sandbox gives; keep it"])
        on_tenant = "SELECT id FROM hotline WHERE tenant_id IN (SELECT id FROM tenant WHERE shop_id = ?)"
        for row in self._state.fetch_all(on_tenant, shop_id):
            self._state.delete("hotline", row["id"])
        for rows in _ROWS_OF_SHOP:
            self._state.execute(f"DELETE FROM {rows}", shop_id)
        for table in _TABLES_OF_SHOP:
            for row in self._state.fetch_all(f"SELECT id FROM {table} WHERE shop_id = ?", shop_id):
                self._state.delete(table, row["id"])


def _creation(moment: datetime) -> int:
    check_creation(moment)
    return micros(moment)


def _converted(name: str, value: Any, convert: Callable[[Any], object]) -> object:
    try:
        return convert(value)
    except ValueError as error:
        raise RecordError([f"{name}: {error}"]) from None


@contextmanager
def _reporting_conflicts(kind: Kind) -> Generator[None]:
    """Raise `RecordError` if a value that the tables allow once is used twice, or a number is too large."""
    try:
        yield
    except sqlite3.IntegrityError as error:
        column = str(error).rpartition(".")[2]
        raise RecordError([f"{column}: another {kind.noun} has this value already"]) from None
    except OverflowError:
        raise RecordError([f"a number of the {kind.noun} has more than 64 bits"]) from None
