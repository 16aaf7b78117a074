"""
Open a report in a headless Chromium: no error, no request, and nothing wider than a phone.

`nox -s reports` runs this file. Plain `pytest` does not run it.
"""

from __future__ import annotations

import asyncio
import base64
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from selenium import webdriver

from etelecom_async import ShopClient, history, times
from etelecom_async.testing import sandbox

PHONE = 390
WIDTHS = (360, PHONE, 768, 1280)
OPEN = "document.querySelectorAll('details').forEach(each => { each.open = true; })"
WIDE = """
return [...document.querySelectorAll('body *')]
    .filter(each => !each.closest('.scroll') && !each.closest('caption'))
    .filter(each => each.getBoundingClientRect().right > innerWidth + 1)
    .map(each => each.outerHTML.slice(0, 200))
"""
HIDDEN = """
return [...document.querySelectorAll('.scroll')]
    .filter(each => !each.closest('details') && each.scrollWidth > each.clientWidth)
    .map(each => each.querySelector('caption').textContent)
"""
TOUCHING = """
const labels = [...document.querySelectorAll('svg .role-axis-label text')]
    .filter(each => each.getClientRects().length);
return labels
    .filter((each, index) => index && labels[index - 1].parentNode === each.parentNode)
    .filter(each => {
        const one = each.previousElementSibling.getBoundingClientRect(), other = each.getBoundingClientRect();
        return one.right > other.left && other.right > one.left
            && one.bottom > other.top + 4 && other.bottom > one.top + 4;
    })
    .map(each => each.textContent)
"""
CUT = """
return [...document.querySelectorAll('svg text')]
    .filter(each => each.getClientRects().length)
    .filter(each => each.getBoundingClientRect().left < each.closest('section').getBoundingClientRect().left)
    .map(each => each.textContent)
"""


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    """A headless Chromium with a new profile that logs its requests and the errors of pages."""
    chromium, driver = shutil.which("chromium"), shutil.which("chromedriver")
    assert chromium
    assert driver, "both come with Debian's chromium-driver"
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for argument in (
        "--headless=new",
        "--no-sandbox",
        "--disable-dev-shm-usage",
        f"--user-data-dir={tmp_path_factory.mktemp('profile')}",
    ):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"performance": "ALL", "browser": "ALL"})
    with webdriver.Chrome(options, webdriver.ChromeService(driver)) as chrome:
        yield chrome


@pytest.fixture(params=["en", "vi"])
async def report(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A report about some weeks of the sandbox, with everything that it can show."""
    file = tmp_path / "report.html"
    async with (
        sandbox(call_logs=2500) as service,
        ShopClient(service.shop_key, base_url=service.base_url) as shop,
    ):
        hotlines = await shop.hotlines.list().collect()
        language: Any = request.param
        await history.report(
            shop, file, "-21d", "today", language=language, hotlines=hotlines, reveal_numbers=True
        )
    return file


def requests_of(browser: webdriver.Chrome) -> list[str]:
    """Return the addresses that the browser has asked for since the last call."""
    events = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    return [
        event["params"]["request"]["url"]
        for event in events
        if event["method"] == "Network.requestWillBeSent"
    ]


@pytest.mark.filterwarnings("ignore::etelecom_async.ProvisionalOperationWarning")
async def test_report(browser: webdriver.Chrome, report: Path) -> None:
    """At each width, the page has no error, asks for nothing else, and no part of it is cut off."""
    for width in WIDTHS:
        size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500}
        browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        requests_of(browser)
        browser.get(report.as_uri())
        assert browser.execute_script("return innerWidth") == width
        for _ in range(2):
            assert browser.execute_script(WIDE) == []
            assert browser.execute_script(CUT) == []
            assert browser.execute_script(TOUCHING) == []
            assert width < PHONE or browser.execute_script(HIDDEN) == []
            browser.execute_script(OPEN)
        assert requests_of(browser) == [report.as_uri()]
        assert browser.get_log("browser") == []
        charts = browser.execute_script(
            "return [...document.querySelectorAll('svg')].filter(each => each.getClientRects().length).length"
        )
        assert charts == browser.execute_script("return document.querySelectorAll('figure').length") >= 8


@pytest.mark.filterwarnings("ignore::etelecom_async.ProvisionalOperationWarning")
async def test_paper(browser: webdriver.Chrome, report: Path) -> None:
    """On paper, the tables behind the clicks are shown, too: the page gets longer, and asks for nothing."""
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    browser.get(report.as_uri())
    requests_of(browser)
    printed = base64.b64decode(browser.execute_cdp_cmd("Page.printToPDF", {})["data"])
    browser.execute_script("document.querySelectorAll('details').forEach(each => each.remove())")
    without = base64.b64decode(browser.execute_cdp_cmd("Page.printToPDF", {})["data"])
    assert pages_of(printed) > pages_of(without) > 1
    assert requests_of(browser) == []


def pages_of(pdf: bytes) -> int:
    """Return the number of pages of a PDF."""
    return len(re.findall(rb"/Type\s*/Page\b", pdf))


COUNT = 200_000
FIRST = datetime(2025, 10, 1, tzinfo=times.VIETNAM)
STEP = timedelta(seconds=26)
MAKE = """
import asyncio, resource, sys
from etelecom_async import ShopClient, history

async def main(url, file, until):
    async with ShopClient("1161512386239479010:canary-key", base_url=url) as shop:
        done = await history.report(shop, file, "2025-10-01", until, limit=1000, reveal_numbers=True)
    print(done.calls, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)

asyncio.run(main(*sys.argv[1:]))
"""


def call_log(number: int) -> dict[str, Any]:
    """Return a call as the service sends it; each call has its own time."""
    start = FIRST + number * STEP
    end = start + timedelta(seconds=60 + number % 400)
    answer = None if number % 3 == 0 else start + timedelta(seconds=number % 70)
    customer, extension = f"09{number * 31 % 40000:08}", str(1000 + number % 300)
    direction = ("in", "in", "out", "in", "ext", "new", "out")[number % 7]
    caller, callee = (extension, customer) if direction == "out" else (customer, extension)
    return {
        "id": str(10**18 + number),
        "direction": direction,
        "call_state": "not_answered" if answer is None else "answered",
        "caller": caller,
        "callee": callee,
        "user_id": f"15{number % 300:017}",
        "started_at": start.isoformat(),
        "created_at": start.isoformat(),
        "ended_at": end.isoformat(),
        "call_targets": [
            {"target_number": extension, "answered_time": answer and answer.isoformat()},
            {"target_number": str(1000 + number * 7 % 300), "ended_time": end.isoformat()},
        ],
        "recording_urls": [f"https://recordings.example/{number}"],
    }


async def list_calls(request: web.Request) -> web.Response:
    """Return a page of the calls, the latest first, as the service does."""
    body = await request.json()
    asked, paging = body.get("filter", {}), body.get("paging", {})
    first, last = (
        min(max(-(-(datetime.fromisoformat(asked[name]) - FIRST) // STEP), 0), COUNT)
        for name in ("date_from", "date_to")
    )
    before = int(paging.get("after") or last)
    rows = range(before - 1, max(before - paging.get("limit", 100), first) - 1, -1)
    page = [call_log(number) for number in rows]
    return web.json_response({"call_logs": page, "paging": {"next": str(rows[-1]) if page else ""}})


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no module `resource`")
async def test_many_calls(browser: webdriver.Chrome, tmp_path: Path) -> None:
    """A report about 200,000 calls needs hardly more memory than one about 20,000, and opens as quietly."""
    app = web.Application()
    app.router.add_post("/{name:.*ListCallLogs}", list_calls)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    file = tmp_path / "report.html"
    peaks: list[int] = []
    for until, expected in (("2025-10-07", 6 * 86400 // 26 + 1), ("2025-12-15", COUNT)):
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", MAKE, url, str(file), until, stdout=subprocess.PIPE
        )
        out, _ = await process.communicate()
        calls, peak = map(int, out.split())
        assert (process.returncode, calls) == (0, expected)
        peaks.append(peak)
    await runner.cleanup()
    assert peaks[1] - peaks[0] < 200, peaks  # MiB
    assert file.stat().st_size < 1_000_000
    requests_of(browser)
    browser.get(file.as_uri())
    browser.execute_script(OPEN)
    assert requests_of(browser) == [file.as_uri()]
    assert browser.get_log("browser") == []
