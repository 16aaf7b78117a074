"""Missing optional packages."""

from __future__ import annotations

import pytest

from etelecom_async.cli import exit_codes
from etelecom_async.cli.command import CommandError
from etelecom_async.cli.extras import install_command
from etelecom_async.cli.optional_packages import needs

PACKAGES = {"nowhere": "no-where", "elsewhere": "else-where"}


@pytest.mark.parametrize("module", ["nowhere", "nowhere.inner"])
def test_missing_package(module: str) -> None:
    """The error names the package, the extra, and the command that installs all packages."""
    with (
        pytest.raises(CommandError) as caught,
        needs(PACKAGES, extra="far", use="A journey"),
    ):
        raise ModuleNotFoundError(name=module)
    assert str(caught.value) == (
        "no-where is not installed. A journey needs it, and it is part of the extra `far`. "
        f"Install it: {install_command('no-where', 'else-where')}"
    )
    assert caught.value.exit_code == exit_codes.USAGE


@pytest.mark.parametrize("module", ["nowhere_else", "", None])
def test_other_module(module: str | None) -> None:
    """Another missing module is a defect, and its error stays."""
    with pytest.raises(ModuleNotFoundError), needs(PACKAGES, extra="far", use="A journey"):
        raise ModuleNotFoundError(name=module)


def test_all_there() -> None:
    """Without a missing package, nothing happens."""
    with needs(PACKAGES, extra="far", use="A journey"):
        pass
