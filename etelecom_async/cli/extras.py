"""
Build the shell command that installs a missing optional package.

The command names the package itself, with the version bounds of the SDK's extra, and not
`etelecom-async[...]`. So it works for a checkout, a wheel or a release: `etelecom-async` need not be on a
package index.
"""

import re
import shlex
import sys
from importlib.util import find_spec
from typing import Final

_DISTRIBUTION: Final = "etelecom-async"
# A requirement in the metadata: name, version bounds, and the marker of the extra.
_REQUIREMENT: Final = re.compile(r"(?P<name>[\w.-]+)\s*(?P<bounds>[^;]*)")


def install_command(*names: str) -> str:
    """
    Return the shell command that installs packages into the environment of this interpreter.

    Args:
        *names: Names of the packages, as in the extras of `pyproject.toml`.
    """
    # Environments created by uv have no pip.
    if find_spec("pip"):
        installer = [sys.executable, "-m", "pip", "install"]
    else:
        installer = ["uv", "pip", "install", "--python", sys.executable]
    return shlex.join([*installer, *(f"{name}{_bounds(name)}" for name in names)])


def _bounds(name: str) -> str:
    """Return the version bounds of a requirement; empty if the installed metadata do not list it."""
    from importlib import metadata  # slow, and only a missing package needs it

    try:
        requirements = metadata.requires(_DISTRIBUTION) or []
    except metadata.PackageNotFoundError:  # the source is on the path, but not installed
        return ""
    matches = map(_REQUIREMENT.match, requirements)
    return next((match["bounds"].strip() for match in matches if match and match["name"] == name), "")
