"""
Prepare the server's responses. They are recorded from the sandbox, so their size and content are realistic.

Each one is a complete HTTP response, ready to be sent.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import aiohttp

from etelecom_async import ShopClient
from etelecom_async.testing import Sandbox, sandbox
from etelecom_async.times import VIETNAM

EXTENSION_NUMBER: Final = "1001"
HOTLINE_NUMBER: Final = "02873001234"
ROWS: Final = 100
"""Number of call logs in a page."""

LOGIN: Final = "/shop.Etelecom/GetExtensionInfo"
EXTENSION: Final = "/shop.Etelecom/CreateExtension"
CALL_LOGS: Final = "/shop.Etelecom/ListCallLogs"
ACCOUNT: Final = "/shop.Misc/CurrentAccount"
HOTLINE: Final = "/partner.Etelecom/PartnerAddHotline"
BALANCE: Final = "/v2/balance"

# A call log's id has 19 digits. In a walk, the first 17 identify the page, and the last two the row.
_FIRST_PAGE: Final = 14158924197933746
_MARK: Final = b"#" * 17
_TIME_MARK: Final = "TTTT-TT-TTTTT:TT:TTT"
_END_OF_YEAR: Final = datetime(2026, 1, 1, tzinfo=VIETNAM)
_YEAR: Final = timedelta(days=365)
_PAGE_OF_CURSOR: Final = re.compile(rb'"after":\s*"[^"]*\.(\d{17})"')


async def record() -> dict[str, bytes]:
    """Return the responses to the measured calls, by path."""
    async with sandbox(seed=1, call_logs=2000, until="2025-10-01") as service:
        page = await _post(service.base_url + CALL_LOGS, service.shop_api_key, {"paging": {"limit": ROWS}})
        login = await _post(
            service.base_url + LOGIN, service.shop_api_key, {"extension_number": EXTENSION_NUMBER}
        )
        hotline = await _post(
            service.base_url + HOTLINE,
            service.partner_api_key,
            {"hotline": HOTLINE_NUMBER, "name": "Tổng đài Mây", "description": "Chăm sóc khách hàng"},
        )
        extension = await _post(
            service.base_url + EXTENSION,
            service.shop_api_key,
            {"extension_number": 100_000, "hotline_id": await _any_hotline(service)},
        )
        account = await _post(service.base_url + ACCOUNT, service.shop_api_key, {})
    return {
        f"/plain{LOGIN}": response(login),
        f"/plain{CALL_LOGS}": response(page),
        f"/plain{EXTENSION}": response(extension),
        f"/plain{HOTLINE}": response(hotline),
        f"/plain{ACCOUNT}": response(account),
        f"/quirks{CALL_LOGS}": response(with_quirks(page)),
        BALANCE: response(_json(_BALANCE)),
    }


async def _any_hotline(service: Sandbox) -> str:
    async with ShopClient(service.shop_api_key, base_url=service.base_url) as shop:
        return (await shop.extensions.list(limit=1)).items[0].hotline_id


async def _post(url: str, key: str, body: Mapping[str, Any]) -> bytes:
    headers = {"Authorization": f"Bearer {key}"}
    async with (
        aiohttp.ClientSession(raise_for_status=True) as http,
        http.post(url, headers=headers, json=body) as received,
    ):
        return await received.read()


# telnyx has its own response format. This one has two fields more than the login that the SDK's call gets.
_BALANCE: Final = {
    "data": {
        "record_type": "balance",
        "balance": "300.00",
        "credit_limit": "100.00",
        "available_credit": "400.00",
        "pending": "10.00",
        "currency": "USD",
    }
}


def with_quirks(page: bytes) -> bytes:
    """Return a page with a null list, a zero time, an unknown enum value and unknown fields in each row."""
    content = json.loads(page)
    for index, row in enumerate(content["call_logs"]):
        row["recording_urls"] = None
        row["ended_at"] = "0001-01-01T00:00:00Z"
        row["call_state"] = "voicemail"
        row["direction"] = "callback"
        row["queue"] = {"id": str(1_300_000_000_000_000_000 + index), "name": "Chăm sóc khách hàng"}
        row["tags"] = ["vip", "gọi lại"]
        row["wait_duration"] = index
    return _json(content)


def pages(response_of_page: bytes) -> Callable[[bytes, int], bytes]:
    """
    Return a function that makes the next response of a walk from a request's body and the number of pages.

    All pages have the same rows, except for ids, recordings and cursors. As on the platform, the last page
    also has a `next`, and the page after it is empty.
    """
    content = json.loads(response_of_page.partition(b"\r\n\r\n")[2])
    mark = _MARK.decode()
    for index, row in enumerate(content["call_logs"]):
        row_id = f"{mark}{index:02d}"
        row["recording_urls"] = [url.replace(row["id"], row_id) for url in row["recording_urls"] or ()]
        row["id"] = row_id
    content["paging"]["next"] += f".{mark}"
    template = response(_json(content))
    empty = response(_json({"call_logs": [], "paging": content["paging"] | {"next": ""}}))

    def after(body: bytes, count: int) -> bytes:
        cursor = _PAGE_OF_CURSOR.search(body)
        page = 0 if cursor is None else int(cursor[1]) - _FIRST_PAGE + 1
        return empty if page >= count else template.replace(_MARK, b"%d" % (_FIRST_PAGE + page))

    return after


def spread_pages(response_of_page: bytes) -> Callable[[bytes, int], bytes]:
    """
    Return a function that makes pages like `pages`, spread over the year 2025, the newest first.

    A request gets the pages whose time is between its `date_from` and `date_to`.
    """
    content = json.loads(response_of_page.partition(b"\r\n\r\n")[2])
    mark = _MARK.decode()
    for index, row in enumerate(content["call_logs"]):
        row |= {"id": f"{mark}{index:02d}", "created_at": _TIME_MARK, "started_at": _TIME_MARK}
    content["paging"]["next"] += f".{mark}"
    template = _json(content)
    empty = response(_json({"call_logs": [], "paging": content["paging"] | {"next": ""}}))

    def after(body: bytes, count: int) -> bytes:
        request = json.loads(body)
        begin, end = (datetime.fromisoformat(request["filter"][name]) for name in ("date_from", "date_to"))
        cursor = _PAGE_OF_CURSOR.search(body)
        first = 0 if cursor is None else int(cursor[1]) - _FIRST_PAGE + 1
        for page in range(first, count):
            moment = _END_OF_YEAR - _YEAR * (page + 0.5) / count
            if moment < begin:
                break
            if moment < end:
                made = template.replace(_MARK, b"%d" % (_FIRST_PAGE + page))
                written = f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
                return response(made.replace(_TIME_MARK.encode(), written.encode()))
        return empty

    return after


def response(body: bytes) -> bytes:
    """Return the HTTP response that carries *body*."""
    return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (
        len(body),
        body,
    )


def _json(content: object) -> bytes:
    # The platform's servers write JSON in this way: no blanks, and no escapes for letters.
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
