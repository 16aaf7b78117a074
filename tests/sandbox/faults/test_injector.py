"""The choice of the calls that get a fault."""

from __future__ import annotations

from typing import Any

import pytest

from etelecom_async.sandbox.faults import Fault, FaultInjector, Target

READ = "shop.tenant.get"
SEND = "sms.send"


def injected(faults: FaultInjector, *operations: str) -> list[str | None]:
    """Returns the kinds of fault that these calls get, in order."""
    found = [faults.match(Target.CALL, operation) for operation in operations]
    return [injection and injection.kind for injection in found]


def test_always() -> None:
    """A fault with a kind alone applies to every call of every operation."""
    assert injected(FaultInjector([Fault(kind="slow")]), READ, SEND, READ) == ["slow"] * 3


def test_after_and_times() -> None:
    """`after` calls pass, the next `times` calls get the fault, and the rest pass."""
    faults = FaultInjector([Fault(kind="slow", after=2, times=3)])
    assert injected(faults, *[READ] * 7) == [None, None, "slow", "slow", "slow", None, None]
    assert [(active.seen, active.struck) for active in faults] == [(7, 3)]


@pytest.mark.parametrize("name", [SEND, "OmniMessage/SendMessage"])
def test_operation(name: str) -> None:
    """A fault of one operation, by either name, neither applies to other operations nor counts them."""
    faults = FaultInjector([Fault(kind="slow", operation=name, after=1)])
    assert injected(faults, READ, SEND, READ, SEND) == [None, None, None, "slow"]


def test_the_first_that_applies() -> None:
    """A list of faults is a script. If one does not apply or is used up, the next one can apply."""
    faults = FaultInjector(
        [
            Fault(kind="status", times=1),
            Fault(kind="reset_after", times=1),
            Fault(kind="half_body", after=3),
        ]
    )
    assert injected(faults, *[READ] * 5) == ["status", "reset_after", None, "half_body", "half_body"]


def test_targets_are_apart() -> None:
    """A fault of connections or of pages does not apply to calls, and the reverse is also true."""
    kinds = ["refuse", "slow", "repeat_cursor", "blank_next"]
    faults = FaultInjector([Fault(kind=kind) for kind in kinds])
    found = [faults.match(target, "shop.call_logs.list") for target in Target]
    assert [injection and injection.kind for injection in found] == kinds


def test_the_seed_decides() -> None:
    """The same seed chooses the same calls and values; another seed chooses others."""

    def run(seed: int) -> list[str | None]:
        fault = Fault(kind=["reset_after", "half_body", "status"], probability=0.3, seed=seed)
        return injected(FaultInjector([fault]), *[READ] * 200)

    assert run(1) == run(1) != run(2)
    assert set(run(1)) == {None, "reset_after", "half_body", "status"}


def test_share() -> None:
    """The probability is the share of the calls that get the fault."""
    found = injected(FaultInjector([Fault(kind="slow", probability=0.05)]), *[READ] * 10_000)
    assert 0.04 < sum(map(bool, found)) / len(found) < 0.06
    assert not any(injected(FaultInjector([Fault(kind="slow", probability=0)]), *[READ] * 100))


def test_operations_do_not_disturb_each_other() -> None:
    """Calls of other operations do not change the choice of calls."""

    def faults_of_reads(*calls: str) -> list[str | None]:
        found = injected(FaultInjector([Fault(kind="slow", probability=0.5, seed=3)]), *calls)
        return [kind for call, kind in zip(calls, found, strict=True) if call == READ]

    assert faults_of_reads(*[READ] * 50) == faults_of_reads(*[READ, SEND, SEND] * 50)


def test_faults_of_one_seed_choose_different_calls() -> None:
    """Two faults with the default seed choose different calls."""
    faults = FaultInjector([Fault(kind="slow", probability=0.5), Fault(kind="status", probability=0.5)])
    found = injected(faults, *[READ] * 100)
    assert set(found) == {None, "slow", "status"}


@pytest.mark.parametrize("settings", [{"kind": "execute_late"}, {"kind": "stall_header", "late_seconds": 7}])
def test_late(settings: Any) -> None:
    """A late call is not executed before the fault acts; only kinds that allow it are late."""
    other: Any = {"kind": "reset_after"}
    faults = FaultInjector([Fault(times=1, **settings), Fault(**other)])
    late, never_late = (faults.match(Target.CALL, SEND) for _ in range(2))
    assert late is not None
    assert never_late is not None
    assert (late.is_processed, late.late_seconds) == (False, settings.get("late_seconds", 0))
    assert (never_late.is_processed, never_late.late_seconds) == (True, None)


def test_has() -> None:
    """`has` tells whether a fault of a target is active."""
    faults = FaultInjector([Fault(kind="blank_next")])
    assert [faults.has(target) for target in Target] == [False, False, False, True]


def test_clear() -> None:
    """`clear` removes all faults, and the random numbers start again."""
    faults = FaultInjector()
    assert not faults
    seen: list[list[str | None]] = []
    for _ in range(2):
        faults.add(Fault(kind="slow", probability=0.5))
        assert len(faults) == 1
        seen.append(injected(faults, *[READ] * 50))
        faults.clear()
    assert not faults
    assert injected(faults, READ) == [None]
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
    """Each kind acts before or after the execution; `processed` changes that for kinds that allow it."""
    kinds = {"reset_before", "reset_after", "half_body", "stall_header", "stall_body", "status"}
    faults = FaultInjector([Fault(kind=sorted(kinds), processed=processed)])
    found = [faults.match(Target.CALL, READ) for _ in range(200)]
    assert {injection.kind for injection in found if injection} == kinds
    assert {injection.kind for injection in found if injection and injection.is_processed} == done_first
