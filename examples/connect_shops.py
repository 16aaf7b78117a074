"""
Connect shops in a web service: the owner logs in at eTelecom, and the service calls for the shop.

    SITE=https://example.com python examples/connect_shops.py

`SITE` is the address of this service, as browsers see it. A form posts `email`, `phone` and `name` to
/connect. The keys are in the file `shop_keys.json`. Add your own login: here, anybody may see a shop's page.

Needs `ETELECOM_PARTNER_API_KEY`.
"""

import os
import secrets
from collections.abc import AsyncIterator

from aiohttp import web

from etelecom_async import InvalidRequestError, PartnerClient
from etelecom_async.connect import parse_redirect
from etelecom_async.errors import LoginRequiredError, ShopNotConnectedError
from etelecom_async.key_store import FileKeyStore
from etelecom_async.models import LoginRequired, ShopKey

PARTNER = web.AppKey("partner", PartnerClient)
CONNECTED = web.AppKey("connected", str)
AGAIN = web.AppKey("again", str)


async def connect(request: web.Request) -> web.Response:
    """Send the owner's browser to the login. A cookie keeps the state until the browser comes back."""
    form, state = await request.post(), secrets.token_urlsafe()
    shop = {name: str(form.get(name, "")) for name in ("email", "phone", "name")}
    page = await request.app[PARTNER].shops.connect(**shop, redirect_url=request.app[CONNECTED] + state)
    response = web.Response(status=303, headers={"Location": page.auth_url.reveal()})
    response.set_cookie("state", state, max_age=page.expires_in, httponly=True, samesite="Lax")
    return response


async def connected(request: web.Request) -> web.Response:
    """Get the key of the shop that comes back. The client stores it."""
    try:
        back = parse_redirect(str(request.url))
    except InvalidRequestError as error:
        raise web.HTTPBadRequest(text=str(error)) from None
    if back.params.get("state", "") != request.cookies.get("state"):
        raise web.HTTPForbidden(text="This login began in another browser: start again.")
    match await request.app[PARTNER].shops.authorize(shop_id=back.shop_id, redirect_url=request.app[AGAIN]):
        case ShopKey():
            raise web.HTTPSeeOther(f"/shops/{back.shop_id}")
        case LoginRequired(auth_url=url):
            raise web.HTTPSeeOther(url.reveal())


async def again(request: web.Request) -> web.Response:
    """Show a shop after its owner logged in again. The next call gets the new key."""
    raise web.HTTPSeeOther(f"/shops/{parse_redirect(str(request.url)).shop_id}")


async def shop_page(request: web.Request) -> web.Response:
    """Call for the shop with the stored key."""
    try:
        shop = await request.app[PARTNER].shop(request.match_info["shop_id"]).current()
    except ShopNotConnectedError:
        raise web.HTTPNotFound(text="This shop is not connected.") from None
    except LoginRequiredError as error:  # the shop had removed its link
        raise web.HTTPSeeOther(error.auth_url.reveal()) from None
    return web.json_response(shop.to_dict())


def make_app(site: str, keys: str = "shop_keys.json") -> web.Application:
    """Return the service."""

    async def open_client(app: web.Application) -> AsyncIterator[None]:
        store = FileKeyStore(keys)
        async with PartnerClient(key_store=store, redirect_url=app[AGAIN], deadline=10) as partner:
            app[PARTNER] = partner
            yield

    app = web.Application()
    app[CONNECTED] = f"{site}/connected?state="
    app[AGAIN] = f"{site}/again"
    app.cleanup_ctx.append(open_client)
    app.router.add_post("/connect", connect)
    app.router.add_get("/connected", connected)
    app.router.add_get("/again", again)
    app.router.add_get(r"/shops/{shop_id:\d+}", shop_page)
    return app


if __name__ == "__main__":
    web.run_app(make_app(os.environ["SITE"]))
