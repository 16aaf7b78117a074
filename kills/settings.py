"""What a job is, as JSON: the process that kills the job gives it to the process of the job."""

from __future__ import annotations

import json
from typing import Self

import attrs


@attrs.frozen(kw_only=True)
class Sender:
    """An official account and a template of it."""

    oa_id: str
    template_id: int


@attrs.frozen(kw_only=True)
class Settings:
    """The job, and where it runs."""

    base_url: str
    key: str = attrs.field(repr=False)
    journal: str
    """Path of the journal."""
    ledger: str
    """Path of the ledger; empty for none."""
    creates: int
    """Number of extensions to create. Each tenth one is assigned to an employee."""
    sends: int
    """Number of messages to send."""
    hotline_id: str
    user_id: str
    """The employee."""
    senders: tuple[Sender, ...]
    settle_after: float
    """Seconds."""
    resend_unknown: bool = False

    def encode(self) -> str:
        """Return the settings as JSON."""
        return json.dumps(attrs.asdict(self))

    @classmethod
    def decode(cls, text: str) -> Self:
        """Return the settings in a JSON text."""
        fields = json.loads(text)
        senders = tuple(Sender(**sender) for sender in fields.pop("senders"))
        return cls(senders=senders, **fields)


FIRST_EXTENSION = 100_000
"""Number of the first extension; those of the sandbox are smaller."""
ASSIGNED = 10
"""One extension in this many is assigned to the employee."""


def extension_key(number: int) -> str:
    """Return the key of the step that creates an extension."""
    return f"extension {number}"


def tracking_id(number: int) -> str:
    """Return the tracking id of a message, which is the key of its step, too."""
    return f"invoice-{number}"
