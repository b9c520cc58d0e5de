"""Lets turns through in order: one at a time in each conversation, a few at a time in all."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from weakref import WeakValueDictionary


class TooManyTurns(Exception):
    """More turns are waiting than the turnstile takes."""


class Lane:
    """The order of turns in one conversation; closed once the conversation is forgotten."""

    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        self.is_closed = False


class Turnstile:
    """At most `at_once` turns go on, at most `waiting` wait for one of them to end."""

    def __init__(self, at_once: int = 16, waiting: int = 64) -> None:
        """Take how many turns may go on at once, and how many may wait."""
        self._slots = asyncio.Semaphore(at_once)
        self._places = waiting
        self._waiting = 0
        # Weak: a lane lives as long as a turn holds it, so the table never grows.
        self._lanes: WeakValueDictionary[str, Lane] = WeakValueDictionary()

    def lane(self, conversation_id: str) -> Lane:
        """Return the conversation's lane; keep it for the whole turn."""
        lane = self._lanes.get(conversation_id)
        if lane is None:
            lane = self._lanes[conversation_id] = Lane()
        return lane

    @asynccontextmanager
    async def pass_through(self, lane: Lane) -> AsyncIterator[None]:
        """Wait for the turn in `lane` and for a free slot; raises TooManyTurns at once when all is full."""
        if (lane.lock.locked() or self._slots.locked()) and self._waiting >= self._places:
            raise TooManyTurns
        self._waiting += 1
        is_waiting = True
        try:
            async with lane.lock, self._slots:
                self._waiting -= 1
                is_waiting = False
                yield
        finally:
            if is_waiting:
                self._waiting -= 1
