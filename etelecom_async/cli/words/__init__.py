"""
Commands in everyday words: each finds what a person means, and makes several calls for it if needed.

- `users`, `calls`, `zns`: `users find`, `calls list`, `zns status`.
- `calls_export` with `calls`: the call logs of some days as a file.
- `calls_recordings` with `calls`: the recordings of the calls of some days.
- `calls_report` with `calls`: one page about the calls of some days.
- `calls_sync` with `calls`: the call logs of one shop or many in a database.
- `call_filters`: the options that choose calls.
- `send_many` with `zns` and `sms`: a message for each row of a CSV file.
- `connect` with `redirect_page`: the steps with which a partner gets the key of a shop.
- `explain`: what codes and states mean, without a network.
- `webhooks`: `webhooks listen` with `webhooks_listen`, `webhook_receiver` and `event_lines`.
- `lookup`: finds users, hotlines, extensions and official accounts by what people know of them.
- `listing`: runs a command that lists.

Each has a module with a function `command`. Help and completion load none of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

SUMMARIES: Final[Mapping[str, str]] = {
    "calls list": "List calls, for example the missed calls of yesterday.",
    "calls export": "Write the call logs of some days into a file: Parquet, CSV or JSON Lines.",
    "calls recordings": "Download the recordings of the calls of some days into a folder.",
    "calls report": "Write a page about the calls of some days: figures, charts, missed calls.",
    "calls sync": "Keep the call logs of one shop or many in a database: SQLite or PostgreSQL.",
    "connect": "Connect a shop: its owner logs in, and the key goes into a file.",
    "explain": "Explain an error code or a state: what it means, and what to do.",
    "sms send-many": "Send an SMS for each row of a CSV file.",
    "users find": "Find an employee by a phone number in any notation.",
    "webhooks listen": "Receive the events of webhooks here: print them, and forward them to your app.",
    "zns send-many": "Send a ZNS for each row of a CSV file, each once.",
    "zns status": "Show whether a ZNS arrived, by phone number or tracking id.",
}
"""One line for each command, by its words."""
