"""Any bytes as the response to any operation end in a model or in an SDK error, and in time."""

from __future__ import annotations

import asyncio
import gzip
import json
import pickle
import time
import types
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Union, get_args, get_origin

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from etelecom_async import EtelecomError, InvalidRequestError, PartnerClient, ShopClient, SmsClient
from etelecom_async._core import secret
from etelecom_async._core.attachment import Attachment
from etelecom_async._core.codec import cases, converters, error_bodies, lenient_json, responses
from etelecom_async._core.codec.enums import OpenEnum
from etelecom_async._core.model import Model
from etelecom_async._core.secret import Secret
from etelecom_async.operations import OPERATIONS, Effect, KeyKind, Operation
from etelecom_async.paging import Page
from tests.conftest import PATIENCE

if TYPE_CHECKING:
    from tests.conftest import Peer, Waits

SAMPLES = Path(__file__).parents[1] / "contract" / "samples"
BOMB = 100_000

# Texts that no correct server writes, and edge cases that a correct server may write.
TEXTS = st.text(st.characters(exclude_categories=()), max_size=20) | st.sampled_from(
    [
        *("", "0", "1", "-3", "true", "9" * 5000, "0901234567", '{"a": 1}', "[" * 1000, "\0"),
        *("0001-01-01T00:00:00Z", "9999-12-31T23:59:59-23:59", "2024-02-30", "24:00", "31/02/2024 00:00:00"),
    ]
)
NUMBERS = st.integers() | st.floats() | st.sampled_from([0, -1, 2**63, 2**64, 10**400, 1e308])
JUNK = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=5,
)
FRAGMENTS = st.binary(max_size=10) | st.sampled_from(
    [
        *(b"NaN", b"-Infinity", b"1e999", b"9" * 5000, b"null", b"[]", b"{}", b'"', b"\\"),
        *(b'"\\ud800"', b'"\\u0000"', b"\xed\xa0\x80", b"\xef\xbb\xbf"),
        *(b'"id":null,', b'"items":[],"items":{},', b'"paging":{"next":0},'),
        *(b"[" * BOMB, b'{"a":' * BOMB, b"]" * BOMB),
    ]
)
STATUSES = st.sampled_from([200] * 200 + [*map(int, HTTPStatus), 299, 600, 999])
TYPES = st.sampled_from(["application/json", "text/html", "", ";;;"]) | TEXTS
DELAYS = st.sampled_from(["5", "-1", "1e999", "nan", "Fri, 31 Dec 9999 23:59:59 -2359"]) | TEXTS
HEADERS = st.fixed_dictionaries({}, optional={"Content-Type": TYPES, "Retry-After": DELAYS})


def unwrapped(kind: Any) -> Any:
    """Return a type without `None` and without `Annotated`."""
    while get_origin(kind) in (Union, types.UnionType, Annotated):
        kind = next(part for part in get_args(kind) if part is not type(None))
    return kind


def valid(kind: Any) -> st.SearchStrategy[Any]:
    """Return a strategy for JSON that is valid for a field of this type."""
    if get_origin(kind) in (Union, types.UnionType):
        return st.none() | valid(unwrapped(kind))
    kind = unwrapped(kind)
    parts = get_args(kind)
    if get_origin(kind) is tuple:
        strategy = st.lists(valid(parts[0]), max_size=2)
    elif kind is dict or get_origin(kind) is dict:
        strategy = st.dictionaries(TEXTS, valid(parts[1]) if parts else JUNK, max_size=2)
    elif kind is Any:
        strategy = JUNK
    elif issubclass(kind, Model):
        fields = attrs.fields(attrs.resolve_types(kind))
        by_name = {field.metadata.get("wire", field.name): valid(field.type) for field in fields}
        strategy = st.fixed_dictionaries({}, optional=by_name)
    elif issubclass(kind, OpenEnum):
        strategy = st.sampled_from([*map(str, kind), "NOT LISTED"])
    else:
        strategy = LEAVES[kind]
    return strategy


LEAVES: dict[type, st.SearchStrategy[Any]] = {
    str: st.text(max_size=5),
    Secret: st.text(max_size=5),
    int: st.integers(),
    bool: st.booleans(),
    datetime: st.datetimes().map(lambda when: f"{when.isoformat()}Z")
    | st.sampled_from(
        [
            *("0001-01-01T00:00:00Z", "0001-01-01T00:00:00+00:00", "2026-01-02T03:04:05+07:00"),
            *("0001-01-01T00:00:00.000001Z", "2026-01-02T03:04:05"),
            *("2026-01-02T03:04:05.123456789Z", "2026-01-02t03:04:05z", "2026-01-02"),
        ]
    ),
}


def positions(value: Any) -> list[tuple[Any, Any]]:
    """Return every position in a JSON value: the container, and the key or index in it."""
    names = value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    found = [(value, name) for name in names]
    return found + [position for name in names for position in positions(value[name])]


ERRORS = st.fixed_dictionaries(
    {"code": TEXTS | st.sampled_from(["not_found", "ok"])},
    optional={"msg": JUNK, "meta": st.dictionaries(TEXTS, JUNK)},
)


@cache
def contents(name: str) -> st.SearchStrategy[Any]:
    """Return a strategy for the content of an operation's response, before it is damaged; it is made once."""
    row = OPERATIONS[name]
    strategy = valid(row.response)
    if row.items is not None:
        array = "rows" if row.items == "*" else row.items
        strategy = st.fixed_dictionaries(
            {array: st.lists(strategy, max_size=2)}, optional={"paging": valid(responses.PageInfo)}
        )
    files = sorted(SAMPLES.glob(f"{row.wire_name.replace('/', '.')}/response*.json"))
    samples = [st.sampled_from([file.read_bytes() for file in files]).map(json.loads)] if files else []
    return st.one_of(strategy, *samples, ERRORS, JUNK)


@st.composite
def bodies(draw: st.DrawFn, row: Operation[Any, Any]) -> bytes:
    """Return a response body: valid, nearly valid, a documented sample, an error, or anything else."""
    content = draw(contents(row.name))
    for _ in range(draw(st.integers(0, 3))):
        inside = positions(content)
        if inside:
            holder, name = draw(st.sampled_from(inside))
            holder[name] = draw(JUNK)
    body = json.dumps(content).encode()
    for _ in range(draw(st.sampled_from([0, 0, 1, 2]))):
        start, end = sorted(draw(st.tuples(st.integers(0, len(body)), st.integers(0, len(body)))))
        body = body[:start] + draw(FRAGMENTS) + body[min(end, start + draw(st.integers(0, 8))) :]
    return body


def mismatches(value: Any, kind: Any) -> list[Any]:
    """Return the parts of a value that do not match the annotations of its class."""
    if kind is Any or (value is None and type(None) in get_args(kind)):
        return []
    kind = unwrapped(kind)
    parts = get_args(kind)
    inner: list[tuple[Any, Any]] = []
    if not isinstance(value, get_origin(kind) or kind) or isinstance(value, bool) is not (kind is bool):
        return [(value, kind)]
    if isinstance(value, Model):
        fields = attrs.fields(attrs.resolve_types(type(value)))
        inner = [(getattr(value, field.name), field.type) for field in fields]
    elif isinstance(value, tuple):
        inner = [(part, parts[0]) for part in value]
    elif isinstance(value, dict) and parts:
        inner = [(key, str) for key in value] + [(part, parts[1]) for part in value.values()]
    return [wrong for part, its_kind in inner for wrong in mismatches(part, its_kind)]


def check_result(row: Operation[Any, Any], result: Any) -> None:
    """Check that a result is the operation's model, and supports `repr`, export, pickling and comparison."""
    if row.items is None:
        assert row.cases is None or type(result) in row.results
        assert mismatches(result, row.response if row.cases is None else type(result)) == []
    else:
        assert type(result) is Page
        assert isinstance(result.items, tuple)
        assert mismatches(result.next, str) + mismatches(result.prev, str) == []
        assert [wrong for item in result for wrong in mismatches(item, row.response)] == []
    exported = result.to_dict() if isinstance(result, Model) else result
    json.dumps(exported, default=str)
    assert repr(pickle.loads(pickle.dumps(result))) == repr(result)
    assert result == result  # noqa: PLR0124 - checks that comparing works


def decode_forgivingly(row: Operation[Any, Any], body: bytes) -> Any:
    """Return the result of the forgiving decoder; `None` for a body that is no JSON."""
    try:
        raw: Any = lenient_json.read(body).value
    except ValueError:
        return None
    read = converters.forgiving().structure
    if row.items is None:
        response = read(raw, row.response)
        return response if row.cases is None else cases.select(row.cases, response)
    arrays = [name for name in raw if isinstance(raw[name], list)]
    rows = raw.get(row.items) if row.items != "*" else raw[arrays[0]] if arrays else None
    items = read(rows or [], tuple[row.response, ...])
    if row.pages is not None:
        return Page(items=items)  # the next page is not in `paging`, but counted
    info = read(raw.get("paging") or {}, responses.PageInfo)
    return Page(items=items, next=info.next, prev=info.prev)


def check_error(row: Operation[Any, Any], error: EtelecomError) -> None:
    """Check that an error names its operation, and supports `str` and pickling."""
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again)) == (type(error), str(error))
    public = {name: value for name, value in vars(error).items() if not name.startswith("_")}
    assert repr(vars(again)) == repr(public)
    assert error.operation == row.name
    str(error).encode()


@pytest.fixture(scope="module")
def masks_a_text_once() -> Iterator[None]:
    """Mask each text once: the operations get the same bombs, and masking takes most of the time."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (error_bodies, responses):
            patch.setattr(module, "mask", cache(secret.mask))
        yield


@pytest.mark.usefixtures("masks_a_text_once")
@pytest.mark.parametrize("status", [200, 500])
@pytest.mark.parametrize("name", OPERATIONS)
def test_bombs(name: str, status: int) -> None:
    """JSON nested beyond Python's recursion limit, or just below it, complete or cut off, is handled."""
    row = OPERATIONS[name]
    for levels in (90, 300, 500, 900, 990, BOMB):
        for begin, end in ((b"[", b"]"), (b'{"a":', b"}")):
            bomb = begin * levels + b"0" + end * levels
            check_response(row, status, {}, bomb)
            check_response(row, status, {}, begin * levels)
            for field in ("code", "msg", "meta", "items" if row.items == "*" else row.items or "unknown"):
                check_response(row, status, {}, b'{"code":"x","%b":{"a":%b}}' % (field.encode(), bomb))


@pytest.mark.parametrize("name", OPERATIONS)
@given(data=st.data())
@settings(max_examples=20)
def test_any_response(name: str, data: st.DataObject) -> None:
    """Any bytes, with any status and headers, give an SDK error or a model with the declared types."""
    row = OPERATIONS[name]
    check_response(
        row, data.draw(STATUSES, "status"), data.draw(HEADERS, "headers"), data.draw(bodies(row), "body")
    )


def check_response(row: Operation[Any, Any], status: int, headers: Mapping[str, str], body: bytes) -> None:
    """Decode a response, and check the result or the error."""
    schema_mismatches: Counter[str] = Counter()
    try:
        result = responses.decode(row, status, headers, body, schema_mismatches)
    except EtelecomError as error:
        check_error(row, error)
    else:
        assert 200 <= status < 300
        check_result(row, result)
        # The fast decoder and the forgiving one give the same result.
        comparable = result if row.pages is None else attrs.evolve(result, next="")
        assert decode_forgivingly(row, body) in (None, comparable)
    assert all(mismatch.startswith(f"{row.name}: ") for mismatch in schema_mismatches)


# Valid, nearly valid and invalid status lines.
STARTS = st.sampled_from(
    [
        *[b"HTTP/1.1 200 OK"] * 8,
        *(b"HTTP/1.0 200 OK", b"HTTP/1.1 200", b"HTTP/1.1 204 -", b"HTTP/1.1 304 -", b"HTTP/1.1 503 -"),
        *(b"HTTP/1.1 100 -", b"HTTP/1.1 100 -\r\n\r\nHTTP/1.1 200 OK", b"HTTP/1.1 101 -", b"HTTP/1.1 000 -"),
        *(b"HTTP/1.1 99 -", b"HTTP/1.1 1000 -", b"HTTP/1.1 -1 -", b"HTTP/1.1 2x0 -", b"HTTP/1.1 200 \xff"),
        *(b"HTTP/2 200 OK", b"HTTP/9.9 200 OK", b"ICY 200 OK", b"SSH-2.0-x", b""),
    ]
)
LINES = st.sampled_from(
    [
        *(b"Content-Type: application/json", b"Content-Type: text/html", b"Content-Type: \xff;;charset=="),
        *(b"Content-Length: 0", b"Content-Length: 1", b"Content-Length: 5000", b"Content-Length: -1"),
        *(b"Content-Length: 1, 2", b"Content-Length: abc", b"Content-Length: " + b"9" * 30),
        *(b"Transfer-Encoding: chunked", b"Transfer-Encoding: gzip, chunked", b"Transfer-Encoding: \xff"),
        *(b"Content-Encoding: gzip", b"Content-Encoding: deflate", b"Content-Encoding: gzip, gzip"),
        *(b"Content-Encoding: br", b"Content-Encoding: zstd", b"Content-Encoding: what"),
        *(b"Connection: close", b"Connection: keep-alive", b"Connection: upgrade\r\nUpgrade: websocket"),
        *(b"Retry-After: 1e999", b"Retry-After: \xff", b"Location: http://[::1", b"Set-Cookie: =;\xff=1;;"),
        *(b"X", b": x", b" folded", b"X\x00Y: 1", b"X: 1\rY: 2", b"X: \xe9\x80", b"X: " + b"y" * 70_000),
    ]
)


def chunked(data: bytes) -> bytes:
    """Return a body as one chunk, followed by the last chunk."""
    return b"%x\r\n%b\r\n0\r\n\r\n" % (len(data), data)


FRAMES: list[Callable[[bytes], bytes]] = [
    lambda body: b"Content-Length: %d\r\n\r\n" % len(body) + body,
    lambda body: b"Transfer-Encoding: chunked\r\n\r\n" + chunked(body),
    lambda body: b"Transfer-Encoding: chunked\r\n\r\n" + chunked(body)[:-5] + b"zz\r\n",
    lambda body: b"Transfer-Encoding: chunked\r\n\r\n" + b"f" * 40 + b"\r\n" + body,
    lambda body: b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(body) + body,
    lambda body: b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(body, mtime=0),
    lambda body: b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(body, mtime=0)[:-9],
    lambda body: b"Content-Encoding: deflate\r\n\r\n" + body,
    lambda body: b"\r\n" + body,
]
BODIES = st.sampled_from([b"{}", b"[]", b"<html>", b"", b'{"code": "not_found", "msg": "no"}']) | st.binary()


@st.composite
def wire_bytes(draw: st.DrawFn) -> bytes:
    """Return the bytes of a server that speaks HTTP, nearly HTTP, or something else."""
    if not draw(st.integers(0, 9)):
        return draw(st.binary())
    lines = [draw(STARTS), *draw(st.lists(LINES | st.binary(max_size=20), max_size=3))]
    data = b"".join(line + b"\r\n" for line in lines) + draw(st.sampled_from(FRAMES))(draw(BODIES))
    return data if draw(st.integers(0, 4)) else data[: draw(st.integers(0, len(data)))]


def minimal_value(kind: Any) -> Any:
    """Return a value of this type with only the required fields."""
    kind = unwrapped(kind)
    if get_origin(kind) is Sequence:
        return [minimal_value(get_args(kind)[0])]
    if get_origin(kind) is Mapping or kind is dict:
        return {"name": "text"}
    if issubclass(kind, Model):
        needed = [
            field
            for field in attrs.fields(attrs.resolve_types(kind))
            if field.default is attrs.NOTHING or field.name == "template_id"  # or the whole template
        ]
        return kind(**{field.name: minimal_value(field.type) for field in needed})
    if issubclass(kind, OpenEnum):
        return next(iter(kind))
    values = {str: "0901234567", int: 7, Secret: Secret("s3cret"), Attachment: Attachment(b"abc")}
    return values[kind]


@pytest.fixture
async def clients(peer: Peer, waits: Waits) -> AsyncIterator[dict[KeyKind, Any]]:
    """Give a client for each kind of key, with no waits and a short timeout."""
    common: Any = {"base_url": peer.base_url, "retries": 0, "attempt_timeout": 0.05}
    async with (
        PartnerClient("a-partner-key", **common) as partner,
        ShopClient("1161512386239479010:key", **common) as shop,
        SmsClient("user", "password", **common | {"base_url": peer.base_url.removesuffix("/v1")}) as sms,
    ):
        found = {
            KeyKind.PARTNER_API_KEY: partner,
            KeyKind.PARTNER_SHOP_KEY: partner.for_shop("shop1:key"),
            KeyKind.SHOP_API_KEY: shop,
            KeyKind.USERNAME_PASSWORD: sms,
        }
        for client in found.values():
            waits.govern(client)
        yield found


@pytest.mark.filterwarnings("ignore::etelecom_async.ProvisionalOperationWarning")
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(
    name=st.sampled_from(sorted(OPERATIONS)),
    data=wire_bytes(),
    hangs_up=st.sampled_from([True] * 9 + [False]),
)
async def test_any_bytes_on_the_wire(
    peer: Peer, clients: dict[KeyKind, Any], name: str, data: bytes, *, hangs_up: bool
) -> None:
    """Any bytes on the socket give a model or an SDK error, in time, and the client still works."""
    row = OPERATIONS[name]
    client = clients[min(row.callers)]
    peer.respond_with(attrs.evolve(peer.bare(data), hangs_up=hangs_up))
    began = time.thread_time()  # CPU time, because the machine may be busy
    try:
        async with asyncio.timeout(PATIENCE):
            result = await client._engine.call(row, minimal_value(row.request))
    except InvalidRequestError:
        raise  # a fault of this test: the request was not sent
    except EtelecomError as error:
        check_error(row, error)
    else:
        check_result(row, result)
    assert time.thread_time() - began < 5
    # With one retry, because the peer may just have closed the kept connection.
    patient_client = client.with_options(retries=1, attempt_timeout=30)
    assert await patient_client.call("Any/Read", effect=Effect.READ) == {}
