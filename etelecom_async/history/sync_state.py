"""Decide which spans a sync of a shop has to read. Nothing here knows a database or a request."""

from __future__ import annotations

from datetime import timedelta
from typing import Final, Self

import attrs

from etelecom_async.history.spans import Span

LOOK_BACK: Final = timedelta(days=3)
"""How long after its last sync a call is read again, because a call changes after its end."""


_DAY: Final = timedelta(days=1)


@attrs.frozen(kw_only=True)
class ShopState:
    """How far the sync of a shop is."""

    shop_id: str
    shop_name: str | None = None
    synced: Span | None = None
    """The tables have all calls of this span, as they were at its end or later."""
    unfinished: Span | None = None
    """A span that is read in part."""
    checkpoint: str | None = None
    """Where the walk over the unfinished span stands."""

    def reading(self, span: Span, checkpoint: str) -> Self:
        """Return the state after some pages of a span."""
        return attrs.evolve(self, unfinished=span, checkpoint=checkpoint)

    def finished(self, span: Span) -> Self:
        """Return the state after the last page of a span, which touches the span that is synced."""
        return attrs.evolve(self, synced=_joined(self.synced, span), unfinished=None, checkpoint=None)


@attrs.frozen(kw_only=True)
class Order:
    """What a sync has to do."""

    span: Span
    """From the first time that the tables must have, until now."""
    look_back: timedelta = LOOK_BACK
    reread: bool = False
    """Whether to read all of the span again."""


def spans_to_read(state: ShopState, order: Order) -> list[Span]:
    """
    Return the spans to read, in their order.

    The first one may be the unfinished span of the state. All of them touch, so the tables have no gap.
    """
    unfinished = state.unfinished
    if unfinished is None or not _is_wanted(unfinished, order):
        return _planned(state.synced, order)
    # The rest is no reread of its own: the unfinished span was it.
    return [unfinished, *_planned(_joined(state.synced, unfinished), attrs.evolve(order, reread=False))]


def _is_wanted(unfinished: Span, order: Order) -> bool:
    """Return whether a sync continues an unfinished span. A span that it drops does not count as synced."""
    since, passed = order.span.begin, max(order.span.end - unfinished.end, timedelta())
    if order.reread:  # an old one has rows that were read too long ago
        return unfinished.begin == since and passed < _DAY
    # A first day like `-30d` moves on with the time. A later one than that corrects a mistake.
    return since - unfinished.begin <= passed + _DAY


def _planned(synced: Span | None, order: Order) -> list[Span]:
    """Return the spans to read if no span is unfinished."""
    if synced is None:
        return [order.span]
    since = order.span.begin
    # The end of a sync is no later than the time of the server. So the clock of this machine may be behind.
    now = max(order.span.end, synced.end)
    latest = max(synced.end - order.look_back, synced.begin)
    if order.reread:
        spans = [Span(min(since, latest), now)]
    elif since < synced.begin:
        spans = [Span(since, synced.begin), Span(max(synced.end - order.look_back, since), now)]
    else:
        spans = [Span(latest, now)]
    return [span for span in spans if span.begin < span.end]


def windows_of(span: Span, look_back: timedelta, most: int) -> int:
    """Return how many windows of a span are read at once: one for a short span, which saves requests."""
    return 1 if span.end - span.begin <= look_back + timedelta(days=1) else most


def _joined(first: Span | None, second: Span) -> Span:
    if first is None:
        return second
    return Span(min(first.begin, second.begin), max(first.end, second.end))
