"""Any bytes as an answer to any operation end in a model or in our error: nothing else, and in time."""

from __future__ import annotations

import asyncio
import gzip
import json
import pickle
import time
import types
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import datetime
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Union, get_args, get_origin

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from etelecom_async import EtelecomError, InvalidRequestError, PartnerClient, ShopClient, SmsClient
from etelecom_async._core.attachment import Attachment
from etelecom_async._core.codec import converters, responses
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

# What no decent server writes, and what a decent one writes at the edges.
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
WHEN = st.sampled_from(["5", "-1", "1e999", "nan", "Fri, 31 Dec 9999 23:59:59 -2359"]) | TEXTS
HEADERS = st.fixed_dictionaries({}, optional={"Content-Type": TYPES, "Retry-After": WHEN})


def bare(kind: Any) -> Any:
    """A kind without the choice of null, and without what it is annotated with."""
    while get_origin(kind) in (Union, types.UnionType, Annotated):
        kind = next(part for part in get_args(kind) if part is not type(None))
    return kind


def right(kind: Any) -> st.SearchStrategy[Any]:
    """JSON that fits a field of this kind."""
    if get_origin(kind) in (Union, types.UnionType):
        return st.none() | right(bare(kind))
    kind = bare(kind)
    parts = get_args(kind)
    if get_origin(kind) is tuple:
        fitting = st.lists(right(parts[0]), max_size=2)
    elif kind is dict or get_origin(kind) is dict:
        fitting = st.dictionaries(TEXTS, right(parts[1]) if parts else JUNK, max_size=2)
    elif kind is Any:
        fitting = JUNK
    elif issubclass(kind, Model):
        fields = attrs.fields(attrs.resolve_types(kind))
        by_name = {field.metadata.get("wire", field.name): right(field.type) for field in fields}
        fitting = st.fixed_dictionaries({}, optional=by_name)
    elif issubclass(kind, OpenEnum):
        fitting = st.sampled_from([*map(str, kind), "NOT LISTED"])
    else:
        fitting = LEAVES[kind]
    return fitting


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


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every place in a JSON value: what holds it, and its name or number there."""
    names = value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    found = [(value, name) for name in names]
    return found + [place for name in names for place in places(value[name])]


@st.composite
def answers(draw: st.DrawFn, row: Operation[Any, Any]) -> bytes:
    """An answer to an operation: right, nearly right, the documented one, a refusal, or anything at all."""
    files = sorted(SAMPLES.glob(f"{row.wire_name.replace('/', '.')}/response*.json"))
    fitting = right(row.response)
    if row.items is not None:
        name = "rows" if row.items == "*" else row.items
        fitting = st.fixed_dictionaries(
            {name: st.lists(fitting, max_size=2)}, optional={"paging": right(responses.PageInfo)}
        )
    refusal = st.fixed_dictionaries(
        {"code": TEXTS | st.sampled_from(["not_found", "ok"])},
        optional={"msg": JUNK, "meta": st.dictionaries(TEXTS, JUNK)},
    )
    samples = [st.sampled_from(files).map(lambda file: json.loads(file.read_bytes()))] if files else []
    answer = draw(st.one_of(fitting, *samples, refusal, JUNK))
    for _ in range(draw(st.integers(0, 3))):
        inside = places(answer)
        if inside:
            holder, name = draw(st.sampled_from(inside))
            holder[name] = draw(JUNK)
    body = json.dumps(answer).encode()
    for _ in range(draw(st.sampled_from([0, 0, 1, 2]))):
        start, end = sorted(draw(st.tuples(st.integers(0, len(body)), st.integers(0, len(body)))))
        body = body[:start] + draw(FRAGMENTS) + body[min(end, start + draw(st.integers(0, 8))) :]
    return body


def misfits(value: Any, kind: Any) -> list[Any]:
    """The parts of a value that are not what the annotations of its class say."""
    if kind is Any or (value is None and type(None) in get_args(kind)):
        return []
    kind = bare(kind)
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
    return [wrong for part, its_kind in inner for wrong in misfits(part, its_kind)]


def look_at_result(row: Operation[Any, Any], result: Any) -> None:
    """A result is the model that the row names, and can be shown, exported, pickled and compared."""
    if row.items is None:
        assert misfits(result, row.response) == []
    else:
        assert type(result) is Page
        assert isinstance(result.items, tuple)
        assert misfits(result.next, str) + misfits(result.prev, str) == []
        assert [wrong for item in result for wrong in misfits(item, row.response)] == []
    exported = result.to_dict() if isinstance(result, Model) else result
    json.dumps(exported, default=str)
    assert repr(pickle.loads(pickle.dumps(result))) == repr(result)
    assert result == result  # noqa: PLR0124 - that it can be compared


def read_slowly(row: Operation[Any, Any], body: bytes) -> Any:
    """The result as it is read where the quick way does not do; `None` for a body that has to be mended."""
    try:
        raw = json.loads(body)
    except ValueError:
        return None
    read = converters.forgiving().structure
    if row.items is None:
        return read(raw, row.response)
    arrays = [name for name in raw if isinstance(raw[name], list)]
    rows = raw.get(row.items) if row.items != "*" else raw[arrays[0]] if arrays else None
    info = read(raw.get("paging") or {}, responses.PageInfo)
    return Page(items=read(rows or [], tuple[row.response, ...]), next=info.next, prev=info.prev)


def look_at_error(row: Operation[Any, Any], error: EtelecomError) -> None:
    """An error names its operation, and can be shown and pickled."""
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again)) == (type(error), str(error))
    public = {name: value for name, value in vars(error).items() if not name.startswith("_")}
    assert repr(vars(again)) == repr(public)
    assert error.operation == row.name
    str(error).encode()


@pytest.mark.parametrize("status", [200, 500])
@pytest.mark.parametrize("name", OPERATIONS)
def test_bombs(name: str, status: int) -> None:
    """What nests so deep that Python gives up, closed again or not, and also what only nearly does so."""
    row = OPERATIONS[name]
    for levels in (90, 300, 500, 900, 990, BOMB):
        for begin, end in ((b"[", b"]"), (b'{"a":', b"}")):
            bomb = begin * levels + b"0" + end * levels
            look(row, status, {}, bomb)
            look(row, status, {}, begin * levels)
            for field in ("code", "msg", "meta", "items" if row.items == "*" else row.items or "unknown"):
                look(row, status, {}, b'{"code":"x","%b":{"a":%b}}' % (field.encode(), bomb))


@pytest.mark.parametrize("name", OPERATIONS)
@given(data=st.data())
@settings(max_examples=20)
def test_any_answer(name: str, data: st.DataObject) -> None:
    """Any bytes, with any status and headers: a model whose fields are what they should be, or our error."""
    row = OPERATIONS[name]
    look(row, data.draw(STATUSES, "status"), data.draw(HEADERS, "headers"), data.draw(answers(row), "body"))


def look(row: Operation[Any, Any], status: int, headers: Mapping[str, str], body: bytes) -> None:
    """Decodes an answer, and looks at what comes out."""
    schema_mismatches: Counter[str] = Counter()
    try:
        result = responses.decode(row, status, headers, body, schema_mismatches)
    except EtelecomError as error:
        look_at_error(row, error)
    else:
        assert 200 <= status < 300
        look_at_result(row, result)
        # The quick way and the forgiving one give the same.
        assert read_slowly(row, body) in (None, result)
    assert all(what.startswith(f"{row.name}: ") for what in schema_mismatches)


# Some right, some nearly, some not at all.
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
    """A body as one chunk, and the last one."""
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
    """What a server may write that speaks HTTP, nearly so, or not at all."""
    if not draw(st.integers(0, 9)):
        return draw(st.binary())
    lines = [draw(STARTS), *draw(st.lists(LINES | st.binary(max_size=20), max_size=3))]
    data = b"".join(line + b"\r\n" for line in lines) + draw(st.sampled_from(FRAMES))(draw(BODIES))
    return data if draw(st.integers(0, 4)) else data[: draw(st.integers(0, len(data)))]


def some(kind: Any) -> Any:
    """A value of this kind, with no more in it than has to be."""
    kind = bare(kind)
    if get_origin(kind) is Sequence:
        return [some(get_args(kind)[0])]
    if get_origin(kind) is Mapping or kind is dict:
        return {"name": "text"}
    if issubclass(kind, Model):
        needed = [
            field
            for field in attrs.fields(attrs.resolve_types(kind))
            if field.default is attrs.NOTHING or field.name == "template_id"  # that, or a whole template
        ]
        return kind(**{field.name: some(field.type) for field in needed})
    if issubclass(kind, OpenEnum):
        return next(iter(kind))
    values = {str: "0901234567", int: 7, Secret: Secret("s3cret"), Attachment: Attachment(b"abc")}
    return values[kind]


@pytest.fixture
async def clients(peer: Peer, waits: Waits) -> AsyncIterator[dict[KeyKind, Any]]:
    """A client for each kind of key; they wait for nothing, and not long for an answer."""
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
    """Whatever comes over the socket: a model or our error, in time, and the client goes on working."""
    row = OPERATIONS[name]
    client = clients[min(row.callers)]
    peer.answers(attrs.evolve(peer.bare(data), hangs_up=hangs_up))
    began = time.thread_time()  # of the processor: the machine may stand still
    try:
        async with asyncio.timeout(PATIENCE):
            result = await client._engine.call(row, some(row.request))
    except InvalidRequestError:
        raise  # it was not sent
    except EtelecomError as error:
        look_at_error(row, error)
    else:
        look_at_result(row, result)
    assert time.thread_time() - began < 5
    # On a connection that the peer has just closed, it is not an error for a read.
    patient = client.with_options(retries=1, attempt_timeout=30)
    assert await patient.call("Any/Read", effect=Effect.READ) == {}
