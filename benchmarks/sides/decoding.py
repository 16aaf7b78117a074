"""Decode responses into objects, without a network: the SDK's decoder, and other decoders."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from types import UnionType
from typing import Any, Union, get_args, get_origin

import aiohttp
import attrs
import msgspec

from benchmarks.measure import Run
from benchmarks.recordings import CALL_LOGS, HOTLINE, HOTLINE_NUMBER, ROWS
from benchmarks.sides import expect
from etelecom_async._core.codec import responses
from etelecom_async._core.codec.enums import OpenEnum
from etelecom_async.models import CallLog, ConnectionMethod, Hotline, MobileNetwork, TenantStatus
from etelecom_async.operations import OPERATIONS

Decode = Callable[[bytes], Any]


@asynccontextmanager
async def page(url: str) -> AsyncGenerator[Run]:
    """Decode a page of 100 call logs, as a call does."""
    yield await _pages(url, _ours("shop.call_logs.list"))


@asynccontextmanager
async def page_into_dicts(url: str) -> AsyncGenerator[Run]:
    """Decode a page of 100 call logs into dicts, as `response.json()` does."""
    yield await _pages(url, lambda body: json.loads(body.decode())["call_logs"])


@asynccontextmanager
async def page_with_orjson(url: str) -> AsyncGenerator[Run]:
    """Decode a page of 100 call logs into dicts, with orjson."""
    import orjson

    yield await _pages(url, lambda body: orjson.loads(body)["call_logs"])


@asynccontextmanager
async def page_with_cattrs(url: str) -> AsyncGenerator[Run]:
    """Decode a page of 100 call logs into our models, with cattrs' own converter for JSON."""
    from cattrs.preconf.json import make_converter

    converter = make_converter()
    # By default, cattrs reads an enum as the caller's code does, which warns of unlisted values.
    converter.register_structure_hook(OpenEnum, lambda raw, kind: kind.unlisted(raw))
    yield await _pages(
        url, lambda body: converter.structure(json.loads(body)["call_logs"], tuple[CallLog, ...])
    )


@asynccontextmanager
async def one_object(url: str) -> AsyncGenerator[Run]:
    """Decode one hotline, as a call does: twelve fields, two of them times, three of them enums."""
    yield await _hotlines(url, _ours("partner.hotlines.create"))


@asynccontextmanager
async def one_object_with_pydantic(url: str) -> AsyncGenerator[Run]:
    """Decode one hotline into a pydantic model with the same fields, straight from the bytes."""
    from pydantic import BaseModel

    class PydanticHotline(BaseModel):
        id: str = ""
        owner_id: str = ""
        name: str = ""
        hotline: str = ""
        description: str = ""
        network: MobileNetwork | None = None
        is_free_charge: bool | None = None
        connection_id: str = ""
        connection_method: ConnectionMethod | None = None
        status: TenantStatus | None = None
        created_at: datetime | None = None
        updated_at: datetime | None = None

    yield await _hotlines(url, PydanticHotline.model_validate_json)


@asynccontextmanager
async def page_into_structs(url: str) -> AsyncGenerator[Run]:
    """Decode a page of 100 call logs into msgspec's own classes, without any further work."""
    row: Any = as_struct(CallLog)
    kind: Any = msgspec.defstruct("Page", [("call_logs", tuple[row, ...])])
    page: msgspec.json.Decoder[Any] = msgspec.json.Decoder(kind)
    yield await _pages(url, lambda body: page.decode(body).call_logs)


@asynccontextmanager
async def one_object_into_struct(url: str) -> AsyncGenerator[Run]:
    """Decode one hotline into msgspec's own class, without any further work."""
    yield await _hotlines(url, msgspec.json.Decoder(as_struct(Hotline)).decode)


def as_struct(kind: Any) -> Any:
    """Return *kind* with each model replaced by a msgspec class that has the same fields."""
    if attrs.has(kind):
        fields = attrs.fields(attrs.resolve_types(kind))
        named = [(field.name, as_struct(field.type), field.default) for field in fields]
        return msgspec.defstruct(kind.__name__, named, frozen=True, kw_only=True)
    origin: Any = get_origin(kind)
    if origin not in (tuple, Union, UnionType):
        return kind
    generic: Any = tuple if origin is tuple else Union
    return generic[tuple(as_struct(part) for part in get_args(kind))]


def _ours(operation: str) -> Decode:
    row = OPERATIONS[operation]
    schema_mismatches = Counter[str]()
    return lambda body: responses.decode(row, 200, {}, body, schema_mismatches)


async def _pages(url: str, decode: Decode) -> Run:
    body = await _response_body(f"{url}/plain{CALL_LOGS}")
    expect(len(decode(body)), ROWS)
    return _repeated(decode, body)


async def _hotlines(url: str, decode: Decode) -> Run:
    body = await _response_body(f"{url}/plain{HOTLINE}")
    expect(decode(body).hotline, HOTLINE_NUMBER)
    return _repeated(decode, body)


async def _response_body(url: str) -> bytes:
    async with aiohttp.ClientSession(raise_for_status=True) as http, http.post(url, json={}) as response:
        return await response.read()


def _repeated(decode: Decode, body: bytes) -> Run:
    async def run(times: int) -> None:
        for _ in range(times):
            decode(body)

    return run
