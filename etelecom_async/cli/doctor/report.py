"""Write a report as Markdown or as JSON. It has names, types and forms, and no values."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from etelecom_async import __version__
from etelecom_async.cli.command import usage_error
from etelecom_async.cli.doctor.conformance import Report
from etelecom_async.cli.doctor.shapes import Difference

_RULE: Final = "rule of lists"


def summary(report: Report) -> str:
    """Return the number of differences, as a sentence without a full stop."""
    count = len(report.differences) + len(report.different_rules)
    if not count:
        return "no difference"
    return f"{count} difference{'s' if count > 1 else ''}"


def as_json(report: Report) -> str:
    """Return the report as JSON."""
    data: dict[str, Any] = {
        "version": __version__,
        "service": report.service,
        "differences": [
            *(each._asdict() for each in report.differences),
            *(
                Difference("", _RULE, rule.question, rule.expected, rule.finding, 1, 1)._asdict()
                for rule in report.different_rules
            ),
        ],
        "texts": [each._asdict() for each in report.texts],
        "rules": [{**rule._asdict(), "expected": rule.expected} for rule in report.rules],
        "fields": report.fields,
        "forms": report.forms,
        "operations": [each._asdict() for each in report.outcomes],
        "not_tried": report.not_tried,
    }
    return f"{json.dumps(data, ensure_ascii=False, indent=2)}\n"


def as_markdown(report: Report) -> str:
    """Return the report as Markdown."""
    return "\n".join([*_head(report), *_differences(report), *_facts(report), *_operations(report)])


def check_folder(file: str) -> None:
    """
    Check, before any call, that a report can have its place.

    Raises:
        CommandError: Its folder does not exist.
    """
    if not Path(file).parent.is_dir() or Path(file).is_dir():
        raise usage_error(
            f"--report {file} cannot be written: there is no such folder, or it is a folder itself"
        )


def write(file: str, text: str) -> None:
    """
    Write a report to a file.

    Raises:
        CommandError: The file cannot be written.
    """
    try:
        Path(file).write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise usage_error(f"--report {file} cannot be written: {error.strerror or error}") from None


def _head(report: Report) -> Iterator[str]:
    yield "# Conformance of the service"
    yield ""
    yield f"Written by etelecom-async {__version__} about {report.service}: {summary(report)}."
    yield "The report has names of fields, types, forms and numbers of rows. It has no values of your data;"
    yield "only texts of listed fields that the list lacks are shown."
    yield ""


def _differences(report: Report) -> Iterator[str]:
    yield "## Differences"
    yield ""
    rows = [
        (each.operation, each.kind, each.path, each.expected, each.found, f"{each.seen} of {each.among}")
        for each in report.differences
    ]
    rows += [("", _RULE, rule.question, rule.expected, rule.finding, "") for rule in report.different_rules]
    if rows:
        yield from _table(("operation", "kind", "where", "expected", "found", "seen"), rows)
    else:
        yield "None."
    yield ""


def _facts(report: Report) -> Iterator[str]:
    yield "## Rules of lists"
    yield ""
    yield from _table(
        ("question", "finding", "expected"),
        [(rule.question, rule.finding, rule.expected) for rule in report.rules],
    )
    yield ""
    yield "## Texts that the lists of the SDK lack"
    yield ""
    texts = [(each.operation, each.path, each.expected, each.found, str(each.seen)) for each in report.texts]
    yield from _table(("operation", "where", "list", "text", "seen"), texts)
    yield ""
    yield "## Forms of times, and of values that are not set"
    yield ""
    forms = [
        (kind, form, str(count)) for kind, found in report.forms.items() for form, count in found.items()
    ]
    yield from _table(("kind", "form", "seen"), forms)
    yield ""
    for name, fields in report.fields.items():
        yield f"## Fields of {name}"
        yield ""
        yield from _table(("field", "type"), list(fields.items()))
        yield ""


def _operations(report: Report) -> Iterator[str]:
    yield "## Operations"
    yield ""
    rows = [
        (each.operation, each.wire, each.key, each.outcome, str(each.rows or "")) for each in report.outcomes
    ]
    yield from _table(("operation", "wire name", "key", "outcome", "rows"), rows)
    yield ""
    yield "## Not tried"
    yield ""
    yield "The report makes READ calls only. These operations are inferred, and not tried:"
    yield ""
    yield from (f"- {name}" for name in report.not_tried)
    yield ""


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(heads)} |"
    yield f"| {' | '.join('---' for _ in heads)} |"
    for row in rows:
        yield f"| {' | '.join(_cell(text) for text in row)} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
