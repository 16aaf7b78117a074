"""Models of the API. The first use of a model loads all models of its area."""

from typing import TYPE_CHECKING, Any

from etelecom_async._generated import models as _models

if TYPE_CHECKING:
    from etelecom_async._generated.models import *  # noqa: F403 - all models, for type checkers only

__all__ = _models.__all__  # pyright: ignore[reportUnsupportedDunderAll] - the generated package has the list


def __getattr__(name: str) -> Any:
    return getattr(_models, name)


def __dir__() -> list[str]:
    return list(__all__)
