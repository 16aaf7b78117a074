"""Transcripts of `etelecom doctor`, with and without `--conformance`: stdout, stderr and the exit code."""

from __future__ import annotations

import asyncio
import json
import ssl
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import trustme

from etelecom_async.key_store import FileKeyStore
from tests.cli.doctor.conftest import DROP

if TYPE_CHECKING:
    from etelecom_async.testing import Sandbox
    from tests.cli.conftest import Terminal, Tool
    from tests.reliability.conftest import Secure

CALLS = ["access", "clock", "latency", "path name"]
EXPIRED = {"not_before": datetime(2019, 1, 1, tzinfo=UTC), "not_after": datetime(2020, 1, 1, tzinfo=UTC)}


def rows(tool: Tool, *arguments: str) -> tuple[int, dict[str, dict[str, str]]]:
    """Run the doctor with JSON, and return the exit code and the last finding of each check."""
    result = tool("doctor", "--json", *arguments)
    assert result.err == ""
    assert "canary" not in result.out
    return result.code, {row["check"]: row for row in result.json}


class TestDoctor:
    """`etelecom doctor`."""

    def test_all_is_well(self, etl: Tool, service: Sandbox) -> None:
        """With a sandbox and all keys, each check is ok, for both services and all four keys."""
        result = etl("doctor")
        lines = [line.split("\t") for line in result.out.splitlines()]
        assert (result.code, result.err) == (0, "")
        assert {line[2] for line in lines} == {"ok"}
        checks = [line[0] for line in lines]
        assert checks.count("access") == checks.count("key") == 4
        assert checks.count("path name") == 1
        for check in ("base URL", "proxy", "DNS", "connection", "clock", "latency"):
            assert checks.count(check) == 2, check
        secrets = service.environment().values()
        assert not any(secret in result.out for secret in secrets if "://" not in secret and len(secret) > 8)

    def test_json(self, etl: Tool) -> None:
        """JSON has how each check is made, too; a column can be chosen."""
        code, found = rows(etl, "--as", "shop")
        assert code == 0
        assert list(found["DNS"]) == ["check", "target", "status", "finding", "remedy", "how"]
        assert found["key"]["finding"] == "a partner's key for a shop, with the form `shop<digits>:…`"
        assert set(etl("doctor", "--as", "sms", "--columns", "status").out.split()) == {"ok"}

    def test_on_a_terminal(self, terminal: Terminal) -> None:
        """On a terminal there is a table."""
        code, shown = terminal("doctor", "--as", "shop")
        assert code == 0
        assert "finding" in shown
        assert "latency" in shown

    def test_without_a_key(self, tool: Tool, service: Sandbox) -> None:
        """Without a key, the connection is checked nevertheless, and the exit code is 4."""
        code, found = rows(tool, "--base-url", service.base_url)
        assert code == 4
        assert found["connection"]["status"] == "ok"
        assert found["key"]["status"] == "failed"
        assert "etelecom help keys" in found["key"]["remedy"]
        assert "access" not in found

    @pytest.mark.parametrize(("client", "port"), [("shop", "1"), ("partner", "1"), ("sms", "2")])
    def test_service_of_a_client_without_a_key(self, tool: Tool, client: str, port: str) -> None:
        """`--as sms` without a password checks the SMS service, not another one."""
        urls = {"ETELECOM_BASE_URL": "http://127.0.0.1:1/v1", "ETELECOM_SMS_BASE_URL": "http://127.0.0.1:2"}
        tool.set(urls)
        _, found = rows(tool, "--as", client)
        assert found["connection"]["target"] == f"127.0.0.1:{port}"

    def test_key_store(self, etl: Tool, service: Sandbox) -> None:
        """A partner's key for a shop comes from the key store, by the id or the name of the shop."""
        environment = service.environment()
        etl.set({"ETELECOM_SHOP_KEY": "", "ETELECOM_SHOP_API_KEY": "", "ETELECOM_SMS_PASSWORD": ""})
        shop_id = environment["ETELECOM_SHOP_KEY"].partition(":")[0].removeprefix("shop")
        store = etl.file.parent / "shop-keys.json"
        store.parent.mkdir(parents=True)
        asyncio.run(FileKeyStore(store).put(shop_id, environment["ETELECOM_SHOP_KEY"]))
        name = etl("shop", "current", "--shop", shop_id, "--columns", "name").out.strip()
        for shop in (shop_id, name):
            code, found = rows(etl, "--shop", shop)
            assert (code, found["access"]["finding"]) == (0, "the service accepts the key (shop.current)")
            assert found["access"]["target"].startswith(f"the key of shop {shop_id} in ")
        etl("config", "set", "shop", shop_id)
        assert rows(etl)[1]["access"]["target"].startswith(f"the key of shop {shop_id} in ")
        report = etl("doctor", "--conformance", "--json")
        outcomes = {each["operation"]: each["outcome"] for each in report.json["operations"]}
        assert (outcomes["shop.users.list"], outcomes["partner.shops.list"]) == ("compared", "compared")

    def test_missing_key_of_a_shop(self, at_peer: Tool, peer: Any) -> None:
        """A shop without a stored key is a finding, and the other checks are made nevertheless."""
        peer.always = lambda _: peer.json({"id": "1", "tenants": []})
        code, found = rows(at_peer, "--shop", "12")
        assert code == 4
        assert found["key"]["finding"].endswith("Store it there with `etelecom connect --shop-id 12`")
        assert found["latency"]["status"] == "ok"
        peer.always = lambda _: peer.refusal("internal", 500)
        code, found = rows(at_peer, "--shop", "Trà sữa Mây")
        assert code == 1
        assert "internal" in found["key"]["finding"]
        result = at_peer("doctor", "--conformance", "--shop", "12")
        assert (result.code, result.out, result.err.count("\n")) == (4, "", 1)

    def test_key_file(self, tool: Tool, service: Sandbox, tmp_path: Path) -> None:
        """A key may come from a file; the finding names the file."""
        (tmp_path / "key").write_text(service.shop_api_key, encoding="utf-8")
        file = str(tmp_path / "key")
        code, found = rows(tool, "--as", "shop", "--key-file", file, "--base-url", service.base_url)
        assert code == 0
        assert found["access"]["target"] == f"--key-file {file}"

    @pytest.mark.parametrize(
        ("variables", "finding"),
        [
            ({"ETELECOM_SHOP_API_KEY": "1419341622963204869:canary-wrong-key"}, "unauthenticated"),
            ({"ETELECOM_PARTNER_API_KEY": "canary-wrong-key"}, "unauthenticated"),
            ({"ETELECOM_SMS_USERNAME": "canary", "ETELECOM_SMS_PASSWORD": "canary-password"}, "Unauthorized"),
        ],
    )
    def test_refused_key(self, tool: Tool, service: Sandbox, variables: dict[str, str], finding: str) -> None:
        """A key that the service refuses is named with exit code 4, and not shown."""
        urls = {name: url for name, url in service.environment().items() if name.endswith("BASE_URL")}
        tool.set(urls | variables)
        code, found = rows(tool)
        assert code == 4
        assert found["access"]["status"] == "failed"
        assert finding in found["access"]["finding"]
        assert found["clock"]["status"] == "ok"
        assert "latency" not in found

    def test_nothing_listens(self, tool: Tool) -> None:
        """If nothing listens, the exit code is 1, and the calls are skipped."""
        tool.set({"ETELECOM_SHOP_API_KEY": "1419341622963204869:canary-key"})
        code, found = rows(tool, "--base-url", "http://127.0.0.1:9/v1")
        assert code == 1
        assert found["connection"]["finding"] == "nothing listens on this port"
        assert "etelecom sandbox" in found["connection"]["remedy"]
        assert [found[check]["status"] for check in CALLS] == ["skipped"] * 4

    @pytest.mark.parametrize(
        "url",
        ["api.etelecom.vn", "http://192.0.2.1/v1", "http://127.0.0.1/v1/shop.Etelecom", "https://a@b/v1"],
    )
    def test_wrong_url(self, tool: Tool, url: str) -> None:
        """A base URL of a wrong form stops everything before a connection is opened."""
        code, found = rows(tool, "--base-url", url)
        assert code == 1
        assert found["base URL"]["status"] == "failed"
        assert "allow_http" not in found["base URL"]["finding"]
        assert found["connection"]["status"] == "skipped"

    @pytest.mark.parametrize(
        ("spelling", "wire_names", "status"),
        [
            ("Etelecom", "", "ok"),
            ("ETelecom", "", "failed"),
            ("ETelecom", "Etelecom=ETelecom", "ok"),
            ("Other", "", "failed"),
            ("Other", "Etelecom=Other", "ok"),
        ],
    )
    def test_path_name(self, at_peer: Tool, peer: Any, spelling: str, wire_names: str, status: str) -> None:
        """A service that knows another spelling is noticed, and the remedy corrects it."""

        def respond(asked: Any) -> Any:
            if "telecom/" in asked.path and f".{spelling}/" not in asked.path:
                return peer.refusal("bad_route", 404)
            return peer.json({"id": "1", "extensions": [], "paging": {"next": ""}})

        peer.always = respond
        at_peer.set({"ETELECOM_WIRE_NAMES": wire_names})
        code, found = rows(at_peer, "--as", "shop")
        assert found["path name"]["status"] == status
        if spelling == "ETelecom" and not wire_names:
            assert code == 1
            assert "ETELECOM_WIRE_NAMES=Etelecom=ETelecom" in found["path name"]["remedy"]

    @pytest.mark.parametrize(
        ("minutes", "status", "text"),
        [(0, "ok", "within 30 s"), (1, "warning", "behind"), (-60, "failed", "ahead of")],
    )
    def test_clock(self, at_peer: Tool, peer: Any, minutes: int, status: str, text: str) -> None:
        """The clock of this machine is compared with the header `Date`."""
        date = format_datetime(datetime.now(UTC) + timedelta(minutes=minutes), usegmt=True)
        peer.always = lambda _: peer.json({"id": "1", "extensions": []}, Date=date)
        code, found = rows(at_peer, "--as", "shop")
        assert found["clock"]["status"] == status
        assert text in found["clock"]["finding"]
        assert code == (1 if status == "failed" else 0)

    def test_broken_service(self, at_peer: Tool, peer: Any) -> None:
        """A key is not blamed for a service that fails."""
        peer.always = lambda _: peer.refusal("internal", 500)
        code, found = rows(at_peer, "--as", "shop")
        assert code == 1
        assert "internal" in found["access"]["finding"]
        assert found["clock"]["status"] == "warning"

    @pytest.mark.parametrize(
        ("fault", "remedy"),
        [
            ("expired", "renew its certificate"),
            ("other host", "belongs to another host"),
            ("unknown authority", "SSL_CERT_FILE"),
            ("no TLS", "speaks https"),
        ],
    )
    def test_bad_tls(
        self,
        at_peer: Tool,
        peer: Any,
        secure: Secure,
        monkeypatch: pytest.MonkeyPatch,
        *,
        fault: str,
        remedy: str,
    ) -> None:
        """A bad certificate is named with its remedy, and no call is made."""
        monkeypatch.setenv("SSL_CERT_FILE", str(secure.ca_file))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        trustme.CA().issue_cert("localhost").configure_cert(context)
        contexts = {
            "expired": lambda: secure.certified("localhost", **EXPIRED),
            "other host": lambda: secure.certified("other.example"),
            "unknown authority": lambda: context,
        }
        plain = f"https://localhost:{peer.port}/v1"
        url = secure.base_url(contexts[fault]()) if fault in contexts else plain
        code, found = rows(at_peer, "--as", "shop", "--base-url", url)
        assert code == 1
        assert found["DNS"]["status"] == "ok"
        assert found["TLS"]["status"] == "failed"
        assert remedy in found["TLS"]["remedy"]
        assert found["access"]["status"] == "skipped"
        assert peer.requests == []

    def test_good_tls(self, etelecom: Any, surroundings: dict[str, str], peer: Any, secure: Secure) -> None:
        """With a trusted certificate, calls are made, and the finding has its end."""
        peer.always = lambda _: peer.json({"id": "1", "extensions": []})
        surroundings |= {
            "SSL_CERT_FILE": str(secure.ca_file),
            "ETELECOM_BASE_URL": secure.base_url(),
            "ETELECOM_SHOP_API_KEY": "1161512386239479010:canary-key",
        }
        code, out, err = etelecom("doctor", "--json")
        found = {row["check"]: row for row in json.loads(out)}
        assert (code, err) == (0, "")
        assert "valid until" in found["TLS"]["finding"]
        assert found["latency"]["status"] == "ok"
        assert "canary" not in out

    def test_debug(self, at_peer: Tool, peer: Any) -> None:
        """`--debug` writes each request to stderr as a `curl` line, with a variable in place of the key."""
        peer.always = lambda _: peer.json({"id": "1", "extensions": []})
        result = at_peer("doctor", "--as", "shop", "--debug")
        assert f"curl -sS -X POST {peer.base_url}/shop.Etelecom/GetExtensions" in result.err
        assert '"Authorization: Bearer $ETELECOM_SHOP_KEY"' in result.err
        assert "canary" not in result.out + result.err

    @pytest.mark.parametrize(
        ("line", "text"),
        [
            ("--report report.md", "--report needs --conformance"),
            ("--key-file key", "--key-file needs --as"),
            ("--shop 1 --as sms", "--shop and --as sms exclude each other"),
            ("--shop 1 --as shop --key-file key", "--shop and --key-file exclude each other"),
            ("--conformance --csv", "--csv does not apply"),
            ("--conformance --output report.md", "--report FILE"),
            ("--conformanc", "--conformance"),
        ],
    )
    def test_wrong_options(self, tool: Tool, line: str, text: str) -> None:
        """Options that do not fit are a usage error in one line."""
        result = tool("doctor", *line.split())
        assert (result.code, result.out) == (2, "")
        assert text in result.err
        assert result.err.count("\n") == 1


class TestConformance:
    """`etelecom doctor --conformance`."""

    def test_sandbox_has_no_difference(self, etl: Tool) -> None:
        """Against the sandbox, the report has no difference, and all reads but one are compared."""
        result = etl("doctor", "--conformance", "--json")
        assert (result.code, result.err) == (0, "")
        report = result.json
        assert report["differences"] == []
        others = {each["operation"] for each in report["operations"] if "compared" not in each["outcome"]}
        assert others == {"sms.status"}
        assert any("PartnerRemoveHotline," in name for name in report["not_tried"])
        assert "hotlines[].is_free_charge" in report["fields"]["shop.hotlines.list"]
        assert "shops[].ghn_note_code" in report["fields"]["partner.shops.list"]

    def test_reads_only(self, etl: Tool, service: Sandbox) -> None:
        """The comparison makes READ calls only, and only one asks for a large page."""
        before = len(service.requests)
        etl("doctor", "--conformance", "--json")
        made = list(service.requests)[before:]
        rows_of = {row["name"]: row for row in etl("operations", "--json").json}
        assert {rows_of[each.operation]["effect"] for each in made} == {"READ"}
        limits = [(each.body or {}).get("paging", {}).get("limit", 0) for each in made]
        assert [limit for limit in limits if limit > 20] == [1000]

    def test_files(self, etl: Tool, tmp_path: Path) -> None:
        """The name of the file chooses Markdown or JSON; stdout stays empty."""
        for name in ("report.json", "report.md"):
            result = etl("doctor", "--conformance", "--report", str(tmp_path / name))
            assert (result.code, result.out) == (0, "")
            assert result.err.startswith("etelecom: no difference; written to ")
        assert json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))["differences"] == []
        text = (tmp_path / "report.md").read_text(encoding="utf-8")
        assert "## Differences\n\nNone.\n" in text
        assert etl("doctor", "--conformance").out == text
        etl("doctor", "--conformance", "--json", "--report", str(tmp_path / "report.md"))
        assert json.loads((tmp_path / "report.md").read_text(encoding="utf-8"))["differences"] == []
        quiet = etl("doctor", "--conformance", "--quiet", "--report", str(tmp_path / "report.md"))
        assert (quiet.out, quiet.err) == ("", "")

    def test_unwritable_file(self, etl: Tool, service: Sandbox, tmp_path: Path) -> None:
        """A file that cannot be written is a usage error, before any call is made."""
        before = len(service.requests)
        result = etl("doctor", "--conformance", "--report", str(tmp_path / "no" / "report.md"))
        assert (result.code, result.out) == (2, "")
        assert "cannot be written" in result.err
        assert len(service.requests) == before

    def test_key_that_is_not_used(self, etl: Tool) -> None:
        """A note names a key of a wrong form, because its operations are not compared."""
        etl.set({"ETELECOM_PARTNER_API_KEY": "Bearer canary"})
        result = etl("doctor", "--conformance", "--json")
        assert result.code == 0
        assert result.err.startswith("etelecom: not used: ETELECOM_PARTNER_API_KEY: the key starts with")
        assert result.err.count("\n") == 1
        assert "canary" not in result.out + result.err
        assert etl("doctor", "--conformance", "--json", "--quiet").err == ""

    def test_differences_are_counted(self, etl: Tool, change: Any, tmp_path: Path) -> None:
        """A service that differs gives a report with exit code 0, and the note counts the differences."""
        change(lambda name, value: DROP if name == "ring_duration" else value)
        result = etl("doctor", "--conformance", "--as", "shop", "--report", str(tmp_path / "report.md"))
        assert result.code == 0
        assert result.err.startswith("etelecom: 1 difference; ")
        assert "call_logs[].call_targets[].ring_duration" in (tmp_path / "report.md").read_text("utf-8")

    @pytest.mark.parametrize(
        ("variables", "arguments", "code", "text"),
        [
            ({}, (), 4, "there is no key"),
            ({"ETELECOM_SHOP_API_KEY": "Bearer canary"}, (), 4, "starts with an authorization scheme"),
            (
                {"ETELECOM_SHOP_API_KEY": "canary"},
                ("--base-url", "http://127.0.0.1:9/v1"),
                1,
                "could not connect",
            ),
            ({"ETELECOM_SHOP_API_KEY": "canary"}, ("--base-url", "nowhere"), 2, "--base-url"),
        ],
    )
    def test_failures(
        self, tool: Tool, variables: dict[str, str], arguments: tuple[str, ...], code: int, text: str
    ) -> None:
        """Without a usable key or a connection there is no report, but one line."""
        tool.set(variables)
        result = tool("doctor", "--conformance", *arguments)
        assert (result.code, result.out) == (code, "")
        assert text in result.err
        assert result.err.count("\n") == 1
        assert "canary" not in result.err

    def test_refused_key(self, tool: Tool, service: Sandbox) -> None:
        """A refused key has exit code 4."""
        tool.set({"ETELECOM_SHOP_API_KEY": "1419341622963204869:canary"})
        result = tool("doctor", "--conformance", "--base-url", service.base_url)
        assert (result.code, result.out) == (4, "")
        assert "canary" not in result.err


def test_help(tool: Tool) -> None:
    """The help names both forms."""
    out: str = tool("doctor", "--help").out
    assert "--conformance" in out
    assert "etelecom doctor --conformance --report report.md" in out
