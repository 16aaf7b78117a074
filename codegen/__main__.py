"""Run the command `python -m codegen [--check]`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from codegen.emit import GENERATED, emit
from codegen.problems import SpecError
from codegen.read import read
from codegen.tidy import tidy

ROOT: Final = Path(__file__).resolve().parent.parent


def main(arguments: Sequence[str] | None = None, root: Path = ROOT) -> int:
    """
    Write the generated files, or compare them.

    Args:
        arguments: Command line arguments; by default those of the process.
        root: The project's folder.

    Returns:
        The exit code: 1 if the spec has problems or a file is out of date.
    """
    parser = argparse.ArgumentParser(prog="python -m codegen", description="Write the generated code.")
    parser.add_argument(
        "--check", action="store_true", help="write nothing; list the files that are out of date"
    )
    check: bool = parser.parse_args(arguments).check
    try:
        files = render(root)
    except SpecError as error:
        print(error, file=sys.stderr)
        print(f"{len(error.problems)} problems; no file was written.", file=sys.stderr)
        return 1
    if check:
        differences = compare(files, root)
        for difference in differences:
            print(difference, file=sys.stderr)
        if differences:
            print("Regenerate with: python -m codegen", file=sys.stderr)
        return int(bool(differences))
    write(files, root)
    return 0


def render(root: Path) -> dict[str, bytes]:
    """
    Return the content of every generated file, by its path in the project.

    Raises:
        SpecError: The spec or the overlay is wrong.
    """
    texts = emit(read(root))
    texts |= tidy({path: text for path, text in texts.items() if path.endswith(".py")})
    return {path: text.encode() for path, text in texts.items()}


def compare(files: Mapping[str, bytes], root: Path) -> list[str]:
    """Return a line for each file under *root* that is extra, missing or stale."""
    lines = [f"extra: {path}" for path in _extra(files, root)]
    for path, content in files.items():
        place = root / path
        if not place.exists():
            lines.append(f"missing: {path}")
        elif place.read_bytes() != content:
            lines.append(f"stale: {path}")
    return sorted(lines)


def write(files: Mapping[str, bytes], root: Path) -> None:
    """Write the files under *root* and delete extra ones; do not touch files that are up to date."""
    for path in _extra(files, root):
        (root / path).unlink()
    for path, content in files.items():
        place = root / path
        if not place.exists() or place.read_bytes() != content:
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)


def _extra(files: Mapping[str, bytes], root: Path) -> list[str]:
    found = (path.relative_to(root).as_posix() for path in (root / GENERATED).rglob("*.py"))
    return sorted(path for path in found if path not in files)


if __name__ == "__main__":
    sys.exit(main())
