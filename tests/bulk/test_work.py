"""The work of a run: what follows from each end of a call, over real sockets and without waiting."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
import pytest

from etelecom_async import Effect, PartnerClient, ShopClient, bulk, errors
from etelecom_async.bulk.journal import Journal
from etelecom_async.bulk.ledger import LedgerKey
from etelecom_async.bulk.options import RunOptions
from etelecom_async.bulk.records import Record
from etelecom_async.bulk.states import State

if TYPE_CHECKING:
    from tests.conftest import Asked, Peer, Reply, Waits

OA = "579745863508352884"
Replies = "Reply | Callable[[Asked], Reply]"


@attrs.define
class Service:
    """A service with a response for each method; the last one of several repeats."""

    peer: Peer
    replies: dict[str, list[Any]] = attrs.field(factory=dict)
    asked: list[str] = attrs.field(factory=list)
    """The methods of all requests, in their order."""

    def on(self, method: str, *replies: Any) -> None:
        """Set the responses to a method, such as `Create`."""
        self.replies[method] = list(replies)

    def reply(self, asked: Asked) -> Reply:
        """Respond to a request."""
        method = asked.path.rpartition("/")[2]
        self.asked.append(method)
        replies = self.replies.get(method)
        if not replies:
            return self.peer.json({})
        reply = replies[0] if len(replies) == 1 else replies.pop(0)
        return reply(asked) if callable(reply) else reply

    def times(self, method: str) -> int:
        """Return how often a method was called."""
        return self.asked.count(method)


@pytest.fixture
def service(peer: Peer) -> Service:
    """The service behind the peer."""
    made = Service(peer)
    peer.always = made.reply
    return made


@pytest.fixture
async def once(shop: ShopClient, waits: Waits) -> ShopClient:
    """A client that makes one attempt for each call."""
    client = shop.with_options(retries=0)
    waits.govern(client)
    return client


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The journal."""
    return tmp_path / "job.journal"


def creates(shop: ShopClient, count: int = 1) -> list[bulk.Step[Any]]:
    """Steps that no read can tell of."""
    return [bulk.step(f"{number}", shop.call, "Any/Create", {"number": number}) for number in range(count)]


def extension(shop: ShopClient, number: int = 1001) -> bulk.Step[Any]:
    """A step that a read can tell of."""
    return bulk.step(f"{number}", shop.extensions.create, hotline_id="5", extension_number=number)


def message(shop: ShopClient, key: str = "invoice-1") -> bulk.Step[Any]:
    """A step that sends a message."""
    given: dict[str, Any] = {"oa_id": OA, "phone": "0901234567", "template_id": 7, "template_data": {}}
    return bulk.step(key, shop.zns.messages.send, **given, tracking_id=key)


async def record(path: Path, key: str) -> Record:
    """Return a step of the journal."""
    return (await Journal.read(path)).records[key]


def counts(report: bulk.Report) -> dict[str, int]:
    """The counts of a report as texts."""
    return {state.value: count for state, count in report.counts.items()}


class TestRefusals:
    """Calls that were refused: the step fails, and perhaps the run ends."""

    async def test_steps_after_it(self, service: Service, once: ShopClient, path: Path) -> None:
        """Steps that need a refused one are blocked; after the correction all run."""
        service.on("Create", service.peer.refusal("invalid_argument", 400), service.peer.json({}))
        first, second, third = creates(once, 3)
        steps = [first, second.after(first), third.after(second)]
        async with bulk.run(path, steps) as run:
            ends = [(ended.key, ended.state.value) async for ended in run]
        assert ends == [("0", "failed"), ("1", "blocked"), ("2", "blocked")]
        assert [line.reason for line in run.report.in_state(State.BLOCKED)] == [
            "It needs step '0', which is not done.",
            "It needs step '1', which is not done.",
        ]
        assert counts(await bulk.run(path, steps)) == {"done": 3}

    async def test_value_that_is_missing(self, service: Service, once: ShopClient, path: Path) -> None:
        """A result without the value that another step needs fails this other step."""
        service.on("CreateAccountUser", service.peer.json({"phone": "0901234567"}))
        user = bulk.step("user", once.users.create, full_name="Lan", phone="0901234567", password="p")
        assign = bulk.step("assign", once.extensions.assign, extension_id="1", user_id=user.result.user_id)
        async with bulk.run(path, [user, assign]) as run:
            ends = {ended.key: ended async for ended in run}
        assert ends["user"].state is State.DONE
        assert isinstance(ends["assign"].error, errors.InvalidRequestError)
        assert "is not set" in ends["assign"].reason

    async def test_key_of_one_account(self, service: Service, peer: Peer, waits: Waits, path: Path) -> None:
        """If the key of one shop is refused, the steps of the other one go on."""

        def reply(asked: Asked) -> Reply:
            is_bad = "bad" in asked.headers["authorization"]
            return peer.refusal("unauthenticated", 401) if is_bad else peer.json({})

        service.on("Create", reply)
        async with PartnerClient("partner-key", base_url=peer.base_url, retries=0) as partner:
            waits.govern(partner)
            bad, good = partner.for_shop("shop1:bad"), partner.for_shop("shop2:good")
            steps = [
                bulk.step(f"{name} {number}", client.call, "Any/Create", {"number": number})
                for number in range(10)
                for name, client in (("bad", bad), ("good", good))
            ]
            report = await bulk.run(path, steps)
        assert counts(report) == {"done": 10, "planned": 10}
        assert all(line.key.startswith("bad") for line in report.lines)
        assert "shop1" in report.stopped
        assert "key is missing or refused" in report.stopped

    @pytest.mark.parametrize(
        ("code", "text"),
        [(-133, "resume after 06:00"), (-144, "resume after the quota is renewed")],
        ids=["night", "quota"],
    )
    async def test_messages_that_stop(
        self, service: Service, once: ShopClient, path: Path, code: int, text: str
    ) -> None:
        """At night, and without quota, no further message is sent; in the morning all are."""
        once = once.with_options(concurrency=1)
        service.on("SendZNS", service.peer.json({"error_code": code, "error_message": "no"}))
        steps = [message(once, f"invoice-{number}") for number in range(20)]
        ledger = bulk.SqliteLedger(path.with_name("sent"))
        report = await bulk.run(path, steps, ledger=ledger)
        assert text in report.stopped
        assert service.times("SendZNS") < 5
        assert counts(report) == {"planned": 20}
        assert any("no" in line.reason for line in report.lines)
        service.on("SendZNS", service.peer.json({"id": "1", "tracking_id": "x", "error_code": 0}))
        assert counts(await bulk.run(path, steps, ledger=ledger)) == {"done": 20}

    @pytest.mark.parametrize("status", [403, 404])
    async def test_refusal_without_a_code(
        self, service: Service, once: ShopClient, path: Path, status: int
    ) -> None:
        """It stops the run, and the step is in doubt: a CDN may have made it from a server error."""
        once = once.with_options(concurrency=1)
        service.on("Create", service.peer.raw(b"<h1>no</h1>", status))
        report = await bulk.run(path, creates(once, 20))
        assert f"HTTP {status}" in report.stopped
        assert service.times("Create") < 5
        assert set(counts(report)) == {"unknown", "planned"}

    async def test_throttled_without_an_end(self, service: Service, once: ShopClient, path: Path) -> None:
        """The steps stay planned, and the report says that the server takes no more calls."""
        service.on("Create", service.peer.refusal("resource_exhausted", 429))
        report = await bulk.run(path, creates(once, 20))
        assert counts(report) == {"planned": 20}
        assert "takes no more calls now: resume later" in report.stopped

    async def test_closed_client(self, peer: Peer, path: Path) -> None:
        """A client that is closed stops the run, and fails no step."""
        async with ShopClient("shop1:key", base_url=peer.base_url) as client:
            steps = creates(client, 5)
        report = await bulk.run(path, steps)
        assert counts(report) == {"planned": 5}
        assert "closed" in report.stopped
        assert peer.requests == []


class TestHelpers:
    """A program that builds on runs saves what no read shows again."""

    async def test_order(self, service: Service, once: ShopClient, path: Path) -> None:
        """It hears of a call before the intent, and of a result before the outcome; of no refusal."""
        service.on("Create", service.peer.json({"id": "7"}), service.peer.refusal("invalid_argument", 400))
        heard: list[tuple[str, str, State]] = []

        async def state_of(key: str) -> State:
            return (await Journal.read(path)).records[key].state

        async def before_call(key: str) -> None:
            heard.append((key, f"{service.times('Create')} calls", await state_of(key)))

        async def on_result(key: str, result: Any) -> None:
            heard.append((key, result["id"], await state_of(key)))

        first, second = creates(once, 2)
        options = RunOptions(before_call=before_call, on_result=on_result)
        await bulk.Run(path, [first, second.after(first)], options, None)
        assert heard == [
            ("0", "0 calls", State.PLANNED),
            ("0", "7", State.STARTED),
            ("1", "1 calls", State.PLANNED),
        ]

    async def test_result_that_cannot_be_saved(self, service: Service, once: ShopClient, path: Path) -> None:
        """The run stops with the error, and the step stays in doubt."""
        service.on("Create", service.peer.json({"id": "7"}))

        async def on_result(_key: str, _result: Any) -> None:
            raise errors.KeyStoreError("the disk is full.")

        with pytest.raises(errors.KeyStoreError, match="the disk is full"):
            await bulk.Run(path, creates(once), RunOptions(on_result=on_result), None)
        assert (await Journal.read(path)).records["0"].state is State.STARTED


class TestSuperseded:
    """Steps in doubt that a newer plan does not ask for."""

    async def test_no_call(self, service: Service, once: ShopClient, path: Path) -> None:
        """The step is not called again, and fails if no read shows that it was executed."""
        service.on("Create", service.peer.raw(b"<h1>down</h1>", 504))
        assert counts(await bulk.run(path, creates(once))) == {"unknown": 1}
        calls = service.times("Create")
        report = await bulk.Run(path, creates(once, 2), RunOptions(superseded={"0"}), None)
        assert counts(report) == {"failed": 1, "unknown": 1}
        assert service.times("Create") == calls + 1
        assert "the new plan does not ask for it" in report.lines[0].reason


class TestOutage:
    """A server that cannot be reached, or fails at the start."""

    async def test_patience(self, peer: Peer, waits: Waits, path: Path) -> None:
        """The run waits, says so, and in the end stops with one line; nothing is in doubt."""
        events: list[bulk.Ended | bulk.Waiting] = []
        async with ShopClient("shop1:key", base_url="http://127.0.0.1:1/v1", retries=0) as client:
            waits.govern(client)
            report = await bulk.run(
                path, creates(client, 5), patience=timedelta(minutes=1), on_event=events.append
            )
        assert report.stopped == "The server cannot be reached: resume later."
        assert counts(report) == {"planned": 5}
        assert all(isinstance(event, bulk.Waiting) for event in events)
        assert [event.to_dict()["seconds"] for event in events][:4] == [1, 2, 4, 8]
        assert waits.at - 1000 < 120
        assert peer.requests == []

    async def test_server_that_comes_back(
        self, service: Service, peer: Peer, waits: Waits, path: Path
    ) -> None:
        """Steps run as soon as the server can be reached."""
        tls = peer.base_url.replace("http:", "https:")  # the peer hangs up on TLS

        async with ShopClient("shop1:key", base_url=tls, retries=0) as client:

            async def come_back() -> None:
                if len(waits) > 3:
                    identity: Any = client._engine.identity
                    client._engine.identity = attrs.evolve(identity, base_url=peer.base_url)
                    client._engine._urls.clear()

            waits.govern(client, come_back)
            report = await bulk.run(path, creates(client, 5))
        assert counts(report) == {"done": 5}
        assert report.stopped == ""
        assert service.times("Create") == 5

    async def test_server_that_fails_at_first(
        self, service: Service, once: ShopClient, waits: Waits, path: Path
    ) -> None:
        """No call is made until the server answers a read."""
        down = service.peer.raw(b"<h1>starting</h1>", 503)
        ready = service.peer.json({})
        service.on("CurrentAccount", *[down] * 3, ready)
        first = service.asked
        report = await bulk.run(path, creates(once, 2))
        assert counts(report) == {"done": 2}
        assert first[-2:] == ["Create", "Create"]
        assert len(first) == 6
        assert list(waits) == [1, 2, 4]

    async def test_server_that_fails_in_the_middle(
        self, service: Service, once: ShopClient, path: Path
    ) -> None:
        """After a few doubts in a row the run asks whether the server works, and waits until it does."""
        once = once.with_options(concurrency=1)
        down, ready = service.peer.raw(b"<h1>down</h1>", 503), service.peer.json({})
        service.on("Create", ready, *[down] * 5, ready)
        service.on("CurrentAccount", ready, down, down, ready)
        report = await bulk.run(path, creates(once, 40))
        assert report.stopped == ""
        assert service.times("CurrentAccount") == 4
        assert counts(report) == {"done": 35, "unknown": 5}
        last = len(service.asked) - 1 - service.asked[::-1].index("CurrentAccount")
        assert service.asked[:last].count("Create") < 10

    async def test_server_that_stays_away(self, service: Service, once: ShopClient, path: Path) -> None:
        """If it does not come back, few calls are in doubt, and the others are planned."""
        once = once.with_options(concurrency=1)
        down = service.peer.raw(b"<h1>down</h1>", 503)
        service.on("Create", down)
        service.on("CurrentAccount", service.peer.json({}), down)
        report = await bulk.run(path, creates(once, 40))
        assert report.stopped == "The server cannot be reached: resume later."
        assert set(counts(report)) == {"unknown", "planned"}
        assert counts(report)["unknown"] < 10

    async def test_operation_that_always_ends_in_doubt(
        self, service: Service, once: ShopClient, path: Path
    ) -> None:
        """Although the server answers reads and other calls, only a few messages are in doubt."""
        once = once.with_options(concurrency=1)
        service.on("SendZNS", service.peer.raw(b"<h1>down</h1>", 503))
        service.on("ListMessages", service.peer.json({"messages": []}))
        messages = [message(once, f"invoice-{number}") for number in range(60)]
        both = zip(messages, creates(once, 60), strict=True)
        report = await bulk.run(path, [step for pair in both for step in pair])
        assert "The last 20 calls of shop.zns.messages.send are in doubt" in report.stopped
        assert 20 <= counts(report)["unknown"] <= 24
        assert 20 <= counts(report)["done"] <= 28
        assert counts(report)["planned"] >= 60


class TestDoubt:
    """Steps whose call may have been executed."""

    def lists(self, service: Service, *rows: dict[str, Any]) -> None:
        """Set the extensions and messages that the service shows."""

        def reply(name: str) -> Callable[[Asked], Reply]:
            def page(asked: Asked) -> Reply:
                after = json.loads(asked.body).get("paging", {}).get("after")
                return service.peer.json({name: [] if after else list(rows), "paging": {"next": "n"}})

            return page

        service.on("GetExtensions", reply("extensions"))
        service.on("ListMessages", reply("messages"))
        service.on(
            "GetExtensionInfo", service.peer.json(rows[0]) if rows else service.peer.refusal("not_found", 404)
        )

    async def test_object_is_there(self, service: Service, once: ShopClient, path: Path) -> None:
        """A lost response is settled in the same run, with the object as its result."""
        service.on("CreateExtension", service.peer.DROP)
        service.on("AssignUserToExtension", service.peer.json({"updated": 1}))
        self.lists(service, {"id": "77", "extension_number": "1001"})
        step = extension(once)
        assign = bulk.step("assign", once.extensions.assign, extension_id=step.result.id, user_id="1")
        async with bulk.run(path, [step, assign]) as run:
            ends = [(ended.key, ended.state.value) async for ended in run]
        assert ends == [("1001", "unknown"), ("1001", "done"), ("assign", "done")]
        assert (await record(path, "1001")).kept == {"id": "77"}
        assert service.times("CreateExtension") == 1

    async def test_nothing_is_there(
        self, service: Service, once: ShopClient, waits: Waits, path: Path
    ) -> None:
        """Without settle_after the step stays unknown; with it, the run waits, reads again and repeats."""
        service.on("CreateExtension", service.peer.DROP)
        self.lists(service)
        report = await bulk.run(path, [extension(once)])
        assert counts(report) == {"unknown": 1}
        assert "settle_after" in report.lines[0].reason
        service.on("CreateExtension", service.peer.json({"id": "77", "extension_number": "1001"}))
        waits.clear()
        events: list[bulk.Ended | bulk.Waiting] = []
        report = await bulk.run(
            path, [extension(once)], settle_after=timedelta(minutes=10), on_event=events.append
        )
        assert counts(report) == {"done": 1}
        assert service.times("CreateExtension") == 2
        assert 590 < sum(waits) < 610
        assert isinstance(events[0], bulk.Waiting)
        assert events[0].reason.startswith("steps in doubt are read back again")

    async def test_no_read_can_tell(self, service: Service, once: ShopClient, path: Path) -> None:
        """Such a step stays unknown, and the next run does not repeat it; steps after it are blocked."""
        service.on("Create", service.peer.DROP)
        first, second = creates(once, 2)
        steps = [first, second.after(first)]
        for settle_after in (None, timedelta(0)):
            report = await bulk.run(path, steps, settle_after=settle_after)
            assert counts(report) == {"unknown": 1, "blocked": 1}
            assert "No read of the API can tell" in report.lines[0].reason
        assert service.times("Create") == 1

    async def test_failed_read(self, service: Service, once: ShopClient, path: Path) -> None:
        """If the read fails, the step stays in doubt, and the next run reads again."""
        service.on("CreateExtension", service.peer.DROP)
        for method in ("GetExtensions", "GetExtensionInfo"):
            service.on(method, service.peer.refusal("internal", 500))
        report = await bulk.run(path, [extension(once)], settle_after=timedelta(0))
        assert counts(report) == {"unknown": 1}
        assert "The read-back failed" in report.lines[0].reason
        self.lists(service, {"id": "77", "extension_number": "1001"})
        assert counts(await bulk.run(path, [extension(once)])) == {"done": 1}

    async def test_message(self, service: Service, once: ShopClient, path: Path) -> None:
        """A message stays unknown until the user says to send it again, and then it is sent once more."""
        service.on("SendZNS", service.peer.DROP)
        self.lists(service)
        ledger = bulk.SqliteLedger(path.with_name("sent"))
        for settle_after in (None, timedelta(0)):
            report = await bulk.run(path, [message(once)], settle_after=settle_after, ledger=ledger)
            assert counts(report) == {"unknown": 1}
            assert "resend_unknown" in report.lines[0].reason
        assert service.times("SendZNS") == 1
        report = await bulk.run(path, [message(once)], resend_unknown=True, ledger=ledger)
        assert counts(report) == {"unknown": 1}
        assert service.times("SendZNS") == 2
        service.on("SendZNS", service.peer.json({"id": "1", "error_code": 0}))
        report = await bulk.run(path, [message(once)], resend_unknown=True, ledger=ledger)
        assert counts(report) == {"done": 1}

    async def test_message_that_was_refused(self, service: Service, once: ShopClient, path: Path) -> None:
        """A read-back that finds a refused message fails the step, and frees its key."""
        service.on("SendZNS", service.peer.DROP)
        row = {"id": "1", "tracking_id": "invoice-1", "oa_id": OA, "error_code": -108, "error_message": "no"}
        self.lists(service, row)
        ledger = bulk.SqliteLedger(path.with_name("sent"))
        report = await bulk.run(path, [message(once)], ledger=ledger)
        assert counts(report) == {"failed": 1}
        key = LedgerKey.of(once, oa_id=OA, tracking_id="invoice-1")
        assert (await ledger.claim(key, "another")).state == "new"

    async def test_repeats_end(self, service: Service, once: ShopClient, path: Path) -> None:
        """A call that is in doubt again and again is repeated a few times, and then left."""
        service.on("Set", service.peer.raw(b"{", 502))
        step = bulk.step("a", once.call, "Any/Set", {}, effect=Effect.IDEMPOTENT)
        report = await bulk.run(path, [step])
        assert counts(report) == {"unknown": 1}
        assert "run the job again" in report.lines[0].reason
        assert service.times("Set") == 4
        service.on("Set", service.peer.json({}))
        assert counts(await bulk.run(path, [step])) == {"done": 1}

    async def test_deleted_by_the_first_call(self, service: Service, once: ShopClient, path: Path) -> None:
        """A repeated delete that finds nothing is done."""
        service.on("Delete", service.peer.DROP, service.peer.refusal("not_found", 404))
        step = bulk.step("a", once.call, "Any/Delete", {"id": "1"}, effect=Effect.DELETE)
        async with bulk.run(path, [step]) as run:
            ends = [(ended.state, ended.error is None) async for ended in run]
        assert ends[-1] == (State.DONE, True)
        assert counts(run.report) == {"done": 1}


class TestLedger:
    """Messages that several jobs want to send."""

    async def test_sent_by_another_job(self, service: Service, once: ShopClient, path: Path) -> None:
        """The second job skips it, also after a restart; its own messages are done."""
        service.on("SendZNS", service.peer.json({"id": "1", "error_code": 0}))
        ledger = bulk.SqliteLedger(path.with_name("sent"))
        assert counts(await bulk.run(path, [message(once)], ledger=ledger)) == {"done": 1}
        other = path.with_name("other")
        for _ in range(2):
            report = await bulk.run(other, [message(once), message(once, "invoice-2")], ledger=ledger)
            assert counts(report) == {"done": 1, "skipped": 1}
            assert report.lines[0].reason == "Another job has sent this message."
            assert report.is_complete
        assert service.times("SendZNS") == 2

    async def test_held_by_another_job(self, service: Service, once: ShopClient, path: Path) -> None:
        """A message that another job may be sending is not sent; one in doubt stays in doubt."""
        ledger = bulk.SqliteLedger(path.with_name("sent"))
        key = LedgerKey.of(once, oa_id=OA, tracking_id="invoice-1")
        await ledger.claim(key, "another")
        report = await bulk.run(path, [message(once)], ledger=ledger)
        assert counts(report) == {"skipped": 1}
        assert report.lines[0].reason.startswith("Another job is sending this message")
        service.on("SendZNS", service.peer.DROP)
        service.on("ListMessages", service.peer.json({"messages": []}))
        assert counts(await bulk.run(path, [message(once)])) == {"unknown": 1}
        report = await bulk.run(path, [message(once)], ledger=ledger, resend_unknown=True)
        assert counts(report) == {"unknown": 1}
        assert service.times("SendZNS") == 1

    async def test_accepted_before_the_journal_knew(
        self, service: Service, once: ShopClient, path: Path
    ) -> None:
        """A job that was killed between the ledger and the journal finds its message in the ledger."""
        ledger = bulk.SqliteLedger(path.with_name("sent"))
        service.on("SendZNS", service.peer.DROP)
        service.on("ListMessages", service.peer.json({"messages": []}))
        assert counts(await bulk.run(path, [message(once)], ledger=ledger)) == {"unknown": 1}
        key = LedgerKey.of(once, oa_id=OA, tracking_id="invoice-1")
        claim = await ledger.claim(key, "another")
        await ledger.accepted(key, claim.entry.owner)
        assert counts(await bulk.run(path, [message(once)], ledger=ledger)) == {"done": 1}
        assert service.times("SendZNS") == 1

    async def test_key_that_no_ledger_holds(self, service: Service, once: ShopClient, path: Path) -> None:
        """It is an error of the plan."""
        ledger = bulk.SqliteLedger(path.with_name("sent"))
        with pytest.raises(errors.InvalidRequestError, match="control character"):
            await bulk.run(path, [message(once, "a\n")], ledger=ledger)
        assert service.asked == []
