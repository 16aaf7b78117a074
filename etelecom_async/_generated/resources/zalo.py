"""
Zalo official accounts of the shop, their followers and their messages.

Written by `python -m codegen` (sha256 b03e93ae99be); do not edit.
"""

from __future__ import annotations

from collections.abc import Coroutine, Sequence
from datetime import datetime
from typing import Any

from etelecom_async._core.attachment import FileSource
from etelecom_async._core.calls.engine import Engine
from etelecom_async._core.secret import SecretLike, to_secret
from etelecom_async._generated import models
from etelecom_async._generated import operations as ops
from etelecom_async.paging import Pager, Paging


class Zalo:
    """Zalo official accounts of the shop, their followers and their messages."""

    __slots__ = ("_engine",)

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def __repr__(self) -> str:
        return "<shop.zalo: accounts, consents, files, followers, messages>"

    @property
    def accounts(self) -> ZaloAccounts:
        """Official accounts (OA): the shop's business pages on Zalo."""
        return ZaloAccounts(self._engine)

    @property
    def consents(self) -> ZaloConsents:
        """Consents (cấp quyền gọi): a customer's permission to be called over Zalo."""
        return ZaloConsents(self._engine)

    @property
    def files(self) -> ZaloFiles:
        """Files that a message can contain."""
        return ZaloFiles(self._engine)

    @property
    def followers(self) -> ZaloFollowers:
        """Followers: Zalo users who have been in contact with an official account."""
        return ZaloFollowers(self._engine)

    @property
    def messages(self) -> ZaloMessages:
        """Messages of an official account to its followers."""
        return ZaloMessages(self._engine)


class ZaloAccounts:
    """Official accounts (OA): the shop's business pages on Zalo."""

    __slots__ = ("_engine",)

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def __repr__(self) -> str:
        return "<shop.zalo.accounts: authorize, connect, get, list, refresh_token, update>"

    def authorize(
        self, *, app_id: str, app_secret: SecretLike, redirect_uri: str
    ) -> Coroutine[Any, Any, models.AuthorizationLink]:
        """
        Creates the link on which an OA's administrator allows a Zalo app to act for the OA.

        In the documentation: Create OA authorization link (Tạo liên kết uỷ quyền OA).

        Args:
            app_id: Zalo app's id.
            app_secret: Secret of the Zalo app.
            redirect_uri: URL set as Official Account Callback Url of the app on developers.zalo.me.

        Returns:
            The link on which an official account's administrator agrees.

        Effect: IDEMPOTENT.  Wire: Zalo/AuthorizeOA.
        Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/create-oa-authorization-link
        """
        app_secret = to_secret(app_secret)
        request = ops.SHOP_ZALO_ACCOUNTS_AUTHORIZE.request(
            app_id=app_id, app_secret=app_secret, redirect_uri=redirect_uri
        )
        return self._engine.call(ops.SHOP_ZALO_ACCOUNTS_AUTHORIZE, request)

    def connect(
        self, *, code: SecretLike, oa_id: str, state: int | None = None
    ) -> Coroutine[Any, Any, models.OfficialAccount]:
        """
        Connects an OA to eTelecom with the values that Zalo added to the redirect address.

        In the documentation: Connect OA (Kết nối OA).

        Args:
            code: Code from the query of the redirect address. It is a secret for one use.
            oa_id: Account's id on Zalo.
            state: State from the query of the redirect address; a JSON number.

        Returns:
            A Zalo official account that is connected to eTelecom.

        Raises:
            OutcomeUnknownError: No response arrived. The client does not retry, because that could
                create a duplicate. `verify()` of the error checks whether the call was executed.

        Effect: CREATE.  Wire: Zalo/ConnectOA.
        Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/connect-oa
        """
        code = to_secret(code)
        request = ops.SHOP_ZALO_ACCOUNTS_CONNECT.request(code=code, oa_id=oa_id, state=state)
        return self._engine.call(ops.SHOP_ZALO_ACCOUNTS_CONNECT, request)

    def get(self, *, oa_id: str) -> Coroutine[Any, Any, models.OfficialAccount]:
        """
        Returns one OA with its sending quality, its ZNS quota and its quota of after-sales ZNS (tag 3).

        In the documentation: Get OA information (Lấy thông tin OA).

        Args:
            oa_id: Account's id.

        Returns:
            A Zalo official account that is connected to eTelecom.

        Effect: READ.  Wire: Zalo/GetShopOA.
        Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/get-oa-information
        """
        request = ops.SHOP_ZALO_ACCOUNTS_GET.request(oa_id=oa_id)
        return self._engine.call(ops.SHOP_ZALO_ACCOUNTS_GET, request)

    def list(
        self,
        *,
        app_id: str | None = None,
        date_from: datetime | None = None,
        date_to: datetime | None = None,
        name: str | None = None,
        oa_id: str | None = None,
        limit: int | None = None,
        sort: str | None = None,
        after: str | None = None,
        before: str | None = None,
        prefetch: int = 0,
        resume: str | None = None,
    ) -> Pager[models.OfficialAccount]:
        """
        Lists the OAs that are connected to eTelecom.

        In the documentation: Get OA list (Lấy danh sách OA).

        Args:
            app_id: Zalo app's id.
            date_from: Earliest time. The page does not say which date it uses.
            date_to: Latest time. The page does not say which date it uses.
            name: Account's name.
            oa_id: Account's id.
            limit: Items per page. By default 100 for call logs, and not documented for other lists.
                The maximum is not documented, so a page may have fewer items.
            sort: Order of the items. The documentation gives no value.
            after: Cursor for the items after it: the `next` of the previous page. Opaque.
            before: Cursor for the items before it. Opaque.
            prefetch: Number of pages to fetch ahead while the caller uses one; 0 for none.
            resume: Checkpoint of an earlier iteration, to continue from there.

        Returns:
            A pager: `await` returns one page, `async for` returns every `OfficialAccount` of all
            pages.

        Effect: READ.  Wire: Zalo/ListOA.
        Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/get-oa-list
        """
        request = ops.SHOP_ZALO_ACCOUNTS_LIST.request(
            filter=models.OfficialAccountFilter(
                app_id=app_id, date_from=date_from, date_to=date_to, name=name, oa_id=oa_id
            ),
            paging=Paging(limit=limit, sort=sort, after=after, before=before),
        )
        return self._engine.list(ops.SHOP_ZALO_ACCOUNTS_LIST, request, prefetch=prefetch, resume=resume)

    def refresh_token(self, *, oa_id: str) -> Coroutine[Any, Any, models.AuthorizationLink]:
        """
        Returns a new authorization link for an OA whose authorization has expired.

        In the documentation: Get refresh token (Lấy refresh token).

        Args:
            oa_id: Account's id.

        Returns:
            The link on which an official account's administrator agrees.

        Effect: IDEMPOTENT.  Wire: Zalo/RefreshToken.
        Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/get-refresh-token
        """
        request = ops.SHOP_ZALO_ACCOUNTS_REFRESH_TOKEN.request(oa_id=oa_id)
        return self._engine.call(ops.SHOP_ZALO_ACCOUNTS_REFRESH_TOKEN, request)

    def update(self, *, oa_id: str, webhook_url: str) -> Coroutine[Any, Any, models.OfficialAccount]:
        """
        Sets the address that receives the events of one OA.

        In the documentation: Update Webhook for OA (Cập nhật webhook cho OA).

        Args:
            oa_id: Account's id.
            webhook_url: URL to receive the account's events; an empty text removes it.

        Returns:
            A Zalo official account that is connected to eTelecom.

        Effect: IDEMPOTENT.  Wire: Zalo/UpdateShopOA.
        Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/update-webhook-for-oa
        """
        request = ops.SHOP_ZALO_ACCOUNTS_UPDATE.request(oa_id=oa_id, webhook_url=webhook_url)
        return self._engine.call(ops.SHOP_ZALO_ACCOUNTS_UPDATE, request)


class ZaloConsents:
    """Consents (cấp quyền gọi): a customer's permission to be called over Zalo."""

    __slots__ = ("_engine",)

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def __repr__(self) -> str:
        return "<shop.zalo.consents: check, list, request>"

    def check(self, *, oa_id: str, phone: str) -> Coroutine[Any, Any, models.ConsentCheck]:
        """
        Says whether a phone's owner has given the OA permission to call, and until when.

        In the documentation: Check if the customer has granted calling permission.

        Args:
            oa_id: Official account's id.
            phone: Recipient's phone number.

        Returns:
            Permission of an official account to call.

        Effect: READ.  Wire: Zalo/CheckConsent.
        Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/check-if-the-customer-has-granted-calling-permission
        """
        request = ops.SHOP_ZALO_CONSENTS_CHECK.request(oa_id=oa_id, phone=phone)
        return self._engine.call(ops.SHOP_ZALO_CONSENTS_CHECK, request)

    def list(
        self,
        *,
        oa_id: str | None = None,
        phone: str | None = None,
        call_type: models.CallType | str | None = None,
        reason_code: models.ConsentReason | str | None = None,
        status: models.ConsentStatus | str | None = None,
        reply_status: models.ConsentReplyStatus | str | None = None,
        is_charged: bool | None = None,
        user_id: str | None = None,
        date_from: datetime | None = None,
        date_to: datetime | None = None,
        limit: int | None = None,
        sort: str | None = None,
        after: str | None = None,
        before: str | None = None,
        prefetch: int = 0,
        resume: str | None = None,
    ) -> Pager[models.Consent]:
        """
        Lists the sent requests for calling permission, with filters.

        In the documentation: Get list of requests for calling permission.

        Args:
            oa_id: Official account's id.
            phone: Recipient's phone number.
            call_type: Kind of call. Known values: `unknown`, `audio`, `video`, `audio_and_video`.
            reason_code: Reason. Known values: `unknown`, `product_service_consulting`,
                `order_appointment_confirmation`, `delivery_notification`, `flight_announcement`,
                `update_order`.
            status: Outcome of sending. Known values: `Z`, `P`, `N`.
            reply_status: The user's answer. Known values: `Z`, `S`, `NS`, `P`, `N`.
            is_charged: True if it was charged.
            user_id: Sender's user id on eTelecom. In the JSON, not in the table.
            date_from: Earliest time. The page does not say which date it uses.
            date_to: Latest time. The page does not say which date it uses.
            limit: Items per page. By default 100 for call logs, and not documented for other lists.
                The maximum is not documented, so a page may have fewer items.
            sort: Order of the items. The documentation gives no value.
            after: Cursor for the items after it: the `next` of the previous page. Opaque.
            before: Cursor for the items before it. Opaque.
            prefetch: Number of pages to fetch ahead while the caller uses one; 0 for none.
            resume: Checkpoint of an earlier iteration, to continue from there.

        Returns:
            A pager: `await` returns one page, `async for` returns every `Consent` of all pages.

        Effect: READ.  Wire: Zalo/ListRequestConsent.
        Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/get-list-of-requests-for-calling-permission
        """
        request = ops.SHOP_ZALO_CONSENTS_LIST.request(
            filter=models.ConsentFilter(
                oa_id=oa_id,
                phone=phone,
                call_type=call_type,
                reason_code=reason_code,
                status=status,
                reply_status=reply_status,
                is_charged=is_charged,
                user_id=user_id,
                date_from=date_from,
                date_to=date_to,
            ),
            paging=Paging(limit=limit, sort=sort, after=after, before=before),
        )
        return self._engine.list(ops.SHOP_ZALO_CONSENTS_LIST, request, prefetch=prefetch, resume=resume)

    def request(
        self,
        *,
        oa_id: str,
        phone: str,
        call_type: models.CallType | str,
        reason_code: models.ConsentReason | str,
    ) -> Coroutine[Any, Any, models.Consent]:
        """
        Asks a Zalo user, by phone number, to let the OA call them.

        Returns the record of the request.

        In the documentation: Send request for calling permission.

        Args:
            oa_id: Official account's id.
            phone: Recipient's phone number.
            call_type: Kind of call to ask for. Known values: `unknown`, `audio`, `video`,
                `audio_and_video`.
            reason_code: Reason shown to the user. Known values: `unknown`,
                `product_service_consulting`, `order_appointment_confirmation`,
                `delivery_notification`, `flight_announcement`, `update_order`.

        Returns:
            A request for permission to call.

        Raises:
            OutcomeUnknownError: No response arrived. The client does not retry, because that could
                cost money or reach a person twice. `verify()` of the error checks whether the call
                was executed.
            DeliveryError: The response has an `error_code` other than 0: the request was rejected.

        Effect: SEND.  Wire: Zalo/RequestConsent.
        Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/send-request-for-calling-permission
        """
        request = ops.SHOP_ZALO_CONSENTS_REQUEST.request(
            oa_id=oa_id, phone=phone, call_type=call_type, reason_code=reason_code
        )
        return self._engine.call(ops.SHOP_ZALO_CONSENTS_REQUEST, request)


class ZaloFiles:
    """Files that a message can contain."""

    __slots__ = ("_engine",)

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def __repr__(self) -> str:
        return "<shop.zalo.files: upload>"

    def upload(
        self, *, type: models.UploadType | str, oa_id: str, file: FileSource
    ) -> Coroutine[Any, Any, models.UploadedFile]:
        """
        Uploads a file and returns the token that messages refer to.

        In the documentation: Upload file (Upload file).

        Args:
            type: Kind of data. Known values: `image`.
            oa_id: Id of the official account for which to upload the file.
            file: The file.

        Returns:
            A file that was uploaded.

        Raises:
            OutcomeUnknownError: No response arrived. The client does not retry, because that could
                create a duplicate.

        Effect: CREATE.  Wire: OA/UploadFile.
        Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/upload-file
        """
        request = ops.SHOP_ZALO_FILES_UPLOAD.request(type=type, oa_id=oa_id, file=file)
        return self._engine.call(ops.SHOP_ZALO_FILES_UPLOAD, request)


class ZaloFollowers:
    """Followers: Zalo users who have been in contact with an official account."""

    __slots__ = ("_engine",)

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def __repr__(self) -> str:
        return "<shop.zalo.followers: list>"

    def list(
        self,
        *,
        assigned_user_id: str | None = None,
        date_from: datetime | None = None,
        date_to: datetime | None = None,
        gender: models.Gender | str | None = None,
        has_conversation: bool | None = None,
        name: str | None = None,
        oa_id: str | None = None,
        phone: str | None = None,
        state: models.FollowState | str | None = None,
        tags: Sequence[str] | None = None,
        zl_user_id: str | None = None,
        zl_user_ids: Sequence[str] | None = None,
        limit: int | None = None,
        sort: str | None = None,
        after: str | None = None,
        before: str | None = None,
        prefetch: int = 0,
        resume: str | None = None,
    ) -> Pager[models.Follower]:
        """
        Lists the Zalo users who have been in contact with the OA.

        In the documentation: Get list of users (Lấy danh sách người dùng).

        Args:
            assigned_user_id: Id of the employee to whom the user is assigned.
            date_from: Earliest time.
            date_to: Latest time.
            gender: User's gender. Known values: `unknown`, `male`, `female`, `other`.
            has_conversation: True if there is a conversation with the user.
            name: User's name on Zalo.
            oa_id: Official account's id.
            phone: Phone number.
            state: Says whether the user follows the account. Known values: `follow`, `unfollow`.
            tags: Names of tags.
            zl_user_id: User's id on Zalo.
            zl_user_ids: Users' ids on Zalo. In the samples only.
            limit: Items per page. By default 100 for call logs, and not documented for other lists.
                The maximum is not documented, so a page may have fewer items.
            sort: Order of the items. The documentation gives no value.
            after: Cursor for the items after it: the `next` of the previous page. Opaque.
            before: Cursor for the items before it. Opaque.
            prefetch: Number of pages to fetch ahead while the caller uses one; 0 for none.
            resume: Checkpoint of an earlier iteration, to continue from there.

        Returns:
            A pager: `await` returns one page, `async for` returns every `Follower` of all pages.

        Effect: READ.  Wire: Zalo/ListFollowers.
        Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/get-list-of-users
        """
        request = ops.SHOP_ZALO_FOLLOWERS_LIST.request(
            filter=models.FollowerFilter(
                assigned_user_id=assigned_user_id,
                date_from=date_from,
                date_to=date_to,
                gender=gender,
                has_conversation=has_conversation,
                name=name,
                oa_id=oa_id,
                phone=phone,
                state=state,
                tags=tags,
                zl_user_id=zl_user_id,
                zl_user_ids=zl_user_ids,
            ),
            paging=Paging(limit=limit, sort=sort, after=after, before=before),
        )
        return self._engine.list(ops.SHOP_ZALO_FOLLOWERS_LIST, request, prefetch=prefetch, resume=resume)


class ZaloMessages:
    """Messages of an official account to its followers."""

    __slots__ = ("_engine",)

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def __repr__(self) -> str:
        return "<shop.zalo.messages: request_user_info, send_file, send_image, send_sticker, send_text, send_transaction>"

    def request_user_info(
        self,
        *,
        oa_id: str,
        zl_user_id: str,
        image_url: str | None = None,
        title: str | None = None,
        subtitle: str | None = None,
    ) -> Coroutine[Any, Any, models.RequestUserInfoResult]:
        """
        Sends a Zalo user the form that asks for permission to share name, phone and address with the OA.

        In the documentation: Send Consulting message according to user information request form
        (Gửi tin tư vấn theo mẫu yêu cầu thông tin người dùng).

        Args:
            oa_id: Id of the official account that sends the form.
            zl_user_id: User's id on Zalo.
            image_url: Picture of the form.
            title: Title of the form. At most 100 characters.
            subtitle: Text below the title. At most 500 characters.

        Returns:
            Result of sending the form.

        Raises:
            OutcomeUnknownError: No response arrived. The client does not retry, because that could
                cost money or reach a person twice.

        Effect: SEND.  Wire: Zalo/RequestUserInfo.
        Source: https://docs.etelecom.vn/tich-hop-api/zalo-cloud/zalo-cloud-api/gui-tin-tu-van-theo-mau-yeu-cau-thong-tin-nguoi-dung
        """
        request = ops.SHOP_ZALO_MESSAGES_REQUEST_USER_INFO.request(
            oa_id=oa_id, zl_user_id=zl_user_id, image_url=image_url, title=title, subtitle=subtitle
        )
        return self._engine.call(ops.SHOP_ZALO_MESSAGES_REQUEST_USER_INFO, request)

    def send_file(
        self, *, message: models.FileMessage, oa_id: str, recipient: models.Recipient
    ) -> Coroutine[Any, Any, models.ZaloMessage]:
        """
        Sends an uploaded file as a consulting message from an OA to a Zalo user.

        In the documentation: Send message Consulting attached file (Gửi tin tư vấn dạng file).

        Args:
            message: The file.
            oa_id: Id of the official account that sends.
            recipient: The receiver.

        Returns:
            A message between an official account and a Zalo user.

        Raises:
            OutcomeUnknownError: No response arrived. The client does not retry, because that could
                cost money or reach a person twice.

        Effect: SEND.  Wire: Zalo/OASendFile.
        Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/send-message-consulting-attached-file
        """
        request = ops.SHOP_ZALO_MESSAGES_SEND_FILE.request(message=message, oa_id=oa_id, recipient=recipient)
        return self._engine.call(ops.SHOP_ZALO_MESSAGES_SEND_FILE, request)

    def send_image(
        self, *, message: models.ImageMessage, oa_id: str, recipient: models.Recipient
    ) -> Coroutine[Any, Any, models.ZaloMessage]:
        """
        Sends a picture as a consulting message from an OA to a Zalo user.

        In the documentation: Send message Consulting with attached photo (Gửi tin tư vấn dạng hình
        ảnh).

        Args:
            message: The picture.
            oa_id: Id of the official account that sends.
            recipient: The receiver.

        Returns:
            A message between an official account and a Zalo user.

        Raises:
            OutcomeUnknownError: No response arrived. The client does not retry, because that could
                cost money or reach a person twice.

        Effect: SEND.  Wire: Zalo/OASendImage.
        Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/send-message-consulting-with-attached-photo
        """
        request = ops.SHOP_ZALO_MESSAGES_SEND_IMAGE.request(message=message, oa_id=oa_id, recipient=recipient)
        return self._engine.call(ops.SHOP_ZALO_MESSAGES_SEND_IMAGE, request)

    def send_sticker(
        self, *, message: models.StickerMessage, oa_id: str, recipient: models.Recipient
    ) -> Coroutine[Any, Any, models.ZaloMessage]:
        """
        Sends a sticker as a consulting message from an OA to a Zalo user.

        In the documentation: Send advice message with sticker (Gửi tin tư vấn dạng sticker).

        Args:
            message: The sticker. Inferred, not documented.
            oa_id: Id of the official account that sends. Inferred, not documented.
            recipient: The receiver. Inferred, not documented.

        Returns:
            A message between an official account and a Zalo user.

        Raises:
            OutcomeUnknownError: No response arrived. The client does not retry, because that could
                cost money or reach a person twice.

        Effect: SEND.  Wire: Zalo/OASendSticker.
        Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/send-advice-message-with-sticker
        """
        request = ops.SHOP_ZALO_MESSAGES_SEND_STICKER.request(
            message=message, oa_id=oa_id, recipient=recipient
        )
        return self._engine.call(ops.SHOP_ZALO_MESSAGES_SEND_STICKER, request)

    def send_text(
        self, *, message: models.TextMessage, oa_id: str, recipient: models.Recipient
    ) -> Coroutine[Any, Any, models.ZaloMessage]:
        """
        Sends a consulting message of plain text from an OA to a Zalo user.

        In the documentation: Send Text Consulting (Gửi tin tư vấn dạng văn bản).

        Args:
            message: The text. Inferred, not documented.
            oa_id: Id of the official account that sends.
            recipient: The receiver. Inferred, not documented.

        Returns:
            A message between an official account and a Zalo user.

        Raises:
            OutcomeUnknownError: No response arrived. The client does not retry, because that could
                cost money or reach a person twice.

        Effect: SEND.  Wire: Zalo/OASendText.
        Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/send-text-consulting
        """
        request = ops.SHOP_ZALO_MESSAGES_SEND_TEXT.request(message=message, oa_id=oa_id, recipient=recipient)
        return self._engine.call(ops.SHOP_ZALO_MESSAGES_SEND_TEXT, request)

    def send_transaction(
        self,
        *,
        oa_id: str,
        recipient: models.Recipient,
        message: models.TransactionMessage,
        language: models.TransactionLanguage | str | None = None,
        template_type: models.TransactionTemplateType | str | None = None,
    ) -> Coroutine[Any, Any, models.TransactionReceipt]:
        """
        Sends a transaction message to a Zalo user.

        The message consists of banner, header, text, table and buttons.

        In the documentation: Send transaction message (Gửi tin giao dịch).

        Args:
            oa_id: Id of the official account that sends.
            recipient: The receiver: a Zalo user's id, not a phone number.
            message: The content.
            language: Language of the message. Known values: `unknown`, `VI`, `EN`.
            template_type: Kind of transaction message. Known values: `unknown`,
                `transaction_billing`, `transaction_order`, `transaction_reward`,
                `transaction_contract`, `transaction_booking`, `transaction_membership`,
                `transaction_event`, `transaction_transaction`, `transaction_account`,
                `transaction_internal`, `transaction_partnership`, `transaction_education`,
                `transaction_rating`.

        Returns:
            A transaction message that was sent.

        Raises:
            OutcomeUnknownError: No response arrived. The client does not retry, because that could
                cost money or reach a person twice.

        Effect: SEND.  Wire: Zalo/SendZNSTxn.
        Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/send-transaction-message
        """
        request = ops.SHOP_ZALO_MESSAGES_SEND_TRANSACTION.request(
            language=language, oa_id=oa_id, template_type=template_type, recipient=recipient, message=message
        )
        return self._engine.call(ops.SHOP_ZALO_MESSAGES_SEND_TRANSACTION, request)
