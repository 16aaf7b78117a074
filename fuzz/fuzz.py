"""
Any bytes as an answer to any operation, changed so that they reach ever more lines of what reads them.

    python fuzz/fuzz.py --runs 200000 --corpus FOLDER

atheris begins with the samples of the documentation, keeps what reached a new line in the corpus, and goes on
from there the next time. An answer has to end in the model that the operation names, or in one of the SDK's
errors, and what comes out has to be shown, exported and pickled. What does not is written beside the corpus,
with the exception; the exit code is 77 then.
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

# Not imported by name: the type checkers need not have it.
atheris: Any = import_module("atheris")

with atheris.instrument_imports(include=["etelecom_async", "cattrs"]):
    from etelecom_async import EtelecomError
    from etelecom_async._core.codec import responses
    from etelecom_async._core.model import Model
    from etelecom_async.operations import OPERATIONS
    from etelecom_async.paging import Page

SAMPLES: Final = Path(__file__).parents[1] / "tests" / "contract" / "samples"
ROWS: Final = tuple(OPERATIONS.values())
# A success far more often than all others together: most lines are there.
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
    """Return what the fuzzer changes: the operation, the status, a header and its length, and the body."""
    return bytes((row, STATUSES.index(status), len(retry_after))) + retry_after + body


def judge(data: bytes) -> None:
    """Read one answer; raise what must not be."""
    where, how, length = data[:3].ljust(3, b"\0")
    row, status = ROWS[where % len(ROWS)], STATUSES[how]
    headers = {"Retry-After": data[3 : 3 + length].decode("latin-1")} if length else {}
    result: Any
    try:
        result = responses.decode(row, status, headers, data[3 + length :], Counter())
    except EtelecomError as error:
        if error.operation != row.name:
            raise AssertionError("the error does not name its operation") from error
        result = error
    else:
        kind: Any = Page if row.items else row.response
        if not 200 <= status < 300 or type(result) is not kind:  # noqa: PLR2004 - HTTP's own numbers
            raise AssertionError(f"{row.name}: {result!r} for HTTP {status}")
        if isinstance(result, Model):
            result.to_dict()
    again = pickle.loads(pickle.dumps(result))  # noqa: S301 - it was made here
    if (type(again), repr(again), str(again)) != (type(result), repr(result), str(result)):
        raise AssertionError(f"{row.name}: {result!r} is another one after pickling")


def sow(corpus: Path) -> None:
    """Write the samples into the corpus, and a refusal for each operation."""
    corpus.mkdir(parents=True, exist_ok=True)
    for number, row in enumerate(ROWS):
        for sample in (SAMPLES / row.wire_name.replace("/", ".")).glob("*.*"):
            is_refusal = sample.name.startswith("error")
            data = seed(number, 400 if is_refusal else 200, sample.read_bytes())
            (corpus / f"{row.name}.{sample.name}").write_bytes(data)
        refusal = seed(number, 429, b'{"code":"resource_exhausted","msg":"no","meta":{"a":"b"}}', b"5")
        (corpus / f"{row.name}.refusal").write_bytes(refusal)


WORDS: Final = ("null", "true", "-1", "0.5", "1e400", '""', "[]", "{}", "[{}]", '"0001-01-01T00:00:00Z"')


def words() -> str:
    """Return what the fuzzer puts in, in libFuzzer's form: the names of the fields, and values for them."""
    fields = {
        f'"{field.metadata.get("wire", field.name)}":'
        for row in ROWS
        if row.response is not dict
        for field in attrs.fields(row.response)
    }
    quoted = (word.replace('"', '\\"') for word in (*WORDS, *sorted(fields)))
    return "".join(f'"{word}"\n' for word in quoted)


def main() -> None:
    """Run it; atheris ends the process."""
    parser = argparse.ArgumentParser(description="Any bytes as an answer to any operation.")
    parser.add_argument("--runs", type=int, default=200_000)
    parser.add_argument("--corpus", type=Path, default=Path(tempfile.gettempdir(), "etelecom-fuzz", "corpus"))
    asked = parser.parse_args()
    sow(asked.corpus)
    beside = asked.corpus.parent
    (beside / "words").write_text(words(), encoding="ascii")
    limits = (f"-runs={asked.runs}", "-max_len=4096", "-timeout=10", "-rss_limit_mb=2048")
    files = (f"-dict={beside / 'words'}", f"-artifact_prefix={beside}/", str(asked.corpus))
    atheris.Setup([sys.argv[0], *limits, *files], judge)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
