"""Refuse a command whose optional packages are not installed, and say how to install them."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import contextmanager

from etelecom_async.cli.command import usage_error


@contextmanager
def needs(packages: Mapping[str, str], *, extra: str, use: str) -> Generator[None]:
    """
    Load modules inside; a missing package is then an error with the command that installs all of them.

    Args:
        packages: Import names of the packages, and their names in `pyproject.toml`.
        extra: The extra that has them.
        use: What needs them, as a subject: "An export".

    Raises:
        CommandError: One of the packages is not installed.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        package = packages.get(str(error.name).partition(".")[0])
        if package is None:
            raise
        from etelecom_async.cli.extras import install_command

        raise usage_error(
            f"{package} is not installed. {use} needs it, and it is part of the extra `{extra}`. "
            f"Install it: {install_command(*packages.values())}"
        ) from error
