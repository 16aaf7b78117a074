"""Define `etelecom completion`: the script that completes commands in a shell."""

from __future__ import annotations

from typing import Final

import click

from etelecom_async.cli import exit_codes
from etelecom_async.cli.command import Command

_SHELLS: Final = ("bash", "zsh", "fish")


def command() -> Command:
    """Return the command."""
    return Command(
        "completion",
        params=[click.Argument(["shell"], type=click.Choice(_SHELLS), metavar="SHELL")],
        help="Print the script that completes commands, options and values in a shell.",
        examples=[
            'eval "$(etelecom completion bash)"     # in ~/.bashrc',
            'eval "$(etelecom completion zsh)"      # in ~/.zshrc',
            "etelecom completion fish > ~/.config/fish/completions/etelecom.fish",
        ],
        callback=_run,
    )


def _run(shell: str) -> int:
    from click.shell_completion import get_completion_class

    kind = get_completion_class(shell)
    if kind is None:
        message = f"click completes no commands in {shell}."
        raise click.UsageError(message)
    # Not `source()`: for bash that starts bash, to check its version.
    script = kind(click.Group(), {}, "etelecom", "_ETELECOM_COMPLETE")
    print(script.source_template % script.source_vars())
    return exit_codes.DONE
