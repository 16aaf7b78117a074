"""
Two properties of every response, over real sockets: any status, with any code, in any body.

The peer executes a call, or not, before it answers; the client does not know it.
"""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import attrs
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from etelecom_async import EtelecomError, RetryPolicy, ShopClient
from etelecom_async._core.calls import policy
from etelecom_async._core.calls.policy import Failure
from etelecom_async.operations import Effect

if TYPE_CHECKING:
    from tests.conftest import Peer, Reply

CODES = (
    *("invalid_argument", "malformed", "out_of_range", "unauthenticated", "permission_denied", "not_found"),
    *("bad_route", "already_exists", "failed_precondition", "unimplemented", "resource_exhausted", "aborted"),
    *("internal", "unknown", "unavailable", "deadline_exceeded", "dataloss", "data_loss", "canceled"),
    *("teapot", "", "ok", "Not_Found"),
)
# aiohttp takes statuses below 200 for interim ones, and 204 and 304 have no body.
STATUSES = st.integers(200, 599).filter(lambda status: status not in {204, 205, 304})
EFFECTS = st.sampled_from(Effect)
RETRY_AFTER = st.sampled_from([None, None, "0", "7", "soon"])
NOT_EXECUTED = {Failure.THROTTLED, Failure.REJECTED}


@attrs.frozen
class Response:
    """A response of the peer, and the code that it carries."""

    status: int
    code: str | None
    body: bytes
    retry_after: str | None

    @property
    def failure(self) -> Failure | None:
        """What it proves; `None` for a success or a body that decides by itself."""
        if self.status < 300:
            return None
        if self.status < 400:
            return Failure.DOUBT
        failure = policy.by_response(self.status, self.code)
        is_quota = b"quota" in self.body and self.retry_after in (None, "soon")
        return Failure.REJECTED if failure is Failure.THROTTLED and is_quota else failure

    def reply(self, peer: Peer) -> Reply:
        """The bytes that the peer sends."""
        headers = {} if self.retry_after is None else {"Retry_After": self.retry_after}
        return peer.raw(self.body, self.status, **headers)


@st.composite
def responses(draw: Any) -> Response:
    """Any status, with a code or without one, whole or cut off."""
    return draw(bodies(draw(STATUSES), draw(st.none() | st.sampled_from(CODES)), draw(RETRY_AFTER)))


@st.composite
def bodies(draw: Any, status: int, code: str | None, retry_after: str | None) -> Response:
    """A response of this status and code, with any body that carries the code."""
    if code is None:
        body = draw(
            st.sampled_from([b"", b"<html>", b"no", b"[]", b'{"code": 5}', b'{"code', b'{"message": "no"}'])
        )
        return Response(status, None, body, retry_after)
    fields = {"code": code, "msg": draw(st.sampled_from(["no", "", "daily quota exceeded"]))}
    body = json.dumps(fields).encode()
    if draw(st.booleans()):
        body = body[: draw(st.integers(body.index(b',"') if b',"' in body else body.index(b", "), len(body)))]
    return Response(status, code, body, retry_after)


REFUSALS = [
    (status, code)
    for status in range(400, 600)
    for code in (None, *CODES)
    if Response(status, code, b"", None).failure is Failure.REJECTED
]


@st.composite
def refusals(draw: Any) -> Response:
    """A response that proves that the call was rejected."""
    status, code = draw(st.sampled_from(REFUSALS))
    return draw(bodies(status, code, draw(RETRY_AFTER)))


class World:
    """A peer that counts what it executes."""

    def __init__(self, peer: Peer, script: list[tuple[bool, Response | None]]) -> None:
        self.executed = 0
        self.sent = 0
        self._peer = peer
        self._script = script

    def respond(self, _: object) -> Reply:
        """Execute the call or not, as the script says; after the script each call succeeds."""
        is_executed, response = self._script[self.sent] if self.sent < len(self._script) else (True, None)
        self.sent += 1
        self.executed += is_executed
        return self._peer.json({"id": "1"}) if response is None else response.reply(self._peer)

    def call(self, effect: Effect) -> EtelecomError | None:
        """Make a call, and return its error."""
        self._peer.always = self.respond

        async def call() -> EtelecomError | None:
            policy = RetryPolicy(retries=2, wait_initial=0)
            async with ShopClient(
                "1161512386239479010:key", base_url=self._peer.base_url, retries=policy, deadline=5
            ) as shop:
                try:
                    await shop.call("Any/Thing", {}, effect=effect)
                except EtelecomError as error:
                    return error
                return None

        return asyncio.run(call())


quick = settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
# A `Retry-After` of seven seconds ends the call at once, because its deadline is five.


@quick
@given(script=st.lists(st.tuples(st.booleans(), responses()), min_size=1, max_size=3), effect=EFFECTS)
def test_no_doubt_is_lost(peer: Peer, script: list[tuple[bool, Response]], effect: Effect) -> None:
    """If a response other than a refusal hides an execution, the caller gets success or the doubt."""
    honest = [
        (is_executed and response.failure not in NOT_EXECUTED, response) for is_executed, response in script
    ]
    world = World(peer, [*honest])
    error = world.call(effect)
    if error is not None and world.executed and effect is not Effect.READ:
        assert error.may_have_happened
    if effect in (Effect.CREATE, Effect.SEND):
        # It is sent again only after a throttle, which executed nothing.
        assert world.executed <= 1
        throttles = [response.failure is Failure.THROTTLED for _, response in honest[: world.sent - 1]]
        assert all(throttles)


@quick
@given(
    before=st.lists(responses(), max_size=1),
    refusal=refusals(),
    effect=EFFECTS,
)
def test_refusal_is_final(peer: Peer, before: list[Response], refusal: Response, effect: Effect) -> None:
    """A refused call is not sent again, and has no doubt, unless an earlier attempt left one."""
    world = World(peer, [*((False, response) for response in before), (False, refusal)])
    error = world.call(effect)
    if not before:
        assert error is not None
        assert world.sent == 1
        assert not error.may_have_happened
    elif error is not None and world.sent == 2:
        left_doubt = before[0].failure not in NOT_EXECUTED
        assert error.attempts[-1].outcome == Failure.REJECTED
        assert error.may_have_happened == (left_doubt and effect is not Effect.READ)
