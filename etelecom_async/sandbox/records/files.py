"""
Documents of records: `{"calls": [{"caller": "0901234567"}]}`, as a file or as a request has them.

All records of a document are added, or none. The error has all mistakes, each with its place.
"""

from __future__ import annotations

import json
import re
from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import Any, Final, cast

from etelecom_async.sandbox.files import read_file
from etelecom_async.sandbox.hints import nearest_or_all
from etelecom_async.sandbox.records.book import RecordBook
from etelecom_async.sandbox.records.kinds import KINDS
from etelecom_async.sandbox.records.values import RecordError

_YAML: Final = (".yaml", ".yml")
_YAML_NUMBER: Final = re.compile(r"(?a)-?(?:0|[1-9]\d*)$")
_MOST_VALUES: Final = 2_000_000
# Fields with names of a record that other records may use.
_NAMES: Final = ("id", "hotline", "extension_number", "phone", "email")


def load_document(path: str | Path) -> dict[str, Any]:
    """
    Return the document in a file: YAML if its name ends in `.yaml` or `.yml`, otherwise JSON.

    Raises:
        ValueError: The file cannot be read, or is not such a document; or it is YAML and PyYAML is missing.
    """
    file, text = Path(path), read_file(path)
    try:
        is_yaml = file.suffix.lower() in _YAML
        document: Any = _read_yaml(text) if is_yaml else json.loads(text, object_pairs_hook=_read_pairs)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{file}: {error}") from error
    if not isinstance(document, dict):
        raise ValueError(f"{file}: it is not an object with lists of records; there are {', '.join(KINDS)}")  # noqa: TRY004 - the file is wrong, not a type
    return cast("dict[str, Any]", document)


def add_document(
    book: RecordBook, document: Mapping[str, object], source: str = ""
) -> dict[str, list[dict[str, Any]]]:
    """
    Add the records of a document inside of `book.changes`; return their JSON in the same form.

    Args:
        book: The records of the sandbox.
        document: Lists of records by the name of their kind.
        source: Name of the file, which stands before each problem.

    Raises:
        RecordError: A record is wrong; then the caller has to roll back the others.
    """
    start = f"{source}: " if source else ""
    problems = [
        f"{start}{name}: there is no such kind{nearest_or_all(str(name), KINDS)}"
        for name in document
        if name not in KINDS
    ]
    added: dict[str, list[dict[str, Any]]] = {}
    failed: set[str] = set()
    for name in (name for name in KINDS if name in document):
        items = document[name]
        if not isinstance(items, list | tuple):
            problems.append(f"{start}{name}: it is not a list")
            continue
        for index, item in enumerate(cast("list[object]", items)):
            place = f"{start}{name}[{index}]"
            if not isinstance(item, Mapping):
                problems.append(f"{place}: it is not an object")
                continue
            given = cast("Mapping[str, object]", item)
            try:
                added.setdefault(name, []).append(book.add(name, given))
            except RecordError as error:
                problems += [
                    f"{place}.{text}" for text in error.problems if not _follows(text, given, failed)
                ]
                failed |= {str(given[key]) for key in _NAMES if key in given}
    if problems:
        raise RecordError(problems)
    return added


def _follows(problem: str, given: Mapping[str, object], failed: set[str]) -> bool:
    """Return whether a problem only follows from another record, which was not added."""
    field, _, text = problem.partition(": ")
    return text.startswith("there is no ") and str(given.get(field)) in failed


def _read_pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise ValueError(f"{name!r} is there twice in one object")
        found[name] = value
    return found


def _read_yaml(text: str) -> Any:
    try:
        import yaml
    except ImportError:
        raise ValueError("a YAML file needs PyYAML: pip install pyyaml, or write the file as JSON") from None

    class Loader(yaml.SafeLoader):
        """Reads numbers only in decimal and times as texts, so that phone numbers stay as they are."""

        def construct_mapping(self, node: Any, deep: bool = False) -> dict[Hashable, Any]:  # noqa: FBT001, FBT002 - the signature of PyYAML
            names = [key.value for key, _ in node.value]
            for name in names:
                if names.count(name) > 1:
                    line = node.start_mark.line + 1
                    raise ValueError(f"line {line}: {name!r} is there twice in one object")
            return super().construct_mapping(node, deep=deep)

    kept = ("tag:yaml.org,2002:null", "tag:yaml.org,2002:merge")
    Loader.yaml_implicit_resolvers = {
        first: [row for row in rows if row[0] in kept]
        for first, rows in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    loader: Any = Loader  # the type hints of PyYAML do not have the types of these arguments
    loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"(?:true|false)$"), list("tf"))
    loader.add_implicit_resolver("tag:yaml.org,2002:int", _YAML_NUMBER, list("-0123456789"))
    try:
        document = yaml.load(text, Loader)  # noqa: S506 - a subclass of the safe loader
    except yaml.YAMLError as error:
        raise ValueError(" ".join(str(error).split())) from None
    _check_size(document)
    return document


def _check_size(document: object) -> None:
    """
    Check that the aliases of a YAML document do not repeat its values without end.

    Raises:
        ValueError: It has too many values, because an alias contains itself or multiplies others.
    """
    if _count(document, {}) > _MOST_VALUES:
        raise ValueError(f"with its aliases, it has more than {_MOST_VALUES} values; use fewer aliases")


def _count(value: object, counted: dict[int, int]) -> int:
    """Return the number of values in *value*; *counted* has the numbers of the lists and objects, by `id`."""
    place = id(value)
    if isinstance(value, Mapping):
        inside = list(cast("Mapping[object, object]", value).values())
    elif isinstance(value, list):
        inside = cast("list[object]", value)
    else:
        return 1
    if place not in counted:
        counted[place] = _MOST_VALUES  # a value that contains itself has no end
        counted[place] = 1 + sum(_count(part, counted) for part in inside)
    return counted[place]
