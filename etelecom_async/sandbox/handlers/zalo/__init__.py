"""What the operations on Zalo official accounts do: one module for each group of them."""

from etelecom_async.sandbox.handlers.zalo import accounts, consents, files, followers, messages, transactions

__all__ = ["accounts", "consents", "files", "followers", "messages", "transactions"]
