"""Run a command that lists: find the key, open the output, and write the rows."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from etelecom_async.cli import options
from etelecom_async.cli.index import Operation, operation
from etelecom_async.cli.operation import credentials_for

if TYPE_CHECKING:
    from etelecom_async import ShopClient
    from etelecom_async.cli.calling import Client


def operation_of(name: str, *others: str) -> Operation:
    """
    Return an operation whose callers are those that may make some other calls, too.

    Args:
        name: Public name of the operation with the rows.
        *others: Public names of the operations that find something for it.
    """
    row = operation(name)
    callers = [kind for kind in row.callers if all(kind in operation(other).callers for other in others)]
    return row._replace(callers=tuple(callers) or row.callers)


def list_options(columns: Sequence[str], *, has_pages: bool) -> list[Any]:
    """
    Return the options of a command that lists.

    Args:
        columns: Paths of the values in a row.
        has_pages: Whether the command can continue a list that ended early.
    """
    return [
        *options.list_options(has_pages=has_pages),
        *options.output_options(columns, can_reveal=False),
        *options.safety_options(asks=False),
        *options.connection_options(has_shop=True),
    ]


def run(
    row: Operation,
    given: Mapping[str, Any],
    rows: Callable[[ShopClient], AsyncIterator[object]],
    *,
    if_none: str = "",
) -> int:
    """
    Write the rows, and return the exit code.

    Args:
        row: The operation with the rows.
        given: Values of the options.
        rows: Makes the calls, and returns the models.
        if_none: The note about an empty list, which then counts as failed; empty if it does not.

    Raises:
        CommandError: There is no key, or the list ended early.
        EtelecomError: A call failed.
    """
    layout = options.layout(given)
    credentials = credentials_for(row, given)
    # Only now, because this takes longer to load than everything before.
    from etelecom_async.cli import output
    from etelecom_async.cli.running import Call, run_rows

    def of_client(made: Client) -> AsyncIterator[object]:
        return rows(cast("ShopClient", made))

    with output.opened(layout) as stream:
        call = Call.of(row, {}, credentials, given, output=(layout, stream), question=None)
        return run_rows(call, of_client, if_none=if_none)
