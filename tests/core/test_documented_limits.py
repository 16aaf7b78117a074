"""Test that documented limits are checked before sending, and named in the error."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from etelecom_async import ShopClient
from etelecom_async.errors import InvalidRequestError
from etelecom_async.models import Recipient, TransactionButton, TransactionMessage

if TYPE_CHECKING:
    from tests.conftest import Peer

OA = {"oa_id": "1"}


def form(**given: Any) -> tuple[str, dict[str, Any]]:
    """Return a request for a person's data."""
    return "request_user_info", {**OA, "zl_user_id": "2", **given}


def message(buttons: Any) -> tuple[str, dict[str, Any]]:
    """Return a message about a transaction."""
    content = TransactionMessage(buttons=buttons)
    return "send_transaction", {**OA, "recipient": Recipient(user_id="2"), "message": content}


BUTTON = TransactionButton()


@pytest.mark.parametrize(
    ("call", "problem"),
    [
        (form(title="x" * 101), "title takes 100 characters at the most, not 101"),
        (form(subtitle="ấ" * 501), "subtitle takes 500 characters at the most, not 501"),
        (message([BUTTON] * 5), "message.buttons takes 4 items at the most, not 5"),
    ],
    ids=["title", "subtitle", "buttons"],
)
async def test_one_too_many(
    shop: ShopClient, peer: Peer, call: tuple[str, dict[str, Any]], problem: str
) -> None:
    """A value over a limit is refused with an error that names the limit, and nothing is sent."""
    name, given = call
    with pytest.raises(InvalidRequestError) as caught:
        await getattr(shop.zalo.messages, name)(**given)
    assert caught.value.problems == (problem,)
    assert str(caught.value) == f"shop.zalo.messages.{name}: {problem}."
    assert peer.requests == []


@pytest.mark.parametrize(
    "call",
    [form(title="x" * 100, subtitle="ấ" * 500), form(), message([BUTTON] * 4), message([])],
    ids=["texts", "no texts", "buttons", "no buttons"],
)
async def test_just_enough(shop: ShopClient, peer: Peer, call: tuple[str, dict[str, Any]]) -> None:
    """A value exactly at a limit, counted in characters and not in bytes, is sent."""
    name, given = call
    peer.respond_with(peer.json({"message_id": "1", "updated": 1}))
    await getattr(shop.zalo.messages, name)(**given)
    assert len(peer.requests) == 1


async def test_all_limits_at_once(shop: ShopClient, peer: Peer) -> None:
    """The error names every exceeded limit, together with all other problems."""
    name, given = form(title="x" * 101, subtitle="x" * 501, image_url=5)
    with pytest.raises(InvalidRequestError) as caught:
        await getattr(shop.zalo.messages, name)(**given)
    assert caught.value.problems == (
        "image_url is a text, not a number: convert it with str() (ids are texts)",
        "title takes 100 characters at the most, not 101",
        "subtitle takes 500 characters at the most, not 501",
    )
    assert peer.requests == []


async def test_a_wrong_type_has_no_length(shop: ShopClient, peer: Peer) -> None:
    """The error for a value of the wrong type names only the type, not the length."""
    name, given = message(5)
    with pytest.raises(InvalidRequestError) as caught:
        await getattr(shop.zalo.messages, name)(**given)
    assert caught.value.problems == ("message.buttons takes a list, not int",)
    assert peer.requests == []
