"""
The statements of the vendor's documentation, one test for each, in our own words.

A module has the statements of one page, and its docstring names the page. Each test runs with a lenient and
with a strict sandbox. `@pytest.mark.deviation` has the reason if sandbox or client do not keep a statement as
printed; `docs/sandbox.md` lists these reasons.
"""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import aiohttp
import pytest

from etelecom_async import PartnerClient, ShopClient
from etelecom_async.testing import Sandbox, sandbox

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping

    from tests.conftest import Peer

SAMPLES: Final = Path(__file__).parent.parent / "contract" / "samples"
CONTENT: Final = {
    "tenants": 4,
    "hotlines": 7,
    "users": 4,
    "extensions": 4,
    "call_logs": 30,
    "zns_messages": 0,
}
PLACEHOLDERS: Final = {"string": "text", 0: 1, "2019-08-24T14:15:22Z": "2025-06-15T01:53:50.391Z"}


def pytest_configure(config: pytest.Config) -> None:
    """Register the mark of a deviation."""
    config.addinivalue_line("markers", "deviation(reason): why a statement is not kept as it is printed")


class Docs:
    """
    A sandbox, as a reader of the documentation calls it.

    Args:
        runner: Runs the calls.
        service: The sandbox.
        http: Makes requests without the client.
        strict: Whether the sandbox is strict.
    """

    def __init__(
        self, runner: asyncio.Runner, service: Sandbox, http: aiohttp.ClientSession, *, strict: bool
    ) -> None:
        self.run: Final = runner.run
        self.service: Final = service
        self.strict: Final = strict
        self._http: Final = http

    def post(
        self,
        path: str,
        body: Any = None,
        *,
        key: str | None = None,
        headers: Mapping[str, str] | None = None,
        data: bytes | None = None,
    ) -> tuple[int, Any]:
        """
        Return status and JSON of a call.

        Args:
            path: What follows the version in the URL, for example `partner.Shop/CurrentShop`.
            body: The JSON.
            key: The key; by default the partner's own.
            headers: All headers, in place of the documented ones.
            data: The body, in place of JSON.
        """
        documented = {
            "Content-Type": "application/json",
            "Authorization": f"Bearer {key or self.service.partner_api_key}",
        }
        payload = json.dumps(body or {}).encode() if data is None else data

        async def post() -> tuple[int, Any]:
            async with self._http.post(
                f"{self.service.base_url}/{path}",
                data=payload,
                headers=documented if headers is None else headers,
                skip_auto_headers=["Content-Type"],
            ) as response:
                assert response.content_type == "application/json"
                return response.status, await response.json()

        return self.run(post())

    def partner(self, method: str, **body: Any) -> Any:
        """Return the JSON of a success with the partner's own key."""
        return self._succeed(self.post(f"partner.{method}", body))

    def shop(self, method: str, **body: Any) -> Any:
        """Return the JSON of a success with the partner's key for the shop."""
        return self._succeed(self.post(f"partner.{method}", body, key=self.service.shop_key))

    def refused(self, method: str, body: Any, *, key: str | None = None) -> tuple[int, str]:
        """Return status and code of an error, whose body has the documented structure."""
        status, error = self.post(f"partner.{method}", body, key=key)
        assert status >= 400, error
        assert isinstance(error["msg"], str)
        return status, error["code"]

    def sms(self, method: str, body: Any) -> tuple[int, str]:
        """Return the HTTP status of a call of the SMS service, and the status in its JSON or its text."""

        async def post() -> tuple[int, str]:
            url = f"{self.service.sms_base_url}/api/{method}"
            async with self._http.post(url, json=body) as response:
                if response.content_type != "application/json":
                    return response.status, await response.text()
                return response.status, str((await response.json()).get("status", ""))

        return self.run(post())

    def browse(self, method: str, url: str) -> tuple[int, str]:
        """Return the status of a page, and the URL to which it leads."""

        async def browse() -> tuple[int, str]:
            async with self._http.request(method, url, allow_redirects=False) as response:
                return response.status, response.headers.get("Location", "")

        return self.run(browse())

    def with_partner(self, call: Callable[[PartnerClient], Awaitable[Any]]) -> Any:
        """Return the result of a call of a partner's client."""
        return self.run(_partner(self.service.partner_api_key, self.service.base_url, call))

    def with_shop(self, call: Callable[[ShopClient], Awaitable[Any]]) -> Any:
        """Return the result of a call of a shop's client."""
        return self.run(_shop(self.service.shop_key, self.service.base_url, call))

    def samples(self, operation: str, kind: str) -> list[Any]:
        """Return a sample of a page in both forms: beside the text, and in its schema block."""
        text = (SAMPLES / operation / f"{kind}.json").read_text(encoding="utf-8")
        printed = json.loads(text)
        return [printed, _block(printed)]

    @staticmethod
    def _succeed(response: tuple[int, Any]) -> Any:
        status, body = response
        assert status == 200, body
        return body


def _block(value: Any) -> Any:
    """Return a sample with the placeholders of the schema blocks."""
    if isinstance(value, dict):
        return {name: _block(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_block(part) for part in value]
    return value if isinstance(value, bool) else PLACEHOLDERS.get(value, value)


async def _partner(key: str, base_url: str, call: Callable[[PartnerClient], Awaitable[Any]]) -> Any:
    async with PartnerClient(key, base_url=base_url) as client:
        return await call(client)


async def _shop(key: str, base_url: str, call: Callable[[ShopClient], Awaitable[Any]]) -> Any:
    async with ShopClient(key, base_url=base_url) as client:
        return await call(client)


class Reading:
    """
    Clients that get the responses of the documentation from a scripted server.

    Args:
        run: Runs a call.
        peer: The server.
    """

    def __init__(self, run: Callable[[Coroutine[Any, Any, Any]], Any], peer: Peer) -> None:
        self._run: Final = run
        self.peer: Final = peer

    def partner(
        self, response: Any, call: Callable[[PartnerClient], Awaitable[Any]], status: int = 200
    ) -> Any:
        """Return what a partner's client makes of a response."""
        self.peer.respond_with(self.peer.json(response, status))
        return self._run(_partner("1161512386239479010:canary-key", self.peer.base_url, call))

    def shop(self, response: Any, call: Callable[[ShopClient], Awaitable[Any]], status: int = 200) -> Any:
        """Return what a shop's client makes of a response."""
        self.peer.respond_with(self.peer.json(response, status))
        return self._run(_shop("shop1052570182707778180:canary-key", self.peer.base_url, call))


@pytest.fixture(scope="module")
def runner() -> Iterator[asyncio.Runner]:
    """An event loop for the tests of a page."""
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture(scope="module", params=[False, True], ids=["lenient", "strict"])
def docs(request: pytest.FixtureRequest, runner: asyncio.Runner) -> Iterator[Docs]:
    """A sandbox for the tests of a page: first a lenient one, then a strict one."""

    async def start() -> tuple[Sandbox, aiohttp.ClientSession]:
        return await sandbox(strict=request.param, **CONTENT).start(), aiohttp.ClientSession()

    service, http = runner.run(start())
    yield Docs(runner, service, http, strict=request.param)
    runner.run(http.close())
    runner.run(service.stop())


@pytest.fixture
def reading(runner: asyncio.Runner, peer: Peer) -> Reading:
    """Clients that get the printed responses."""
    return Reading(runner.run, peer)
