"""The SMS service, which is another host with credentials, fields and errors of its own."""

from etelecom_async.sandbox.services.sms import handlers

__all__ = ["handlers"]
