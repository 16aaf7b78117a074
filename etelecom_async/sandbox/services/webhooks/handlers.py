"""The operations on webhooks; each partner and each shop sees only its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from etelecom_async._core.operation import EmptyRequest
from etelecom_async.errors import NotFoundError
from etelecom_async.sandbox.context import Context, ListResponse, Response, handles
from etelecom_async.sandbox.params import invalid, read_choice, read_id, read_url
from etelecom_async.sandbox.services.webhooks.records import add_webhook
from etelecom_async.sandbox.store.outbox import forget_receiver, webhook_receiver

if TYPE_CHECKING:
    from etelecom_async._generated.models.account import CreateWebhookRequest, DeleteWebhookRequest

_ENTITIES: Final = ("call_log", "zl_oa_message")


@handles("webhooks.create")
def create_webhook(context: Context, request: CreateWebhookRequest) -> Response:
    """Add a webhook; two webhooks may have the same URL, as in the documentation's sample."""
    url = read_url(request.url, "url")
    # The API sends empty arrays as null, so null means an empty list.
    entities = [str(entity) for entity in request.entities or ()]
    if not entities:
        raise invalid("entities", "is required")
    for index, entity in enumerate(entities):
        read_choice(entity, f"entities[{index}]", _ENTITIES)
    return add_webhook(
        context.state,
        record_id=context.state.new_id(context.now),
        account_id=context.caller.account_id,
        url=url,
        entities=entities,
        created_at=context.now,
    )


@handles("webhooks.list")
def list_webhooks(context: Context, _: EmptyRequest) -> ListResponse:
    """Return all webhooks of the caller, oldest first; this list has no pages."""
    rows = context.state.fetch_all(
        "SELECT doc FROM webhook WHERE account_id = ? ORDER BY id", context.caller.account_id
    )
    return ListResponse(items="webhooks", docs=[row["doc"] for row in rows])


@handles("webhooks.delete")
def delete_webhook(context: Context, request: DeleteWebhookRequest) -> ListResponse:
    """Delete a webhook with its waiting events; return the other webhooks."""
    webhook_id = read_id(request.id, "id")
    deleted = "DELETE FROM webhook WHERE account_id = ? AND id = ?"
    if not context.state.execute(deleted, context.caller.account_id, webhook_id):
        raise NotFoundError(f"there is no webhook {webhook_id}")
    forget_receiver(context.state, webhook_receiver(webhook_id))
    return list_webhooks(context, EmptyRequest())
