"""Run the checks in their order: first those that others need."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from etelecom_async.cli.calling import Client, client, showing
from etelecom_async.cli.credentials import PARTNER, SHOP, SMS, Credentials
from etelecom_async.cli.doctor import addresses, keys, network, service
from etelecom_async.cli.doctor.checks import (
    ACCESS,
    BASE_URL,
    CLOCK,
    CONNECTION,
    DNS,
    KEY,
    LATENCY,
    PATH,
    PROXY,
    TLS,
    Check,
    Finding,
    Status,
)
from etelecom_async.cli.doctor.keys import Key
from etelecom_async.cli.settings import Settings

_SERVICES = ((PARTNER, SHOP), (SMS,))
"""Clients that share a service."""


async def diagnose(
    found: Sequence[Credentials],
    base_url: str | None,
    settings: Settings | None = None,
    *,
    usual: str = SHOP,
    missing: Finding | None = None,
    is_debug: bool = False,
) -> list[Finding]:
    """
    Run all checks, and return their findings.

    Args:
        found: The keys to check.
        base_url: The value of `--base-url`, for the only client or for all of the API.
        settings: The settings of the command. Default: those of the usual profile.
        usual: The client whose service is checked if there is no key.
        missing: The finding about a key that was not found, if any.
        is_debug: Whether to show each request.
    """
    checked = list(keys.check(found)) if found or missing is None else []
    findings = [finding for finding, _ in checked] + ([] if missing is None else [missing])
    usable = [key for _, key in checked if key is not None]
    clients = {each.client for each in found} or {usual}
    for shared in _SERVICES:
        if clients.isdisjoint(shared):
            continue
        url = None if shared == (SMS,) and clients != {SMS} else base_url
        own = [key for key in usable if key.credentials.client in shared]
        finding, cleaned = addresses.base_url(shared[-1], url, settings)
        findings.append(finding)
        if cleaned is None:
            findings += _skipped(_after(BASE_URL, shared[-1]), finding.target, BASE_URL)
        else:
            findings += await _service(shared[-1], own, cleaned, is_debug=is_debug)
    return sorted(findings, key=lambda each: _ORDER.index(each.check.name))


_ORDER = [check.name for check in (BASE_URL, PROXY, DNS, CONNECTION, TLS, KEY, ACCESS, PATH, CLOCK, LATENCY)]


async def _service(name: str, own: Sequence[Key], url: str, *, is_debug: bool) -> list[Finding]:
    """Check one service with the keys for it."""
    address = addresses.Address.of(url)
    finding, proxy = addresses.proxy(url)
    findings = [finding]
    if finding.status is Status.FAILED:
        return findings + _skipped(_after(PROXY, name), address.host, PROXY)
    if proxy is None:  # else the proxy looks it up
        findings.append(await network.dns(address))
        if findings[-1].status is Status.FAILED:
            return findings + _skipped(_after(DNS, name), address.host, DNS)
    steps = await network.connection(address, proxy)
    if steps[0].check is PROXY:
        findings.remove(finding)
    findings += steps
    if findings[-1].status is Status.FAILED:
        failed = findings[-1].check
        return findings + _skipped(_after(max(failed, TLS, key=_place), name), str(address), failed)
    return findings + await _calls(own, url, str(address), is_debug=is_debug)


def _place(check: Check) -> int:
    return _ORDER.index(check.name)


def _after(check: Check, name: str) -> list[Check]:
    later = [DNS, CONNECTION, ACCESS, *([] if name == SMS else [PATH]), CLOCK, LATENCY]
    return [each for each in later if _place(each) > _place(check)]


def _skipped(checks: Iterable[Check], target: str, after: Check) -> list[Finding]:
    return [check.skipped(target, after) for check in checks]


async def _calls(own: Sequence[Key], url: str, target: str, *, is_debug: bool) -> list[Finding]:
    """Make calls with each key; the first accepted one shows path name and latency."""
    findings: list[Finding] = []
    accepted: tuple[Client, Key] | None = None
    ear = service.Ear()
    opened: list[Client] = []
    try:
        for key in own:
            watch = showing(key.credentials) if is_debug else None
            opened.append(client(key.credentials, url, watch, ear))
            made = opened[-1].with_options(retries=0, attempt_timeout=network.TIMEOUT)
            findings.append(await service.access(made, key))
            if accepted is None and findings[-1].status is Status.OK:
                accepted = made, key
        if ear.heard_at is not None:
            findings.append(service.clock(ear, target))
        if accepted is not None:
            if accepted[1].credentials.client != SMS:
                findings.append(await service.path_name(*accepted, target))
            findings.append(await service.latency(*accepted, target))
    finally:
        for made in opened:
            await made.close()
    return findings
