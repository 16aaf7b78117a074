"""
Define open enums, which keep values that the documentation does not list.

A response may have any value. A request warns of an unlisted value, or refuses it if the list is complete.
This module contains no operation and no JSON.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable
from enum import EnumType, StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, Self, TypeVar, cast

from etelecom_async._core.model import parts_of
from etelecom_async._core.values import quoted_name
from etelecom_async.errors import UnlistedValueWarning

FunctionT = TypeVar("FunctionT", bound=Callable[..., object])
EnumT = TypeVar("EnumT", bound="OpenEnum")


def _cached(function: FunctionT) -> FunctionT:
    # The size is limited, because a server may send new values endlessly.
    return cast("FunctionT", lru_cache(maxsize=1024)(function))


class _OpenEnumType(EnumType):
    """Class of open enums: `X("…")` in the caller's code warns of an unlisted text."""

    if not TYPE_CHECKING:  # type checkers know how to call an enum

        def __call__(cls, *args: Any, **kwargs: Any) -> Any:
            made = super().__call__(*args, **kwargs)
            # Decoders call `_missing_` itself, so a value of a response does not come here.
            if isinstance(made, OpenEnum) and not made.is_listed and not any(made is arg for arg in args):
                made = cls._guessed(made._value_)
                _warn(cls, made)
            return made


class OpenEnum(StrEnum, metaclass=_OpenEnumType):
    """
    An enum of texts to which the server may add new ones at any time.

    A listed value gives the member. An unlisted value gives a new object of this class, which compares,
    hashes, pickles and prints as its text. `is_listed` distinguishes them. A `match` needs a `case _`.

    `X("…")` of an unlisted text emits an `UnlistedValueWarning`, because it may be a typing error. Use
    `X.unlisted("…")` for a value that the documentation does not list.
    """

    @classmethod
    def unlisted(cls, text: str) -> Self:
        """
        Return the value with this text without a warning. A request sends it, also if the list is complete.

        If the documentation lists the text, the result is its member.

        Args:
            text: The text, exactly as the service expects it.

        Raises:
            ValueError: The argument is not a text.
        """
        return cls._missing_(text)

    @classmethod
    @_cached  # called for each unlisted value in a response, and most of them repeat
    def _missing_(cls, value: object) -> Self:
        if not isinstance(value, str):
            message = f"{value!r} is not a valid {cls.__qualname__}"
            raise ValueError(message)  # noqa: TRY004 - Python's enums raise this class for every value that is no member
        text = str.__str__(value)  # a text of a subclass may have another hash, so no member was found
        return _member(cls, text) or cls._make(text, is_intended=True)

    @classmethod
    def _make(cls, text: str, *, is_intended: bool) -> Self:
        made = str.__new__(cls, text)
        made._name_ = text
        made._value_ = text
        vars(made)[_IS_INTENDED] = is_intended
        return made

    @classmethod
    def _guessed(cls, text: str) -> Self:
        """Return the value of a text that may be misspelt."""
        return _member(cls, text) or cls._make(text, is_intended=False)

    @property
    def is_listed(self) -> bool:
        """Whether the documentation lists this value."""
        return type(self).__members__.get(self._name_) is self

    def __repr__(self) -> str:
        if self.is_listed:
            return f"<{type(self).__name__}.{self._name_}: {self._value_!r}>"
        return f"<{type(self).__name__}: {self._value_!r}, not listed>"

    def __reduce_ex__(self, protocol: Any) -> tuple[Any, ...]:
        make = self.unlisted if self.is_listed or _is_intended(self) else self._guessed
        return make, (self._value_,)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        """Return the schema with which pydantic, and so FastAPI, reads a text as `X("…")` does."""
        from pydantic_core import core_schema

        def read(value: object) -> OpenEnum:
            return value if isinstance(value, cls) else cls(_text_or_none(value))

        return core_schema.no_info_plain_validator_function(
            read,
            json_schema_input_schema=core_schema.str_schema(),
            serialization=core_schema.to_string_ser_schema(),
        )


class CompleteEnum(OpenEnum):
    """
    An open enum whose list is complete: a request refuses any other text.

    The server may add values nevertheless, so a response may have any text. A value of a response can be
    sent back.
    """


_IS_INTENDED: Final = "is_intended"
"""
Attribute of an unlisted value: whether a server sent it, or `unlisted` made it.

It is not declared in the class, because type checkers would take it for a member.
"""


def _is_intended(value: OpenEnum) -> bool:
    return bool(vars(value)[_IS_INTENDED])


def _member(kind: type[EnumT], text: str) -> EnumT | None:
    """Return the member with this text; `None` if the documentation does not list it."""
    return cast("EnumT | None", kind._value2member_map_.get(text))


def _text_or_none(value: object) -> Any:
    return value if isinstance(value, str) else None  # some values have no hash, which every enum needs


def enum_of(kind: Any) -> type[OpenEnum] | None:
    """Return the enum of a field's type, which may also take texts or `None`."""
    parts = (part for part in parts_of(kind) if isinstance(part, type) and issubclass(part, OpenEnum))
    return next(parts, None)


def is_unlisted(kind: type[OpenEnum], text: str) -> bool:
    """Return whether *text*, in a request, is neither a member of *kind* nor meant to be none."""
    if isinstance(text, kind) and not text.is_listed:
        return not _is_intended(text)
    return _member(kind, str.__str__(text)) is None


def note_unlisted(kind: type[OpenEnum], value: object) -> None:
    """
    Warn of unlisted texts in a part of a request, at the line that makes it.

    If the caller's filter turns the warning into an error, sending the request raises it.
    """
    if value is None:
        return
    texts: Iterable[object] = cast("Iterable[object]", value) if isinstance(value, list | tuple) else (value,)
    for text in texts:
        if isinstance(text, str):
            try:
                warn_unlisted(kind, text)
            except UnlistedValueWarning:
                # The frames between here and the caller hold the arguments of the call.
                return


def warn_unlisted(kind: type[OpenEnum], text: str) -> None:
    """Warn if *text* is not listed, once for each text in this process."""
    if is_unlisted(kind, text):
        _warn(kind, text)


WARNED: Final[dict[tuple[type[OpenEnum], str], object]] = {}
"""The texts that have warned in this process, by their enums."""
_MOST_WARNINGS: Final = 1024
"""After so many different texts there are no more warnings, so that the memory stays limited."""


def _warn(kind: type[OpenEnum], text: str) -> None:
    key, mark = (kind, str.__str__(text)), object()
    if len(WARNED) >= _MOST_WARNINGS or WARNED.setdefault(key, mark) is not mark:
        return
    from etelecom_async._core.user_line import stack_level

    is_complete = issubclass(kind, CompleteEnum)
    name = kind.__name__
    try:
        warnings.warn(
            f"{name} does not list {_quoted(key[1])}{_did_you_mean(kind, text)} "
            f"{'The list is complete' if is_complete else 'The list is open, so the text is sent as it is'}. "
            f"If the service knows the text, use {name}.unlisted(...), which does not warn.",
            UnlistedValueWarning,
            stacklevel=stack_level(),
        )
    except UnlistedValueWarning:
        del WARNED[key]  # the caller's filter turns it into an error, each time
        raise


def _quoted(text: str) -> str:
    shown = quoted_name(text)
    return "this text" if shown == str.__name__ else shown


def refusal(kind: type[CompleteEnum], text: str) -> str:
    """Return what an error says of a text that is not in a complete list. It does not show the text."""
    from etelecom_async._core.suggestions import shown

    *others, last = (shown(member.value, member.name) for member in kind)
    return (
        f"takes {', '.join(others)} or {last}{_did_you_mean(kind, text)} "
        f"{kind.__name__}.unlisted(...) sends any other text"
    )


def _did_you_mean(kind: type[OpenEnum], text: str) -> str:
    from etelecom_async._core.suggestions import did_you_mean_value

    return did_you_mean_value(str.__str__(text), _names(kind))


def nearest(kind: type[OpenEnum], text: str) -> str | None:
    """Return the listed text that *text* probably means, also by the name of its member."""
    from etelecom_async._core.suggestions import nearest_value

    return nearest_value(str.__str__(text), _names(kind))


def _names(kind: type[OpenEnum]) -> dict[str, str]:
    """Return the names of the members, by their texts."""
    return {member.value: member.name for member in kind}
