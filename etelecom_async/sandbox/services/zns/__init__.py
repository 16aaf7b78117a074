"""ZNS: templates, journeys and messages."""

from etelecom_async.sandbox.services.zns import journeys, messages, templates

__all__ = ["journeys", "messages", "templates"]
