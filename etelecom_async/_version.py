"""The version of the SDK. The build backend reads it here; nothing else states it."""

from typing import Final

__version__: Final = "0.1.0"
