"""Make READ calls with the user's own keys, and compare the service with the SDK."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple, cast
from urllib.parse import urlsplit

from etelecom_async import Effect, EtelecomError
from etelecom_async._core.urls import is_loopback
from etelecom_async.cli import exit_codes, failures
from etelecom_async.cli.calling import Client, client, showing
from etelecom_async.cli.command import CommandError
from etelecom_async.cli.credentials import PARTNER, SHOP, SMS, Credentials
from etelecom_async.cli.doctor import baseline, keys, reads, rules
from etelecom_async.cli.doctor.keys import Key
from etelecom_async.cli.doctor.reads import describe
from etelecom_async.cli.doctor.rules import Rule
from etelecom_async.cli.doctor.shapes import TEXT, Difference, Shape, is_shown
from etelecom_async.cli.index import CLIENTS
from etelecom_async.errors import (
    APIError,
    BadRouteError,
    DecodeError,
    PermissionDeniedError,
    TransportError,
    UnauthenticatedError,
    UnimplementedError,
)
from etelecom_async.operations import OPERATIONS, Operation
from etelecom_async.paging import PageInfo

ABSENT: Final = "missing operation"
REFUSED: Final = "refused key"
BROKEN: Final = "response"
_CALLS: Final = "shop.call_logs.list"
_SHOWN_FIELDS: Final = ("shop.hotlines.list", "partner.shops.list")
"""Lists whose fields the documentation does not show."""
_NOT_FOUND: Final = 404
_RETRIES: Final = 1
"""One retry settles most failures, and a user does not wait long for a service that fails."""


class Outcome(NamedTuple):
    """How the comparison of an operation ended."""

    operation: str
    wire: str
    key: str
    """Kind of the key; empty without one."""
    outcome: str
    rows: int
    """Rows of a list that were compared."""


class Report(NamedTuple):
    """All that was found."""

    service: str
    """Whose host it is; never its name."""
    differences: list[Difference]
    """The differences that are not expected."""
    texts: list[Difference]
    """All texts that the lists of the SDK lack."""
    rules: list[Rule]
    fields: Mapping[str, Mapping[str, str]]
    """Types by path, of the lists whose fields the documentation does not show."""
    forms: Mapping[str, Mapping[str, int]]
    """How values that are not set, and times, are written."""
    outcomes: list[Outcome]
    not_tried: list[str]
    exit_code: int

    @property
    def different_rules(self) -> list[Rule]:
        """The rules of lists that differ."""
        return [rule for rule in self.rules if rule.differs]


class _Examination:
    """
    Reads the service with all keys.

    Args:
        keys: The keys that can be used, with a client for each.
    """

    def __init__(self, keys: Sequence[tuple[Key, Client]]) -> None:
        self._keys = keys
        self._rows: dict[str, list[Any]] = {}
        self._ids: set[tuple[str, Any]] = set()
        """Rows that were compared, by operation and id."""
        self.shapes: dict[str, Shape] = {}
        self.differences: list[Difference] = []
        self.outcomes: list[Outcome] = []
        self.next_on_last_page: set[bool] = set()
        self.refusal: EtelecomError | None = None

    async def read_all(self) -> None:
        """Make the READ calls of all operations."""
        for row in reads.order():
            for name in _clients_of(row):
                await self._read(row, self._key_for(row, name))

    def _key_for(self, row: Operation[Any, Any], name: str) -> tuple[Key, Client] | None:
        """Return the key for an operation: one of a documented kind, or else another one."""
        own = [each for each in self._keys if each[0].credentials.client == name]
        return next((each for each in own if each[0].kind in row.callers), own[0] if own else None)

    async def _read(self, row: Operation[Any, Any], key: tuple[Key, Client] | None) -> None:
        if key is None:
            self._end(row, "", "no key for it")
            return
        kind = key[0].kind.value
        read = reads.read_of(row, self._rows)
        if read.reason:
            self._end(row, kind, f"not tried: {read.reason}")
            return
        try:
            response = await key[1].call(key[1].wire_name(row), read.body, effect=Effect.READ)
        except EtelecomError as error:
            self._add_failure(row, key[0], error)
            return
        rows = self._compare(row, response, reads.SMALL_PAGE)
        self._end(row, kind, "compared" if rows or row.items is None else "compared, without rows", rows)

    def _end(self, row: Operation[Any, Any], kind: str, outcome: str, rows: int = 0) -> None:
        self.outcomes.append(Outcome(row.name, row.wire_name, kind, outcome, rows))

    def _add_failure(self, row: Operation[Any, Any], key: Key, error: EtelecomError) -> None:
        if isinstance(error, TransportError) and not self.shapes:
            raise error
        difference = None
        if isinstance(error, BadRouteError | UnimplementedError) or _is_bare_not_found(error):
            outcome = ABSENT
            difference = Difference(row.name, ABSENT, "", row.wire_name, describe(error), 1, 1)
        elif isinstance(error, PermissionDeniedError | UnauthenticatedError):
            self.refusal = self.refusal or error
            outcome = f"refused for a {key.kind.value}"
            is_documented = key.kind in row.callers and not row.denied
            if is_documented and isinstance(error, PermissionDeniedError):
                difference = Difference(row.name, REFUSED, "", f"a {key.kind.value}", describe(error), 1, 1)
        elif isinstance(error, DecodeError):
            outcome = BROKEN
            difference = Difference(row.name, BROKEN, "", "a JSON object", describe(error), 1, 1)
        else:
            self.refusal = self.refusal or error
            outcome = f"failed: {describe(error)}"
        self.differences += [] if difference is None else [difference]
        self._end(row, key.kind.value, outcome)

    def _compare(self, row: Operation[Any, Any], response: dict[str, Any], limit: int) -> int:
        """Compare a response, and return the number of its rows."""
        shape = self.shapes.setdefault(row.name, Shape(row.name))
        if row.items is None:
            shape.add(row.response, response)
            return 0
        name = _array_name(row, response)
        rows_of: Any = row.response
        known: dict[str, Any] = {name: tuple[rows_of, ...]}
        if row.pages is not None:
            known |= {row.pages.response: int, row.pages.total: int}
        elif hasattr(row.request, "paging"):
            known["paging"] = PageInfo
        rows = _array_at(response, name)
        if new := [each for each in rows if self._is_new(row.name, each)]:
            response = {**response, name: new}
        elif rows:  # an array without them would look like an empty one
            known.pop(name)
            response = {field: value for field, value in response.items() if field != name}
        shape.add_fields(known, response)
        self._rows.setdefault(row.name, []).extend(rows)
        paging = _object_at(response, "paging")
        if paging is not None and 0 < len(rows) < limit:
            self.next_on_last_page.add(bool(paging.get("next")))
        return len(rows)

    def _is_new(self, operation: str, item: Any) -> bool:
        """Return whether a row counts: several questions may read the same one."""
        key = (operation, cast("dict[str, Any]", item).get("id") if isinstance(item, dict) else None)
        if not isinstance(key[1], str | int):
            return True
        is_new = key not in self._ids
        self._ids.add(key)
        return is_new

    async def ask_rules(self) -> list[Rule]:
        """Find out the rules of lists."""
        found = self._key_for(OPERATIONS[_CALLS], SHOP)
        if found is None or not any(
            each.operation == _CALLS and each.outcome.startswith("compared") for each in self.outcomes
        ):
            return rules.unseen_all("the list of calls could not be read")
        row, made = OPERATIONS[_CALLS], found[1]

        async def fetch(body: Mapping[str, Any]) -> tuple[list[dict[str, Any]], Mapping[str, Any] | None]:
            response = await made.call(made.wire_name(row), body, effect=Effect.READ)
            self._compare(row, response, 0)
            rows = [
                cast("dict[str, Any]", each)
                for each in _array_at(response, row.items or "")
                if isinstance(each, dict)
            ]
            return rows, _object_at(response, "paging")

        try:
            answers = await rules.ask(fetch)
        except EtelecomError as error:
            answers = rules.unseen_all(describe(error))
        return [*answers, self._next()]

    def _next(self) -> Rule:
        if not self.next_on_last_page:
            return rules.unseen(rules.NEXT, "no list ended with its first page")
        if len(self.next_on_last_page) > 1:
            return Rule(rules.NEXT, "is filled in some lists, and empty in others")
        return Rule(rules.NEXT, "is filled" if True in self.next_on_last_page else "is empty")


async def examine(found: Sequence[Credentials], base_url: str | None, *, is_debug: bool = False) -> Report:
    """
    Compare the service with the SDK.

    Args:
        found: The keys.
        base_url: The value of `--base-url`.
        is_debug: Whether to show each request.

    Raises:
        CommandError: No key can be used, or the URL cannot.
        EtelecomError: No call came through.
    """
    opened: list[Client] = []
    usable: list[tuple[Key, Client]] = []
    problems: list[str] = []
    is_only_sms = {each.client for each in found} == {SMS}
    try:
        for finding, key in keys.check(found):
            if key is None:
                problems.append(finding.line())
                continue
            url = base_url if key.credentials.client != SMS or is_only_sms else None
            watch = showing(key.credentials) if is_debug else None
            opened.append(client(key.credentials, url, watch))
            usable.append((key, opened[-1].with_options(retries=_RETRIES)))
        if not usable:
            raise CommandError(problems[0], exit_code=exit_codes.KEY)
        examination = _Examination(usable)
        await examination.read_all()
        answers = await examination.ask_rules()
        service = _service(opened[0].base_url)
    finally:
        for made in opened:
            await made.close()
    if not examination.shapes and examination.refusal is not None and not examination.differences:
        raise examination.refusal
    shapes = examination.shapes
    found_in_shapes = [each for shape in shapes.values() for each in shape.differences()]
    return Report(
        service=service,
        differences=sorted([*examination.differences, *baseline.unexpected(found_in_shapes)]),
        texts=sorted(each for each in found_in_shapes if each.kind == TEXT),
        rules=answers,
        fields={name: _types(shapes[name]) for name in _SHOWN_FIELDS if name in shapes},
        forms=_forms(shapes.values()),
        outcomes=sorted(examination.outcomes),
        not_tried=[f"{row.name} ({row.wire_name}, {row.effect.value})" for row in reads.not_tried()],
        exit_code=_exit_code(examination),
    )


def _exit_code(examination: _Examination) -> int:
    """Return whether the service was read."""
    if examination.shapes or examination.refusal is None:
        return exit_codes.DONE
    return failures.exit_code_of(examination.refusal)


def _clients_of(row: Operation[Any, Any]) -> Sequence[str]:
    first = row.name.partition(".")[0]
    return (first,) if first in CLIENTS else (SHOP, PARTNER)


def _array_name(row: Operation[Any, Any], response: Mapping[str, Any]) -> str:
    """Return the JSON name of a list's array, which the documentation may not show."""
    if row.items is not None and row.items != "*":
        return row.items
    arrays = (name for name, value in response.items() if isinstance(value, list) and is_shown(name))
    return next(arrays, "(no array)")


def _array_at(response: Mapping[str, Any], name: str) -> Sequence[Any]:
    value = response.get(name)
    return cast("Sequence[Any]", value) if isinstance(value, list) else ()


def _object_at(response: Mapping[str, Any], name: str) -> dict[str, Any] | None:
    value = response.get(name)
    return cast("dict[str, Any]", value) if isinstance(value, dict) else None


def _is_bare_not_found(error: EtelecomError) -> bool:
    """Return whether a server without the API answered 404."""
    return isinstance(error, APIError) and error.code is None and error.status == _NOT_FOUND


def _service(url: str) -> str:
    host = urlsplit(url).hostname or ""
    if is_loopback(url):
        return "a service on this machine"
    return "eTelecom" if host.endswith(".etelecom.vn") else "another host"


def _types(shape: Shape) -> dict[str, str]:
    return {path: " or ".join(sorted(types)) for path, types in sorted(shape.fields.items())}


def _forms(shapes: Any) -> dict[str, dict[str, int]]:
    forms: dict[str, dict[str, int]] = {}
    for kind, form, count in _each_form(shapes):
        of_kind = forms.setdefault(kind, {})
        of_kind[form] = of_kind.get(form, 0) + count
    return {kind: dict(sorted(found.items())) for kind, found in sorted(forms.items())}


def _each_form(shapes: Any) -> Iterator[tuple[str, str, int]]:
    for shape in shapes:
        for kind, counts in shape.forms.items():
            yield from ((kind, form, count) for form, count in counts.items())
