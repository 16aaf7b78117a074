"""
Orders with Celery: synchronous tasks send the messages.

    celery --workdir examples/services -A celery_orders worker --beat

Only one worker has `--beat`: it starts `send_queued` and `settle` again and again.
Each process of the worker has one `asyncio.Runner`. It keeps the event loop between the tasks, so they share
the client and its connections. Celery may deliver a task twice, and may lose the tasks of a killed worker.
Both are harmless: the ledger lets only one of two tasks send, and `send_queued` sends what was lost.
"""

from __future__ import annotations

import asyncio
import json
import os
from contextlib import AsyncExitStack
from typing import Any

from celery import Celery
from celery.signals import worker_process_init, worker_process_shutdown
from outbox import Outbox, open_outbox
from settings import Settings

SETTINGS = Settings.read()
app = Celery("orders", broker=os.environ.get("CELERY_BROKER_URL", "redis://localhost"))
app.conf.update(
    broker_transport_options=json.loads(os.environ.get("CELERY_BROKER_OPTIONS", "{}")),
    beat_schedule={  # a look that waits until the next one is superfluous
        name: {"task": f"celery_orders.{name}", "schedule": seconds, "options": {"expires": seconds}}
        for name, seconds in {"send_queued": SETTINGS.look_every, "settle": SETTINGS.settle_after}.items()
    },
    task_acks_late=True,  # a worker that stops gives its tasks back
    task_ignore_result=True,
)


class Bridge:
    """What a process of the worker keeps between its tasks."""

    runner: asyncio.Runner
    outbox: Outbox
    stack: AsyncExitStack


@worker_process_init.connect
def start(**_: Any) -> None:
    """Open the client, after the fork."""
    Bridge.runner = asyncio.Runner()
    Bridge.stack = AsyncExitStack()
    outbox = open_outbox(SETTINGS, sweeps=False)
    Bridge.outbox = Bridge.runner.run(Bridge.stack.enter_async_context(outbox))


@worker_process_shutdown.connect
def stop(**_: Any) -> None:
    """Close the client."""
    Bridge.runner.run(Bridge.stack.aclose())
    Bridge.runner.close()


@app.task
def send_order(number: str) -> None:
    """Send the message of an order; call `send_order.delay(number)` after the commit."""
    Bridge.runner.run(Bridge.outbox.send(Bridge.outbox.key(number)))


@app.task
def send_queued() -> None:
    """Send the messages that are queued."""
    Bridge.runner.run(Bridge.outbox.send_queued())


@app.task
def settle() -> None:
    """Settle the messages of killed workers and lost responses."""
    Bridge.runner.run(Bridge.outbox.settle())
