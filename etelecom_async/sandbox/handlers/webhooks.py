"""Webhooks: each account, partner or shop, has its own, and sees only those."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from etelecom_async._core.operation import EmptyRequest
from etelecom_async.errors import NotFoundError
from etelecom_async.sandbox import records
from etelecom_async.sandbox.context import Context, ListResponse, Response, handles
from etelecom_async.sandbox.params import invalid, read_id, read_url

if TYPE_CHECKING:
    from etelecom_async._generated.models.account import CreateWebhookRequest, DeleteWebhookRequest

_ENTITIES: Final = ("call_log", "zl_oa_message")


@handles("webhooks.create")
def create_webhook(context: Context, request: CreateWebhookRequest) -> Response:
    """Add a webhook; the same URL may be there twice, as in the documentation's sample."""
    url = read_url(request.url, "url")
    # Null is as good as an empty list on this wire, where arrays are sent as null.
    entities = [str(entity) for entity in request.entities or ()]
    if not entities:
        raise invalid("entities", "is required")
    for index, entity in enumerate(entities):
        if entity not in _ENTITIES:
            raise invalid(f"entities[{index}]", f"is none of {', '.join(_ENTITIES)}")
    return records.add_webhook(
        context.state,
        record_id=context.state.new_id(context.now),
        account_id=context.caller.account_id,
        url=url,
        entities=entities,
        created_at=context.now,
    )


@handles("webhooks.list")
def list_webhooks(context: Context, _: EmptyRequest) -> ListResponse:
    """List all of the caller's webhooks, oldest first; this list has no pages."""
    rows = context.state.fetch_all(
        "SELECT doc FROM webhook WHERE account_id = ? ORDER BY id", context.caller.account_id
    )
    return ListResponse(items="webhooks", docs=[row["doc"] for row in rows])


@handles("webhooks.delete")
def delete_webhook(context: Context, request: DeleteWebhookRequest) -> ListResponse:
    """Remove a webhook and list those that are left."""
    webhook_id = read_id(request.id, "id")
    account_id = context.caller.account_id
    if not context.state.execute(
        "DELETE FROM webhook WHERE account_id = ? AND id = ?", account_id, webhook_id
    ):
        raise NotFoundError(f"there is no webhook {webhook_id}")
    return list_webhooks(context, EmptyRequest())
