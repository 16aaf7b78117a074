"""The version of the SDK. The build backend reads it here; nothing else states it."""

__version__ = "0.1.0"
