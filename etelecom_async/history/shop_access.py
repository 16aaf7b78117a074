"""Send the keys of shops and the options of their clients to another process, and make the clients there."""

from __future__ import annotations

import io
import math
import pickle
from collections.abc import Mapping
from typing import Any, Final, Self, cast

import attrs

from etelecom_async._client import ShopClient
from etelecom_async._core.api_keys import Identity
from etelecom_async._core.calls.engine import Engine
from etelecom_async._core.calls.limiter import Limiters
from etelecom_async._core.calls.options import Options
from etelecom_async._core.clock import CLOCK
from etelecom_async._core.http.connection import ConnectionConfig
from etelecom_async._core.http.tls import Tls
from etelecom_async._core.http.transport import Transport
from etelecom_async._core.secret import Secret
from etelecom_async._generated.operations import OPERATIONS
from etelecom_async._shop_keys import StoredKeyEngine
from etelecom_async.errors import InvalidRequestError, UnauthenticatedError


@attrs.frozen(kw_only=True)
class ShopAccess:
    """The key of a shop, and how its calls are made."""

    identity: Identity
    options: Options
    connection: ConnectionConfig

    @classmethod
    async def of(cls, shop: ShopClient) -> Self:
        """
        Return the access of a client. A key in a key store is loaded.

        Raises:
            InvalidRequestError: The client has a connection that no other process can have.
            ShopNotConnectedError: The key store has no key.
            KeyStoreError: The key store failed.
        """
        engine: Engine = cast("Any", shop)._engine
        identity = engine.identity
        if isinstance(engine, StoredKeyEngine):
            key = engine.key.current or await engine.key.load(within=engine.options.deadline)
            identity = attrs.evolve(identity, secret=key)
        transport = cast("Any", engine.transport)
        connection: ConnectionConfig = transport._connection
        problem = ""
        if transport._given is not None:
            problem = "a client with session= cannot be used on other machines: omit session="
        elif not isinstance(connection.tls, Tls | None):
            problem = "a client with an ssl.SSLContext cannot be used on other machines: use tls=Tls(...)"
        if problem:
            raise InvalidRequestError((problem,))
        # Hooks are functions of this process, and the rate is split between the workers.
        options = attrs.evolve(engine.options, hooks=(), rate=math.inf, clock=CLOCK)
        return cls(identity=identity, options=options, connection=connection)

    async def renewed(self, shop: ShopClient, refusal: UnauthenticatedError) -> Self:
        """
        Return the access with another key in place of this one, which the service refused.

        Args:
            shop: The client. It replaces a key in a key store.
            refusal: The error.

        Raises:
            EtelecomError: There is no other key: *refusal*, or why the client got none.
        """
        engine: Engine = cast("Any", shop)._engine
        if not isinstance(engine, StoredKeyEngine):
            raise refusal
        key = await engine.renewed(self.identity.secret, refusal)
        return attrs.evolve(self, identity=attrs.evolve(self.identity, secret=key))


class ShopClients:
    """
    Clients of shops that share a rate and their connections.

    Args:
        accesses: The access of each shop, by its id.
        rate: Maximum number of attempts that start within a second; infinite for no limit.
    """

    def __init__(self, accesses: Mapping[str, ShopAccess], rate: float) -> None:
        self._accesses: Final = accesses
        self._limiters: Final = Limiters(1, rate, CLOCK)
        # A lost worker with the same part of the rate may have started an attempt just now.
        self._limiters.skip_start()
        self._transports: Final[list[tuple[ConnectionConfig, Transport]]] = []
        self._clients: Final[dict[str, ShopClient]] = {}

    def client(self, shop_id: str) -> ShopClient:
        """Return the client of a shop; the same one each time."""
        client = self._clients.get(shop_id)
        if client is None:
            access = self._accesses[shop_id]
            limiters = self._limiters.with_own(access.options.concurrency, None)
            limiters = limiters.for_key(access.identity.secret)
            engine = Engine(
                identity=access.identity,
                transport=self._transport(access.connection),
                options=access.options,
                limiters=limiters,
                operations=OPERATIONS,
            )
            new: Any = ShopClient.__new__(ShopClient)
            client = self._clients[shop_id] = cast("ShopClient", new._copy(engine))
        return client

    def _transport(self, connection: ConnectionConfig) -> Transport:
        for known, transport in self._transports:
            if known == connection:
                return transport
        transport = Transport(None, connection)
        self._transports.append((connection, transport))
        return transport

    async def close(self) -> None:
        """Close the connections."""
        for _, transport in self._transports:
            await transport.close()


class _WithSecrets(pickle.Pickler):
    """A pickler that keeps the texts of secrets."""

    def reducer_override(self, value: object, /) -> Any:
        """Return how to make a value again; `NotImplemented` for the usual way."""
        if isinstance(value, Secret) and value:
            return Secret, (value.reveal(),)
        return NotImplemented


def dumps_with_secrets(value: object) -> bytes:
    """Return the pickle of a value, in which each secret can be read. Only plugins of workers may have it."""
    stream = io.BytesIO()
    _WithSecrets(stream).dump(value)
    return stream.getvalue()
