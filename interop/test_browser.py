"""
Drive a sandbox from web pages in a headless Chromium.

`nox -s browser` runs this file. Plain `pytest` does not run it. Chromium's own protection of local addresses
is off, because other browsers have none: the sandbox has to protect itself.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import timedelta
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

import pytest
from aiohttp import web
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.wait import WebDriverWait

from etelecom_async import PartnerClient, ShopClient
from etelecom_async.connect import parse_redirect
from etelecom_async.models import ShopKey
from etelecom_async.testing import Fault, Sandbox, sandbox

EVIL = "evil.example"
"""A name that the attacker's DNS points to this machine."""
PATIENCE = 30
"""Seconds that the browser waits for a page."""

# Every way in which a page can send a request to another origin. Each returns what the page can read.
ATTACK = """
const [target, shop, done] = arguments;
const clock = '{"advance_seconds": 3600}';
const faults = '{"faults": [{"kind": "status", "status": 500}]}';
const plain = {"Content-Type": "text/plain"}, json = {"Content-Type": "application/json"};

async function read(path, options) {
    try {
        const response = await fetch(target + path, options);
        return `${response.status} ${await response.text()}`;
    } catch (error) {
        return `${error}`;
    }
}

function load(name, properties, remove = true) {
    return new Promise(resolve => {
        const element = Object.assign(document.createElement(name), properties);
        const end = () => {
            let text = "";
            try { text = element.contentDocument ? element.contentDocument.documentElement.outerHTML : ""; }
            catch (error) { text = `${error}`; }
            if (remove) element.remove();
            resolve(text);
        };
        element.onload = element.onerror = end;
        document.documentElement.append(element);
    });
}

function post(path, body) {
    // A form with the type text/plain sends "name=value", which can be JSON.
    return new Promise(resolve => {
        const frame = Object.assign(document.createElement("iframe"), {name: `frame${Math.random()}`});
        const form = document.createElement("form");
        Object.assign(form, {action: target + path, method: "post", enctype: "text/plain"});
        form.target = frame.name;
        const input = document.createElement("input");
        input.name = body.replace(/}$/, ', "x": "');
        input.value = '"}';
        form.append(input);
        document.documentElement.append(frame, form);
        frame.onload = () => { frame.remove(); form.remove(); resolve(""); };
        form.submit();
    });
}

async function attack() {
    const texts = [];
    for (const path of ["/_sandbox/requests", "/_sandbox/clock", "/_sandbox/faults", "/"]) {
        texts.push(await read(path));
        texts.push(await read(path, {mode: "no-cors"}));
        texts.push(await load("iframe", {src: target + path}));
        texts.push(await load("script", {src: target + path}));
        texts.push(await load("img", {src: target + path}));
        texts.push(await load("object", {data: target + path}));
    }
    for (const mode of ["cors", "no-cors"]) {
        for (const headers of [plain, json, {}]) {
            texts.push(await read("/_sandbox/clock", {method: "POST", body: clock, headers, mode}));
            texts.push(await read("/_sandbox/faults", {method: "POST", body: faults, headers, mode}));
            texts.push(await read(`/_sandbox/shops/${shop}/unlink`, {method: "POST", headers, mode}));
        }
    }
    texts.push(await read("/_sandbox/faults", {method: "DELETE"}));
    navigator.sendBeacon(target + "/_sandbox/clock", new Blob([clock], {type: "text/plain"}));
    await post("/_sandbox/clock", clock);
    await post("/_sandbox/faults", faults);
    await post(`/_sandbox/shops/${shop}/unlink`, "{}");
    return texts;
}

attack().then(done, error => done([`failed: ${error}`]));
"""


class Site:
    """A web server that serves a page, and records every request. It has no protection."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, str, bytes]] = []
        self.link = ""
        """The URL to which the page and the redirect lead."""
        self._runner: web.AppRunner | None = None
        self._port = 0

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._serve)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self._port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._runner is not None
        await self._runner.cleanup()

    def origin(self, host: str) -> str:
        """Return the origin of the site by a name of this machine."""
        return f"http://{host}:{self._port}"

    async def _serve(self, request: web.Request) -> web.Response:
        self.requests.append((request.method, request.path, await request.read()))
        if request.path == "/redirect":
            return web.Response(status=302, headers={"Location": self.link})
        text = f'<!doctype html><title>Site</title><a id="link" href="{self.link}">go</a>'
        return web.Response(text=text, content_type="text/html")


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    """Start a headless Chromium that reaches only this machine."""
    chromium, driver = shutil.which("chromium"), shutil.which("chromedriver")
    assert chromium is not None
    assert driver is not None
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for argument in (
        "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-dev-shm-usage",
        "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
        "--no-proxy-server",
        "--disable-features=LocalNetworkAccessChecks,BlockInsecurePrivateNetworkRequests",
        f"--user-data-dir={tmp_path_factory.mktemp('profile')}",
        f"--host-resolver-rules=MAP {EVIL} 127.0.0.1,MAP * ~NOTFOUND,EXCLUDE 127.0.0.1,EXCLUDE localhost",
    ):  # fmt: skip
        options.add_argument(argument)
    with webdriver.Chrome(options, webdriver.ChromeService(driver)) as chrome:
        chrome.set_script_timeout(PATIENCE)
        chrome.set_page_load_timeout(PATIENCE)
        yield chrome


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    """Start a web server of another origin."""
    async with Site() as site:
        yield site


@pytest.fixture
async def service() -> AsyncIterator[Sandbox]:
    """Start a sandbox with a fault that is never injected."""
    async with sandbox(call_logs=0, faults=[Fault(kind="slow", operation="sms.send")]) as service:
        yield service


def in_page(browser: webdriver.Chrome, page: str, target: str, shop: str) -> list[str]:
    """Open a page, and attack a target from it; return what the page could read."""
    browser.get(page)
    texts: list[str] = browser.execute_async_script(ATTACK, target, shop)
    return texts


def pages_of_others(site: Site, service: Sandbox) -> dict[str, str]:
    """Return pages of other origins, by their relation to the sandbox."""
    port = urlsplit(service.base_url).port
    return {
        "same-site": f"{site.origin('127.0.0.1')}/",
        "cross-site": f"{site.origin('localhost')}/",
        "another name": f"{site.origin(EVIL)}/",
        "a name for the sandbox's own port": f"http://{EVIL}:{port}/",
        "no origin": "data:text/html,<title>Site</title>",
    }


PAGES = ("same-site", "cross-site", "another name", "a name for the sandbox's own port", "no origin")


@pytest.mark.parametrize("page", PAGES)
async def test_pages_of_other_origins(
    browser: webdriver.Chrome, site: Site, service: Sandbox, page: str
) -> None:
    """A page of another origin can neither read nor change the sandbox, though its requests arrive."""
    url = pages_of_others(site, service)[page]
    shop = service.shop_key.removeprefix("shop").partition(":")[0]
    port = urlsplit(service.base_url).port
    # With its own name for this machine, the page is of the same origin for the browser.
    target = f"http://{EVIL}:{port}" if EVIL in url and str(port) in url else service.sms_base_url
    before = (service.shop_key, list(service.faults), service.now)
    texts = await asyncio.to_thread(in_page, browser, url, target, shop)
    assert len(texts) > 40
    assert not [text for text in texts if "failed: " in text]
    told = [text for text in texts if "processed" in text or '"now"' in text or "eTelecom sandbox" in text]
    assert told == []
    assert (service.shop_key, list(service.faults)) == before[:2]
    assert service.now - before[2] < timedelta(hours=1)
    assert service.requests.counts == {}

    # The same attack on a site without protection arrives, so the browser does not stop it.
    async with Site() as victim:
        await asyncio.to_thread(in_page, browser, url, victim.origin("127.0.0.1"), shop)
    arrived = {(method, path) for method, path, _ in victim.requests}
    assert {
        ("GET", "/_sandbox/requests"),
        ("POST", "/_sandbox/clock"),
        ("POST", f"/_sandbox/shops/{shop}/unlink"),
    } <= arrived
    assert [body for _, path, body in victim.requests if path == "/_sandbox/clock" and b'"x": "="}' in body]


async def test_own_page(browser: webdriver.Chrome, service: Sandbox) -> None:
    """A page of the sandbox itself can read and change it, so the attack itself works."""
    shop = service.shop_key.removeprefix("shop").partition(":")[0]
    before = service.now
    url = service.sms_base_url
    texts = await asyncio.to_thread(in_page, browser, f"{url}/", url, shop)
    assert [text for text in texts if '"processed"' in text]
    assert (service.shop_key, list(service.faults)) == ("", [])
    assert service.now - before > timedelta(hours=1)


def sign_in(browser: webdriver.Chrome, start: Callable[[], None], title: str) -> str:
    """Open a sign-in page from another page, agree, and return the URL to which the browser is sent."""
    wait = WebDriverWait(browser, PATIENCE)
    start()
    wait.until(lambda driver: title in driver.title)
    browser.find_element(By.TAG_NAME, "button").click()
    wait.until(lambda driver: driver.title == "Site")
    return str(browser.current_url)


WAYS = ("link", "redirect")


def open_by(browser: webdriver.Chrome, site: Site, way: str) -> Callable[[], None]:
    """Return a function that opens the site's link by a click or by a redirect."""

    def start() -> None:
        browser.get(f"{site.origin('localhost')}/{way}")
        if way == "link":
            browser.find_element(By.ID, "link").click()

    return start


@pytest.mark.parametrize("way", WAYS)
async def test_sign_in(browser: webdriver.Chrome, site: Site, service: Sandbox, way: str) -> None:
    """The owner of a shop gets from a partner's site to the sign-in page and back, and the shop is linked."""
    async with PartnerClient(service.partner_api_key, base_url=service.base_url) as partner:
        redirect_url = f"{site.origin('localhost')}/back"
        asked = await partner.shops.connect(
            name="Lê An", email="an@example.com", phone="0901234567", redirect_url=redirect_url
        )
        site.link = reveal(asked.auth_url)
        url = await asyncio.to_thread(sign_in, browser, open_by(browser, site, way), "Sign in")
        assert url.startswith(redirect_url)
        shop_id = parse_redirect(url).shop_id
        linked = await partner.shops.authorize(shop_id=shop_id, redirect_url=redirect_url)
        assert isinstance(linked, ShopKey)


@pytest.mark.parametrize("way", WAYS)
async def test_permission(browser: webdriver.Chrome, site: Site, service: Sandbox, way: str) -> None:
    """The administrator of an official account gets to the permission page and back, and can connect it."""
    async with ShopClient(service.shop_api_key, base_url=service.base_url) as shop:
        redirect_uri = f"{site.origin('localhost')}/back"
        asked = await shop.zalo.accounts.authorize(app_id="1", app_secret="x", redirect_uri=redirect_uri)
        site.link = reveal(asked.url)
        url = await asyncio.to_thread(sign_in, browser, open_by(browser, site, way), "Zalo")
        values = {name: value[0] for name, value in parse_qs(urlsplit(url).query).items()}
        connected = await shop.zalo.accounts.connect(
            code=values["code"], oa_id=values["oa_id"], state=int(values["state"])
        )
        assert connected.oa_id == values["oa_id"]


def framed(browser: webdriver.Chrome, page: str, url: str) -> str:
    """Show a URL in a frame of a page; return the text of the frame."""
    browser.get(page)
    browser.execute_async_script(
        "const [url, done] = arguments; const frame = document.createElement('iframe');"
        "frame.src = url; frame.onload = () => done(); document.body.append(frame);",
        url,
    )
    browser.switch_to.frame(browser.find_element(By.TAG_NAME, "iframe"))
    text = str(browser.page_source)
    browser.switch_to.default_content()
    return text


async def test_frames(browser: webdriver.Chrome, site: Site, service: Sandbox) -> None:
    """No page can show the sign-in page in a frame and get a click on its button; the token stays unused."""
    async with PartnerClient(service.partner_api_key, base_url=service.base_url) as partner:
        asked = await partner.shops.connect(
            name="Lê An", email="an@example.com", phone="0901234567", redirect_url="http://127.0.0.1/back"
        )
    url = reveal(asked.auth_url)
    for host in ("localhost", "127.0.0.1"):
        text = await asyncio.to_thread(framed, browser, f"{site.origin(host)}/", url)
        assert "Sign in and allow" not in text
    await asyncio.to_thread(browser.get, url)
    assert "Sign in and allow" in browser.page_source


def reveal(value: Any) -> str:
    """Return a URL, whether or not the model masks it."""
    return str(value.reveal() if hasattr(value, "reveal") else value)
