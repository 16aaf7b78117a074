"""What the operations on ZNS do: templates, journeys, and the messages themselves."""

from etelecom_async.sandbox.handlers.zns import journeys, messages, templates

__all__ = ["journeys", "messages", "templates"]
