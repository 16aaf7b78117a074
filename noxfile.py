# /// script
# requires-python = ">=3.11"
# dependencies = ["nox[uv]>=2025.5.1"]
# ///
"""Run the project's checks: `nox` runs the required ones; `nox --list` shows all sessions.

The checks need only Python 3.11 and nox. `nox` runs `checks`, with the Python that runs nox.
`nox -s tests` runs the tests on each installed Python, and skips the missing ones. If uv is installed,
it makes the environments, in a fifth of pip's time.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Generator
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import contextmanager, nullcontext
from itertools import chain
from pathlib import Path

import nox

nox.needs_version = ">=2025.5.1"
nox.options.sessions = ["checks"]
nox.options.default_venv_backend = "uv|virtualenv"
nox.options.download_python = "never"
nox.options.error_on_missing_interpreters = False
# Some machines forbid compiled files. Then each worker of each session would compile all tests again.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
# Without it, uv trusts its own list of certificates, and not the certificate of a company.
os.environ.setdefault("UV_SYSTEM_CERTS", "1")
# pip would compile all modules of all packages. Python compiles those that a session imports, once.
os.environ["PIP_COMPILE"] = "0"

PYPROJECT = nox.project.load_toml("pyproject.toml")
THIS_PYTHON = "{}.{}".format(*sys.version_info)
PYTHONS = list(dict.fromkeys([*nox.project.python_versions(PYPROJECT), THIS_PYTHON]))
# The number of sessions that `checks` runs at a time.
SESSIONS_AT_A_TIME = 2
# `checks` builds the wheel once, and passes its path to its sessions in this variable.
WHEEL_VARIABLE = "ETELECOM_WHEEL"
# One worker for each processor. To change it: `nox -s tests -- -n 4`, or this variable of pytest-xdist.
PARALLEL = ("-n", "auto", "--maxprocesses", "8", "--dist", "worksteal")
WORKERS_VARIABLE = "PYTEST_XDIST_AUTO_NUM_WORKERS"
# In these modules an untested branch could send a call twice, or lose a response.
FULLY_COVERED = ("_client.py", "_core/*", "errors.py", "paging.py")
# Measuring coverage doubles the time of a test. Only these tests run with it: they cover the modules fully.
MEASURED = (
    *("tests/core", "tests/bulk/test_read_back.py", "tests/bulk/test_steps.py", "tests/test_arguments.py"),
    *("tests/test_client.py", "tests/test_errors.py"),
    *("tests/test_models.py", "tests/test_paging.py", "tests/reliability/test_cancellation.py"),
    *("tests/reliability/test_connections.py", "tests/reliability/test_loops.py"),
    "tests/reliability/test_tls.py",
)
# These tests use no run-time dependency: they test the generator, the tools and the project's own files.
TOOLING = (
    *("tests/codegen", "tests/tools", "tests/test_benchmarks.py", "tests/test_conftest.py"),
    *("tests/test_layers.py", "tests/test_mirror.py"),
)
SPECS = sorted(Path("codegen", "spec").glob("*.openapi.yaml"))


def group(*names: str) -> tuple[str, ...]:
    """Return the requirements of these dependency groups of pyproject.toml."""
    return nox.project.dependency_groups(PYPROJECT, *names)


def build_wheel(session: nox.Session) -> Path:
    """Build the wheel that users get, and check that it contains the package and nothing else."""
    if built := os.environ.get(WHEEL_VARIABLE):
        return Path(built)
    folder = Path(session.create_tmp(), "wheel").resolve()
    session.install(*PYPROJECT["build-system"]["requires"])
    session.run(
        "python", "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder), silent=True
    )
    wheel = max(folder.glob("*.whl"), key=lambda file: file.stat().st_mtime)
    name_and_version = "-".join(wheel.name.split("-")[:2])
    expected = {"etelecom_async", "pytest_etelecom.py", f"{name_and_version}.dist-info"}
    found = {name.partition("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    if found != expected:
        session.error(f"{wheel.name} contains {sorted(found)}, but must contain {sorted(expected)}")
    return wheel


def generate_clients(session: nox.Session, *specs: Path) -> dict[str, str]:
    """Generate clients from these spec files with other generators; return the variable for their folder."""
    clients = Path(session.create_tmp()).resolve()
    for spec in specs:
        area = spec.name.partition(".")[0]
        session.run(
            *("openapi-python-client", "generate", "--path", str(spec), "--meta", "none", "--overwrite"),
            *("--output-path", str(clients / f"openapi_python_client_{area}")),
            silent=True,
        )
        session.run(
            *("openapi-generator-cli", "generate", "-g", "python", "-i", str(spec), "-o", str(clients)),
            f"--additional-properties=library=asyncio,packageName=openapi_generator_{area}",
            silent=True,
        )
    # The clients need the requirements of openapi-python-client.
    session.install("-r", str(clients / "requirements.txt"))
    return {"ETELECOM_CLIENTS": str(clients)}


def install_debian(session: nox.Session, *packages: str) -> None:
    """Install packages of Debian; it needs root."""
    if packages:
        apt = {"DEBIAN_FRONTEND": "noninteractive"}
        session.run("apt-get", "update", env=apt, external=True)
        session.run("apt-get", "install", "-y", *packages, env=apt, external=True)


def workers_of_a_session() -> str:
    """
    Return the number of workers of each session of `checks`, which share the processors.

    Each worker collects all tests, and sends three reports for each test. This is a third of the
    processor time. So pytest then runs the tests itself: pytest-xdist calls that 0 workers.
    """
    share = (os.cpu_count() or 1) // SESSIONS_AT_A_TIME
    return os.environ.get(WORKERS_VARIABLE, str(share if share > 1 else 0))


class Child:
    """
    A session that runs in its own nox process, at the same time as others.

    Args:
        name: The session.
        posargs: Arguments after `--` on its command line.
        variables: Environment variables to add.
    """

    def __init__(self, name: str, *posargs: str, **variables: str) -> None:
        self.name = name
        self.output = ""
        self.seconds = 0.0
        nox_alone = (sys.executable, "-m", "nox", "--error-on-missing-interpreters", "--session", name)
        self._command = [*nox_alone, "--", *posargs]
        self._environment = {**os.environ, **variables}
        self._process: subprocess.Popen[str] | None = None

    def run(self) -> int:
        """Run the session to its end, and return its exit code."""
        began = time.monotonic()
        with subprocess.Popen(
            self._command,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        ) as self._process:
            self.output, _ = self._process.communicate()
        self.seconds = time.monotonic() - began
        return self._process.returncode

    def stop(self) -> None:
        """Interrupt the session if it runs; its nox process then ends the commands that it started."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT if os.name == "posix" else signal.SIGTERM)

    def summary(self) -> str:
        """Return the session's name and time, and the last line of each pytest run."""
        closing = re.findall(r"^=+ .*\b(?:passed|failed|error).* =+$", self.output, flags=re.MULTILINE)
        return "\n".join([f"{self.name}, {self.seconds:.0f} s", *closing])


@nox.session
def checks(session: nox.Session) -> None:
    """Run the required checks, two sessions at a time: lint, tests on this Python, types, minimums."""
    tests_name = f"tests-{THIS_PYTHON}"
    children: list[Child] = []
    failed: list[str] = []
    with ThreadPoolExecutor(SESSIONS_AT_A_TIME) as pool:
        futures: dict[Future[int], Child] = {}

        def start(name: str, *posargs: str, **variables: str) -> None:
            children.append(Child(name, *posargs, **variables))
            futures[pool.submit(children[-1].run)] = children[-1]

        try:
            # The tests take as long as the three other sessions together, so both processors have work until
            # the end.
            start("lint")  # while the wheel is built
            variables = {
                WHEEL_VARIABLE: str(build_wheel(session)),
                WORKERS_VARIABLE: workers_of_a_session(),
            }
            start(tests_name, *session.posargs, **variables)
            start("types")
            start("minimums", *session.posargs, **variables)
            session.log(
                f"{', '.join(child.name for child in children)}: each session's output follows at its end"
            )
            for future in as_completed(futures):
                child = futures[future]
                sys.stdout.write(f"\n{child.output}")
                sys.stdout.flush()
                if future.result():
                    failed.append(child.name)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            for child in children:
                child.stop()
            raise
    sys.stdout.write("".join(f"\n{child.summary()}" for child in children) + "\n")
    sys.stdout.flush()
    if failed:
        session.error(f"failed: {', '.join(failed)}")


@nox.session
def lint(session: nox.Session) -> None:
    """Check style, import layers, generated code against the spec, and plain English."""
    session.install(*group("lint"))
    session.run("ruff", "check")
    session.run("ruff", "format", "--check")
    session.run("lint-imports", "--no-cache")
    session.run("python", "-m", "codegen", "--check")
    session.run("python", "-m", "tools.plain_english")


@nox.session
def types(session: nox.Session) -> None:
    """Run mypy and pyright, both strict, on the code and on correct and wrong examples of its use."""
    session.install("-e", ".[all]", *group("types"))
    session.run("mypy")
    # Without it, basedpyright takes the packages of a .venv beside the configuration.
    session.run("basedpyright", "--pythonpath", str(Path(session.bin, "python")))


def without(paths: tuple[str, ...]) -> list[str]:
    """Return the arguments that make pytest skip these files and folders."""
    return [f"--ignore={path}" for path in paths]


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    """Run the tests on the built wheel; the modules in `FULLY_COVERED` need full branch coverage."""
    session.install(f"{build_wheel(session)}[all]", *group("tests"))
    # -P keeps this folder off the path. Otherwise Python would import the source instead of the wheel.
    python = ("python", "-P", "-m")
    if session.posargs:
        session.run(*python, "pytest", *PARALLEL, *session.posargs)
        return
    data = {"COVERAGE_FILE": str(Path(session.create_tmp(), "coverage").resolve())}
    session.run("coverage", "erase", env=data, silent=True)
    session.run(*python, "coverage", "run", "-m", "pytest", *PARALLEL, *MEASURED, env=data)
    session.run(*python, "pytest", *PARALLEL, *without(MEASURED))
    session.run("coverage", "combine", "--quiet", env=data)
    include = ",".join(f"*/etelecom_async/{module}" for module in FULLY_COVERED)
    session.run("coverage", "report", f"--include={include}", "--fail-under=100", env=data)


@nox.session
def minimums(session: nox.Session) -> None:
    """Run the tests with the oldest releases of the dependencies that pyproject.toml allows."""
    project = PYPROJECT["project"]
    extras = chain.from_iterable(project["optional-dependencies"].values())
    # An extra without a bound is one of our own.
    bounds = [bound for bound in (*project["dependencies"], *extras) if ">=" in bound]
    oldest = [bound.replace(">=", "==") for bound in bounds]
    session.install(str(build_wheel(session)), *oldest, *group("tests"))
    session.run("pytest", *PARALLEL, *without(TOOLING), *session.posargs)


@contextmanager
def busy_processors() -> Generator[None]:
    """Keep every processor busy during the block, and not after a kill of this process."""
    command = [sys.executable, "-c", "import os; parent = os.getppid()\nwhile os.getppid() == parent: pass"]
    loops = [subprocess.Popen(command) for _ in range(os.cpu_count() or 1)]
    try:
        yield
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()


@nox.session
def stress(session: nox.Session) -> None:
    """Run the tests ten times, every second time with busy processors; `-- --times N` changes the number."""
    parser = argparse.ArgumentParser(prog="nox -s stress --")
    parser.add_argument("--times", type=int, default=10)
    options, posargs = parser.parse_known_args(session.posargs)
    session.install(f"{build_wheel(session)}[all]", *group("tests"))
    for number in range(1, options.times + 1):
        is_busy = number % 2 == 0
        session.log(f"run {number} of {options.times}{', with busy processors' if is_busy else ''}")
        with busy_processors() if is_busy else nullcontext():
            session.run("python", "-P", "-m", "pytest", *PARALLEL, *posargs)


@nox.session
def interop(session: nox.Session) -> None:
    """Make every READ call on the sandbox with the clients that other generators make from our spec files."""
    session.install("-e", ".", *group("tests", "generators"))
    session.run("pytest", "interop/test_clients.py", *session.posargs, env=generate_clients(session, *SPECS))


@nox.session
def schemathesis(session: nox.Session) -> None:
    """Run schemathesis with our spec files: no server error, no response that breaks the schema."""
    session.install("-e", ".", *group("tests"), "schemathesis")
    session.run("pytest", "interop/test_schemathesis.py", *session.posargs)


@nox.session
def browser(session: nox.Session) -> None:
    """Attack a sandbox from web pages in a headless Chromium, and sign in through one."""
    missing = {"chromium": "chromium", "chromedriver": "chromium-driver"}
    install_debian(session, *(package for command, package in missing.items() if not shutil.which(command)))
    session.install("-e", ".", *group("tests"), "selenium>=4.30")
    session.run("pytest", "interop/test_browser.py", *session.posargs)


@nox.session
def reports(session: nox.Session) -> None:
    """Open reports in a headless Chromium, at the widths of phones and desktops."""
    missing = {"chromium": "chromium", "chromedriver": "chromium-driver"}
    install_debian(session, *(package for command, package in missing.items() if not shutil.which(command)))
    session.install("-e", ".[report]", *group("tests"), "selenium>=4.30")
    session.run("pytest", "interop/test_report_page.py", *session.posargs)


@nox.session
def shells(session: nox.Session) -> None:
    """Complete commands in real shells: bash, zsh and fish."""
    install_debian(session, *(name for name in ("zsh", "fish") if not shutil.which(name)))
    session.install("-e", ".[cli]", *group("tests"))
    session.run("pytest", "tests/cli/test_completion.py", *session.posargs)


@nox.session
def softphones(session: nox.Session) -> None:
    """Let baresip, Linphone and JsSIP read our exports."""
    missing = {"baresip": "baresip-core", "linphonec": "linphone-cli", "node": "nodejs", "npm": "npm"}
    install_debian(session, *(package for command, package in missing.items() if not shutil.which(command)))
    session.install("-e", ".", *group("tests"))
    install = ("npm", "install", "--no-audit", "--no-fund", "--prefix", session.create_tmp(), "jssip@3")
    session.run(*install, external=True)
    session.run("pytest", "interop/test_softphones.py", *session.posargs, env={"JSSIP": session.create_tmp()})


@nox.session
def databases(session: nox.Session) -> None:
    """Kill syncs of calls 50 times in SQLite and in PostgreSQL, and test the ledger and the sync there."""
    session.install("-e", ".[all]", *group("tests"))
    ledgers = ("test_ledger.py", "test_sql_ledger.py", "test_jobs_with_ledgers.py")
    syncs = (
        *("sync_tables", "sync_urls", "sync_database", "sync_schema", "sync_store", "syncing"),
        *("many_shops", "sync_kills"),
    )
    files = [f"tests/bulk/{name}" for name in ledgers] + [f"tests/history/test_{name}.py" for name in syncs]
    session.run("pytest", *PARALLEL, *files, *session.posargs, env={"SYNC_KILLS": "50"})


@nox.session
def cluster(session: nox.Session) -> None:
    """Export calls with workers of Dask: kill and replace them, measure the rate; run the recipe of dlt."""
    session.install("-e", ".[all]", *group("tests"), "dlt[duckdb]>=1.31")
    files = ("tests/history/test_dask.py", "interop/test_recipes.py")
    session.run("pytest", "-rP", "--log-level=INFO", *files, *session.posargs, env={"CLUSTER_TESTS": "1"})


@nox.session
def services(session: nox.Session) -> None:
    """Test the web services of examples/; stop and kill their processes, with SQLite and PostgreSQL."""
    session.install("-e", ".[all]", *group("tests"))
    # The tests import the modules of their folder, as those of a user do.
    session.run("pytest", "-o", "addopts=", *PARALLEL, "examples/services", *session.posargs)


@nox.session
def installers(session: nox.Session) -> None:
    """Install the command with pipx, with uv, and as the Dockerfile in docs/command-line.md does."""
    page = Path("docs", "command-line.md").read_text(encoding="utf-8")
    lines = re.findall(r"^((?:pipx|uv tool) install .+)$", page, re.MULTILINE)
    (steps,) = re.findall(r"^RUN (python -m venv .+)$", page, re.MULTILINE)
    session.install("pipx", "uv")
    with tempfile.TemporaryDirectory() as folder:
        image = steps.replace("/opt/etelecom", f"{folder}/image").replace("/src", str(Path.cwd()))
        tools = {
            "PIPX_HOME": "pipx",
            "PIPX_BIN_DIR": "pipx-bin",
            "UV_TOOL_DIR": "uv",
            "UV_TOOL_BIN_DIR": "uv-bin",
        }
        environment = {name: f"{folder}/{part}" for name, part in tools.items()}
        for line in (*lines, image):
            session.run("sh", "-c", line, env=environment, external=True)
        for place in ("pipx-bin", "uv-bin", "image/bin"):
            session.run(f"{folder}/{place}/etelecom", "config", "list", env={"HOME": folder}, external=True)


@nox.session
def soak(session: nox.Session) -> None:
    """Make 100,000 mixed calls with faults in one of twenty, within 5 minutes; `-- --calls N` for fewer."""
    session.install("-e", ".")
    session.run("python", "soak/soak.py", *session.posargs)


@nox.session
def kills(session: nox.Session) -> None:
    """Kill a job of 15,000 calls 100 times at random requests; nothing is lost, and nothing is made twice."""
    session.install("-e", ".[bulk,sandbox]")
    session.run("python", "-m", "kills", *session.posargs)


@nox.session
def rosters(session: nox.Session) -> None:
    """Provision 10,000 employees of 20 shops from a spreadsheet; kill such jobs 100 times."""
    session.install("-e", ".[all]", *group("tests"))
    tests = (
        "tests/cli/test_provision_respelled.py",
        "tests/provisioning/test_apply_kills.py",
        "tests/provisioning/test_onboarding.py",
    )
    sizes = {"ROSTER_SIZE": "20x500", "ROSTER_KILLS": "100"}
    session.run(
        "pytest", "-n", "2", "-rP", "--log-level=INFO", "--durations=5", *tests, *session.posargs, env=sizes
    )


@nox.session
def limits(session: nox.Session) -> None:
    """Cancel 20,000 waiting calls in any order, each time within 1 s; end calls within 50 ms of deadlines."""
    session.install("-e", ".")
    session.run("python", "limits/limits.py", *session.posargs)


@nox.session
def fuzz(session: nox.Session) -> None:
    """Decode 200,000 responses from atheris in half a minute; `-- --runs N` for more; `-r` continues."""
    session.install("-e", ".", "atheris>=3.0")
    corpus = str(Path(session.create_tmp(), "corpus"))
    session.run("python", "fuzz/fuzz.py", "--corpus", corpus, *session.posargs)


@nox.session
def benchmarks(session: nox.Session) -> None:
    """Measure what the SDK costs, compared with other clients; `-- small page` measures only these rows."""
    session.install("-e", ".[all]", *group("benchmarks"))
    # The measured calls are in this spec file.
    clients = generate_clients(session, Path("codegen", "spec", "pbx.openapi.yaml"))
    session.run("python", "-m", "benchmarks", *session.posargs, env=clients)


@nox.session
def codegen(session: nox.Session) -> None:
    """Regenerate the generated code, after a change in codegen/."""
    session.install(*group("codegen"))
    session.run("python", "-m", "codegen")


@nox.session
def build(session: nox.Session) -> None:
    """Build the wheel and the source distribution into dist/."""
    session.install("build")
    session.run("python", "-m", "build")


# The commands need the machine's settings for the package index, and get no other variable of the caller.
INDEX_VARIABLES = {
    *("PIP_CERT", "PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS", "PIP_INDEX_URL"),
    *("HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY", "https_proxy", "http_proxy", "no_proxy"),
}


@nox.session(python=False)
def fresh(session: nox.Session) -> None:
    """Run README's two commands on Debian's own Python; `nox` gets `-s lint`, or the arguments after `--`."""
    if not any(Path("/usr/lib").glob("python3.*/EXTERNALLY-MANAGED")):
        session.skip("the system's Python allows pip to install outside an environment")
    readme = Path("README.md").read_text(encoding="utf-8")
    demo, checks = re.findall(r"^```sh\n(.+)\n```$", readme, re.MULTILINE)
    checks = f"{checks} {' '.join(session.posargs or ('-s', 'lint'))}"

    with tempfile.TemporaryDirectory() as folder:
        home, first, second, third = (Path(folder, name) for name in ("home", "first", "second", "third"))
        home.mkdir()
        environment = {"HOME": str(home), "LANG": "C.UTF-8", "PATH": "/usr/bin:/bin"}
        environment |= {name: os.environ[name] for name in INDEX_VARIABLES & os.environ.keys()}

        def shell(checkout: Path, command: str, expected: str = "", exit_code: int = 0) -> str:
            """Run a command in a checkout; return its output."""
            with session.chdir(checkout):
                printed = session.run(
                    *("sh", "-c", command),
                    env=environment,
                    include_outer_env=False,
                    external=True,
                    silent=True,
                    success_codes=[exit_code],
                )
            if not isinstance(printed, str) or expected not in printed:
                session.error(f"{command!r} did not print {expected!r}: {printed}")
            return printed

        for checkout in (first, second, third):
            session.run("git", "clone", "--quiet", ".", str(checkout), external=True)
        refusals = "externally-managed-environment|No module named pip"
        shell(first, f"python3 -m pip install nox 2>&1 | grep -E '{refusals}'")

        # Run the demo twice, then the checks, then both in their shared environment.
        expected = "Read 10000 call logs in 100 pages"
        shell(first, demo, expected)
        shell(first, demo, expected)
        shell(first, checks)
        shell(first, f". .venv/bin/activate && {demo}", expected)
        shell(first, f". .venv/bin/activate && {checks}")

        # Run the checks first, in a `.venv` without pip, while another environment is active.
        shell(second, "python3 -m venv --without-pip .venv && python3 -m venv --without-pip ../active")
        shell(second, f". ../active/bin/activate && {checks}")
        shell(second, f". ../active/bin/activate && {demo}", expected)
        shell(second, ".venv/bin/python -m pip check")

        # Install a wheel without the extra. The demo's error then gives the command to install it.
        shell(third, "python3 -m venv .venv && .venv/bin/python -m pip wheel --no-deps -w wheel .")
        shell(third, ".venv/bin/python -m pip install wheel/*.whl && rm -r wheel")
        text = shell(third, ".venv/bin/etelecom demo", "Install it: ", exit_code=2)
        shell(third, text.partition("Install it: ")[2])
        shell(third, ".venv/bin/etelecom demo", expected)


@nox.session
def proxies(session: nox.Session) -> None:
    """Calls through varnish, nginx and haproxy to a sandbox that breaks: `-- varnish --only late`."""
    session.install("-e", ".")
    missing = session.run("python", "-m", "proxies", "--missing", silent=True)
    install_debian(session, *(missing.split() if isinstance(missing, str) else ()))
    session.run("python", "-m", "proxies", *session.posargs)
