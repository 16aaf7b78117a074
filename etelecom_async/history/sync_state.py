"""Decide which spans a sync of a shop has to read. Nothing here knows a database or a request."""

from __future__ import annotations

from datetime import timedelta
from typing import Final, Self

import attrs

from etelecom_async.history.spans import Span

LOOK_BACK: Final = timedelta(days=3)
"""How long after its last sync a call is read again, because a call changes after its end."""


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
    since, now = order.span.begin, order.span.end
    synced, found, reread = state.synced, list[Span](), order.reread
    # An unfinished span of other arguments may be dropped: it does not count as synced.
    if state.unfinished is not None and not (reread and state.unfinished.begin != since):
        found.append(state.unfinished)
        synced = _joined(synced, state.unfinished)
        reread = False
    if synced is None:
        return [order.span]
    latest = synced.end - order.look_back
    if reread:
        found.append(Span(min(since, max(latest, synced.begin)), now))
        return found
    if since < synced.begin:
        found.append(Span(since, synced.begin))
        synced = Span(since, synced.end)
    begin = max(latest, synced.begin)
    if begin < now:  # the clock of the machine may have been set back
        found.append(Span(begin, now))
    return found


def windows_of(span: Span, look_back: timedelta, most: int) -> int:
    """Return how many windows of a span are read at once: one for a short span, which saves requests."""
    return 1 if span.end - span.begin <= look_back + timedelta(days=1) else most


def _joined(first: Span | None, second: Span) -> Span:
    if first is None:
        return second
    return Span(min(first.begin, second.begin), max(first.end, second.end))
