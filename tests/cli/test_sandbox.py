"""Test the options of `etelecom sandbox`."""

from __future__ import annotations

import attrs
import pytest

from etelecom_async.cli import main, sandbox
from etelecom_async.sandbox import Content, Rules
from etelecom_async.sandbox.world import content


def test_defaults_are_those_of_the_sandbox() -> None:
    """The help shows the defaults of `Content`, and has an option for each number."""
    defaults = attrs.asdict(Content())
    assert tuple(sandbox.COUNTS) == content.COUNTS
    assert dict(sandbox.COUNTS) == {name: defaults[name] for name in content.COUNTS}
    assert defaults["seed"] == sandbox.SEED
    params = {param.name: param for param in sandbox.command().params}
    for name, number in sandbox.COUNTS.items():
        assert params[name].default == number
        assert f"Default: {number}." in str(vars(params[name])["help"])


def test_rules_are_those_of_the_sandbox() -> None:
    """The help has an option for each field of `Rules`, with its text, its default and its words."""
    fields = [
        sandbox.Rule(field.name, field.metadata["help"], field.default, tuple(field.metadata["choices"]))
        for field in attrs.fields(Rules)
    ]
    assert list(sandbox.RULES) == fields
    given = sandbox.command().make_context("sandbox", []).params
    assert {given[rule.name] or None for rule in sandbox.RULES} == {None}  # `Rules` has the defaults


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("--order", "newest"), "'newest' is not listed: did you mean 'newest_first'?"),
        (("--call-time", "ended_at"), "'ended_at' is not listed. Values: 'created_at', 'started_at'"),
        (("--larger-limit", ""), "'' is not listed"),
        (("--max-page-size", "many"), "'many' is no whole number"),
        (("--page-size", "-1"), "-1 is below 0"),
        (("--last_page", "has_next"), "'--last-page'"),
        (("--until", "someday"), "'someday'"),
    ],
)
def test_wrong_values(capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], problem: str) -> None:
    """A wrong value or option is a usage error in one line, which names what is near."""
    assert main(["sandbox", *arguments]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert problem in err
    assert arguments[0] in err
    assert err.count("\n") == 1


def test_help_of_rules(capsys: pytest.CaptureFixture[str]) -> None:
    """The help shows words, defaults and the opposite of an option that is on."""
    assert main(["sandbox", "--help"]) == 0
    text = " ".join(capsys.readouterr().out.split())
    assert "Rules that the documentation leaves open: --call-time [created_at|started_at] The time of" in text
    assert "--include-date-to / --no-include-date-to Include records" in text
    assert "exactly the time date_to. Default: yes." in text
    assert "--max-page-size N Rows of the largest page. Default: 100." in text
    assert (
        "--unpaged NAME A list that returns all its rows without paging, by name; may be repeated. " in text
    )
    assert "--content FILE Add the records in this JSON or YAML file to a new sandbox." in text


def test_help_of_trigger(capsys: pytest.CaptureFixture[str]) -> None:
    """The help of the sandbox has its options, its command `trigger` and the options of webhooks."""
    assert main(["sandbox", "--help"]) == 0
    text = " ".join(capsys.readouterr().out.split())
    assert "Usage: etelecom sandbox [OPTIONS] [trigger EVENT ...]" in text
    assert "Webhooks: --sms-webhook URL Post the final state of each SMS to this URL." in text
    assert "Commands: trigger Make an event in a running sandbox, for a webhook." in text


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("--port", "8080", "trigger", "call_log"), "Option '--port' does not belong to 'trigger'"),
        (("--json", "trigger", "call_log"), "Option '--json' does not belong to 'trigger'"),
        (("triger",), "No such command 'triger'. Did you mean 'trigger'?"),
        (("--sms-webhook", "here"), "sms_webhook is not an http or https URL"),
    ],
)
def test_wrong_words(capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], problem: str) -> None:
    """A wrong word, and an option of the sandbox before `trigger`, are usage errors in one line."""
    assert main(["sandbox", *arguments]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert problem in err
    assert err.count("\n") == 1
