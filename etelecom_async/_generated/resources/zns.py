"""
ZNS: paid Zalo notifications to phone numbers, created from approved templates.

Written by `python -m codegen` (sha256 b03e93ae99be); do not edit.
"""

from __future__ import annotations

from collections.abc import Coroutine, Mapping
from datetime import datetime
from typing import Any

from etelecom_async._core.calls.engine import Engine
from etelecom_async._generated import models
from etelecom_async._generated import operations as ops
from etelecom_async.paging import Pager, Paging


class Zns:
    """ZNS: paid Zalo notifications to phone numbers, created from approved templates."""

    __slots__ = ("_engine",)

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def __repr__(self) -> str:
        return "<shop.zns: journeys, messages, templates>"

    @property
    def journeys(self) -> ZnsJourneys:
        """Journeys: a prepaid right to send ZNS to one phone number for some days."""
        return ZnsJourneys(self._engine)

    @property
    def messages(self) -> ZnsMessages:
        """ZNS messages: sending, and delivery status."""
        return ZnsMessages(self._engine)

    @property
    def templates(self) -> ZnsTemplates:
        """ZNS templates of an official account."""
        return ZnsTemplates(self._engine)


class ZnsJourneys:
    """Journeys: a prepaid right to send ZNS to one phone number for some days."""

    __slots__ = ("_engine",)

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def __repr__(self) -> str:
        return "<shop.zns.journeys: create, get, list>"

    def create(
        self, *, oa_id: str, phone: str, token_type: models.JourneyTokenType | str | None = None
    ) -> Coroutine[Any, Any, models.Journey]:
        """
        Creates a journey token for one recipient, to send a chain of ZNS under one fee.

        In the documentation: Journey Token Creation.

        Args:
            oa_id: Official account's id.
            phone: Recipient's phone number; it must belong to a Zalo account.
            token_type: Kind of journey; token_logistics_7 by default. Known values: `unknown`,
                `token_logistics_7`, `token_logistics_30`, `token_coach_bus_7`,
                `token_coach_bus_30`.

        Returns:
            A journey token: permission to send one recipient a chain of ZNS under one fee.

        Raises:
            OutcomeUnknownError: No response arrived. The client does not retry, because that could
                cost money or reach a person twice. `verify()` of the error checks whether the call
                was executed.
            DeliveryError: The response has an `error_code` other than 0: the request was rejected.

        Effect: SEND.  Wire: Zalo/CreateJourney.
        Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/journey-token-creation
        """
        request = ops.SHOP_ZNS_JOURNEYS_CREATE.request(oa_id=oa_id, phone=phone, token_type=token_type)
        return self._engine.call(ops.SHOP_ZNS_JOURNEYS_CREATE, request)

    def get(self, *, journey_id: str, oa_id: str | None = None) -> Coroutine[Any, Any, models.Journey]:
        """
        Returns one journey token.

        In the documentation: Get Journey Token Details.

        Args:
            journey_id: Journey's id.
            oa_id: Official account. In table and schema, not in the page's curl sample.

        Returns:
            A journey token: permission to send one recipient a chain of ZNS under one fee.

        Effect: READ.  Wire: Zalo/GetJourney.
        Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/get-journey-token-details
        """
        request = ops.SHOP_ZNS_JOURNEYS_GET.request(oa_id=oa_id, journey_id=journey_id)
        return self._engine.call(ops.SHOP_ZNS_JOURNEYS_GET, request)

    def list(
        self,
        *,
        oa_id: str | None = None,
        journey_id: str | None = None,
        phone: str | None = None,
        is_charged: bool | None = None,
        status: models.JourneyStatus | str | None = None,
        date_from: datetime | None = None,
        date_to: datetime | None = None,
        limit: int | None = None,
        sort: str | None = None,
        after: str | None = None,
        before: str | None = None,
        prefetch: int = 0,
        resume: str | None = None,
    ) -> Pager[models.Journey]:
        """
        Lists journey tokens, with filters.

        In the documentation: Get Journey Token List.

        Args:
            oa_id: Official account's id.
            journey_id: Journey's id.
            phone: Recipient's phone number.
            is_charged: True if it was charged.
            status: State of the journey. Known values: `Z`, `P`, `N`.
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
            A pager: `await` returns one page, `async for` returns every `Journey` of all pages.

        Effect: READ.  Wire: Zalo/ListJourneys.
        Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/get-journey-token-list
        """
        request = ops.SHOP_ZNS_JOURNEYS_LIST.request(
            filter=models.JourneyFilter(
                oa_id=oa_id,
                journey_id=journey_id,
                phone=phone,
                is_charged=is_charged,
                status=status,
                date_from=date_from,
                date_to=date_to,
            ),
            paging=Paging(limit=limit, sort=sort, after=after, before=before),
        )
        return self._engine.list(ops.SHOP_ZNS_JOURNEYS_LIST, request, prefetch=prefetch, resume=resume)


class ZnsMessages:
    """ZNS messages: sending, and delivery status."""

    __slots__ = ("_engine",)

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def __repr__(self) -> str:
        return "<shop.zns.messages: get, list, send, send_journey>"

    def get(self, *, oa_id: str, msg_id: str) -> Coroutine[Any, Any, models.ZNSMessage]:
        """
        Returns one ZNS message, by Zalo's message id.

        In the documentation: Get message details.

        Args:
            oa_id: Official account's id.
            msg_id: Zalo's id of the message, not eTelecom's id.

        Returns:
            A ZNS message.

        Effect: READ.  Wire: Zalo/GetMessage.
        Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/get-message-details
        """
        request = ops.SHOP_ZNS_MESSAGES_GET.request(oa_id=oa_id, msg_id=msg_id)
        return self._engine.call(ops.SHOP_ZNS_MESSAGES_GET, request)

    def list(
        self,
        *,
        oa_id: str | None = None,
        campaign_id: str | None = None,
        template_id: int | None = None,
        journey_id: str | None = None,
        msg_id: str | None = None,
        msg_type: models.ZNSMessageType | str | None = None,
        tracking_id: str | None = None,
        phone: str | None = None,
        status: models.ZNSMessageStatus | str | None = None,
        delivery_status: models.DeliveryStatus | str | None = None,
        is_charged: bool | None = None,
        is_development: bool | None = None,
        user_id: str | None = None,
        time_type: models.MessageTimeType | str | None = None,
        date_from: datetime | None = None,
        date_to: datetime | None = None,
        limit: int | None = None,
        sort: str | None = None,
        after: str | None = None,
        before: str | None = None,
        prefetch: int = 0,
        resume: str | None = None,
    ) -> Pager[models.ZNSMessage]:
        """
        Lists the sent ZNS messages, with filters.

        In the documentation: Get message list.

        Args:
            oa_id: Official account's id.
            campaign_id: Campaign's id.
            template_id: Zalo's id of the template.
            journey_id: Journey's id.
            msg_id: Zalo's id of the message.
            msg_type: Kind of message; the name of the message's own field is type. Known values:
                `unknown`, `template`, `journey`, `uid`.
            tracking_id: Caller's own id.
            phone: Recipient's phone number.
            status: State of the message. Known values: `Z`, `P`, `N`.
            delivery_status: Delivery status of the message. Known values: `unknown`, `received`,
                `seen`.
            is_charged: True if it was charged.
            is_development: True if it was sent in development (test) mode.
            user_id: Sender's user id on eTelecom. In the JSON, not in the table.
            time_type: Time that date_from and date_to refer to; by default updated_time, so the
                last change, not the sending. Known values: `unknown`, `request_time`,
                `updated_time`, `submit_time`.
            date_from: Earliest time; time_type says which time.
            date_to: Latest time; time_type says which time.
            limit: Items per page. By default 100 for call logs, and not documented for other lists.
                The maximum is not documented, so a page may have fewer items.
            sort: Order of the items. The documentation gives no value.
            after: Cursor for the items after it: the `next` of the previous page. Opaque.
            before: Cursor for the items before it. Opaque.
            prefetch: Number of pages to fetch ahead while the caller uses one; 0 for none.
            resume: Checkpoint of an earlier iteration, to continue from there.

        Returns:
            A pager: `await` returns one page, `async for` returns every `ZNSMessage` of all pages.

        Effect: READ.  Wire: Zalo/ListMessages.
        Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/get-message-list
        """
        request = ops.SHOP_ZNS_MESSAGES_LIST.request(
            filter=models.ZNSMessageFilter(
                oa_id=oa_id,
                campaign_id=campaign_id,
                template_id=template_id,
                journey_id=journey_id,
                msg_id=msg_id,
                msg_type=msg_type,
                tracking_id=tracking_id,
                phone=phone,
                status=status,
                delivery_status=delivery_status,
                is_charged=is_charged,
                is_development=is_development,
                user_id=user_id,
                time_type=time_type,
                date_from=date_from,
                date_to=date_to,
            ),
            paging=Paging(limit=limit, sort=sort, after=after, before=before),
        )
        return self._engine.list(ops.SHOP_ZNS_MESSAGES_LIST, request, prefetch=prefetch, resume=resume)

    def send(
        self,
        *,
        oa_id: str,
        phone: str,
        template_data: Mapping[str, str],
        template_id: int | None = None,
        tracking_id: str | None = None,
        mode: models.SendMode | str | None = None,
        sending_mode: models.SendingMode | str | None = None,
        template: models.ZNSTemplate | None = None,
    ) -> Coroutine[Any, Any, models.ZNSMessage]:
        """
        Sends one template notification (ZNS) to a phone number.

        In the documentation: Send ZNS.

        Args:
            oa_id: Official account's id.
            phone: Recipient's phone number.
            template_data: Values of the template's variables; the keys depend on the template (see
                template_params).
            template_id: Zalo's id of the template.
            tracking_id: Caller's own id, to match records without eTelecom's id. No page describes
                its length and uniqueness, so it is not an idempotency key. By default, the client
                generates it.
            mode: Real send or test; a real send by default. Known values: `unknown`, `development`.
            sending_mode: Mode of sending. Known values: `unknown`, `default`, `tag3`.
            template: The template itself: its id becomes template_id, and the client checks
                template_data against it before sending. The template itself is not sent.

        Returns:
            A ZNS message.

        Raises:
            OutcomeUnknownError: No response arrived. The client does not retry, because that could
                cost money or reach a person twice. `verify()` of the error checks whether the call
                was executed.
            DeliveryError: The response has an `error_code` other than 0: the request was rejected.

        Effect: SEND.  Wire: Zalo/SendZNS.
        Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/send-zns
        """
        request = ops.SHOP_ZNS_MESSAGES_SEND.request(
            oa_id=oa_id,
            phone=phone,
            template_id=template_id,
            template_data=template_data,
            tracking_id=tracking_id,
            mode=mode,
            sending_mode=sending_mode,
            template=template,
        )
        return self._engine.call(ops.SHOP_ZNS_MESSAGES_SEND, request)

    def send_journey(
        self,
        *,
        oa_id: str,
        journey_id: str,
        phone: str,
        template_data: Mapping[str, str],
        template_id: int | None = None,
        tracking_id: str | None = None,
        template: models.ZNSTemplate | None = None,
    ) -> Coroutine[Any, Any, models.ZNSMessage]:
        """
        Sends one ZNS under a journey made with CreateJourney.

        In the documentation: Send ZNS with Journey Token.

        Args:
            oa_id: Official account's id.
            journey_id: Journey's id; the request never contains the token itself.
            phone: Recipient's phone number.
            template_data: Values of the template's variables.
            template_id: Zalo's id of the template.
            tracking_id: Caller's own id. By default, the client generates it.
            template: The template itself: its id becomes template_id, and the client checks
                template_data against it before sending. The template itself is not sent.

        Returns:
            A ZNS message.

        Raises:
            OutcomeUnknownError: No response arrived. The client does not retry, because that could
                cost money or reach a person twice. `verify()` of the error checks whether the call
                was executed.
            DeliveryError: The response has an `error_code` other than 0: the request was rejected.

        Effect: SEND.  Wire: Zalo/SendZNSJourney.
        Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/send-zns-with-journey-token
        """
        request = ops.SHOP_ZNS_MESSAGES_SEND_JOURNEY.request(
            oa_id=oa_id,
            journey_id=journey_id,
            phone=phone,
            template_id=template_id,
            template_data=template_data,
            tracking_id=tracking_id,
            template=template,
        )
        return self._engine.call(ops.SHOP_ZNS_MESSAGES_SEND_JOURNEY, request)


class ZnsTemplates:
    """ZNS templates of an official account."""

    __slots__ = ("_engine",)

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def __repr__(self) -> str:
        return "<shop.zns.templates: create, get, list>"

    def create(
        self, *, oa_id: str, template_id: int, type: models.TemplateType | str | None = None
    ) -> Coroutine[Any, Any, models.ZNSTemplate]:
        """
        Adds a ZNS template that already exists at Zalo to eTelecom, by its id.

        It does not write a new template.

        In the documentation: Create a news template (ZNS template).

        Args:
            oa_id: Official account's id.
            template_id: Zalo's id of the template.
            type: Kind of template. Known values: `unknown`, `text`, `otp`, `table`, `rating`,
                `custom`, `payment`, `voucher`.

        Returns:
            A ZNS template.

        Raises:
            OutcomeUnknownError: No response arrived. The client does not retry, because that could
                create a duplicate. `verify()` of the error checks whether the call was executed.

        Effect: CREATE.  Wire: Zalo/CreateTemplate.
        Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/create-a-news-template
        """
        request = ops.SHOP_ZNS_TEMPLATES_CREATE.request(oa_id=oa_id, template_id=template_id, type=type)
        return self._engine.call(ops.SHOP_ZNS_TEMPLATES_CREATE, request)

    def get(self, *, oa_id: str, template_id: int) -> Coroutine[Any, Any, models.ZNSTemplate]:
        """
        Returns one template of an OA.

        In the documentation: Get sample details (template details).

        Args:
            oa_id: Official account's id.
            template_id: Zalo's id of the template.

        Returns:
            A ZNS template.

        Effect: READ.  Wire: Zalo/GetTemplate.
        Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/get-sample-details
        """
        request = ops.SHOP_ZNS_TEMPLATES_GET.request(oa_id=oa_id, template_id=template_id)
        return self._engine.call(ops.SHOP_ZNS_TEMPLATES_GET, request)

    def list(
        self,
        *,
        oa_id: str | None = None,
        template_id: int | None = None,
        template_name: str | None = None,
        type: models.TemplateType | str | None = None,
        date_from: datetime | None = None,
        date_to: datetime | None = None,
        limit: int | None = None,
        sort: str | None = None,
        after: str | None = None,
        before: str | None = None,
        prefetch: int = 0,
        resume: str | None = None,
    ) -> Pager[models.ZNSTemplate]:
        """
        Lists templates, with filters.

        In the documentation: Get list of news samples (templates).

        Args:
            oa_id: Official account's id.
            template_id: Zalo's id of the template.
            template_name: Template's name.
            type: Kind of template. Known values: `unknown`, `text`, `otp`, `table`, `rating`,
                `custom`, `payment`, `voucher`.
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
            A pager: `await` returns one page, `async for` returns every `ZNSTemplate` of all pages.

        Effect: READ.  Wire: Zalo/ListTemplates.
        Source: https://docs.etelecom.vn/api-etelecom-english/api-integration/zalo-cloud/zalo-cloud-api/get-list-of-news-samples
        """
        request = ops.SHOP_ZNS_TEMPLATES_LIST.request(
            filter=models.ZNSTemplateFilter(
                oa_id=oa_id,
                template_id=template_id,
                template_name=template_name,
                type=type,
                date_from=date_from,
                date_to=date_to,
            ),
            paging=Paging(limit=limit, sort=sort, after=after, before=before),
        )
        return self._engine.list(ops.SHOP_ZNS_TEMPLATES_LIST, request, prefetch=prefetch, resume=resume)
