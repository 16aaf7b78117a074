"""Change clients while a test runs: those that are created meanwhile, and those that the test names."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Self, TypeVar, cast

from etelecom_async._client import ENGINE_CHANGES, PartnerClient, ShopClient, SmsClient
from etelecom_async._core.calls.engine import Engine

Client = PartnerClient | ShopClient | SmsClient
ClientT = TypeVar("ClientT", PartnerClient, ShopClient, SmsClient)


class Diversion:
    """
    Changes clients inside of a `with`.

    It changes each client that any code of this process creates inside. `attach` also changes a client that
    exists already. The end of the `with` undoes what `attach` did.
    """

    def __init__(self) -> None:
        self._attached: list[tuple[Client, Engine]] = []
        self._is_active = False

    def __enter__(self) -> Self:
        if self._is_active:
            raise RuntimeError(f"this {type(self).__name__} is in use already; create another one")
        ENGINE_CHANGES.append(self.changed)
        self._is_active = True
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._is_active = False
        ENGINE_CHANGES.remove(self.changed)
        while self._attached:
            client, engine = self._attached.pop()
            cast("Any", client)._engine = engine

    def attach(self, client: ClientT) -> ClientT:
        """
        Change a client that exists already, and return it.

        Clients that it gives later, for example by `for_shop`, are changed, too. Those that it gave before
        are not.

        Raises:
            RuntimeError: This object is not active; use it in a `with`.
        """
        if not self._is_active:
            raise RuntimeError(f"use the {type(self).__name__} in a `with`, which ends what attach() does")
        holder = cast("Any", client)
        self._attached.append((client, holder._engine))
        holder._engine = self.changed(holder._engine)
        return client

    def changed(self, engine: Engine) -> Engine:
        """Return *engine* as it is while this object is active."""
        raise NotImplementedError
