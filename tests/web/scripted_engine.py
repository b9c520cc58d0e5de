"""A real loopback HTTP server that speaks the engine contract and misbehaves on request."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any

ANSWERED = {
    "name": "utter_ask_session_length",
    "kind": "answer",
    "text": "A session usually lasts 30 to 60 minutes.",
    "choices": [{"title": "What does it cost?", "intent": "ask_cost", "values": {}}],
    "sources": [{"name": "Vickers 2018", "url": "https://example.org/vickers"}],
    "ask": None,
    "lead_reference": None,
}
UNDERSTOOD = {
    "decision": "answer",
    "intent": "ask_session_length",
    "confidence": 0.93,
    "ranking": [{"intent": "ask_session_length", "confidence": 0.93}],
    "urgent": "none",
    "options": [],
    "entities": [],
}


def reply(**changes: Any) -> dict[str, Any]:
    """One reply of the engine contract, changed where asked."""
    return {**ANSWERED, **changes}


@dataclass
class ScriptedEngine:
    """behaviour: answers | empty | error_500 | not_json | wrong_shape | slow | hang; and see `refuse()`."""

    behaviour: str = "answers"
    replies: list[dict[str, Any]] = field(default_factory=lambda: [reply()])
    understood: dict[str, Any] = field(default_factory=lambda: dict(UNDERSTOOD))
    ready: bool = True
    slow_seconds: float = 0.3
    secret: str = ""
    turns: list[dict[str, Any]] = field(default_factory=list)
    forgotten: list[str] = field(default_factory=list)
    under_way: int = 0
    most_under_way: int = 0
    port: int = 0
    _server: asyncio.Server | None = None
    _connections: set[asyncio.Task[None]] = field(default_factory=set)

    async def start(self) -> None:
        """Listen on a free loopback port, or on the same one again after `refuse()`."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def refuse(self) -> None:
        """Stop listening: connections are refused until `start()`."""
        if self._server is None:
            return
        self._server.close()
        for task in list(self._connections):
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)
        await self._server.wait_closed()
        self._server = None

    stop = refuse

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        try:
            await self._answer_request(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass  # the caller went away or the test ended
        finally:
            self._connections.discard(task)
            writer.close()

    async def _answer_request(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        method, path, _ = head.split("\r\n", 1)[0].split(" ")
        fields = dict(line.lower().split(": ", 1) for line in head.split("\r\n")[1:] if ": " in line)
        body = await reader.readexactly(int(fields.get("content-length", "0")))
        if fields.get("authorization", "") != f"bearer {self.secret}".lower():
            status, content = 401, json.dumps({"error": {"code": "unauthorized", "message": ""}})
        else:
            status, content = await self._decide(method, path, body)
        data = content.encode()
        writer.write(
            f"HTTP/1.1 {status} X\r\ncontent-type: application/json\r\n"
            f"content-length: {len(data)}\r\nconnection: close\r\n\r\n".encode()
            + data
        )
        await writer.drain()

    async def _decide(self, method: str, path: str, body: bytes) -> tuple[int, str]:
        if self.behaviour == "hang":
            await asyncio.Event().wait()
        if path == "/webhooks/gateway/health":
            return (200 if self.ready else 503), json.dumps({"ready": self.ready, "model": "scripted"})
        if method == "DELETE":
            self.forgotten.append(path.rsplit("/", 1)[1])
            return 204, ""
        if path == "/webhooks/gateway/understand" and self.behaviour == "answers":
            return 200, json.dumps({"understood": self.understood, "model": "scripted"})
        self.turns.append(json.loads(body))
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        try:
            return await self._take_turn()
        finally:
            self.under_way -= 1

    async def _take_turn(self) -> tuple[int, str]:
        if self.behaviour == "slow":
            await asyncio.sleep(self.slow_seconds)
        if self.behaviour == "error_500":
            return 500, json.dumps({"error": {"code": "turn_failed", "message": ""}})
        if self.behaviour == "not_json":
            return 200, "<html>garbage"
        if self.behaviour == "wrong_shape":
            return 200, json.dumps({"replies": [{"text": 7}]})
        replies = [] if self.behaviour == "empty" else self.replies
        return 200, json.dumps({"replies": replies, "understood": self.understood})
