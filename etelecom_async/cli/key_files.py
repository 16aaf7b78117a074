"""Read the keys of several shops from a JSON file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from etelecom_async import Secret
from etelecom_async._core.private_files import is_open_to_others
from etelecom_async.cli.command import usage_error
from etelecom_async.cli.request_body import STDIN, read_text
from etelecom_async.cli.terminal import note


def read_keys(file: str, flag: str, *, is_quiet: bool) -> Mapping[str, Secret]:
    """
    Return the keys in a JSON file, by the names of their shops. An error shows no key.

    Args:
        file: The file, `-` for stdin; also that of a key store.
        flag: The option that named it.
        is_quiet: Whether to write no note if others can read the file.

    Raises:
        CommandError: The file cannot be read, or has another form.
    """
    try:
        content: Any = json.loads(read_text(file, flag))
    except ValueError:
        raise usage_error(f"{file} is not JSON ({flag})") from None
    keys = _object(content)
    keys = _object(keys.get("keys")) or keys  # the file of a key store has them there
    if not keys or not all(map(_is_key, keys.values())):
        raise usage_error(f'{file} has not the form {{"<shop id, code or name>": "<key>"}} ({flag})')
    path = Path(file)
    if not is_quiet and file != STDIN and path.is_file() and is_open_to_others(path.stat().st_mode):
        note(f"other users of this machine can read the keys in {file}: chmod 600 {file}")
    return {name.strip(): Secret(key.strip()) for name, key in keys.items()}


def _object(value: object) -> Mapping[str, Any]:
    """Return a JSON object; an empty one for another value."""
    return cast("Mapping[str, Any]", value) if isinstance(value, dict) else {}


def _is_key(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())
