"""Define the checks as data: the name of each, how it is checked, and the remedies of its problems."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any, Final, NamedTuple

from etelecom_async.cli import exit_codes


class Status(StrEnum):
    """The result of a check."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"
    SKIPPED = "skipped"
    """The check needs another one, which failed."""


class Finding(NamedTuple):
    """What a check found."""

    check: Check
    target: str
    """The host, or the variable of a key."""
    status: Status
    finding: str
    remedy: str = ""

    def line(self) -> str:
        """Return the finding as one line."""
        return f"{self.target}: {self.finding}. {self.remedy}"

    def row(self) -> dict[str, Any]:
        """Return the finding as plain data."""
        return {
            "check": self.check.name,
            "target": self.target,
            "status": self.status.value,
            "finding": self.finding,
            "remedy": self.remedy,
            "how": self.check.how,
        }


class Check(NamedTuple):
    """A check."""

    name: str
    how: str
    """How it is checked."""
    remedies: Mapping[str, str]
    """What to do about each problem."""
    exit_code: int = exit_codes.FAILED
    """The exit code if the check fails."""

    def ok(self, target: str, finding: str) -> Finding:
        """Return the finding that all is well."""
        return Finding(self, target, Status.OK, finding)

    def warning(self, target: str, finding: str, problem: str) -> Finding:
        """Return a finding that may cause trouble; *problem* names its remedy."""
        return Finding(self, target, Status.WARNING, finding, self.remedies[problem])

    def failed(self, target: str, finding: str, problem: str) -> Finding:
        """Return a finding that stops calls; *problem* names its remedy."""
        return Finding(self, target, Status.FAILED, finding, self.remedies[problem])

    def skipped(self, target: str, after: Check) -> Finding:
        """Return the finding of a check that needs the check *after*, which failed."""
        return Finding(self, target, Status.SKIPPED, f"not checked, because this failed: {after.name}")


BASE_URL: Final = Check(
    "base URL",
    "reads --base-url, the environment or the profile, and compares the host with eTelecom's",
    {
        "form": "Correct --base-url, the variable or the profile, or leave it out for eTelecom's service.",
        "host": "If you did not choose this host, remove it from --base-url, the variable or the profile.",
    },
)
PROXY: Final = Check(
    "proxy",
    "reads HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY, and connects to the proxy",
    {
        "form": "Write it as http://host:port or http://user:password@host:port.",
        "unused": "Use https, or unset the variable: an unencrypted call would show the key to the proxy.",
        "unreachable": "Correct host and port of the proxy in the variable, or unset the variable.",
        "credentials": "Put user name and password into the variable: http://user:password@host:port.",
        "refused": "Ask your network's administrator to allow this host, or name the host in NO_PROXY.",
    },
)
DNS: Final = Check(
    "DNS",
    "looks up the host",
    {
        "unknown": "Check the spelling of the host, and the DNS servers of this machine.",
    },
)
CONNECTION: Final = Check(
    "connection",
    "opens a TCP connection, through the proxy if there is one",
    {
        "refused": "Check the port of the base URL. If it is a sandbox, start it with `etelecom sandbox`.",
        "unreachable": "A firewall may block the port: allow outgoing connections to it, or use a proxy.",
    },
)
TLS: Final = Check(
    "TLS",
    "makes a TLS handshake, and checks the certificate as a call does",
    {
        "expired": "If the clock of this machine is right, the server must renew its certificate.",
        "early": "Set the clock of this machine: the certificate starts later than its time.",
        "host": "Check the base URL: the certificate belongs to another host, or to a proxy.",
        "issuer": (
            "A proxy may replace certificates: set SSL_CERT_FILE to the file with its authority. "
            "Else update the certificates of this machine."
        ),
        "other": "Check that the port speaks https, and that no proxy or firewall stops the handshake.",
        "soon": "Tell the service that its certificate ends soon.",
    },
)
CLOCK: Final = Check(
    "clock",
    "compares the header Date of a response with the clock of this machine",
    {
        "off": "Set the clock of this machine, for example with NTP: days and certificates depend on it.",
        "no date": "A proxy may remove the header. Compare the clock of this machine with another one.",
    },
)
KEY: Final = Check(
    "key",
    (
        "looks for a key in --key-file, the environment, the profile or the key store, and compares its form "
        "with the documented forms"
    ),
    {
        "missing": "Run `etelecom auth login`, or look at `etelecom help keys` for other places of a key.",
        "username": (
            "Set ETELECOM_SMS_USERNAME and ETELECOM_SMS_PASSWORD, or run `etelecom auth login --as sms`."
        ),
        "form": "Copy the key again, without anything before or after it.",
        "kind": (
            "Store the key with `etelecom auth login`, or in the variable that `etelecom help keys` names."
        ),
        "shop": "Correct the shop, or connect it: `etelecom connect --shop-id ID`.",
        "unknown form": "Ignore this if the service accepts the key. Else copy the key again.",
    },
    exit_codes.KEY,
)
ACCESS: Final = Check(
    "access",
    "makes one small READ call with the key",
    {
        "refused": "Check that the key is current, and that it belongs to this base URL.",
        "failed": "Run `etelecom doctor` again. If the call fails again, ask the service.",
    },
    exit_codes.KEY,
)
PATH: Final = Check(
    "path name",
    "makes a small READ call as Etelecom/… and as ETelecom/…",
    {
        "other": "Set ETELECOM_WIRE_NAMES=Etelecom={name}, because this service knows only that name.",
        "failed": "Run `etelecom doctor` again. If calls fail now and then, check the network first.",
        "none": "Check the base URL: it may be that of another service, or may have too many parts.",
    },
)
LATENCY: Final = Check(
    "latency",
    "takes the median time of five small READ calls on an open connection",
    {
        "slow": "Compare with another network: a VPN, a proxy or a long way to Vietnam may be the reason.",
        "failed": "Run `etelecom doctor` again. If calls fail now and then, check the network first.",
    },
)

COLUMNS: Final = ("check", "target", "status", "finding", "remedy", "how")
"""Columns of a finding."""
SHOWN: Final = COLUMNS[:-1]
"""Columns of tables and of TSV."""


def exit_code(findings: Iterable[Finding]) -> int:
    """Return the exit code: that of the first failed check."""
    return next((each.check.exit_code for each in findings if each.status is Status.FAILED), exit_codes.DONE)
