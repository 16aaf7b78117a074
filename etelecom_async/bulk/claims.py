"""A message of a job, as the ledger knows it."""

from __future__ import annotations

from hashlib import blake2b
from typing import Any, Self

import attrs

from etelecom_async.bulk.ledger import Claim, Ledger, LedgerKey, frees_key
from etelecom_async.bulk.states import State
from etelecom_async.bulk.steps import Step
from etelecom_async.errors import EtelecomError


@attrs.frozen
class Message:
    """A message of a job, as the ledger knows it."""

    _ledger: Ledger
    _key: LedgerKey
    _owner: str
    """The job and the step: a job that continues finds its own claims."""

    @classmethod
    def of(cls, ledger: Ledger, step: Step[Any], request: Any, job: str) -> Self:
        """
        Return the message that a step sends.

        A message without a tracking id is known by the key of its step.

        Args:
            ledger: The ledger.
            step: The step.
            request: Its request, with all values.
            job: Id of the journal.
        """
        tracking = None if step.tracking is None else getattr(request, step.tracking)
        key = LedgerKey(
            account=step.engine.identity.account,
            oa_id=getattr(request, "oa_id", None) or step.operation.name,
            tracking_id=tracking or step.key,
        )
        return cls(ledger, key, f"{job}/{blake2b(step.key.encode(), digest_size=8).hexdigest()}")

    async def claim(self) -> Claim:
        """Claim the message for this job; return what was found."""
        return await self._ledger.claim(self._key, self._owner)

    def is_ours(self, claim: Claim) -> bool:
        """Return whether this step of this job made *claim*."""
        return claim.entry.owner == self._owner

    async def end(self, state: State, error: EtelecomError | None) -> None:
        """Record what became of the message: its key is held, or free for a corrected message."""
        if state is State.DONE:
            await self._ledger.accepted(self._key, self._owner)
        elif state is State.UNKNOWN:
            await self._ledger.unknown(self._key, self._owner)
        elif state is State.FAILED and error is not None and frees_key(error):
            await self._ledger.release(self._key, self._owner)
