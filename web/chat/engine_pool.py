"""The engines as one: a conversation keeps to its engine, another steps in when that one fails."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from web.chat.breaker import Breaker
from web.chat.choices import Choice
from web.chat.engine import EngineClient, EngineTurn, EngineUnavailable

LOG = logging.getLogger("clinic.web.engines")
LOOK_SECONDS = 1.0  # between two looks at broken engines and at the list of addresses
# With another engine to ask, the first one gets this long; the last one gets the rest of the turn's time.
FIRST_ENGINE_SECONDS = 2.0
# A turn that is given up sooner says nothing about the engine: its time was spent waiting in the queue.
TELLING_SECONDS = 1.0


@dataclass(frozen=True)
class EngineState:
    """One engine as seen from here."""

    address: str
    takes_turns: bool
    under_way: int


class Engine:
    """One engine with its circuit breaker and the number of turns it has under way."""

    def __init__(self, address: str, secret: str) -> None:
        """Take the engine's address and the shared secret."""
        self.address = address
        self.client = EngineClient(address, secret)
        self.breaker = Breaker()
        self.under_way = 0

    async def take_turn(self, seconds: float | None, *turn: object) -> EngineTurn:
        """Take one turn within `seconds`; raises EngineUnavailable, also when the time is over."""
        loop = asyncio.get_running_loop()
        started = loop.time()
        self.under_way += 1
        try:
            async with asyncio.timeout(seconds):
                taken = await self.client.take_turn(*turn)  # type: ignore[arg-type]
        except EngineUnavailable as error:
            if error.is_outage:
                self.breaker.record_failure()
            else:
                self.breaker.record_success()  # it works, it only could not handle this message
            raise
        except TimeoutError:
            self.breaker.record_failure()
            raise EngineUnavailable("no answer in time", is_outage=True) from None
        except asyncio.CancelledError:
            if loop.time() - started > TELLING_SECONDS:
                self.breaker.record_failure()
            raise
        finally:
            self.under_way -= 1
        self.breaker.record_success()
        return taken


class EnginePool:
    """Routes turns to engines. They share their memory, so any of them can go on with a conversation."""

    def __init__(
        self,
        addresses: Iterable[str],
        secret: str,
        read_addresses: Callable[[], list[str]] | None = None,
        report: Callable[[list[str]], None] | None = None,
    ) -> None:
        """Take the engines' addresses, the shared secret, and what tells the addresses later on.

        `report` is called with the addresses as soon as no turn is under way elsewhere.
        """
        self._secret = secret
        self._report = report
        self._reported: list[str] = []
        self._read_addresses = read_addresses
        self._engines = {address: Engine(address, secret) for address in addresses}
        self._draining: list[Engine] = []
        self._watching: asyncio.Task[None] | None = None

    def states(self) -> list[EngineState]:
        """Return what is known of every engine, for the metrics."""
        return [
            EngineState(engine.address, not engine.breaker.is_open, engine.under_way)
            for engine in self._engines.values()
        ]

    async def take_turn(
        self, conversation: str, message_id: str, text: str, choice: Choice | None = None
    ) -> EngineTurn:
        """Take one turn with the conversation's engine, or with the next one when it fails.

        Asking a second engine is safe: a repeated `message_id` is answered with the first replies, and a
        request for a consultation has one key. Raises EngineUnavailable, at once when no engine is well.
        """
        candidates = [engine for engine in self._in_order(conversation) if not engine.breaker.is_open]
        if not candidates:
            raise EngineUnavailable("no engine takes turns", is_outage=True)
        for engine in candidates[:-1]:
            try:
                return await engine.take_turn(FIRST_ENGINE_SECONDS, conversation, message_id, text, choice)
            except EngineUnavailable as error:
                if not error.is_outage:
                    raise
                LOG.warning("another engine is asked: %s", error)
        return await candidates[-1].take_turn(None, conversation, message_id, text, choice)

    async def understand(self, text: str) -> dict[str, Any]:
        """Return how an engine understands `text`, outside any conversation; raises EngineUnavailable."""
        candidates = [engine for engine in self._in_order("studio") if not engine.breaker.is_open]
        if not candidates:
            raise EngineUnavailable("no engine takes turns")
        return await candidates[0].client.understand(text)

    def _in_order(self, conversation: str) -> list[Engine]:
        """Return the engines, the conversation's own first (rendezvous hashing).

        Each engine has a fixed place for a conversation, so one that goes or comes moves only its own share.
        """
        first = conversation.partition(".")[0]

        def place(engine: Engine) -> bytes:
            return hashlib.sha256(f"{engine.address} {first}".encode()).digest()

        return sorted(self._engines.values(), key=place)

    async def is_ready(self) -> bool:
        """Tell whether at least one engine says that its model is loaded, within 2 s."""
        return any(await asyncio.gather(*(engine.client.is_ready() for engine in self._engines.values())))

    async def forget(self, conversation: str) -> None:
        """Make the engines delete what they know of the conversation; raises EngineUnavailable."""
        failure = EngineUnavailable("there is no engine", is_outage=True)
        for engine in self._in_order(conversation):
            try:
                return await engine.client.forget(conversation)
            except EngineUnavailable as error:
                failure = error
        raise failure

    async def use(self, addresses: Iterable[str]) -> None:
        """Send new turns to the engines at `addresses`; turns under way elsewhere end in peace.

        This is how a new release takes over: its engines are started and found ready before they are named.
        """
        wanted = list(addresses)
        if not wanted or wanted == list(self._engines):
            return
        before = self._engines
        self._engines = {address: before.get(address) or Engine(address, self._secret) for address in wanted}
        self._draining += [engine for address, engine in before.items() if address not in self._engines]
        LOG.info("turns now go to %d engines", len(wanted))

    def watch(self) -> None:
        """Begin to look after the engines in the background."""
        self._watching = asyncio.create_task(self._watch())

    async def _watch(self) -> None:
        while True:
            await self._look()
            await asyncio.sleep(LOOK_SECONDS)

    async def _look(self) -> None:
        """Close the circuit of engines that are well again, follow the list, and let drained engines go."""
        if self._read_addresses is not None:
            await self.use(await asyncio.to_thread(self._read_addresses))
        broken = [engine for engine in self._engines.values() if engine.breaker.is_open]
        for engine, is_well in zip(
            broken, await asyncio.gather(*(engine.client.is_ready() for engine in broken)), strict=True
        ):
            if is_well:
                engine.breaker.record_success()
        drained = [engine for engine in self._draining if engine.under_way == 0]
        self._draining = [engine for engine in self._draining if engine not in drained]
        await asyncio.gather(*(engine.client.close() for engine in drained))
        await self._report_use()

    async def _report_use(self) -> None:
        addresses = list(self._engines)
        if self._report is None or self._draining or addresses == self._reported:
            return
        await asyncio.to_thread(self._report, addresses)
        self._reported = addresses

    async def close(self) -> None:
        """Stop looking and close all connections."""
        if self._watching is not None:
            self._watching.cancel()
        engines = [*self._engines.values(), *self._draining]
        await asyncio.gather(*(engine.client.close() for engine in engines))
