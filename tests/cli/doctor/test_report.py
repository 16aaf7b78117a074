"""Test the forms of a report."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from etelecom_async.cli.command import CommandError
from etelecom_async.cli.doctor import report
from etelecom_async.cli.doctor.conformance import Outcome, Report
from etelecom_async.cli.doctor.rules import LARGEST, USUAL, Rule, unseen
from etelecom_async.cli.doctor.shapes import Difference

if TYPE_CHECKING:
    from pathlib import Path

DIFFERENCE = Difference("shop.users.list", "type", "account_users[].a", "text", "a|b", 2, 3)


def made(*differences: Difference, rules: tuple[Rule, ...] = ()) -> Report:
    """Return a report."""
    return Report(
        service="eTelecom",
        differences=list(differences),
        texts=[Difference("shop.users.list", "unlisted text", "a", "CallState", "'new'", 1, 1)],
        rules=list(rules),
        fields={"shop.hotlines.list": {"hotlines[].id": "text"}},
        forms={"time": {"YYYY-MM-DDThh:mm:ssZ": 4}},
        outcomes=[Outcome("shop.users.list", "Shop/GetAccountUsers", "shop_api_key", "compared", 3)],
        not_tried=["partner.hotlines.delete (Etelecom/PartnerRemoveHotline, DELETE)"],
        exit_code=0,
    )


@pytest.mark.parametrize(
    ("given", "summary"),
    [
        (made(), "no difference"),
        (made(DIFFERENCE), "1 difference"),
        (made(rules=(Rule(USUAL, "100"), unseen(LARGEST, "few calls"))), "no difference"),
        (made(DIFFERENCE, rules=(Rule(LARGEST, "50"),)), "2 differences"),
    ],
)
def test_summary(given: Report, summary: str) -> None:
    """Differences and rules that differ count; a rule that was not seen does not."""
    assert report.summary(given) == summary
    assert f"about eTelecom: {summary}." in report.as_markdown(given)


def test_markdown() -> None:
    """Each part has a heading, and a bar in a text does not break its table."""
    text = report.as_markdown(made(DIFFERENCE, rules=(Rule(LARGEST, "50"),)))
    assert "| shop.users.list | type | account_users[].a | text | a\\|b | 2 of 3 |" in text
    assert "|  | rule of lists | rows of the largest page | 100 | 50 |  |" in text
    assert [line for line in text.splitlines() if line.startswith("#")] == [
        "# Conformance of the service",
        "## Differences",
        "## Rules of lists",
        "## Texts that the lists of the SDK lack",
        "## Forms of times, and of values that are not set",
        "## Fields of shop.hotlines.list",
        "## Operations",
        "## Not tried",
    ]
    assert text.endswith("- partner.hotlines.delete (Etelecom/PartnerRemoveHotline, DELETE)\n")


def test_json() -> None:
    """The same facts are in the JSON."""
    data = json.loads(report.as_json(made(DIFFERENCE, rules=(Rule(LARGEST, "50"),))))
    assert [each["found"] for each in data["differences"]] == ["a|b", "50"]
    assert data["rules"] == [{"question": LARGEST, "finding": "50", "is_seen": True, "expected": "100"}]
    assert data["texts"][0]["found"] == "'new'"
    assert data["operations"][0]["outcome"] == "compared"
    assert list(data) == [
        "version", "service", "differences", "texts", "rules", "fields", "forms", "operations", "not_tried"
    ]  # fmt: skip


def test_write(tmp_path: Path) -> None:
    """The file is UTF-8 with line feeds; a folder cannot be written."""
    report.write(str(tmp_path / "report.md"), "tổng đài\n")
    assert (tmp_path / "report.md").read_bytes() == "tổng đài\n".encode()
    with pytest.raises(CommandError, match="cannot be written"):
        report.write(str(tmp_path), "")


def test_folder(tmp_path: Path) -> None:
    """A missing folder, or a folder in place of a file, is noticed before any call."""
    report.check_folder(str(tmp_path / "report.md"))
    for file in (tmp_path, tmp_path / "missing" / "report.md"):
        with pytest.raises(CommandError, match="cannot be written"):
            report.check_folder(str(file))
