"""Network drives are found by the list of mounts, and on Windows by the path."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from etelecom_async.bulk.drives import file_system, is_unc, network_drive

MOUNTS = r"""
22 27 0:21 / /proc rw,relatime - proc proc rw
27 1 254:0 / / rw,relatime - ext4 /dev/vda rw,discard
31 27 0:40 / /srv rw,relatime shared:1 master:2 - nfs4 server:/export rw
32 31 0:41 / /srv/fast rw,relatime - xfs /dev/vdb rw
33 27 0:42 / /mnt/team\040files rw - cifs //server/team rw
34 27 0:43 / /mnt/twice rw - ext4 /dev/vdc rw
35 27 0:44 / /mnt/twice rw - fuse.sshfs me@server:/ rw
odd line
"""


@pytest.mark.skipif(sys.platform == "win32", reason="paths of Linux")
@pytest.mark.parametrize(
    ("folder", "expected"),
    [
        ("/home/me", "ext4"),
        ("/srv", "nfs4"),
        ("/srv/jobs", "nfs4"),
        ("/srv/fast/jobs", "xfs"),
        ("/srv2", "ext4"),
        ("/mnt/team files/jobs", "cifs"),
        ("/mnt/twice", "fuse.sshfs"),
    ],
)
def test_longest_mount_counts(folder: str, expected: str) -> None:
    """A folder belongs to the deepest mount above it, and to the last one of several on the same folder."""
    assert file_system(Path(folder), MOUNTS) == expected


def test_no_mounts() -> None:
    """A folder below no mount has no type."""
    assert file_system(Path("/home"), "") is None


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has this list")
def test_network_drive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder of the tests is local. With NFS mounted there it is not. Without a list it may be."""
    assert network_drive(tmp_path) is None
    mounts = tmp_path / "mountinfo"
    monkeypatch.setattr("etelecom_async.bulk.drives._MOUNTS", mounts)
    assert network_drive(tmp_path) is None
    mounts.write_text(f"{MOUNTS}40 27 0:50 / {tmp_path} rw - nfs server:/ rw\n")
    assert network_drive(tmp_path / "jobs") == "nfs"
    assert network_drive(tmp_path.parent) is None


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (r"\\server\share\jobs", True),
        ("//server/share/jobs", True),
        (r"\\?\UNC\server\share", True),
        (r"\\?\C:\jobs", False),
        (r"\\.\C:\jobs", False),
        (r"C:\jobs", False),
        ("jobs", False),
    ],
)
def test_unc(path: str, *, expected: bool) -> None:
    """A path of Windows that starts with a server's name is on another machine."""
    assert is_unc(path) is expected
