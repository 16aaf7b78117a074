"""
Print lines, tables, and on a terminal a progress bar.

This module imports rich when it is first needed.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

from etelecom_async.cli.optional_packages import needs

if TYPE_CHECKING:
    from rich.console import Console


Share = Callable[[str, float, str], None]
"""Function that shows a label, the share that is done from 0 to 1, and a text about it."""


def show_nothing(_label: str, _done: float, _about: str, /) -> None:
    """Show nothing."""


class Quiet:
    """Output that shows nothing, for programs that read only the JSON at the end."""

    def say(self, _text: str, /) -> None:
        """Ignore a line."""

    @contextmanager
    def bar(self, _label: str, _total: int, /) -> Generator[Callable[[int], None]]:
        """Yield a function that takes the number of new items, and ignores it."""
        yield lambda _: None

    @contextmanager
    def share(self) -> Generator[Share]:
        """Yield a function that ignores how far the work is."""
        yield show_nothing


class Screen(Quiet):
    """
    Output that shows the progress. If it is not a terminal, there are no colours and no progress bar.

    Args:
        stream: Where to show it; by default stdout.

    Raises:
        CommandError: rich is not installed.
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        self._console = console(stream)

    def say(self, text: str, /) -> None:
        """Show a line."""
        self._console.print(text, markup=False, soft_wrap=True)

    @contextmanager
    def bar(self, label: str, total: int, /) -> Generator[Callable[[int], None]]:
        """Yield a function that takes the number of new items, and advances a progress bar on a terminal."""
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

        columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
        if not self._console.is_terminal:  # a disabled bar still writes an empty line in older releases
            yield lambda _: None
            return
        with Progress(*columns, console=self._console) as progress:
            task = progress.add_task(label, total=total)
            yield lambda done: progress.advance(task, done)

    @contextmanager
    def share(self) -> Generator[Share]:
        """Yield a function that shows how far the work is, with a progress bar on a terminal."""
        from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

        columns = (
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TaskProgressColumn(),
            TextColumn("{task.fields[about]}", markup=False),
            TimeElapsedColumn(),
        )
        if not self._console.is_terminal:
            yield show_nothing
            return
        with Progress(*columns, console=self._console, transient=True) as progress:
            task = progress.add_task("", total=1.0, about="")
            shown = ""

            def show(label: str, done: float, about: str, /) -> None:
                nonlocal shown
                is_new = label != shown  # a stage is shown also if it takes less time than a picture
                shown = label
                progress.update(task, description=label, completed=done, about=about, refresh=is_new)

            yield show

    def table(self, sections: Mapping[str, Mapping[str, object]]) -> None:
        """Show a table of names and values, with a heading for each section."""
        from rich.table import Table

        table = Table(show_header=False)
        table.add_column()
        table.add_column(justify="right")
        for heading, values in sections.items():
            table.add_section()
            table.add_row(heading, style="bold")
            for name, value in values.items():
                table.add_row(f"  {name}", str(value))
        self._console.print(table)


def console(stream: TextIO | None = None) -> Console:
    """
    Return rich's console for a stream; by default stdout.

    Raises:
        CommandError: rich is not installed.
    """
    with needs({"rich": "rich"}, extra="cli", use="The output"):
        from rich.console import Console
    return Console(file=stream, highlight=False)


def export_lines(environment: Mapping[str, str]) -> str:
    """Return shell commands that set the variables in *environment*."""
    return "\n".join(f"export {name}={shlex.quote(value)}" for name, value in environment.items())
