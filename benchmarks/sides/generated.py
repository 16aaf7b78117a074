"""
Use the clients that two generators make from our own spec file.

`nox -s benchmarks` generates them, and names their folder in `ETELECOM_CLIENTS`. The type checkers do not see
them.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any, Final

from benchmarks.measure import Run, repeating
from benchmarks.recordings import EXTENSION_NUMBER, ROWS
from benchmarks.sides import KEY, expect

FOLDER_VARIABLE: Final = "ETELECOM_CLIENTS"


def _package(name: str) -> Any:
    folder = os.environ.get(FOLDER_VARIABLE, "")
    if folder and folder not in sys.path:
        sys.path.append(folder)
    return importlib.import_module(name)


def _expect_login(login: Any) -> None:
    expect(login.extension_number, EXTENSION_NUMBER)


def _expect_page(page: Any) -> None:
    expect(len(page.call_logs), ROWS)


@asynccontextmanager
async def openapi_generator_small_call(url: str) -> AsyncGenerator[Run]:
    """Look up the login of one extension with the client of openapi-generator (aiohttp, pydantic)."""
    package = _package("openapi_generator_pbx")
    async with _openapi_generator(package, url) as client:
        api = package.ExtensionsApi(client)

        def call() -> Any:
            request = package.GetExtensionInfoRequest(extension_number=EXTENSION_NUMBER)
            return api.etelecom_get_extension_info("shop", request)

        yield repeating(call, _expect_login)


@asynccontextmanager
async def openapi_generator_page(url: str) -> AsyncGenerator[Run]:
    """Fetch a page of 100 call logs with the client of openapi-generator."""
    package = _package("openapi_generator_pbx")
    async with _openapi_generator(package, url) as client:
        api = package.CallLogsApi(client)

        def call() -> Any:
            request = package.ListCallLogsRequest(paging=package.Paging(limit=ROWS))
            return api.etelecom_list_call_logs("shop", request)

        yield repeating(call, _expect_page)


def _openapi_generator(package: Any, url: str) -> Any:
    return package.ApiClient(package.Configuration(host=f"{url}/plain", access_token=KEY))


@asynccontextmanager
async def openapi_python_client_small_call(url: str) -> AsyncGenerator[Run]:
    """Look up the login of one extension with the client of openapi-python-client (httpx, attrs)."""
    package = _package("openapi_python_client_pbx")
    models = _package("openapi_python_client_pbx.models")
    operation = _package("openapi_python_client_pbx.api.extensions.etelecom_get_extension_info")
    async with package.AuthenticatedClient(f"{url}/plain", token=KEY) as client:
        scope = models.EtelecomGetExtensionInfoScope.SHOP

        def call() -> Any:
            request = models.GetExtensionInfoRequest(extension_number=EXTENSION_NUMBER)
            return operation.asyncio(scope, client=client, body=request)

        yield repeating(call, _expect_login)


@asynccontextmanager
async def openapi_python_client_page(url: str) -> AsyncGenerator[Run]:
    """Fetch a page of 100 call logs with the client of openapi-python-client."""
    package = _package("openapi_python_client_pbx")
    models = _package("openapi_python_client_pbx.models")
    operation = _package("openapi_python_client_pbx.api.call_logs.etelecom_list_call_logs")
    async with package.AuthenticatedClient(f"{url}/plain", token=KEY) as client:
        scope = models.EtelecomListCallLogsScope.SHOP

        def call() -> Any:
            request = models.ListCallLogsRequest(paging=models.Paging(limit=ROWS))
            return operation.asyncio(scope, client=client, body=request)

        yield repeating(call, _expect_page)
