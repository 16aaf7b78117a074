"""
URLs to which eTelecom sends events.

Written by `python -m codegen` (sha256 b03e93ae99be); do not edit.
"""

from __future__ import annotations

from collections.abc import Coroutine, Sequence
from typing import Any

from etelecom_async._core.calls.engine import Engine
from etelecom_async._generated import models
from etelecom_async._generated import operations as ops
from etelecom_async.paging import Pager


class Webhooks:
    """URLs to which eTelecom sends events."""

    __slots__ = ("_engine",)

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def __repr__(self) -> str:
        return "<webhooks: create, delete, list>"

    def create(
        self, *, url: str, entities: Sequence[models.WebhookEntity | str]
    ) -> Coroutine[Any, Any, models.Webhook]:
        """
        Subscribes a URL to events.

        In the documentation: Create a webhook (API tạo Webhook).

        Args:
            url: URL that receives the events.
            entities: Kinds of event to receive. Known values: `call_log`, `zl_oa_message`.

        Returns:
            A URL that receives events.

        Raises:
            OutcomeUnknownError: No response arrived. The client does not retry, because that could
                create a duplicate. `verify()` of the error checks whether the call was executed.

        Effect: CREATE.  Wire: Webhook/CreateWebhook.
        Source: https://docs.etelecom.vn/tich-hop-api/webhook/api-tao-webhook
        """
        request = ops.WEBHOOKS_CREATE.request(url=url, entities=entities)
        return self._engine.call(ops.WEBHOOKS_CREATE, request)

    def delete(self, *, id: str) -> Coroutine[Any, Any, models.WebhookList]:
        """
        Deletes one webhook and returns the remaining ones.

        In the documentation: Delete a webhook (API xóa Webhook).

        Args:
            id: Webhook to delete.

        Returns:
            Webhooks.

        Effect: DELETE.  Wire: Webhook/DeleteWebhook.
        Source: https://docs.etelecom.vn/tich-hop-api/webhook/api-xoa-webhook
        """
        request = ops.WEBHOOKS_DELETE.request(id=id)
        return self._engine.call(ops.WEBHOOKS_DELETE, request)

    def list(self) -> Pager[models.Webhook]:
        """
        Lists the caller's webhooks with their delivery state.

        In the documentation: List of webhooks (API lấy danh sách Webhooks).

        Returns:
            A pager: `await` returns one page, `async for` returns every `Webhook` of all pages.

        Effect: READ.  Wire: Webhook/GetWebhooks.
        Source: https://docs.etelecom.vn/tich-hop-api/webhook/api-lay-danh-sach-webhooks
        """
        request = ops.WEBHOOKS_LIST.request()
        return self._engine.list(ops.WEBHOOKS_LIST, request, prefetch=0, resume=None)
