"""Every model of the API, by name; each area is made when one of its models is first used."""

from typing import TYPE_CHECKING, Any

from etelecom_async._generated import models as _models

if TYPE_CHECKING:
    from etelecom_async._generated.models import *  # noqa: F403 - all of them, for the checkers only

__all__ = _models.__all__  # pyright: ignore[reportUnsupportedDunderAll] - written in one place


def __getattr__(name: str) -> Any:
    return getattr(_models, name)


def __dir__() -> list[str]:
    return list(__all__)
