"""Keep spreadsheets from executing texts of a CSV file as formulas."""

from __future__ import annotations

import re
from typing import Final

# A spreadsheet takes such a text for a formula, which may send data away. The wide signs are Excel's, too.
FORMULA: Final = "\\s*[=+\\-@\uff1d\uff0b\uff0d\uff20]"
"""Pattern of the start of a formula, for `re` and for Arrow."""
_FORMULA: Final = re.compile(FORMULA)
_NUMBER: Final = re.compile(r"[+-]?[\d .()-]*\d")


def harmless(text: str) -> str:
    """Return *text* with an apostrophe before what a spreadsheet would execute. A phone number stays."""
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text
