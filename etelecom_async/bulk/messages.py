"""
Plan a message for each row of a table: a ZNS from a template, or an SMS.

    rows = csv.DictReader(file)
    report = await bulk.send(
        "invoices.journal", shop, oa_id=oa_id, template=template, rows=rows, key_column="invoice"
    )

All rows are checked before the first message leaves. The key of a row, for example the number of an invoice,
is the key of its step and the tracking id of its message.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, Literal, TypedDict, Unpack

from etelecom_async._client import ShopClient, SmsClient
from etelecom_async.bulk.ledger import Ledger
from etelecom_async.bulk.message_rows import Table, Variable, read_rows
from etelecom_async.bulk.runner import Run, run
from etelecom_async.bulk.steps import Step, step
from etelecom_async.errors import InvalidRequestError
from etelecom_async.models import SmsTemplate, ZNSTemplate

if TYPE_CHECKING:
    from etelecom_async.bulk.events import Event
    from etelecom_async.models import SmsChannel, SmsReceipt, ZNSMessage

_MOST_MISTAKES: Final = 20


class RunSettings(TypedDict, total=False):
    """The options of `bulk.run` that `send` and `send_sms` take, too."""

    settle_after: timedelta | None
    resend_unknown: bool
    ledger: Ledger | None
    patience: timedelta
    on_event: Callable[[Event], object] | None
    meta: Mapping[str, Any] | None


def send(
    path: str | os.PathLike[str],
    shop: ShopClient,
    *,
    oa_id: str,
    template: ZNSTemplate,
    rows: Iterable[Mapping[str, Any]],
    key_column: str,
    phone_column: str = "phone",
    columns: Mapping[str, str] | None = None,
    **settings: Unpack[RunSettings],
) -> Run:
    """
    Return a run that sends a ZNS for each row, each once, whatever breaks on the way.

    Await it for the report, or use it in `async with`, as a run of `bulk.run`. The same call with the same
    journal continues the job. Rows may be added, and rows that were refused may be corrected.

    A message in doubt is looked up by its tracking id. If it is not found, it stays `unknown` until
    *resend_unknown* is set. With a *ledger*, each key is sent once, whatever journal or program sends it.

    Args:
        path: File of the journal, on a local disk.
        shop: The client of the shop.
        oa_id: Official account's id.
        template: The template, from `shop.zns.templates.get`.
        rows: Mappings of column names to values, for example `csv.DictReader(file)`. Columns that the
            template does not use are ignored. White space around a value is left out.
        key_column: Column with the key of the message. Each row needs its own. The journal and the ledger
            store the keys, so they must not be phone numbers.
        phone_column: Column with the phone number, in any notation.
        columns: For parameters of the template: the column with the value. Default: the same name.
        **settings: Options of `bulk.run`: *settle_after*, *resend_unknown*, *ledger*, *patience*, *on_event*
            and *meta*.

    Raises:
        InvalidRequestError: Rows do not fit the template. The error names row, column, the form of the value,
            and what to do. Nothing was sent, and there is no journal yet.
    """
    table = read_rows(
        enumerate(rows, 1),
        variables=variables_of_zns(template),
        key_column=key_column,
        phone_column=phone_column,
        columns=columns or {},
    )
    return run(path, zns_steps(shop, oa_id, template, checked(table, "bulk.send")), **settings)


def send_sms(
    path: str | os.PathLike[str],
    sms: SmsClient,
    *,
    template: SmsTemplate | str,
    routerule: Sequence[SmsChannel | Literal["1", "2", "3"]],
    rows: Iterable[Mapping[str, Any]],
    key_column: str,
    phone_column: str = "phone",
    columns: Mapping[str, str] | None = None,
    **settings: Unpack[RunSettings],
) -> Run:
    """
    Return a run that sends an SMS for each row.

    The SMS service has no tracking ids, and no list of messages. So a message in doubt cannot be looked up:
    it stays `unknown` until *resend_unknown* is set. The ledger knows a message by its key.

    Args:
        path: File of the journal, on a local disk.
        sms: The client of the SMS account.
        template: The template, from `sms.templates.list`, or its code. With a code, the variables are those
            of *columns*, or else all columns besides key and phone number.
        routerule: Channels in the order to try.
        rows: As for `send`.
        key_column: As for `send`.
        phone_column: As for `send`.
        columns: For variables of the template: the column with the value. Default: the same name.
        **settings: As for `send`.

    Raises:
        InvalidRequestError: Rows do not fit the template. Nothing was sent.
    """
    table = read_rows(
        enumerate(rows, 1),
        variables=variables_of_sms(template),
        key_column=key_column,
        phone_column=phone_column,
        columns=columns or {},
    )
    code = template if isinstance(template, str) else template.templatecode
    return run(path, sms_steps(sms, code, routerule, checked(table, "bulk.send_sms")), **settings)


def variables_of_zns(template: ZNSTemplate) -> tuple[Variable, ...]:
    """
    Return the variables of a template.

    Raises:
        InvalidRequestError: The template has no id, so it is not one of the service.
    """
    if template.template_id is None:
        problem = "template has no template_id: take it from shop.zns.templates.get()"
        raise InvalidRequestError((problem,), operation="bulk.send")
    return tuple(map(Variable.of_zns, template.template_params))


def variables_of_sms(template: SmsTemplate | str) -> tuple[Variable, ...] | None:
    """Return the variables of a template; `None` if only its code is known."""
    if isinstance(template, str) or template.params_format is None:
        return None
    return tuple(Variable.of_sms(name, form) for name, form in template.params_format.items())


def checked(table: Table, operation: str) -> Table:
    """
    Return *table*, if it has no mistakes.

    Raises:
        InvalidRequestError: It has some. The error lists the first 20, and how many follow.
    """
    mistakes = tuple(map(str, table.mistakes[:_MOST_MISTAKES]))
    if more := len(table.mistakes) - len(mistakes):
        mistakes = (*mistakes, f"and {more} more")
    if mistakes:
        raise InvalidRequestError(mistakes, operation=operation)
    return table


def zns_steps(shop: ShopClient, oa_id: str, template: ZNSTemplate, table: Table) -> list[Step[ZNSMessage]]:
    """Return a step for each row."""
    return [
        step(
            row.key,
            shop.zns.messages.send,
            oa_id=oa_id,
            phone=row.phone,
            template=template,
            template_data=row.data,
            tracking_id=row.key,
        )
        for row in table.rows
    ]


def sms_steps(
    sms: SmsClient, code: str, routerule: Sequence[SmsChannel | Literal["1", "2", "3"]], table: Table
) -> list[Step[SmsReceipt]]:
    """Return a step for each row."""
    return [
        step(
            row.key,
            sms.send,
            phonenumber=row.phone,
            routerule=routerule,
            templatecode=code,
            list_param=row.data,
        )
        for row in table.rows
    ]
