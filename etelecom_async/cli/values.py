"""Read values of options: times, days, phones, texts, enums, pairs, numbers, sizes, columns, profiles."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, cast

import click

from etelecom_async import times
from etelecom_async.cli.columns import same_path
from etelecom_async.cli.command import CommandError, did_you_mean
from etelecom_async.cli.index import Enum

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

_DAYS: Final = ("today", "yesterday", "-1d", "-7d", "-30d")


class Moment(click.ParamType[datetime]):
    """
    A time: a day of Hanoi, or a date with a time of day.

    Args:
        is_end: Whether a day stands for its end, the midnight after it.
        needs_offset: Whether a time of day without an offset is refused.
    """

    name = "when"

    def __init__(self, *, is_end: bool, needs_offset: bool = False) -> None:
        self.is_end = is_end
        self.needs_offset = needs_offset

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Return the moment, aware; a time of day without an offset is Hanoi's, or is refused."""
        if isinstance(value, datetime):
            return value
        if ":" in value:
            try:
                moment = datetime.fromisoformat(value)
            except ValueError:
                self.fail(f"{value!r} is no time; write {self._example}, or a day", param, ctx)
            if moment.tzinfo is None and self.needs_offset:
                self.fail(f"{value!r} has no offset; for a time of Hanoi write {value}+07:00", param, ctx)
            return moment if moment.tzinfo else moment.replace(tzinfo=times.VIETNAM)
        try:
            day = times.day(value)
        except ValueError as error:
            self.fail(f"{error}, or a time: {self._example}", param, ctx)
        return day.end if self.is_end else day.begin

    @property
    def _example(self) -> str:
        return "2026-11-28T09:30+07:00" if self.needs_offset else "2026-11-28T09:30"

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """Return names of days."""
        del ctx, param
        return _completions(_DAYS, incomplete)


class Day(click.ParamType[times.Day]):
    """A day of Hanoi."""

    name = "day"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> times.Day:
        """Return the day."""
        if isinstance(value, times.Day):
            return value
        try:
            return times.day(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """Return names of days."""
        del ctx, param
        return _completions(_DAYS, incomplete)


class Phone(click.ParamType[str]):
    """A phone number in any notation."""

    name = "phone"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the number in the form of `phones.normalize`."""
        from etelecom_async import phones  # help needs none

        try:
            return phones.normalize(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


class Word(click.ParamType[str]):
    """A text that is not empty. An unset variable of a shell must not look like a missing option."""

    name = "text"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the text without white space around it."""
        text = str(value).strip()
        if not text:
            self.fail("the text is empty", param, ctx)
        return text


class Count(click.ParamType[int]):
    """
    A whole number.

    Args:
        least: The smallest number.
        most: The largest number; `None` for any.
    """

    name = "n"

    def __init__(self, least: int = 0, most: int | None = None) -> None:
        self.least = least
        self.most = most

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return the number."""
        try:
            number = int(value)
        except ValueError:
            self.fail(f"{value!r} is no whole number", param, ctx)
        if number < self.least:
            self.fail(f"{number} is below {self.least}", param, ctx)
        if self.most is not None and number > self.most:
            self.fail(f"{number} is above {self.most}", param, ctx)
        return number


class Rate(click.ParamType[float]):
    """A number a second, above 0."""

    name = "n"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Return the number."""
        try:
            number = float(value)
        except ValueError:
            self.fail(f"{value!r} is no number", param, ctx)
        if not 0 < number < math.inf:
            self.fail(f"{value} is not above 0", param, ctx)
        return number


class Duration(click.ParamType[timedelta]):
    """A length of time, as `90s`, `10m` or `1h`."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        """Return the length."""
        if isinstance(value, timedelta):
            return value
        found = re.fullmatch(r"(?a)(\d{1,6})([smh])", str(value).strip())
        if found is None:
            self.fail(f"{value!r} is no length of time: write it like 90s, 10m or 1h", param, ctx)
        return timedelta(seconds=int(found[1]) * _SECONDS[found[2]])


_SECONDS: Final = {"s": 1, "m": 60, "h": 3600}


class Size(click.ParamType[int]):
    """A number of bytes, as `800kB`, `500MB` or `20GB`. The units are powers of 1000."""

    name = "size"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return the number of bytes."""
        if isinstance(value, int):
            return value
        found = re.fullmatch(r"(?ai)([1-9]\d{0,14}) ?([kmgt]?)b?", str(value).strip())
        if found is None:
            self.fail(f"{value!r} is no size: write it like 500MB or 20GB", param, ctx)
        return int(found[1]) * int(1000 ** " kmgt".index(found[2].lower() or " "))


class Listed(click.ParamType[str]):
    """
    A text of an enum, in any case. If its list is open, any other text is one, too.

    Args:
        enum: The enum.
    """

    name = "value"

    def __init__(self, enum: Enum) -> None:
        self.enum = enum

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:
        """Return the texts for the help; `...` shows that the list is open."""
        del param, ctx
        return f"[{'|'.join([*self.enum.names, *([] if self.enum.is_complete else ['...'])])}]"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the listed text; the given one if the list is open. The request warns of it."""
        text, names = str(value), self.enum.names
        same = [listed for listed in names if listed.lower() == text.lower()]
        if text in names or (len(same) != 1 and not self.enum.is_complete):
            return text
        if len(same) != 1:
            from etelecom_async._core import suggestions  # only an error needs it

            listed = ", ".join(suggestions.shown(*item) for item in names.items())
            guess = suggestions.did_you_mean_value(text, names)
            self.fail(f"{text!r} is not listed{guess} Values: {listed}", param, ctx)
        return same[0]

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """Return the texts that start with *incomplete*."""
        del ctx, param
        return _completions(list(self.enum.names), incomplete)


class Pair(click.ParamType[tuple[str, str]]):
    """A name and a value, as `name=value`."""

    name = "name=value"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, str]:
        """Return name and value."""
        if isinstance(value, tuple):
            return cast("tuple[str, str]", value)
        name, equals, text = value.partition("=")
        if not (name and equals):
            self.fail(f"{value!r} has not the form name=value", param, ctx)
        return name, text


class Numbers(click.ParamType[tuple[str, range]]):
    """
    Numbers of extensions, as `1001` or `1001-1999`.

    Args:
        has_shop: Whether the name of a shop and `=` may stand before them.
    """

    name = "numbers"

    def __init__(self, *, has_shop: bool = False) -> None:
        self.has_shop = has_shop

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, range]:
        """Return the shop, which is empty if there is none, and the numbers."""
        if isinstance(value, tuple):
            return cast("tuple[str, range]", value)
        shop, _, text = value.rpartition("=") if self.has_shop else ("", "", value)
        found = re.fullmatch(r"(?a)([1-9]\d{0,8})(?:-([1-9]\d{0,8}))?", text.replace(" ", ""))
        if found is None:
            self.fail(f"{text!r} has not the form 1001 or 1001-1999", param, ctx)
        first, last = int(found[1]), int(found[2] or found[1])
        if last < first:
            self.fail(f"{last} is below {first}", param, ctx)
        return shop.strip(), range(first, last + 1)


class Columns(click.ParamType[tuple[str, ...]]):
    """
    Names of columns, separated by commas.

    Args:
        known: The columns of the result; none if any name may exist.
    """

    name = "a,b.c"

    def __init__(self, known: Sequence[str]) -> None:
        self.known = known

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, ...]:
        """Return the names."""
        if isinstance(value, tuple):
            return cast("tuple[str, ...]", value)
        names = tuple(name.strip() for name in value.split(",") if name.strip())
        if not names:
            self.fail("name at least one column", param, ctx)
        for name in names:
            if self.known and not any(same_path(name, column) for column in self.known):
                guess = did_you_mean(name, self.known)
                self.fail(f"no column {name!r}{guess} Columns: {', '.join(self.known)}", param, ctx)
        return names

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """Return the columns that may follow the last comma."""
        del ctx, param
        before, comma, last = incomplete.rpartition(",")
        return _completions([f"{before}{comma}{column}" for column in self.known], f"{before}{comma}{last}")


class InputFile(click.ParamType[str]):
    """A file to read, or `-` for stdin. Tab completes files; the command itself opens it."""

    name = "file"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the path. An unset variable of a shell must not look like a folder."""
        if not value:
            self.fail("the name of the file is empty", param, ctx)
        return str(value)

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """Let the shell complete names of files."""
        from click.shell_completion import CompletionItem

        del ctx, param
        return [CompletionItem(incomplete, type="file")]


class OutputFile(InputFile):
    """A file to write, or `-` for stdout."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the path, which must not be a folder."""
        text = super().convert(value, param, ctx)
        return str(click.Path(dir_okay=False, allow_dash=True).convert(text, param, ctx))


class OutputPath(InputFile):
    """A file or a folder to write, or `-` for stdout."""


class ProfileName(click.ParamType[str]):
    """The name of a profile. Tab completes those of the file."""

    name = "profile"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the name."""
        del param, ctx
        return str(value)

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """Return the profiles that start with *incomplete*; none if the file cannot be read."""
        from etelecom_async.cli.settings import Settings

        del ctx, param
        try:
            return _completions(sorted(Settings().file.by_name), incomplete)
        except CommandError:
            return []


def _completions(values: Sequence[str], incomplete: str) -> list[CompletionItem]:
    from click.shell_completion import CompletionItem

    return [CompletionItem(value) for value in values if value.startswith(incomplete)]


def folded(name: str) -> str:
    """Return a name without differences of case, of Unicode form and of white space."""
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())


def is_id(text: str) -> bool:
    """Return whether a text is the id of a shop, a user, an extension or a hotline."""
    return text.isascii() and text.isdecimal()
