"""Files that a user gives to a sandbox: records and faults."""

from __future__ import annotations

from pathlib import Path


def read_file(path: str | Path) -> str:
    """
    Return the text of a file.

    Raises:
        ValueError: The file cannot be read, or is not UTF-8.
    """
    file = Path(path)
    try:
        # Some editors write a byte order mark.
        return file.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise ValueError(f"there is no file {file.absolute()}; check the path") from None
    except IsADirectoryError:
        raise ValueError(f"{file.absolute()} is a folder; choose a file in it") from None
    except OSError as error:
        raise ValueError(f"{file.absolute()} cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise ValueError(f"{file}: it is not text in UTF-8; save it in this encoding") from None
