"""
Read the settings of the services from environment variables, with pydantic-settings.

    pip install pydantic-settings

Keys and passwords are `SecretStr`: their repr is `**********`. The SDK takes a `SecretStr` as a key.
"""

from __future__ import annotations

from typing import ClassVar, Self

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """
    The settings of a service that sends ZNS for orders.

    An error of pydantic shows parts of all values by default, so `hide_input_in_errors` is on.
    """

    model_config: ClassVar[SettingsConfigDict] = SettingsConfigDict(
        env_prefix="ORDERS_", hide_input_in_errors=True, frozen=True
    )

    shop_api_key: SecretStr = Field(validation_alias="ETELECOM_SHOP_API_KEY")
    base_url: str | None = Field(None, validation_alias="ETELECOM_BASE_URL")
    database_url: SecretStr  # it may have a password
    oa_id: str
    template_id: int
    # All of these are seconds.
    deadline: float = Field(6, gt=0)  # for a call; with `queue_timeout`, shorter than your grace period
    queue_timeout: float = Field(2, gt=0)  # for the turn of a call, for example when the service throttles
    answer_within: float = Field(3, ge=0)  # that a request waits for its message
    look_every: float = Field(5, gt=0)  # between two looks at the queue
    retry_after: float = Field(60, ge=0)  # the age of a queued message that any process sends
    pause: float = Field(
        60, ge=0
    )  # without messages, when a quota is used up or the service cannot be reached
    settle_after: float = Field(600, ge=0)  # the age of a message in doubt; a slow proxy may hold its request

    @classmethod
    def read(cls) -> Self:
        """Return the settings of the environment; raise pydantic's `ValidationError` if one is missing."""
        return cls.model_validate({})
