"""Webhooks of partners and shops."""

from etelecom_async.sandbox.services.webhooks import handlers

__all__ = ["handlers"]
