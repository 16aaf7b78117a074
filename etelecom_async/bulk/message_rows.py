"""
Read the rows of a table for messages, and check them against the variables of a template.

A mistake shows the form of a value, and not the value itself: `99/99/9999`, `aaaa`. It may be personal, or a
one-time password. Only keys are shown, because the journal stores them too.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any, Final, Self

import attrs

from etelecom_async import phones
from etelecom_async._core.codec.scalars import composed, plain_scalar
from etelecom_async._core.codec.template_data import problem_of_text
from etelecom_async._core.secret import mask
from etelecom_async._core.suggestions import did_you_mean
from etelecom_async._core.values import kind_of
from etelecom_async.bulk.ledger import LedgerKey
from etelecom_async.errors import InvalidRequestError
from etelecom_async.models import SmsVariableFormat, TemplateParam

_MOST_SHOWN: Final = 30
"""Characters of a form that a mistake shows."""
_WITH_DIGITS: Final = frozenset(("CURRENCY", "DATE", "NUMBER"))
"""Types of variables whose values have a digit. The documentation does not list the types."""


@attrs.frozen(kw_only=True)
class Variable:
    """A variable of a template."""

    name: str
    is_required: bool
    accepts_empty: bool
    """Whether an empty text may be sent; otherwise an empty value is left out."""
    parameter: TemplateParam | None = None
    """What a ZNS template says about it."""
    pattern: str = ""
    """What an SMS template says about it: a regular expression."""

    @classmethod
    def of_zns(cls, parameter: TemplateParam) -> Self:
        """Return a variable of a ZNS template."""
        return cls(
            name=parameter.name,
            is_required=bool(parameter.require),
            accepts_empty=bool(parameter.accept_null),
            parameter=parameter,
        )

    @classmethod
    def of_sms(cls, name: str, form: SmsVariableFormat) -> Self:
        """Return a variable of an SMS template."""
        return cls(name=name, is_required=True, accepts_empty=False, pattern=form.regex)

    @classmethod
    def unchecked(cls, name: str) -> Self:
        """Return a variable of a template whose variables are not known."""
        return cls(name=name, is_required=False, accepts_empty=True)

    def problem(self, text: str) -> str:
        """Return what is wrong with a value, as the end of a sentence; empty if nothing is."""
        if not text and self.is_required and not self.accepts_empty:
            return "is empty, but the template requires a text: fill it in"
        if self.parameter is not None and (problem := problem_of_text(text, self.parameter)):
            return f"{problem}: change the text"
        if text and self._kind in _WITH_DIGITS and not any(map(str.isdigit, text)):
            return f"has no digit, but the template requires a value of type {self._kind}: correct it"
        if text and not self._fits(text):
            return "has not the form that the template requires: correct it"
        return ""

    @property
    def _kind(self) -> str:
        return "" if self.parameter is None else self.parameter.type.upper()

    def _fits(self, text: str) -> bool:
        try:
            return not self.pattern or re.search(self.pattern, text) is not None
        except re.error:  # of another language; the service checks it
            return True


@attrs.frozen
class Row:
    """What a row says about its message."""

    key: str
    phone: str = attrs.field(repr=False)
    """The phone number, with its country code."""
    data: Mapping[str, str] = attrs.field(repr=False)
    """Values of the template's variables."""


@attrs.frozen
class Mistake:
    """A mistake in a row, or in the columns of all rows."""

    row: int | None
    """Number of the row; `None` for a mistake of all rows."""
    column: str
    problem: str
    """The problem, and what to do."""
    form: str = ""
    """The form of the value: `a` for each letter, `9` for each digit."""

    def __str__(self) -> str:
        where = "" if self.row is None else f"row {self.row}, "
        form = f" (a value like {self.form!r})" if self.form else ""
        return f"{where}column {mask(self.column)!r} {self.problem}{form}"


@attrs.frozen
class Table:
    """The rows for the messages, and the mistakes in them."""

    rows: tuple[Row, ...]
    mistakes: tuple[Mistake, ...]


def read_rows(
    rows: Iterable[tuple[int, Mapping[str, Any]]],
    *,
    variables: Iterable[Variable] | None,
    key_column: str,
    phone_column: str,
    columns: Mapping[str, str],
) -> Table:
    """
    Read rows, and check them all.

    Args:
        rows: The rows with their numbers, as the user counts them.
        variables: Variables of the template. `None` if they are not known; then they are those of *columns*,
            or else all columns besides key and phone number.
        key_column: Column with the keys.
        phone_column: Column with the phone numbers.
        columns: Columns of variables with another name.
    """
    given: list[tuple[int, Any]] = list(rows)
    for number, row in given:
        if not isinstance(row, Mapping):
            problem = f"rows takes mappings of column names to values; row {number} is {kind_of(row)}"
            raise InvalidRequestError((problem,), operation="bulk.send")
    known = list(dict.fromkeys(name for _, row in given for name in row if isinstance(name, str)))
    if variables is None:
        others = [name for name in known if name not in (key_column, phone_column)]
        variables = map(Variable.unchecked, columns or others)
    reader = _Reader(tuple(variables), key_column, phone_column, columns)
    if mistakes := tuple(reader.mistakes_of_columns(known)):
        return Table((), mistakes)
    return reader.read(given)


class _Reader:
    def __init__(
        self, variables: tuple[Variable, ...], key: str, phone: str, columns: Mapping[str, str]
    ) -> None:
        self._variables = variables
        self._key = key
        self._phone = phone
        self._columns = columns
        self._mistakes: list[Mistake] = []
        self._rows_by_key: dict[str, int] = {}

    def mistakes_of_columns(self, known: list[str]) -> Iterator[Mistake]:
        """Yield the mistakes of all rows."""
        if not known:
            yield Mistake(None, self._key, "is missing, because there are no rows: give at least one")
            return
        listed = f"(columns: {', '.join(map(mask, known))})"
        names = [variable.name for variable in self._variables]
        for name in self._columns:
            if name not in names:
                guess = did_you_mean(name, names)
                problem = (
                    f"is for {mask(name)!r}, which is not a variable of the template{guess} "
                    f"(variables: {', '.join(names) or 'none'})"
                )
                yield Mistake(None, self._columns[name], problem)
        wanted = {self._key: "the key", self._phone: "the phone number"}
        for variable in self._variables:
            if variable.is_required or variable.name in self._columns:
                wanted.setdefault(self._column(variable), f"the variable {variable.name!r}")
        for column, purpose in wanted.items():
            if column not in known:
                yield Mistake(
                    None, column, f"is missing; it is for {purpose}{did_you_mean(column, known)} {listed}"
                )

    def _column(self, variable: Variable) -> str:
        return self._columns.get(variable.name, variable.name)

    def read(self, given: Iterable[tuple[int, Mapping[Any, Any]]]) -> Table:
        """Return the rows without mistakes, and the mistakes."""
        rows = [row for number, cells in given if (row := self._row(number, cells)) is not None]
        return Table(tuple(rows), tuple(self._mistakes))

    def _row(self, number: int, cells: Mapping[Any, Any]) -> Row | None:
        before = len(self._mistakes)
        if None in cells:  # so does csv.DictReader
            problem = "is the last one, but the row has more cells: put a text with commas into quotes"
            names = [name for name in cells if isinstance(name, str)]
            self._mistakes.append(Mistake(number, (names or [self._key])[-1], problem))
            return None
        key = self._key_of(number, cells.get(self._key))
        phone = self._phone_of(number, cells.get(self._phone))
        data = {
            variable.name: text
            for variable in self._variables
            if (text := self._value_of(number, cells.get(self._column(variable)), variable)) is not None
        }
        return Row(key, phone, data) if len(self._mistakes) == before else None

    def _key_of(self, number: int, value: object) -> str:
        key = _text(value)
        if not key:
            self._refuse(number, self._key, "is empty: give each row a key of its own")
            return ""
        try:
            LedgerKey(account="1", oa_id="1", tracking_id=key)
        except InvalidRequestError as error:
            problem = error.problems[0].removeprefix("tracking_id ")
            self._refuse(number, self._key, f"{problem}: use another key", key)
            return ""
        first = self._rows_by_key.setdefault(key, number)
        if first != number:
            problem = f"has the same key {mask(key)!r} as row {first}: give each row a key of its own"
            self._refuse(number, self._key, problem)
        return key

    def _phone_of(self, number: int, value: Any) -> str:
        plain: Any = plain_scalar(value)
        try:
            return phones.normalize(plain)
        except ValueError as error:
            self._refuse(number, self._phone, f"has no phone number: {error}", _text(plain) or "")
        return ""

    def _value_of(self, number: int, value: object, variable: Variable) -> str | None:
        """Return the text of a value; `None` if it is not sent, or wrong."""
        text, column = _text(value), self._column(variable)
        if text is None:
            self._refuse(number, column, f"takes a text or a number, not {kind_of(value)}: convert it")
        elif not text and not variable.is_required and not variable.accepts_empty:
            return None
        elif problem := variable.problem(text):
            self._refuse(number, column, problem, text)
        return text

    def _refuse(self, number: int, column: str, problem: str, text: str = "") -> None:
        self._mistakes.append(Mistake(number, column, problem, _form(text)))


def _text(value: object) -> str | None:
    """Return the text of a cell; `None` if it is neither a text nor a number."""
    plain = plain_scalar(value)
    if plain is None or (isinstance(plain, float) and math.isnan(plain)):
        return ""  # an empty cell
    if isinstance(plain, str):
        return composed(plain).strip()
    if isinstance(plain, bool) or not isinstance(plain, int | float | Decimal):
        return None
    # A spreadsheet has only floats.
    return str(int(plain)) if math.isfinite(plain) and plain == int(plain) else str(plain)


def _form(text: str) -> str:
    """Return the form of a text, without its content."""
    signs = ("9" if sign.isdigit() else "a" if sign.isalpha() else sign for sign in text)
    form = "".join(signs)
    return form if len(form) <= _MOST_SHOWN else f"{form[:_MOST_SHOWN]}..."
