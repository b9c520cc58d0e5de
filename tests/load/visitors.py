"""Sends messages to the chat API cheaply enough not to disturb what it measures, in an open loop."""

from __future__ import annotations

import asyncio
import json
import random
import re
import time
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from content.lint.project import read_project

ROOT = Path(__file__).parents[2]
TURNS_PER_CONVERSATION = 5
PATIENCE_SECONDS = 30.0


@dataclass(frozen=True)
class Sample:
    """One message: when it was due, how long from then to the reply (seconds), and what came.

    `outcome` is answered, busy (refused with the contact form), unanswered (a notice) or error.
    """

    due: float
    seconds: float
    outcome: str


def read_wordings() -> list[str]:
    """The ways to ask that the content team has written down, without the marks of entities."""
    wordings = [wording.text for file in read_project(ROOT).topics for wording in file.wordings()]
    return [re.sub(r"\[([^\]]+)\](\([^)]*\)|\{[^}]*\})", r"\1", wording) for wording in wordings]


class Api:
    """The chat API over kept-alive connections."""

    def __init__(self, url: str, wordings: list[str], seed: int = 1) -> None:
        parts = urlsplit(url)
        self._host, self._port = str(parts.hostname), int(parts.port or 80)
        self._wordings, self._random = wordings, random.Random(seed)
        self._idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []
        self._conversations: list[tuple[str, int]] = []

    async def ask(self, due: float) -> Sample:
        """Send one question in some conversation; the time counts from when it was due."""
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                token, turns = self._conversations.pop() if self._conversations else (await self.start(), 0)
                outcome = await self.say(token, self._random.choice(self._wordings))
        except (OSError, TimeoutError, asyncio.IncompleteReadError, ValueError):
            return Sample(due, time.monotonic() - due, "error")
        if turns + 1 < TURNS_PER_CONVERSATION:
            self._conversations.insert(0, (token, turns + 1))
        return Sample(due, time.monotonic() - due, outcome)

    async def prepare(self, conversations: int) -> None:
        """Start conversations beforehand, so that what is measured is messages."""
        for _ in range(conversations):
            self._conversations.append((await self.start(), 0))

    async def start(self) -> str:
        """Start a conversation and return its token."""
        status, body = await self.post("/api/v1/sessions", {}, "")
        if status != 201:
            raise ValueError(f"status {status}")
        return str(body["token"])

    async def say(self, token: str, text: str) -> str:
        """Send a message and return the outcome."""
        message = {"client_message_id": uuid.uuid4().hex, "text": text}
        status, body = await self.post("/api/v1/messages", message, token)
        if status != 200 or not body["messages"]:
            return "error"
        if not body["limited"]:
            return "answered"
        return "busy" if body["messages"][0]["text"].startswith("Many people") else "unanswered"

    async def post(self, path: str, body: dict[str, Any], token: str) -> tuple[int, dict[str, Any]]:
        """Send one request; returns the status and the JSON body.

        A kept connection may have been closed by the server meanwhile: like any client, it then asks once
        more on a new one.
        """
        if self._idle:
            try:
                return await self._exchange(*self._idle.pop(), path, body, token)
            except (OSError, asyncio.IncompleteReadError):
                pass
        return await self._exchange(*await self._connect(), path, body, token)

    async def _exchange(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        path: str,
        body: dict[str, Any],
        token: str,
    ) -> tuple[int, dict[str, Any]]:
        data = json.dumps(body).encode()
        writer.write(
            f"POST {path} HTTP/1.1\r\nHost: {self._host}:{self._port}\r\nAuthorization: Bearer {token}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(data)}\r\n\r\n".encode()
            + data
        )
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
            length = int(re.search(r"content-length: (\d+)", head)[1])  # type: ignore[index]
            content = await reader.readexactly(length)
        except BaseException:
            writer.close()
            raise
        if "connection: close" in head:
            writer.close()
        else:
            self._idle.append((reader, writer))
        return int(head.split(" ")[1]), json.loads(content)

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection(self._host, self._port)

    def close(self) -> None:
        """Close all connections."""
        for _, writer in self._idle:
            writer.close()


Ask = Callable[[float], Awaitable[Sample]]


async def open_loop(ask: Ask, rate: float, seconds: float, seed: int = 1) -> list[Sample]:
    """Send `rate` messages a second whether or not the ones before were answered (Poisson arrivals).

    A closed loop waits when the system is slow and so hides exactly what is to be measured ("coordinated
    omission"); here the time of a message counts from when it was due.
    """
    chance, due, sending = random.Random(seed), time.monotonic(), []
    end = due + seconds
    while (due := due + chance.expovariate(rate)) < end:
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        sending.append(asyncio.ensure_future(ask(due)))
    return list(await asyncio.gather(*sending))


async def closed_loop(ask: Ask, clients: int, seconds: float) -> list[Sample]:
    """Send as much as `clients` who never pause get through: what the system can do at most."""
    end = time.monotonic() + seconds

    async def client() -> list[Sample]:
        samples = []
        while (now := time.monotonic()) < end:
            samples.append(await ask(now))
        return samples

    return [
        sample for samples in await asyncio.gather(*(client() for _ in range(clients))) for sample in samples
    ]


def percentile(values: list[float], share: float) -> float:
    """The value below which `share` (0 to 1) of the values lie; nan when there are none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")
