"""Lets turns through in order: one at a time in each conversation, a few at a time in all."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from weakref import WeakValueDictionary

# How long the turn at the head of the queue may have waited before new ones are refused. A bound in time
# holds on a slow machine as on a fast one; a bound in number does not ("CoDel", ACM Queue 10(5), 2012).
LONGEST_WAIT_SECONDS = 1.5


class TooManyTurns(Exception):
    """More turns are waiting than the turnstile takes."""


class Lane:
    """The order of turns in one conversation; closed once the conversation is forgotten."""

    def __init__(self, conversation_id: str) -> None:
        self.conversation_id = conversation_id
        self.lock = asyncio.Lock()
        self.is_closed = False


def _only_here(_: str) -> AbstractAsyncContextManager[None]:
    return nullcontext()


class Turnstile:
    """At most `at_once` turns go on, at most `waiting` wait for one of them to end, and none for long."""

    def __init__(
        self,
        at_once: int = 16,
        waiting: int = 64,
        longest_wait: float = LONGEST_WAIT_SECONDS,
        hold_everywhere: Callable[[str], AbstractAsyncContextManager[None]] = _only_here,
    ) -> None:
        """Take how many turns may go on and wait, for how many seconds, and what other processes see."""
        self._slots = asyncio.Semaphore(at_once)
        self._places = waiting
        self._longest_wait = longest_wait
        self._hold_everywhere = hold_everywhere
        self._queue: dict[object, float] = {}  # since when each turn waits for a slot, the longest first
        self.waiting = 0
        self.under_way = 0
        # Weak: a lane lives as long as a turn holds it, so the table never grows.
        self._lanes: WeakValueDictionary[str, Lane] = WeakValueDictionary()

    def lane(self, conversation_id: str) -> Lane:
        """Return the conversation's lane; keep it for the whole turn."""
        lane = self._lanes.get(conversation_id)
        if lane is None:
            lane = self._lanes[conversation_id] = Lane(conversation_id)
        return lane

    @asynccontextmanager
    async def pass_through(self, lane: Lane) -> AsyncIterator[None]:
        """Wait for the turn in `lane` and for a free slot; raises TooManyTurns at once when all is full."""
        if self.is_full(lane):
            raise TooManyTurns
        self.waiting += 1
        is_waiting = True
        try:
            async with lane.lock, self._hold_everywhere(lane.conversation_id), self._slot():
                self.waiting -= 1
                is_waiting = False
                self.under_way += 1
                try:
                    yield
                finally:
                    self.under_way -= 1
        finally:
            if is_waiting:
                self.waiting -= 1

    @asynccontextmanager
    async def _slot(self) -> AsyncIterator[None]:
        place = object()
        self._queue[place] = time.monotonic()
        try:
            await self._slots.acquire()
        finally:
            del self._queue[place]
        try:
            yield
        finally:
            self._slots.release()

    def is_full(self, lane: Lane) -> bool:
        """Tell whether a turn in `lane` would be refused now."""
        if (lane.lock.locked() or self._slots.locked()) and self.waiting >= self._places:
            return True
        oldest = next(iter(self._queue.values()), None)
        return oldest is not None and time.monotonic() - oldest > self._longest_wait
