"""Define `etelecom webhooks`: the operations on webhooks, and `webhooks listen`."""

from __future__ import annotations

from etelecom_async.cli.command import Entry, Group
from etelecom_async.cli.operation import group
from etelecom_async.cli.words import SUMMARIES, webhooks_listen


def command() -> Group:
    """Return the group."""
    made = group("webhooks", "webhooks")
    made.entries = {"listen": Entry(SUMMARIES["webhooks listen"], webhooks_listen.command), **made.entries}
    return made
