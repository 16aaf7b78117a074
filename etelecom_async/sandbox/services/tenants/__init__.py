"""Tenants (tổng đài) and hotlines."""

from etelecom_async.sandbox.services.tenants import handlers

__all__ = ["handlers"]
