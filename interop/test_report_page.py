"""
Open a report in a headless Chromium: no error, no request, and nothing wider than a phone.

`nox -s reports` runs this file. Plain `pytest` does not run it.
"""

from __future__ import annotations

import base64
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver

from etelecom_async import ShopClient, history
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
