"""The PBX of a shop: employees (nhân viên), extensions (máy nhánh) and call logs."""

from etelecom_async.sandbox.services.pbx import call_logs, extensions, users

__all__ = ["call_logs", "extensions", "users"]
