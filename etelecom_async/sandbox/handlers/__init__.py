"""What each operation does: importing this room enters every handler. One module for each part of the API."""

from etelecom_async.sandbox.context import HANDLERS
from etelecom_async.sandbox.handlers import account, pbx, sms, tenants, webhooks, zalo, zns

__all__ = ["HANDLERS", "account", "pbx", "sms", "tenants", "webhooks", "zalo", "zns"]
