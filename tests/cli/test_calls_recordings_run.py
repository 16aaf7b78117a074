"""Test downloads on the command line that end early, continue, or lack files; and what they show."""

from __future__ import annotations

import signal
import threading
from datetime import datetime
from pathlib import Path
from typing import Any

import attrs
import pytest

from etelecom_async import times

DAY = datetime(2026, 11, 27, tzinfo=times.VIETNAM)
LINE = ("calls", "recordings", "--since", "2026-11-27", "--until", "2026-11-28", "--output", "recordings")
WAV = b"RIFF\0\0\0\0WAVE" + bytes(5000)


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The folder of the commands."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


class Service:
    """
    A service with three calls, and the server of their recordings.

    Args:
        peer: The server that the test controls.
    """

    def __init__(self, peer: Any) -> None:
        self.asked: list[str] = []
        self.replies: dict[str, Any] = {}
        self.hangs = threading.Event()
        self._peer = peer
        peer.always = self.respond
        peer.on_hang = self.hangs.set

    def audio(self, body: bytes = WAV, status: int = 200, **headers: str) -> Any:
        """Return a response with a recording."""
        return self._peer.raw(body, status, Content_Type="audio/wav", **headers)

    def respond(self, request: Any) -> Any:
        """Return the response to a request."""
        if not request.path.endswith("ListCallLogs"):
            self.asked.append(request.path)
            return self.replies.get(request.path, self.audio())
        origin = f"http://127.0.0.1:{self._peer.port}"
        begin, end = (
            datetime.fromisoformat(request.json["filter"][name]) for name in ("date_from", "date_to")
        )
        rows = [
            {"id": str(n), "started_at": DAY.isoformat(), "recording_urls": [f"{origin}/canary-{n}"]}
            for n in (1, 2, 3)
            if begin <= DAY < end
        ]
        return self._peer.json({"call_logs": rows, "paging": {}})


@pytest.fixture
def service_at_peer(peer: Any) -> Service:
    """The service at the peer."""
    return Service(peer)


def names(folder: Path) -> list[str]:
    """Return the recordings that are there."""
    return sorted(path.name for path in (folder / "recordings").glob("*.wav"))


def test_missing_and_failed(at_peer: Any, service_at_peer: Service, folder: Path) -> None:
    """Files that are missing or failed are counted, the exit code is 3, and no address is shown."""
    service = service_at_peer
    service.replies = {"/canary-1": service.audio(b"", 404), "/canary-2": service.audio(b"<html>")}
    result = at_peer(*LINE, "--allow-private")
    assert (result.code, result.out) == (3, "")
    assert result.err.splitlines() == [
        "etelecom: 1 file, 0.0 MB, 1 missing, 1 failed; written to recordings",
        "etelecom: recordings.jsonl has the reasons; the same command requests the failed ones again",
    ]
    assert names(folder) == ["3-0.wav"]
    service.replies.clear()
    service.asked.clear()
    result = at_peer(*LINE, "--allow-private", "--json")
    assert (result.code, result.err, service.asked) == (3, "", ["/canary-2"])
    assert result.json == {"files": 1, "bytes": len(WAV), "missing": 1, "failed": 0, "skipped": 1}
    result = at_peer(*LINE, "--allow-private", "--retry-missing")
    assert (result.code, result.out) == (0, "")
    assert result.err == "etelecom: 1 file, 0.0 MB, 2 there before; written to recordings\n"


def test_sizes(at_peer: Any, service_at_peer: Service, folder: Path) -> None:
    """`--max-bytes` ends the run, and `--max-file-bytes` refuses single files."""
    service = service_at_peer
    service.replies = {"/canary-2": service.audio(bytes(20_000))}
    options = ("--allow-private", "--json", "--concurrency", "1")
    result = at_peer(*LINE, *options, "--max-file-bytes", "10kB")
    assert (result.code, result.json["files"], result.json["failed"]) == (3, 2, 1)
    assert names(folder) == ["1-0.wav", "3-0.wav"]
    result = at_peer(*LINE, *options, "--max-bytes", "20 kB")
    assert (result.code, result.json["files"], result.json["failed"]) == (3, 0, 1)
    assert at_peer(*LINE, *options, "--max-bytes", "1MB").json["files"] == 1


def test_hotline_note(at_peer: Any, service_at_peer: Service) -> None:
    """The note about hotlines stands before the look-up."""
    result = at_peer(*LINE, "--hotline", "19001234")
    assert "shop.hotlines.list finds the hotline; it is inferred" in result.err
    assert not [path for path in service_at_peer.asked if path.startswith("/canary")]


def test_refused_key(at_peer: Any, peer: Any, folder: Path) -> None:
    """A refused key has its exit code."""
    peer.always = lambda _: peer.refusal("unauthenticated", 401)
    assert at_peer(*LINE).code == 4
    assert not names(folder)


@pytest.fixture
def command_at_peer(surroundings: dict[str, str], peer: Any) -> None:
    """Let commands in processes of their own use the peer."""
    surroundings |= {"ETELECOM_BASE_URL": peer.base_url, "ETELECOM_SHOP_API_KEY": "1161512386239479010:key"}


@pytest.mark.usefixtures("command_at_peer")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted(
    start: Any, etelecom: Any, peer: Any, service_at_peer: Service, folder: Path, *, number: signal.Signals
) -> None:
    """After Ctrl-C or SIGTERM, the same command continues, and requests no whole file again."""
    service = service_at_peer
    service.replies = {"/canary-3": peer.HANG}
    line = (*LINE, "--allow-private", "--concurrency", "1")
    with start(*line, cwd=folder) as running:
        assert service.hangs.wait(60)
        code, out, err = running.stop(number)
    assert (code, out) == (130, "")
    assert err.splitlines() == [
        "etelecom: 2 files, 0.0 MB; the same command again continues",
        "etelecom: interrupted",
    ]
    assert names(folder) == ["1-0.wav", "2-0.wav"]
    service.replies.clear()
    service.asked.clear()
    assert etelecom(*line, "--quiet", cwd=folder) == (0, "", "")
    assert (names(folder), service.asked) == (["1-0.wav", "2-0.wav", "3-0.wav"], ["/canary-3"])


@pytest.mark.usefixtures("command_at_peer")
def test_killed(start: Any, etelecom: Any, peer: Any, service_at_peer: Service, folder: Path) -> None:
    """After SIGKILL in the middle of a file, the same command requests the rest of it, and only that."""
    service = service_at_peer
    whole = service.audio(ETag='"1"')
    service.replies = {"/canary-3": attrs.evolve(whole, body=WAV[:1000], hangs_up=True)}
    line = (*LINE, "--allow-private", "--concurrency", "1")

    def then_hang(request: Any) -> Any:
        reply = service.respond(request)
        service.replies["/canary-3"] = (
            peer.HANG if request.path == "/canary-3" else service.replies["/canary-3"]
        )
        return reply

    peer.always = then_hang
    with start(*line, cwd=folder) as running:
        assert service.hangs.wait(60)
        code, out, err = running.stop(signal.SIGKILL)
    assert (code, out, err) == (-signal.SIGKILL, "", "")
    assert names(folder) == ["1-0.wav", "2-0.wav"]
    spread = f"bytes 1000-{len(WAV) - 1}/{len(WAV)}"
    service.replies = {"/canary-3": service.audio(WAV[1000:], 206, Content_Range=spread, ETag='"1"')}
    service.asked.clear()
    peer.always = service.respond
    assert etelecom(*line, "--quiet", cwd=folder) == (0, "", "")
    assert service.asked == ["/canary-3"]
    assert (folder / "recordings" / "3-0.wav").read_bytes() == WAV


@pytest.mark.usefixtures("command_at_peer")
def test_interrupted_quietly_and_twice_at_once(
    start: Any, etelecom: Any, peer: Any, service_at_peer: Service, folder: Path
) -> None:
    """A second command for the folder ends at once; `--quiet` hides the note of an interrupt."""
    service_at_peer.replies = {"/canary-1": peer.HANG}
    line = (*LINE, "--allow-private", "--quiet")
    with start(*line, cwd=folder) as running:
        assert service_at_peer.hangs.wait(60)
        code, out, err = etelecom(*line, cwd=folder)
        assert (code, out) == (1, "")
        assert err == (
            "etelecom: --output recordings cannot be written: another run downloads into it: wait until that "
            "one ends\n"
        )
        assert running.stop() == (130, "", "etelecom: interrupted\n")


@pytest.mark.parametrize("place", [".parts", ".parts/1-0.json", "1-0.wav"])
def test_folder_that_fails(at_peer: Any, peer: Any, folder: Path, place: str) -> None:
    """If something in the folder is in the way, the message names it, and no address."""
    service = Service(peer)
    path = folder / "recordings" / place
    if place == ".parts":
        path.parent.mkdir()
        path.touch()
    else:
        path.mkdir(parents=True)
    code, out, err = at_peer(*LINE, "--allow-private", "--concurrency", "1")
    assert (code, out, err.count("\n")) == (2, "", 1), err
    assert err.startswith("etelecom: --output recordings cannot be written: ")
    assert Path("recordings", place).name in err
    assert "canary" not in err
    assert len(service.asked) == 1


def test_progress_on_a_terminal(terminal: Any, folder: Path) -> None:
    """A terminal shows the share of the time and the counts; then only the summary stays."""
    line = ("calls", "recordings", "--since", "-7d", "--allow-private", "-o", "recordings")
    code, shown = terminal(*line, cwd=folder)
    assert code == 0
    for text in ("Recordings", "100%", " files, ", " MB", "written to recordings"):
        assert text in shown
    assert terminal(*line, "--quiet", cwd=folder) == (0, "")
