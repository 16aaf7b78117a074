"""Test `etelecom sms`: the operations on SMS, and `sms send-many`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from etelecom_async.testing import Fault, Sandbox

RULE = ("--routerule", "3", "--key-column", "id", "--yes")


def test_operations_on_sms(etl: Any) -> None:
    """The operations are still there, and the help lists `send-many` with them."""
    shown = etl("sms", "--help").out
    assert all(f"\n  {word} " in shown for word in ("send", "send-many", "status", "templates"))
    assert etl("sms", "send", "--help").code == 0
    assert "\n  sms " in etl("--help").out


def test_send_many(etl: Any, service: Sandbox, tmp_path: Path) -> None:
    """Each row is an SMS with the other columns as variables. One in doubt waits for the user."""
    (template,) = etl("sms", "templates", "list", "--json", "--quiet").json[:1]
    names = list(template["ParamsFormat"])
    file = tmp_path / "codes.csv"
    cells = ["123456"] * len(names)
    rows = [["id", "phone", *names], ["1", "0901234567", *cells], ["2", "0901234560", *cells]]
    file.write_text("\n".join(",".join(row) for row in rows), encoding="utf-8")
    arguments = (str(file), "--template", template["TemplateCode"], *RULE)
    service.faults.add(Fault(kind="reset_after", operation="sms.send", times=1))
    before = service.requests.counts.get("sms.send", 0)
    result = etl("sms", "send-many", *arguments)
    assert result.code == 3, result
    assert result.err.startswith(
        f"etelecom: 2 SMS of template {template['TemplateCode']} from {file}: price not"
    )
    assert (
        "\tunknown\tNo read of the API can tell whether the message was sent. --resend-unknown" in result.out
    )
    assert etl("sms", "send-many", *arguments, "--quiet").code == 3
    assert service.requests.counts.get("sms.send", 0) - before == 2
    assert etl("bulk", "resume", f"{file}.journal", "--yes", "--resend-unknown", "--quiet") == (0, "", "")
    assert service.requests.counts.get("sms.send", 0) - before == 3
