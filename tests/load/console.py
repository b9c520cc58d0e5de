"""Measures the console with many requests: `make bench-console`.

Fills a SQLite database, starts the web process on it, and asks as a signed-in person would. Prints the median
and the 95th percentile of each kind of page, and how long the web process worked for one, as a table.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import insert

from clinic.conversation_words import find_tokens
from clinic.lead_search import find_lead_tokens
from clinic.leads import STATES, TOPICS
from clinic.staff import Staff
from clinic.storage import tables
from clinic.storage.database import Database
from tests.browser.running_site import find_free_port


def read_words(text: str) -> list[str]:
    """The words of a text."""
    return text.split()


ROOT = Path(__file__).parents[2]
Rows = dict[Any, list[dict[str, Any]]]
PASSWORD = "four plain words here"
CHUNK = 5000
FIRST_NAMES = read_words(
    """
    Maria James Linda Robert Ana David Susan Kevin Grace Thomas Helen Omar Priya Jack Rosa
    """
)
LAST_NAMES = read_words(
    """
    Lopez Smith Johnson Nguyen Garcia Brown Davis Wilson Clark Young Hall Allen King
    """
)
WORDS = read_words(
    """
    how long does a session take will it hurt my neck and lower back after the accident
    insurance price needles first visit sciatica headache parking appointment doctor safe
    pregnant evening tired work
    """
)
SHARE_OF_STATES = (5, 10, 40, 15, 10, 20)  # most of a clinic's requests are done with


def main() -> None:
    """Fill, start, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--leads", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--folder", type=Path, help="keep the database here, and use it again")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        folder = options.folder or Path(made)
        if not (folder / "clinic.db").exists():
            began = time.perf_counter()
            fill(folder / "clinic.db", options.leads)
            seconds = time.perf_counter() - began
            print(f"{options.leads:,} requests stored in {seconds:.0f} s", file=sys.stderr)
        port = find_free_port()
        variables = {"OPTC_VAR_DIRECTORY": str(folder), "OPTC_PORT": str(port)}
        web = subprocess.Popen([sys.executable, "-m", "web"], cwd=ROOT, env=os.environ | variables)
        try:
            client = sign_in(f"http://127.0.0.1:{port}")
            report(client, options.rounds, web.pid)
            client.close()
        finally:
            web.terminate()
            web.wait(30)


def fill(path: Path, count: int) -> None:
    """Store `count` leads, each with a conversation of two messages, and Adam, who owns them."""
    database = Database(f"sqlite:///{path}")
    database.migrate()
    staff = Staff(database, timedelta(hours=1), timedelta(hours=12))
    link = staff.ensure_first_admin()
    assert link is not None
    owner = staff.accept_link(link, "Adam", "adam@example.org", PASSWORD).id
    chance, now = random.Random(7), datetime.now(UTC)
    for start in range(0, count, CHUNK):
        rows = [make_rows(number, owner, now, chance) for number in range(start, min(start + CHUNK, count))]
        with database.transaction() as session:
            for kind in rows[0]:
                session.execute(insert(kind), [row for found in rows for row in found[kind]])
    database.close()


def make_rows(number: int, owner: str, now: datetime, chance: random.Random) -> Rows:
    """One visitor's rows by table."""
    at = now - timedelta(minutes=number * 5 + chance.random())
    name = f"{chance.choice(FIRST_NAMES)} {chance.choice(LAST_NAMES)}"
    phone = f"+1405{chance.randrange(2000000, 9999999)}"
    email = f"{name.split()[0].lower()}{number}@example.org"
    reference = f"OPTC-{number:06d}"
    state = chance.choices(STATES, SHARE_OF_STATES)[0]
    is_open = state in ("new", "calling")
    text = " ".join(chance.choices(WORDS, k=12))
    talk = f"talk{number}"
    conversation = {
        "id": talk,
        "engine_id": f"engine{number}",
        "token_hash": f"hash{number}",
        "started_at": at,
        "last_message_at": at,
        "expires_at": at + timedelta(days=7),
    }
    shared = {"conversation_id": talk, "created_at": at, "offers_request": False}
    asked = {"decision": "answer", "urgent": "none", "intent": chance.choice(WORDS), "confidence": 0.9}
    messages = [
        {"id": f"q{number}", "position": 1, "author": "visitor", "kind": "text", "text": text, "content": {}}
        | shared
        | {"understood": asked, "state": "answered", "decision": "answer", "topic": asked["intent"]},
        {
            "id": f"a{number}",
            "position": 2,
            "author": "assistant",
            "kind": "answer",
            "text": "…",
        }
        | shared
        | {"content": {}, "understood": None, "state": None, "decision": None, "topic": None},
    ]
    lead = {
        "id": f"lead{number}",
        "reference": reference,
        "request_key": f"key{number}",
        "conversation_id": talk,
        "source": "chat",
        "name": name,
        "phone": phone,
        "email": email,
        "preferred_time": "mornings",
        "topic": chance.choice(TOPICS),
        "consent_version": "contact-2026-11",
        "consent_text": "The clinic may contact me about this request at the number or e-mail I gave.",
        "consented_at": at,
        "state": state,
        "suspected_spam": False,
        "version": 1,
        "created_at": at,
        "updated_at": at,
        "owner_id": owner if state != "new" else None,
        "next_call_at": now + timedelta(hours=chance.randrange(-5, 48)) if is_open and number % 3 else None,
    }
    words = [{"token": token, "conversation_id": talk} for token in find_tokens(text)]
    lead_words = [{"token": token, "lead_id": lead["id"]} for token in find_lead_tokens(name, phone, email)]
    return {
        tables.Conversation: [conversation],
        tables.Message: messages,
        tables.ConversationWord: words,
        tables.Lead: [lead],
        tables.LeadWord: lead_words,
    }


def sign_in(url: str) -> httpx.Client:
    """A browser that is signed in, once the site answers."""
    client = httpx.Client(base_url=url, timeout=60, trust_env=False)
    deadline = time.monotonic() + 60
    while True:
        try:
            page = client.get("/console/sign-in")
            break
        except httpx.TransportError:
            assert time.monotonic() < deadline, "the site did not start"
            time.sleep(0.1)  # between two looks at a condition that has a deadline
    form = {"form_token": find_token(page.text), "email": "adam@example.org", "password": PASSWORD}
    assert client.post("/console/sign-in", data=form).status_code == 303
    return client


def find_token(page: str) -> str:
    """The token in a page's forms."""
    found = re.search(r'name="form_token" value="([^"]+)"', page)
    assert found
    return found[1]


def report(client: httpx.Client, rounds: int, process_id: int) -> None:
    """Measure each kind of page `rounds` times and print the table."""
    chance = random.Random(11)
    token = find_token(client.get("/console/leads").text)

    def look(path: str) -> Callable[[], None]:
        def go() -> None:
            assert client.get(path).status_code == 200, path

        return go

    def search(words: Callable[[], str]) -> Callable[[], None]:
        def go() -> None:
            form = {"form_token": token, "search": words()}
            assert client.post("/console/leads/search", data=form).status_code == 303
            assert client.get("/console/leads/found").status_code == 200

        return go

    deep = pages_down(client, 20)
    kinds: dict[str, Callable[[], None]] = {
        "list, all": look("/console/leads"),
        "list, to do": look("/console/leads?queue=open"),
        "list, overdue": look("/console/leads?queue=overdue"),
        "list, filtered": look("/console/leads?topic=back_pain&contact=both&age=month&spam=hide"),
        "list, 20 pages down": look(deep),
        "search, name": search(lambda: f"{chance.choice(FIRST_NAMES)} {chance.choice(LAST_NAMES)}"),
        "search, four digits": search(lambda: str(chance.randrange(1000, 9999))),
        "search, reference": search(lambda: f"OPTC-{chance.randrange(0, 99999):06d}"),
        "search, what was said": search(lambda: " ".join(chance.sample(WORDS, 2))),
        "search, nothing found": search(lambda: "zzzzqqq"),
        "one request": look("/console/leads/OPTC-000777"),
        "conversations": look("/console/conversations"),
        "conversations, not answered": look("/console/conversations?kind=unanswered"),
        "numbers, 30 days": look("/console/numbers"),
    }
    print("| page | median ms | 95 % ms | processor ms |\n| --- | ---: | ---: | ---: |")
    for name, go in kinds.items():
        before = processor_seconds(process_id)
        times = sorted(measure(go, rounds))
        worked = (processor_seconds(process_id) - before) / (rounds + 1) * 1000
        slow = times[int(len(times) * 0.95)]
        print(f"| {name} | {statistics.median(times):.0f} | {slow:.0f} | {worked:.0f} |", flush=True)


def processor_seconds(process_id: int) -> float:
    """How long the process has worked: unlike the clock, this does not count waiting for other programs."""
    numbers = Path(f"/proc/{process_id}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(numbers[11]) + int(numbers[12])) / os.sysconf("SC_CLK_TCK")


def pages_down(client: httpx.Client, count: int) -> str:
    """The address of the list's page `count` pages down."""
    address = "/console/leads"
    for _ in range(count):
        found = re.search(r'rel="next" href="([^"]+)"', client.get(address).text)
        if found is None:
            break
        address = found[1].replace("&amp;", "&")
    return address


def measure(go: Callable[[], None], rounds: int) -> Iterator[float]:
    """Give the milliseconds of each of `rounds` calls, after one that is not counted."""
    go()
    for _ in range(rounds):
        began = time.perf_counter()
        go()
        yield (time.perf_counter() - began) * 1000


if __name__ == "__main__":
    main()
