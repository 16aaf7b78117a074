"""What a new sandbox holds: wrong content is refused."""

from __future__ import annotations

from typing import Any

import pytest

from etelecom_async.sandbox.world.content import UNTIL, Content


@pytest.mark.parametrize(
    "content",
    [
        {"users": -1},
        {"tenants": 0},
        {"hotlines": 0},
        {"official_accounts": 0},
        {"sms_quota": -1},
        {"until": UNTIL.replace(tzinfo=None)},
    ],
)
def test_impossible_content(content: dict[str, Any]) -> None:
    """A negative number, a missing requirement and a time without a zone raise an error."""
    with pytest.raises(ValueError, match=r"cannot be negative|need at least one|needs a zone"):
        Content(**content)
