"""
Build the request's JSON object from `--body`, from the options, and from files or a prompt for secrets.

A secret has no option of its own: other users of the machine can read the arguments of a process.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final, cast

import click

from etelecom_async.cli.command import usage_error
from etelecom_async.cli.index import SECRET_KIND, Field, Operation
from etelecom_async.cli.terminal import can_ask

STDIN: Final = "-"
Body = dict[str, Any]


def build(operation: Operation, given: Mapping[str, Any]) -> Body:
    """
    Return the request of *operation*.

    Args:
        operation: The operation.
        given: Values of the options, by the names that click keeps them under.

    Raises:
        CommandError: A file cannot be read, or a required part is missing.
    """
    secrets = [field for field in operation.fields if field.kind == SECRET_KIND]
    check_stdin(given, [field.parameter for field in secrets])
    _check_periods(operation, given)
    body = read_body(given.get("body"))
    for field in operation.fields:
        value = given.get(field.parameter)
        if field.kind == SECRET_KIND and value is not None:
            value = read_secret(value, field.flag)
        if value is not None and value != ():
            _put(body, field, value)
    missing = list(_missing(operation, body))
    # Nobody types a secret for a request that lacks something else.
    if missing and can_ask() and all(field in secrets for field in missing):
        for field in missing:
            _put(body, field, click.prompt(field.name, hide_input=True, err=True))
        missing = []
    if missing:
        ways = ", ".join(map(_way_to_give, missing))
        raise usage_error(f"missing: {ways}. Or give the whole request with --body FILE")
    return body


def check_stdin(given: Mapping[str, Any], names: Iterable[str] = ()) -> None:
    """
    Refuse `-` for more than one option: the first one would leave nothing for the others.

    Args:
        given: Values of the options.
        names: The options that may have it, besides `--body` and `--key-file`.

    Raises:
        CommandError: Two of them have it.
    """
    if [given.get(name) for name in ("body", "key_file", *names)].count(STDIN) > 1:
        raise usage_error("only one file can come from stdin (`-`)")


def read_body(source: str | None) -> Body:
    """
    Return the JSON object in a file, or in stdin for `-`; an empty one without a source.

    Raises:
        CommandError: It cannot be read, or is no JSON object.
    """
    if source is None:
        return {}
    if source.lstrip()[:1] in ("{", "["):
        raise usage_error(
            "--body takes a file or `-` for stdin, not the JSON itself: echo '{…}' | etelecom … --body -"
        )
    import json  # only a body needs it

    text = read_text(source, "--body")
    try:
        body = json.loads(text or "{}")
    except (ValueError, RecursionError) as error:
        raise usage_error(f"--body {source} is not JSON: {error}") from None
    if not isinstance(body, dict):
        # Not the value: it may be a secret.
        raise usage_error(f"--body {source} is not a JSON object, which starts with {{")
    return cast("Body", body)


def read_secret(source: str, flag: str) -> str:
    """
    Return the text in a file, or in stdin for `-`, without the end of its line.

    Raises:
        CommandError: It cannot be read, or is empty.
    """
    # Not the name of the file in errors: some people write the secret itself in its place.
    text = read_text(source, flag, is_named=False).rstrip("\r\n")
    if not text:
        raise usage_error("stdin is empty" if source == STDIN else f"the file of {flag} is empty")
    return text


def read_text(source: str, flag: str, *, is_named: bool = True) -> str:
    """
    Return the text in a file, or in stdin for `-`.

    Args:
        source: The file.
        flag: The option.
        is_named: Whether an error may name the file.

    Raises:
        CommandError: It cannot be read.
    """
    from pathlib import Path

    place = f"{flag} {source}" if is_named else "stdin" if source == STDIN else f"the file of {flag}"
    try:
        data = sys.stdin.buffer.read() if source == STDIN else Path(source).read_bytes()
        return data.decode("utf-8-sig")
    except OSError as error:
        raise usage_error(f"{place} cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise usage_error(f"{place} is not UTF-8 text") from None


def _check_periods(operation: Operation, given: Mapping[str, Any]) -> None:
    """Refuse a period that has no time, for example from today to yesterday."""
    fields = {field.name: field for field in operation.fields}
    for name, start in fields.items():
        end = fields.get(f"{name.removesuffix('_from')}_to")
        if end is None:
            continue
        first, last = given.get(start.parameter), given.get(end.parameter)
        if isinstance(first, datetime) and isinstance(last, datetime) and first >= last:
            raise usage_error(f"{start.flag} is not before {end.flag}: no time is in this period")


def _put(body: Body, field: Field, value: Any) -> None:
    place = body
    for name in field.path[:-1]:
        inner = place.get(name)
        if not isinstance(inner, dict):
            inner = place[name] = {}
        place = cast("Body", inner)
    name = field.path[-1]
    if field.kind == "map":
        known = place.get(name)
        place[name] = {**(cast("Body", known) if isinstance(known, dict) else {}), **dict(value)}
    else:
        place[name] = list(value) if field.is_multiple else value


def _has(body: Mapping[str, Any], path: tuple[str, ...]) -> bool:
    value: Any = body
    for name in path:
        if not isinstance(value, Mapping) or name not in value:
            return False
        value = cast("Mapping[str, Any]", value)[name]
    return value is not None


def _missing(operation: Operation, body: Body) -> Iterator[Field]:
    for field in operation.fields:
        # The body may have the name of the model instead of the name in JSON.
        by_name = tuple(field.name.split("."))
        if field.is_required and not (_has(body, field.path) or _has(body, by_name)):
            yield field


def _way_to_give(field: Field) -> str:
    if field.kind == SECRET_KIND:
        return f"{field.flag} FILE (or `-` for stdin, or type it on a terminal)"
    return field.flag
