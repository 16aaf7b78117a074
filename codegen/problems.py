"""What is wrong with a spec or the overlay, collected so that one run tells all of it."""

from __future__ import annotations

import attrs


@attrs.frozen(order=True)
class Problem:
    """One thing to mend."""

    file: str
    where: str
    """JSON pointer in a spec file, key or line in the overlay; empty for the whole file."""
    text: str
    """What is wrong and what to do."""

    def __str__(self) -> str:
        return f"{' '.join(filter(None, (self.file, self.where)))}: {self.text}"


class SpecError(Exception):
    """The spec cannot be generated from; `.problems` has every reason."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


class Problems:
    """A list of problems that is added to while reading goes on."""

    def __init__(self) -> None:
        self._found: set[Problem] = set()

    def add(self, file: str, where: str, text: str) -> None:
        """Note one problem; the same one twice counts once."""
        self._found.add(Problem(file, where, text))

    def raise_if_any(self) -> None:
        """
        End the reading if anything was found.

        Raises:
            SpecError: With all problems, in the order of files and places.
        """
        if self._found:
            raise SpecError(tuple(sorted(self._found)))
