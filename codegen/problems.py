"""Collect the problems of spec and overlay, so that one run reports all of them."""

from __future__ import annotations

import attrs


@attrs.frozen(order=True)
class Problem:
    """One problem to correct."""

    file: str
    where: str
    """JSON pointer in a spec file, key or line in the overlay; empty for the whole file."""
    text: str
    """The problem and its solution."""

    def __str__(self) -> str:
        return f"{' '.join(filter(None, (self.file, self.where)))}: {self.text}"


class SpecError(Exception):
    """The spec or the overlay has problems; `.problems` holds all of them."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


class Problems:
    """Collection of the problems that the reader finds."""

    def __init__(self) -> None:
        self._found: set[Problem] = set()

    def add(self, file: str, where: str, text: str) -> None:
        """Add one problem; a repeated problem counts once."""
        self._found.add(Problem(file, where, text))

    def raise_if_any(self) -> None:
        """
        Raise an error if there are problems.

        Raises:
            SpecError: With all problems, sorted by file and place.
        """
        if self._found:
            raise SpecError(tuple(sorted(self._found)))
