"""
The clients that two generators make from our own spec file.

`nox -s benchmarks` has them made, and says in `ETELECOM_CLIENTS` in which folder they are. They are not there
when the types are checked.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any, Final

from benchmarks.answers import EXTENSION_NUMBER, ROWS
from benchmarks.measure import Run
from benchmarks.sides import KEY, expect

FOLDER_VARIABLE: Final = "ETELECOM_CLIENTS"


def _package(name: str) -> Any:
    folder = os.environ.get(FOLDER_VARIABLE, "")
    if folder and folder not in sys.path:
        sys.path.append(folder)
    return importlib.import_module(name)


@asynccontextmanager
async def openapi_generator_small_call(url: str) -> AsyncGenerator[Run]:
    """Look up the login of one extension with the client of openapi-generator (aiohttp, pydantic)."""
    package = _package("openapi_generator_pbx")
    async with _openapi_generator(package, url) as client:
        api = package.ExtensionsApi(client)

        async def run(times: int) -> None:
            for _ in range(times):
                question = package.GetExtensionInfoRequest(extension_number=EXTENSION_NUMBER)
                login = await api.etelecom_get_extension_info("shop", question)
                expect(login.extension_number, EXTENSION_NUMBER)

        yield run


@asynccontextmanager
async def openapi_generator_page(url: str) -> AsyncGenerator[Run]:
    """Fetch a page of 100 call logs with the client of openapi-generator."""
    package = _package("openapi_generator_pbx")
    async with _openapi_generator(package, url) as client:
        api = package.CallLogsApi(client)

        async def run(times: int) -> None:
            for _ in range(times):
                question = package.ListCallLogsRequest(paging=package.Paging(limit=ROWS))
                page = await api.etelecom_list_call_logs("shop", question)
                expect(len(page.call_logs), ROWS)

        yield run


def _openapi_generator(package: Any, url: str) -> Any:
    return package.ApiClient(package.Configuration(host=f"{url}/plain", access_token=KEY))


@asynccontextmanager
async def openapi_python_client_small_call(url: str) -> AsyncGenerator[Run]:
    """Look up the login of one extension with the client of openapi-python-client (httpx, attrs)."""
    package = _package("openapi_python_client_pbx")
    models = _package("openapi_python_client_pbx.models")
    call = _package("openapi_python_client_pbx.api.extensions.etelecom_get_extension_info")
    async with package.AuthenticatedClient(f"{url}/plain", token=KEY) as client:
        scope = models.EtelecomGetExtensionInfoScope.SHOP

        async def run(times: int) -> None:
            for _ in range(times):
                question = models.GetExtensionInfoRequest(extension_number=EXTENSION_NUMBER)
                login = await call.asyncio(scope, client=client, body=question)
                expect(login.extension_number, EXTENSION_NUMBER)

        yield run


@asynccontextmanager
async def openapi_python_client_page(url: str) -> AsyncGenerator[Run]:
    """Fetch a page of 100 call logs with the client of openapi-python-client."""
    package = _package("openapi_python_client_pbx")
    models = _package("openapi_python_client_pbx.models")
    call = _package("openapi_python_client_pbx.api.call_logs.etelecom_list_call_logs")
    async with package.AuthenticatedClient(f"{url}/plain", token=KEY) as client:
        scope = models.EtelecomListCallLogsScope.SHOP

        async def run(times: int) -> None:
            for _ in range(times):
                question = models.ListCallLogsRequest(paging=models.Paging(limit=ROWS))
                page = await call.asyncio(scope, client=client, body=question)
                expect(len(page.call_logs), ROWS)

        yield run
