# /// script
# requires-python = ">=3.11"
# dependencies = ["nox>=2025.5.1"]
# ///
"""The project's checks: `nox` runs those that must be green; `nox --list` shows all.

Needs nothing but Python 3.11 and nox. Interpreters that are not installed are skipped, and uv is used
where it is there, only because it is quicker.
"""

from __future__ import annotations

import zipfile
from pathlib import Path

import nox

nox.needs_version = ">=2025.5.1"
nox.options.sessions = ["lint", "types", "tests", "minimums"]
nox.options.default_venv_backend = "uv|virtualenv"
nox.options.download_python = "never"
nox.options.error_on_missing_interpreters = False

PYPROJECT = nox.project.load_toml("pyproject.toml")
PYTHONS = nox.project.python_versions(PYPROJECT)
# The rooms where a branch that no test takes is a call sent twice, or an answer lost.
FULLY_COVERED = ("_client.py", "_core/*", "errors.py", "paging.py")
SPECS = sorted(Path("codegen", "spec").glob("*.openapi.yaml"))


def group(*names: str) -> tuple[str, ...]:
    """The requirements of these dependency groups of pyproject.toml."""
    return nox.project.dependency_groups(PYPROJECT, *names)


def build_wheel(session: nox.Session) -> Path:
    """Builds the wheel that users would get, and looks that nothing else is in it."""
    folder = Path(session.create_tmp(), "wheel")
    session.install("build")
    session.run("python", "-m", "build", "--wheel", "--outdir", str(folder), silent=True)
    wheel = max(folder.glob("*.whl"), key=lambda file: file.stat().st_mtime)
    name_and_version = "-".join(wheel.name.split("-")[:2])
    rooms = {"etelecom_async", f"{name_and_version}.dist-info"}
    found = {name.partition("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    if found != rooms:
        session.error(f"{wheel.name} holds {sorted(found)}, but should hold {sorted(rooms)}")
    return wheel


def generate_clients(session: nox.Session, *specs: Path) -> dict[str, str]:
    """Has other generators make clients of these spec files; returns the variable that names their folder."""
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
    # openapi-python-client's own requirements are those of its clients.
    session.install("-r", str(clients / "requirements.txt"))
    return {"ETELECOM_CLIENTS": str(clients)}


@nox.session
def lint(session: nox.Session) -> None:
    """Style, layers, and that the generated code is what the spec says."""
    session.install(*group("lint"))
    session.run("ruff", "check")
    session.run("ruff", "format", "--check")
    session.run("lint-imports", "--no-cache")
    session.run("python", "-m", "codegen", "--check")


@nox.session
def types(session: nox.Session) -> None:
    """mypy and pyright, both strict, also on what users write and on what they must not be able to write."""
    session.install("-e", ".[all]", *group("types"))
    session.run("mypy")
    session.run("basedpyright")


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    """The tests, on the built wheel; every branch is taken of the rooms that must have it."""
    session.install(f"{build_wheel(session)}[all]", *group("tests"))
    data = {"COVERAGE_FILE": str(Path(session.create_tmp(), "coverage"))}
    # -P: without this folder on the path, where the source would stand before the wheel.
    session.run("python", "-P", "-m", "coverage", "run", "-m", "pytest", *session.posargs, env=data)
    if not session.posargs:
        session.run("coverage", "report", env=data)
        include = ",".join(f"*/etelecom_async/{room}" for room in FULLY_COVERED)
        session.run("coverage", "report", f"--include={include}", "--fail-under=100", env=data)


@nox.session
def minimums(session: nox.Session) -> None:
    """The tests, with the oldest run-time releases that pyproject.toml allows."""
    project = PYPROJECT["project"]
    bounds = [*project["dependencies"], *project["optional-dependencies"]["cli"]]
    oldest = [bound.replace(">=", "==") for bound in bounds]
    session.install(str(build_wheel(session)), *oldest, *group("tests"))
    session.run("pytest", *session.posargs)


@nox.session
def interop(session: nox.Session) -> None:
    """Clients that other generators make from our spec files: each makes every read on the sandbox."""
    session.install("-e", ".", *group("tests", "generators"))
    session.run("pytest", "interop/test_clients.py", *session.posargs, env=generate_clients(session, *SPECS))


@nox.session
def schemathesis(session: nox.Session) -> None:
    """schemathesis, fed with our spec files: no server error, and no answer that breaks the schema."""
    session.install("-e", ".", *group("tests"), "schemathesis")
    session.run("pytest", "interop/test_schemathesis.py", *session.posargs)


@nox.session
def soak(session: nox.Session) -> None:
    """100,000 mixed calls, one in twenty of which goes wrong; 5 minutes at most. Fewer: `-- --calls N`."""
    session.install("-e", ".")
    session.run("python", "soak/soak.py", *session.posargs)


@nox.session
def fuzz(session: nox.Session) -> None:
    """200,000 answers that atheris makes, half a minute. Others: `-- --runs N`; `-r` goes on from there."""
    session.install("-e", ".", "atheris>=3.0")
    corpus = str(Path(session.create_tmp(), "corpus"))
    session.run("python", "fuzz/fuzz.py", "--corpus", corpus, *session.posargs)


@nox.session
def benchmarks(session: nox.Session) -> None:
    """What the SDK costs, as ratios to other ways of doing the same; some of it: `-- small page`."""
    session.install("-e", ".", *group("benchmarks"))
    # The calls that are measured are of this file.
    clients = generate_clients(session, Path("codegen", "spec", "pbx.openapi.yaml"))
    session.run("python", "-m", "benchmarks", *session.posargs, env=clients)


@nox.session
def codegen(session: nox.Session) -> None:
    """Writes the generated code anew; for after a change in codegen/."""
    session.install(*group("codegen"))
    session.run("python", "-m", "codegen")


@nox.session
def build(session: nox.Session) -> None:
    """Wheel and source distribution, into dist/."""
    session.install("build")
    session.run("python", "-m", "build")
