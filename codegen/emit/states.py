"""Emit the states of objects with their meanings, as plain data for `etelecom explain`."""

from __future__ import annotations

from typing import Final

from codegen.emit import prose
from codegen.records import API

_ENDINGS: Final = ("State", "Status")
"""Names of enums with such an end are states of an object."""
_TEMPLATE: Final = '''{header}

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

STATES: Final[Mapping[str, Mapping[str, str]]] = {{
{states}}}
"""The meaning of each listed value, by the name of the enum."""
'''


def emit_states(api: API) -> str:
    """Return the module of the states. It imports nothing of the package."""
    header = prose.docstring(
        [
            "States of objects: the values of their enums, and what each value means.",
            f"Written by `python -m codegen` (sha256 {api.digest}); do not edit.",
        ],
        0,
    )
    states = "".join(
        f"    {enum.name!r}: { {member.value: prose.sentence(member.doc) for member in enum.members}!r},\n"
        for enum in sorted(api.enums, key=lambda enum: enum.name)
        if enum.name.endswith(_ENDINGS)
    )
    return _TEMPLATE.format(header=header, states=states)
