"""Pages in columns have exactly the rows that the models have, whatever the server writes."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from etelecom_async import DecodeError, EtelecomError
from etelecom_async._core.codec import lenient_json, raw_pages, responses
from etelecom_async._core.codec.raw_pages import RawPage
from etelecom_async._core.codec.scalars import NEVER
from etelecom_async._core.model import fields_of, write_time
from etelecom_async.errors import MalformedResponseError
from etelecom_async.history.arrow import ArrowTable
from etelecom_async.history.columns import PageColumns, count_unknown_fields
from etelecom_async.history.schema import EXTRA
from etelecom_async.models import CallLog, CallTarget
from etelecom_async.operations import OPERATIONS

LIST = OPERATIONS["shop.call_logs.list"]
NAMES = {kind: [field.name for field in fields_of(kind)] for kind in (CallLog, CallTarget)}
TIMES = ("created_at", "ended_at", "started_at", "updated_at")
TARGET_TIMES = ("add_time", "answered_time", "ended_time", "ring_time")
ENUMS = ("call_state", "call_status", "direction")
IDS = ("contact_id", "extension_id", "external_id", "external_session_id", "id", "user_id")


def one_of(*texts: str) -> st.SearchStrategy[bytes]:
    """Return a strategy for one of some JSON texts."""
    return st.sampled_from([text.encode() for text in texts])


def mostly(usual: st.SearchStrategy[bytes], odd: st.SearchStrategy[bytes]) -> st.SearchStrategy[bytes]:
    """Return a strategy for usual texts and a few odd ones, so that many pages have only one odd value."""
    return st.integers(0, 19).flatmap(lambda number: odd if number == 0 else usual)


WORDS = st.text(max_size=5).map(lambda text: json.dumps(text).encode()) | st.text(max_size=5).map(
    lambda text: json.dumps(text, ensure_ascii=False).encode()
)
BAD_TEXTS = st.sampled_from(
    [
        b'"\xff"',  # no UTF-8
        b'"a\xc3"',
        b'"\xed\xa0\x80"',  # a half surrogate in UTF-8
        b'"\\ud800"',
        b'"\\udc00 and more"',
        b'"\\u0000"',
        b'"a\x00b"',
        b'"a\nb"',
        b'"\\q"',
    ]
)
TEXTS = mostly(
    WORDS,
    one_of("null", '""', '" "', "5", "1.5", "12345678901234567890", "true", f'"{NEVER}"', f'"\\"{NEVER}\\""')
    | one_of("[]", "{}", "NaN", "1e400")
    | BAD_TEXTS,
)
ID_TEXTS = mostly(
    st.integers(1, 99).map(lambda number: b'"%d"' % number),
    one_of(
        "17", "0", "0.0", "17.0", '"0"', '""', "null", "true", "12345678901234567890", "1e30", f'"{NEVER}"'
    )
    | BAD_TEXTS,
)
ENUM_TEXTS = mostly(
    one_of('"answered"', '"unknown"', '"in"', '"new"', "null"), one_of('""', '" "', "5", "[]") | TEXTS
)
NUMBERS = mostly(
    st.integers(-9, 999).map(lambda number: b"%d" % number),
    st.integers(-(2**65), 2**65).map(lambda number: b"%d" % number)
    | one_of(str(2**63 - 1), str(2**63), str(-(2**63)), str(-(2**63) - 1), "-0", "1.0", "1.5", "1e2", "1E+2")
    | one_of(
        '"5"', '"5.0"', '""', '" "', "null", "true", "false", "NaN", "Infinity", "{}", "1e400", f'"{NEVER}"'
    ),
)
DATES = st.sampled_from(
    [
        "2026-11-01",
        "2026-02-29",
        "0001-01-01",
        "9999-12-31",
        "1969-12-31",
        "0000-01-01",
        "0000-00-00",
        "20261101",
    ]
)
CLOCKS = st.sampled_from(
    ["00:30:00", "23:59:59", "23:59:60", "24:00:00", "12:30", "12", "123000", "12:30:61", "1:2:3", ""]
)
OFFSETS = st.sampled_from(
    [
        "Z",
        "z",
        "+07:00",
        "-07:00",
        "+0700",
        "+07",
        "-00:00",
        "+23:59",
        "+24:00",
        "",
        " Z",
        "+07:00:30",
        " +07:00",
    ]
)
FRACTIONS = st.one_of(
    st.just(""), st.text("0123456789", max_size=9).map(lambda digits: f".{digits}"), st.just(",5")
)
MOMENTS = st.builds(
    lambda *parts: "".join(parts), DATES, st.sampled_from(["T", "t", " ", ""]), CLOCKS, FRACTIONS, OFFSETS
)
TIME_TEXTS = mostly(
    st.datetimes(datetime(2000, 1, 1), datetime(2030, 1, 1)).map(  # noqa: DTZ001 - the Z is added
        lambda when: f'"{when.isoformat()}Z"'.encode()
    )
    | one_of(f'"{NEVER}"', "null", '""'),
    MOMENTS.map(lambda text: json.dumps(text).encode())
    | one_of(*(f'"{when}"' for when in ("02/11/2026 10:00:00", "1700000000", "170000000000", "0", "x")))
    | one_of("0", "1700000000", "1700000000123", "1700000000.5", "-62135596800", "5", "true", '" "', "[]")
    | BAD_TEXTS,
)
ANY = st.recursive(
    WORDS
    | BAD_TEXTS
    | one_of("1.10", "1E5", "12345678901234567890123", "-0.0", "1e400", "true", "null", "[ ]", "{\n}", "NaN")
    | one_of('"2026-01-01T00:00:00+07:00"', f'"{NEVER}"', '"{\\"a\\": 1}"'),
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda parts: b"[" + b", ".join(parts) + b"]")
        | inner.map(lambda part: b'{"id": ' + part + b"}")
        | inner.map(lambda part: b'{"b": 1.0,\n"\\u0062": ' + part + b"}")
    ),
    max_leaves=4,
)
UNKNOWN_NAMES = st.sampled_from(
    [b'"queue"', b'"codec"', b'"Id"', b'"id "', b'""', b'"extra"', b'"\xff"', b'"\\ud800"', b'"m\xc3\xa1y"']
) | st.just(f'"{NEVER}"'.encode())
Fields = list[tuple[bytes, bytes]]


def written(fields: Fields, space: bytes = b"") -> bytes:
    """Return a JSON object with these names and values."""
    return b"{" + b",".join(space + name + b":" + space + value for name, value in fields) + space + b"}"


@st.composite
def objects(draw: st.DrawFn, kinds: dict[str, st.SearchStrategy[bytes]]) -> bytes:
    """Return an object with some of the known fields, seldom one of them twice, and seldom unknown ones."""
    names = draw(st.lists(st.sampled_from(sorted(kinds)), max_size=8, unique=True))
    if draw(st.integers(0, 9)) == 0:
        names += names[:1]
    if "id" in kinds and draw(st.integers(0, 9)):
        names.append("id")
    fields = [(f'"{name}"'.encode(), draw(kinds[name])) for name in names]
    if draw(st.integers(0, 4)) == 0:
        fields += draw(st.lists(st.tuples(UNKNOWN_NAMES, ANY), min_size=1, max_size=3))
    return written(draw(st.permutations(fields)), draw(st.sampled_from([b"", b" ", b"\n  ", b"\r\n\t"])))


def arrays(items: st.SearchStrategy[bytes], odd: st.SearchStrategy[bytes]) -> st.SearchStrategy[bytes]:
    """Return a strategy for arrays, and other values in their place."""
    return mostly(
        st.lists(items, max_size=3).map(lambda parts: b"[" + b",".join(parts) + b"]") | st.just(b"null"),
        one_of("{}", '""', '" "', '{"a": 1}', "5", '"x"', "[null]", "[[]]") | odd,
    )


TARGETS = objects(
    {
        **dict.fromkeys(TARGET_TIMES, TIME_TEXTS),
        **dict.fromkeys(("end_reason", "status", "target_number", "trunk_name"), TEXTS),
        **dict.fromkeys(("fail_code", "ring_duration"), NUMBERS),
    }
)
ROWS = objects(
    {
        **dict.fromkeys(TIMES, TIME_TEXTS),
        **dict.fromkeys(ENUMS, ENUM_TEXTS),
        **dict.fromkeys(("callee", "caller", "note"), TEXTS),
        **dict.fromkeys(IDS, ID_TEXTS),
        "duration": NUMBERS,
        "call_targets": arrays(TARGETS, TARGETS),
        "recording_urls": arrays(TEXTS, TEXTS),
    }
)
PAGING = mostly(
    one_of('{"next":"n","prev":"p"}', '{"next":""}', "{}", "null"),
    one_of('{"next":null}', '{"next":5}', '{"next":"n","total":7}', "[]", '""', "5", '{"next":"\\ud800"}')
    | st.just(b'{"next":"\xff"}'),
)
LISTS = mostly(
    st.lists(ROWS, min_size=1, max_size=4).map(lambda rows: b"[" + b",".join(rows) + b"]"),
    one_of("null", "[]", "{}", '""', "[null]", "[[]]", "5", '[{"id":"1"},null]') | ROWS,
)


@st.composite
def bodies(draw: st.DrawFn) -> bytes:
    """Return the body of a page, usually with an object that has a list of call logs."""
    fields: Fields = [(b'"call_logs"', draw(LISTS))]
    if draw(st.booleans()):
        fields.append((b'"paging"', draw(PAGING)))
    if draw(st.integers(0, 9)) == 0:
        fields += draw(st.lists(st.tuples(UNKNOWN_NAMES, ANY), min_size=1, max_size=2))
    if draw(st.integers(0, 29)) == 0:
        fields.append(draw(st.sampled_from(fields)))
    if draw(st.integers(0, 29)) == 0:
        fields.pop(0)
    body = written(draw(st.permutations(fields)), draw(st.sampled_from([b"", b" ", b"\n"])))
    if draw(st.integers(0, 19)):
        return body
    around = st.sampled_from(
        [(b"\xef\xbb\xbf", b""), (b"\n ", b"\r\n"), (b"", b"x"), (b"", b"\0"), (b"null", b"")]
    )
    before, after = draw(around | st.just((b"", body)) | st.just((b"", b"\n" + body)))
    return before + body + after


FOREIGN = [
    b"null",
    b" null",
    b"null\n{}",
    b"[]",
    b'[{"call_logs":[{"id":"1"}]}]',
    b"",
    b" ",
    b"{",
    b"{}",
    b'"call_logs"',
    b"5",
    b'{"error":"x"}',
    b'{"code":"internal","msg":"x"}',
    b'{"call_logs":[{"id":"1"}]}null',
    b'{"call_logs":[{"id":"1"}]} null',
    b"<html></html>",
    b"\xef\xbb\xbfnull",
    b"\xff",
]
"""Bodies that are no pages of call logs."""


class Number(str):
    """The text of a number in JSON."""

    __slots__ = ()


def with_forms(text: str) -> Any:
    """Return the value of a JSON text whose numbers keep their form."""
    return json.loads(text, parse_int=Number, parse_float=Number, parse_constant=lambda _: None, strict=False)


def repaired(value: Any, *, keeps_forms: bool) -> Any:
    """Return a value as a lenient reader gives it: valid texts, and null for numbers that are not finite."""
    if isinstance(value, dict):
        return {
            lenient_json.repaired_text(name): repaired(part, keeps_forms=keeps_forms)
            for name, part in value.items()
        }
    if isinstance(value, list):
        return [repaired(part, keeps_forms=keeps_forms) for part in value]
    if isinstance(value, Number):
        number = float(value)
        return str(value) if keeps_forms else None if abs(number) == float("inf") else number
    return lenient_json.repaired_text(value) if isinstance(value, str) else value


def is_repaired(body: bytes) -> bool:
    """Return whether a strict reader refuses a body even if its bytes are valid UTF-8."""
    try:
        lenient_json.read(body.decode(errors="replace").encode())
        json.loads(body.decode(errors="replace").removeprefix("\ufeff"), parse_constant=lambda _: 1 / 0)
    except (ValueError, ZeroDivisionError):
        return True
    return b"\\ud" in body


def without(fields: dict[str, Any], known: list[str]) -> dict[str, Any]:
    """Return the fields that are not known."""
    return {name: value for name, value in fields.items() if name not in known}


def take_unfit(fields: dict[str, Any]) -> dict[str, Any]:
    """Replace the values that no column can hold with null; return them as JSON has them."""
    unfit: dict[str, Any] = {}
    for name, value in fields.items():
        if isinstance(value, int) and not -(2**63) <= value < 2**63:
            unfit[name] = Number(value)
        elif isinstance(value, datetime):
            try:
                value.astimezone(UTC)
            except OverflowError:
                unfit[name] = write_time(value)
    fields.update(dict.fromkeys(unfit))
    return unfit


def rows_of_models(body: bytes) -> list[dict[str, Any]]:
    """Return the rows that columns must have: those of the models, and the fields beside."""
    page = responses.decode(LIST, 200, {}, body, Counter())
    raw = with_forms(body.removeprefix(lenient_json.BYTE_ORDER_MARK).decode(errors="surrogateescape"))
    keeps_forms = not is_repaired(body)
    rows = [model.to_dict(unset_ids_as_none=True) for model in page.items]
    for row, fields in zip(rows, raw.get("call_logs") or (), strict=True):
        extra = without(fields, NAMES[CallLog]) | take_unfit(row)
        raw_targets = fields.get("call_targets")
        targets = [without(each, NAMES[CallTarget]) for each in raw_targets] if row["call_targets"] else []
        targets = [
            each | take_unfit(target) for each, target in zip(targets, row["call_targets"], strict=True)
        ]
        if any(targets):
            extra["call_targets"] = targets
        row[EXTRA] = repaired(extra, keeps_forms=keeps_forms) or None
    return rows


def rows_of_table(table: Any, bodies: list[bytes], counts: list[int]) -> list[dict[str, Any]]:
    """Return the rows of a table with the values of `extra`."""
    table.validate(full=True)
    rows: list[dict[str, Any]] = table.to_pylist()
    owners = [body for body, count in zip(bodies, counts, strict=True) for _ in range(count)]
    for row, body in zip(rows, owners, strict=True):
        if row[EXTRA] is not None:
            json.loads(row[EXTRA])  # valid JSON, without raw control characters
            row[EXTRA] = repaired(with_forms(row[EXTRA]), keeps_forms=not is_repaired(body))
    return rows


def raw_page(body: bytes) -> RawPage:
    """Return the page of a body."""
    return raw_pages.decode(LIST, 200, {}, body, Counter())


def read(body: bytes) -> list[dict[str, Any]] | tuple[type[EtelecomError], str]:
    """Return the rows of a body in columns; the error if it is refused."""
    try:
        table = PageColumns(LIST).table([raw_page(body)])
    except EtelecomError as error:
        return type(error), str(error)
    return rows_of_table(table, [body], [len(table)])


def expected(body: bytes) -> list[dict[str, Any]] | tuple[type[EtelecomError], str]:
    """Return the rows of a body by its models; the error if it is refused."""
    try:
        return rows_of_models(body)
    except EtelecomError as error:
        return type(error), str(error)


@given(body=bodies())
def test_columns_have_the_rows_of_the_models(body: bytes) -> None:
    """A page in columns has the rows of its models and all other fields, or raises their error."""
    assert read(body) == expected(body)


@pytest.mark.parametrize("body", FOREIGN)
def test_foreign_bodies(body: bytes) -> None:
    """A body that is no page of call logs gives the error of the models; it never ends the process."""
    assert read(body) == expected(body)


@given(pages=st.lists(bodies(), max_size=5), data=st.data())
def test_batch_has_the_rows_of_its_pages(pages: list[bytes], data: st.DataObject) -> None:
    """Several pages in one batch give the rows of each page alone, without dropped rows."""
    alone: list[dict[str, Any]] = []
    batch: list[RawPage] = []
    for body in pages:
        found = expected(body)
        if isinstance(found, tuple):
            continue
        page = raw_page(body)
        kept = [not data.draw(st.booleans()) or not data.draw(st.booleans()) for _ in page.items]
        items = tuple(item for item, is_kept in zip(page.items, kept, strict=True) if is_kept)
        batch.append(attrs.evolve(page, items=items))
        alone += [row for row, is_kept in zip(found, kept, strict=True) if is_kept]
    columns = PageColumns(LIST)
    table = columns.table(batch)
    assert table.schema == columns.schema
    assert rows_of_table(table, [page.body for page in batch], [len(page.items) for page in batch]) == alone


def test_no_pages() -> None:
    """No pages give no rows, with all columns."""
    columns = PageColumns(LIST)
    table = columns.table([])
    assert (len(table), table.schema) == (0, columns.schema)


def test_model_pages_lose_repeated_rows() -> None:
    """A page of models gives the rows that did not come before, each with its own unknown fields."""
    body = b'{"call_logs":[{"id":1,"x":1.0},{"id":2,"x":2.0},{"id":3}]}'
    page = raw_page(body)
    assert page.read is None
    columns = PageColumns(LIST)
    table = columns.table([attrs.evolve(page, items=page.items[1:])])
    assert table.select(["id", EXTRA]).to_pylist() == [
        {"id": "2", EXTRA: '{"x":2.0}'},
        {"id": "3", EXTRA: None},
    ]


def counted(*tables: ArrowTable) -> Counter[str]:
    """Return the number of rows with each unknown field."""
    counts: Counter[str] = Counter()
    for table in tables:
        count_unknown_fields(table, counts)
    return counts


def test_unknown_and_unfit_values_of_one_target() -> None:
    """A target keeps both its unknown fields and the known values that no column can hold."""
    targets = b'[{"codec":1.10,"fail_code":99999999999999999999},{"status":"x"}]'
    body = b'{"call_logs":[{"id":"1","duration":18446744073709551616,"call_targets":' + targets + b"}]}"
    columns = PageColumns(LIST)
    (row,) = columns.table([raw_page(body)]).to_pylist()
    assert row["duration"] is None
    assert [target["fail_code"] for target in row["call_targets"]] == [None, None]
    assert row[EXTRA] == (
        '{"call_targets":[{"codec":1.10,"fail_code":99999999999999999999},{}],"duration":18446744073709551616}'
    )
    assert counted(columns.table([raw_page(body)])) == {"call_targets.codec": 1}


def test_unknown_fields_are_counted() -> None:
    """Each row with an unknown field counts once, also for several targets; known values do not count."""
    rows = (
        b'[{"id":"1","x":1,"call_targets":[{"y":1},{"y":2}]},{"id":"2","x":null,"duration":1e30},{"id":"3"}]'
    )
    columns = PageColumns(LIST)
    usual = raw_page(b'{"call_logs":' + rows.replace(b"1e30", b"5") + b',"total":3}')
    unfit = raw_page(b'{"call_logs":' + rows.replace(b"1e30", b"9223372036854775808") + b"}")
    tables = [columns.table([usual]), columns.table([usual]), columns.table([unfit])]
    assert counted(*tables) == {"x": 6, "call_targets.y": 3}


def test_endless_names() -> None:
    """A server that uses new names endlessly does not fill the memory."""
    columns = PageColumns(LIST)
    tables: list[ArrowTable] = []
    for start in range(0, 3000, 500):
        fields = b",".join(b'"x%d":1' % number for number in range(start, start + 500))
        tables.append(columns.table([raw_page(b'{"call_logs":[{"id":"1",' + fields + b"}]}")]))
    assert len(counted(*tables)) == 1000


@pytest.mark.parametrize("body", [b"null", b" \r\n\tnull", b"[]", b""])
def test_body_that_ends_the_process(body: bytes) -> None:
    """A body that is no object never reaches pyarrow, which would end the process: the models refuse it."""
    page = raw_page(b'{"call_logs":[{"id":"1"}]}')
    wrong = attrs.evolve(page, body=body, read=lambda: responses.decode(LIST, 200, {}, body, Counter()))
    for pages in ([wrong], [page, wrong], [wrong, page]):
        with pytest.raises(MalformedResponseError):
            PageColumns(LIST).table(pages)


def test_deep_json() -> None:
    """Unknown fields that are too deep to be read raise an error of the SDK."""
    deep = b'{"call_logs":[{"id":"1","x":' + b"[" * 10**6 + b"]" * 10**6 + b"}]}"
    page = attrs.evolve(raw_page(b'{"call_logs":[{"id":1}]}'), body=deep)
    with pytest.raises(DecodeError, match="too many objects and arrays inside one another"):
        PageColumns(LIST).table([page])
