"""
Measure memory and import, which need a fresh process.

    python -m benchmarks.alone NAME URL

The command prints one reading as a number. `reading(NAME)` runs the command in another process.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from statistics import median
from types import MappingProxyType
from typing import Final, NamedTuple

from benchmarks.sides import KEY

# The readings below do not count the modules imported above. So this file imports at its top neither the SDK
# nor any module that only the SDK loads.

FLOOR: Final = ("aiohttp", "attrs", "cattrs", "msgspec", "tenacity")
"""Dependencies, which are imported before the measurement. Only the SDK's own share counts."""
CLIENTS: Final = ("PartnerClient", "ShopClient", "SmsClient")
COMMANDS: Final = ("--help", "shop extensions list --help", "shop extensions lst", "")
"""Arguments of `etelecom`; without any, it completes a command."""
COMPLETION: Final = {
    "_ETELECOM_COMPLETE": "bash_complete",
    "COMP_WORDS": "etelecom shop call-logs list --direction ",
    "COMP_CWORD": "5",
}
CALL_LOGS: Final = 1_000_000
FROM: Final = 10_000
STEPS: Final = 10_000
STEPS_AT_A_TIME: Final = 32
JSONL_ROWS: Final = 100_000
EXPORT_ROWS: Final = 200_000
COLLECTED_TESTS: Final = 100
COLLECTIONS: Final = 7
MIB: Final = 2**20


def reading(name: str) -> Callable[[str], float]:
    """Return a function that takes a reading in a new process; its argument is the server's URL."""

    def read(url: str) -> float:
        return float(json.loads(_python("-m", "benchmarks.alone", name, url).last_line))

    return read


class _Ended(NamedTuple):
    """A process that ended well."""

    lines: int
    """Lines of its output."""
    last_line: bytes
    seconds: float
    """CPU time; 0 on Windows."""
    peak: int
    """The most bytes of memory that it took at a time; 0 on Windows."""


def _python(*arguments: str, **variables: str) -> _Ended:
    """Run this Python to its end, with more environment variables."""
    # With this variable Python keeps no compiled files, so every import would compile.
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    command, seconds, peak = (sys.executable, *arguments), 0.0, 0
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(command, stdout=output, stderr=errors, env=kept | variables)  # noqa: S603 - no shell, and the program is this Python
        if sys.platform == "win32":
            process.wait()
        else:
            _, status, used = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            seconds, peak = used.ru_utime + used.ru_stime, used.ru_maxrss * 1024
        if process.returncode:
            errors.seek(0)
            sys.stderr.buffer.write(errors.read())
            raise subprocess.CalledProcessError(process.returncode, command)
        output.seek(0)
        # Line by line: the peak of a new process is at least what this process takes when it starts it.
        ((lines, last_line),) = deque(enumerate(output, 1), maxlen=1) or [(0, b"")]
        return _Ended(lines, last_line, seconds, peak)


def import_milliseconds(_: str) -> float:
    """Return the milliseconds of CPU time that importing the clients takes, without their dependencies."""
    return _import_clients().seconds * 1000


def import_share(_: str) -> float:
    """Return the CPU time of importing the clients, divided by that of importing their dependencies."""
    clients = _import_clients()
    return clients.seconds / clients.seconds_of_dependencies


def import_modules(_: str) -> float:
    """Return how many modules importing the clients loads, without those of their dependencies."""
    return _import_clients().modules


def help_share(_: str) -> float:
    """Return the largest CPU time of a help, a completion or a usage error, divided by `import aiohttp`."""
    return max(map(_cpu_of_command, COMMANDS)) / _cpu_seconds("import aiohttp")


def _cpu_of_command(words: str) -> float:
    code = f"import sys; from etelecom_async.cli import main; main({words.split()!r})"
    return _cpu_seconds(code, {} if words else COMPLETION)


def _cpu_seconds(code: str, environment: Mapping[str, str] = MappingProxyType({})) -> float:
    """Return the CPU time of a Python process that runs *code*; the second run has compiled files."""
    _python("-c", code, **environment)
    return _python("-c", code, **environment).seconds


def collection_share(_: str) -> float:
    """Return the CPU time of `pytest --co` with our plugin, divided by that without it."""
    plugin = ("-p", "pytest_etelecom")
    with tempfile.TemporaryDirectory() as folder:
        tests = Path(folder, "test_many.py")
        lines = (f"def test_{number}():\n    pass\n" for number in range(COLLECTED_TESTS))
        tests.write_text("\n".join(lines), encoding="utf-8")
        command = ("-m", "pytest", "--co", "-q", "-p", "no:cacheprovider", "--rootdir", folder, str(tests))

        def seconds(*options: str) -> float:
            return _python(*command, *options, PYTEST_DISABLE_PLUGIN_AUTOLOAD="1").seconds

        seconds(*plugin)  # compiles
        # In pairs, because the speed of a machine changes from one second to the next.
        return median(seconds(*plugin) / seconds() for _ in range(COLLECTIONS))


class _Imported(NamedTuple):
    seconds: float
    modules: int
    seconds_of_dependencies: float


def _import_clients() -> _Imported:
    at_first = time.process_time()
    for name in FLOOR:
        import_module(name)
    modules = len(sys.modules)
    began = time.process_time()
    package = import_module("etelecom_async")
    for name in CLIENTS:
        getattr(package, name)
    return _Imported(time.process_time() - began, len(sys.modules) - modules, began - at_first)


def first_client_milliseconds(url: str) -> float:
    """Return the milliseconds of CPU time that the first client of a process takes, without an event loop."""
    return _clients_milliseconds(url, 1)


def next_client_milliseconds(url: str) -> float:
    """Return the milliseconds of CPU time for each further client of a process, without an event loop."""
    _clients_milliseconds(url, 100)
    return _clients_milliseconds(url, 1000)


def _clients_milliseconds(url: str, count: int) -> float:
    from etelecom_async import ShopClient

    began = time.process_time()
    for _ in range(count):
        ShopClient(KEY, base_url=url)
    return (time.process_time() - began) * 1000 / count


def growth(url: str) -> float:
    """Return the growth of the process in MiB, from call log 10,000 of a walk to the last one."""
    return asyncio.run(_walk(url))


async def _walk(url: str) -> float:
    from benchmarks.recordings import ROWS
    from etelecom_async import ShopClient

    base_url = f"{url}/walk/{CALL_LOGS // ROWS}/0"
    walked, at_first = 0, 0
    async with ShopClient(KEY, base_url=base_url) as shop:
        async for _ in shop.call_logs.list(limit=ROWS):
            walked += 1
            if walked == FROM:
                at_first = resident()
    if walked != CALL_LOGS:
        raise RuntimeError(f"the walk gave {walked} call logs, not {CALL_LOGS}")
    return (resident() - at_first) / MIB


def jsonl_growth(url: str) -> float:
    """Return by how many MiB more memory `etelecom … --jsonl` takes for 100,000 rows than for 10,000."""
    return (_peak_of_jsonl(url, JSONL_ROWS) - _peak_of_jsonl(url, FROM)) / MIB


def _peak_of_jsonl(url: str, rows: int) -> int:
    """Return the most bytes that the command takes at a time."""
    from benchmarks.recordings import ROWS

    arguments = ["shop", "call-logs", "list", "--jsonl", "--limit", str(rows), "--page-size", str(ROWS)]
    arguments += ["--base-url", f"{url}/walk/{CALL_LOGS // ROWS}/0"]
    code = f"import sys; from etelecom_async.cli import main; sys.exit(main({arguments!r}))"
    ended = _python("-c", code, ETELECOM_SHOP_API_KEY=KEY)
    if ended.lines != rows:
        raise RuntimeError(f"the command wrote {ended.lines} rows, not {rows}")
    return ended.peak


def export_growth(url: str) -> float:
    """Return by how many MiB more memory an export of 200,000 calls takes than one of 10,000, at most."""
    return (
        max(
            _peak_of_export(url, suffix, EXPORT_ROWS) - _peak_of_export(url, suffix, FROM)
            for suffix in ("parquet", "csv", "jsonl")
        )
        / MIB
    )


def _peak_of_export(url: str, suffix: str, rows: int) -> int:
    """Return the most bytes that the command takes at a time."""
    from benchmarks.recordings import ROWS
    from benchmarks.sides.history import SINCE, UNTIL

    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder, f"calls.{suffix}")
        arguments = ["calls", "export", "--since", SINCE, "--until", UNTIL, "--output", str(output)]
        arguments += ["--windows", "1", "--json", "--base-url", f"{url}/walk/{rows // ROWS}/0"]
        code = f"import sys; from etelecom_async.cli import main; sys.exit(main({arguments!r}))"
        ended = _python("-c", code, ETELECOM_SHOP_API_KEY=KEY)
    written = json.loads(ended.last_line)["rows"]
    if written != rows:
        raise RuntimeError(f"the command wrote {written} rows, not {rows}")
    return ended.peak


def sheet_memory(_: str) -> float:
    """Return the memory that reading 50,000 rows of XLSX takes, divided by that of openpyxl."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sheet.xlsx"
        _sheet("usual", path)
        loaded, ours, others = (_sheet(name, path).peak for name in ("load", "ours", "openpyxl"))
        return (ours - loaded) / (others - loaded)


def refusal_seconds(_: str) -> float:
    """Return the most seconds of CPU time of a process that refuses a file that is too large."""
    return max(ended.seconds for ended in _refusals())


def refusal_memory(_: str) -> float:
    """Return the most MiB of memory of a process that refuses a file that is too large."""
    return max(ended.peak for ended in _refusals()) / MIB


def _refusals() -> list[_Ended]:
    with tempfile.TemporaryDirectory() as folder:
        ended: list[_Ended] = []
        for kind in ("far", "long", "long-csv"):
            path = Path(folder) / kind
            _sheet(kind, path)
            ended.append(_sheet("refuse", path))
        return ended


def _sheet(what: str, path: Path) -> _Ended:
    """Write or read a sheet in a process: after writing it here, each process would start with that peak."""
    return _python("-m", "benchmarks.sheets", what, str(path))


def resident() -> int:
    """Return the resident memory of this process in bytes, after a garbage collection."""
    gc.collect()
    pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


def journal_milliseconds(_: str) -> float:
    """Return the milliseconds of CPU time that a journal takes for a step: its intent and its outcome."""
    return asyncio.run(_keep_journal()) * 1000 / STEPS


async def _keep_journal() -> float:
    """Return the seconds of CPU time for all steps, after the journal was opened."""
    from etelecom_async import Effect
    from etelecom_async.bulk.journal import Journal
    from etelecom_async.bulk.records import Entry
    from etelecom_async.bulk.states import State

    entries = [
        Entry(key=str(number), operation="o", effect=Effect.CREATE, account="1", digest="d")
        for number in range(STEPS)
    ]
    with tempfile.TemporaryDirectory() as folder:
        async with await Journal.open(Path(folder, "job.journal"), lambda _: entries) as journal:
            waiting = iter(entries)

            async def work() -> None:
                for entry in waiting:
                    await journal.intent(entry.key)
                    await journal.outcome(entry.key, State.DONE, kept={"id": entry.key})

            began = time.process_time()
            await asyncio.gather(*(work() for _ in range(STEPS_AT_A_TIME)))
            return time.process_time() - began


READINGS: Final[Mapping[str, Callable[[str], float]]] = {
    "import-time": import_milliseconds,
    "import-share": import_share,
    "import-modules": import_modules,
    "help-share": help_share,
    "collection-share": collection_share,
    "client": first_client_milliseconds,
    "next-client": next_client_milliseconds,
    "memory": growth,
    "jsonl-memory": jsonl_growth,
    "bulk-journal": journal_milliseconds,
    "export-memory": export_growth,
    "sheet-memory": sheet_memory,
    "refusal-time": refusal_seconds,
    "refusal-memory": refusal_memory,
}

if __name__ == "__main__":
    print(json.dumps(READINGS[sys.argv[1]](sys.argv[2])))
