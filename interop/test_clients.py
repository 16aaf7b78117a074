"""
Check the clients that other generators make from our spec files: each READ operation works and decodes.

`nox -s interop` generates the clients, names their folder in `ETELECOM_CLIENTS`, and runs this file. Plain
`pytest` does not run it. There is one package for each generator and spec file.
"""

from __future__ import annotations

import importlib
import inspect
import json
import os
import pkgutil
import sys
import typing
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import attrs
import pytest
import yaml

from etelecom_async import PartnerClient, ShopClient, SmsClient
from etelecom_async.operations import OPERATIONS, Effect, KeyKind, Operation
from etelecom_async.testing import Sandbox, sandbox

SPEC = Path(__file__).parent.parent / "codegen/spec"
READS = {name: row for name, row in OPERATIONS.items() if row.effect is Effect.READ}

sys.path.append(os.environ["ETELECOM_CLIENTS"])


@attrs.frozen
class Read:
    """A response, and the result of a generated client for it."""

    status: int
    body: bytes
    model: Any
    expected: Any
    """The declared return type for a success."""


@attrs.frozen
class Access:
    """The address and the credentials of a call."""

    base_url: str
    scope: str
    token: str


async def by_openapi_python_client(area: str, name: str, access: Access, fields: dict[str, Any]) -> Read:
    """Call an operation with the client of openapi-python-client, which has a module for each operation."""
    package = importlib.import_module(f"openapi_python_client_{area}")
    root = importlib.import_module(f"{package.__name__}.api")
    modules = pkgutil.walk_packages(root.__path__, f"{root.__name__}.")
    paths = {
        normalized(module.name.rpartition(".")[2]): module.name for module in modules if not module.ispkg
    }
    module = importlib.import_module(paths[name])
    kinds = typing.get_type_hints(module.asyncio_detailed)
    where = {"scope": kinds["scope"](access.scope)} if "scope" in kinds else {}
    body = kinds["body"].from_dict(fields)
    async with package.AuthenticatedClient(access.base_url, token=access.token) as client:
        response = await module.asyncio_detailed(**where, client=client, body=body)
    (declared,) = typing.get_args(kinds["return"])
    return Read(int(response.status_code), response.content, response.parsed, success_of(declared))


async def by_openapi_generator(area: str, name: str, access: Access, fields: dict[str, Any]) -> Read:
    """Call an operation with the client of openapi-generator, which has a class for each tag."""
    package = importlib.import_module(f"openapi_generator_{area}")
    settings = package.Configuration(host=access.base_url, access_token=access.token)
    async with package.ApiClient(settings) as client:
        methods = {
            normalized(found): method
            for group in vars(importlib.import_module(f"{package.__name__}.api")).values()
            if inspect.isclass(group)
            for found, method in inspect.getmembers(group(client), inspect.ismethod)
        }
        method = methods[f"{name}withhttpinfo"]
        kinds = typing.get_type_hints(methods[name])
        where = {"scope": access.scope} if "scope" in kinds else {}
        (argument,) = (kind for kind in kinds if kind not in ("scope", "return") and not kind.startswith("_"))
        model = kinds[argument]
        body = model.from_dict(fields) if hasattr(model, "from_dict") else fields
        response = await method(**where, **{argument: body})
    return Read(response.status_code, response.raw_data, response.data, kinds["return"])


GENERATORS = {
    "openapi-python-client": by_openapi_python_client,
    "openapi-generator": by_openapi_generator,
}


def normalized(name: str) -> str:
    """Return a name without dashes, underscores and capitals, because generators treat them differently."""
    return name.replace("_", "").replace("-", "").lower()


def success_of(declared: Any) -> Any:
    """Return the only class of a union of responses that is not an error."""
    (only,) = (
        kind for kind in typing.get_args(declared) or [declared] if kind.__name__ not in ("Error", "str")
    )
    return only


def areas() -> Iterator[tuple[str, str]]:
    """Yield the normalized name of each operation in the spec files, and the file's area."""
    for file in SPEC.glob("*.openapi.yaml"):
        for path in yaml.safe_load(file.read_text(encoding="utf-8"))["paths"].values():
            yield normalized(path["post"]["operationId"]), file.name.partition(".")[0]


AREA_OF = dict(areas())


def comparable(value: Any) -> Any:
    """Return a JSON value in a comparable form: without nulls, and with all times in UTC."""
    if isinstance(value, dict):
        return {key: comparable(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [comparable(item) for item in value]
    if isinstance(value, str) and value[4:5] == "-" and value[10:11] == "T":
        value = datetime.fromisoformat(value)
    if isinstance(value, datetime) and value.year > 1:
        return value.astimezone(UTC)
    # openapi-generator wraps values with `format: password`.
    return value.get_secret_value() if hasattr(value, "get_secret_value") else value


async def find_arguments(service: Sandbox) -> dict[str, Any]:
    """Return arguments that name existing resources of the sandbox."""
    async with ShopClient(service.shop_api_key, base_url=service.base_url) as shop:
        extensions = await shop.extensions.list(limit=1)
        accounts = await shop.zalo.accounts.list(sort="created_at")
        oa_id = accounts.items[0].oa_id
        templates = await shop.zns.templates.list(oa_id=oa_id)
        journeys = await shop.zns.journeys.list(oa_id=oa_id)
        messages = await shop.zns.messages.list(oa_id=oa_id)
        await shop.webhooks.create(**WEBHOOK)
    async with PartnerClient(service.partner_api_key, base_url=service.base_url) as partner:
        await partner.webhooks.create(**WEBHOOK)
    account = {"username": service.sms_username, "password": service.sms_password}
    async with SmsClient(*account.values(), base_url=service.sms_base_url) as sms:
        receipt = await sms.send(
            phonenumber=PHONE, templatecode="OTP", routerule=["1"], list_param={"otp": "123456"}
        )
    return {
        "extension": {"extension_number": extensions.items[0].extension_number},
        "oa": {"oa_id": oa_id},
        "template": {"oa_id": oa_id, "template_id": templates.items[0].template_id},
        "journey": {"journey_id": journeys.items[0].journey_id},
        "message": {"oa_id": oa_id, "msg_id": messages.items[0].msg_id},
        "sms": account | {"idOmniMess": receipt.id_omni_mess},
        "sms_template": {"Username": account["username"], "Password": account["password"], "Page": 1},
    }


PHONE = "0901234560"
WEBHOOK: dict[str, Any] = {"url": "https://example.com/webhook", "entities": ["call_log"]}
NOTHING: dict[str, Any] = {}
ARGUMENTS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "account": lambda _: NOTHING,
    "partner.hotlines.list": lambda _: {"paging": {"limit": 50}},
    "partner.shops.list": lambda _: NOTHING,
    "partner.tenants.list": lambda _: NOTHING,
    "shop.call_logs.list": lambda _: {"filter": {"date_from": "2020-01-01T00:00:00Z"}},
    "shop.extensions.get": lambda known: known["extension"],
    "shop.extensions.list": lambda _: NOTHING,
    "shop.hotlines.list": lambda _: NOTHING,
    "shop.current": lambda _: NOTHING,
    "shop.tenant.driver_config": lambda _: NOTHING,
    "shop.tenant.get": lambda _: NOTHING,
    "shop.users.list": lambda _: NOTHING,
    "shop.zalo.accounts.get": lambda known: known["oa"],
    "shop.zalo.accounts.list": lambda _: {"paging": {"sort": "created_at"}},
    "shop.zalo.consents.check": lambda known: known["oa"] | {"phone": PHONE},
    "shop.zalo.consents.list": lambda known: {"filter": known["oa"]},
    "shop.zalo.followers.list": lambda known: {"filter": known["oa"]},
    "shop.zns.journeys.get": lambda known: known["journey"],
    "shop.zns.journeys.list": lambda known: {"filter": known["oa"]},
    "shop.zns.messages.get": lambda known: known["message"],
    "shop.zns.messages.list": lambda known: {"filter": known["oa"]},
    "shop.zns.templates.get": lambda known: known["template"],
    "shop.zns.templates.list": lambda known: {"filter": known["oa"]},
    "sms.status": lambda known: known["sms"],
    "sms.templates.list": lambda known: known["sms_template"],
    "webhooks.list": lambda _: NOTHING,
}
"""The request of each READ operation. A missing operation fails `test_every_read_has_its_arguments`."""


def access(service: Sandbox, kind: KeyKind) -> Access:
    """Return the address and the credentials for a kind of key."""
    tokens = {
        KeyKind.PARTNER_API_KEY: service.partner_api_key,
        KeyKind.PARTNER_SHOP_KEY: service.shop_key,
        KeyKind.SHOP_API_KEY: service.shop_api_key,
        KeyKind.USERNAME_PASSWORD: "in the body",
    }
    base_url = service.sms_base_url if kind is KeyKind.USERNAME_PASSWORD else service.base_url
    return Access(base_url, kind.scope, tokens[kind])


CALLS = [(name, kind) for name, row in READS.items() for kind in sorted(row.callers)]


@pytest.mark.parametrize(("name", "kind"), CALLS, ids=[f"{name}-{kind}" for name, kind in CALLS])
@pytest.mark.parametrize("generator", GENERATORS)
async def test_every_read_decodes(generator: str, name: str, kind: KeyKind) -> None:
    """A generated client's call gets a 200, returns the declared model, and loses no value."""
    row: Operation[Any, Any] = OPERATIONS[name]
    normalized_name = normalized(f"{row.service}{row.method}")
    async with sandbox(call_logs=40, followers=8, zns_messages=30) as service:
        fields = ARGUMENTS[name](await find_arguments(service))
        read = await GENERATORS[generator](
            AREA_OF[normalized_name], normalized_name, access(service, kind), fields
        )

    assert read.status == 200
    response = json.loads(read.body)
    if row.items and row.items != "*":
        assert response[row.items], "the list is empty, so it proves nothing"
    if inspect.isclass(read.expected):
        assert isinstance(read.model, read.expected)
    plain = read.model if isinstance(read.model, dict) else read.model.to_dict()
    assert comparable(plain) == comparable(response)


def test_every_read_has_its_arguments() -> None:
    """Each READ operation has a request here, and no other operation has one."""
    assert set(ARGUMENTS) == set(READS)
