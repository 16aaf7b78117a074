"""What users must not be able to write. Never run; `nox -s types` checks it.

Each wrong line says by an ignore, once for each type checker, which error it must give. Both are set to report an
ignore that is not needed, so a line that has become acceptable fails the session, and so does one that is
wrong for another reason.
"""

from __future__ import annotations

from datetime import date

from etelecom_async import PartnerClient, Secret, ShopClient
from etelecom_async.models import Extension


async def key_kinds(shop: ShopClient, partner: PartnerClient) -> None:
    """What only a partner may call is not there for a shop, and the other way round."""
    shop.tenants  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
    partner.extensions  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]


async def arguments(shop: ShopClient) -> None:
    """A misspelt, missing, positional or ill-typed argument is an error."""
    await shop.extensions.create(hotline_id="1", extension_number=1, usr_id="2")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await shop.extensions.create(hotline_id="1")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await shop.extensions.create("1", 1)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await shop.extensions.create(hotline_id=1, extension_number=1)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    shop.call_logs.list(date_from=date(2026, 1, 1))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    shop.call_logs.list(dateform=None)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


async def answers(shop: ShopClient, extension: Extension) -> None:
    """A model has the documented fields only, and cannot be changed; a pager is no page, and a secret no text."""
    extension.extension_numer  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
    extension.id = "2"  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]
    shop.extensions.list().items  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
    len(shop.extensions.list())  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    "x".startswith(Secret("x"))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


async def many_calls(shop: ShopClient) -> None:
    """What is called many times is awaited, takes what it is given, and may have failed."""
    shop.map(len, ["1001"])  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    shop.map(shop.call, [1001])  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    async for done in shop.map(shop.call, ["Shop/CurrentShop"]):
        done.result["id"]  # type: ignore[index]  # pyright: ignore[reportOptionalSubscript]
    list(shop.map(shop.call, ["Shop/CurrentShop"]))  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
