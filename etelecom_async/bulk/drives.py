"""Find network drives: SQLite's journal and file locks are not safe on them."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import Final

_MOUNTS: Final = Path("/proc/self/mountinfo")
_NETWORK_TYPES: Final = frozenset(
    (
        *("9p", "afs", "beegfs", "ceph", "cifs", "glusterfs", "gpfs", "lustre", "ncpfs", "nfs", "nfs4"),
        *("ocfs2", "orangefs", "smb3", "smbfs"),
        *("fuse.cephfs", "fuse.gcsfuse", "fuse.glusterfs", "fuse.grpcfuse", "fuse.juicefs", "fuse.rclone"),
        *("fuse.s3fs", "fuse.smbnetfs", "fuse.sshfs"),
    )
)
"""Types of file systems whose files other machines can change."""


def network_drive(folder: Path) -> str | None:
    """
    Return the type of the network drive that holds *folder*; `None` if the drive is local.

    Linux and Windows tell. Other systems do not, so the result is `None` there.

    Args:
        folder: Absolute path without links.
    """
    if sys.platform == "win32":
        return _windows_drive(str(folder))
    try:
        mounts = _MOUNTS.read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:  # another system, or one without /proc
        return None
    kind = file_system(folder, mounts)
    return kind if kind in _NETWORK_TYPES else None


def file_system(folder: Path, mounts: str) -> str | None:
    """
    Return the type of the file system that holds *folder*; `None` if no mount does.

    Args:
        folder: Absolute path without links.
        mounts: Text in the format of `/proc/self/mountinfo`.
    """
    best, found = -1, None
    for line in mounts.splitlines():
        before, _, after = line.partition(" - ")
        fields, kind = before.split(" "), after.partition(" ")[0]
        if len(fields) <= _MOUNT_POINT:
            continue
        point = Path(re.sub(r"\\([0-7]{3})", lambda code: chr(int(code[1], 8)), fields[_MOUNT_POINT]))
        # A later mount on the same folder hides an earlier one.
        if folder.is_relative_to(point) and len(point.parts) >= best:
            best, found = len(point.parts), kind
    return found


_MOUNT_POINT: Final = 4
"""Field with the folder of a mount."""


def is_unc(path: str) -> bool:
    r"""Return whether a path of Windows names another machine, for example `\\server\share\file`."""
    plain = path.replace("/", "\\").upper()
    if plain.startswith("\\\\?\\"):
        return plain.startswith("\\\\?\\UNC\\")
    return plain.startswith("\\\\") and not plain.startswith("\\\\.\\")


if sys.platform == "win32":
    import ctypes

    _REMOTE: Final = 4

    def _windows_drive(path: str) -> str | None:
        root = f"{os.path.splitdrive(path)[0]}\\"
        if is_unc(path) or ctypes.windll.kernel32.GetDriveTypeW(root) == _REMOTE:
            return "network drive"
        return None
