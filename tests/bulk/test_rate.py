"""A rate that processes share: order, distance, places that are left, killed processes and damaged files."""

from __future__ import annotations

import asyncio
import itertools
import json
import math
import multiprocessing
import os
import pickle
import random
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from etelecom_async import ConfigurationError, PartnerClient, ShopClient
from etelecom_async.bulk import SharedRate
from etelecom_async.bulk import rate as module

if TYPE_CHECKING:
    from tests.conftest import Peer

GAP = 0.5


class Machine:
    """A clock that all processes of one machine share, and rates of one file with this clock."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.now = 100.0

    def rate(self, per_second: float = 1 / GAP) -> SharedRate:
        """Return a rate, as another process has one."""
        return SharedRate(self.path, per_second)

    def start(self, place: module.SharedPlace) -> float:
        """Return the time when *place* starts, and wait as long as it says."""
        while seconds := place.start():
            self.now += seconds
        return self.now


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """A machine without a file."""
    machine = Machine(tmp_path / "calls.rate")
    monkeypatch.setattr(module, "_NOW", lambda: machine.now)
    return machine


class Jobs:
    """Attempts of three processes that arrive, are late, are cancelled and are killed by chance."""

    def __init__(self, machine: Machine, chance: random.Random) -> None:
        self.machine = machine
        self.chance = chance
        self.rates = [machine.rate() for _ in range(3)]
        self.wakes: dict[module.SharedPlace, float] = {}
        """When each waiting attempt asks again."""
        self.starts: list[float] = []

    def arrive(self) -> None:
        """Let time pass, and perhaps let attempts arrive."""
        machine, chance = self.machine, self.chance
        machine.now += chance.random() * GAP / 4
        if chance.random() < 0.5:
            self.wakes[chance.choice(self.rates).place()] = machine.now
        if chance.random() < 0.1 and chance.choice(self.rates).start_nowait():
            self.starts.append(machine.now)

    def step(self, *, is_cruel: bool) -> None:
        """Let the first attempt that wakes ask, or be cancelled or killed."""
        machine, chance = self.machine, self.chance
        if not self.wakes:
            return
        place = min(self.wakes, key=self.wakes.__getitem__)
        machine.now = max(machine.now, self.wakes.pop(place))
        if is_cruel and chance.random() < 0.2:
            machine.now += chance.random()
        if is_cruel and chance.random() < 0.2:
            if chance.random() < 0.5:
                place.leave()
        elif seconds := place.start():
            self.wakes[place] = machine.now + seconds
        else:
            self.starts.append(machine.now)


class TestStarts:
    """When attempts start."""

    def test_distance(self, machine: Machine) -> None:
        """Starts without a wait keep the distance, whichever process makes them."""
        first, second = machine.rate(), machine.rate()
        found: list[bool] = []
        for now in (100.0, 100.4, 100.5, 100.9, 101.1, 101.5):
            machine.now = now
            found += [first.start_nowait() or second.start_nowait()]
        assert found == [True, False, True, False, True, False]

    def test_order(self, machine: Machine) -> None:
        """Attempts that wait start in the order in which they came, each one gap after the one before."""
        places = [machine.rate().place() for _ in range(4)]
        assert [place.start() for place in places] == [0.0, 0.5, 1.0, 1.5]
        assert not machine.rate().start_nowait()
        machine.now = 100.5
        assert [place.start() for place in reversed(places[1:])] == [1.0, 0.5, 0.0]
        assert not machine.rate().start_nowait()  # others wait

    def test_late(self, machine: Machine) -> None:
        """If an attempt starts late, because its event loop was blocked, the next one waits longer."""
        first, second, third = (machine.rate().place() for _ in range(3))
        assert machine.rate().start_nowait()
        for place in (first, second, third):
            place.start()
        machine.now = 100.9
        assert first.start() == 0
        machine.now = 101.0
        assert (second.start(), machine.rate().start_nowait()) == (pytest.approx(0.4), False)
        machine.now = 101.4
        assert second.start() == 0
        assert machine.start(third) == pytest.approx(101.9)
        assert machine.start(machine.rate().place()) == pytest.approx(102.4)

    def test_file_is_not_read_before_the_next_start(self, machine: Machine) -> None:
        """Within the gap, a process that knows the last start reads no file."""
        rate = machine.rate()
        assert [rate.start_nowait(), rate.start_nowait()] == [True, False]
        machine.path.write_bytes(b"other")
        assert not rate.start_nowait()
        machine.now += GAP
        with pytest.raises(ConfigurationError, match="no file of a shared rate"):
            rate.start_nowait()

    def test_left_place(self, machine: Machine) -> None:
        """The last place that is left goes to the next attempt; one in between, too."""
        rate = machine.rate()
        assert rate.start_nowait()
        first, second, third = (rate.place() for _ in range(3))
        assert [first.start(), second.start(), third.start()] == [0.5, 1.0, 1.5]
        third.leave()
        third.leave()
        assert rate.place().start() == 1.5
        first.leave()
        fourth, fifth = rate.place(), rate.place()
        fourth.start()
        fifth.start()
        assert (fourth._number, fifth._number) == (2, 5)
        second.leave()
        machine.now = 101.2
        assert fourth.start() == 0.0  # late, so all others are later, too
        sixth = rate.place()
        assert (sixth.start(), sixth._number) == (GAP, 3)

    def test_leave_after_the_start(self, machine: Machine) -> None:
        """An attempt that started has no place to leave."""
        rate = machine.rate()
        place = rate.place()
        assert place.start() == 0
        before = machine.path.read_bytes()
        place.leave()
        rate.place().leave()
        assert machine.path.read_bytes() == before

    def test_killed_processes(self, machine: Machine) -> None:
        """Places of killed processes delay the others for a moment only, however many there are."""
        rate = machine.rate()
        assert rate.start_nowait()
        for _ in range(500):
            assert rate.place().start() > 0  # and never again
        places = [machine.rate().place() for _ in range(3)]
        seconds = [place.start() for place in places]
        assert seconds == [1.5] * 3
        machine.now += seconds[0]
        assert places[0].start() == 0
        assert [place.start() for place in places[1:]] == [0.5, 1.0]
        machine.now += 0.5
        assert places[1].start() == 0
        assert machine.start(places[2]) == 102.5
        assert machine.start(rate.place()) == 103.0

    def test_left_after_all_places_were_given_up(self, machine: Machine) -> None:
        """A place from before that moment is not given back: it is no place any more."""
        rate = machine.rate()
        assert rate.start_nowait()
        places = [rate.place() for _ in range(6)]
        for place in places:
            place.start()
        assert [place._number for place in places[-2:]] == [6, 7]
        machine.now = 101.5
        assert places[-1].start() == 0  # out of turn
        for place in places:
            place.leave()
        assert [machine.start(rate.place()) for _ in range(3)] == [102.0, 102.5, 103.0]

    @pytest.mark.parametrize("seed", range(20))
    def test_any_order(self, machine: Machine, seed: int) -> None:
        """Whatever attempts do, starts keep their distance, and each attempt that goes on waiting starts."""
        jobs = Jobs(machine, random.Random(seed))
        for _ in range(300):
            jobs.arrive()
            jobs.step(is_cruel=True)
        waiting, before = len(jobs.wakes), machine.now
        while jobs.wakes:
            jobs.step(is_cruel=False)
        assert len(jobs.starts) > 50
        assert all(later >= start + GAP for start, later in itertools.pairwise(jobs.starts))
        assert machine.now - before < 3 * GAP * (waiting + 2)

    def test_other_numbers(self, machine: Machine) -> None:
        """Processes with different numbers keep their own distance to any start."""
        slow, fast = machine.rate(1), machine.rate(10)
        assert slow.start_nowait()
        machine.now = 100.5
        assert [slow.place().start(), fast.start_nowait()] == [0.5, True]
        machine.now = 100.55
        assert [slow.start_nowait(), machine.rate(10).start_nowait()] == [False, False]


class TestFile:
    """The file, and what may happen to it."""

    @pytest.mark.parametrize("damage", ["restart", "bits", "cut", "zeros"])
    def test_damaged(self, machine: Machine, damage: str) -> None:
        """After a restart of the machine, or with a damaged file, the next start is one gap away."""
        rate = machine.rate()
        place = rate.place()
        assert rate.start_nowait()
        place.start()
        content = machine.path.read_bytes()
        contents = {
            "restart": content,
            "bits": content[:20] + b"\xff" + content[21:],
            "cut": content[:-1],
            "zeros": bytes(len(content)),
        }
        machine.path.write_bytes(contents[damage])
        machine.now = 7.0 if damage == "restart" else 200.0
        before = machine.now
        rate = machine.rate()
        assert not rate.start_nowait()
        assert machine.start(rate.place()) == before + GAP
        assert machine.path.stat().st_size == len(content)

    def test_other_file(self, tmp_path: Path) -> None:
        """A file with other content is refused, and stays as it is."""
        for content in (b"invoice,phone\n", b"etrate1\n" + bytes(1000)):
            path = tmp_path / "rows.csv"
            path.write_bytes(content)
            with pytest.raises(ConfigurationError, match="is no file of a shared rate, so it was not "):
                SharedRate(path, 5)
            assert path.read_bytes() == content

    def test_deleted(self, machine: Machine) -> None:
        """A file that was deleted is made again; a folder is not."""
        rate = machine.rate()
        machine.path.unlink()
        assert rate.start_nowait()
        for file in machine.path.parent.iterdir():
            file.unlink()
        machine.path.parent.rmdir()
        place = rate.place()
        with pytest.raises(ConfigurationError, match=r"calls\.rate cannot be used: No such file"):
            place.start()
        place._number = 5
        place.leave()  # raises nothing, so that the error of the call stays

    def test_lock_is_not_deleted(self, machine: Machine) -> None:
        """The lock file stays."""
        machine.rate().start_nowait()
        assert sorted(file.name for file in machine.path.parent.iterdir()) == [
            "calls.rate",
            "calls.rate.lock",
        ]

    def test_working_folder(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """A relative path stays the same file, whatever the working folder is later."""
        monkeypatch.chdir(tmp_path)
        rate = SharedRate("calls.rate", 5)
        monkeypatch.chdir("/")
        assert rate.start_nowait()
        assert repr(rate) == f"SharedRate({str(tmp_path / 'calls.rate')!r}, 5)"

    @pytest.mark.parametrize("lock", [module._locked, module._locked_by_filelock])
    def test_busy(
        self, machine: Machine, monkeypatch: pytest.MonkeyPatch, lock: Callable[[str], Any]
    ) -> None:
        """While another process has the lock, an attempt waits for a moment, and does not block."""
        monkeypatch.setattr(module, "_locked", lock)
        rate, place = machine.rate(), machine.rate().place()
        with module._locked_by_filelock(f"{machine.path}.lock") as has_lock:
            assert has_lock
            assert not rate.start_nowait()
            assert place.start() == 0.001
        assert rate.start_nowait()
        assert place.start() == GAP


class TestArguments:
    """Wrong arguments are errors of the configuration."""

    @pytest.mark.parametrize("path", [None, 5, b"a", "", "/", "a\0b", Path(), ["a"]], ids=repr)
    def test_path(self, path: Any) -> None:
        """A path names a file."""
        with pytest.raises(ConfigurationError, match=r"^path takes the path of a file, not "):
            SharedRate(path, 5)

    def test_special_files(self, tmp_path: Path) -> None:
        """A folder or a device is refused; so is a file in a folder that does not exist."""
        for path in (tmp_path, os.devnull):
            with pytest.raises(ConfigurationError, match="is not a file"):
                SharedRate(path, 5)
        with pytest.raises(ConfigurationError, match="cannot be used: No such file or directory"):
            SharedRate(tmp_path / "missing" / "calls.rate", 5)

    def test_network_drive(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """A network drive is refused, because its locks are not safe."""
        (tmp_path / "link").symlink_to(tmp_path / "share")
        (tmp_path / "share").mkdir()
        shares = {tmp_path / "share": "nfs4"}
        monkeypatch.setattr(module, "network_drive", shares.get)
        with pytest.raises(ConfigurationError, match=r"is on a network drive \(nfs4\)"):
            SharedRate(tmp_path / "link" / "calls.rate", 5)
        assert list((tmp_path / "share").iterdir()) == []

    @pytest.mark.parametrize("number", [0, -1, 1e-7, 10**30, 1e7, math.inf, math.nan, True, None, "5"])
    def test_per_second(self, tmp_path: Path, number: Any) -> None:
        """The rate is a number above 0, and not infinite."""
        with pytest.raises(ConfigurationError, match=r"^per_second takes a number from 0\.000001 to "):
            SharedRate(tmp_path / "calls.rate", number)
        assert list(tmp_path.iterdir()) == []

    def test_secret_in_the_wrong_place(self, tmp_path: Path) -> None:
        """The error shows a number, but no text: it may be a key."""
        for wrong, shown in ((0, "not 0."), ("canary", "not str."), (10**30, "not int.")):
            with pytest.raises(ConfigurationError) as caught:
                SharedRate(tmp_path / "calls.rate", wrong)  # type: ignore[arg-type]  # a wrong type is the test
            assert str(caught.value).endswith(shown)

    def test_number_of_numpy(self, tmp_path: Path) -> None:
        """A number of numpy becomes a built-in one."""
        rate = SharedRate(tmp_path / "calls.rate", np.float32(2.5))
        assert (type(rate.per_second), rate.per_second) == (float, 2.5)


# Each attempt notes the time that the file got.
WORKER = """
import asyncio, json, sys, time
from etelecom_async._core.calls.limiter import Limiters
from etelecom_async._core.operation import Effect
from etelecom_async.bulk import SharedRate

async def main(path, per_second, count):
    rate, now, starts = SharedRate(path, per_second), [0.0], []

    def clock():
        now[0] = time.monotonic()
        return now[0]

    rate._file.now = clock
    limiter = Limiters(4, rate).limiter(Effect.READ)

    async def call():
        await limiter.acquire()
        starts.append(now[0])
        await asyncio.sleep(0)
        limiter.release()

    print("ready", flush=True)
    sys.stdin.readline()
    await asyncio.gather(*(call() for _ in range(count)))
    print(json.dumps(starts), flush=True)

asyncio.run(main(sys.argv[1], float(sys.argv[2]), int(sys.argv[3])))
"""


def worker(path: Path, per_second: float, count: int) -> subprocess.Popen[str]:
    """Start a process that makes *count* attempts when it gets a line."""
    return subprocess.Popen(
        [sys.executable, "-c", WORKER, str(path), str(per_second), str(count)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


class TestProcesses:
    """Real processes, threads and clients."""

    def test_rate_of_several_processes(self, tmp_path: Path) -> None:
        """Three processes together never exceed the rate, and each gets its share."""
        per_second, count = 200.0, 40
        workers = [worker(tmp_path / "calls.rate", per_second, count) for _ in range(3)]
        try:
            for process in workers:
                assert process.stdout is not None
                assert process.stdout.readline() == "ready\n"
            for process in workers:
                assert process.stdin is not None
                process.stdin.write("go\n")
                process.stdin.flush()
            found = [json.loads(process.communicate(timeout=60)[0]) for process in workers]
        finally:
            for process in workers:
                process.kill()
                process.communicate()
        starts = sorted(start for each in found for start in each)
        assert len(starts) == 3 * count
        assert all(later >= start + 1 / per_second for start, later in itertools.pairwise(starts))
        firsts = starts[: 3 * count // 2]
        assert all(set(each) & set(firsts) for each in found)

    def test_killed_with_the_lock(self, tmp_path: Path) -> None:
        """A process that is killed while it has the lock, and while it waits, holds up nobody."""
        code = """
import sys, time
from etelecom_async.bulk import SharedRate, rate
shared = SharedRate(sys.argv[1], 1000)
for _ in range(5):
    shared.place().start()
with rate._locked(sys.argv[1] + ".lock") as has_lock:
    print(has_lock, flush=True)
    time.sleep(60)
"""
        path = tmp_path / "calls.rate"
        process = subprocess.Popen([sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE, text=True)
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "True\n"
            rate = SharedRate(path, 1000)
            assert rate.place().start() == 0.001
        finally:
            process.kill()
            process.communicate()

        async def start() -> None:
            place = rate.place()
            while seconds := place.start():
                assert seconds < 0.1
                await asyncio.sleep(seconds)

        asyncio.run(asyncio.wait_for(start(), 30))

    def test_threads_and_copies(self, tmp_path: Path) -> None:
        """Threads, and copies that another process gets by pickle, keep one rate."""
        rate = SharedRate(tmp_path / "calls.rate", 0.01)
        copy: SharedRate = pickle.loads(pickle.dumps(rate))
        started: list[bool] = []
        threads = [
            threading.Thread(target=lambda: started.append(any(each.start_nowait() for each in (rate, copy))))
            for _ in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sum(started) == 1

    @pytest.mark.skipif(sys.platform == "win32", reason="Windows has no fork")
    @pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
    def test_fork(self, tmp_path: Path) -> None:
        """A forked worker uses the rate that was made before the fork, also while the parent has the lock."""
        rate = SharedRate(tmp_path / "calls.rate", 0.01)
        context = multiprocessing.get_context("fork")

        def in_child(ask: Callable[[], object]) -> object:
            here, there = context.Pipe()
            child = context.Process(target=lambda: there.send(ask()))
            child.start()
            try:
                assert here.poll(60)
                return here.recv()
            finally:
                child.kill()
                child.join()

        with module._locked(f"{tmp_path / 'calls.rate'}.lock"):
            assert in_child(rate.start_nowait) is False
            assert in_child(rate.place().start) == 0.001
        assert in_child(rate.start_nowait) is True
        assert not rate.start_nowait()

    async def test_clients(self, peer: Peer, tmp_path: Path) -> None:
        """Clients of several keys and kinds keep one rate."""
        rate = SharedRate(tmp_path / "calls.rate", 500)
        async with (
            ShopClient("1161512386239479010:k", base_url=peer.base_url, rate=rate) as shop,
            PartnerClient("partner", base_url=peer.base_url) as partner,
        ):
            limited = partner.with_options(rate=SharedRate(tmp_path / "calls.rate", 500))
            loop = asyncio.get_running_loop()
            before = loop.time()
            await asyncio.gather(*(client.call("Any/Thing") for client in [shop, limited] * 10))
            assert loop.time() - before >= 19 / 500
        assert len(peer.requests) == 20
