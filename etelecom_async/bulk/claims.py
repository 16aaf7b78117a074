"""A message of a job, as the ledger knows it."""

from __future__ import annotations

from hashlib import blake2b
from typing import Any, Final, Self

import attrs

from etelecom_async._core.operation import Effect
from etelecom_async._core.secret import mask
from etelecom_async.bulk.ledger import Claim, Ledger, LedgerKey, frees_key
from etelecom_async.bulk.states import State
from etelecom_async.bulk.steps import Plan, Step
from etelecom_async.errors import EtelecomError, InvalidRequestError

_MOST_PROBLEMS: Final = 20


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

        A message to which the caller gave no tracking id is known by the key of its step.

        Args:
            ledger: The ledger.
            step: The step.
            request: Its request, with all values.
            job: Id of the journal.
        """
        owner = f"{job}/{blake2b(step.key.encode(), digest_size=8).hexdigest()}"
        return cls(ledger, _key_of(step, request), owner)

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
        elif error is not None and frees_key(error):
            await self._ledger.release(self._key, self._owner)


def _key_of(step: Step[Any], request: Any) -> LedgerKey:
    # An id that the journal has chosen is another one in each journal.
    is_given = step.tracking is not None and step.chooses is None
    tracking = getattr(request, str(step.tracking)) if is_given else None
    return LedgerKey(
        account=step.engine.identity.account,
        oa_id=getattr(request, "oa_id", None) or step.operation.name,
        tracking_id=tracking or step.key,
    )


def check_keys(plan: Plan) -> None:
    """
    Check that a ledger can hold the keys of all messages of a plan.

    Raises:
        InvalidRequestError: It cannot. The error names the steps.
    """
    problems: list[str] = []
    for step in plan.steps.values():
        if step.effect is Effect.SEND and not step.references:
            try:
                _key_of(step, step.request)
            except InvalidRequestError as error:
                problems += (f"step {mask(step.key)!r}: {problem}" for problem in error.problems)
    if problems:
        more = len(problems) - _MOST_PROBLEMS
        shown = tuple(problems[:_MOST_PROBLEMS])
        raise InvalidRequestError((*shown, f"and {more} more") if more > 0 else shown, operation="bulk.run")
