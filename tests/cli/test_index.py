"""Test the index of the commands: it says the same as the table and the models."""

from __future__ import annotations

import re
from typing import Any

import attrs

from etelecom_async._core.codec.enums import CompleteEnum, enum_of
from etelecom_async._core.model import Model, fields_of, value_type
from etelecom_async.cli import index
from etelecom_async.cli.operation import command
from etelecom_async.operations import OPERATIONS


def test_index_is_the_table() -> None:
    """Each row of the table has its entry, with the same facts."""
    assert [row.name for row in index.operations()] == list(OPERATIONS)
    assert len(OPERATIONS) >= 58
    for row in index.operations():
        operation = OPERATIONS[row.name]
        assert row.wire == operation.wire_name
        assert row.effect == operation.effect
        assert row.documented is (operation.provisional is None)
        assert set(row.callers) == {kind.value for kind in operation.callers}
        assert row.is_list is (operation.items is not None)
        assert row.is_partial is (row.name == "partner.shops.create")
        assert index.by_wire_name(row.wire) == index.operation(operation.form_of or row.name)
    assert index.by_wire_name("Etelecom/None") is None
    forms = [row.command for row in index.operations() if row.wire == "Shop/AuthorizeShop"]
    assert forms == ["partner shops authorize", "partner shops connect"]


def paths(model: Any, before: tuple[str, ...] = ()) -> dict[tuple[str, ...], Any]:
    """Return the type of each leaf of a request, by its path on the wire."""
    found: dict[tuple[str, ...], Any] = {}
    for field in fields_of(model):
        if field.metadata.get("local"):
            continue
        path = (*before, field.metadata.get("wire") or field.name)
        inner = value_type(field.type)
        if isinstance(inner, type) and issubclass(inner, Model):
            found |= paths(inner, path)
        else:
            found[path] = field
    return found


def test_fields_are_those_of_the_models() -> None:
    """Every field of every request has its option, at its path, and is required where the model says so."""
    for row in index.operations():
        operation = OPERATIONS[row.name]
        expected = paths(operation.request)
        credentials = (
            {("username",), ("password",), ("Username",), ("Password",)} if row.client == "sms" else set()
        )
        paging = {path for path in expected if path[0] == "paging"} | {row.page_size}
        known = {field.path: field for field in row.fields}
        assert set(known) == set(expected) - credentials - paging
        for path, field in known.items():
            assert field.is_required is (len(path) == 1 and expected[path].default is attrs.NOTHING)
            if field.kind.startswith("enum:"):
                kind = enum_of(expected[path].type)
                assert kind is not None
                names = {member.value: member.name for member in kind}
                assert index.enum(field.kind) == (names, issubclass(kind, CompleteEnum))


def test_columns_are_those_of_the_models() -> None:
    """The first part of each column is a field of the result, and every field has a column."""
    for row in index.operations():
        if row.result:
            response: Any = OPERATIONS[row.name].response
            names = {field.metadata.get("wire") or field.name for field in fields_of(response)}
            assert {column.partition(".")[0] for column in row.columns} == names
        else:
            assert row.columns == ()


def test_words_lead_to_operations() -> None:
    """The words of each command lead through the groups to its operation, and no two are the same."""
    for row in index.operations():
        path = ""
        for word in row.command.split():
            path = index.children(path)[word]
            assert index.summary(path)
        assert path == row.name
        assert re.fullmatch(r"[a-z-]+( [a-z-]+)*", row.command)
    assert index.is_group("shop.zns")
    assert not index.is_group("account")
    assert index.words("shop.call_logs") == "shop call-logs"


def test_no_option_twice() -> None:
    """No field of a request takes the name of another option of the command."""
    for row in index.operations():
        params = command(row).params
        flags = [flag for param in params for flag in (*param.opts, *param.secondary_opts)]
        assert len(flags) == len(set(flags)), row.name
        assert len({param.name for param in params}) == len(params), row.name
