"""A peer that calls the sandbox over HTTP without the client of the SDK."""

from __future__ import annotations

import io
from contextlib import ExitStack, asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from etelecom_async.sandbox import Content
from etelecom_async.sandbox.seed import populate
from etelecom_async.sandbox.store.state import State
from etelecom_async.sandbox.world.content import COUNTS
from etelecom_async.testing import Sandbox, sandbox

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from contextlib import AbstractAsyncContextManager


class Peer:
    """Calls a sandbox with its keys."""

    def __init__(self, service: Sandbox, http: aiohttp.ClientSession) -> None:
        self.service = service
        self.http = http

    async def post(self, path: str, body: Any = None, *, key: str) -> tuple[int, Any]:
        """Returns status and JSON of one call; *path* has the form `partner.Etelecom/GetTenant`."""
        url = f"{self.service.base_url}/{path}"
        headers = {"Authorization": f"Bearer {key}"}
        async with self.http.post(url, json=body or {}, headers=headers) as response:
            assert response.content_type == "application/json"
            return response.status, await response.json()

    async def partner(self, method: str, **body: Any) -> Any:
        """Calls with the partner's own key; expects a success and returns its JSON."""
        return self._success(await self.post(f"partner.{method}", body, key=self.service.partner_api_key))

    async def shop(self, method: str, **body: Any) -> Any:
        """Calls with the partner's key for the shop; expects a success and returns its JSON."""
        return self._success(await self.post(f"partner.{method}", body, key=self.service.shop_key))

    async def partner_error(self, method: str, **body: Any) -> tuple[int, str]:
        """Calls with the partner's own key; expects an error and returns its status and code."""
        return self._error(await self.post(f"partner.{method}", body, key=self.service.partner_api_key))

    async def shop_error(self, method: str, **body: Any) -> tuple[int, str]:
        """Calls with the partner's key for the shop; expects an error and returns its status and code."""
        return self._error(await self.post(f"partner.{method}", body, key=self.service.shop_key))

    async def sms(self, method: str, **body: Any) -> Any:
        """Calls the SMS service with its credentials; expects a success and returns its JSON."""
        account = {"username": self.service.sms_username, "password": self.service.sms_password}
        async with self.http.post(
            f"{self.service.sms_base_url}/api/{method}", json=account | body
        ) as response:
            assert (response.status, response.content_type) == (200, "application/json")
            return await response.json()

    async def upload(
        self,
        content: bytes = b"%PDF-1.7",
        name: str = "price list.pdf",
        content_type: str = "application/pdf",
        **fields: str,
    ) -> tuple[int, Any]:
        """Uploads a file; returns status and JSON."""
        # Names as browsers write them: aiohttp would write é as %C3%A9.
        form = aiohttp.FormData(quote_fields=False)
        for field, value in fields.items():
            form.add_field(field, value)
        form.add_field("file", io.BytesIO(content), filename=name, content_type=content_type)
        url = f"{self.service.base_url}/partner.OA/UploadFile"
        headers = {"Authorization": f"Bearer {self.service.shop_key}"}
        async with self.http.post(url, data=form, headers=headers) as response:
            return response.status, await response.json()

    async def browse(self, method: str, url: str) -> tuple[int, str, str]:
        """Returns the status, the redirect URL and the page."""
        async with self.http.request(method, url, allow_redirects=False) as response:
            return response.status, response.headers.get("Location", ""), await response.text()

    def advance(self, **by: float) -> None:
        """Advances the clock of the sandbox, for example by `minutes=5`."""
        self.service.advance(timedelta(**by))

    async def oas(self) -> list[Any]:
        """Returns the official accounts: one that can send, one with an expired grant, one disconnected."""
        accounts = (await self.shop("Zalo/ListOA", paging={"sort": "created_at"}))["accounts"]
        return list(accounts)

    async def templates(self, oa_id: str) -> dict[str, Any]:
        """Returns the templates of an account, by their special property or else by their kind."""
        templates = await self.walk(self.shop, "Zalo/ListTemplates", "templates", filter={"oa_id": oa_id})
        found: dict[str, Any] = {}
        for template in templates:
            if template["template_status"] != "ENABLE":
                found[template["template_status"]] = template
            elif template["is_journey"]:
                found["journey"] = template
            elif template["apply_template_quota"]:
                found["quota"] = template
            elif template["template_tag"] == "FOLLOW_UP":
                found["follow_up"] = template
            else:
                found[template["type"]] = template
        return found

    async def users(self, **wanted: Any) -> list[dict[str, Any]]:
        """Returns the employees that a filter matches."""
        return await self.walk(self.shop, "Shop/GetAccountUsers", "account_users", filter=wanted)

    async def extensions(self) -> list[dict[str, Any]]:
        """Returns all extensions."""
        return await self.walk(self.shop, "Etelecom/GetExtensions", "extensions")

    async def calls(self, **wanted: Any) -> list[dict[str, Any]]:
        """Returns the calls that a filter matches."""
        return await self.walk(self.shop, "Etelecom/ListCallLogs", "call_logs", filter=wanted)

    async def walk(self, ask: Callable[..., Any], method: str, items: str, **body: Any) -> list[Any]:
        """Returns the items of all pages."""
        found: list[Any] = []
        paging = body.pop("paging", {})
        while page := (response := await ask(method, paging=paging, **body))[items]:
            found += page
            paging = {**paging, "after": response["paging"]["next"]}
        return found

    @staticmethod
    def _success(response: tuple[int, Any]) -> Any:
        status, body = response
        assert status == 200, body
        return body

    @staticmethod
    def _error(response: tuple[int, Any]) -> tuple[int, str]:
        status, body = response
        assert status != 200, body
        assert body["msg"]
        return status, body["code"]


@asynccontextmanager
async def _peer(**content: Any) -> AsyncIterator[Peer]:
    async with sandbox(**content) as service, aiohttp.ClientSession() as http:
        yield Peer(service, http)


@pytest.fixture(scope="module")
def new_state() -> Iterator[Callable[[], State]]:
    """Creates empty states, and closes them at the end."""
    with ExitStack() as stack:

        def make() -> State:
            state = State()
            stack.callback(state.close)
            with state.create():
                state.save_settings(clock_ahead="0")
            return state

        yield make


@pytest.fixture(scope="module")
def populated(new_state: Callable[[], State]) -> Callable[..., State]:
    """Creates states with the given content, and closes them at the end."""

    def make(**content: Any) -> State:
        state = new_state()
        with state.transaction():
            populate(state, Content(**content))
        return state

    return make


@pytest.fixture(scope="session")
def open_peer() -> Callable[..., AbstractAsyncContextManager[Peer]]:
    """Opens a peer of a new sandbox with the given content."""
    return _peer


@pytest.fixture
async def peer() -> AsyncIterator[Peer]:
    """Returns the peer of a sandbox with a history."""
    async with _peer(call_logs=30) as peer:
        yield peer


@pytest.fixture
async def newcomer() -> AsyncIterator[Peer]:
    """Returns the peer of a sandbox with a partner and a shop only."""
    async with _peer(**NOTHING) as peer:
        yield peer


NOTHING = dict.fromkeys((name for name in COUNTS if name != "sms_quota"), 0)
