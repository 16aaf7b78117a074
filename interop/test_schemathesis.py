"""
Check the sandbox with schemathesis and our spec files: no server error, no response that breaks the schema.

`nox -s schemathesis` runs this file. Plain `pytest` does not run it.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from etelecom_async import Attachment, PartnerClient, ShopClient, SmsClient
from etelecom_async.operations import OPERATIONS
from etelecom_async.testing import Sandbox, sandbox

HOOKS = Path(__file__).parent / "hooks.py"
FOLDER = Path(__file__).parent.parent / "codegen/spec"
SPECS: dict[Path, Any] = {
    file: yaml.safe_load(file.read_text(encoding="utf-8")) for file in sorted(FOLDER.glob("*.openapi.yaml"))
}
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
)
# Cases for each operation and each phase of the tool. The largest file takes about 20 s.
CASES = 30

PHONE = "0901234560"
URL = "https://example.com/etelecom"
ORDER = {"customer_name": "Lê An", "order_code": "A-1", "amount": "100000", "due_date": "01/02/2026"}


async def find_values(service: Sandbox) -> dict[str, list[Any]]:
    """Return existing values for fields of requests, by the fields' names."""
    async with ShopClient(service.shop_api_key, base_url=service.base_url) as shop:
        extensions = await shop.extensions.list()
        accounts = await shop.zalo.accounts.list(sort="created_at")
        oa_id = accounts.items[0].oa_id
        followers = await shop.zalo.followers.list(oa_id=oa_id)
        templates = await shop.zns.templates.list(oa_id=oa_id)
        journeys = await shop.zns.journeys.list(oa_id=oa_id)
        messages = await shop.zns.messages.list(oa_id=oa_id)
        file = Attachment(b"abc", name="a.png")
        webhook = await shop.webhooks.create(url=URL, entities=["call_log"])
        picture = await shop.zalo.files.upload(oa_id=oa_id, type="image", file=file)
    async with PartnerClient(service.partner_api_key, base_url=service.base_url) as partner:
        hotlines = await partner.hotlines.list()
        tenants = await partner.tenants.list()
        users = await partner.for_shop(service.shop_key).users.list()
    account = (service.sms_username, service.sms_password)
    otp = {"otp": "123456"}
    async with SmsClient(*account, base_url=service.sms_base_url) as sms:
        sent = await sms.send(phonenumber=PHONE, templatecode="OTP", routerule=["1"], list_param=otp)
    follower_ids = [one.zl_user_id for one in followers.items]
    return {
        "url": [URL],
        "redirect_url": [URL],
        "redirect_uri": [URL],
        "id": [webhook.id],
        "entities": [["call_log"]],
        "hotline_id": [one.id for one in hotlines.items],
        "extension_id": [one.id for one in extensions.items],
        "extension_number": [one.extension_number for one in extensions.items],
        "user_id": [one.user_id for one in users.items] + follower_ids,
        "tenant_id": [one.id for one in tenants.items],
        "oa_id": [oa_id],
        "zl_user_id": follower_ids,
        "template_id": [one.template_id for one in templates.items],
        "template_data": [ORDER, otp],
        "journey_id": [one.journey_id for one in journeys.items],
        "msg_id": [one.msg_id for one in messages.items],
        "token": [picture.token],
        "attachment_id": [picture.token],
        "phone": [PHONE],
        "phonenumber": [PHONE],
        "idOmniMess": [sent.id_omni_mess],
        "templatecode": ["OTP"],
        "list_param": [otp],
        "username": [account[0]],
        "password": [account[1]],
        "Username": [account[0]],
        "Password": [account[1]],
    }


def enum_values(spec: dict[str, Any]) -> Iterator[tuple[str, list[str]]]:
    """Yield the known values of a file's enums, with the name of each field that uses them."""
    schemas = spec["components"]["schemas"]
    for schema in schemas.values():
        for name, field in schema.get("properties", {}).items():
            enum = schemas.get(str(field.get("$ref")).rpartition("/")[2], {})
            if "x-known-values" in enum:
                yield name, list(enum["x-known-values"])


async def run(service: Sandbox, file: Path, folder: Path) -> tuple[int | None, str]:
    """Run the tool on a spec file; return its exit status and its output."""
    keys = {
        "shop_api_key": service.shop_api_key,
        "partner_api_key": service.partner_api_key,
        "partner_shop_key": service.shop_key,
    }
    world = {"keys": keys, "values": dict(enum_values(SPECS[file])) | await find_values(service)}
    base_url = service.sms_base_url if file.name.startswith("sms.") else service.base_url
    tool = await asyncio.create_subprocess_exec(
        *("schemathesis", "run", file, "--url", base_url, f"--checks={','.join(CHECKS)}"),
        *("--seed=1", f"--max-examples={CASES}", "--generation-database=none"),
        *("--continue-on-failure", "--no-color"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        cwd=folder,
        env=os.environ | {"SCHEMATHESIS_HOOKS": str(HOOKS), "ETELECOM_WORLD": json.dumps(world)},
    )
    output, _ = await tool.communicate()
    return tool.returncode, output.decode()


@pytest.mark.parametrize("file", SPECS, ids=lambda file: file.name)
async def test_no_response_breaks_the_schema(file: Path, tmp_path: Path) -> None:
    """The file describes each response, none is a server error, and the tool calls each operation."""
    async with sandbox(call_logs=40, followers=8, zns_messages=30) as service:
        status, report = await run(service, file, tmp_path)
        called = service.requests.counts.keys()

    print(report)  # noqa: T201 - `nox -s schemathesis -- -s` shows how many cases there were
    assert status == 0, report
    described = {path["post"]["operationId"].replace("-", "/") for path in SPECS[file]["paths"].values()}
    assert {OPERATIONS[name].wire_name for name in called} >= described
