"""A sandbox with one object of each kind, and the arguments of a successful call of each operation."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
import attrs

from etelecom_async.operations import OPERATIONS, KeyKind
from etelecom_async.testing import Sandbox, sandbox

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

PHONE = "0901234560"
ORDER = {"customer_name": "Lê An", "order_code": "A-1"}


@attrs.define
class World:
    """A sandbox, and the objects in it that a caller found."""

    service: Sandbox
    http: aiohttp.ClientSession
    objects: dict[str, Any] = attrs.field(factory=dict)

    def __getattr__(self, name: str) -> Any:
        return self.objects[name]

    async def request(self, name: str, body: Any) -> tuple[int, dict[str, str], bytes]:
        """Call an operation by its row; return status, headers and bytes."""
        row = OPERATIONS[name]
        service = self.service
        if KeyKind.USERNAME_PASSWORD in row.callers:
            url, headers = f"{service.sms_base_url}/api/{row.wire_name}", {}
        else:
            keys = {
                KeyKind.PARTNER_API_KEY: service.partner_api_key,
                KeyKind.PARTNER_SHOP_KEY: self.new_shop_key if name in FOR_A_NEW_SHOP else service.shop_key,
                KeyKind.SHOP_API_KEY: service.shop_api_key,
            }
            kind = min(row.callers)
            url = f"{service.base_url}/{kind.scope}.{row.wire_name}"
            headers = {"Authorization": f"Bearer {keys[kind]}"}
        payload = {"data": body} if row.multipart else {"json": body}
        async with self.http.post(url, headers=headers, **payload) as response:
            return response.status, dict(response.headers), await response.read()

    async def call(self, name: str, body: Any) -> Any:
        """Call an operation; return the JSON of its success."""
        status, _, content = await self.request(name, body)
        assert status == 200, content
        return json.loads(content)

    async def collect(self) -> None:
        """Collect the objects that the arguments below use."""
        call = self.call
        tenants = (await call("partner.tenants.list", {}))["tenants"]
        hotlines = (await call("partner.hotlines.list", {}))["hotlines"]
        own = (await call("shop.hotlines.list", {}))["hotlines"]
        users = (await call("shop.users.list", {}))["account_users"]
        extensions = (await call("shop.extensions.list", {}))["extensions"]
        extension = next(one for one in extensions if one["user_id"] != "0")
        webhook = await call("webhooks.create", WEBHOOK)
        accounts = (await call("shop.zalo.accounts.list", {"paging": {"sort": "created_at"}}))["accounts"]
        oa_id = accounts[0]["oa_id"]
        followers = (await call("shop.zalo.followers.list", {"filter": {"oa_id": oa_id}}))["followers"]
        templates = (await call("shop.zns.templates.list", {"filter": {"oa_id": oa_id}}))["templates"]
        journey = await call("shop.zns.journeys.create", {"oa_id": oa_id, "phone": PHONE})
        sent = (await call("shop.zns.messages.list", {"filter": {"status": "P"}}))["messages"]
        upload = await call("shop.zalo.files.upload", form(oa_id))
        self.objects |= {
            "tenant": next(one for one in tenants if one["id"] == extension["tenant_id"]),
            "new_tenant": next(one for one in tenants if one["status"] != "P"),
            "free_hotline": next(one for one in hotlines if one["status"] == "Z"),
            "hotline": next(one for one in own if one["id"] != extension["hotline_id"]),
            "user": next(one for one in users if one["user_id"] != extension["user_id"]),
            "extension": extension,
            "webhook": webhook,
            "oa": {"oa_id": oa_id},
            "recipient": {"oa_id": oa_id, "recipient": {"user_id": followers[0]["zl_user_id"]}},
            "template": {
                one["type"]: {"oa_id": oa_id, "template_id": one["template_id"]}
                for one in templates
                if one["template_status"] == "ENABLE" and not one["is_journey"]
            },
            "journey_template": next(one["template_id"] for one in templates if one["is_journey"]),
            "journey": journey,
            "message": sent[0],
            "token": upload["token"],
            "account": {"username": self.service.sms_username, "password": self.service.sms_password},
            "connecting": await self.agree(),
            "new_shop_key": (await call("partner.shops.create", {}))["shop_key"],
        }
        self.objects["sms"] = await call("sms.send", self.account | SMS)

    async def agree(self) -> dict[str, Any]:
        """Authorise an official account as its administrator; return the values of the redirect."""
        link = await self.call("shop.zalo.accounts.authorize", APP)
        async with self.http.post(link["url"], allow_redirects=False) as response:
            query = parse_qs(urlsplit(response.headers["Location"]).query)
        return {"code": query["code"][0], "state": int(query["state"][0]), "oa_id": query["oa_id"][0]}


APP = {"app_id": "1305666935569034057", "app_secret": "s3cret", "redirect_uri": "https://example.com/zalo"}
WEBHOOK = {"url": "https://example.com/webhook", "entities": ["call_log"]}
SMS = {"phonenumber": PHONE, "routerule": ["1", "3"], "templatecode": "OTP", "list_param": {"otp": "123456"}}


def form(oa_id: str) -> aiohttp.FormData:
    """Return a form with a picture."""
    data = aiohttp.FormData({"type": "image", "oa_id": oa_id})
    data.add_field("file", b"abc", filename="a.png", content_type="image/png")
    return data


@asynccontextmanager
async def new_world(**settings: Any) -> AsyncIterator[World]:
    """Yield a new world for each operation, so that operations do not affect each other."""
    content = {"call_logs": 5, "followers": 8, "zns_messages": 30, "tenants": 12}
    # The documented form of each operation is enough.
    async with sandbox(**content, **settings, strict=True) as service, aiohttp.ClientSession() as http:
        world = World(service, http)
        await world.collect()
        yield world


# Operations that a shop can call only once; the sandbox's shop has already called them.
FOR_A_NEW_SHOP = ("shop.tenant.create",)

ARGUMENTS: dict[str, Any] = {
    "account": lambda _: {},
    "partner.hotlines.attach": lambda w: {"hotline_id": w.free_hotline["id"], "tenant_id": w.tenant["id"]},
    "partner.hotlines.create": lambda _: {"hotline": "02873009999", "name": "Bán hàng"},
    "partner.hotlines.delete": lambda w: {"hotline_id": w.free_hotline["id"]},
    "partner.hotlines.detach": lambda w: {"hotline_id": w.hotline["id"], "tenant_id": w.tenant["id"]},
    "partner.hotlines.list": lambda _: {},
    "partner.shops.authorize": lambda w: {
        "shop_id": w.extension["account_id"],
        "redirect_url": "https://example.com/r",
    },
    "partner.shops.connect": lambda _: {
        "email": "moi@example.com",
        "phone": PHONE,
        "name": "Cửa hàng mới",
        "redirect_url": "https://example.com/r",
    },
    "partner.shops.create": lambda _: {"name": "Cửa hàng", "email": "a@example.com"},
    "partner.shops.list": lambda _: {},
    "partner.tenants.activate": lambda w: {
        "tenant_id": w.new_tenant["id"],
        "owner_id": w.new_tenant["owner_id"],
        "connection_id": w.new_tenant["connection_id"],
        "hotline_id": w.free_hotline["id"],
    },
    "partner.tenants.list": lambda _: {},
    "shop.call_logs.list": lambda _: {},
    "shop.extensions.assign": lambda w: {"extension_id": w.extension["id"], "user_id": w.user["user_id"]},
    "shop.extensions.change_hotline": lambda w: {
        "extension_id": w.extension["id"],
        "hotline_id": w.hotline["id"],
    },
    "shop.extensions.create": lambda w: {"hotline_id": w.hotline["id"], "extension_number": 4000},
    "shop.extensions.get": lambda w: {"extension_number": w.extension["extension_number"]},
    "shop.extensions.list": lambda _: {},
    "shop.extensions.unassign": lambda w: {"extension_id": w.extension["id"]},
    "shop.hotlines.list": lambda _: {},
    "shop.current": lambda _: {},
    "shop.tenant.create": lambda _: {},
    "shop.tenant.driver_config": lambda _: {},
    "shop.tenant.get": lambda _: {},
    "shop.users.create": lambda _: {"full_name": "Lê An", "password": "s3cret", "phone": "0907654321"},
    "shop.users.list": lambda _: {},
    "shop.zalo.accounts.authorize": lambda _: APP,
    "shop.zalo.accounts.connect": lambda w: w.connecting,
    "shop.zalo.accounts.get": lambda w: w.oa,
    "shop.zalo.accounts.list": lambda w: {"filter": w.oa},
    "shop.zalo.accounts.refresh_token": lambda w: w.oa,
    "shop.zalo.accounts.update": lambda w: w.oa | {"webhook_url": "https://example.com/events"},
    "shop.zalo.consents.check": lambda w: w.oa | {"phone": PHONE},
    "shop.zalo.consents.list": lambda w: {"filter": w.oa},
    "shop.zalo.consents.request": lambda w: (
        w.oa | {"phone": PHONE, "call_type": "audio", "reason_code": "update_order"}
    ),
    "shop.zalo.files.upload": lambda w: form(w.oa["oa_id"]),
    "shop.zalo.followers.list": lambda w: {"filter": w.oa},
    "shop.zalo.messages.request_user_info": lambda w: (
        w.oa | {"zl_user_id": w.recipient["recipient"]["user_id"], "title": "Chào bạn"}
    ),
    "shop.zalo.messages.send_file": lambda w: w.recipient | {"message": {"token": w.token}},
    "shop.zalo.messages.send_image": lambda w: w.recipient | {"message": {"attachment_id": w.token}},
    "shop.zalo.messages.send_sticker": lambda w: w.recipient | {"message": {"attachment_id": "bfe458bf64"}},
    "shop.zalo.messages.send_text": lambda w: w.recipient | {"message": {"text": "Chào bạn"}},
    "shop.zalo.messages.send_transaction": lambda w: (
        w.recipient | {"message": {"content_header": {"content": "Đơn hàng", "align": "left"}}}
    ),
    "shop.zns.journeys.create": lambda w: w.oa | {"phone": PHONE, "token_type": "token_coach_bus_7"},
    "shop.zns.journeys.get": lambda w: {"journey_id": w.journey["journey_id"]},
    "shop.zns.journeys.list": lambda w: {"filter": w.oa},
    "shop.zns.messages.get": lambda w: w.oa | {"msg_id": w.message["msg_id"]},
    "shop.zns.messages.list": lambda w: {"filter": w.oa},
    "shop.zns.messages.send": lambda w: w.template["text"] | {"phone": PHONE, "template_data": ORDER},
    "shop.zns.messages.send_journey": lambda w: {
        "oa_id": w.oa["oa_id"],
        "journey_id": w.journey["journey_id"],
        "phone": PHONE,
        "template_id": w.journey_template,
        "template_data": ORDER | {"amount": "100000", "due_date": "01/02/2026"},
    },
    "shop.zns.templates.create": lambda w: w.oa | {"template_id": 654_321, "type": "rating"},
    "shop.zns.templates.get": lambda w: w.template["otp"],
    "shop.zns.templates.list": lambda w: {"filter": w.oa},
    "sms.send": lambda w: w.account | SMS,
    "sms.status": lambda w: w.account | {"idOmniMess": w.sms["idOmniMess"]},
    # The only operation whose names begin with capitals.
    "sms.templates.list": lambda w: (
        {name.capitalize(): text for name, text in w.account.items()}
        | {"TemplateCode": "ORDER", "Page": 1, "ItemCount": 10}
    ),
    "webhooks.create": lambda _: WEBHOOK,
    "webhooks.delete": lambda w: {"id": w.webhook["id"]},
    "webhooks.list": lambda _: {},
}
"""Arguments of each operation; a missing row fails a test."""
