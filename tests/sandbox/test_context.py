"""The registry of handlers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from etelecom_async.sandbox.context import handles

if TYPE_CHECKING:
    from etelecom_async.sandbox.context import Context, Response


def test_one_handler_for_a_name() -> None:
    """A second handler of an operation raises an error, because only one of the two would run."""

    def handler(_: Context, __: object) -> Response:
        return {}

    with pytest.raises(ValueError, match="has a handler already"):
        handles("shop.tenant.get")(handler)
