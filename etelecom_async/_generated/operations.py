"""
The operations of the API, one row each. The rows name their models and load none.

Written by `python -m codegen` (sha256 40b95d7c07e3); do not edit.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from etelecom_async._core.operation import Effect, EmptyRequest, JsonObject, KeyKind, Operation

if TYPE_CHECKING:
    from etelecom_async._generated.models import account, pbx, sms, tenants, zalo, zns

ACCOUNT: Final[Operation[EmptyRequest, JsonObject]] = Operation(
    name="account",
    service="Misc",
    method="CurrentAccount",
    effect=Effect.READ,
    callers=frozenset({KeyKind.SHOP_API_KEY, KeyKind.PARTNER_API_KEY}),
    request_ref="EmptyRequest",
    response_ref="JsonObject",
    source="https://docs.etelecom.vn/api-etelecom-english/api-integration/shop/usage",
)
PARTNER_HOTLINES_ATTACH: Final[
    Operation[tenants.PartnerAddHotlineToTenantRequest, tenants.HotlineChangeResult]
] = Operation(
    name="partner.hotlines.attach",
    service="Etelecom",
    method="PartnerAddHotlineToTenant",
    effect=Effect.IDEMPOTENT,
    callers=frozenset({KeyKind.PARTNER_API_KEY}),
    request_ref="tenants:PartnerAddHotlineToTenantRequest",
    response_ref="tenants:HotlineChangeResult",
    provisional="Inferred from the names of its documented neighbours: the page is in the navigation, but no copy of it could be read. Path, callers, request and answer follow the pattern Partner Add Hotline -> PartnerAddHotline, Partner Activate Tenant -> PartnerActivateTenant, which answers {updated}.",
    source="https://docs.etelecom.vn/tich-hop-api/tong-dai/api-tong-dai/partner-gan-hotline-vao-tong-dai",
)
PARTNER_HOTLINES_CREATE: Final[Operation[tenants.PartnerAddHotlineRequest, tenants.Hotline]] = Operation(
    name="partner.hotlines.create",
    service="Etelecom",
    method="PartnerAddHotline",
    effect=Effect.CREATE,
    callers=frozenset({KeyKind.PARTNER_API_KEY}),
    request_ref="tenants:PartnerAddHotlineRequest",
    response_ref="tenants:Hotline",
    verify=("partner.hotlines.list", "hotline"),
    source="https://docs.etelecom.vn/api-etelecom-english/api-integration/vpbx/pbx-rest-apis/partner-add-hotline",
)
PARTNER_HOTLINES_DELETE: Final[
    Operation[tenants.PartnerRemoveHotlineRequest, tenants.HotlineChangeResult]
] = Operation(
    name="partner.hotlines.delete",
    service="Etelecom",
    method="PartnerRemoveHotline",
    effect=Effect.DELETE,
    callers=frozenset({KeyKind.PARTNER_API_KEY}),
    request_ref="tenants:PartnerRemoveHotlineRequest",
    response_ref="tenants:HotlineChangeResult",
    provisional="Inferred from the names of its documented neighbours: the page is in the navigation, but no copy of it could be read. Path, callers, request and answer follow the pattern of PartnerAddHotline and PartnerActivateTenant.",
    source="https://docs.etelecom.vn/tich-hop-api/tong-dai/api-tong-dai/partner-xoa-hotline-ra-khoi-he-thong",
)
PARTNER_HOTLINES_DETACH: Final[
    Operation[tenants.PartnerRemoveHotlineFromTenantRequest, tenants.HotlineChangeResult]
] = Operation(
    name="partner.hotlines.detach",
    service="Etelecom",
    method="PartnerRemoveHotlineFromTenant",
    effect=Effect.IDEMPOTENT,
    callers=frozenset({KeyKind.PARTNER_API_KEY}),
    request_ref="tenants:PartnerRemoveHotlineFromTenantRequest",
    response_ref="tenants:HotlineChangeResult",
    provisional="Inferred from the names of its documented neighbours: the page is in the navigation, but no copy of it could be read. Path, callers, request and answer follow the pattern of PartnerAddHotline and PartnerActivateTenant; Removed in the title is read as a slip for Remove.",
    source="https://docs.etelecom.vn/tich-hop-api/tong-dai/api-tong-dai/partner-go-hotline-ra-khoi-tong-dai",
)
PARTNER_HOTLINES_LIST: Final[Operation[tenants.GetPartnerHotlineListRequest, tenants.Hotline]] = Operation(
    name="partner.hotlines.list",
    service="Etelecom",
    method="GetPartnerHotlineList",
    effect=Effect.READ,
    callers=frozenset({KeyKind.PARTNER_API_KEY}),
    request_ref="tenants:GetPartnerHotlineListRequest",
    response_ref="tenants:Hotline",
    items="hotlines",
    key="id",
    source="https://docs.etelecom.vn/api-etelecom-english/api-integration/vpbx/pbx-rest-apis/partner-get-hotline-list",
)
PARTNER_SHOPS_AUTHORIZE: Final[Operation[account.AuthorizeShopRequest, account.ShopAuthorization]] = (
    Operation(
        name="partner.shops.authorize",
        service="Shop",
        method="AuthorizeShop",
        effect=Effect.CREATE,
        callers=frozenset({KeyKind.PARTNER_API_KEY}),
        request_ref="account:AuthorizeShopRequest",
        response_ref="account:ShopAuthorization",
        source="https://docs.etelecom.vn/api-etelecom-english/api-integration/partner/usage",
    )
)
PARTNER_SHOPS_CREATE: Final[Operation[JsonObject, account.CreatedShopAccount]] = Operation(
    name="partner.shops.create",
    service="Shop",
    method="CreateShopAccount",
    effect=Effect.CREATE,
    callers=frozenset({KeyKind.PARTNER_API_KEY}),
    request_ref="JsonObject",
    response_ref="account:CreatedShopAccount",
    source="https://docs.etelecom.vn/tich-hop-api/partner/su-dung/tao-shop-qua-api.md",
)
PARTNER_SHOPS_LIST: Final[Operation[account.GetShopsRequest, JsonObject]] = Operation(
    name="partner.shops.list",
    service="Shop",
    method="GetShops",
    effect=Effect.READ,
    callers=frozenset({KeyKind.PARTNER_API_KEY}),
    request_ref="account:GetShopsRequest",
    response_ref="JsonObject",
    items="*",
    key="id",
    source="https://docs.etelecom.vn/tich-hop-api/partner/su-dung",
)
PARTNER_TENANTS_ACTIVATE: Final[
    Operation[tenants.PartnerActivateTenantRequest, tenants.PartnerActivateTenantResult]
] = Operation(
    name="partner.tenants.activate",
    service="Etelecom",
    method="PartnerActivateTenant",
    effect=Effect.IDEMPOTENT,
    callers=frozenset({KeyKind.PARTNER_API_KEY}),
    request_ref="tenants:PartnerActivateTenantRequest",
    response_ref="tenants:PartnerActivateTenantResult",
    source="https://docs.etelecom.vn/api-etelecom-english/api-integration/vpbx/pbx-rest-apis/partner-activate-tenant",
)
PARTNER_TENANTS_LIST: Final[Operation[tenants.GetPartnerTenantListRequest, tenants.Tenant]] = Operation(
    name="partner.tenants.list",
    service="Etelecom",
    method="GetPartnerTenantList",
    effect=Effect.READ,
    callers=frozenset({KeyKind.PARTNER_API_KEY}),
    request_ref="tenants:GetPartnerTenantListRequest",
    response_ref="tenants:Tenant",
    items="tenants",
    key="id",
    source="https://docs.etelecom.vn/api-etelecom-english/api-integration/vpbx/pbx-rest-apis/partner-get-tenant-list",
)
SHOP_CALL_LOGS_LIST: Final[Operation[pbx.ListCallLogsRequest, pbx.CallLog]] = Operation(
    name="shop.call_logs.list",
    service="Etelecom",
    method="ListCallLogs",
    effect=Effect.READ,
    callers=frozenset({KeyKind.SHOP_API_KEY, KeyKind.PARTNER_SHOP_KEY}),
    request_ref="pbx:ListCallLogsRequest",
    response_ref="pbx:CallLog",
    items="call_logs",
    key="id",
    source="https://docs.etelecom.vn/api-etelecom-english/api-integration/vpbx/pbx-rest-apis/get-call-history",
)
SHOP_EXTENSIONS_ASSIGN: Final[Operation[pbx.AssignUserToExtensionRequest, pbx.ExtensionChangeResult]] = (
    Operation(
        name="shop.extensions.assign",
        service="Etelecom",
        method="AssignUserToExtension",
        effect=Effect.IDEMPOTENT,
        callers=frozenset({KeyKind.PARTNER_SHOP_KEY}),
        request_ref="pbx:AssignUserToExtensionRequest",
        response_ref="pbx:ExtensionChangeResult",
        fails_in_body="updated",
        source="https://docs.etelecom.vn/api-etelecom-english/api-integration/vpbx/pbx-rest-apis/assign-extension-to-user",
    )
)
SHOP_EXTENSIONS_CHANGE_HOTLINE: Final[
    Operation[pbx.UpdateHotlineForExtensionRequest, pbx.ExtensionChangeResult]
] = Operation(
    name="shop.extensions.change_hotline",
    service="Etelecom",
    method="UpdateHotlineForExtension",
    effect=Effect.IDEMPOTENT,
    callers=frozenset({KeyKind.PARTNER_SHOP_KEY}),
    request_ref="pbx:UpdateHotlineForExtensionRequest",
    response_ref="pbx:ExtensionChangeResult",
    fails_in_body="updated",
    source="https://docs.etelecom.vn/tich-hop-api/tong-dai/api-tong-dai/thay-doi-hotline-cho-may-nhanh",
)
SHOP_EXTENSIONS_CREATE: Final[Operation[pbx.CreateExtensionRequest, pbx.Extension]] = Operation(
    name="shop.extensions.create",
    service="Etelecom",
    method="CreateExtension",
    effect=Effect.CREATE,
    callers=frozenset({KeyKind.SHOP_API_KEY, KeyKind.PARTNER_SHOP_KEY}),
    request_ref="pbx:CreateExtensionRequest",
    response_ref="pbx:Extension",
    verify=("shop.extensions.get", "extension_number"),
    source="https://docs.etelecom.vn/api-etelecom-english/api-integration/vpbx/pbx-rest-apis/create-extension",
)
SHOP_EXTENSIONS_GET: Final[Operation[pbx.GetExtensionInfoRequest, pbx.ExtensionLogin]] = Operation(
    name="shop.extensions.get",
    service="Etelecom",
    method="GetExtensionInfo",
    effect=Effect.READ,
    callers=frozenset({KeyKind.SHOP_API_KEY, KeyKind.PARTNER_SHOP_KEY}),
    request_ref="pbx:GetExtensionInfoRequest",
    response_ref="pbx:ExtensionLogin",
    source="https://docs.etelecom.vn/api-etelecom-english/api-integration/vpbx/pbx-rest-apis/get-extension-information",
)
SHOP_EXTENSIONS_LIST: Final[Operation[pbx.GetExtensionsRequest, pbx.Extension]] = Operation(
    name="shop.extensions.list",
    service="Etelecom",
    method="GetExtensions",
    effect=Effect.READ,
    callers=frozenset({KeyKind.SHOP_API_KEY, KeyKind.PARTNER_SHOP_KEY}),
    request_ref="pbx:GetExtensionsRequest",
    response_ref="pbx:Extension",
    items="extensions",
    key="id",
    source="https://docs.etelecom.vn/api-etelecom-english/api-integration/vpbx/pbx-rest-apis/get-extension-list",
)
SHOP_EXTENSIONS_UNASSIGN: Final[Operation[pbx.RemoveUserOfExtensionRequest, pbx.ExtensionChangeResult]] = (
    Operation(
        name="shop.extensions.unassign",
        service="Etelecom",
        method="RemoveUserOfExtension",
        effect=Effect.IDEMPOTENT,
        callers=frozenset({KeyKind.PARTNER_SHOP_KEY}),
        request_ref="pbx:RemoveUserOfExtensionRequest",
        response_ref="pbx:ExtensionChangeResult",
        fails_in_body="updated",
        source="https://docs.etelecom.vn/api-etelecom-english/api-integration/vpbx/pbx-rest-apis/remove-user-of-extension",
    )
)
SHOP_HOTLINES_LIST: Final[Operation[tenants.GetHotlinesRequest, tenants.Hotline]] = Operation(
    name="shop.hotlines.list",
    service="Etelecom",
    method="GetHotlines",
    effect=Effect.READ,
    callers=frozenset({KeyKind.SHOP_API_KEY, KeyKind.PARTNER_SHOP_KEY}),
    request_ref="tenants:GetHotlinesRequest",
    response_ref="tenants:Hotline",
    items="hotlines",
    key="id",
    provisional="Inferred from the names of its documented neighbours: the page is in the navigation, but no copy of it could be read. The name follows Get extension list -> GetExtensions and Get list of users -> GetAccountUsers; the items are taken to be the hotlines of GetPartnerHotlineList, and request and answer to be paged as every list.",
    source="https://docs.etelecom.vn/tich-hop-api/tong-dai/api-tong-dai/lay-danh-sach-hotline",
)
SHOP_SHOP: Final[Operation[EmptyRequest, account.CurrentShop]] = Operation(
    name="shop.shop",
    service="Shop",
    method="CurrentShop",
    effect=Effect.READ,
    callers=frozenset({KeyKind.PARTNER_SHOP_KEY}),
    request_ref="EmptyRequest",
    response_ref="account:CurrentShop",
    source="https://docs.etelecom.vn/api-etelecom-english/api-integration/partner/usage",
)
SHOP_TENANT_CREATE: Final[Operation[EmptyRequest, tenants.Tenant]] = Operation(
    name="shop.tenant.create",
    service="Etelecom",
    method="CreateTenant",
    effect=Effect.CREATE,
    callers=frozenset({KeyKind.PARTNER_SHOP_KEY}),
    request_ref="EmptyRequest",
    response_ref="tenants:Tenant",
    verify=("shop.tenant.get",),
    source="https://docs.etelecom.vn/api-etelecom-english/api-integration/vpbx/pbx-rest-apis/create-tenant",
)
SHOP_TENANT_DRIVER_CONFIG: Final[Operation[EmptyRequest, JsonObject]] = Operation(
    name="shop.tenant.driver_config",
    service="Etelecom",
    method="GetDriverConfig",
    effect=Effect.READ,
    callers=frozenset({KeyKind.SHOP_API_KEY, KeyKind.PARTNER_SHOP_KEY}),
    request_ref="EmptyRequest",
    response_ref="JsonObject",
    provisional="Inferred from the names of its documented neighbours: the page is in the navigation, but no copy of it could be read. Its place between Get Tenant information (GetTenant, body {}) and Get hotline list gives path, callers and the empty request; the answer is not known.",
    source="https://docs.etelecom.vn/tich-hop-api/tong-dai/api-tong-dai/lay-cau-hinh-tong-dai",
)
SHOP_TENANT_GET: Final[Operation[EmptyRequest, tenants.Tenant]] = Operation(
    name="shop.tenant.get",
    service="Etelecom",
    method="GetTenant",
    effect=Effect.READ,
    callers=frozenset({KeyKind.PARTNER_SHOP_KEY}),
    request_ref="EmptyRequest",
    response_ref="tenants:Tenant",
    source="https://docs.etelecom.vn/tich-hop-api/tong-dai/api-tong-dai/lay-thong-tin-tong-dai",
)
SHOP_USERS_CREATE: Final[Operation[pbx.CreateAccountUserRequest, pbx.User]] = Operation(
    name="shop.users.create",
    service="Shop",
    method="CreateAccountUser",
    effect=Effect.CREATE,
    callers=frozenset({KeyKind.PARTNER_SHOP_KEY}),
    request_ref="pbx:CreateAccountUserRequest",
    response_ref="pbx:User",
    verify=("shop.users.list", "phone"),
    source="https://docs.etelecom.vn/api-etelecom-english/api-integration/vpbx/pbx-rest-apis/create-account-user",
)
SHOP_USERS_LIST: Final[Operation[pbx.GetAccountUsersRequest, pbx.AccountUser]] = Operation(
    name="shop.users.list",
    service="Shop",
    method="GetAccountUsers",
    effect=Effect.READ,
    callers=frozenset({KeyKind.PARTNER_SHOP_KEY}),
    request_ref="pbx:GetAccountUsersRequest",
    response_ref="pbx:AccountUser",
    items="account_users",
    key="user_id",
    source="https://docs.etelecom.vn/api-etelecom-english/api-integration/vpbx/pbx-rest-apis/get-list-user",
)
SHOP_ZALO_ACCOUNTS_AUTHORIZE: Final[Operation[zalo.AuthorizeOARequest, zalo.AuthorizationLink]] = Operation(
    name="shop.zalo.accounts.authorize",
    service="Zalo",
    method="AuthorizeOA",
    effect=Effect.IDEMPOTENT,
    callers=frozenset({KeyKind.SHOP_API_KEY, KeyKind.PARTNER_SHOP_KEY}),
    request_ref="zalo:AuthorizeOARequest",
    response_ref="zalo:AuthorizationLink",
    source="https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/create-oa-authorization-link",
)
SHOP_ZALO_ACCOUNTS_CONNECT: Final[Operation[zalo.ConnectOARequest, zalo.OfficialAccount]] = Operation(
    name="shop.zalo.accounts.connect",
    service="Zalo",
    method="ConnectOA",
    effect=Effect.CREATE,
    callers=frozenset({KeyKind.SHOP_API_KEY, KeyKind.PARTNER_SHOP_KEY}),
    request_ref="zalo:ConnectOARequest",
    response_ref="zalo:OfficialAccount",
    source="https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/connect-oa",
)
SHOP_ZALO_ACCOUNTS_GET: Final[Operation[zalo.GetShopOARequest, zalo.OfficialAccount]] = Operation(
    name="shop.zalo.accounts.get",
    service="Zalo",
    method="GetShopOA",
    effect=Effect.READ,
    callers=frozenset({KeyKind.SHOP_API_KEY, KeyKind.PARTNER_SHOP_KEY}),
    request_ref="zalo:GetShopOARequest",
    response_ref="zalo:OfficialAccount",
    source="https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/get-oa-information",
)
SHOP_ZALO_ACCOUNTS_LIST: Final[Operation[zalo.ListOARequest, zalo.OfficialAccount]] = Operation(
    name="shop.zalo.accounts.list",
    service="Zalo",
    method="ListOA",
    effect=Effect.READ,
    callers=frozenset({KeyKind.SHOP_API_KEY, KeyKind.PARTNER_SHOP_KEY}),
    request_ref="zalo:ListOARequest",
    response_ref="zalo:OfficialAccount",
    items="accounts",
    key="oa_id",
    source="https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/get-oa-list",
)
SHOP_ZALO_ACCOUNTS_REFRESH_TOKEN: Final[Operation[zalo.RefreshTokenRequest, zalo.AuthorizationLink]] = (
    Operation(
        name="shop.zalo.accounts.refresh_token",
        service="Zalo",
        method="RefreshToken",
        effect=Effect.IDEMPOTENT,
        callers=frozenset({KeyKind.SHOP_API_KEY, KeyKind.PARTNER_SHOP_KEY}),
        request_ref="zalo:RefreshTokenRequest",
        response_ref="zalo:AuthorizationLink",
        source="https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/get-refresh-token",
    )
)
SHOP_ZALO_ACCOUNTS_UPDATE: Final[Operation[zalo.UpdateShopOARequest, zalo.OfficialAccount]] = Operation(
    name="shop.zalo.accounts.update",
    service="Zalo",
    method="UpdateShopOA",
    effect=Effect.IDEMPOTENT,
    callers=frozenset({KeyKind.SHOP_API_KEY, KeyKind.PARTNER_SHOP_KEY}),
    request_ref="zalo:UpdateShopOARequest",
    response_ref="zalo:OfficialAccount",
    source="https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/update-webhook-for-oa",
)
SHOP_ZALO_CONSENTS_CHECK: Final[Operation[zns.CheckConsentRequest, zns.ConsentCheck]] = Operation(
    name="shop.zalo.consents.check",
    service="Zalo",
    method="CheckConsent",
    effect=Effect.READ,
    callers=frozenset({KeyKind.SHOP_API_KEY, KeyKind.PARTNER_SHOP_KEY}),
    request_ref="zns:CheckConsentRequest",
    response_ref="zns:ConsentCheck",
    source="https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/check-if-the-customer-has-granted-calling-permission",
)
SHOP_ZALO_CONSENTS_LIST: Final[Operation[zns.ListRequestConsentRequest, zns.Consent]] = Operation(
    name="shop.zalo.consents.list",
    service="Zalo",
    method="ListRequestConsent",
    effect=Effect.READ,
    callers=frozenset({KeyKind.SHOP_API_KEY, KeyKind.PARTNER_SHOP_KEY}),
    request_ref="zns:ListRequestConsentRequest",
    response_ref="zns:Consent",
    items="consents",
    key="id",
    source="https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/get-list-of-requests-for-calling-permission",
)
SHOP_ZALO_CONSENTS_REQUEST: Final[Operation[zns.RequestConsentRequest, zns.Consent]] = Operation(
    name="shop.zalo.consents.request",
    service="Zalo",
    method="RequestConsent",
    effect=Effect.SEND,
    callers=frozenset({KeyKind.SHOP_API_KEY, KeyKind.PARTNER_SHOP_KEY}),
    request_ref="zns:RequestConsentRequest",
    response_ref="zns:Consent",
    fails_in_body="error_code",
    source="https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/send-request-for-calling-permission",
)
SHOP_ZALO_FILES_UPLOAD: Final[Operation[zalo.UploadFileRequest, zalo.UploadedFile]] = Operation(
    name="shop.zalo.files.upload",
    service="OA",
    method="UploadFile",
    effect=Effect.CREATE,
    callers=frozenset({KeyKind.SHOP_API_KEY, KeyKind.PARTNER_SHOP_KEY}),
    request_ref="zalo:UploadFileRequest",
    response_ref="zalo:UploadedFile",
    multipart=True,
    source="https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/upload-file",
)
SHOP_ZALO_FOLLOWERS_LIST: Final[Operation[zalo.ListFollowersRequest, zalo.Follower]] = Operation(
    name="shop.zalo.followers.list",
    service="Zalo",
    method="ListFollowers",
    effect=Effect.READ,
    callers=frozenset({KeyKind.SHOP_API_KEY, KeyKind.PARTNER_SHOP_KEY}),
    request_ref="zalo:ListFollowersRequest",
    response_ref="zalo:Follower",
    items="followers",
    key="id",
    source="https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/get-list-of-users",
)
SHOP_ZALO_MESSAGES_REQUEST_USER_INFO: Final[
    Operation[zalo.RequestUserInfoRequest, zalo.RequestUserInfoResult]
] = Operation(
    name="shop.zalo.messages.request_user_info",
    service="Zalo",
    method="RequestUserInfo",
    effect=Effect.SEND,
    callers=frozenset({KeyKind.SHOP_API_KEY, KeyKind.PARTNER_SHOP_KEY}),
    request_ref="zalo:RequestUserInfoRequest",
    response_ref="zalo:RequestUserInfoResult",
    source="https://docs.etelecom.vn/tich-hop-api/zalo-cloud/zalo-cloud-api/gui-tin-tu-van-theo-mau-yeu-cau-thong-tin-nguoi-dung",
)
SHOP_ZALO_MESSAGES_SEND_FILE: Final[Operation[zalo.OASendFileRequest, zalo.ZaloMessage]] = Operation(
    name="shop.zalo.messages.send_file",
    service="Zalo",
    method="OASendFile",
    effect=Effect.SEND,
    callers=frozenset({KeyKind.SHOP_API_KEY, KeyKind.PARTNER_SHOP_KEY}),
    request_ref="zalo:OASendFileRequest",
    response_ref="zalo:ZaloMessage",
    source="https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/send-message-consulting-attached-file",
)
SHOP_ZALO_MESSAGES_SEND_IMAGE: Final[Operation[zalo.OASendImageRequest, zalo.ZaloMessage]] = Operation(
    name="shop.zalo.messages.send_image",
    service="Zalo",
    method="OASendImage",
    effect=Effect.SEND,
    callers=frozenset({KeyKind.SHOP_API_KEY, KeyKind.PARTNER_SHOP_KEY}),
    request_ref="zalo:OASendImageRequest",
    response_ref="zalo:ZaloMessage",
    source="https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/send-message-consulting-with-attached-photo",
)
SHOP_ZALO_MESSAGES_SEND_STICKER: Final[Operation[zalo.OASendStickerRequest, zalo.ZaloMessage]] = Operation(
    name="shop.zalo.messages.send_sticker",
    service="Zalo",
    method="OASendSticker",
    effect=Effect.SEND,
    callers=frozenset({KeyKind.SHOP_API_KEY, KeyKind.PARTNER_SHOP_KEY}),
    request_ref="zalo:OASendStickerRequest",
    response_ref="zalo:ZaloMessage",
    source="https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/send-advice-message-with-sticker",
)
SHOP_ZALO_MESSAGES_SEND_TEXT: Final[Operation[zalo.OASendTextRequest, zalo.ZaloMessage]] = Operation(
    name="shop.zalo.messages.send_text",
    service="Zalo",
    method="OASendText",
    effect=Effect.SEND,
    callers=frozenset({KeyKind.SHOP_API_KEY, KeyKind.PARTNER_SHOP_KEY}),
    request_ref="zalo:OASendTextRequest",
    response_ref="zalo:ZaloMessage",
    source="https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/send-text-consulting",
)
SHOP_ZALO_MESSAGES_SEND_TRANSACTION: Final[Operation[zalo.SendZNSTxnRequest, zalo.TransactionReceipt]] = (
    Operation(
        name="shop.zalo.messages.send_transaction",
        service="Zalo",
        method="SendZNSTxn",
        effect=Effect.SEND,
        callers=frozenset({KeyKind.SHOP_API_KEY, KeyKind.PARTNER_SHOP_KEY}),
        request_ref="zalo:SendZNSTxnRequest",
        response_ref="zalo:TransactionReceipt",
        source="https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/send-transaction-message",
    )
)
SHOP_ZNS_JOURNEYS_CREATE: Final[Operation[zns.CreateJourneyRequest, zns.Journey]] = Operation(
    name="shop.zns.journeys.create",
    service="Zalo",
    method="CreateJourney",
    effect=Effect.SEND,
    callers=frozenset({KeyKind.SHOP_API_KEY, KeyKind.PARTNER_SHOP_KEY}),
    request_ref="zns:CreateJourneyRequest",
    response_ref="zns:Journey",
    fails_in_body="error_code",
    source="https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/journey-token-creation",
)
SHOP_ZNS_JOURNEYS_GET: Final[Operation[zns.GetJourneyRequest, zns.Journey]] = Operation(
    name="shop.zns.journeys.get",
    service="Zalo",
    method="GetJourney",
    effect=Effect.READ,
    callers=frozenset({KeyKind.SHOP_API_KEY, KeyKind.PARTNER_SHOP_KEY}),
    request_ref="zns:GetJourneyRequest",
    response_ref="zns:Journey",
    source="https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/get-journey-token-details",
)
SHOP_ZNS_JOURNEYS_LIST: Final[Operation[zns.ListJourneysRequest, zns.Journey]] = Operation(
    name="shop.zns.journeys.list",
    service="Zalo",
    method="ListJourneys",
    effect=Effect.READ,
    callers=frozenset({KeyKind.SHOP_API_KEY, KeyKind.PARTNER_SHOP_KEY}),
    request_ref="zns:ListJourneysRequest",
    response_ref="zns:Journey",
    items="journeys",
    key="id",
    source="https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/get-journey-token-list",
)
SHOP_ZNS_MESSAGES_GET: Final[Operation[zns.GetMessageRequest, zns.ZNSMessage]] = Operation(
    name="shop.zns.messages.get",
    service="Zalo",
    method="GetMessage",
    effect=Effect.READ,
    callers=frozenset({KeyKind.SHOP_API_KEY, KeyKind.PARTNER_SHOP_KEY}),
    request_ref="zns:GetMessageRequest",
    response_ref="zns:ZNSMessage",
    source="https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/get-message-details",
)
SHOP_ZNS_MESSAGES_LIST: Final[Operation[zns.ListMessagesRequest, zns.ZNSMessage]] = Operation(
    name="shop.zns.messages.list",
    service="Zalo",
    method="ListMessages",
    effect=Effect.READ,
    callers=frozenset({KeyKind.SHOP_API_KEY, KeyKind.PARTNER_SHOP_KEY}),
    request_ref="zns:ListMessagesRequest",
    response_ref="zns:ZNSMessage",
    items="messages",
    key="id",
    source="https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/get-message-list",
)
SHOP_ZNS_MESSAGES_SEND: Final[Operation[zns.SendZNSRequest, zns.ZNSMessage]] = Operation(
    name="shop.zns.messages.send",
    service="Zalo",
    method="SendZNS",
    effect=Effect.SEND,
    callers=frozenset({KeyKind.SHOP_API_KEY, KeyKind.PARTNER_SHOP_KEY}),
    request_ref="zns:SendZNSRequest",
    response_ref="zns:ZNSMessage",
    fails_in_body="error_code",
    tracking="tracking_id",
    verify=("shop.zns.messages.list", "oa_id", "tracking_id"),
    template=True,
    source="https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/send-zns",
)
SHOP_ZNS_MESSAGES_SEND_JOURNEY: Final[Operation[zns.SendZNSJourneyRequest, zns.ZNSMessage]] = Operation(
    name="shop.zns.messages.send_journey",
    service="Zalo",
    method="SendZNSJourney",
    effect=Effect.SEND,
    callers=frozenset({KeyKind.SHOP_API_KEY, KeyKind.PARTNER_SHOP_KEY}),
    request_ref="zns:SendZNSJourneyRequest",
    response_ref="zns:ZNSMessage",
    fails_in_body="error_code",
    tracking="tracking_id",
    verify=("shop.zns.messages.list", "oa_id", "tracking_id"),
    template=True,
    source="https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/send-zns-with-journey-token",
)
SHOP_ZNS_TEMPLATES_CREATE: Final[Operation[zns.CreateTemplateRequest, zns.ZNSTemplate]] = Operation(
    name="shop.zns.templates.create",
    service="Zalo",
    method="CreateTemplate",
    effect=Effect.CREATE,
    callers=frozenset({KeyKind.SHOP_API_KEY, KeyKind.PARTNER_SHOP_KEY}),
    request_ref="zns:CreateTemplateRequest",
    response_ref="zns:ZNSTemplate",
    source="https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/create-a-news-template",
)
SHOP_ZNS_TEMPLATES_GET: Final[Operation[zns.GetTemplateRequest, zns.ZNSTemplate]] = Operation(
    name="shop.zns.templates.get",
    service="Zalo",
    method="GetTemplate",
    effect=Effect.READ,
    callers=frozenset({KeyKind.SHOP_API_KEY, KeyKind.PARTNER_SHOP_KEY}),
    request_ref="zns:GetTemplateRequest",
    response_ref="zns:ZNSTemplate",
    source="https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/get-sample-details",
)
SHOP_ZNS_TEMPLATES_LIST: Final[Operation[zns.ListTemplatesRequest, zns.ZNSTemplate]] = Operation(
    name="shop.zns.templates.list",
    service="Zalo",
    method="ListTemplates",
    effect=Effect.READ,
    callers=frozenset({KeyKind.SHOP_API_KEY, KeyKind.PARTNER_SHOP_KEY}),
    request_ref="zns:ListTemplatesRequest",
    response_ref="zns:ZNSTemplate",
    items="templates",
    key="template_id",
    source="https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/get-list-of-news-samples",
)
SMS_SEND: Final[Operation[sms.SendSmsRequest, sms.SmsReceipt]] = Operation(
    name="sms.send",
    service="OmniMessage",
    method="SendMessage",
    effect=Effect.SEND,
    callers=frozenset({KeyKind.USERNAME_PASSWORD}),
    request_ref="sms:SendSmsRequest",
    response_ref="sms:SmsReceipt",
    fails_in_body="status",
    credentials=("username", "password"),
    source="https://docs.etelecom.vn/api-etelecom-english/sms-brandname/sms-api/send-sms",
)
SMS_STATUS: Final[Operation[sms.SmsStatusRequest, sms.SmsStatusReport]] = Operation(
    name="sms.status",
    service="OmniReport",
    method="GetStatusOmni",
    effect=Effect.READ,
    callers=frozenset({KeyKind.USERNAME_PASSWORD}),
    request_ref="sms:SmsStatusRequest",
    response_ref="sms:SmsStatusReport",
    credentials=("username", "password"),
    source="https://docs.etelecom.vn/api-etelecom-english/sms-brandname/sms-api/get-message-status",
)
SMS_TEMPLATE: Final[Operation[sms.SmsTemplateRequest, sms.SmsTemplatePage]] = Operation(
    name="sms.template",
    service="TemplateOmni",
    method="GetTemplate",
    effect=Effect.READ,
    callers=frozenset({KeyKind.USERNAME_PASSWORD}),
    request_ref="sms:SmsTemplateRequest",
    response_ref="sms:SmsTemplatePage",
    credentials=("username", "password"),
    source="https://docs.etelecom.vn/api-etelecom-english/sms-brandname/sms-api/send-sms",
)
WEBHOOKS_CREATE: Final[Operation[account.CreateWebhookRequest, account.Webhook]] = Operation(
    name="webhooks.create",
    service="Webhook",
    method="CreateWebhook",
    effect=Effect.CREATE,
    callers=frozenset({KeyKind.SHOP_API_KEY, KeyKind.PARTNER_API_KEY}),
    request_ref="account:CreateWebhookRequest",
    response_ref="account:Webhook",
    verify=("webhooks.list", "url"),
    source="https://docs.etelecom.vn/tich-hop-api/webhook/api-tao-webhook",
)
WEBHOOKS_DELETE: Final[Operation[account.DeleteWebhookRequest, account.WebhookList]] = Operation(
    name="webhooks.delete",
    service="Webhook",
    method="DeleteWebhook",
    effect=Effect.DELETE,
    callers=frozenset({KeyKind.SHOP_API_KEY, KeyKind.PARTNER_API_KEY}),
    request_ref="account:DeleteWebhookRequest",
    response_ref="account:WebhookList",
    source="https://docs.etelecom.vn/tich-hop-api/webhook/api-xoa-webhook",
)
WEBHOOKS_LIST: Final[Operation[EmptyRequest, account.Webhook]] = Operation(
    name="webhooks.list",
    service="Webhook",
    method="GetWebhooks",
    effect=Effect.READ,
    callers=frozenset({KeyKind.SHOP_API_KEY, KeyKind.PARTNER_API_KEY}),
    request_ref="EmptyRequest",
    response_ref="account:Webhook",
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
            PARTNER_SHOPS_CREATE,
            PARTNER_SHOPS_LIST,
            PARTNER_TENANTS_ACTIVATE,
            PARTNER_TENANTS_LIST,
            SHOP_CALL_LOGS_LIST,
            SHOP_EXTENSIONS_ASSIGN,
            SHOP_EXTENSIONS_CHANGE_HOTLINE,
            SHOP_EXTENSIONS_CREATE,
            SHOP_EXTENSIONS_GET,
            SHOP_EXTENSIONS_LIST,
            SHOP_EXTENSIONS_UNASSIGN,
            SHOP_HOTLINES_LIST,
            SHOP_SHOP,
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
            SMS_TEMPLATE,
            WEBHOOKS_CREATE,
            WEBHOOKS_DELETE,
            WEBHOOKS_LIST,
        )
    }
)
"""The rows by public name."""
