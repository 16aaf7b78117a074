"""
Operations for a partner's own key.

Written by `python -m codegen` (sha256 b03e93ae99be); do not edit.
"""

from __future__ import annotations

from collections.abc import Coroutine, Mapping
from typing import TYPE_CHECKING, Any, Literal

from etelecom_async._core.calls.engine import Engine
from etelecom_async._core.operation import JsonObject
from etelecom_async._generated import models
from etelecom_async._generated import operations as ops
from etelecom_async.paging import Pager, Paging

if TYPE_CHECKING:
    from etelecom_async._generated.resources.webhooks import Webhooks


class PartnerRoot:
    """Operations for a partner's own key."""

    __slots__ = ("_engine",)

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @property
    def hotlines(self) -> PartnerHotlines:
        """Hotlines of all shops of the partner."""
        return PartnerHotlines(self._engine)

    @property
    def shops(self) -> PartnerShops:
        """Shops that the partner created or is linked to."""
        return PartnerShops(self._engine)

    @property
    def tenants(self) -> PartnerTenants:
        """Tenants (tổng đài) of all shops of the partner."""
        return PartnerTenants(self._engine)

    @property
    def webhooks(self) -> Webhooks:
        """URLs to which eTelecom sends events."""
        from etelecom_async._generated.resources.webhooks import Webhooks

        return Webhooks(self._engine)

    def account(self) -> Coroutine[Any, Any, JsonObject]:
        """
        Returns the account that the key belongs to; use it to check a key.

        On the shop scope it describes the shop, on the partner scope the partner.

        In the documentation: Check a key.

        Returns:
            The JSON object, as the server sends it.

        Effect: READ.  Wire: Misc/CurrentAccount.
        Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/shop/usage
        """
        request = ops.ACCOUNT.request()
        return self._engine.call(ops.ACCOUNT, request)


class PartnerHotlines:
    """Hotlines of all shops of the partner."""

    __slots__ = ("_engine",)

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def __repr__(self) -> str:
        return "<partner.hotlines: attach, create, delete, detach, list>"

    def attach(self, *, hotline_id: str, tenant_id: str) -> Coroutine[Any, Any, models.HotlineChangeResult]:
        """
        By its title, attaches a hotline to a tenant on behalf of a partner.

        In the documentation: Partner Add Hotline To Tenant (Partner gán hotline vào tổng đài).

        Args:
            hotline_id: Hotline's id. Inferred, not documented.
            tenant_id: Tenant's id. Inferred, not documented.

        Returns:
            Result of attaching, detaching or deleting a hotline.

        Warns:
            ProvisionalOperationWarning: Inferred from the names of its documented neighbours: the
                navigation lists the page, but no copy of it could be read. Path, callers, request
                and response follow the pattern Partner Add Hotline -> PartnerAddHotline, Partner
                Activate Tenant -> PartnerActivateTenant, which returns {updated}.

        Effect: IDEMPOTENT.  Wire: Etelecom/PartnerAddHotlineToTenant.
        Source: https://docs.etelecom.vn/tich-hop-api/tong-dai/api-tong-dai/partner-gan-hotline-vao-tong-dai
        """
        request = ops.PARTNER_HOTLINES_ATTACH.request(hotline_id=hotline_id, tenant_id=tenant_id)
        return self._engine.call(ops.PARTNER_HOTLINES_ATTACH, request)

    def create(
        self,
        *,
        hotline: str,
        name: str,
        description: str | None = None,
        is_free_charge: bool | None = None,
        network: models.MobileNetwork
        | Literal["unknown", "mobifone", "vinaphone", "viettel", "other"]
        | None = None,
        owner_id: str | None = None,
    ) -> Coroutine[Any, Any, models.Hotline]:
        """
        Creates a hotline (a phone number) in the system.

        It is not yet attached to a tenant.

        In the documentation: Partner Add Hotline.

        Args:
            hotline: The phone number to create.
            name: Name of the hotline.
            description: Description of the hotline.
            is_free_charge: True: calls go out without a balance check. False: with one.
            network: Mobile carrier of the number. One of: `unknown`, `mobifone`, `vinaphone`,
                `viettel`, `other`.
            owner_id: Id of the user who owns the hotline.

        Returns:
            A hotline: a phone number in the system.

        Raises:
            OutcomeUnknownError: No response arrived. The client does not retry, because that could
                create a duplicate. `verify()` of the error checks whether the call was executed.

        Effect: CREATE.  Wire: Etelecom/PartnerAddHotline.
        Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/vpbx/pbx-rest-apis/partner-add-hotline
        """
        request = ops.PARTNER_HOTLINES_CREATE.request(
            hotline=hotline,
            name=name,
            description=description,
            is_free_charge=is_free_charge,
            network=network,
            owner_id=owner_id,
        )
        return self._engine.call(ops.PARTNER_HOTLINES_CREATE, request)

    def delete(self, *, hotline_id: str) -> Coroutine[Any, Any, models.HotlineChangeResult]:
        """
        By its title and address, deletes a hotline from the system on behalf of a partner.

        In the documentation: Partner Remove Hotline (Partner xóa hotline ra khỏi hệ thống).

        Args:
            hotline_id: Hotline's id. Inferred, not documented.

        Returns:
            Result of attaching, detaching or deleting a hotline.

        Warns:
            ProvisionalOperationWarning: Inferred from the names of its documented neighbours: the
                navigation lists the page, but no copy of it could be read. Path, callers, request
                and response follow the pattern of PartnerAddHotline and PartnerActivateTenant.

        Effect: DELETE.  Wire: Etelecom/PartnerRemoveHotline.
        Source: https://docs.etelecom.vn/tich-hop-api/tong-dai/api-tong-dai/partner-xoa-hotline-ra-khoi-he-thong
        """
        request = ops.PARTNER_HOTLINES_DELETE.request(hotline_id=hotline_id)
        return self._engine.call(ops.PARTNER_HOTLINES_DELETE, request)

    def detach(self, *, hotline_id: str, tenant_id: str) -> Coroutine[Any, Any, models.HotlineChangeResult]:
        """
        By its title, detaches a hotline from a tenant on behalf of a partner.

        In the documentation: Partner Removed Hotline From Tenant (Partner gỡ hotline ra khỏi tổng
        đài).

        Args:
            hotline_id: Hotline's id. Inferred, not documented.
            tenant_id: Tenant's id. Inferred, not documented.

        Returns:
            Result of attaching, detaching or deleting a hotline.

        Warns:
            ProvisionalOperationWarning: Inferred from the names of its documented neighbours: the
                navigation lists the page, but no copy of it could be read. Path, callers, request
                and response follow the pattern of PartnerAddHotline and PartnerActivateTenant.
                Removed in the title is assumed to be an error for Remove.

        Effect: IDEMPOTENT.  Wire: Etelecom/PartnerRemoveHotlineFromTenant.
        Source: https://docs.etelecom.vn/tich-hop-api/tong-dai/api-tong-dai/partner-go-hotline-ra-khoi-tong-dai
        """
        request = ops.PARTNER_HOTLINES_DETACH.request(hotline_id=hotline_id, tenant_id=tenant_id)
        return self._engine.call(ops.PARTNER_HOTLINES_DETACH, request)

    def list(
        self,
        *,
        limit: int | None = None,
        sort: str | None = None,
        after: str | None = None,
        before: str | None = None,
        prefetch: int = 0,
        resume: str | None = None,
    ) -> Pager[models.Hotline]:
        """
        Lists the hotlines created under the partner, one page at a time.

        In the documentation: Partner Get Hotline List.

        Args:
            limit: Items per page. By default 100 for call logs, and not documented for other lists.
                The maximum is not documented, so a page may have fewer items.
            sort: Order of the items. The documentation gives no value.
            after: Cursor for the items after it: the `next` of the previous page. Opaque.
            before: Cursor for the items before it. Opaque.
            prefetch: Number of pages to fetch ahead while the caller uses one; 0 for none.
            resume: Checkpoint of an earlier iteration, to continue from there.

        Returns:
            A pager: `await` returns one page, `async for` returns every `Hotline` of all pages.

        Effect: READ.  Wire: Etelecom/GetPartnerHotlineList.
        Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/vpbx/pbx-rest-apis/partner-get-hotline-list
        """
        request = ops.PARTNER_HOTLINES_LIST.request(
            paging=Paging(limit=limit, sort=sort, after=after, before=before)
        )
        return self._engine.list(ops.PARTNER_HOTLINES_LIST, request, prefetch=prefetch, resume=resume)


class PartnerShops:
    """Shops that the partner created or is linked to."""

    __slots__ = ("_engine",)

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def __repr__(self) -> str:
        return "<partner.shops: authorize, connect, create, list>"

    def authorize(
        self, *, shop_id: str, redirect_url: str
    ) -> Coroutine[Any, Any, models.ShopKey | models.LoginRequired]:
        """
        Get the key of a shop, or the page on which the shop must log in again.

        Use it after the redirect, and whenever the server refuses the key: a shop that removed its
        link must log in again.

        In the documentation: Retrieve the shop_key information.

        Args:
            shop_id: Shop's id, received in the redirect.
            redirect_url: URL that the browser opens if the shop must log in again, with your own
                parameters in the query.

        Returns:
            `ShopKey`: The key with which a partner acts for a shop. `LoginRequired`: The page on
            which the owner of a shop must log in before the partner gets a key.

        Raises:
            APIError: The response has a `code` other than ok; the class is that of the code.

        Effect: IDEMPOTENT if `shop_id` is given, else not retried.  Wire: Shop/AuthorizeShop.
        Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/partner/usage
        """
        request = ops.PARTNER_SHOPS_AUTHORIZE.request(shop_id=shop_id, redirect_url=redirect_url)
        return self._engine.call(ops.PARTNER_SHOPS_AUTHORIZE, request)

    def connect(
        self, *, email: str, phone: str, name: str, redirect_url: str
    ) -> Coroutine[Any, Any, models.LoginRequired]:
        """
        Start to connect a shop: get the page on which its owner logs in.

        Send the owner's browser to auth_url. It returns to redirect_url with token and shop_id in
        the query, after your own parameters; `etelecom_async.connect.parse_redirect` reads them.
        Then `authorize` returns the key.

        In the documentation: Connect shop account.

        Args:
            email: E-mail of the shop account to create.
            phone: Phone of the shop account to create.
            name: Name of the shop account to create.
            redirect_url: URL that the browser opens after the shop logged in, with your own
                parameters in the query, for example `?state=...`.

        Returns:
            `LoginRequired`: The page on which the owner of a shop must log in before the partner
            gets a key.

        Raises:
            OutcomeUnknownError: No response arrived. The client does not retry, because that could
                create a duplicate.
            APIError: The response has a `code` other than ok; the class is that of the code.

        Effect: CREATE.  Wire: Shop/AuthorizeShop.
        Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/partner/usage
        """
        request = ops.PARTNER_SHOPS_CONNECT.request(
            email=email, phone=phone, name=name, redirect_url=redirect_url
        )
        return self._engine.call(ops.PARTNER_SHOPS_CONNECT, request)

    def create(
        self, body: models.CreateShopAccountRequest | Mapping[str, Any] | None = None, /
    ) -> Coroutine[Any, Any, models.CreatedShopAccount]:
        """
        Creates a shop at once, without a redirect or an e-mail check, and returns its keys.

        In the documentation: Create a shop through the API (Tạo shop qua API).

        Args:
            body: The request, or a mapping of its fields: `name`, `email`, `phone`. The
                documentation does not show all fields; `client.call("Shop/CreateShopAccount", ...)`
                sends any.

        Returns:
            A shop that was just created, with its keys.

        Raises:
            OutcomeUnknownError: No response arrived. The client does not retry, because that could
                create a duplicate.

        Effect: CREATE.  Wire: Shop/CreateShopAccount.
        Source: https://docs.etelecom.vn/tich-hop-api/partner/su-dung/tao-shop-qua-api.md
        """
        request = self._engine.request_of(ops.PARTNER_SHOPS_CREATE, body)
        return self._engine.call(ops.PARTNER_SHOPS_CREATE, request)

    def list(
        self,
        *,
        limit: int | None = None,
        sort: str | None = None,
        after: str | None = None,
        before: str | None = None,
        prefetch: int = 0,
        resume: str | None = None,
    ) -> Pager[JsonObject]:
        """
        Lists the shops that the partner created.

        In the documentation: List of shops (Lấy danh sách shop).

        Args:
            limit: Items per page. By default 100 for call logs, and not documented for other lists.
                The maximum is not documented, so a page may have fewer items.
            sort: Order of the items. The documentation gives no value.
            after: Cursor for the items after it: the `next` of the previous page. Opaque.
            before: Cursor for the items before it. Opaque.
            prefetch: Number of pages to fetch ahead while the caller uses one; 0 for none.
            resume: Checkpoint of an earlier iteration, to continue from there.

        Returns:
            A pager: `await` returns one page, `async for` returns every JSON object of all pages.

        Effect: READ.  Wire: Shop/GetShops.
        Source: https://docs.etelecom.vn/tich-hop-api/partner/su-dung
        """
        request = ops.PARTNER_SHOPS_LIST.request(
            paging=Paging(limit=limit, sort=sort, after=after, before=before)
        )
        return self._engine.list(ops.PARTNER_SHOPS_LIST, request, prefetch=prefetch, resume=resume)


class PartnerTenants:
    """Tenants (tổng đài) of all shops of the partner."""

    __slots__ = ("_engine",)

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def __repr__(self) -> str:
        return "<partner.tenants: activate, list>"

    def activate(
        self, *, tenant_id: str, owner_id: str, connection_id: str, hotline_id: str
    ) -> Coroutine[Any, Any, models.PartnerActivateTenantResult]:
        """
        Activates a tenant.

        A tenant must be active before hotlines are attached to it or extensions added.

        In the documentation: Partner Activate Tenant.

        Args:
            tenant_id: Tenant's id, from CreateTenant or GetPartnerTenantList.
            owner_id: Id of its owner, from CreateTenant or GetPartnerTenantList.
            connection_id: Id of its connection, from CreateTenant or GetPartnerTenantList. The
                schema block says that the PortSIP direct connection is the default.
            hotline_id: Hotline's id.

        Returns:
            Result of activating a tenant.

        Effect: IDEMPOTENT.  Wire: Etelecom/PartnerActivateTenant.
        Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/vpbx/pbx-rest-apis/partner-activate-tenant
        """
        request = ops.PARTNER_TENANTS_ACTIVATE.request(
            tenant_id=tenant_id, owner_id=owner_id, connection_id=connection_id, hotline_id=hotline_id
        )
        return self._engine.call(ops.PARTNER_TENANTS_ACTIVATE, request)

    def list(
        self,
        *,
        name: str | None = None,
        owner_id: str | None = None,
        limit: int | None = None,
        sort: str | None = None,
        after: str | None = None,
        before: str | None = None,
        prefetch: int = 0,
        resume: str | None = None,
    ) -> Pager[models.Tenant]:
        """
        Lists the tenants created under the partner, one page at a time.

        In the documentation: Partner Get Tenant List.

        Args:
            name: Tenant name to match. The page does not say whether the match is exact or partial.
            owner_id: Id of the owner.
            limit: Items per page. By default 100 for call logs, and not documented for other lists.
                The maximum is not documented, so a page may have fewer items.
            sort: Order of the items. The documentation gives no value.
            after: Cursor for the items after it: the `next` of the previous page. Opaque.
            before: Cursor for the items before it. Opaque.
            prefetch: Number of pages to fetch ahead while the caller uses one; 0 for none.
            resume: Checkpoint of an earlier iteration, to continue from there.

        Returns:
            A pager: `await` returns one page, `async for` returns every `Tenant` of all pages.

        Effect: READ.  Wire: Etelecom/GetPartnerTenantList.
        Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/vpbx/pbx-rest-apis/partner-get-tenant-list
        """
        request = ops.PARTNER_TENANTS_LIST.request(
            filter=models.TenantFilter(name=name, owner_id=owner_id),
            paging=Paging(limit=limit, sort=sort, after=after, before=before),
        )
        return self._engine.list(ops.PARTNER_TENANTS_LIST, request, prefetch=prefetch, resume=resume)
