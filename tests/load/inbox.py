"""Measures the inbox: `python -m tests.load.inbox` collects 50,000 messages while visitors write.

Prints how long it took, and how long storing a visitor's message took with and without it, on SQLite.
"""

from __future__ import annotations

import statistics
import tempfile
import threading
import time
import uuid
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from sqlalchemy import insert

from clinic.clock import utc_now
from clinic.conversations import Conversations
from clinic.inbox_collector import InboxCollector
from clinic.storage import tables
from clinic.storage.columns import new_id
from clinic.storage.database import Database

MESSAGES, A_CONVERSATION, WORDINGS = 50_000, 5, 5_000
UNDERSTOOD = {"decision": "fallback", "intent": "ask_cost", "confidence": 0.2, "ranking": []}


def main() -> None:
    """Fill, measure, print."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'clinic.db'}"
        visitors, background = Database(url), Database(url)  # two processes have a database object each
        visitors.migrate()
        fill(visitors)
        collector = InboxCollector(background, "a-key-for-measuring")
        quiet = store_while(visitors, lambda: time.sleep(10))  # this is how long it is measured, no wait
        began = time.perf_counter()
        busy = store_while(visitors, collector.collect_all)
        seconds = time.perf_counter() - began
        print(f"{MESSAGES:,} messages collected in {seconds:.0f} s")
        for name, times in (("without", quiet), ("with", busy)):
            tail = statistics.quantiles(times, n=100)
            print(
                f"a visitor's message stored, {name} it: median {statistics.median(times):.1f} ms, "
                f"99 % {tail[98]:.1f} ms, longest {max(times):.0f} ms ({len(times)} messages)"
            )
        background.close()
        visitors.close()


def store_while(database: Database, work: Callable[[], object]) -> list[float]:
    """Store messages of a visitor until `work` is done; return how many milliseconds each took."""
    conversations = Conversations(database)
    talk = conversations.start(None, timedelta(days=1)).id
    worker = threading.Thread(target=work)
    worker.start()
    times = []
    while worker.is_alive():
        began = time.perf_counter()
        conversations.accept_message(talk, uuid.uuid4().hex, "a message")
        times.append((time.perf_counter() - began) * 1000)
        worker.join(0.05)
    return times


def fill(database: Database) -> None:
    """Store the messages of an hour ago, as if none had been understood."""
    at = utc_now() - timedelta(hours=1)
    talks, lines = [], []
    for number in range(MESSAGES // A_CONVERSATION):
        talk = new_id()
        talks.append({"id": talk, "engine_id": new_id(), "token_hash": new_id(), "started_at": at,
                      "last_message_at": at, "expires_at": at + timedelta(days=7)})  # fmt: skip
        for position in range(1, A_CONVERSATION + 1):
            wording = f"question {(number * A_CONVERSATION + position) % WORDINGS} about goats"
            lines.append({"id": new_id(), "conversation_id": talk, "position": position, "author": "visitor",
                          "kind": "text", "text": wording, "content": {}, "understood": UNDERSTOOD,
                          "state": "answered", "decision": "fallback", "offers_request": False,
                          "created_at": at + timedelta(milliseconds=number)})  # fmt: skip
    with database.transaction() as session:
        session.execute(insert(tables.Conversation), talks)
        session.execute(insert(tables.Message), lines)


if __name__ == "__main__":
    main()
