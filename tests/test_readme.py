"""README's two commands: they make their own environment, and CI runs one of them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from etelecom_async import PartnerClient, ShopClient, SmsClient
from etelecom_async._generated.resources.partner import PartnerRoot
from etelecom_async._generated.resources.shop import ShopRoot
from etelecom_async._generated.resources.sms import SmsRoot

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^```sh\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def test_two_commands() -> None:
    """README holds two commands; `nox -s fresh` runs both on Debian, and tests/test_docs.py the Python."""
    demo, checks = COMMANDS
    assert demo.endswith(" && .venv/bin/etelecom demo\n")
    assert checks.endswith(" && .venv/bin/python -m nox\n")


@pytest.mark.parametrize("command", COMMANDS)
def test_command_uses_its_own_environment(command: str) -> None:
    """A command is one line that makes `.venv` first, and installs and runs only inside it."""
    first, *others = command.removesuffix("\n").split(" && ")
    assert first == "python3 -m venv .venv"
    assert others
    for other in others:
        assert other.startswith(".venv/bin/")
        assert "\n" not in other


def test_ci_runs_the_command() -> None:
    """`.ci/run` ends with the README's command for the checks, so its exit code is that of the checks."""
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert script.endswith(f"\n{COMMANDS[1]}")


@pytest.mark.parametrize(
    ("client", "root"), [(PartnerClient, PartnerRoot), (ShopClient, ShopRoot), (SmsClient, SmsRoot)]
)
def test_tour_names_each_namespace(client: type, root: type) -> None:
    """The row of a client in the tour names each of its namespaces and each operation beside them."""
    row = re.search(rf"^\| `{client.__name__}` \|.*\| (.*) \|$", README, re.MULTILINE)
    assert row
    public = {name for name in vars(root) if not name.startswith("_")}
    assert set(re.findall(r"`(\w+)`", row[1])) == public
