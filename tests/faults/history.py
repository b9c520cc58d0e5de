"""What visitors were told, written down as it happened, to be compared with the database afterwards."""

from __future__ import annotations

import math
import threading
import time
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Attempt:
    """One try to send one message: when it began (seconds), how long it took, and what came back.

    `outcome` is answered, refused (an error with a sentence), unreachable (nobody listens or the connection
    broke) or silent (nothing within the visitor's patience).
    """

    message_id: str
    began: float
    seconds: float
    outcome: str


@dataclass(frozen=True)
class Acknowledged:
    """One message that was acknowledged: who sent it, its text, and the ids of the replies shown."""

    conversation_token: str
    message_id: str
    text: str
    reply_ids: tuple[str, ...]


@dataclass
class WebTrouble:
    """A time in which the web process itself was broken; without an end while it still is."""

    began: float
    ended: float = math.inf


@dataclass
class History:
    """Everything all visitors saw. Safe to write from many threads."""

    attempts: list[Attempt] = field(default_factory=list)
    acknowledged: list[Acknowledged] = field(default_factory=list)
    references: list[tuple[str, str]] = field(default_factory=list)  # (name given, reference shown)
    names: list[str] = field(default_factory=list)  # of every request that was begun
    web_trouble: list[WebTrouble] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)  # texts given instead of an answer
    faults: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add_attempt(self, message_id: str, began: float, outcome: str) -> None:
        """Note one try that has just ended."""
        with self.lock:
            self.attempts.append(Attempt(message_id, began, time.monotonic() - began, outcome))

    def begin_web_trouble(self) -> None:
        """Note that the web process is broken from now on."""
        with self.lock:
            self.web_trouble.append(WebTrouble(time.monotonic()))

    def end_web_trouble(self, settled_seconds: float) -> None:
        """Note that the web process answers: what broke it longer ago than `settled_seconds` is over."""
        now = time.monotonic()
        with self.lock:
            for trouble in self.web_trouble:
                if trouble.ended == math.inf and now - trouble.began > settled_seconds:
                    trouble.ended = now

    def add_acknowledged(self, acknowledged: Acknowledged) -> None:
        """Note an acknowledged message."""
        with self.lock:
            self.acknowledged.append(acknowledged)

    def add_reference(self, name: str, reference: str) -> None:
        """Note that a visitor was told that a request is saved."""
        with self.lock:
            self.references.append((name, reference))

    def begin_request(self, name: str) -> None:
        """Note that a visitor with this name, which nobody else has, begins a request."""
        with self.lock:
            self.names.append(name)
