"""
The shell command that installs a missing optional package.

It names the package itself, with the bounds of our extra, and not `etelecom-async[...]`. So it works for a
checkout, a wheel or a release: no package index has to know `etelecom-async`.
"""

import re
import shlex
import sys
from importlib import metadata
from importlib.util import find_spec
from typing import Final

_DISTRIBUTION: Final = "etelecom-async"
# A requirement in metadata: its name, its bounds, and the marker of its extra.
_REQUIREMENT: Final = re.compile(r"(?P<name>[\w.-]+)\s*(?P<bounds>[^;]*)")


def install_command(name: str, /) -> str:
    """
    Return the shell command that installs a package into the environment of this interpreter.

    Args:
        name: The package's name, as in the extras of `pyproject.toml`.
    """
    # Environments that uv makes have no pip.
    if find_spec("pip"):
        installer = [sys.executable, "-m", "pip", "install"]
    else:
        installer = ["uv", "pip", "install", "--python", sys.executable]
    return shlex.join([*installer, f"{name}{_bounds(name)}"])


def _bounds(name: str) -> str:
    """Return the bounds of a requirement, empty if the installed metadata do not have it."""
    try:
        requirements = metadata.requires(_DISTRIBUTION) or []
    except metadata.PackageNotFoundError:  # the source was put on the path, and is not installed
        return ""
    matches = map(_REQUIREMENT.match, requirements)
    return next((match["bounds"].strip() for match in matches if match and match["name"] == name), "")
