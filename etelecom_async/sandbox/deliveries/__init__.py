"""
Webhooks of the sandbox: it posts events to registered addresses.

    - events       which event a change of a record makes, and who receives it
    - backoff      the pauses between two attempts
    - posting      one HTTP request to a receiver
    - dispatcher   the tasks that post the events that are due
    - log          the attempts so far, for the assertions of a test

The vendor's documentation shows no event. All forms here are inferred; docs/sandbox.md says from what.
"""

from etelecom_async.sandbox.deliveries.dispatcher import Dispatcher
from etelecom_async.sandbox.deliveries.events import EventSource
from etelecom_async.sandbox.deliveries.log import Deliveries, Delivery, DeliveryLog

__all__ = ["Deliveries", "Delivery", "DeliveryLog", "Dispatcher", "EventSource"]
