"""The recipes in docs/history-cluster.md run: dlt, and Spark if it and Java are installed."""

from __future__ import annotations

import asyncio
import importlib.util
import os
import re
import shutil
import sys
from pathlib import Path

import pytest

from etelecom_async import ShopClient, history
from etelecom_async.testing import sandbox

PAGE = Path(__file__).parent.parent / "docs" / "history-cluster.md"
HAS_SPARK = importlib.util.find_spec("pyspark") is not None and shutil.which("java") is not None
CALLS = 500


def recipe(name: str) -> str:
    """Return the code under a heading of the page."""
    _, _, section = PAGE.read_text(encoding="utf-8").partition(f"\n## {name}\n")
    found = re.search(r"^```text\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)
    assert found
    return found[1]


async def run(code: str, folder: Path, variables: dict[str, str]) -> str:
    """Run code in a folder; return what it prints."""
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "LANG", "JAVA_HOME"}}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-c", code),
        cwd=folder,
        env={**kept, **variables, "HOME": str(folder), "PYSPARK_PYTHON": sys.executable},
        stdout=asyncio.subprocess.PIPE,
    )
    out, _ = await process.communicate()
    assert process.returncode == 0
    return out.decode()


async def test_dlt(tmp_path: Path) -> None:
    """Two runs load each call once, with all calls of the days."""
    async with sandbox(call_logs=CALLS) as service:
        async with ShopClient(service.shop_api_key, base_url=service.base_url) as shop:
            expected = len((await history.table(shop, "-7d")).arrow)
        # The recipe sends nothing to others.
        variables = {**service.environment(), "RUNTIME__DLTHUB_TELEMETRY": "false"}
        for _ in range(2):
            out = await run(recipe("dlt"), tmp_path, variables)
            assert out.splitlines()[-1] == f"[({expected}, {expected})]"
    assert expected > 100


@pytest.mark.skipif(not HAS_SPARK, reason="pyspark or Java is not installed")
async def test_spark(tmp_path: Path) -> None:
    """The files of Spark have all calls of the days."""
    async with sandbox(call_logs=CALLS, until="2025-09-09") as service:
        async with ShopClient(service.shop_api_key, base_url=service.base_url) as shop:
            expected = len((await history.table(shop, "2025-09-01", "2025-09-09")).arrow)
        out = await run(recipe("Spark"), tmp_path, {**service.environment(), "SPARK_LOCAL_IP": "127.0.0.1"})
    assert out.splitlines()[-1].endswith(f"{expected} calls")
    assert expected > 100
