"""
Orders with Django: async views, and Django's own transaction.

    python -c "import django_orders; django_orders.create_tables()"
    uvicorn --app-dir examples/services --lifespan on django_orders:application

Django has no lifespan: its ASGI application refuses the protocol. So `with_lifespan` opens the client in the
event loop of the server. Under WSGI there is no such loop: let the view only store the order, and send its
message from a worker of Celery.
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

import django
from asgi_lifespan import with_lifespan
from asgiref.sync import markcoroutinefunction, sync_to_async
from django.conf import settings as django_settings
from django.core.asgi import get_asgi_application
from django.core.handlers.asgi import ASGIRequest
from django.db import IntegrityError, connection, models, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.urls import path
from django.utils import timezone
from employees import find
from outbox import Order, Outbox, open_outbox
from replies import Reply, reply_to
from settings import Settings
from sqlalchemy import make_url

from etelecom_async import errors
from etelecom_async.bulk.ledger import KeyState, LedgerKey

ENGINES = {"sqlite": "sqlite3", "postgresql": "postgresql"}
OPTIONS: dict[str, dict[str, float]] = {"sqlite": {"timeout": 60}, "postgresql": {}}

URL = make_url(Settings.read().database_url.get_secret_value())
django_settings.configure(
    ALLOWED_HOSTS=["localhost", "127.0.0.1"],
    DATABASES={
        "default": {
            "ENGINE": f"django.db.backends.{ENGINES[URL.get_backend_name()]}",
            "NAME": URL.database,
            "USER": URL.username,
            "PASSWORD": URL.password,
            "HOST": URL.host,
            "PORT": URL.port,
            "OPTIONS": OPTIONS[URL.get_backend_name()],
        }
    },
    INSTALLED_APPS=[__name__],
    MIDDLEWARE=[f"{__name__}.ErrorsToStatuses"],
    ROOT_URLCONF=__name__,
    USE_TZ=True,
)
django.setup()


class OrderRow(models.Model):
    """An order."""

    number: models.CharField[str, str] = models.CharField(max_length=64, primary_key=True)
    customer: models.CharField[str, str] = models.CharField(max_length=64)
    phone: models.CharField[str, str] = models.CharField(max_length=20)
    problem: models.CharField[str, str] = models.CharField(max_length=1000, default="")

    class Meta:
        """The names of the table and of its app."""

        app_label = __name__
        db_table = "shop_order"

    def __str__(self) -> str:
        return self.number


class SentRow(models.Model):
    """A row of the ledger; the model has the columns of `sent_table`."""

    pk = models.CompositePrimaryKey("account", "oa_id", "tracking_id")
    account: models.CharField[str, str] = models.CharField(max_length=255)
    oa_id: models.CharField[str, str] = models.CharField(max_length=255)
    tracking_id: models.CharField[str, str] = models.CharField(max_length=255)
    state: models.CharField[str, str] = models.CharField(max_length=255)
    owner: models.CharField[str, str] = models.CharField(max_length=255)
    changed_at: models.DateTimeField[datetime, datetime] = models.DateTimeField()

    class Meta:
        """The names of the table, of its app and of its index."""

        app_label = __name__
        db_table = "etelecom_sent"
        indexes = (models.Index(fields=["state", "changed_at"], name="etelecom_sent_by_state"),)

    def __str__(self) -> str:
        return self.tracking_id


def store(order: Order, key: LedgerKey) -> bool:
    """Store an order and the key of its message: both, or neither. Return whether this order is stored."""
    data = {"number": order.number, "customer": order.customer, "phone": order.phone}
    parts = {"account": key.account, "oa_id": key.oa_id, "tracking_id": key.tracking_id}
    try:
        with transaction.atomic():
            OrderRow.objects.create(**data)
            SentRow.objects.create(**parts, state=KeyState.QUEUED, owner="", changed_at=timezone.now())
    except IntegrityError:  # the order exists: its message was queued with it
        return OrderRow.objects.filter(**data).exists()
    return True


class ErrorsToStatuses:
    """Turns errors of the SDK into responses."""

    async_capable = True
    sync_capable = False

    def __init__(self, get_response: Callable[[HttpRequest], Awaitable[HttpResponseBase]]) -> None:
        self.get_response = get_response
        markcoroutinefunction(self)

    async def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Return the response of the view."""
        return await self.get_response(request)

    def process_exception(self, _: HttpRequest, error: Exception) -> HttpResponse | None:
        """Return the response to an error of a view; Django calls this."""
        return response(reply_to(error)) if isinstance(error, errors.EtelecomError) else None


def response(reply: Reply) -> JsonResponse:
    """Return a reply as a response of Django."""
    return JsonResponse(reply.body, status=reply.status, headers=dict(reply.headers))


def outbox_of(request: ASGIRequest) -> Outbox:
    """Return the outbox of this process."""
    outbox: Outbox = request.scope["state"]["outbox"]
    return outbox


async def post_order(request: ASGIRequest) -> HttpResponse:
    """Store an order, and send its message."""
    if request.method != "POST":
        return HttpResponse(status=405)
    try:
        data = json.loads(request.body)
    except ValueError:
        data = None
    # Django's transactions are synchronous.
    return response(await outbox_of(request).post(data, store=sync_to_async(store)))


async def get_order(request: ASGIRequest, number: str) -> HttpResponse:
    """Return the state of an order's message."""
    return response(await outbox_of(request).get(number))


async def get_employees(request: ASGIRequest) -> HttpResponse:
    """Return the employees with a phone number."""
    return response(await find(outbox_of(request).shop, request.GET.get("phone", "")))


urlpatterns = [
    path("orders", post_order),
    path("orders/<str:number>", get_order),
    path("employees", get_employees),
]


@asynccontextmanager
async def lifespan() -> AsyncGenerator[dict[str, Any]]:
    """Open the outbox when the service starts; at the end, its sends finish first."""
    async with open_outbox(Settings.read()) as outbox:
        yield {"outbox": outbox}


application = with_lifespan(get_asgi_application(), lifespan)


def create_tables() -> None:
    """Create the tables; a project with migrations leaves it to them."""
    with connection.schema_editor() as editor:
        editor.create_model(OrderRow)
        editor.create_model(SentRow)
