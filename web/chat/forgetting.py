"""Makes sure that the engine forgets a conversation too, also when it is down at that moment."""

from __future__ import annotations

import asyncio
import logging

from web.chat.engine import EngineUnavailable
from web.chat.engine_pool import EnginePool

LOG = logging.getLogger("clinic.web.forgetting")
RETRY_SECONDS = 15.0


class Forgetting:
    """Asks the engine in the background until it has forgotten; what is open at a restart is logged."""

    def __init__(self, engine: EnginePool, retry_seconds: float = RETRY_SECONDS) -> None:
        """Take the engine, and the pause between two attempts."""
        self._engine = engine
        self._retry_seconds = retry_seconds
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self, engine_id: str) -> None:
        """Begin to forget the engine's conversation `engine_id`; returns at once."""
        task = asyncio.create_task(self._forget(engine_id))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _forget(self, engine_id: str) -> None:
        while True:
            try:
                await self._engine.forget(engine_id)
                return
            except EngineUnavailable as error:
                LOG.warning("the engine has not forgotten a conversation yet: %s", error)
                await asyncio.sleep(self._retry_seconds)

    async def stop(self) -> None:
        """Give up what is still open and log how many conversations that are."""
        if self._tasks:
            LOG.error("%d conversations are deleted here but not yet in the engine", len(self._tasks))
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
