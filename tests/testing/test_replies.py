"""Each kind of reply means what the same event means over a connection."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import pytest

from etelecom_async import (
    ConnectError,
    EtelecomError,
    OutcomeUnknownError,
    RetryPolicy,
    ShopClient,
    errors,
)
from etelecom_async.errors import APIError, NotFoundError, ResourceExhaustedError, ResponseLostError
from etelecom_async.operations import OPERATIONS
from etelecom_async.testing import Fault, RawResponse, ReplyError, ScriptedTransport, sandbox
from etelecom_async.testing.replies import check, row_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

GET = "shop.extensions.get"
CREATE = "shop.users.create"
NEW = {"full_name": "Lê An", "phone": "0901234567", "password": "one-time"}


async def failure(call: Awaitable[Any]) -> Any:
    """Return the error of a call."""
    with pytest.raises(EtelecomError) as caught:
        await call
    return caught.value


async def test_error_of_the_api(script: ScriptedTransport, scripted_shop: ShopClient) -> None:
    """An error arrives with its code, text, details and status."""
    script.reply(GET, NotFoundError("không tìm thấy", meta={"reason": "deleted"}))
    error = await failure(scripted_shop.extensions.get(extension_number="1"))
    assert type(error) is NotFoundError
    assert (error.msg, error.meta, error.status) == ("không tìm thấy", {"reason": "deleted"}, 404)
    assert error.operation == GET
    assert not script.requests[0].is_executed


async def test_throttle(script: ScriptedTransport, scripted_shop: ShopClient) -> None:
    """The time that an error asks for is waited for, on the clock of the script."""
    script.reply(GET, ResourceExhaustedError("too many", retry_after=12.5), {"extension_number": "7"})
    assert (await scripted_shop.extensions.get(extension_number="1")).extension_number == "7"
    assert script.clock.waits == [12.5]


async def test_error_without_a_code(script: ScriptedTransport, scripted_shop: ShopClient) -> None:
    """An error without a code is the text of a proxy."""
    script.reply(GET, APIError.without_code("no way", status=403))
    error = await failure(scripted_shop.extensions.get(extension_number="1"))
    assert (error.code, error.status) == (None, 403)
    assert "no way" in error.msg


@pytest.mark.parametrize("status", [400, 404, 503, HTTPStatus.CONFLICT])
async def test_status(script: ScriptedTransport, status: int) -> None:
    """A status alone is the error that a fault of the sandbox with this status sends."""
    script.reply(GET, status, Fault(kind="status", status=int(status)), times=1)
    async with ShopClient(script.shop_key, retries=0) as shop:
        by_status = await failure(shop.extensions.get(extension_number="1"))
        by_fault = await failure(shop.extensions.get(extension_number="1"))
    assert (by_status.status, type(by_status)) == (status, type(by_fault))
    assert str(by_status) == str(by_fault)


FAULTS = [
    Fault(kind="status", status=503, retry_after=3),
    Fault(kind="status", status=502, body="html"),
    Fault(kind="status", status=429, body="text", retry_after=1, retry_after_as="junk"),
    Fault(kind="status", status=400, body="cut"),
    Fault(kind="status", status=418, body="none"),
    Fault(kind="status", status=302, body="none"),
    Fault(kind="status", status=200, content="[]"),
    Fault(kind="reset_before"),
    Fault(kind="reset_after"),
    Fault(kind="half_body"),
    Fault(kind="gzip_garbage"),
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: "-".join(map(str, fault.to_dict().values())))
async def test_fault_does_what_it_does_in_the_sandbox(fault: Fault) -> None:
    """The client draws the same conclusions from a fault in a script and over a connection."""

    async def conclusions(peer: Any) -> tuple[object, ...]:
        async with ShopClient(peer.shop_key, base_url=peer.base_url, retries=RetryPolicy(retries=0)) as shop:
            error = await failure(shop.users.create(**NEW))
        outcomes = [attempt.outcome for attempt in error.attempts]
        request = peer.requests[0]
        facts = (getattr(error, "status", None), getattr(error, "code", None), error.may_have_happened)
        return type(error), outcomes, *facts, request.is_executed, request.faults, request.status

    async with sandbox(faults=[fault]) as service:
        expected = await conclusions(service)
    with ScriptedTransport() as script:
        script.reply(CREATE, fault)
        assert await conclusions(script) == expected


async def test_refused_connection(script: ScriptedTransport, scripted_shop: ShopClient) -> None:
    """A request that was never sent is retried, also one that creates something."""
    script.reply(CREATE, ConnectError("no route"), {"id": "7"})
    assert (await scripted_shop.users.create(**NEW)).id == "7"
    assert [request.is_executed for request in script.requests] == [False, True]


async def test_reset_of_a_new_connection(script: ScriptedTransport, scripted_shop: ShopClient) -> None:
    """
    The fault `refuse` may have reset an open connection, so the client must not repeat a create.

    Over a connection, the outcome is `never_sent` or `response_lost`; a script gives the one with the doubt.
    """
    script.reply(CREATE, Fault(kind="refuse"))
    error = await failure(scripted_shop.users.create(**NEW))
    assert (type(error), error.may_have_happened) == (OutcomeUnknownError, True)
    assert [attempt.outcome for attempt in error.attempts] == ["response_lost"]
    (request,) = script.requests
    assert (request.is_executed, request.faults, request.status) == (False, ("refuse",), None)


async def test_lost_response(script: ScriptedTransport, scripted_shop: ShopClient) -> None:
    """The client decides by the effect what a lost response means: a read is retried, a create is not."""
    script.reply(GET, ResponseLostError("gone"), {"extension_number": "7"})
    assert (await scripted_shop.extensions.get(extension_number="1")).extension_number == "7"
    script.reply(CREATE, ResponseLostError("gone"))
    error = await failure(scripted_shop.users.create(**NEW))
    assert type(error) is OutcomeUnknownError
    assert "0901234567" not in str(error)


@pytest.mark.parametrize("kind", ["stall_header", "stall_body"])
async def test_late_response(script: ScriptedTransport, kind: str) -> None:
    """A response that never comes ends the attempt after its time, which passes on the clock."""
    script.reply(GET, Fault(kind=kind), times=2)
    async with ShopClient(script.shop_key, attempt_timeout=20, retries=1) as shop:
        error = await failure(shop.extensions.get(extension_number="1"))
    assert "no response within 20 s" in str(error)
    assert [attempt.seconds for attempt in error.attempts] == pytest.approx([20.0, 20.0])


async def test_raw_response(script: ScriptedTransport, scripted_shop: ShopClient) -> None:
    """A raw response is sent unchanged: JSON that the documentation does not have, texts and bytes."""
    script.reply(GET, RawResponse({"extension_number": 7}), RawResponse("no JSON"), RawResponse(b"\xff"))
    script.reply(GET, RawResponse({"code": "aborted", "msg": "x"}, 409, headers={"retry-after": "2"}))
    assert (await scripted_shop.extensions.get(extension_number="1")).extension_number == "7"
    assert scripted_shop.schema_mismatches()
    once = scripted_shop.with_options(retries=0)
    for _ in range(2):
        assert isinstance(await failure(once.extensions.get(extension_number="1")), errors.DecodeError)
    error = await failure(once.extensions.get(extension_number="1"))
    assert (type(error), error.retry_after) == (errors.AbortedError, 2.0)


WRONG: dict[str, tuple[object, str]] = {
    "error of the client": (OutcomeUnknownError("x"), "not OutcomeUnknownError: the client makes"),
    "error of Python": (TimeoutError(), "not TimeoutError"),
    "success": (200, "the reply to a call that succeeds is its result"),
    "no status": (7, "7 is no status of an error"),
    "bytes that are no JSON": (RawResponse({"a": {1}}), "a value that JSON does not have"),
    "truth": (True, "takes ExtensionLogin, or its fields"),
    "choice of calls": (Fault(kind="reset_after", after=1), "after does not apply to a reply"),
    "chance": (Fault(kind="reset_after", probability=0.5), "probability does not apply"),
    "page": (Fault(kind="repeat_page"), "a script has no connection for the fault repeat_page"),
    "slow": (Fault(kind="slow"), "use the sandbox for it"),
    "other operation": (
        Fault(kind="reset_after", operation="account"),
        "the fault is for account, but the reply is for shop.extensions.get",
    ),
}


@pytest.mark.parametrize(("given", "text"), WRONG.values(), ids=WRONG)
def test_wrong_reply(given: object, text: str) -> None:
    """A reply that no server and no connection can give is refused when it is added."""
    with pytest.raises(ReplyError) as caught:
        check(OPERATIONS[GET], given)
    assert text in str(caught.value)


def test_fault_of_one_form() -> None:
    """A fault for an operation with several forms fits each of its forms."""
    forms = [row for row in OPERATIONS.values() if row.form_of is not None]
    for row in forms:
        assert check(row, Fault(kind="reset_after", operation=row.name)).failure is not None


def test_unknown_operation() -> None:
    """The reply to an operation that the SDK lacks is any mapping, sent as JSON."""
    response = check(None, {"a": "ố"}).response
    assert response is not None
    assert response.body == '{"a": "ố"}'.encode()
    with pytest.raises(ReplyError, match="is a mapping"):
        check(None, [1])


def test_rows() -> None:
    """An operation is found by its public name and by its name on the wire."""
    find: Callable[[str], Any] = row_of
    assert find(GET) is OPERATIONS[GET]
    assert find(OPERATIONS[GET].wire_name) is OPERATIONS[GET]
    assert find("Any/Thing") is None
