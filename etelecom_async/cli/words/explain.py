"""Define `etelecom explain`: what codes and states mean, and what to do. It needs no network and no key."""

from __future__ import annotations

import re
from collections.abc import Iterator
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import click

from etelecom_async.cli import exit_codes, options
from etelecom_async.cli.command import SETTINGS, Command, CommandError, did_you_mean, usage_error

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

_API: Final = "API error"
_ZNS: Final = "ZNS error"
_HTTP: Final = "HTTP status"
_FIRST_ERROR: Final = 400
_COLUMNS: Final = ("code", "kind", "http_status", "meaning", "what_to_do")
_SHOWN: Final = ("code", "kind", "meaning", "what_to_do")

_NOT_EXECUTED: Final = "The call was not executed."
_DOUBT: Final = (
    "The server may have executed the call: look before you repeat one that creates, sends or costs money."
)
_CHANGE: Final = "Correct the request before you repeat it."
_WAIT: Final = "Wait, and look again."
_SEE_ERROR: Final = "Its error code says why: explain that code."
_NEXT: Final = {
    ("ZNSMessageStatus", "Z"): _WAIT,
    ("ZNSMessageStatus", "N"): _SEE_ERROR,
    ("ConsentStatus", "N"): _SEE_ERROR,
    ("ConsentReplyStatus", "S"): _WAIT,
    ("DeliveryStatus", "unknown"): _WAIT,
    ("SmsDeliveryStatus", "PROCESSING"): _WAIT,
    ("SmsDeliveryStatus", "FAIL"): f"{_SEE_ERROR} For the channel ZNS, it is probably one of Zalo's.",
    ("SmsSendStatus", "1"): "Ask for the delivery status: `etelecom sms status`.",
    ("WebhookState", "retry"): "Look at last_error of the webhook, and repair the receiver.",
    ("WebhookState", "stop"): "Repair the receiver, delete the webhook and create it again.",
    ("TemplateStatus", "PENDING_REVIEW"): _WAIT,
    ("OAStatus", "N"): "Its administrator must connect the official account again.",
}
"""What to do about states, by enum and value; most states need nothing."""


class Explanation(NamedTuple):
    """A code or a state."""

    code: str
    kind: str
    http_status: int | None
    meaning: str
    what_to_do: str


class _Code(click.ParamType[str]):
    name = "code"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the code; a word that looks like an option is none."""
        del param
        if value.startswith("-") and not re.fullmatch(r"-\d+", value):
            known = [name for each in ctx.command.params for name in each.opts] if ctx else []
            raise click.NoSuchOption(value, possibilities=known, ctx=ctx)
        return str(value)

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """Return the codes that start with *incomplete*."""
        from click.shell_completion import CompletionItem

        del ctx, param
        return [
            CompletionItem(row.code, help=f"{row.kind}: {row.meaning}")
            for row in explanations()
            if row.code.startswith(incomplete)
        ]


def command() -> Command:
    """Return the command."""
    made = Command(
        "explain",
        params=[
            click.Argument(["code"], type=_Code(), required=False, metavar="[CODE]"),
            *options.output_options(_COLUMNS, can_reveal=False),
        ],
        help=(
            "Explain an error code or a state: what it means, and what to do. Without CODE, explain all.\n\n"
            "It knows the codes of the API (not_found), HTTP statuses (404), the codes of Zalo for ZNS "
            "(-118), those of the SMS service (-3), and the states of messages, calls and other objects (P, "
            "FAIL, received). The same text may have several meanings. What to do is advice of this project."
        ),
        examples=[
            "etelecom explain -118",
            "etelecom explain not_found",
            "etelecom explain P --json",
            "etelecom explain --csv > codes.csv",
        ],
        callback=_run,
    )
    made.context_settings = {**SETTINGS, "ignore_unknown_options": True}  # -118 is no option
    return made


def explanations() -> Iterator[Explanation]:
    """Yield all codes and states."""
    yield from _codes_of_api()
    yield from _codes_of_zalo()
    yield from _states()


def find(text: str) -> list[Explanation]:
    """
    Return what a text can mean. Case, spaces and hyphens do not count, and a minus sign may be missing.

    Args:
        text: A code, a state, the name of an error of the SDK, or an HTTP status.
    """
    from etelecom_async._core.suggestions import plain_letters

    rows = list(explanations())
    plain = plain_letters(text)
    exact = [row for row in rows if row.code == text]
    return (
        exact
        or [row for row in rows if plain_letters(row.code) == plain]
        or [row for row in rows if str(row.http_status) == text]
        or [row for row in rows if plain and row.code == f"-{plain}"]
        or [
            row
            for row in rows
            if row.kind == _API and f"{plain_letters(row.code).replace('_', '')}error" == plain
        ]
        or list(_status_without_code(text))
    )


def _codes_of_api() -> Iterator[Explanation]:
    from etelecom_async.cli.failures import hint_of
    from etelecom_async.errors import APIError

    for kind in APIError.__subclasses__():
        if kind.code is None:
            continue
        what = _what_happened(kind.status, kind.code)
        hint = hint_of(kind) or (_CHANGE if what == _NOT_EXECUTED else "")
        remedy = " ".join(filter(None, (what, hint)))
        yield Explanation(kind.code, _API, kind.status, _first_line(kind), remedy)


def _status_without_code(text: str) -> Iterator[Explanation]:
    """Yield what an HTTP status means that no code of the API has, for example 502."""
    status = next((each for each in HTTPStatus if str(each.value) == text and each >= _FIRST_ERROR), None)
    if status is not None:
        meaning = f"{status.phrase}. No code of the API has this status: a proxy or a gateway may send it."
        yield Explanation(text, _HTTP, status, meaning, _what_happened(status, None))


def _what_happened(status: int, code: str | None) -> str:
    """Return whether the server may have executed a call that was refused like this."""
    from etelecom_async._core.calls.policy import Failure, by_response

    not_executed = (Failure.NEVER_SENT, Failure.THROTTLED, Failure.REJECTED)
    return _NOT_EXECUTED if by_response(status, code) in not_executed else _DOUBT


def _codes_of_zalo() -> Iterator[Explanation]:
    from etelecom_async._core.codec.zalo_codes import REMEDIES, ZALO

    for code, meaning in ZALO.items():
        yield Explanation(str(code), _ZNS, None, f"{meaning[:1].upper()}{meaning[1:]}.", REMEDIES[code])


def _states() -> Iterator[Explanation]:
    from etelecom_async._generated.states import STATES
    from etelecom_async.cli.failures import hint_of
    from etelecom_async.errors import SmsError, by_sms_status

    for enum, values in STATES.items():
        for value, meaning in values.items():
            remedy = _NEXT.get((enum, value), "")
            if enum == "SmsSendStatus" and (kind := by_sms_status(value)) is not SmsError:
                remedy = hint_of(kind) or _CHANGE
            yield Explanation(value, _kind_of(enum), None, meaning, remedy)


def _first_line(kind: type[Exception]) -> str:
    return (kind.__doc__ or "").strip().partition("\n")[0]


def _kind_of(enum: str) -> str:
    """Return the name of an enum in words: `ZNS message status`."""
    words = re.findall(r"[A-Z]+(?=[A-Z][a-z])|[A-Z][a-z]+|[A-Z]+", enum)
    text = " ".join(word if word.isupper() else word.lower() for word in words)
    return re.sub(r"^sms\b", "SMS", text)


def _run(code: str | None, **given: Any) -> int:
    from etelecom_async.cli import output
    from etelecom_async.cli.layout import TABLE, TSV

    rows = list(explanations()) if code is None else find(code)
    if code is not None and not rows:
        raise _unknown(code)
    layout = options.layout(given)
    with output.opened(layout) as stream:
        if not layout.columns and layout.format_for(stream) in (TABLE, TSV):
            layout = layout._replace(columns=_SHOWN)
        out = output.writer(layout, stream, result="", known=_COLUMNS)
        for row in rows:
            out.add(row._asdict())
        out.end()
    return exit_codes.DONE


def _unknown(code: str) -> CommandError:
    # A number without a sign is no misspelling of one with it.
    similar = [row.code for row in explanations() if not code.isdecimal() or row.code.isdecimal()]
    guess = did_you_mean(code, similar)
    return usage_error(f"{code!r} is not a known code or state{guess} All of them: etelecom explain")
