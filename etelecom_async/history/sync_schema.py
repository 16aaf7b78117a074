"""Create the tables of a sync, and add columns that an earlier release did not know."""

from __future__ import annotations

from sqlalchemy import Connection, Table, inspect
from sqlalchemy.schema import CreateColumn

from etelecom_async.errors import SyncError
from etelecom_async.history.sync_tables import METADATA


def create_tables(connection: Connection) -> None:
    """
    Create the tables that the database does not have, and the columns that its tables do not have.

    Columns and views of the user stay as they are.

    Args:
        connection: A connection within a transaction.

    Raises:
        SyncError: A table with the name of one of these belongs to another program.
    """
    found = inspect(connection)
    names = {*found.get_table_names(), *found.get_view_names()}
    for table in METADATA.sorted_tables:
        if table.name in names:
            columns = {column["name"] for column in found.get_columns(table.name)}
            _add_columns(connection, table, columns)
    METADATA.create_all(connection)


def _add_columns(connection: Connection, table: Table, names: set[str]) -> None:
    """
    Add the columns that a table does not have.

    Raises:
        SyncError: The table is of another program: it lacks a column that all releases had.
    """
    missing = [column for column in table.columns if column.name not in names]
    if any(not column.nullable for column in missing):
        raise SyncError(
            f"the database has a table {table.name} that is not of a sync: it has no column "
            f"{next(column.name for column in missing if not column.nullable)}. Use another database, or "
            f"rename that table."
        )
    prepare = connection.dialect.identifier_preparer
    for column in missing:
        definition = CreateColumn(column).compile(dialect=connection.dialect)
        connection.exec_driver_sql(f"ALTER TABLE {prepare.format_table(table)} ADD COLUMN {definition}")
