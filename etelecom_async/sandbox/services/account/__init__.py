"""Accounts: the partner, its shops and their keys."""

from etelecom_async.sandbox.services.account import handlers

__all__ = ["handlers"]
