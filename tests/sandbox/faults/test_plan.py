"""Which calls are struck."""

from __future__ import annotations

from typing import Any

import pytest

from etelecom_async.sandbox.faults import Fault, Faults, Target

READ = "shop.tenant.get"
SEND = "sms.send"


def strikes(faults: Faults, *operations: str) -> list[str | None]:
    """What befalls these calls, one after the other."""
    found = [faults.strike(Target.CALL, operation) for operation in operations]
    return [strike and strike.kind for strike in found]


def test_always() -> None:
    """A fault of which nothing else is said strikes every call of every operation."""
    assert strikes(Faults([Fault(kind="slow")]), READ, SEND, READ) == ["slow"] * 3


def test_after_and_times() -> None:
    """So many calls pass, so many are struck, and the rest pass again."""
    faults = Faults([Fault(kind="slow", after=2, times=3)])
    assert strikes(faults, *[READ] * 7) == [None, None, "slow", "slow", "slow", None, None]
    assert [(armed.seen, armed.struck) for armed in faults] == [(7, 3)]


@pytest.mark.parametrize("name", [SEND, "OmniMessage/SendMessage"])
def test_operation(name: str) -> None:
    """A fault of one operation, by either name, neither strikes nor counts the others."""
    faults = Faults([Fault(kind="slow", operation=name, after=1)])
    assert strikes(faults, READ, SEND, READ, SEND) == [None, None, None, "slow"]


def test_the_first_that_can_strike() -> None:
    """Faults are a script: where one has passed or is spent, the next one strikes."""
    faults = Faults(
        [
            Fault(kind="status", times=1),
            Fault(kind="reset_after", times=1),
            Fault(kind="half_body", after=3),
        ]
    )
    assert strikes(faults, *[READ] * 5) == ["status", "reset_after", None, "half_body", "half_body"]


def test_targets_are_apart() -> None:
    """A fault of connections or of pages does not strike calls, nor the other way round."""
    faults = Faults([Fault(kind="refuse"), Fault(kind="slow"), Fault(kind="repeat_cursor")])
    found = [faults.strike(target, "shop.call_logs.list") for target in Target]
    assert [strike and strike.kind for strike in found] == ["refuse", "slow", "repeat_cursor"]


def test_the_seed_decides() -> None:
    """The same seed strikes the same calls in the same way; another one strikes others."""

    def run(seed: int) -> list[str | None]:
        fault = Fault(kind=["reset_after", "half_body", "status"], probability=0.3, seed=seed)
        return strikes(Faults([fault]), *[READ] * 200)

    assert run(1) == run(1) != run(2)
    assert set(run(1)) == {None, "reset_after", "half_body", "status"}


def test_share() -> None:
    """The probability is the share of the calls that are struck."""
    found = strikes(Faults([Fault(kind="slow", probability=0.05)]), *[READ] * 10_000)
    assert 0.04 < sum(map(bool, found)) / len(found) < 0.06
    assert not any(strikes(Faults([Fault(kind="slow", probability=0)]), *[READ] * 100))


def test_operations_do_not_disturb_each_other() -> None:
    """Which calls of an operation are struck does not depend on what is called in between."""

    def fate(*calls: str) -> list[str | None]:
        found = strikes(Faults([Fault(kind="slow", probability=0.5, seed=3)]), *calls)
        return [kind for call, kind in zip(calls, found, strict=True) if call == READ]

    assert fate(*[READ] * 50) == fate(*[READ, SEND, SEND] * 50)


def test_faults_of_one_seed_are_not_struck_together() -> None:
    """Two faults that nobody gave a seed strike calls of their own."""
    faults = Faults([Fault(kind="slow", probability=0.5), Fault(kind="status", probability=0.5)])
    found = strikes(faults, *[READ] * 100)
    assert set(found) == {None, "slow", "status"}


def test_clear() -> None:
    """Once cleared there is none, and the random numbers start again."""
    faults = Faults()
    assert not faults
    seen: list[list[str | None]] = []
    for _ in range(2):
        faults.add(Fault(kind="slow", probability=0.5))
        assert len(faults) == 1
        seen.append(strikes(faults, *[READ] * 50))
        faults.clear()
    assert not faults
    assert strikes(faults, READ) == [None]
    assert seen[0] == seen[1]


@pytest.mark.parametrize(
    ("processed", "done_first"),
    [
        (None, {"reset_after", "half_body", "stall_header", "stall_body"}),
        (True, {"reset_after", "half_body", "stall_header", "stall_body", "status"}),
        (False, {"reset_after", "half_body", "stall_body"}),
    ],
)
def test_what_is_done_before(processed: Any, done_first: set[str]) -> None:
    """Each kind has its side of the deed, and `processed` changes it where it can be changed."""
    kinds = {"reset_before", "reset_after", "half_body", "stall_header", "stall_body", "status"}
    faults = Faults([Fault(kind=sorted(kinds), processed=processed)])
    found = [faults.strike(Target.CALL, READ) for _ in range(200)]
    assert {strike.kind for strike in found if strike} == kinds
    assert {strike.kind for strike in found if strike and strike.is_processed} == done_first
