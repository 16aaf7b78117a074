"""
Operations of the API, one row each. An import of the rows loads no model.

Written by `python -m codegen` (sha256 b03e93ae99be); do not edit.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from etelecom_async._core.operation import (
    Case,
    Cases,
    Effect,
    EmptyRequest,
    FailureRule,
    JsonObject,
    KeyKind,
    Operation,
    PageNumbers,
    Verify,
)
from etelecom_async._generated import models

ACCOUNT: Final[Operation[EmptyRequest, JsonObject]] = Operation(
    name="account",
    service="Misc",
    method="CurrentAccount",
    effect=Effect.READ,
    callers=frozenset({KeyKind.SHOP_API_KEY, KeyKind.PARTNER_API_KEY}),
    request_type=lambda: EmptyRequest,
    response_type=lambda: dict,
    source="https://docs.etelecom.vn/api-etelecom-english/api-integration/shop/usage",
)
PARTNER_HOTLINES_ATTACH: Final[
    Operation[models.PartnerAddHotlineToTenantRequest, models.HotlineChangeResult]
] = Operation(
    name="partner.hotlines.attach",
    service="Etelecom",
    method="PartnerAddHotlineToTenant",
    effect=Effect.IDEMPOTENT,
    callers=frozenset({KeyKind.PARTNER_API_KEY}),
    request_type=lambda: models.PartnerAddHotlineToTenantRequest,
    response_type=lambda: models.HotlineChangeResult,
    provisional="Inferred from the names of its documented neighbours: the navigation lists the page, but no copy of it could be read. Path, callers, request and response follow the pattern Partner Add Hotline -> PartnerAddHotline, Partner Activate Tenant -> PartnerActivateTenant, which returns {updated}.",
    source="https://docs.etelecom.vn/tich-hop-api/tong-dai/api-tong-dai/partner-gan-hotline-vao-tong-dai",
)
PARTNER_HOTLINES_CREATE: Final[Operation[models.PartnerAddHotlineRequest, models.Hotline]] = Operation(
    name="partner.hotlines.create",
    service="Etelecom",
    method="PartnerAddHotline",
    effect=Effect.CREATE,
    callers=frozenset({KeyKind.PARTNER_API_KEY}),
    request_type=lambda: models.PartnerAddHotlineRequest,
    response_type=lambda: models.Hotline,
    verify=Verify(read="partner.hotlines.list", key="hotline"),
    source="https://docs.etelecom.vn/api-etelecom-english/api-integration/vpbx/pbx-rest-apis/partner-add-hotline",
)
PARTNER_HOTLINES_DELETE: Final[Operation[models.PartnerRemoveHotlineRequest, models.HotlineChangeResult]] = (
    Operation(
        name="partner.hotlines.delete",
        service="Etelecom",
        method="PartnerRemoveHotline",
        effect=Effect.DELETE,
        callers=frozenset({KeyKind.PARTNER_API_KEY}),
        request_type=lambda: models.PartnerRemoveHotlineRequest,
        response_type=lambda: models.HotlineChangeResult,
        verify=Verify(read="partner.hotlines.list", key="hotline_id", key_field="id", is_absent=True),
        provisional="Inferred from the names of its documented neighbours: the navigation lists the page, but no copy of it could be read. Path, callers, request and response follow the pattern of PartnerAddHotline and PartnerActivateTenant.",
        source="https://docs.etelecom.vn/tich-hop-api/tong-dai/api-tong-dai/partner-xoa-hotline-ra-khoi-he-thong",
    )
)
PARTNER_HOTLINES_DETACH: Final[
    Operation[models.PartnerRemoveHotlineFromTenantRequest, models.HotlineChangeResult]
] = Operation(
    name="partner.hotlines.detach",
    service="Etelecom",
    method="PartnerRemoveHotlineFromTenant",
    effect=Effect.IDEMPOTENT,
    callers=frozenset({KeyKind.PARTNER_API_KEY}),
    request_type=lambda: models.PartnerRemoveHotlineFromTenantRequest,
    response_type=lambda: models.HotlineChangeResult,
    provisional="Inferred from the names of its documented neighbours: the navigation lists the page, but no copy of it could be read. Path, callers, request and response follow the pattern of PartnerAddHotline and PartnerActivateTenant. Removed in the title is assumed to be an error for Remove.",
    source="https://docs.etelecom.vn/tich-hop-api/tong-dai/api-tong-dai/partner-go-hotline-ra-khoi-tong-dai",
)
PARTNER_HOTLINES_LIST: Final[Operation[models.GetPartnerHotlineListRequest, models.Hotline]] = Operation(
    name="partner.hotlines.list",
    service="Etelecom",
    method="GetPartnerHotlineList",
    effect=Effect.READ,
    callers=frozenset({KeyKind.PARTNER_API_KEY}),
    request_type=lambda: models.GetPartnerHotlineListRequest,
    response_type=lambda: models.Hotline,
    items="hotlines",
    key="id",
    source="https://docs.etelecom.vn/api-etelecom-english/api-integration/vpbx/pbx-rest-apis/partner-get-hotline-list",
)
PARTNER_SHOPS_AUTHORIZE: Final[Operation[models.ShopKeyRequest, Any]] = Operation(
    name="partner.shops.authorize",
    service="Shop",
    method="AuthorizeShop",
    effect=Effect.IDEMPOTENT,
    callers=frozenset({KeyKind.PARTNER_API_KEY}),
    request_type=lambda: models.ShopKeyRequest,
    response_type=lambda: models.ShopAuthorization,
    wire_request_type=lambda: models.AuthorizeShopRequest,
    cases=Cases(
        tag="type",
        fallback="auth_token",
        known=(
            Case("shop_key", "shop\\d+:", lambda: models.ShopKey),
            Case("shop_request", "request:", lambda: models.LoginRequired),
        ),
        expected=("shop_key", "shop_request"),
    ),
    idempotent_if=("shop_id",),
    fails_in_body=FailureRule.NOT_OK,
    denied="The shop_id is wrong: an unlinked shop gets a sign-in page instead of this error.",
    source="https://docs.etelecom.vn/api-etelecom-english/api-integration/partner/usage",
)
PARTNER_SHOPS_CONNECT: Final[Operation[models.ConnectShopRequest, Any]] = Operation(
    name="partner.shops.connect",
    service="Shop",
    method="AuthorizeShop",
    effect=Effect.CREATE,
    callers=frozenset({KeyKind.PARTNER_API_KEY}),
    request_type=lambda: models.ConnectShopRequest,
    response_type=lambda: models.ShopAuthorization,
    form_of="partner.shops.authorize",
    cases=Cases(
        tag="type",
        fallback="auth_token",
        known=(
            Case("shop_key", "shop\\d+:", lambda: models.ShopKey),
            Case("shop_request", "request:", lambda: models.LoginRequired),
        ),
        expected=("shop_request",),
    ),
    fails_in_body=FailureRule.NOT_OK,
    denied="The shop_id is wrong: an unlinked shop gets a sign-in page instead of this error.",
    source="https://docs.etelecom.vn/api-etelecom-english/api-integration/partner/usage",
)
PARTNER_SHOPS_CREATE: Final[Operation[models.CreateShopAccountRequest, models.CreatedShopAccount]] = (
    Operation(
        name="partner.shops.create",
        service="Shop",
        method="CreateShopAccount",
        effect=Effect.CREATE,
        callers=frozenset({KeyKind.PARTNER_API_KEY}),
        request_type=lambda: models.CreateShopAccountRequest,
        response_type=lambda: models.CreatedShopAccount,
        source="https://docs.etelecom.vn/tich-hop-api/partner/su-dung/tao-shop-qua-api.md",
    )
)
PARTNER_SHOPS_LIST: Final[Operation[models.GetShopsRequest, JsonObject]] = Operation(
    name="partner.shops.list",
    service="Shop",
    method="GetShops",
    effect=Effect.READ,
    callers=frozenset({KeyKind.PARTNER_API_KEY}),
    request_type=lambda: models.GetShopsRequest,
    response_type=lambda: dict,
    items="*",
    key="id",
    source="https://docs.etelecom.vn/tich-hop-api/partner/su-dung",
)
PARTNER_TENANTS_ACTIVATE: Final[
    Operation[models.PartnerActivateTenantRequest, models.PartnerActivateTenantResult]
] = Operation(
    name="partner.tenants.activate",
    service="Etelecom",
    method="PartnerActivateTenant",
    effect=Effect.IDEMPOTENT,
    callers=frozenset({KeyKind.PARTNER_API_KEY}),
    request_type=lambda: models.PartnerActivateTenantRequest,
    response_type=lambda: models.PartnerActivateTenantResult,
    verify=Verify(
        read="partner.tenants.list", by=("owner_id",), key="tenant_id", key_field="id", shows={"status": "P"}
    ),
    source="https://docs.etelecom.vn/api-etelecom-english/api-integration/vpbx/pbx-rest-apis/partner-activate-tenant",
)
PARTNER_TENANTS_LIST: Final[Operation[models.GetPartnerTenantListRequest, models.Tenant]] = Operation(
    name="partner.tenants.list",
    service="Etelecom",
    method="GetPartnerTenantList",
    effect=Effect.READ,
    callers=frozenset({KeyKind.PARTNER_API_KEY}),
    request_type=lambda: models.GetPartnerTenantListRequest,
    response_type=lambda: models.Tenant,
    items="tenants",
    key="id",
    source="https://docs.etelecom.vn/api-etelecom-english/api-integration/vpbx/pbx-rest-apis/partner-get-tenant-list",
)
SHOP_CALL_LOGS_LIST: Final[Operation[models.ListCallLogsRequest, models.CallLog]] = Operation(
    name="shop.call_logs.list",
    service="Etelecom",
    method="ListCallLogs",
    effect=Effect.READ,
    callers=frozenset({KeyKind.SHOP_API_KEY, KeyKind.PARTNER_SHOP_KEY}),
    request_type=lambda: models.ListCallLogsRequest,
    response_type=lambda: models.CallLog,
    items="call_logs",
    key="id",
    source="https://docs.etelecom.vn/api-etelecom-english/api-integration/vpbx/pbx-rest-apis/get-call-history",
)
SHOP_CURRENT: Final[Operation[EmptyRequest, models.CurrentShop]] = Operation(
    name="shop.current",
    service="Shop",
    method="CurrentShop",
    effect=Effect.READ,
    callers=frozenset({KeyKind.PARTNER_SHOP_KEY}),
    request_type=lambda: EmptyRequest,
    response_type=lambda: models.CurrentShop,
    source="https://docs.etelecom.vn/api-etelecom-english/api-integration/partner/usage",
)
SHOP_EXTENSIONS_ASSIGN: Final[
    Operation[models.AssignUserToExtensionRequest, models.ExtensionChangeResult]
] = Operation(
    name="shop.extensions.assign",
    service="Etelecom",
    method="AssignUserToExtension",
    effect=Effect.IDEMPOTENT,
    callers=frozenset({KeyKind.PARTNER_SHOP_KEY}),
    request_type=lambda: models.AssignUserToExtensionRequest,
    response_type=lambda: models.ExtensionChangeResult,
    fails_in_body=FailureRule.NOT_UPDATED,
    verify=Verify(read="shop.extensions.list", key="extension_id", key_field="id", sets=("user_id",)),
    source="https://docs.etelecom.vn/api-etelecom-english/api-integration/vpbx/pbx-rest-apis/assign-extension-to-user",
)
SHOP_EXTENSIONS_CHANGE_HOTLINE: Final[
    Operation[models.UpdateHotlineForExtensionRequest, models.ExtensionChangeResult]
] = Operation(
    name="shop.extensions.change_hotline",
    service="Etelecom",
    method="UpdateHotlineForExtension",
    effect=Effect.IDEMPOTENT,
    callers=frozenset({KeyKind.PARTNER_SHOP_KEY}),
    request_type=lambda: models.UpdateHotlineForExtensionRequest,
    response_type=lambda: models.ExtensionChangeResult,
    idempotent_if=("extension_id",),
    fails_in_body=FailureRule.NOT_UPDATED,
    verify=Verify(read="shop.extensions.list", key="extension_id", key_field="id", sets=("hotline_id",)),
    source="https://docs.etelecom.vn/tich-hop-api/tong-dai/api-tong-dai/thay-doi-hotline-cho-may-nhanh",
)
SHOP_EXTENSIONS_CREATE: Final[Operation[models.CreateExtensionRequest, models.Extension]] = Operation(
    name="shop.extensions.create",
    service="Etelecom",
    method="CreateExtension",
    effect=Effect.CREATE,
    callers=frozenset({KeyKind.SHOP_API_KEY, KeyKind.PARTNER_SHOP_KEY}),
    request_type=lambda: models.CreateExtensionRequest,
    response_type=lambda: models.Extension,
    verify=Verify(read="shop.extensions.list", first="shop.extensions.get", key="extension_number"),
    source="https://docs.etelecom.vn/api-etelecom-english/api-integration/vpbx/pbx-rest-apis/create-extension",
)
SHOP_EXTENSIONS_GET: Final[Operation[models.GetExtensionInfoRequest, models.ExtensionLogin]] = Operation(
    name="shop.extensions.get",
    service="Etelecom",
    method="GetExtensionInfo",
    effect=Effect.READ,
    callers=frozenset({KeyKind.SHOP_API_KEY, KeyKind.PARTNER_SHOP_KEY}),
    request_type=lambda: models.GetExtensionInfoRequest,
    response_type=lambda: models.ExtensionLogin,
    source="https://docs.etelecom.vn/api-etelecom-english/api-integration/vpbx/pbx-rest-apis/get-extension-information",
)
SHOP_EXTENSIONS_LIST: Final[Operation[models.GetExtensionsRequest, models.Extension]] = Operation(
    name="shop.extensions.list",
    service="Etelecom",
    method="GetExtensions",
    effect=Effect.READ,
    callers=frozenset({KeyKind.SHOP_API_KEY, KeyKind.PARTNER_SHOP_KEY}),
    request_type=lambda: models.GetExtensionsRequest,
    response_type=lambda: models.Extension,
    items="extensions",
    key="id",
    source="https://docs.etelecom.vn/api-etelecom-english/api-integration/vpbx/pbx-rest-apis/get-extension-list",
)
SHOP_EXTENSIONS_UNASSIGN: Final[
    Operation[models.RemoveUserOfExtensionRequest, models.ExtensionChangeResult]
] = Operation(
    name="shop.extensions.unassign",
    service="Etelecom",
    method="RemoveUserOfExtension",
    effect=Effect.IDEMPOTENT,
    callers=frozenset({KeyKind.PARTNER_SHOP_KEY}),
    request_type=lambda: models.RemoveUserOfExtensionRequest,
    response_type=lambda: models.ExtensionChangeResult,
    idempotent_if=("extension_id",),
    fails_in_body=FailureRule.NOT_UPDATED,
    verify=Verify(read="shop.extensions.list", key="extension_id", key_field="id", shows={"user_id": ""}),
    source="https://docs.etelecom.vn/api-etelecom-english/api-integration/vpbx/pbx-rest-apis/remove-user-of-extension",
)
SHOP_HOTLINES_LIST: Final[Operation[models.GetHotlinesRequest, models.Hotline]] = Operation(
    name="shop.hotlines.list",
    service="Etelecom",
    method="GetHotlines",
    effect=Effect.READ,
    callers=frozenset({KeyKind.SHOP_API_KEY, KeyKind.PARTNER_SHOP_KEY}),
    request_type=lambda: models.GetHotlinesRequest,
    response_type=lambda: models.Hotline,
    items="hotlines",
    key="id",
    provisional="Inferred from the names of its documented neighbours: the navigation lists the page, but no copy of it could be read. The name follows Get extension list -> GetExtensions and Get list of users -> GetAccountUsers. The items are assumed to be the hotlines of GetPartnerHotlineList. Request and response are assumed to have paging, as in every list.",
    source="https://docs.etelecom.vn/tich-hop-api/tong-dai/api-tong-dai/lay-danh-sach-hotline",
)
SHOP_TENANT_CREATE: Final[Operation[EmptyRequest, models.Tenant]] = Operation(
    name="shop.tenant.create",
    service="Etelecom",
    method="CreateTenant",
    effect=Effect.CREATE,
    callers=frozenset({KeyKind.PARTNER_SHOP_KEY}),
    request_type=lambda: EmptyRequest,
    response_type=lambda: models.Tenant,
    verify=Verify(read="shop.tenant.get"),
    source="https://docs.etelecom.vn/api-etelecom-english/api-integration/vpbx/pbx-rest-apis/create-tenant",
)
SHOP_TENANT_DRIVER_CONFIG: Final[Operation[EmptyRequest, JsonObject]] = Operation(
    name="shop.tenant.driver_config",
    service="Etelecom",
    method="GetDriverConfig",
    effect=Effect.READ,
    callers=frozenset({KeyKind.SHOP_API_KEY, KeyKind.PARTNER_SHOP_KEY}),
    request_type=lambda: EmptyRequest,
    response_type=lambda: dict,
    provisional="Inferred from the names of its documented neighbours: the navigation lists the page, but no copy of it could be read. Its place between Get Tenant information (GetTenant, body {}) and Get hotline list gives path, callers and the empty request. The response is not known.",
    source="https://docs.etelecom.vn/tich-hop-api/tong-dai/api-tong-dai/lay-cau-hinh-tong-dai",
)
SHOP_TENANT_GET: Final[Operation[EmptyRequest, models.Tenant]] = Operation(
    name="shop.tenant.get",
    service="Etelecom",
    method="GetTenant",
    effect=Effect.READ,
    callers=frozenset({KeyKind.PARTNER_SHOP_KEY}),
    request_type=lambda: EmptyRequest,
    response_type=lambda: models.Tenant,
    source="https://docs.etelecom.vn/tich-hop-api/tong-dai/api-tong-dai/lay-thong-tin-tong-dai",
)
SHOP_USERS_CREATE: Final[Operation[models.CreateAccountUserRequest, models.User]] = Operation(
    name="shop.users.create",
    service="Shop",
    method="CreateAccountUser",
    effect=Effect.CREATE,
    callers=frozenset({KeyKind.PARTNER_SHOP_KEY}),
    request_type=lambda: models.CreateAccountUserRequest,
    response_type=lambda: models.User,
    verify=Verify(read="shop.users.list", key="phone"),
    source="https://docs.etelecom.vn/api-etelecom-english/api-integration/vpbx/pbx-rest-apis/create-account-user",
)
SHOP_USERS_LIST: Final[Operation[models.GetAccountUsersRequest, models.AccountUser]] = Operation(
    name="shop.users.list",
    service="Shop",
    method="GetAccountUsers",
    effect=Effect.READ,
    callers=frozenset({KeyKind.PARTNER_SHOP_KEY}),
    request_type=lambda: models.GetAccountUsersRequest,
    response_type=lambda: models.AccountUser,
    items="account_users",
    key="user_id",
    source="https://docs.etelecom.vn/api-etelecom-english/api-integration/vpbx/pbx-rest-apis/get-list-user",
)
SHOP_ZALO_ACCOUNTS_AUTHORIZE: Final[Operation[models.AuthorizeOARequest, models.AuthorizationLink]] = (
    Operation(
        name="shop.zalo.accounts.authorize",
        service="Zalo",
        method="AuthorizeOA",
        effect=Effect.IDEMPOTENT,
        callers=frozenset({KeyKind.SHOP_API_KEY, KeyKind.PARTNER_SHOP_KEY}),
        request_type=lambda: models.AuthorizeOARequest,
        response_type=lambda: models.AuthorizationLink,
        source="https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/create-oa-authorization-link",
    )
)
SHOP_ZALO_ACCOUNTS_CONNECT: Final[Operation[models.ConnectOARequest, models.OfficialAccount]] = Operation(
    name="shop.zalo.accounts.connect",
    service="Zalo",
    method="ConnectOA",
    effect=Effect.CREATE,
    callers=frozenset({KeyKind.SHOP_API_KEY, KeyKind.PARTNER_SHOP_KEY}),
    request_type=lambda: models.ConnectOARequest,
    response_type=lambda: models.OfficialAccount,
    verify=Verify(read="shop.zalo.accounts.get", key="oa_id", shows={"status": "P"}),
    source="https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/connect-oa",
)
SHOP_ZALO_ACCOUNTS_GET: Final[Operation[models.GetShopOARequest, models.OfficialAccount]] = Operation(
    name="shop.zalo.accounts.get",
    service="Zalo",
    method="GetShopOA",
    effect=Effect.READ,
    callers=frozenset({KeyKind.SHOP_API_KEY, KeyKind.PARTNER_SHOP_KEY}),
    request_type=lambda: models.GetShopOARequest,
    response_type=lambda: models.OfficialAccount,
    source="https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/get-oa-information",
)
SHOP_ZALO_ACCOUNTS_LIST: Final[Operation[models.ListOARequest, models.OfficialAccount]] = Operation(
    name="shop.zalo.accounts.list",
    service="Zalo",
    method="ListOA",
    effect=Effect.READ,
    callers=frozenset({KeyKind.SHOP_API_KEY, KeyKind.PARTNER_SHOP_KEY}),
    request_type=lambda: models.ListOARequest,
    response_type=lambda: models.OfficialAccount,
    items="accounts",
    key="oa_id",
    source="https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/get-oa-list",
)
SHOP_ZALO_ACCOUNTS_REFRESH_TOKEN: Final[Operation[models.RefreshTokenRequest, models.AuthorizationLink]] = (
    Operation(
        name="shop.zalo.accounts.refresh_token",
        service="Zalo",
        method="RefreshToken",
        effect=Effect.IDEMPOTENT,
        callers=frozenset({KeyKind.SHOP_API_KEY, KeyKind.PARTNER_SHOP_KEY}),
        request_type=lambda: models.RefreshTokenRequest,
        response_type=lambda: models.AuthorizationLink,
        source="https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/get-refresh-token",
    )
)
SHOP_ZALO_ACCOUNTS_UPDATE: Final[Operation[models.UpdateShopOARequest, models.OfficialAccount]] = Operation(
    name="shop.zalo.accounts.update",
    service="Zalo",
    method="UpdateShopOA",
    effect=Effect.IDEMPOTENT,
    callers=frozenset({KeyKind.SHOP_API_KEY, KeyKind.PARTNER_SHOP_KEY}),
    request_type=lambda: models.UpdateShopOARequest,
    response_type=lambda: models.OfficialAccount,
    verify=Verify(read="shop.zalo.accounts.get", key="oa_id", sets=("webhook_url",)),
    source="https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/update-webhook-for-oa",
)
SHOP_ZALO_CONSENTS_CHECK: Final[Operation[models.CheckConsentRequest, models.ConsentCheck]] = Operation(
    name="shop.zalo.consents.check",
    service="Zalo",
    method="CheckConsent",
    effect=Effect.READ,
    callers=frozenset({KeyKind.SHOP_API_KEY, KeyKind.PARTNER_SHOP_KEY}),
    request_type=lambda: models.CheckConsentRequest,
    response_type=lambda: models.ConsentCheck,
    source="https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/check-if-the-customer-has-granted-calling-permission",
)
SHOP_ZALO_CONSENTS_LIST: Final[Operation[models.ListRequestConsentRequest, models.Consent]] = Operation(
    name="shop.zalo.consents.list",
    service="Zalo",
    method="ListRequestConsent",
    effect=Effect.READ,
    callers=frozenset({KeyKind.SHOP_API_KEY, KeyKind.PARTNER_SHOP_KEY}),
    request_type=lambda: models.ListRequestConsentRequest,
    response_type=lambda: models.Consent,
    items="consents",
    key="id",
    source="https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/get-list-of-requests-for-calling-permission",
)
SHOP_ZALO_CONSENTS_REQUEST: Final[Operation[models.RequestConsentRequest, models.Consent]] = Operation(
    name="shop.zalo.consents.request",
    service="Zalo",
    method="RequestConsent",
    effect=Effect.SEND,
    callers=frozenset({KeyKind.SHOP_API_KEY, KeyKind.PARTNER_SHOP_KEY}),
    request_type=lambda: models.RequestConsentRequest,
    response_type=lambda: models.Consent,
    fails_in_body=FailureRule.ERROR_CODE,
    verify=Verify(read="shop.zalo.consents.list", by=("oa_id", "call_type", "reason_code"), key="phone"),
    source="https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/send-request-for-calling-permission",
)
SHOP_ZALO_FILES_UPLOAD: Final[Operation[models.UploadFileRequest, models.UploadedFile]] = Operation(
    name="shop.zalo.files.upload",
    service="OA",
    method="UploadFile",
    effect=Effect.CREATE,
    callers=frozenset({KeyKind.SHOP_API_KEY, KeyKind.PARTNER_SHOP_KEY}),
    request_type=lambda: models.UploadFileRequest,
    response_type=lambda: models.UploadedFile,
    multipart=True,
    source="https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/upload-file",
)
SHOP_ZALO_FOLLOWERS_LIST: Final[Operation[models.ListFollowersRequest, models.Follower]] = Operation(
    name="shop.zalo.followers.list",
    service="Zalo",
    method="ListFollowers",
    effect=Effect.READ,
    callers=frozenset({KeyKind.SHOP_API_KEY, KeyKind.PARTNER_SHOP_KEY}),
    request_type=lambda: models.ListFollowersRequest,
    response_type=lambda: models.Follower,
    items="followers",
    key="id",
    source="https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/get-list-of-users",
)
SHOP_ZALO_MESSAGES_REQUEST_USER_INFO: Final[
    Operation[models.RequestUserInfoRequest, models.RequestUserInfoResult]
] = Operation(
    name="shop.zalo.messages.request_user_info",
    service="Zalo",
    method="RequestUserInfo",
    effect=Effect.SEND,
    callers=frozenset({KeyKind.SHOP_API_KEY, KeyKind.PARTNER_SHOP_KEY}),
    request_type=lambda: models.RequestUserInfoRequest,
    response_type=lambda: models.RequestUserInfoResult,
    source="https://docs.etelecom.vn/tich-hop-api/zalo-cloud/zalo-cloud-api/gui-tin-tu-van-theo-mau-yeu-cau-thong-tin-nguoi-dung",
)
SHOP_ZALO_MESSAGES_SEND_FILE: Final[Operation[models.OASendFileRequest, models.ZaloMessage]] = Operation(
    name="shop.zalo.messages.send_file",
    service="Zalo",
    method="OASendFile",
    effect=Effect.SEND,
    callers=frozenset({KeyKind.SHOP_API_KEY, KeyKind.PARTNER_SHOP_KEY}),
    request_type=lambda: models.OASendFileRequest,
    response_type=lambda: models.ZaloMessage,
    source="https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/send-message-consulting-attached-file",
)
SHOP_ZALO_MESSAGES_SEND_IMAGE: Final[Operation[models.OASendImageRequest, models.ZaloMessage]] = Operation(
    name="shop.zalo.messages.send_image",
    service="Zalo",
    method="OASendImage",
    effect=Effect.SEND,
    callers=frozenset({KeyKind.SHOP_API_KEY, KeyKind.PARTNER_SHOP_KEY}),
    request_type=lambda: models.OASendImageRequest,
    response_type=lambda: models.ZaloMessage,
    source="https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/send-message-consulting-with-attached-photo",
)
SHOP_ZALO_MESSAGES_SEND_STICKER: Final[Operation[models.OASendStickerRequest, models.ZaloMessage]] = (
    Operation(
        name="shop.zalo.messages.send_sticker",
        service="Zalo",
        method="OASendSticker",
        effect=Effect.SEND,
        callers=frozenset({KeyKind.SHOP_API_KEY, KeyKind.PARTNER_SHOP_KEY}),
        request_type=lambda: models.OASendStickerRequest,
        response_type=lambda: models.ZaloMessage,
        source="https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/send-advice-message-with-sticker",
    )
)
SHOP_ZALO_MESSAGES_SEND_TEXT: Final[Operation[models.OASendTextRequest, models.ZaloMessage]] = Operation(
    name="shop.zalo.messages.send_text",
    service="Zalo",
    method="OASendText",
    effect=Effect.SEND,
    callers=frozenset({KeyKind.SHOP_API_KEY, KeyKind.PARTNER_SHOP_KEY}),
    request_type=lambda: models.OASendTextRequest,
    response_type=lambda: models.ZaloMessage,
    source="https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/send-text-consulting",
)
SHOP_ZALO_MESSAGES_SEND_TRANSACTION: Final[Operation[models.SendZNSTxnRequest, models.TransactionReceipt]] = (
    Operation(
        name="shop.zalo.messages.send_transaction",
        service="Zalo",
        method="SendZNSTxn",
        effect=Effect.SEND,
        callers=frozenset({KeyKind.SHOP_API_KEY, KeyKind.PARTNER_SHOP_KEY}),
        request_type=lambda: models.SendZNSTxnRequest,
        response_type=lambda: models.TransactionReceipt,
        source="https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/send-transaction-message",
    )
)
SHOP_ZNS_JOURNEYS_CREATE: Final[Operation[models.CreateJourneyRequest, models.Journey]] = Operation(
    name="shop.zns.journeys.create",
    service="Zalo",
    method="CreateJourney",
    effect=Effect.SEND,
    callers=frozenset({KeyKind.SHOP_API_KEY, KeyKind.PARTNER_SHOP_KEY}),
    request_type=lambda: models.CreateJourneyRequest,
    response_type=lambda: models.Journey,
    fails_in_body=FailureRule.ERROR_CODE,
    verify=Verify(read="shop.zns.journeys.list", by=("oa_id",), key="phone"),
    source="https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/journey-token-creation",
)
SHOP_ZNS_JOURNEYS_GET: Final[Operation[models.GetJourneyRequest, models.Journey]] = Operation(
    name="shop.zns.journeys.get",
    service="Zalo",
    method="GetJourney",
    effect=Effect.READ,
    callers=frozenset({KeyKind.SHOP_API_KEY, KeyKind.PARTNER_SHOP_KEY}),
    request_type=lambda: models.GetJourneyRequest,
    response_type=lambda: models.Journey,
    source="https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/get-journey-token-details",
)
SHOP_ZNS_JOURNEYS_LIST: Final[Operation[models.ListJourneysRequest, models.Journey]] = Operation(
    name="shop.zns.journeys.list",
    service="Zalo",
    method="ListJourneys",
    effect=Effect.READ,
    callers=frozenset({KeyKind.SHOP_API_KEY, KeyKind.PARTNER_SHOP_KEY}),
    request_type=lambda: models.ListJourneysRequest,
    response_type=lambda: models.Journey,
    items="journeys",
    key="id",
    source="https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/get-journey-token-list",
)
SHOP_ZNS_MESSAGES_GET: Final[Operation[models.GetMessageRequest, models.ZNSMessage]] = Operation(
    name="shop.zns.messages.get",
    service="Zalo",
    method="GetMessage",
    effect=Effect.READ,
    callers=frozenset({KeyKind.SHOP_API_KEY, KeyKind.PARTNER_SHOP_KEY}),
    request_type=lambda: models.GetMessageRequest,
    response_type=lambda: models.ZNSMessage,
    source="https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/get-message-details",
)
SHOP_ZNS_MESSAGES_LIST: Final[Operation[models.ListMessagesRequest, models.ZNSMessage]] = Operation(
    name="shop.zns.messages.list",
    service="Zalo",
    method="ListMessages",
    effect=Effect.READ,
    callers=frozenset({KeyKind.SHOP_API_KEY, KeyKind.PARTNER_SHOP_KEY}),
    request_type=lambda: models.ListMessagesRequest,
    response_type=lambda: models.ZNSMessage,
    items="messages",
    key="id",
    source="https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/get-message-list",
)
SHOP_ZNS_MESSAGES_SEND: Final[Operation[models.SendZNSRequest, models.ZNSMessage]] = Operation(
    name="shop.zns.messages.send",
    service="Zalo",
    method="SendZNS",
    effect=Effect.SEND,
    callers=frozenset({KeyKind.SHOP_API_KEY, KeyKind.PARTNER_SHOP_KEY}),
    request_type=lambda: models.SendZNSRequest,
    response_type=lambda: models.ZNSMessage,
    fails_in_body=FailureRule.ERROR_CODE,
    verify=Verify(read="shop.zns.messages.list", by=("oa_id",), key="tracking_id"),
    tracking="tracking_id",
    template=True,
    source="https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/send-zns",
)
SHOP_ZNS_MESSAGES_SEND_JOURNEY: Final[Operation[models.SendZNSJourneyRequest, models.ZNSMessage]] = Operation(
    name="shop.zns.messages.send_journey",
    service="Zalo",
    method="SendZNSJourney",
    effect=Effect.SEND,
    callers=frozenset({KeyKind.SHOP_API_KEY, KeyKind.PARTNER_SHOP_KEY}),
    request_type=lambda: models.SendZNSJourneyRequest,
    response_type=lambda: models.ZNSMessage,
    fails_in_body=FailureRule.ERROR_CODE,
    verify=Verify(read="shop.zns.messages.list", by=("oa_id",), key="tracking_id"),
    tracking="tracking_id",
    template=True,
    source="https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/send-zns-with-journey-token",
)
SHOP_ZNS_TEMPLATES_CREATE: Final[Operation[models.CreateTemplateRequest, models.ZNSTemplate]] = Operation(
    name="shop.zns.templates.create",
    service="Zalo",
    method="CreateTemplate",
    effect=Effect.CREATE,
    callers=frozenset({KeyKind.SHOP_API_KEY, KeyKind.PARTNER_SHOP_KEY}),
    request_type=lambda: models.CreateTemplateRequest,
    response_type=lambda: models.ZNSTemplate,
    verify=Verify(read="shop.zns.templates.get", by=("oa_id",), key="template_id", any_age=True),
    source="https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/create-a-news-template",
)
SHOP_ZNS_TEMPLATES_GET: Final[Operation[models.GetTemplateRequest, models.ZNSTemplate]] = Operation(
    name="shop.zns.templates.get",
    service="Zalo",
    method="GetTemplate",
    effect=Effect.READ,
    callers=frozenset({KeyKind.SHOP_API_KEY, KeyKind.PARTNER_SHOP_KEY}),
    request_type=lambda: models.GetTemplateRequest,
    response_type=lambda: models.ZNSTemplate,
    source="https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/get-sample-details",
)
SHOP_ZNS_TEMPLATES_LIST: Final[Operation[models.ListTemplatesRequest, models.ZNSTemplate]] = Operation(
    name="shop.zns.templates.list",
    service="Zalo",
    method="ListTemplates",
    effect=Effect.READ,
    callers=frozenset({KeyKind.SHOP_API_KEY, KeyKind.PARTNER_SHOP_KEY}),
    request_type=lambda: models.ListTemplatesRequest,
    response_type=lambda: models.ZNSTemplate,
    items="templates",
    key="template_id",
    source="https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/get-list-of-news-samples",
)
SMS_SEND: Final[Operation[models.SendSmsRequest, models.SmsReceipt]] = Operation(
    name="sms.send",
    service="OmniMessage",
    method="SendMessage",
    effect=Effect.SEND,
    callers=frozenset({KeyKind.USERNAME_PASSWORD}),
    request_type=lambda: models.SendSmsRequest,
    response_type=lambda: models.SmsReceipt,
    fails_in_body=FailureRule.SMS_STATUS,
    credentials=("username", "password"),
    source="https://docs.etelecom.vn/api-etelecom-english/sms-brandname/sms-api/send-sms",
)
SMS_STATUS: Final[Operation[models.SmsStatusRequest, models.SmsStatusReport]] = Operation(
    name="sms.status",
    service="OmniReport",
    method="GetStatusOmni",
    effect=Effect.READ,
    callers=frozenset({KeyKind.USERNAME_PASSWORD}),
    request_type=lambda: models.SmsStatusRequest,
    response_type=lambda: models.SmsStatusReport,
    credentials=("username", "password"),
    source="https://docs.etelecom.vn/api-etelecom-english/sms-brandname/sms-api/get-message-status",
)
SMS_TEMPLATES_LIST: Final[Operation[models.SmsTemplateRequest, models.SmsTemplate]] = Operation(
    name="sms.templates.list",
    service="TemplateOmni",
    method="GetTemplate",
    effect=Effect.READ,
    callers=frozenset({KeyKind.USERNAME_PASSWORD}),
    request_type=lambda: models.SmsTemplateRequest,
    response_type=lambda: models.SmsTemplate,
    items="ListTemp",
    key="templatecode",
    pages=PageNumbers(request="page", response="Page", total="TotalItem"),
    credentials=("username", "password"),
    source="https://docs.etelecom.vn/api-etelecom-english/sms-brandname/sms-api/send-sms",
)
WEBHOOKS_CREATE: Final[Operation[models.CreateWebhookRequest, models.Webhook]] = Operation(
    name="webhooks.create",
    service="Webhook",
    method="CreateWebhook",
    effect=Effect.CREATE,
    callers=frozenset({KeyKind.SHOP_API_KEY, KeyKind.PARTNER_API_KEY}),
    request_type=lambda: models.CreateWebhookRequest,
    response_type=lambda: models.Webhook,
    verify=Verify(read="webhooks.list", key="url"),
    source="https://docs.etelecom.vn/tich-hop-api/webhook/api-tao-webhook",
)
WEBHOOKS_DELETE: Final[Operation[models.DeleteWebhookRequest, models.WebhookList]] = Operation(
    name="webhooks.delete",
    service="Webhook",
    method="DeleteWebhook",
    effect=Effect.DELETE,
    callers=frozenset({KeyKind.SHOP_API_KEY, KeyKind.PARTNER_API_KEY}),
    request_type=lambda: models.DeleteWebhookRequest,
    response_type=lambda: models.WebhookList,
    verify=Verify(read="webhooks.list", key="id", is_absent=True),
    source="https://docs.etelecom.vn/tich-hop-api/webhook/api-xoa-webhook",
)
WEBHOOKS_LIST: Final[Operation[EmptyRequest, models.Webhook]] = Operation(
    name="webhooks.list",
    service="Webhook",
    method="GetWebhooks",
    effect=Effect.READ,
    callers=frozenset({KeyKind.SHOP_API_KEY, KeyKind.PARTNER_API_KEY}),
    request_type=lambda: EmptyRequest,
    response_type=lambda: models.Webhook,
    items="webhooks",
    key="id",
    source="https://docs.etelecom.vn/tich-hop-api/webhook/api-lay-danh-sach-webhooks",
)

OPERATIONS: Final[Mapping[str, Operation[Any, Any]]] = MappingProxyType(
    {
        row.name: row
        for row in (
            ACCOUNT,
            PARTNER_HOTLINES_ATTACH,
            PARTNER_HOTLINES_CREATE,
            PARTNER_HOTLINES_DELETE,
            PARTNER_HOTLINES_DETACH,
            PARTNER_HOTLINES_LIST,
            PARTNER_SHOPS_AUTHORIZE,
            PARTNER_SHOPS_CONNECT,
            PARTNER_SHOPS_CREATE,
            PARTNER_SHOPS_LIST,
            PARTNER_TENANTS_ACTIVATE,
            PARTNER_TENANTS_LIST,
            SHOP_CALL_LOGS_LIST,
            SHOP_CURRENT,
            SHOP_EXTENSIONS_ASSIGN,
            SHOP_EXTENSIONS_CHANGE_HOTLINE,
            SHOP_EXTENSIONS_CREATE,
            SHOP_EXTENSIONS_GET,
            SHOP_EXTENSIONS_LIST,
            SHOP_EXTENSIONS_UNASSIGN,
            SHOP_HOTLINES_LIST,
            SHOP_TENANT_CREATE,
            SHOP_TENANT_DRIVER_CONFIG,
            SHOP_TENANT_GET,
            SHOP_USERS_CREATE,
            SHOP_USERS_LIST,
            SHOP_ZALO_ACCOUNTS_AUTHORIZE,
            SHOP_ZALO_ACCOUNTS_CONNECT,
            SHOP_ZALO_ACCOUNTS_GET,
            SHOP_ZALO_ACCOUNTS_LIST,
            SHOP_ZALO_ACCOUNTS_REFRESH_TOKEN,
            SHOP_ZALO_ACCOUNTS_UPDATE,
            SHOP_ZALO_CONSENTS_CHECK,
            SHOP_ZALO_CONSENTS_LIST,
            SHOP_ZALO_CONSENTS_REQUEST,
            SHOP_ZALO_FILES_UPLOAD,
            SHOP_ZALO_FOLLOWERS_LIST,
            SHOP_ZALO_MESSAGES_REQUEST_USER_INFO,
            SHOP_ZALO_MESSAGES_SEND_FILE,
            SHOP_ZALO_MESSAGES_SEND_IMAGE,
            SHOP_ZALO_MESSAGES_SEND_STICKER,
            SHOP_ZALO_MESSAGES_SEND_TEXT,
            SHOP_ZALO_MESSAGES_SEND_TRANSACTION,
            SHOP_ZNS_JOURNEYS_CREATE,
            SHOP_ZNS_JOURNEYS_GET,
            SHOP_ZNS_JOURNEYS_LIST,
            SHOP_ZNS_MESSAGES_GET,
            SHOP_ZNS_MESSAGES_LIST,
            SHOP_ZNS_MESSAGES_SEND,
            SHOP_ZNS_MESSAGES_SEND_JOURNEY,
            SHOP_ZNS_TEMPLATES_CREATE,
            SHOP_ZNS_TEMPLATES_GET,
            SHOP_ZNS_TEMPLATES_LIST,
            SMS_SEND,
            SMS_STATUS,
            SMS_TEMPLATES_LIST,
            WEBHOOKS_CREATE,
            WEBHOOKS_DELETE,
            WEBHOOKS_LIST,
        )
    }
)
"""Rows by public name."""
