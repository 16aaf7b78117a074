"""
Send each message once: a ledger holds the key of each message, whatever job or process sends it.

A tracking id is no idempotency key of the service: two requests with the same id are two messages. So a
sender claims the key first. `SqliteLedger` is a file for the processes of one machine. `SqlLedger` is a
table in your own database, for any number of machines.

The states of a key, without a key that the ledger does not have:

    queued     an app stored it in its own transaction; nothing was sent
    claimed    its owner sends the message, or was stopped while it did
    unknown    its owner could not find out whether the message was sent
    accepted   the message was sent; the key is held for ever

A refused message frees its key, so it can be corrected and sent again.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, Protocol, Self, cast

import attrs

from etelecom_async._client import ShopClient
from etelecom_async._core.values import kind_of
from etelecom_async.errors import (
    APIError,
    ClientClosedError,
    ConfigurationError,
    ConnectError,
    EtelecomError,
    InvalidRequestError,
    LoginRequiredError,
    QueueTimeoutError,
    ResultError,
    ShopNotConnectedError,
)

MOST_CHARACTERS: Final = 255
"""The most characters of each part of a key, and of an owner."""
_NEVER_SENT: Final = (
    ClientClosedError,
    ConfigurationError,
    ConnectError,
    InvalidRequestError,
    QueueTimeoutError,
    ShopNotConnectedError,
)


class KeyState(StrEnum):
    """What a ledger knows of a key."""

    QUEUED = "queued"
    CLAIMED = "claimed"
    UNKNOWN = "unknown"
    ACCEPTED = "accepted"


class ClaimState(StrEnum):
    """What a claim found."""

    NEW = "new"
    """The key was free or queued. It is now the caller's, and nothing was sent."""
    OURS = "ours"
    """The same owner claimed it before. If the message left then, look it up before you send it again."""
    ACCEPTED = "accepted"
    """The message was sent."""
    HELD = "held"
    """Another owner claimed it, and its message may be sent."""


def _normalized(value: Any) -> Any:
    # The client sends texts in this form, so two forms of a text are one tracking id.
    return unicodedata.normalize("NFC", value) if isinstance(value, str) else value


def _shop_id(account: Any) -> Any:
    """Return the id of the shop: a partner's key for a shop has `shop` before it, its own key has not."""
    text = _normalized(account)
    is_prefixed = isinstance(text, str) and re.fullmatch(r"shop\d+", text) is not None
    return text.removeprefix("shop") if is_prefixed else text


@attrs.frozen(kw_only=True, order=True)
class LedgerKey:
    """
    What may be sent once: a tracking id of an official account.

    Args:
        account: The shop's id: the part of its key before the colon. `LedgerKey.of` reads it from a client.
        oa_id: The official account's id.
        tracking_id: The tracking id of the message, for example the number of an invoice.

    Raises:
        InvalidRequestError: A part is no text, is blank, or is too long.
    """

    account: str = attrs.field(converter=_shop_id)
    oa_id: str = attrs.field(converter=_normalized)
    tracking_id: str = attrs.field(converter=_normalized)

    def __attrs_post_init__(self) -> None:
        parts = {"account": self.account, "oa_id": self.oa_id, "tracking_id": self.tracking_id}
        problems = tuple(
            f"{name} {problem}" for name, value in parts.items() if (problem := _problem_of(value))
        )
        if problems:
            raise InvalidRequestError(problems)

    @classmethod
    def of(cls, client: ShopClient, *, oa_id: str, tracking_id: str) -> Self:
        """Return the key of a message that *client* sends."""
        engine = cast("Any", client)._engine
        return cls(account=engine.identity.account, oa_id=oa_id, tracking_id=tracking_id)


@attrs.frozen(kw_only=True)
class Entry:
    """A key that a ledger has."""

    key: LedgerKey
    state: KeyState
    owner: str
    """Who claimed it; empty while it is queued."""
    changed_at: datetime
    """When its state changed, by the clock of the machine that changed it."""


@attrs.frozen
class Claim:
    """The result of a claim."""

    state: ClaimState
    entry: Entry
    """The key as the ledger has it now."""


class Ledger(Protocol):
    """
    What a sender needs of a ledger: four asynchronous methods.

    An owner is a text that one sender has: for a job, the id of its journal and the key of the step. With it
    a job that continues finds its own claims. Each change is durable before its method returns.
    """

    async def claim(self, key: LedgerKey, owner: str) -> Claim:
        """Claim a key, if it is free or queued; return what was found."""
        ...

    async def accepted(self, key: LedgerKey, owner: str) -> None:
        """Record that the message was sent. The key is held for ever, even if the delivery fails later."""
        ...

    async def release(self, key: LedgerKey, owner: str) -> bool:
        """Free a key that this owner claimed; return whether it did. An accepted key stays."""
        ...

    async def unknown(self, key: LedgerKey, owner: str) -> None:
        """Record that this owner could not find out whether the message was sent."""
        ...


def frees_key(error: BaseException) -> bool:
    """
    Return whether an error of a send proves that nothing was sent, so that `release` is right.

    Only two responses prove it: a refusal with a code, in the API's own form, and a failure inside a 200.
    Without that form it proves nothing: a proxy may have made it from a server error. An error from before
    the request left proves it, too.
    """
    if not isinstance(error, EtelecomError) or error.may_have_happened:
        return False
    if isinstance(error, APIError):
        return error.code is not None
    if isinstance(error, LoginRequiredError):  # the response to another call, after a refusal of the send
        return error.__cause__ is not None and frees_key(error.__cause__)
    return isinstance(error, (ResultError, *_NEVER_SENT))


def claim_of(entry: Entry, owner: str) -> Claim:
    """Return the claim of a key that is not free; its state is not `queued`."""
    if entry.state is KeyState.ACCEPTED:
        return Claim(ClaimState.ACCEPTED, entry)
    return Claim(ClaimState.OURS if entry.owner == owner else ClaimState.HELD, entry)


def check_owner(owner: object) -> None:
    """
    Check that an owner is a text with a few characters.

    Raises:
        InvalidRequestError: It is not.
    """
    if problem := _problem_of(owner):
        raise InvalidRequestError((f"owner {problem}",))


def _problem_of(value: object) -> str:
    """Return what is wrong with a part of a key; empty if nothing is."""
    if not isinstance(value, str):
        return f"takes a text, not {kind_of(value)}"
    if not value.strip():
        return "is blank"
    if len(value) > MOST_CHARACTERS:
        return f"has {len(value)} characters; the most are {MOST_CHARACTERS}"
    # Databases refuse or cut such texts.
    has_control = any(unicodedata.category(character) in {"Cc", "Cs"} for character in value)
    return "contains a control character" if has_control else ""
