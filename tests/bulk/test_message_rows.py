"""Rows of a table become messages, and each mistake names its row, its column and what to do."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from etelecom_async.bulk.message_rows import Table, Variable, read_rows
from etelecom_async.errors import InvalidRequestError
from etelecom_async.models import SmsVariableFormat, TemplateParam

NAME = Variable.of_zns(TemplateParam(name="name", type="STRING", require=True, max_length=5))
AMOUNT = Variable.of_zns(TemplateParam(name="amount", type="CURRENCY", require=True, min_length=3))
NOTE = Variable.of_zns(TemplateParam(name="note", require=False, max_length=10))
BLANK = Variable.of_zns(TemplateParam(name="blank", require=True, accept_null=True))
GOOD = {"invoice": "HD-1", "phone": "0901 234 567", "name": "Lan", "amount": "250.000"}


def read(*rows: Any, variables: Any = (NAME, AMOUNT, NOTE), **given: Any) -> Table:
    """Read rows, which are counted from 1."""
    settings = {"key_column": "invoice", "phone_column": "phone", "columns": {}, **given}
    return read_rows(enumerate(rows, 1), variables=variables, **settings)


def mistakes(*rows: Any, **given: Any) -> list[str]:
    """Return the mistakes in rows as texts."""
    return list(map(str, read(*rows, **given).mistakes))


def test_row() -> None:
    """A row has a key, a phone number with its country code, and only the values of the template."""
    (row,) = read({**GOOD, "invoice": " HD-1 ", "name": " Lan\t", "unused": object()}).rows
    assert (row.key, row.phone) == ("HD-1", "84901234567")
    assert row.data == {"name": "Lan", "amount": "250.000"}
    assert "Lan" not in repr(row)
    assert "84901234567" not in repr(row)


@pytest.mark.parametrize(
    ("value", "text"),
    [(250000, "250000"), (250000.0, "250000"), (Decimal("1.50"), "1.50"), (1.5, "1.5"), ("e\u0302", "ê")],
)
def test_values(value: object, text: str) -> None:
    """Numbers of a spreadsheet become texts, and letters have one form."""
    (row,) = read({**GOOD, "note": value}).rows
    assert row.data["note"] == text


@pytest.mark.parametrize("empty", ["", "  ", None, float("nan")])
def test_empty_values(empty: object) -> None:
    """An empty value is left out, unless the template accepts it; a required text is a mistake."""
    (row,) = read({**GOOD, "note": empty, "blank": empty}, variables=(NAME, NOTE, BLANK)).rows
    assert row.data == {"name": "Lan", "blank": ""}
    (mistake,) = mistakes({**GOOD, "name": empty})
    assert mistake == "row 1, column 'name' is empty, but the template requires a text: fill it in"


def test_all_mistakes_come_together() -> None:
    """Each mistake names row, column and form of the value; no personal value is shown."""
    rows = [
        GOOD,
        {**GOOD, "invoice": "HD-2", "phone": "12 34", "name": "Nguyễn", "amount": "miễn phí"},
        {**GOOD, "invoice": " HD-1", "amount": "9"},
        {**GOOD, "invoice": "", "note": "0901234567 gọi"},
        {**GOOD, "invoice": "x" * 256, "note": True},
    ]
    table = read(*rows)
    assert [row.key for row in table.rows] == ["HD-1"]
    texts = list(map(str, table.mistakes))
    assert texts[0].startswith("row 2, column 'phone' has no phone number: ")
    assert texts[0].endswith(" (a value like '99 99')")
    form = "requires a value of type CURRENCY: correct it (a value like 'aaaa aaa')"
    assert texts[1:] == [
        (
            "row 2, column 'name' has 6 characters; the template allows at most 5: change the text "
            "(a value like 'aaaaaa')"
        ),
        f"row 2, column 'amount' has no digit, but the template {form}",
        "row 3, column 'invoice' has the same key 'HD-1' as row 1: give each row a key of its own",
        (
            "row 3, column 'amount' has 1 characters; the template requires at least 3: change the text "
            "(a value like '9')"
        ),
        "row 4, column 'invoice' is empty: give each row a key of its own",
        (
            "row 4, column 'note' has 14 characters; the template allows at most 10: change the text "
            "(a value like '9999999999 aaa')"
        ),
        (
            f"row 5, column 'invoice' has 256 characters; the most are 255: use another key "
            f"(a value like '{'a' * 30}...')"
        ),
        "row 5, column 'note' takes a text or a number, not bool: convert it",
    ]


def test_columns_with_other_names() -> None:
    """A parameter takes its value from the given column."""
    row = {"Số HĐ": "1", "SĐT": "0901234567", "Khách": "An", "amount": "999"}
    given = {"key_column": "Số HĐ", "phone_column": "SĐT", "columns": {"name": "Khách"}}
    assert read(row, **given).rows[0].data == {"name": "An", "amount": "999"}


def test_mistakes_of_columns() -> None:
    """A column that all rows lack is one mistake, with the columns that are there."""
    row = {"Invoice": "1", "fone": "0901234567", "name": "An"}
    columns = "(columns: Invoice, fone, name)"
    assert mistakes(row, row, columns={"nmae": "name", "note": "notes"}) == [
        (
            "column 'name' is for 'nmae', which is not a variable of the template, did you mean 'name'? "
            "(variables: name, amount, note)"
        ),
        f"column 'invoice' is missing; it is for the key, did you mean 'Invoice'? {columns}",
        f"column 'phone' is missing; it is for the phone number {columns}",
        f"column 'amount' is missing; it is for the variable 'amount' {columns}",
        f"column 'notes' is missing; it is for the variable 'note' {columns}",
    ]


def test_no_rows() -> None:
    """A table without rows is a mistake."""
    assert mistakes() == ["column 'invoice' is missing, because there are no rows: give at least one"]


def test_too_many_cells() -> None:
    """A row with more cells than columns is a mistake: a text with a comma has moved the others."""
    (mistake,) = mistakes({**GOOD, None: ["rest"]})
    assert mistake.startswith("row 1, column 'amount' is the last one, but the row has more cells")


def test_no_mapping() -> None:
    """A row that is no mapping is refused, without its content."""
    with pytest.raises(InvalidRequestError, match="row 2 is list of str") as caught:
        read(GOOD, ["HD-2", "canary"])
    assert "canary" not in str(caught.value)


def test_template_of_which_only_the_code_is_known() -> None:
    """Then all other columns are variables, or those that the user has named."""
    assert read(GOOD, variables=None).rows[0].data == {"name": "Lan", "amount": "250.000"}
    row = read(GOOD, variables=None, columns={"ten": "name"}).rows[0]
    assert row.data == {"ten": "Lan"}


@pytest.mark.parametrize(("regex", "count"), [("^[0-9]+$", 1), ("", 0), ("(", 0), ("L", 0)])
def test_form_of_an_sms(regex: str, count: int) -> None:
    """A value must match the template's expression; one that Python cannot read is left to the service."""
    variable = Variable.of_sms("name", SmsVariableFormat(regex=regex))
    expected = "row 1, column 'name' has not the form that the template requires: correct it"
    assert mistakes(GOOD, variables=(variable,)) == [f"{expected} (a value like 'aaa')"] * count
