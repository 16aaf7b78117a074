"""
Followers: the Zalo users who have had to do with an official account, and the form that asks who they are.

The documentation does not say what becomes of the form: here everyone who follows the account fills it in,
five minutes later, which is also an interaction that opens the 48 hours for replies; who does not follow it
never answers.
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import attrs

from etelecom_async.errors import NotFoundError
from etelecom_async.sandbox.context import Context, ListResponse, Response, handles
from etelecom_async.sandbox.filters import filter_by_fields, filter_by_name, filter_by_time
from etelecom_async.sandbox.handlers.zalo.accounts import OA, granted_oa
from etelecom_async.sandbox.listing import ListQuery, fetch_page
from etelecom_async.sandbox.params import read_optional_text, read_text, read_url
from etelecom_async.sandbox.records_zalo import shared_info
from etelecom_async.sandbox.times import micros
from etelecom_async.sandbox.world.fake import Rng

if TYPE_CHECKING:
    from etelecom_async._generated.models.zalo import ListFollowersRequest, RequestUserInfoRequest

_FILLED_IN: Final = timedelta(minutes=5)
_LONGEST_TITLE: Final = 100
_LONGEST_SUBTITLE: Final = 500
_HAS_A_TAG: Final = (
    "EXISTS (SELECT value FROM json_each(doc, '$.tags_and_notes_info.tag_names') "
    "INTERSECT SELECT value FROM json_each(?))"
)


@attrs.frozen
class Follower:
    """Someone who has had to do with an official account."""

    id: int
    interacted_at: int
    """When they last did something, in microseconds; 0 for never."""
    doc: dict[str, Any]


@handles("shop.zalo.followers.list")
def list_followers(context: Context, request: ListFollowersRequest) -> ListResponse:
    """
    List the Zalo users of the shop's official accounts.

    Where the documentation is silent: a name matches any part, in any case; one of several tags is enough;
    dates are of the first contact.
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
    """Send the form. It takes nothing from a quota, since the answer shows none."""
    oa = granted_oa(context, request.oa_id)
    follower = find_follower(context, oa, request.zl_user_id, "zl_user_id")
    read_optional_text(request.title, "title", max_length=_LONGEST_TITLE)
    read_optional_text(request.subtitle, "subtitle", max_length=_LONGEST_SUBTITLE)
    if request.image_url:
        read_url(request.image_url, "image_url")
    if follower.doc["state"] == "follow":
        answered = context.now + _FILLED_IN
        info = shared_info(Rng(follower.doc["zl_user_id"]), follower.doc["full_name"], follower.doc["phone"])
        changes = {"shared_info": info, "phone": info["phone"], "has_conversation": True}
        context.state.schedule(answered, "follower", follower.id, changes, interacted_at=micros(answered))
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
