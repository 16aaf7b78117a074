"""Zalo official accounts (OA): accounts, followers, messages, files and consents."""

from etelecom_async.sandbox.services.zalo import accounts, consents, files, followers, messages, transactions

__all__ = ["accounts", "consents", "files", "followers", "messages", "transactions"]
