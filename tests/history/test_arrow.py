"""pyarrow comes with the first table, and no other module needs it."""

from __future__ import annotations

import subprocess
import sys

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json as pa_json

from etelecom_async.history import arrow


def test_names() -> None:
    """The names stand for pyarrow and its two modules."""
    assert arrow.pa is pa
    assert arrow.pc is pc
    assert arrow.pa_json is pa_json


def test_other_modules_do_not_load_pyarrow() -> None:
    """A program that reads no history does not load pyarrow."""
    code = "import sys, etelecom_async; etelecom_async.ShopClient; print('pyarrow' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert done.stdout == "False\n"
