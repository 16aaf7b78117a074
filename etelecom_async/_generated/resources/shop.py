"""
Operations for the key of one shop: its own key, or the key that a partner holds for it.

Written by `python -m codegen` (sha256 b03e93ae99be); do not edit.
"""

from __future__ import annotations

from collections.abc import Coroutine, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from etelecom_async._core.calls.engine import Engine
from etelecom_async._core.operation import JsonObject
from etelecom_async._core.secret import SecretLike, to_secret
from etelecom_async._generated import models
from etelecom_async._generated import operations as ops
from etelecom_async.paging import Pager, Paging

if TYPE_CHECKING:
    from etelecom_async._generated.resources.webhooks import Webhooks
    from etelecom_async._generated.resources.zalo import Zalo
    from etelecom_async._generated.resources.zns import Zns


class ShopRoot:
    """Operations for the key of one shop: its own key, or the key that a partner holds for it."""

    __slots__ = ("_engine",)

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @property
    def call_logs(self) -> ShopCallLogs:
        """History of the shop's calls (lịch sử cuộc gọi)."""
        return ShopCallLogs(self._engine)

    @property
    def extensions(self) -> ShopExtensions:
        """Extensions (máy nhánh) of the shop's tenant."""
        return ShopExtensions(self._engine)

    @property
    def hotlines(self) -> ShopHotlines:
        """Hotlines of the shop."""
        return ShopHotlines(self._engine)

    @property
    def tenant(self) -> ShopTenant:
        """The shop's tenant (tổng đài): its own private branch exchange."""
        return ShopTenant(self._engine)

    @property
    def users(self) -> ShopUsers:
        """Users (nhân viên): the shop's employees, who answer calls."""
        return ShopUsers(self._engine)

    @property
    def webhooks(self) -> Webhooks:
        """URLs to which eTelecom sends events."""
        from etelecom_async._generated.resources.webhooks import Webhooks

        return Webhooks(self._engine)

    @property
    def zalo(self) -> Zalo:
        """Zalo official accounts of the shop, their followers and their messages."""
        from etelecom_async._generated.resources.zalo import Zalo

        return Zalo(self._engine)

    @property
    def zns(self) -> Zns:
        """ZNS: paid Zalo notifications to phone numbers, created from approved templates."""
        from etelecom_async._generated.resources.zns import Zns

        return Zns(self._engine)

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

    def current(self) -> Coroutine[Any, Any, models.CurrentShop]:
        """
        Returns the shop that a shop_key belongs to.

        In the documentation: Check shop_key.

        Returns:
            The shop that a shop_key acts for.

        Effect: READ.  Wire: Shop/CurrentShop.
        Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/partner/usage
        """
        request = ops.SHOP_CURRENT.request()
        return self._engine.call(ops.SHOP_CURRENT, request)


class ShopCallLogs:
    """History of the shop's calls (lịch sử cuộc gọi)."""

    __slots__ = ("_engine",)

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def __repr__(self) -> str:
        return "<shop.call_logs: list>"

    def list(
        self,
        *,
        call_number: str | None = None,
        call_state: models.CallState | Literal["unknown", "answered", "not_answered"] | None = None,
        date_from: datetime | None = None,
        date_to: datetime | None = None,
        department_id: str | None = None,
        direction: models.CallDirection
        | Literal["unknown", "in", "out", "ext", "ext_in", "ext_out"]
        | None = None,
        duration: models.CallDurationFilter | None = None,
        extension_ids: Sequence[str] | None = None,
        external_id: str | None = None,
        external_session_id: str | None = None,
        hotline_ids: Sequence[str] | None = None,
        user_id: str | None = None,
        limit: int | None = None,
        sort: str | None = None,
        after: str | None = None,
        before: str | None = None,
        prefetch: int = 0,
        resume: str | None = None,
    ) -> Pager[models.CallLog]:
        """
        Lists the tenant's calls, newest first, with filters.

        In the documentation: Get call history (Lấy lịch sử cuộc gọi).

        Args:
            call_number: Phone number of the call. The page does not say whether it matches caller,
                callee or both.
            call_state: State of the call. One of: `unknown`, `answered`, `not_answered`.
            date_from: Earliest time, e.g. 2021-03-10T17:07:19+07:00.
            date_to: Latest time, e.g. 2021-03-10T17:07:19+07:00.
            department_id: Not described; in the sample only.
            direction: Direction of the call. One of: `unknown`, `in`, `out`, `ext`, `ext_in`,
                `ext_out`.
            duration: Duration of the call.
            extension_ids: Extensions' ids.
            external_id: Id that the web or mobile client received when it made the call.
            external_session_id: Session id that the web or mobile client received when it made the
                call.
            hotline_ids: Ids of hotlines.
            user_id: Not described; in the sample only.
            limit: Items per page. By default 100 for call logs, and not documented for other lists.
                The maximum is not documented, so a page may have fewer items.
            sort: Order of the items. The documentation gives no value.
            after: Cursor for the items after it: the `next` of the previous page. Opaque.
            before: Cursor for the items before it. Opaque.
            prefetch: Number of pages to fetch ahead while the caller uses one; 0 for none.
            resume: Checkpoint of an earlier iteration, to continue from there.

        Returns:
            A pager: `await` returns one page, `async for` returns every `CallLog` of all pages.

        Effect: READ.  Wire: Etelecom/ListCallLogs.
        Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/vpbx/pbx-rest-apis/get-call-history
        """
        request = ops.SHOP_CALL_LOGS_LIST.request(
            filter=models.CallLogFilter(
                call_number=call_number,
                call_state=call_state,
                date_from=date_from,
                date_to=date_to,
                department_id=department_id,
                direction=direction,
                duration=duration,
                extension_ids=extension_ids,
                external_id=external_id,
                external_session_id=external_session_id,
                hotline_ids=hotline_ids,
                user_id=user_id,
            ),
            paging=Paging(limit=limit, sort=sort, after=after, before=before),
        )
        return self._engine.list(ops.SHOP_CALL_LOGS_LIST, request, prefetch=prefetch, resume=resume)


class ShopExtensions:
    """Extensions (máy nhánh) of the shop's tenant."""

    __slots__ = ("_engine",)

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def __repr__(self) -> str:
        return "<shop.extensions: assign, change_hotline, create, get, list, unassign>"

    def assign(self, *, extension_id: str, user_id: str) -> Coroutine[Any, Any, models.ExtensionChangeResult]:
        """
        Assigns an extension to an employee; the employee can make calls only after this.

        In the documentation: Assign extension to user (Gán máy nhánh cho nhân viên).

        Args:
            extension_id: Extension's id.
            user_id: Employee's id.

        Returns:
            Result of a change of an extension.

        Raises:
            NotAppliedError: The response has `updated: 0`: the change was not made.

        Effect: IDEMPOTENT.  Wire: Etelecom/AssignUserToExtension.
        Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/vpbx/pbx-rest-apis/assign-extension-to-user
        """
        request = ops.SHOP_EXTENSIONS_ASSIGN.request(extension_id=extension_id, user_id=user_id)
        return self._engine.call(ops.SHOP_EXTENSIONS_ASSIGN, request)

    def change_hotline(
        self, *, hotline_id: str, extension_id: str | None = None, user_id: str | None = None
    ) -> Coroutine[Any, Any, models.ExtensionChangeResult]:
        """
        Moves an extension to another hotline.

        In the documentation: Change hotline for extension (Thay đổi hotline cho máy nhánh).

        Args:
            hotline_id: Id of the new hotline.
            extension_id: Extension's id.
            user_id: Employee's id.

        Returns:
            Result of a change of an extension.

        Raises:
            NotAppliedError: The response has `updated: 0`: the change was not made.

        Effect: IDEMPOTENT if `extension_id` is given, else not retried.  Wire: Etelecom/UpdateHotlineForExtension.
        Source: https://docs.etelecom.vn/tich-hop-api/tong-dai/api-tong-dai/thay-doi-hotline-cho-may-nhanh
        """
        request = ops.SHOP_EXTENSIONS_CHANGE_HOTLINE.request(
            extension_id=extension_id, hotline_id=hotline_id, user_id=user_id
        )
        return self._engine.call(ops.SHOP_EXTENSIONS_CHANGE_HOTLINE, request)

    def create(
        self, *, hotline_id: str, extension_number: int, user_id: str | None = None
    ) -> Coroutine[Any, Any, models.Extension]:
        """
        Creates an extension on the tenant, on one hotline.

        It can assign the extension to an employee at once.

        In the documentation: Create extension (Tạo máy nhánh).

        Args:
            hotline_id: Hotline's id.
            extension_number: Number of the extension, e.g. 1001. The page does not give the allowed
                range.
            user_id: Id of the employee to whom the extension is assigned.

        Returns:
            An extension (máy nhánh) of a tenant.

        Raises:
            OutcomeUnknownError: No response arrived. The client does not retry, because that could
                create a duplicate. `verify()` of the error checks whether the call was executed.

        Effect: CREATE.  Wire: Etelecom/CreateExtension.
        Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/vpbx/pbx-rest-apis/create-extension
        """
        request = ops.SHOP_EXTENSIONS_CREATE.request(
            hotline_id=hotline_id, extension_number=extension_number, user_id=user_id
        )
        return self._engine.call(ops.SHOP_EXTENSIONS_CREATE, request)

    def get(
        self, *, extension_number: str, email: str | None = None, phone: str | None = None
    ) -> Coroutine[Any, Any, models.ExtensionLogin]:
        """
        Returns the SIP login data of one extension.

        In the documentation: Get extension information (Lấy thông tin máy nhánh).

        Args:
            extension_number: Number of the extension. A string here; an integer in the request of
                CreateExtension.
            email: Email.
            phone: Phone number of the extension.

        Returns:
            Login data for a softphone, not the record of the extension.

        Effect: READ.  Wire: Etelecom/GetExtensionInfo.
        Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/vpbx/pbx-rest-apis/get-extension-information
        """
        request = ops.SHOP_EXTENSIONS_GET.request(extension_number=extension_number, email=email, phone=phone)
        return self._engine.call(ops.SHOP_EXTENSIONS_GET, request)

    def list(
        self,
        *,
        limit: int | None = None,
        sort: str | None = None,
        after: str | None = None,
        before: str | None = None,
        prefetch: int = 0,
        resume: str | None = None,
    ) -> Pager[models.Extension]:
        """
        Lists the tenant's extensions.

        In the documentation: Get extension list (Lấy danh sách máy nhánh).

        Args:
            limit: Items per page. By default 100 for call logs, and not documented for other lists.
                The maximum is not documented, so a page may have fewer items.
            sort: Order of the items. The documentation gives no value.
            after: Cursor for the items after it: the `next` of the previous page. Opaque.
            before: Cursor for the items before it. Opaque.
            prefetch: Number of pages to fetch ahead while the caller uses one; 0 for none.
            resume: Checkpoint of an earlier iteration, to continue from there.

        Returns:
            A pager: `await` returns one page, `async for` returns every `Extension` of all pages.

        Effect: READ.  Wire: Etelecom/GetExtensions.
        Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/vpbx/pbx-rest-apis/get-extension-list
        """
        request = ops.SHOP_EXTENSIONS_LIST.request(
            paging=Paging(limit=limit, sort=sort, after=after, before=before)
        )
        return self._engine.list(ops.SHOP_EXTENSIONS_LIST, request, prefetch=prefetch, resume=resume)

    def unassign(
        self, *, extension_id: str | None = None, user_id: str | None = None
    ) -> Coroutine[Any, Any, models.ExtensionChangeResult]:
        """
        Unassigns an extension from its employee.

        In the documentation: Remove User Of Extension (Gỡ máy nhánh khỏi nhân viên).

        Args:
            extension_id: Extension's id. This page does not describe it.
            user_id: Employee's id. This page does not describe it.

        Returns:
            Result of a change of an extension.

        Raises:
            NotAppliedError: The response has `updated: 0`: the change was not made.

        Effect: IDEMPOTENT if `extension_id` is given, else not retried.  Wire: Etelecom/RemoveUserOfExtension.
        Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/vpbx/pbx-rest-apis/remove-user-of-extension
        """
        request = ops.SHOP_EXTENSIONS_UNASSIGN.request(extension_id=extension_id, user_id=user_id)
        return self._engine.call(ops.SHOP_EXTENSIONS_UNASSIGN, request)


class ShopHotlines:
    """Hotlines of the shop."""

    __slots__ = ("_engine",)

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def __repr__(self) -> str:
        return "<shop.hotlines: list>"

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
        By its title, lists the hotlines.

        In the documentation: Get hotline list (Lấy danh sách hotline).

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

        Warns:
            ProvisionalOperationWarning: Inferred from the names of its documented neighbours: the
                navigation lists the page, but no copy of it could be read. The name follows Get
                extension list -> GetExtensions and Get list of users -> GetAccountUsers. The items
                are assumed to be the hotlines of GetPartnerHotlineList. Request and response are
                assumed to have paging, as in every list.

        Effect: READ.  Wire: Etelecom/GetHotlines.
        Source: https://docs.etelecom.vn/tich-hop-api/tong-dai/api-tong-dai/lay-danh-sach-hotline
        """
        request = ops.SHOP_HOTLINES_LIST.request(
            paging=Paging(limit=limit, sort=sort, after=after, before=before)
        )
        return self._engine.list(ops.SHOP_HOTLINES_LIST, request, prefetch=prefetch, resume=resume)


class ShopTenant:
    """The shop's tenant (tổng đài): its own private branch exchange."""

    __slots__ = ("_engine",)

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def __repr__(self) -> str:
        return "<shop.tenant: create, driver_config, get>"

    def create(self) -> Coroutine[Any, Any, models.Tenant]:
        """
        Creates the tenant (PBX) of the shop whose key is used.

        In the documentation: Create Tenant.

        Returns:
            A tenant: one PBX (tổng đài).

        Raises:
            OutcomeUnknownError: No response arrived. The client does not retry, because that could
                create a duplicate. `verify()` of the error checks whether the call was executed.

        Effect: CREATE.  Wire: Etelecom/CreateTenant.
        Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/vpbx/pbx-rest-apis/create-tenant
        """
        request = ops.SHOP_TENANT_CREATE.request()
        return self._engine.call(ops.SHOP_TENANT_CREATE, request)

    def driver_config(self) -> Coroutine[Any, Any, JsonObject]:
        """
        By its title and Vietnamese address, returns the configuration of the PBX.

        In the documentation: Get Driver Config (Lấy cấu hình tổng đài).

        Returns:
            The JSON object, as the server sends it.

        Warns:
            ProvisionalOperationWarning: Inferred from the names of its documented neighbours: the
                navigation lists the page, but no copy of it could be read. Its place between Get
                Tenant information (GetTenant, body {}) and Get hotline list gives path, callers and
                the empty request. The response is not known.

        Effect: READ.  Wire: Etelecom/GetDriverConfig.
        Source: https://docs.etelecom.vn/tich-hop-api/tong-dai/api-tong-dai/lay-cau-hinh-tong-dai
        """
        request = ops.SHOP_TENANT_DRIVER_CONFIG.request()
        return self._engine.call(ops.SHOP_TENANT_DRIVER_CONFIG, request)

    def get(self) -> Coroutine[Any, Any, models.Tenant]:
        """
        Returns the tenant (PBX) of the shop whose key is used.

        In the documentation: Get Tenant information.

        Returns:
            A tenant: one PBX (tổng đài).

        Effect: READ.  Wire: Etelecom/GetTenant.
        Source: https://docs.etelecom.vn/tich-hop-api/tong-dai/api-tong-dai/lay-thong-tin-tong-dai
        """
        request = ops.SHOP_TENANT_GET.request()
        return self._engine.call(ops.SHOP_TENANT_GET, request)


class ShopUsers:
    """Users (nhân viên): the shop's employees, who answer calls."""

    __slots__ = ("_engine",)

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def __repr__(self) -> str:
        return "<shop.users: create, list>"

    def create(self, *, full_name: str, password: SecretLike, phone: str) -> Coroutine[Any, Any, models.User]:
        """
        Adds a new employee (a user with a login) to the shop.

        In the documentation: Create Account User (Tạo nhân viên).

        Args:
            full_name: Employee's name.
            password: Password with which the employee logs in.
            phone: Phone number.

        Returns:
            An employee with a login, as CreateAccountUser returns it.

        Raises:
            OutcomeUnknownError: No response arrived. The client does not retry, because that could
                create a duplicate. `verify()` of the error checks whether the call was executed.

        Effect: CREATE.  Wire: Shop/CreateAccountUser.
        Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/vpbx/pbx-rest-apis/create-account-user
        """
        password = to_secret(password)
        request = ops.SHOP_USERS_CREATE.request(full_name=full_name, password=password, phone=phone)
        return self._engine.call(ops.SHOP_USERS_CREATE, request)

    def list(
        self,
        *,
        extension_number: str | None = None,
        has_extension: bool | None = None,
        name: str | None = None,
        phone: str | None = None,
        user_ids: Sequence[str] | None = None,
        limit: int | None = None,
        sort: str | None = None,
        after: str | None = None,
        before: str | None = None,
        prefetch: int = 0,
        resume: str | None = None,
    ) -> Pager[models.AccountUser]:
        """
        Lists the shop's employees.

        In the documentation: Get List User (Lấy danh sách nhân viên).

        Args:
            extension_number: Number of the employee's extension.
            has_extension: True for employees with an extension, false for employees without. The
                page says only True / False.
            name: Employee's name.
            phone: Employee's phone number.
            user_ids: Employees' ids.
            limit: Items per page. By default 100 for call logs, and not documented for other lists.
                The maximum is not documented, so a page may have fewer items.
            sort: Order of the items. The documentation gives no value.
            after: Cursor for the items after it: the `next` of the previous page. Opaque.
            before: Cursor for the items before it. Opaque.
            prefetch: Number of pages to fetch ahead while the caller uses one; 0 for none.
            resume: Checkpoint of an earlier iteration, to continue from there.

        Returns:
            A pager: `await` returns one page, `async for` returns every `AccountUser` of all pages.

        Effect: READ.  Wire: Shop/GetAccountUsers.
        Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/vpbx/pbx-rest-apis/get-list-user
        """
        request = ops.SHOP_USERS_LIST.request(
            filter=models.AccountUserFilter(
                extension_number=extension_number,
                has_extension=has_extension,
                name=name,
                phone=phone,
                user_ids=user_ids,
            ),
            paging=Paging(limit=limit, sort=sort, after=after, before=before),
        )
        return self._engine.list(ops.SHOP_USERS_LIST, request, prefetch=prefetch, resume=resume)
