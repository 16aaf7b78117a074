"""
Read `overlay.toml`: our decisions about the vendor's API.

Every line must have a reason. A key that the generator does not use is a problem.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any, Final

from codegen.documents import is_array, is_object
from codegen.problems import Problems

# Quoted text; `#` and `=` have no meaning inside it.
_QUOTED: Final = re.compile(r'"(?:[^"\\]|\\.)*"|\'[^\']*\'')


class Overlay:
    """The overlay, and the keys of it that were used."""

    def __init__(self, path: Path, shown: str, problems: Problems) -> None:
        self.file = shown
        self.content = path.read_bytes() if path.exists() else b""
        self._problems = problems
        self._used: set[tuple[str, ...]] = set()
        self._values: dict[tuple[str, ...], Any] = {}
        try:
            self._collect((), tomllib.loads(self.content.decode()))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            problems.add(shown, "", f"not valid TOML ({error}); correct it.")

    def _collect(self, path: tuple[str, ...], value: Any) -> None:
        if is_object(value):
            for key, inner in value.items():
                self._collect((*path, key), inner)
        else:
            self._values[path] = value

    def _check_reasons(self) -> None:
        for number, line in enumerate(self.content.decode().splitlines(), 1):
            bare = _QUOTED.sub("''", line)
            entry, _, reason = bare.partition("#")
            if "=" in entry and not reason.strip():
                self._problems.add(
                    self.file,
                    f"line {number}",
                    "no reason; end the line with a comment that gives the reason.",
                )

    def text(self, *path: str) -> str | None:
        """Return the text at *path*, or `None` if there is none."""
        value = self._value(path)
        if value is not None and not isinstance(value, str):
            self._problems.add(self.file, shown(path), f"{value!r} must be a text in quotes.")
            return None
        return value

    def texts(self, *path: str) -> tuple[str, ...]:
        """Return the list of texts at *path*, or an empty one if there is none."""
        value = self._value(path)
        if value is None:
            return ()
        if not is_array(value) or not all(isinstance(item, str) for item in value):
            self._problems.add(self.file, shown(path), f"{value!r} must be a list of texts in quotes.")
            return ()
        return tuple(value)

    def flag(self, *path: str) -> bool:
        """Return the truth value at *path*; false if there is none."""
        value = self._value(path)
        if value is not None and not isinstance(value, bool):
            self._problems.add(self.file, shown(path), f"{value!r} must be true or false.")
            return False
        return bool(value)

    def decision(self, *path: str) -> bool | None:
        """Return the truth value at *path*, or `None` if there is none."""
        return self.flag(*path) if self._value(path) is not None else None

    def table(self, *path: str) -> dict[str, str]:
        """Return the texts of the table at *path*; empty if there is none."""
        names = [name for *above, name in self._values if tuple(above) == path]
        return {name: self.text(*path, name) or "" for name in names}

    def names(self, *path: str) -> tuple[str, ...]:
        """Return the names of the tables directly inside of the one at *path*."""
        depth = len(path)
        found = {key[depth]: None for key in self._values if key[:depth] == path and len(key) > depth + 1}
        return tuple(found)

    def _value(self, path: tuple[str, ...]) -> Any:
        self._used.add(path)
        return self._values.get(path)

    def report(self) -> None:
        """Report each line without a reason, and each unused key."""
        self._check_reasons()
        for path in self._values:
            if path not in self._used:
                text = "nothing uses this key; correct its name or delete it."
                self._problems.add(self.file, shown(path), text)


def shown(path: tuple[str, ...]) -> str:
    """Return *path* in the notation of TOML."""
    return ".".join(part if re.fullmatch(r"[\w-]+", part) else f'"{part}"' for part in path)
