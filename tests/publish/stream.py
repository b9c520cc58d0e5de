"""Visitors who write in an open loop: a message is sent when it is due, also when the last has no answer."""

from __future__ import annotations

import asyncio
import threading
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field

import httpx

PATIENCE_SECONDS = 30.0
VISITORS = 40


@dataclass(frozen=True)
class Asked:
    """One message: how long from when it was due to the reply (seconds), and the reply; empty for none."""

    client_message_id: str
    token: str
    seconds: float
    reply: str


@dataclass
class Stream(threading.Thread):
    """Asks `question`, `rate` times a second, until it is told to stop."""

    url: str
    question: str
    rate: float
    asked: list[Asked] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self._over = threading.Event()

    def __hash__(self) -> int:
        return id(self)

    def stop(self) -> None:
        """Ask no more, and wait for the replies that are due."""
        self._over.set()
        self.join()

    def run(self) -> None:
        asyncio.run(self._ask_all())

    async def _ask_all(self) -> None:
        async with httpx.AsyncClient(base_url=self.url, timeout=PATIENCE_SECONDS) as client:
            sessions = [await client.post("/api/v1/sessions", json={}) for _ in range(VISITORS)]
            tokens = self.tokens = [session.json()["token"] for session in sessions]
            began, number, under_way = time.monotonic(), 0, []
            while not self._over.is_set():
                due = began + number / self.rate
                await asyncio.sleep(max(0.0, due - time.monotonic()))
                token = tokens[number % VISITORS]
                under_way.append(asyncio.create_task(self._ask(client, token, due)))
                number += 1
            await asyncio.gather(*under_way)

    async def _ask(self, client: httpx.AsyncClient, token: str, due: float) -> None:
        message_id = uuid.uuid4().hex
        body = {"client_message_id": message_id, "text": self.question}
        headers = {"Authorization": f"Bearer {token}"}
        try:
            response = await client.post("/api/v1/messages", json=body, headers=headers)
            is_answer = response.status_code == 200 and not response.json()["limited"]
            reply = response.json()["messages"][0]["text"] if is_answer else ""
        except httpx.HTTPError:
            reply = ""
        self.asked.append(Asked(message_id, token, time.monotonic() - due, reply))

    def count_stored(self) -> Counter[str]:
        """How many lines of the question, and how many of the assistant, the conversations hold in all."""
        found: Counter[str] = Counter()
        with httpx.Client(base_url=self.url, timeout=PATIENCE_SECONDS) as client:
            for token in self.tokens:
                headers = {"Authorization": f"Bearer {token}"}
                lines = client.get("/api/v1/messages?after=0", headers=headers).json()["messages"]
                found.update(line["author"] for line in lines[1:])  # the first is the welcome
        return found
