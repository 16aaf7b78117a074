"""Define `etelecom sandbox trigger`: it makes an event in a running sandbox, which posts it to webhooks."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, cast

import click

from etelecom_async.cli.command import Command, Entry, Group, Option
from etelecom_async.cli.index import enum
from etelecom_async.cli.options import CONNECTION, OUTPUT, REQUEST, profile_option
from etelecom_async.cli.terminal import note
from etelecom_async.cli.values import Count, Listed, Word

_CALL_FIELDS: Final = {
    "state": "call_state",
    "extension": "extension_id",
    "hotline": "hotline_id",
}
"""Fields of a record whose option has another name."""


def command() -> Group:
    """Return the group."""
    return Group(
        "trigger",
        {
            "call-log": Entry("Add a call, which makes an event call_log.", _call_log),
            "zl-oa-message": Entry("Add a ZNS, which makes an event zl_oa_message.", _message),
            "oa-event": Entry("Send an event of an official account to its webhook URL.", _oa_event),
            "sms-status": Entry("Send the state of an SMS to the URL of --sms-webhook.", _sms_status),
        },
        help=(
            "Make an event in a running sandbox. The sandbox posts it to the webhooks that are registered "
            "for it. The names of events may have underscores, as the API writes them."
        ),
        examples=[
            "etelecom webhooks listen --print            # in another shell",
            "etelecom sandbox trigger call_log --caller 0912345678 --state not_answered",
        ],
    )


def _call_log() -> Command:
    return _command(
        "call-log",
        [
            _option("--caller", "Number that calls. Default: an invented one."),
            _option("--callee", "Number that is called. Default: the first extension or hotline."),
            Option(
                "--direction",
                type=Listed(enum("enum:CallDirection")),
                help="Direction. Default: in, or out for a number of the shop as --caller.",
                section=REQUEST,
            ),
            Option(
                "--state",
                type=Listed(enum("enum:CallState")),
                help="State. Default: answered; unknown is a call that still runs.",
                section=REQUEST,
            ),
            Option("--duration", type=Count(), metavar="SECONDS", help="Time of talk.", section=REQUEST),
            _option("--extension", "Number or id of the extension that rings or calls."),
            _option("--hotline", "Number or id of the hotline."),
            _shop_option(),
        ],
        "Add a call to a running sandbox. Webhooks with the entity call_log receive it.",
        ["--caller 0912345678 --callee 1001 --direction in --state answered", "--state not_answered --json"],
        lambda given: _add("calls", given),
    )


def _message() -> Command:
    return _command(
        "zl-oa-message",
        [
            _option("--phone", "Recipient. Default: an invented number."),
            Option(
                "--status",
                type=Listed(enum("enum:ZNSMessageStatus")),
                help="Default: P, sent.",
                section=REQUEST,
            ),
            Option(
                "--delivery-status",
                type=Listed(enum("enum:DeliveryStatus")),
                help="Default: seen.",
                section=REQUEST,
            ),
            _option("--tracking-id", "Your own id of the message."),
            Option(
                "--error-code",
                type=Count(least=-(10**6)),
                metavar="N",
                help="Zalo's code of a rejection: -118.",
                section=REQUEST,
            ),
            _shop_option(),
        ],
        "Add a ZNS to a running sandbox. Webhooks with the entity zl_oa_message receive it.",
        ["--phone 0912345678 --tracking-id order-1", "--phone 0912345678 --error-code=-118 --json"],
        lambda given: _add("messages", given),
    )


def _oa_event() -> Command:
    return _command(
        "oa-event",
        [
            click.Argument(["event_name"], type=Word(), metavar="NAME"),
            _option("--oa-id", "The account. Default: the oldest one with a webhook URL."),
        ],
        "Send an event of an official account to the webhook URL that UpdateShopOA has set. The event has "
        "nothing but its event_name, because its other fields are not documented. NAME is any text, because "
        "no page lists the names.",
        ["user_send_text", "follow --oa-id OA_ID --json"],
        lambda given: ("/events", {"oa_event": given}, "oa_event"),
    )


def _sms_status() -> Command:
    return _command(
        "sms-status",
        [
            _option("--id", "idOmniMess of the message. Default: an invented one."),
            _option("--status", "Default: SUCCESS."),
            _option("--channel", "Default: brandnamesms."),
            _option("--error-code", "Default: 0."),
        ],
        "Send the state of an SMS to the URL of `etelecom sandbox --sms-webhook URL`. With the real service, "
        "eTelecom's staff sets the URL up.",
        ["", "--status FAIL --error-code UNREACHABLE --json"],
        lambda given: ("/events", {"sms_status": _of_wire(given)}, "sms_status"),
    )


_SMS_FIELDS: Final = {
    "id": "IdOmniMess",
    "status": "Status",
    "channel": "Channel",
    "error_code": "ErrorCode",
}


def _of_wire(given: Mapping[str, object]) -> dict[str, object]:
    return {_SMS_FIELDS[name]: value for name, value in given.items()}


def _option(flag: str, text: str) -> Option:
    return Option(flag, type=Word(), metavar="TEXT", help=text, section=REQUEST)


def _shop_option() -> Option:
    return _option("--shop", "Id or e-mail address of the shop. Default: the first one.")


_Request = tuple[str, dict[str, object], str]
"""Path of the control API, body of the request, and name of the result in the response."""


def _add(kind: str, given: Mapping[str, object]) -> _Request:
    record = {_CALL_FIELDS.get(name, name): value for name, value in given.items()}
    return "/records", {kind: [record]}, kind


def _command(
    name: str,
    params: list[click.Parameter],
    text: str,
    examples: Sequence[str],
    request: Callable[[Mapping[str, object]], _Request],
) -> Command:
    """Return the command of one event."""
    event = name.replace("-", "_")

    def run(**given: Any) -> int:
        options = {name: given.pop(name) for name in ("base_url", "profile", "json", "quiet")}
        fields = {field: value for field, value in given.items() if value is not None}
        return _run(event, request(fields), options)

    return Command(
        name,
        params=[
            *params,
            Option("--json", is_flag=True, help="Write the record or the event as JSON.", section=OUTPUT),
            Option("--quiet", is_flag=True, help="Write no notes to stderr.", section=OUTPUT),
            profile_option(),
            Option(
                "--base-url",
                metavar="URL",
                help="URL of the sandbox. Default: ETELECOM_BASE_URL, or the profile, on this machine.",
                section=CONNECTION,
            ),
        ],
        help=text,
        examples=[f"etelecom sandbox trigger {event} {words}".rstrip() for words in examples],
        callback=run,
    )


def _run(event: str, request: _Request, options: Mapping[str, Any]) -> int:
    from etelecom_async.cli import exit_codes, sandbox_control

    path, body, name = request
    sandbox = sandbox_control.find_sandbox(options["base_url"], options["profile"])
    found: Any = sandbox_control.post(sandbox, path, body)[name]
    made = cast("Mapping[str, Any]", found[0] if isinstance(found, list) else found)
    if options["json"]:
        print(json.dumps(made, ensure_ascii=False), flush=True)
    else:
        from etelecom_async.cli.words.event_lines import line_of

        print(line_of(json.dumps(made).encode(), event), flush=True)
    receivers: list[dict[str, Any]] = sandbox_control.post(sandbox, "/deliveries", {})["receivers"]
    if not options["quiet"]:
        _note_receivers(receivers)
    return exit_codes.DONE


def _note_receivers(receivers: Sequence[Mapping[str, Any]]) -> None:
    """Say which receivers did not accept their events."""
    if not receivers:
        note("no webhook has received anything yet: register one with `etelecom webhooks listen --print`")
    for receiver in receivers:
        if receiver["state"] != "ok":
            error: Mapping[str, Any] = receiver["last_error"] or {}
            note(f"{receiver['name']}: {receiver['state']}, {error.get('error', '')}")
