"""Define `etelecom sms`: the operations on SMS, and `sms send-many`."""

from __future__ import annotations

from etelecom_async.cli.command import Entry, Group
from etelecom_async.cli.operation import group
from etelecom_async.cli.words import SUMMARIES, send_many


def command() -> Group:
    """Return the group."""
    made = group("sms", "sms")
    entry = Entry(SUMMARIES["sms send-many"], lambda: send_many.command(send_many.SMS))
    made.entries = {"send-many": entry, **made.entries}
    return made
