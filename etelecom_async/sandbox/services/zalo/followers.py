"""
The operations on followers: Zalo users with a contact to an official account, and the form for their data.

The documentation does not describe the reply to the form, so the sandbox chooses. A user that follows the
account fills it in five minutes later. That is also an interaction, which starts the 48 hours for replies. A
user that does not follow the account never replies.
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import attrs

from etelecom_async.errors import NotFoundError
from etelecom_async.sandbox.context import Context, ListResponse, Response, handles
from etelecom_async.sandbox.filters import filter_by_fields, filter_by_name, filter_by_time
from etelecom_async.sandbox.listing import ListQuery, fetch_page
from etelecom_async.sandbox.params import read_optional_text, read_text, read_url
from etelecom_async.sandbox.services.zalo.accounts import OA, granted_oa
from etelecom_async.sandbox.services.zalo.records import shared_info
from etelecom_async.sandbox.times import micros
from etelecom_async.sandbox.world.fake import Rng

if TYPE_CHECKING:
    from etelecom_async._generated.models.zalo import ListFollowersRequest, RequestUserInfoRequest

_FILLED_IN: Final = timedelta(minutes=5)
_MAX_TITLE: Final = 100
_MAX_SUBTITLE: Final = 500
_HAS_A_TAG: Final = (
    "EXISTS (SELECT value FROM json_each(doc, '$.tags_and_notes_info.tag_names') "
    "INTERSECT SELECT value FROM json_each(?))"
)


@attrs.frozen
class Follower:
    """A Zalo user with a contact to an official account."""

    id: int
    interacted_at: int
    """Time of the last interaction, in microseconds; 0 for never."""
    doc: dict[str, Any]


@handles("shop.zalo.followers.list")
def list_followers(context: Context, request: ListFollowersRequest) -> ListResponse:
    """
    Return the Zalo users of the shop's official accounts.

    The documentation leaves some rules open, so the sandbox chooses. A name filter matches any part, in any
    case. One matching tag of several is enough. Dates are those of the first contact.
    """
    query = ListQuery.of_shop("follower", context)
    if wanted := request.filter:
        words = ("assigned_user_id", "gender", "has_conversation", "phone", "state", "zl_user_id")
        filter_by_fields(query, wanted, ids=("oa_id",), words=words)
        filter_by_time(query, "created_at", wanted.date_from, wanted.date_to)
        filter_by_name(query, wanted.name)
        if wanted.zl_user_ids:
            query.where_in("zl_user_id", wanted.zl_user_ids)
        if wanted.tags:
            tags = json.dumps(list(wanted.tags))
            query.where(_HAS_A_TAG, tags)
    return fetch_page(context.state, "followers", query, request.paging)


@handles("shop.zalo.messages.request_user_info")
def request_user_info(context: Context, request: RequestUserInfoRequest) -> Response:
    """Send the form. It uses no quota, because the documented response shows none."""
    oa = granted_oa(context, request.oa_id)
    follower = find_follower(context, oa, request.zl_user_id, "zl_user_id")
    read_optional_text(request.title, "title", max_length=_MAX_TITLE)
    read_optional_text(request.subtitle, "subtitle", max_length=_MAX_SUBTITLE)
    if request.image_url:
        read_url(request.image_url, "image_url")
    if follower.doc["state"] == "follow":
        filled_in = context.now + _FILLED_IN
        info = shared_info(Rng(follower.doc["zl_user_id"]), follower.doc["full_name"], follower.doc["phone"])
        changes = {"shared_info": info, "phone": info["phone"], "has_conversation": True}
        context.state.schedule(filled_in, "follower", follower.id, changes, interacted_at=micros(filled_in))
    return {"updated": 1}


def find_follower(context: Context, oa: OA, zl_user_id: str | None, where: str) -> Follower:
    """
    Return a Zalo user of an official account.

    Raises:
        InvalidArgumentError: The id is missing.
        NotFoundError: The account has no such user.
    """
    zl_user_id = read_text(zl_user_id, where)
    row = context.state.fetch_first(
        "SELECT id, interacted_at, doc FROM follower WHERE oa_id = ? AND zl_user_id = ?", oa.id, zl_user_id
    )
    if row is None:
        raise NotFoundError(
            f"official account {oa.id} has no user {zl_user_id[:40]!r}", meta={"field": where}
        )
    return Follower(row["id"], row["interacted_at"], json.loads(row["doc"]))
