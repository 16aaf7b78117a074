"""The operations of the SMS service."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest

from etelecom_async.times import VIETNAM

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager

    from tests.sandbox.conftest import Peer

OTP: dict[str, Any] = {"templatecode": "OTP", "list_param": {"otp": "123456"}, "phonenumber": "84901234560"}


async def send(peer: Peer, **fields: Any) -> Any:
    """Sends a message."""
    return await peer.sms("OmniMessage/SendMessage", **(OTP | {"routerule": ["3"]} | fields))


async def status(peer: Peer, receipt: dict[str, str]) -> Any:
    """Returns the status report of a message."""
    return await peer.sms("OmniReport/GetStatusOmni", idOmniMess=receipt["idOmniMess"])


async def test_a_message_is_accepted_and_delivered(newcomer: Peer) -> None:
    """A message has an id of the documented form; it is first in progress, and delivered later."""
    receipt = await send(newcomer)
    assert (receipt["status"], receipt["code"]) == ("1", "Success")
    assert receipt["idOmniMess"].startswith("ICOMNI")
    assert len(receipt["idOmniMess"]) == 36
    report = await status(newcomer, receipt)
    created_at = datetime.strptime(report["createdatetime"], "%d/%m/%Y %H:%M:%S").replace(tzinfo=VIETNAM)
    assert 0 <= (newcomer.service.now - created_at).total_seconds() < 60
    assert report == {
        "phonenumber": "84901234560",
        "list_param": '{"otp":"123456"}',
        "createdatetime": report["createdatetime"],
        "status": "PROCESSING",
        "channel": "brandnamesms",
        "templatecode": "OTP",
        "errorCode": "",
    }
    newcomer.advance(seconds=6)
    after = {"status": "SUCCESS", "errorCode": "0", "mtcount": "1", "telcoid": "2"}
    assert await status(newcomer, receipt) == report | after


@pytest.mark.parametrize(
    ("digit", "rule", "expected"),
    [
        (0, "1", {"channel": "zns", "status": "SUCCESS", "ischarged": "True"}),
        (0, "2", {"channel": "autocall", "status": "SUCCESS", "duration": "70"}),
        (7, "123", {"channel": "brandnamesms", "status": "SUCCESS", "telcoid": "2"}),
        (8, "123", {"channel": "autocall", "status": "SUCCESS", "duration": "28"}),
        (6, "2", {"channel": "autocall", "status": "FAIL", "errorCode": "NO_ANSWER"}),
        (9, "321", {"channel": "zns", "status": "FAIL", "errorCode": "-110"}),
    ],
)
async def test_channels_in_turn(newcomer: Peer, digit: int, rule: str, expected: dict[str, str]) -> None:
    """The first channel that delivers sets its own fields; if no channel delivers, the message failed."""
    receipt = await send(newcomer, phonenumber=f"090123456{digit}", routerule=list(rule))
    newcomer.advance(minutes=5)
    report = await status(newcomer, receipt)
    if expected.get("duration"):
        expected = expected | {"duration": report["duration"]}
        assert report["duration"].isdecimal()
    assert expected.items() <= report.items()
    extras = {"zns": {"ischarged"}, "autocall": {"duration"}, "brandnamesms": {"mtcount", "telcoid"}}
    shown = extras[report["channel"]] if report["status"] == "SUCCESS" else set()
    assert {"ischarged", "duration", "mtcount", "telcoid"} & set(report) == shown


async def test_the_current_channel(newcomer: Peer) -> None:
    """While a message is in progress, its report names the current channel."""
    receipt = await send(newcomer, phonenumber="0901234567", routerule=["1", "2", "3"])
    channels: list[str] = []
    for seconds in (1, 20, 45):
        newcomer.advance(seconds=seconds)
        report = await status(newcomer, receipt)
        assert report["status"] == "PROCESSING"
        channels.append(report["channel"])
    assert channels == ["zns", "autocall", "brandnamesms"]


async def test_values_as_text_or_as_an_object(newcomer: Peer) -> None:
    """`list_param` in a report is text for one number, and an object for another one."""
    found = [
        (await status(newcomer, await send(newcomer, phonenumber=f"090123456{digit}")))["list_param"]
        for digit in (0, 1)
    ]
    assert found == ['{"otp":"123456"}', {"otp": "123456"}]


@pytest.mark.parametrize(
    ("wrong", "code", "text"),
    [
        ({"phonenumber": "12"}, "-1", "PhoneNumber Wrong Format"),
        ({"phonenumber": None}, "-1", "PhoneNumber Wrong Format"),
        ({"phonenumber": [84901234560]}, "-1", "PhoneNumber Wrong Format"),
        ({"list_param": {"otp": "12"}}, "-2", "Wrong Format Parameter: otp"),
        ({"list_param": {"otp": ["123456"]}}, "-2", "Wrong Format Parameter: otp"),
        ({"list_param": {}}, "-2", "Wrong Format Parameter: otp"),
        ({"list_param": None}, "-2", "Wrong Format Parameter: otp"),
        ({"list_param": {"otp": "123456", "name": "x"}}, "-2", "Wrong Format Parameter: name"),
        ({"templatecode": "NONE"}, "-6", "Can't find template with templatecode: NONE"),
        ({"templatecode": None}, "-6", "Can't find template with templatecode: "),
        ({"routerule": []}, "-8", "Can't find any routing for this request"),
        ({"routerule": None}, "-8", "Can't find any routing for this request"),
        ({"templatecode": "DRAFT"}, "-8", "Can't find any routing for this request"),
        ({"routerule": ["3", "7"]}, "-9", "Can't find any information about channel: 7"),
        ({"routerule": ["SMS"]}, "-9", "Can't find any information about channel: SMS"),
        (
            {"templatecode": "OTP_SMS", "routerule": ["1", "2"]},
            "-9",
            "Can't find any information about channel: ZNS",
        ),
    ],
)
async def test_rejections(newcomer: Peer, wrong: dict[str, Any], code: str, text: str) -> None:
    """Every rejection is a 200 with its negative status and the documented text, and without an id."""
    assert await send(newcomer, **wrong) == {"status": code, "code": text}


async def test_quota(open_peer: Callable[..., AbstractAsyncContextManager[Peer]]) -> None:
    """Accepted messages reduce the quota, rejected ones do not; a message past the quota gets -3."""
    async with open_peer(call_logs=0, sms_quota=2) as peer:
        statuses = [
            (await send(peer, **fields))["status"]
            for fields in ({}, {"phonenumber": "1"}, {}, {}, {"templatecode": "x"})
        ]
        assert statuses == ["1", "-1", "1", "-3", "-6"]
        assert (await send(peer))["code"] == "You have run out of messages"


async def test_a_single_channel(newcomer: Peer) -> None:
    """A single text as `routerule` is one channel, as in the older sample."""
    assert (await send(newcomer, routerule="3"))["status"] == "1"


async def test_an_unknown_message(newcomer: Peer) -> None:
    """An unknown message has no status, and its error code says why."""
    report = await status(newcomer, {"idOmniMess": "ICOMNI-X"})
    assert (report["status"], report["errorCode"]) == ("", "MESSAGE_NOT_FOUND")


async def test_templates(newcomer: Peer) -> None:
    """The list returns all templates, one, or none, in pages that start at 1."""

    async def ask(**fields: Any) -> tuple[int, int, list[str]]:
        response = await newcomer.sms("TemplateOmni/GetTemplate", **fields)
        return response["Page"], response["TotalItem"], [one["TemplateCode"] for one in response["ListTemp"]]

    codes = ["OTP", "ORDER", "OTP_SMS", "OTP_CALL", "DRAFT"]
    assert await ask() == (1, 5, codes)
    assert await ask(TemplateCode="", Page=0, ItemCount=200) == (1, 5, codes)
    assert await ask(TemplateCode="ORDER", Page=1, ItemCount=10) == (1, 1, ["ORDER"])
    assert await ask(TemplateCode="X") == (1, 0, [])
    assert [await ask(Page=page, ItemCount=2) for page in (1, 2, 3, 4)] == [
        (1, 5, codes[:2]),
        (2, 5, codes[2:4]),
        (3, 5, codes[4:]),
        (4, 5, []),
    ]
    for wrong in (-1, True, "x", 2**70, None):
        assert await ask(Page=wrong, ItemCount=wrong) == (1, 5, codes)
    (order,) = (await newcomer.sms("TemplateOmni/GetTemplate", TemplateCode="ORDER"))["ListTemp"]
    assert set(order["SenderChannel"]) == {"ZNS", "SMS"}
    assert set(order["ParamsFormat"]["code"]) == {"Regex", "Type"}
