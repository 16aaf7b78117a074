"""
Generate the part of `etelecom_async` that differs by operation, from the spec and the overlay.

    python -m codegen            write etelecom_async/_generated and docs/operations.md
    python -m codegen --check    write nothing; list the files that are out of date

`spec/*.openapi.yaml` holds the vendor's facts, `overlay.toml` our decisions. `documents` and `overlay` load
the files. `schemas` and `operations` interpret them. `read` builds the records, `emit` turns them into text,
and `tidy` formats the text. A bad spec stops the generator, which reports all problems at once. The wheel
does not contain this package, and this package does not import `etelecom_async`.
"""
