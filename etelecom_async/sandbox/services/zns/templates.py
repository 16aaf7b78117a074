"""
The operations on ZNS templates.

The documentation leaves some rules open, so the sandbox chooses. Zalo has an approved template under every id
of six digits or more. Its kind is the kind in the request; without one, it depends on the id.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from etelecom_async.errors import AlreadyExistsError, NotFoundError
from etelecom_async.sandbox.context import Context, ListResponse, Response, handles
from etelecom_async.sandbox.filters import filter_by_fields, filter_by_name, filter_by_time
from etelecom_async.sandbox.listing import ListQuery, fetch_page
from etelecom_async.sandbox.params import invalid, read_number
from etelecom_async.sandbox.services.zalo.accounts import find_oa, granted_oa
from etelecom_async.sandbox.services.zns.records import add_template
from etelecom_async.sandbox.services.zns.template_rules import MIN_ID, SHAPES, kind_at_zalo

if TYPE_CHECKING:
    from etelecom_async._generated.models.zns import (
        CreateTemplateRequest,
        GetTemplateRequest,
        ListTemplatesRequest,
    )

# Fields of ListTemplates only.
_LISTED: Final = ("oa_id", "shop_id", "is_journey", "price_exceeded", "retail_price", "ref_param")
_NO_KIND: Final = "unknown"


@handles("shop.zns.templates.create")
def create_template(context: Context, request: CreateTemplateRequest) -> Response:
    """Add a template of Zalo by its id; reject one that was added already."""
    oa = granted_oa(context, request.oa_id)
    template_id = read_number(request.template_id, "template_id", minimum=1)
    kind = str(request.type or _NO_KIND)
    if kind == _NO_KIND:
        kind = kind_at_zalo(template_id)
    shape = SHAPES.get(kind)
    if shape is None:
        raise invalid("type", f"is not one of {', '.join((_NO_KIND, *SHAPES))}")
    if template_id < MIN_ID:
        raise NotFoundError(f"Zalo has no template {template_id}")
    if context.state.fetch_first("SELECT 1 FROM zns_template WHERE id = ?", template_id):
        raise AlreadyExistsError(
            f"template {template_id} was added already", meta={"duplicated": "template_id"}
        )
    doc = add_template(
        context.state,
        template_id=template_id,
        oa=oa.doc,
        name=f"{shape.name} {template_id}",
        kind=kind,
        tag=shape.tag,
        params=shape.params,
        price=shape.price,
        created_at=context.now,
    )
    return _unlisted(doc)


@handles("shop.zns.templates.get")
def get_template(context: Context, request: GetTemplateRequest) -> Response:
    """Return a template of an official account."""
    oa = find_oa(context, request.oa_id)
    template = find_template(
        context, oa.doc["oa_id"], read_number(request.template_id, "template_id", minimum=1)
    )
    if template is None:
        raise NotFoundError(f"official account {oa.id} has no template {request.template_id}")
    return _unlisted(template)


@handles("shop.zns.templates.list")
def list_templates(context: Context, request: ListTemplatesRequest) -> ListResponse:
    """Return the shop's templates; a name filter matches any part, dates are those of the addition."""
    query = ListQuery.of_shop("zns_template", context)
    if wanted := request.filter:
        filter_by_fields(query, wanted, ids=("oa_id",), words=("template_id", "type"))
        filter_by_time(query, "created_at", wanted.date_from, wanted.date_to)
        filter_by_name(query, wanted.template_name)
    return fetch_page(context.state, "templates", query, request.paging)


def find_template(context: Context, oa_id: str, template_id: int) -> dict[str, Any] | None:
    """Return a template of an official account; `None` if it does not have it."""
    if not context.state.fetch_first("SELECT 1 FROM zns_template WHERE id = ?", template_id):
        return None
    template = context.state.fetch_doc("zns_template", template_id)
    return template if template["oa_id"] == oa_id else None


def _unlisted(template: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in template.items() if name not in _LISTED}
