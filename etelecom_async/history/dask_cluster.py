"""Connect to a cluster of Dask, and check that its processes can export calls."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Final, cast

from distributed import Client

from etelecom_async._core.values import kind_of
from etelecom_async._version import __version__
from etelecom_async.errors import ClusterError, InvalidRequestError
from etelecom_async.history.dask_plugin import CallsPlugin, problem_of_folder

_CONNECT: Final = 10
"""Seconds to wait for the scheduler."""
_CLOSE: Final = 10
"""Seconds to wait for an answer of the scheduler at the end."""
_PACKAGES: Final = {"etelecom-async": __version__, "pyarrow": None}
"""Packages that each process needs, and the version if only one will do."""


class Cluster:
    """
    A scheduler and its workers.

    Args:
        client: A client with `asynchronous=True`, in this event loop.
        address: The address of the scheduler, for errors.
    """

    def __init__(self, client: Client, address: str) -> None:
        self.client: Final[Any] = client
        self._address = address

    async def threads(self) -> dict[str, int]:
        """
        Return the number of threads of each worker, by its address.

        Raises:
            ClusterError: The scheduler does not answer.
        """
        try:
            async with asyncio.timeout(_CONNECT):
                return dict(await self.client.nthreads())
        except (OSError, TimeoutError) as error:
            reason = type(error).__name__
            raise ClusterError(f"the scheduler at {self._address} does not answer: {reason}.") from None

    async def check_packages(self) -> None:
        """
        Check that the scheduler and all workers have the packages. The scheduler reads the tasks, too.

        Raises:
            ClusterError: One has not.
        """
        for name, wanted in _PACKAGES.items():
            if name == "etelecom-async":
                found = await self._version_at_scheduler(name)
                _check_package(f"the scheduler at {self._address}", name, wanted, found)
            for worker, version_there in (await self._run(version, name)).items():
                _check_package(f"the worker at {worker}", name, wanted, version_there)

    async def _version_at_scheduler(self, name: str) -> object:
        try:
            return await self.client.run_on_scheduler(version, name)
        except PackageNotFoundError as error:
            return error

    async def problems_of(self, workers: Iterable[str], folder: str, token: str) -> dict[str, str | None]:
        """Return for each worker why it cannot write into a folder; `None` if it can."""
        asked = list(workers)
        try:
            async with asyncio.timeout(_CONNECT):
                found = await self._run(problem_of_folder, folder, token, workers=asked)
        except TimeoutError:
            return dict.fromkeys(asked, "it does not answer")
        return {
            worker: each if isinstance(each, str | None) else f"the check raised {type(each).__name__}"
            for worker, each in found.items()
        }

    async def _run(self, function: Any, *args: str, workers: list[str] | None = None) -> Mapping[str, object]:
        found = await self.client.run(function, *args, workers=workers, on_error="return")
        return cast("Mapping[str, object]", found)

    @asynccontextmanager
    async def plugin(self, plugin: CallsPlugin) -> AsyncGenerator[None]:
        """
        Give a plugin to all workers, also to those that come later; take it away at the end of the block.

        Raises:
            ClusterError: A worker refuses it.
        """
        try:
            try:
                await self.client.register_plugin(plugin)
            except Exception as error:  # noqa: BLE001 - see below
                # The error of a worker may have anything in it, also in its frames.
                message = f"a worker cannot load the plugin of the export: it raised {type(error).__name__}."
                raise ClusterError(message) from None
            yield
        finally:
            with suppress(OSError, TimeoutError, ValueError):
                async with asyncio.timeout(_CLOSE):
                    await self.client.unregister_worker_plugin(plugin.name)


def _check_package(place: str, name: str, wanted: str | None, found: object) -> None:
    if not isinstance(found, str):
        raise ClusterError(
            f"{place} has no {name}: install etelecom-async {__version__} with its extra `dask` there."
        )
    if wanted is not None and found != wanted:
        raise ClusterError(f"{place} has {name} {found}, and this process has {wanted}: install one of them.")


@asynccontextmanager
async def connected(scheduler: str | Client) -> AsyncGenerator[Cluster]:
    """
    Connect to a scheduler, and disconnect at the end of the block.

    Args:
        scheduler: Its address, or a client of it. The client is not used itself, and stays open.

    Raises:
        InvalidRequestError: It is neither.
        ClusterError: There is no scheduler at the address.
    """
    given: Any = scheduler
    security: Any = None
    if isinstance(scheduler, Client):
        security = given.security
        address = str(given.scheduler.address) if given.scheduler is not None else ""
    elif isinstance(given, str):
        address = given if "://" in given else f"tcp://{given}"
    else:
        raise InvalidRequestError(
            (f"scheduler takes an address or a distributed.Client, not {kind_of(given)}",)
        )
    new: Any = Client
    client: Any = None
    try:
        try:
            client = new(
                address, asynchronous=True, timeout=_CONNECT, set_as_default=False, security=security
            )
            await client
        except ValueError:
            problem = f"scheduler takes an address like tcp://host:8786, not {address!r}"
            raise InvalidRequestError((problem,)) from None
        except (OSError, TimeoutError, RuntimeError) as error:
            raise ClusterError(f"no scheduler answers at {address}: {type(error).__name__}.") from None
        yield Cluster(client, address)
    finally:
        if client is not None:
            with suppress(OSError, TimeoutError):
                async with asyncio.timeout(_CLOSE):
                    await client.close()
