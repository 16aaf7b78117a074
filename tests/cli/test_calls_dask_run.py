"""Test `etelecom calls export --dask` without a cluster; the tests of `history.dask` run it with one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from etelecom_async.history import dask_cluster
from etelecom_async.testing import Sandbox

EXPORT = ("calls", "export", "--since", "2025-09-01", "--until", "2025-09-03", "--output", "calls")


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The folder of the commands."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(dask_cluster, "_CONNECT", 0.5)
    return tmp_path


def test_no_scheduler(etl: Any, unused_tcp_port: int) -> None:
    """An address without a scheduler is an error that names it; the exit code is 1."""
    result = etl(*EXPORT, "--dask", f"127.0.0.1:{unused_tcp_port}")
    assert (result.code, result.out) == (1, "")
    assert f"no scheduler answers at tcp://127.0.0.1:{unused_tcp_port}" in " ".join(result.err.split())
    assert "Traceback" not in result.err


@pytest.mark.parametrize("address", ["no://such", "tcp://", "tcp://host:port"])
def test_wrong_address(etl: Any, address: str) -> None:
    """A text that is no address is an error of usage, or of the connection."""
    result = etl(*EXPORT, "--dask", address)
    assert (result.code in (1, 2), result.out) == (True, "")
    assert "Traceback" not in result.err


def test_dry_run(etl: Any, folder: Path) -> None:
    """A dry run shows the first request, and needs no cluster."""
    result = etl(*EXPORT, "--dask", "127.0.0.1:1", "--dry-run")
    assert (result.code, result.json["url"].endswith("Etelecom/ListCallLogs")) == (0, True)
    assert list(folder.iterdir()) == []


def test_keys_of_another_kind(etl: Any, service: Sandbox, folder: Path) -> None:
    """A key of another kind is an error of the key, before the cluster is asked."""
    (folder / "keys.json").write_text(json.dumps({"Shop": service.shop_api_key}), encoding="utf-8")
    result = etl(*EXPORT, "--dask", "127.0.0.1:1", "--shops", "keys.json", "--quiet")
    assert (result.code, result.out) == (4, "")
    assert "the key of 'Shop' in keys.json cannot be used" in " ".join(result.err.split())


def test_output_that_is_a_file(etl: Any, folder: Path) -> None:
    """A file in place of the folder is an error of usage that names the option."""
    (folder / "calls").touch()
    result = etl(*EXPORT, "--dask", "127.0.0.1:1")
    assert (result.code, result.out) == (2, "")
    assert "--output calls cannot be written: partitions need a folder" in " ".join(result.err.split())
