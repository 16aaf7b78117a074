"""
Fuzz the decoder: any bytes as the response to any operation, guided by coverage.

    python fuzz/fuzz.py --runs 200000 --corpus FOLDER

The fuzzer, atheris, begins with the samples of the documentation. It adds each input that reaches a new line
to the corpus, and the next run starts from there.

Each response must become the operation's model or one of the SDK's errors. The result must support `repr`,
export and pickling. If an input breaks this rule, atheris prints the exception and writes the input to the
corpus's parent folder. The exit code is then 77.
"""

from __future__ import annotations

import argparse
import pickle
import sys
import tempfile
from collections import Counter
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import attrs

# Imported by name, so that the type checkers work without it.
atheris: Any = import_module("atheris")

with atheris.instrument_imports(include=["etelecom_async", "cattrs"]):
    from etelecom_async import EtelecomError
    from etelecom_async._core.codec import responses
    from etelecom_async._core.model import Model
    from etelecom_async.operations import OPERATIONS
    from etelecom_async.paging import Page

SAMPLES: Final = Path(__file__).parents[1] / "tests" / "contract" / "samples"
ROWS: Final = tuple(OPERATIONS.values())
# A success is far more frequent than all others together, because most of the code handles successes.
STATUSES: Final = (200,) * 240 + (
    204,
    299,
    302,
    400,
    401,
    403,
    404,
    408,
    409,
    412,
    429,
    500,
    502,
    503,
    504,
    101,
)


def seed(row: int, status: int, body: bytes, retry_after: bytes = b"") -> bytes:
    """Return an input for the fuzzer: operation, status, length of a header, the header, the body."""
    return bytes((row, STATUSES.index(status), len(retry_after))) + retry_after + body


def judge(data: bytes) -> None:
    """Decode one response; raise if the outcome is not allowed."""
    row_byte, status_byte, length = data[:3].ljust(3, b"\0")
    row, status = ROWS[row_byte % len(ROWS)], STATUSES[status_byte]
    headers = {"Retry-After": data[3 : 3 + length].decode("latin-1")} if length else {}
    result: Any
    try:
        result = responses.decode(row, status, headers, data[3 + length :], Counter())
    except EtelecomError as error:
        if error.operation != row.name:
            raise AssertionError("the error does not name its operation") from error
        result = error
    else:
        kinds: tuple[Any, ...] = (Page,) if row.items else row.results
        if not 200 <= status < 300 or type(result) not in kinds:  # noqa: PLR2004 - HTTP's own numbers
            raise AssertionError(f"{row.name}: {result!r} for HTTP {status}")
        if isinstance(result, Model):
            result.to_dict()
    again = pickle.loads(pickle.dumps(result))  # noqa: S301 - this process made the pickle
    if (type(again), repr(again), str(again)) != (type(result), repr(result), str(result)):
        raise AssertionError(f"{row.name}: {result!r} is different after pickling")


def write_corpus(corpus: Path) -> None:
    """Write the samples and an error response for each operation into the corpus."""
    corpus.mkdir(parents=True, exist_ok=True)
    for number, row in enumerate(ROWS):
        for sample in (SAMPLES / row.wire_name.replace("/", ".")).glob("*.*"):
            is_error = sample.name.startswith("error")
            data = seed(number, 400 if is_error else 200, sample.read_bytes())
            (corpus / f"{row.name}.{sample.name}").write_bytes(data)
        error = seed(number, 429, b'{"code":"resource_exhausted","msg":"no","meta":{"a":"b"}}', b"5")
        (corpus / f"{row.name}.error").write_bytes(error)


VALUES: Final = (
    *("null", "true", "-1", "0.5", "1e400", "NaN", '""', "[]", "{}", "[{}]", '"0001-01-01T00:00:00Z"'),
    *("1767355200", '"0000-00-00"', '"2016-12-31T23:59:60Z"'),
)


def dictionary() -> str:
    """Return the fuzzer's dictionary in libFuzzer's format: names of fields, and values for them."""
    fields = {
        f'"{field.metadata.get("wire", field.name)}":'
        for row in ROWS
        if row.response is not dict
        for field in attrs.fields(row.response)
    }
    quoted = (entry.replace('"', '\\"') for entry in (*VALUES, *sorted(fields)))
    return "".join(f'"{entry}"\n' for entry in quoted)


def main() -> None:
    """Run the fuzzer; atheris ends the process."""
    parser = argparse.ArgumentParser(description="Decode any bytes as the response to any operation.")
    parser.add_argument("--runs", type=int, default=200_000)
    parser.add_argument("--corpus", type=Path, default=Path(tempfile.gettempdir(), "etelecom-fuzz", "corpus"))
    options = parser.parse_args()
    write_corpus(options.corpus)
    folder = options.corpus.parent
    (folder / "dictionary").write_text(dictionary(), encoding="ascii")
    limits = (f"-runs={options.runs}", "-max_len=4096", "-timeout=10", "-rss_limit_mb=2048")
    files = (f"-dict={folder / 'dictionary'}", f"-artifact_prefix={folder}/", str(options.corpus))
    atheris.Setup([sys.argv[0], *limits, *files], judge)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
