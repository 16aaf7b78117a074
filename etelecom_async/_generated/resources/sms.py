"""
Template messages over SMS, automatic calls and ZNS, with another host, user name and password.

Written by `python -m codegen` (sha256 b03e93ae99be); do not edit.
"""

from __future__ import annotations

from collections.abc import Coroutine, Mapping, Sequence
from typing import Any, Literal

from etelecom_async._core.calls.engine import Engine
from etelecom_async._generated import models
from etelecom_async._generated import operations as ops
from etelecom_async.paging import Pager


class SmsRoot:
    """Template messages over SMS, automatic calls and ZNS, with another host, user name and password."""

    __slots__ = ("_engine",)

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @property
    def templates(self) -> SmsTemplates:
        """Templates of the SMS account."""
        return SmsTemplates(self._engine)

    def send(
        self,
        *,
        phonenumber: str,
        routerule: Sequence[models.SmsChannel | Literal["1", "2", "3"]],
        templatecode: str,
        list_param: Mapping[str, str],
    ) -> Coroutine[Any, Any, models.SmsReceipt]:
        """
        Sends one template message to one phone number, over one or more channels in turn.

        In the documentation: Send SMS.

        Args:
            phonenumber: Receiver's phone number; the form with country code 84 is recommended.
            routerule: Channels in the order to try; if one fails, the service tries the next. One
                of: `1`, `2`, `3`.
            templatecode: Code of the registered template.
            list_param: Values of the template's variables; the names depend on the template.

        Returns:
            Result of sending a message: accepted or rejected.

        Raises:
            OutcomeUnknownError: No response arrived. The client does not retry, because that could
                cost money or reach a person twice.
            SmsError: The response has a `status` other than 1: the request was rejected.

        Effect: SEND.  Wire: OmniMessage/SendMessage.
        Source: https://docs.etelecom.vn/api-etelecom-english/sms-brandname/sms-api/send-sms
        """
        request = ops.SMS_SEND.request(
            phonenumber=phonenumber, routerule=routerule, templatecode=templatecode, list_param=list_param
        )
        return self._engine.call(ops.SMS_SEND, request)

    def status(self, *, id_omni_mess: str) -> Coroutine[Any, Any, models.SmsStatusReport]:
        """
        Returns the delivery status of one message.

        In the documentation: Get message status.

        Args:
            id_omni_mess: Message's id from SendMessage.

        Returns:
            Delivery status of a message.

        Effect: READ.  Wire: OmniReport/GetStatusOmni.
        Source: https://docs.etelecom.vn/api-etelecom-english/sms-brandname/sms-api/get-message-status
        """
        request = ops.SMS_STATUS.request(id_omni_mess=id_omni_mess)
        return self._engine.call(ops.SMS_STATUS, request)


class SmsTemplates:
    """Templates of the SMS account."""

    __slots__ = ("_engine",)

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def __repr__(self) -> str:
        return "<sms.templates: list>"

    def list(
        self,
        *,
        templatecode: str | None = None,
        page: int | None = None,
        item_count: int | None = None,
        prefetch: int = 0,
        resume: str | None = None,
    ) -> Pager[models.SmsTemplate]:
        """
        Lists the account's templates, or returns one, with its channels and variables.

        In the documentation: Get sample details (template details).

        Args:
            templatecode: Code of the template; empty for all templates. Inferred, not documented.
            page: Page number. Inferred, not documented.
            item_count: Items per page. Inferred, not documented.
            prefetch: Number of pages to fetch ahead while the caller uses one; 0 for none.
            resume: Checkpoint of an earlier iteration, to continue from there.

        Returns:
            A pager: `await` returns one page, `async for` returns every `SmsTemplate` of all pages.

        Effect: READ.  Wire: TemplateOmni/GetTemplate.
        Source: https://docs.etelecom.vn/api-etelecom-english/sms-brandname/sms-api/send-sms
        """
        request = ops.SMS_TEMPLATES_LIST.request(templatecode=templatecode, page=page, item_count=item_count)
        return self._engine.list(ops.SMS_TEMPLATES_LIST, request, prefetch=prefetch, resume=resume)
