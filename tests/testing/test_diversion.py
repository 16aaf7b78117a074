"""Clients are changed for the time of a `with`: new ones, and those that a test names."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from etelecom_async import PartnerClient, ShopClient
from etelecom_async._core.calls.engine import Engine
from etelecom_async._core.http.transport import Transport
from etelecom_async.testing.diversion import Diversion

KEY = "1161512386239479010:canary-key"
SHOP_KEY = "shop1161512386239479010:canary-key"


class Marked(Transport):
    """A transport that a test recognizes."""


class Marking(Diversion):
    """Gives clients a transport of their own."""

    def changed(self, engine: Engine) -> Engine:
        """Return the engine with a marked transport."""
        return attrs.evolve(engine, transport=Marked())


def is_marked(client: Any) -> bool:
    """Return whether a client was changed."""
    return isinstance(client._engine.transport, Marked)


def test_new_clients() -> None:
    """Clients that are created inside are changed, with those that they give; others are not."""
    before = PartnerClient(KEY)
    with Marking():
        inside = PartnerClient(KEY)
        assert is_marked(inside)
        assert is_marked(inside.for_shop(SHOP_KEY))
        assert is_marked(inside.with_options(retries=0))
        assert not is_marked(before)
    assert not is_marked(PartnerClient(KEY))


def test_attached_client() -> None:
    """A client that exists already is changed until the end, also if the test fails."""
    shop = ShopClient(KEY)
    engine = shop._engine

    def fail() -> None:
        with Marking() as marking:
            assert marking.attach(shop) is shop
            assert is_marked(shop)
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    assert shop._engine is engine


def test_two_at_a_time() -> None:
    """Each undoes what it did, when the inner one ends first."""
    shop = ShopClient(KEY)
    engine = shop._engine
    with Marking() as outer:
        outer.attach(shop)
        outer_engine = shop._engine
        with Marking() as inner:
            inner.attach(shop)
            assert shop._engine is not outer_engine
        assert shop._engine is outer_engine
    assert shop._engine is engine


def test_use_outside_of_a_with() -> None:
    """Without a `with` nothing would undo the change; and one object has one `with` at a time."""
    marking = Marking()
    with pytest.raises(RuntimeError, match="use the Marking in a `with`"):
        marking.attach(ShopClient(KEY))
    with marking, pytest.raises(RuntimeError, match="this Marking is in use already"):
        marking.__enter__()
    with marking:
        assert is_marked(ShopClient(KEY))


def test_base_class() -> None:
    """The class itself changes nothing."""
    with Diversion(), pytest.raises(NotImplementedError):
        ShopClient(KEY)
