"""
Records that a test adds, changes and deletes: calls, employees, extensions, hotlines, shops and messages.

    - fields      the fields of each kind, as types
    - kinds       one row for each kind: table, model, references, columns
    - drafts      new records, with defaults that fit the account
    - book        adds, changes, deletes and reads records of every kind
    - namespaces  the same in Python: `service.calls.add(...)`
    - files       documents of records
    - values      checks of fields
"""

from etelecom_async.sandbox.records.book import RecordBook
from etelecom_async.sandbox.records.files import add_document, load_document
from etelecom_async.sandbox.records.namespaces import RecordNamespaces
from etelecom_async.sandbox.records.values import RecordError

__all__ = ["RecordBook", "RecordError", "RecordNamespaces", "add_document", "load_document"]
