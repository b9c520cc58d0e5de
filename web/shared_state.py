"""Redis, shared by several web processes. It holds counters and locks, never data: all goes on without it."""

from __future__ import annotations

import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from redis.asyncio import Redis
from redis.asyncio.lock import Lock
from redis.exceptions import RedisError

LOG = logging.getLogger("clinic.web.redis")
ANSWER_SECONDS = 0.5
PAUSE_SECONDS = 5.0  # after a failure; meanwhile nobody waits for Redis


class Pause:
    """Remembers that Redis failed a moment ago, so that not every request has to find that out."""

    def __init__(self) -> None:
        self._until = 0.0

    @property
    def is_on(self) -> bool:
        """Whether Redis is to be left alone right now."""
        return time.monotonic() < self._until

    def start(self, error: Exception) -> None:
        """Leave Redis alone for a while, and say so in the log."""
        LOG.warning("Redis does not answer (%s); going on without it", type(error).__name__)
        self._until = time.monotonic() + PAUSE_SECONDS


class ConversationLocks:
    """One turn at a time in a conversation, also when its messages reach different web processes."""

    def __init__(self, url: str, turn_seconds: float) -> None:
        """Take the address of Redis, and the longest time of a turn: a lock left behind ends soon after."""
        self._redis = Redis.from_url(
            url, socket_timeout=ANSWER_SECONDS, socket_connect_timeout=ANSWER_SECONDS
        )
        self._turn_seconds = turn_seconds
        self._pause = Pause()

    @asynccontextmanager
    async def hold(self, conversation_id: str) -> AsyncIterator[None]:
        """Wait for the conversation and keep it for the block; without Redis the block simply runs."""
        lock = await self._acquire(conversation_id)
        try:
            yield
        finally:
            if lock is not None:
                await _release(lock)

    async def _acquire(self, conversation_id: str) -> Lock | None:
        if self._pause.is_on:
            return None
        # a lock of one owner, with an end: a web process that dies in a turn blocks nobody for long
        lock = self._redis.lock(f"turn:{conversation_id}", timeout=self._turn_seconds + 1, sleep=0.05)
        try:
            await lock.acquire()
        except RedisError as error:
            self._pause.start(error)
            return None
        return lock

    async def close(self) -> None:
        """Close all connections."""
        await self._redis.aclose()


async def _release(lock: Lock) -> None:
    try:
        await lock.release()
    except RedisError as error:
        LOG.warning("a conversation's lock was not released (%s); it ends by itself", type(error).__name__)
