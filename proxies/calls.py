"""
One call of each effect, and the records that count its executions.

Each call carries a number of its own. The records are read from the origin, not through a proxy.
"""

from __future__ import annotations

import itertools
from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import Any, ClassVar, Final

from etelecom_async import Effect, ShopClient

_NUMBERS: Final = itertools.count(1)


class Call(ABC):
    """
    A call with a number of its own.

    Args:
        direct: A client of the origin itself, for the records.
    """

    effect: ClassVar[Effect]
    operation: ClassVar[str]

    def __init__(self, direct: ShopClient) -> None:
        self.direct = direct
        self.number: Final = next(_NUMBERS)

    async def prepare(self) -> None:  # noqa: B027 - few calls need records that exist
        """Create what the call needs."""

    @abstractmethod
    async def make(self, shop: ShopClient) -> None:
        """Make the call."""

    @abstractmethod
    async def executions(self) -> int:
        """Return how often the call was executed; for an effect that leaves no record for each, 0 or 1."""


class Read(Call):
    """Reads the employees."""

    effect = Effect.READ
    operation = "shop.users.list"

    async def prepare(self) -> None:
        """Read the rows that are expected."""
        self._expected = await self._oldest(self.direct)

    async def make(self, shop: ShopClient) -> None:
        """Make the call, and check the rows."""
        found = await self._oldest(shop)
        if found != self._expected:
            raise RuntimeError(f"read {found} instead of {self._expected}")

    @staticmethod
    async def _oldest(shop: ShopClient) -> list[str]:
        return [user.user_id for user in await shop.users.list(sort="created_at", limit=4)]

    async def executions(self) -> int:
        """Return 0: a read leaves no record."""
        return 0


class Assign(Call):
    """Assigns an extension to another employee."""

    effect = Effect.IDEMPOTENT
    operation = "shop.extensions.assign"

    async def prepare(self) -> None:
        """Choose the extension, and an employee that does not have it."""
        users = [user.user_id for user in await self.direct.users.list(sort="created_at", limit=4)]
        (self._extension,) = await self.direct.extensions.list(sort="created_at", limit=1)
        self._user_id = next(user for user in users if user != self._extension.user_id)

    async def make(self, shop: ShopClient) -> None:
        """Make the call."""
        await shop.extensions.assign(extension_id=self._extension.id, user_id=self._user_id)

    async def executions(self) -> int:
        """Return whether the employee has the extension."""
        (extension,) = await self.direct.extensions.list(sort="created_at", limit=1)
        return int(extension.user_id == self._user_id)


class Delete(Call):
    """Deletes a webhook."""

    effect = Effect.DELETE
    operation = "webhooks.delete"

    async def prepare(self) -> None:
        """Create the webhook."""
        url = f"https://example.com/{self.number}"
        self._id = (await self.direct.webhooks.create(url=url, entities=["call_log"])).id

    async def make(self, shop: ShopClient) -> None:
        """Make the call."""
        await shop.webhooks.delete(id=self._id)

    async def executions(self) -> int:
        """Return whether the webhook is absent."""
        return int(self._id not in [hook.id for hook in await self.direct.webhooks.list().collect()])


class Create(Call):
    """Creates an employee with a phone number of its own."""

    effect = Effect.CREATE
    operation = "shop.users.create"

    @property
    def _phone(self) -> str:
        return f"09{self.number:08}"

    async def make(self, shop: ShopClient) -> None:
        """Make the call."""
        await shop.users.create(full_name="Lê An", phone=self._phone, password="one-time")  # noqa: S106 - invented

    async def executions(self) -> int:
        """Return the number of employees with the phone number."""
        return len(await self.direct.users.list(phone=self._phone).collect())


class Send(Call):
    """Sends a ZNS with a tracking id of its own."""

    effect = Effect.SEND
    operation = "shop.zns.messages.send"

    @property
    def _tracking_id(self) -> str:
        return f"proxies-{self.number}"

    async def prepare(self) -> None:
        """Find a template for one-time passwords."""
        async for account in self.direct.zalo.accounts.list():
            async for template in self.direct.zns.templates.list(oa_id=account.oa_id):
                if (template.type, template.template_status) == ("otp", "ENABLE"):
                    self._template: dict[str, Any] = {
                        "oa_id": account.oa_id,
                        "template_id": template.template_id,
                    }
                    return
        raise RuntimeError("the sandbox has no template for one-time passwords")

    async def make(self, shop: ShopClient) -> None:
        """Make the call."""
        data = {"otp": "123456"}
        await shop.zns.messages.send(
            **self._template, phone="0901234560", template_data=data, tracking_id=self._tracking_id
        )

    async def executions(self) -> int:
        """Return the number of ZNS with the tracking id."""
        return len(await self.direct.zns.messages.list(tracking_id=self._tracking_id).collect())


CALLS: Final[Iterable[type[Call]]] = (Read, Assign, Delete, Create, Send)
