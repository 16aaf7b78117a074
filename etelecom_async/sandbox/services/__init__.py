"""
The services of the API, one package each: handlers, records, seed and lifecycle.

Importing the package registers every handler.
"""

from etelecom_async.sandbox.context import HANDLERS
from etelecom_async.sandbox.services import account, pbx, sms, tenants, webhooks, zalo, zns

__all__ = ["HANDLERS", "account", "pbx", "sms", "tenants", "webhooks", "zalo", "zns"]
