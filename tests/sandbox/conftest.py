"""A peer that talks to the sandbox over HTTP as any client would, without the SDK's client."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from etelecom_async.testing import Sandbox, sandbox

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from contextlib import AbstractAsyncContextManager


class Peer:
    """Asks a sandbox, with its keys."""

    def __init__(self, service: Sandbox, http: aiohttp.ClientSession) -> None:
        self.service = service
        self.http = http

    async def post(self, path: str, body: Any = None, *, key: str) -> tuple[int, Any]:
        """Returns status and JSON of one call; *path* as `partner.Etelecom/GetTenant`."""
        url = f"{self.service.base_url}/{path}"
        headers = {"Authorization": f"Bearer {key}"}
        async with self.http.post(url, json=body or {}, headers=headers) as answer:
            assert answer.content_type == "application/json"
            return answer.status, await answer.json()

    async def partner(self, method: str, **body: Any) -> Any:
        """Asks with the partner's own key; the answer is a success."""
        return self._success(await self.post(f"partner.{method}", body, key=self.service.partner_api_key))

    async def shop(self, method: str, **body: Any) -> Any:
        """Asks with the partner's key for the shop; the answer is a success."""
        return self._success(await self.post(f"partner.{method}", body, key=self.service.shop_key))

    async def partner_error(self, method: str, **body: Any) -> tuple[int, str]:
        """Asks with the partner's own key; returns status and code of the refusal."""
        return self._refusal(await self.post(f"partner.{method}", body, key=self.service.partner_api_key))

    async def shop_error(self, method: str, **body: Any) -> tuple[int, str]:
        """Asks with the partner's key for the shop; returns status and code of the refusal."""
        return self._refusal(await self.post(f"partner.{method}", body, key=self.service.shop_key))

    async def walk(self, ask: Callable[..., Any], method: str, items: str, **body: Any) -> list[Any]:
        """Returns the items of all pages."""
        found: list[Any] = []
        paging = body.pop("paging", {})
        while page := (answer := await ask(method, paging=paging, **body))[items]:
            found += page
            paging = {**paging, "after": answer["paging"]["next"]}
        return found

    @staticmethod
    def _success(answer: tuple[int, Any]) -> Any:
        status, body = answer
        assert status == 200, body
        return body

    @staticmethod
    def _refusal(answer: tuple[int, Any]) -> tuple[int, str]:
        status, body = answer
        assert status != 200, body
        assert body["msg"]
        return status, body["code"]


@asynccontextmanager
async def _peer(**content: Any) -> AsyncIterator[Peer]:
    async with sandbox(**content) as service, aiohttp.ClientSession() as http:
        yield Peer(service, http)


@pytest.fixture(scope="session")
def open_peer() -> Callable[..., AbstractAsyncContextManager[Peer]]:
    """Opens a peer of a new sandbox that holds what is asked for."""
    return _peer


@pytest.fixture
async def peer() -> AsyncIterator[Peer]:
    """The peer of a sandbox that has been used for a while."""
    async with _peer(call_logs=30) as peer:
        yield peer


@pytest.fixture
async def newcomer() -> AsyncIterator[Peer]:
    """The peer of a sandbox that holds a partner and a shop, and nothing else."""
    async with _peer(tenants=0, hotlines=0, users=0, extensions=0, call_logs=0) as peer:
        yield peer
