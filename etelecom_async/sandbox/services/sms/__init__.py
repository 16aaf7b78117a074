"""The SMS service, which has its own host, credentials, fields and errors."""

from etelecom_async.sandbox.services.sms import handlers

__all__ = ["handlers"]
