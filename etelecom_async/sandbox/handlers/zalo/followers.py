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
from etelecom_async.sandbox.arguments import read_text, read_text_of, read_url
from etelecom_async.sandbox.call import Call, ListResponse, Response, handles
from etelecom_async.sandbox.fake import Rng
from etelecom_async.sandbox.filters import choose, choose_by_time
from etelecom_async.sandbox.handlers.zalo.accounts import OA, granted_oa
from etelecom_async.sandbox.paging import Rows, page
from etelecom_async.sandbox.records import search_name
from etelecom_async.sandbox.records_zalo import shared_info
from etelecom_async.sandbox.times import micros

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
def list_followers(call: Call, request: ListFollowersRequest) -> ListResponse:
    """
    List the Zalo users of the shop's official accounts.

    Where the documentation is silent: a name matches any part, in any case; one of several tags is enough;
    dates are of the first contact.
    """
    rows = Rows("follower")
    rows.where("shop_id = ?", call.caller.account_id)
    if wanted := request.filter:
        words = ("assigned_user_id", "gender", "has_conversation", "phone", "state", "zl_user_id")
        choose(rows, wanted, ids=("oa_id",), words=words)
        choose_by_time(rows, "created_at", wanted.date_from, wanted.date_to)
        if wanted.name:
            rows.where("instr(search_name, ?)", search_name(wanted.name))
        if wanted.zl_user_ids:
            rows.where_in("zl_user_id", wanted.zl_user_ids)
        if wanted.tags:
            tags = json.dumps(list(wanted.tags))
            rows.where(_HAS_A_TAG, tags)
    return page(call.state, "followers", rows, request.paging)


@handles("shop.zalo.messages.request_user_info")
def request_user_info(call: Call, request: RequestUserInfoRequest) -> Response:
    """Send the form. It takes nothing from a quota, since the answer shows none."""
    oa = granted_oa(call, request.oa_id)
    follower = find_follower(call, oa, request.zl_user_id, "zl_user_id")
    read_text_of(request.title, "title", longest=_LONGEST_TITLE)
    read_text_of(request.subtitle, "subtitle", longest=_LONGEST_SUBTITLE)
    if request.image_url:
        read_url(request.image_url, "image_url")
    if follower.doc["state"] == "follow":
        answered = call.now + _FILLED_IN
        info = shared_info(Rng(follower.doc["zl_user_id"]), follower.doc["full_name"], follower.doc["phone"])
        changes = {"shared_info": info, "phone": info["phone"], "has_conversation": True}
        call.state.schedule(answered, "follower", follower.id, changes, interacted_at=micros(answered))
    return {"updated": 1}


def find_follower(call: Call, oa: OA, zl_user_id: str | None, where: str) -> Follower:
    """
    Return a Zalo user of an official account.

    Raises:
        InvalidArgumentError: The id is missing.
        NotFoundError: The account has no such user.
    """
    zl_user_id = read_text(zl_user_id, where)
    row = call.state.fetch_first(
        "SELECT id, interacted_at, doc FROM follower WHERE oa_id = ? AND zl_user_id = ?", oa.id, zl_user_id
    )
    if row is None:
        raise NotFoundError(
            f"official account {oa.id} has no user {zl_user_id[:40]!r}", meta={"field": where}
        )
    return Follower(row["id"], row["interacted_at"], json.loads(row["doc"]))
