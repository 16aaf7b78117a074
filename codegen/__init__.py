"""
The generator: from the vendor's words and ours to the part of `etelecom_async` that differs by operation.

    python -m codegen            writes etelecom_async/_generated and docs/operations.md
    python -m codegen --check    writes nothing; says which of these files are not what it would write

`spec/*.openapi.yaml` holds what the vendor says, `overlay.toml` what only we can decide. The way through
the rooms: `documents` and `overlay` load, `schemas` and `operations` understand, `read` puts records
together, `emit` turns them into text, `tidy` formats it. A bad spec is refused as a whole, with all its
problems at once. Nothing here is in the wheel, and nothing here imports `etelecom_async`.
"""
