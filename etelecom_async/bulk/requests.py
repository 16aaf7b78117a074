"""The request of a step with all its values: those of the plan, of the journal, and of earlier results."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, cast

from etelecom_async._core.codec.scalars import composed
from etelecom_async._core.model import Model, fields_of
from etelecom_async.bulk.journal import Journal
from etelecom_async.bulk.records import Failure
from etelecom_async.bulk.steps import Step
from etelecom_async.errors import EtelecomError

_FEWEST_CHARACTERS: Final = 3
"""Shorter values are parts of too many words to be hidden."""
_HARMLESS: Final = ("_id", "_ids", "_number", "_type", "_code")
"""Endings of field names whose values may stand in a journal."""


def filled(step: Step[Any], journal: Journal) -> Any:
    """
    Return the request of *step* with all values.

    Raises:
        InvalidRequestError: A result that it needs has no such value.
    """
    records = journal.records
    results = {key: records[key].kept for key in step.dependencies}
    return step.filled(results, records[step.key].chosen)


def failure_of(error: EtelecomError, request: Any) -> Failure:
    """Return what the journal keeps of an error: its text, without the data of the message."""
    return Failure.of(error, hidden=set(_data_of(request)))


def _data_of(value: Any, name: str = "") -> Iterator[str]:
    """Yield the texts of a request that belong to people, such as names and template data."""
    if isinstance(value, str):
        if len(value) >= _FEWEST_CHARACTERS and name != "id" and not name.endswith(_HARMLESS):
            yield value
            yield composed(value)  # the form in which it was sent
    elif isinstance(value, Model):
        kind: Any = type(value)
        for field in fields_of(kind):
            yield from _data_of(getattr(value, field.name), field.name)
    elif isinstance(value, Mapping):
        for key, part in cast("Mapping[object, object]", value).items():
            yield from _data_of(part, str(key))
    elif isinstance(value, list | tuple):
        for part in cast("list[object]", value):
            yield from _data_of(part, name)
