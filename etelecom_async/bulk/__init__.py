"""
Make thousands of calls, each of them once, whatever breaks on the way.

A journal on disk records what is planned, started and done. So a job that was killed continues where it was.
It needs the extra `bulk`: `pip install 'etelecom-async[bulk]'`.

`import etelecom_async.bulk` loads none of its modules. The first use of a name loads its module.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from etelecom_async.bulk.rate import SharedRate
    from etelecom_async.bulk.states import State

__all__ = [
    "SharedRate",
    "State",
]

_MODULES: Final = {
    "SharedRate": "rate",
    "State": "states",
}
"""Module of each public name."""

if not TYPE_CHECKING:  # type checkers see the imports above, so they report unknown names

    def __getattr__(name: str) -> object:
        if name not in _MODULES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
        globals()[name] = value
        return value

    def __dir__() -> list[str]:
        return sorted({*__all__, *(name for name in globals() if name.startswith("_"))})
