"""
Decide which events a change of a record makes, and who receives them.

All this is inferred, because no page of the documentation shows an event:

- An event `call_log` or `zl_oa_message` is the JSON object of the record, as ListCallLogs or GetMessage has
  it. A record that is added makes one, and each change makes another one.
- Webhooks of the shop receive it, and those of the partner if the shop is linked with the partner.
- An event of an official account has an `event_name`. A public program that reads `event_name` suggests that
  Zalo's events are passed on. The vendor lists no names: these are in public programs for Zalo's webhooks.
  The object of the event has the form and the name of the documented list that returns it.
- The state of an SMS has the seven fields that public programs read. It is sent once, with the final state.
"""

# ruff: noqa: S608 - names in SQL are our own tables and fields; values are bound by `?`

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from etelecom_async.sandbox.store.outbox import (
    SMS_RECEIVER,
    Outbox,
    forget_receiver,
    oa_receiver,
    webhook_receiver,
)
from etelecom_async.sandbox.store.state import Change, State, to_json

ENTITIES: Final = {"call_log": "call_log", "zns_message": "zl_oa_message"}
"""The entity of a webhook, by the table of its records."""
CONSENT_EVENTS: Final = {
    "S": "oa_send_consent",
    # The vendor's page on Zalo apps lists the end of a request with the request itself.
    "NS": "oa_send_consent",
    "P": "user_reply_consent",
    "N": "user_reply_consent",
}
"""The event of a request for consent, by its reply."""
FOLLOW_EVENTS: Final = {"follow": "follow", "unfollow": "unfollow"}
"""The event of a follower, by its state."""
SUBMIT_INFO: Final = "user_submit_info"
"""The event of a form that a follower has filled in."""
_FINAL: Final = ("SUCCESS", "FAIL")
SMS_STATUS: Final = "sms_status"
"""The event with the state of an SMS."""


class EventSource:
    """
    Queues the events of one sandbox; the observer of its state.

    Args:
        state: The state.
        outbox: The waiting events.
        wake: Called after events may have been queued.
        sms_webhook: URL for the states of SMS messages; `None` for none.
    """

    tables: frozenset[str] = frozenset({*ENTITIES, "consent", "follower", "oa", "sms_message"})

    def __init__(
        self, state: State, outbox: Outbox, wake: Callable[[], None], *, sms_webhook: str | None = None
    ) -> None:
        self._state: Final = state
        self._outbox: Final = outbox
        self._wake: Final = wake
        self._sms_webhook: Final = sms_webhook

    def is_listening(self) -> bool:
        """Return whether there is a receiver."""
        return self._sms_webhook is not None or bool(
            self._state.fetch_one(
                "SELECT EXISTS (SELECT 1 FROM webhook) "
                "OR EXISTS (SELECT 1 FROM oa WHERE json_extract(doc, '$.webhook_url') <> '')"
            )[0]
        )

    def change(self, change: Change) -> None:
        """Queue the events of a change."""
        if entity := ENTITIES.get(change.table):
            for receiver in self._webhooks(change, entity):
                self._outbox.add(receiver, entity, to_json(change.after))
        elif change.table == "consent":
            if _differs(change, "reply_status"):
                self._add_of_account(change, CONSENT_EVENTS.get(change.after["reply_status"]), "consents")
        elif change.table == "follower":
            for name in _names_of_follower(change):
                self._add_of_account(change, name, "followers")
        elif change.table == "oa":
            if _differs(change, "webhook_url"):
                forget_receiver(self._state, oa_receiver(change.record_id))
        elif _differs(change, "status") and change.after["status"] in _FINAL:
            self._add_sms_status(change)

    def committed(self) -> None:
        """Let the events be delivered."""
        self._wake()

    def _webhooks(self, change: Change, entity: str) -> Iterator[str]:
        rows = self._state.fetch_all(
            "SELECT webhook.id FROM webhook "
            f"JOIN {change.table} AS record ON record.id = ? "
            "JOIN shop ON shop.id = record.shop_id "
            "WHERE EXISTS (SELECT 1 FROM json_each(webhook.doc, '$.entities') WHERE value = ?) "
            "AND (account_id = shop.id OR (account_id = ? AND shop.shop_key IS NOT NULL)) "
            "ORDER BY webhook.id",
            change.record_id,
            entity,
            int(self._state.setting("partner_id")),
        )
        return (webhook_receiver(row["id"]) for row in rows)

    def _add_of_account(self, change: Change, event_name: str | None, items: str) -> None:
        if event_name is not None:
            self.add_oa_event(event_name, int(change.after["oa_id"]), {items: [change.after]})

    def add_oa_event(self, event_name: str, oa_id: int, content: Mapping[str, Any] | None = None) -> bool:
        """
        Queue an event of an official account.

        Args:
            event_name: The name of the event.
            oa_id: The account.
            content: Objects of the event.

        Returns:
            Whether the account has an address for its events.
        """
        if not address_of(self._state, oa_receiver(oa_id)):
            return False
        body = to_json({"event_name": event_name, **(content or {})})
        self._outbox.add(oa_receiver(oa_id), event_name, body)
        return True

    def _add_sms_status(self, change: Change) -> None:
        row = self._state.fetch_one("SELECT name FROM sms_message WHERE id = ?", change.record_id)
        report = change.after
        self.add_sms_status(
            {
                "IdOmniMess": row["name"],
                "Status": report["status"],
                "Channel": report["channel"],
                "ErrorCode": report["errorCode"],
                "MtCount": int(report.get("mtcount") or 0),
                "TelcoId": int(report.get("telcoid") or 0),
                "IsCharged": report.get("ischarged") or "False",
            }
        )

    def add_sms_status(self, status: Mapping[str, Any]) -> bool:
        """Queue the state of an SMS; return whether there is an address for it."""
        if self._sms_webhook is None:
            return False
        self._outbox.add(SMS_RECEIVER, SMS_STATUS, to_json(status))
        return True


def _differs(change: Change, field: str) -> bool:
    return change.before is None or change.before[field] != change.after[field]


def _names_of_follower(change: Change) -> Iterator[str]:
    if _differs(change, "state") and (name := FOLLOW_EVENTS.get(change.after["state"])):
        yield name
    if change.after["shared_info"] and _differs(change, "shared_info"):
        yield SUBMIT_INFO


def address_of(state: State, receiver: str, sms_webhook: str | None = None) -> str | None:
    """Return the URL of a receiver; `None` if it was deleted."""
    if receiver == SMS_RECEIVER:
        return sms_webhook
    kind, _, number = receiver.partition(":")
    table, field = ("webhook", "url") if kind == "webhook" else ("oa", "webhook_url")
    row = state.fetch_first(
        f"SELECT json_extract(doc, '$.{field}') AS url FROM {table} WHERE id = ?", int(number)
    )
    return (row["url"] or None) if row else None
