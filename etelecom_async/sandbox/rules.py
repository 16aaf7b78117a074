"""
The rules that the documentation of the service leaves open, as data.

Each rule is a field of `Rules` with the sandbox's own choice as its default. `Sandbox` and the command line
take their options from the fields, and the control API shows the values.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, Literal, TypedDict

import attrs

from etelecom_async.operations import OPERATIONS
from etelecom_async.sandbox.hints import did_you_mean

_MOST_ROWS: Final = 100_000
_LISTS: Final = {name: row.wire_name for name, row in OPERATIONS.items() if row.items and row.pages is None}


class RuleOptions(TypedDict, total=False):
    """The rules as options of `Sandbox`; `Rules` has their meanings and defaults."""

    call_time: Literal["created_at", "started_at"]
    include_date_from: bool
    include_date_to: bool
    page_size: int
    max_page_size: int
    larger_limit: Literal["lowered", "rejected"]
    order: Literal["newest_first", "oldest_first"]
    last_page: Literal["has_next", "has_no_next"]
    unpaged: Iterable[str]


def _rule(help_text: str, *choices: str, default: str | bool | int | None = None) -> Any:
    """Return a field of `Rules`: its help on the command line, and its words; the first is the default."""
    default = choices[0] if default is None else default
    check = _check_choice if choices else _check_yes_or_no if isinstance(default, bool) else _check_rows
    return attrs.field(
        default=default, validator=check, metadata={"help": help_text, "choices": choices}, kw_only=True
    )


def _check_choice(_: object, field: attrs.Attribute[Any], value: object) -> None:
    choices: tuple[str, ...] = field.metadata["choices"]
    if value not in choices:
        hint = did_you_mean(str(value), choices)
        raise ValueError(f"{field.name} is {value!r}, not one of {', '.join(choices)}{hint}")


def _check_yes_or_no(_: object, field: attrs.Attribute[Any], value: object) -> None:
    if not isinstance(value, bool):
        raise ValueError(f"{field.name} is {value!r}, not true or false")  # noqa: TRY004 - each wrong rule is a ValueError


def _check_rows(_: object, field: attrs.Attribute[Any], value: object) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= _MOST_ROWS:
        raise ValueError(f"{field.name} is {value!r}, not a number of rows from 1 to {_MOST_ROWS}")


def _read_lists(names: str | Iterable[str]) -> tuple[str, ...]:
    """Return the public names of lists, which may be given by their wire names."""
    given = (names,) if isinstance(names, str) else tuple(names)
    return tuple(dict.fromkeys(map(_read_list, given)))


def _read_list(name: object) -> str:
    for public, wire in _LISTS.items():
        if name in (public, wire):
            return public
    if name in OPERATIONS:
        raise ValueError(f"unpaged has {name!r}, which is not a list with cursors")
    hint = did_you_mean(str(name), (*_LISTS, *_LISTS.values()))
    raise ValueError(f"unpaged has {name!r}, which is neither a public nor a wire name of a list{hint}")


@attrs.frozen
class Rules:
    """
    The rules that the documentation leaves open, with the choices of the sandbox as defaults.

    Raises:
        ValueError: A value is wrong, or `page_size` is larger than `max_page_size`.
    """

    call_time: str = _rule(
        "the time of a call that date_from and date_to compare", "created_at", "started_at"
    )
    """The time of a call that `date_from` and `date_to` compare; other lists have no `started_at`."""
    include_date_from: bool = _rule("include records of exactly the time date_from", default=True)
    include_date_to: bool = _rule("include records of exactly the time date_to", default=True)
    page_size: int = _rule("rows of a page without a limit", default=100)
    max_page_size: int = _rule("rows of the largest page", default=100)
    larger_limit: str = _rule("what happens to a limit above the largest page", "lowered", "rejected")
    """What happens to a limit above `max_page_size`: it is lowered, or rejected with `invalid_argument`."""
    order: str = _rule("order of a list without sort", "newest_first", "oldest_first")
    last_page: str = _rule("whether the last page with rows has a next cursor", "has_next", "has_no_next")
    """Whether the last page with rows has a `next` cursor, so that the page after it is empty."""
    unpaged: tuple[str, ...] = attrs.field(
        default=(),
        converter=_read_lists,
        kw_only=True,
        metadata={"help": "a list that returns all its rows without paging, by name", "choices": ()},
    )
    """Lists that return all their rows and no `paging`, by public or wire name."""

    def __attrs_post_init__(self) -> None:
        if self.page_size > self.max_page_size:
            raise ValueError(
                f"page_size is {self.page_size}, which is larger than max_page_size, {self.max_page_size}"
            )

    def of(self, operation: str) -> Rules:
        """Return the rules of one operation: `unpaged` then has its name, or nothing."""
        if not self.unpaged:
            return self
        return attrs.evolve(self, unpaged=(operation,) if operation in self.unpaged else ())

    def without_paging(self) -> Rules:
        """Return the rules of a list that has no pages, whichever it is."""
        return attrs.evolve(self, unpaged=tuple(_LISTS))

    def to_dict(self) -> dict[str, Any]:
        """Return the rules as JSON."""
        return {**attrs.asdict(self), "unpaged": list(self.unpaged)}


DEFAULTS: Final = Rules()
"""The choices of the sandbox."""
