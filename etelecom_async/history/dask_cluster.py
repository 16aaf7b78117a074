"""Connect to a cluster of Dask, and check that its processes can export calls."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager, suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final

from distributed import Client

from etelecom_async._core.values import kind_of
from etelecom_async._version import __version__
from etelecom_async.errors import ClusterError, EtelecomError, InvalidRequestError
from etelecom_async.history.dask_plugin import CallsPlugin, problem_of_folder

_CONNECT: Final = 10
"""Seconds to wait for the scheduler."""
_ANSWER: Final = 30
"""Seconds to wait for a worker. It may have to load packages first, from a shared folder."""
_CLOSE: Final = 10
"""Seconds to wait for an answer of the scheduler at the end."""
_PACKAGE: Final = "etelecom-async"


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
            raise self._silent(error) from None

    def _silent(self, error: Exception) -> ClusterError:
        reason = type(error).__name__
        return ClusterError(f"the scheduler at {self._address} does not answer: {reason}.")

    async def check_packages(self) -> None:
        """
        Check that the scheduler and all workers have the packages. The scheduler reads the tasks, too.

        Raises:
            ClusterError: One has not.
        """
        try:
            async with asyncio.timeout(_CONNECT):
                found: object = await self.client.run_on_scheduler(version, _PACKAGE)
        except PackageNotFoundError as error:
            found = error
        except (OSError, TimeoutError) as error:
            raise self._silent(error) from None
        if problem := _problem_of_version(_PACKAGE, found):
            raise ClusterError(f"the scheduler at {self._address} {problem}.")
        for worker, each in (await self._problems_of_packages(await self.threads())).items():
            if each is not None:
                raise ClusterError(f"the worker at {worker} {each}.")

    async def problems_of(self, workers: Iterable[str], key_file: Path) -> dict[str, str | None]:
        """
        Return for each worker why it cannot export; `None` if it can.

        Args:
            workers: The addresses of the workers.
            key_file: The file of the plugin.
        """
        problems = await self._problems_of_packages(workers)
        able = [worker for worker, problem in problems.items() if problem is None]
        for worker, found in (await self._run(problem_of_folder, str(key_file), workers=able)).items():
            if found is not None:
                reason = found if isinstance(found, str) else f"the check raised {type(found).__name__}"
                problems[worker] = f"cannot write into {key_file.parent}: {reason}"
        return problems

    async def _problems_of_packages(self, workers: Iterable[str]) -> dict[str, str | None]:
        problems: dict[str, str | None] = dict.fromkeys(workers)
        for name in (_PACKAGE, "pyarrow"):
            able = [worker for worker, problem in problems.items() if problem is None]
            for worker, found in (await self._run(version, name, workers=able)).items():
                problems[worker] = _problem_of_version(name, found)
        return problems

    async def _run(self, function: Any, *args: str, workers: list[str]) -> dict[str, object]:
        """Run a function in workers; return its result or its error for each."""
        answers: list[object] = await asyncio.gather(
            *(self._answer(each, function, args) for each in workers)
        )
        return dict(zip(workers, answers, strict=True))

    async def _answer(self, worker: str, function: Any, args: tuple[str, ...]) -> object:
        try:
            async with asyncio.timeout(_ANSWER):
                found: Any = await self.client.run(function, *args, workers=[worker], on_error="return")
        except (OSError, TimeoutError) as error:
            return error
        return found[worker]

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
            except Exception as error:  # noqa: BLE001 - the error of a worker may be anything, and show anything
                message = f"a worker cannot load the plugin of the export: it raised {type(error).__name__}."
                raise ClusterError(message) from None
            yield
        finally:
            with suppress(OSError, TimeoutError, ValueError):
                async with asyncio.timeout(_CLOSE):
                    await self.client.unregister_worker_plugin(plugin.name)


def _problem_of_version(name: str, found: object) -> str | None:
    """
    Return why a process with this version of a package cannot export; `None` if it can.

    Args:
        name: The name of the package.
        found: Its version, or the error of the question.
    """
    if isinstance(found, PackageNotFoundError):
        return f"has no {name}: install etelecom-async {__version__} with its extra `dask` there"
    if not isinstance(found, str):
        return f"does not answer: {type(found).__name__}"
    if name == _PACKAGE and found != __version__:
        return f"has {name} {found}, and this process has {__version__}: install one of them"
    return None


@asynccontextmanager
async def connected(scheduler: str | Client) -> AsyncGenerator[Cluster]:
    """
    Connect to a scheduler, and disconnect at the end of the block.

    Args:
        scheduler: Its address, or a client of it. The client is not used itself, and stays open.

    Raises:
        InvalidRequestError: It is neither.
        ClusterError: There is no scheduler at the address, or it is lost within the block.
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
        try:
            yield Cluster(client, address)
        except EtelecomError:
            raise
        except Exception:
            # A client that has lost its scheduler raises errors of many classes.
            if client.status != "running":
                raise ClusterError(f"the scheduler at {address} is lost.") from None
            raise
    finally:
        if client is not None:
            with suppress(OSError, TimeoutError):
                async with asyncio.timeout(_CLOSE):
                    await client.close()
