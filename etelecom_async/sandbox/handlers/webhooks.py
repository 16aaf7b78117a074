"""Webhooks: each account, partner or shop, has its own, and sees only those."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from etelecom_async._core.operation import EmptyRequest
from etelecom_async.errors import NotFoundError
from etelecom_async.sandbox import records
from etelecom_async.sandbox.arguments import read_id, read_url, wrong
from etelecom_async.sandbox.call import Call, ListResponse, Response, handles

if TYPE_CHECKING:
    from etelecom_async._generated.models.account import CreateWebhookRequest, DeleteWebhookRequest

_ENTITIES: Final = ("call_log", "zl_oa_message")


@handles("webhooks.create")
def create_webhook(call: Call, request: CreateWebhookRequest) -> Response:
    """Add a webhook; the same URL may be there twice, as in the documentation's sample."""
    url = read_url(request.url, "url")
    # Null is as good as an empty list on this wire, where arrays are sent as null.
    entities = [str(entity) for entity in request.entities or ()]
    if not entities:
        raise wrong("entities", "is required")
    for index, entity in enumerate(entities):
        if entity not in _ENTITIES:
            raise wrong(f"entities[{index}]", f"is none of {', '.join(_ENTITIES)}")
    return records.add_webhook(
        call.state,
        record_id=call.state.new_id(call.now),
        account_id=call.caller.account_id,
        url=url,
        entities=entities,
        created_at=call.now,
    )


@handles("webhooks.list")
def list_webhooks(call: Call, _: EmptyRequest) -> ListResponse:
    """List all of the caller's webhooks, oldest first; this list has no pages."""
    rows = call.state.fetch_all(
        "SELECT doc FROM webhook WHERE account_id = ? ORDER BY id", call.caller.account_id
    )
    return ListResponse(items="webhooks", docs=[row["doc"] for row in rows])


@handles("webhooks.delete")
def delete_webhook(call: Call, request: DeleteWebhookRequest) -> ListResponse:
    """Remove a webhook and list those that are left."""
    webhook_id = read_id(request.id, "id")
    account_id = call.caller.account_id
    if not call.state.execute("DELETE FROM webhook WHERE account_id = ? AND id = ?", account_id, webhook_id):
        raise NotFoundError(f"there is no webhook {webhook_id}")
    return list_webhooks(call, EmptyRequest())
