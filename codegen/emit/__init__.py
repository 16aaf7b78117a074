"""
Turn records into the text of files.

The functions are pure: they read and write no files, and the same records give the same text.
"""

from __future__ import annotations

from typing import Final

from codegen.emit import prose
from codegen.emit.commands import emit_commands
from codegen.emit.document import emit_document
from codegen.emit.models import emit_index, emit_models
from codegen.emit.resources import emit_resources
from codegen.emit.states import emit_states
from codegen.emit.table import emit_table
from codegen.records import API

GENERATED: Final = "etelecom_async/_generated"
DOCUMENT: Final = "docs/operations.md"


def emit(api: API) -> dict[str, str]:
    """Return the text of every file, by its path in the project; Python code is not yet formatted."""
    files = {
        f"{GENERATED}/__init__.py": _package(api, "Generated code: the parts that differ by operation."),
        f"{GENERATED}/commands.py": emit_commands(api),
        f"{GENERATED}/operations.py": emit_table(api),
        f"{GENERATED}/models/__init__.py": emit_index(api),
        f"{GENERATED}/states.py": emit_states(api),
        f"{GENERATED}/resources/__init__.py": _package(api, "Methods of the clients, by namespace."),
        DOCUMENT: emit_document(api),
    }
    for area in api.areas:
        files[f"{GENERATED}/models/{area.name}.py"] = emit_models(api, area)
    for module, text in emit_resources(api).items():
        files[f"{GENERATED}/resources/{module}.py"] = text
    return files


def _package(api: API, summary: str) -> str:
    return prose.docstring(
        [summary, f"Written by `python -m codegen` (sha256 {api.digest}); do not edit."], 0
    )
