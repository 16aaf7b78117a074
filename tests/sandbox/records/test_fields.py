"""The fields of records."""

from __future__ import annotations

import inspect
import re

import attrs
import pytest

from etelecom_async.sandbox.records.fields import New, Times
from etelecom_async.sandbox.records.kinds import KINDS, Kind
from etelecom_async.sandbox.records.values import hints_of

OWN = {"id", "shop", "created_at", "updated_at"}
"""Fields that every kind can have."""


@pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))
def test_a_field_is_one_of_the_api_or_described(kind: Kind) -> None:
    """Each field has the name of a field of the API, or the docstring describes it."""
    fields = {field.name for field in attrs.fields(kind.load_model())}
    described = "\n".join(str(inspect.getdoc(fields)) for fields in (kind.fields, kind.new))
    documented = set(re.findall(r"^    (\w+): ", described, re.MULTILINE))
    for name in set(hints_of(kind.new)) - OWN - fields:
        column = kind.columns.get(name)
        assert name in documented or name in kind.references or column, name


@pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))
def test_what_can_change_can_be_given(kind: Kind) -> None:
    """A new record takes each field that can change, with the same type."""
    new = hints_of(kind.new)
    assert {name: new.get(name) for name in hints_of(kind.fields)} == hints_of(kind.fields)
    assert set(hints_of(Times)) <= set(new)
    assert "id" in new


def test_identity() -> None:
    """A new record has an id and a shop."""
    assert set(hints_of(New)) == {"id", "shop"}
