"""A planted name, number, address and sentence: after a whole visit none of them is on the disk readable."""

from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select, text

from clinic.conversations import Conversations
from clinic.lead_notes import LeadNotes
from clinic.lead_removal import LeadRemoval
from clinic.leads import LeadFilter
from clinic.storage.tables import StaffMember
from tests.system.running_system import ROOT, RunningSystem, Visitor, wait_until

pytestmark = [pytest.mark.system, pytest.mark.timeout(400)]

NAME = "Wilhelmina Quackenbush"
EMAIL = "wilhelmina.q@quackenbush.example"
SENTENCE = "playing the zither gave me a stiff neck"
NOTE = "her sister Ermintrude drives her"
REASON = "I asked about the glockenspiel"
CANARIES = (
    "wilhelmina",
    "quackenbush",
    "zither",
    "ermintrude",
    "glockenspiel",
    "4055550186",
    "405-555-0186",
    "405.555.0186",
    "405 555 0186",
    "(405) 555-0186",
    "555-0186",
)


@pytest.fixture(scope="module")
def visited(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSystem]:
    """A system of its own, after a chat with a request, a form, a note, a verdict, bad calls and a backup."""
    folder = tmp_path_factory.mktemp("canary")
    (folder / "tmp").mkdir()
    system = RunningSystem(folder)
    system.set(TMPDIR=str(folder / "tmp"))
    system.start()
    system.wait_until_ready()
    visit(system)
    backup = [sys.executable, "-m", "launch.backup", "backup", str(folder / "backups")]
    subprocess.run(backup, cwd=ROOT, env=system.environment, check=True, capture_output=True)
    yield system
    assert system.stop() == 0, system.read_output()


def visit(system: RunningSystem) -> None:
    visitor = Visitor.arrive(system.url)
    answers = visitor.say(SENTENCE)
    headers = {"Authorization": f"Bearer {visitor.token}"}
    verdict = {"message_id": answers[-1]["id"], "verdict": "down", "reason": REASON}
    assert visitor.client.post("/api/v1/feedback", json=verdict, headers=headers).status_code in (200, 204)
    visitor.say("I would like to book an appointment")
    visitor.say(NAME)
    visitor.say("(405) 555-0186")
    visitor.say("mornings")
    visitor.choose("Back pain")
    visitor.choose("I agree")
    saved = visitor.choose("Send my request")[0]
    lead = system.leads.find_by_reference(saved["lead_reference"])
    assert lead.name == NAME
    with system.database.transaction(read_only=True) as session:
        nora = session.scalars(select(StaffMember.id)).first()
    LeadNotes(system.database).add(lead.id, NOTE, nora or "")
    send_form(system)
    send_bad_calls(visitor, system)
    visitor.leave()


def send_form(system: RunningSystem) -> None:
    with httpx.Client(base_url=system.url) as client:
        page = client.get("/contact").text
        form_id = re.search(r'name="form_id" value="([^"]+)"', page)
        assert form_id, page
        fields = {
            "name": NAME,
            "email": EMAIL,
            "phone": "405-555-0186",
            "preferred_time": "after zither class",
        }
        fields |= {"topic": "neck_pain", "consent": "yes", "form_id": form_id.group(1)}
        reply = client.post("/contact", data=fields)
        assert reply.status_code == 200, reply.text
    assert system.leads.list(wanted=LeadFilter(search=EMAIL)).total == 1


def send_bad_calls(visitor: Visitor, system: RunningSystem) -> None:
    """What is refused must not come back in the answer, nor go to a log."""
    replies = [
        visitor.client.post("/api/v1/messages", content=f'{{"text": "{NAME}'),
        visitor.client.post("/api/v1/messages", json={"text": NAME, "nonsense": EMAIL}),
        visitor.client.get("/api/v1/messages", headers={"Authorization": f"Bearer {EMAIL}"}),
        httpx.post(
            f"http://127.0.0.1:{system.ports['ACTIONS_PORT']}/webhook", json={"tracker": {"text": NAME}}
        ),
        httpx.post(
            f"http://127.0.0.1:{system.ports['ENGINE_PORT']}/webhooks/rest/webhook", json={"message": NAME}
        ),
    ]
    for reply in replies:
        assert reply.status_code >= 400
        assert [word for word in CANARIES if word in reply.text.lower()] == []


def find_canaries(folders: list[Path]) -> set[tuple[str, str]]:
    """Return (file, canary) for every canary that stands readable in a file."""
    found = set()
    for folder in folders:
        for path in folder.rglob("*"):
            if path.is_file():
                content = path.read_bytes().lower()
                found |= {(path.name, word) for word in CANARIES if word.encode() in content}
    return found


def test_nothing_of_a_visit_is_readable_on_the_disk_and_a_plain_write_is_seen(visited: RunningSystem) -> None:
    files = {path.name for path in visited.folder.rglob("*") if path.is_file()}
    assert {"clinic.db", "clinic.db-wal", "engine.db", "manifest.json", "output.txt"} <= files
    assert find_canaries([visited.folder, ROOT / "models"]) == set()
    with visited.database.transaction() as session:
        session.execute(text("INSERT INTO heartbeats VALUES ('Wilhelmina', '2026-11-25 00:00:00')"))
    assert {word for _, word in find_canaries([visited.folder])} == {"wilhelmina"}


def stored_forms(folder: Path, conversation: str, engine_id: str) -> set[bytes]:
    """How the words of a conversation stand in the files of both databases, encrypted as they are."""
    queries = {
        "clinic.db": ("SELECT text, content FROM messages WHERE conversation_id = ?", conversation),
        "engine.db": ("SELECT data FROM events WHERE sender_id = ?", engine_id),
    }
    forms = set()
    for name, (query, key) in queries.items():
        with closing(sqlite3.connect(folder / name)) as database:
            values = [value for row in database.execute(query, [key]) for value in row]
            assert values, name
            forms |= {value.split(":")[2][:40].encode() for value in values}
    return forms


def left_on_disk(folder: Path, forms: set[bytes]) -> set[bytes]:
    """Which of them are found in the databases' files, logs included."""
    content = b"".join(
        path.read_bytes() for name in ("clinic", "engine") for path in folder.glob(f"{name}.db*")
    )
    return {form for form in forms if form in content}


def test_what_is_forgotten_and_erased_leaves_the_files_within_seconds(visited: RunningSystem) -> None:
    """Not even the encrypted form stays: whoever gets disk and keys later reads nothing of it."""
    visitor = Visitor.arrive(visited.url)
    visitor.say(SENTENCE)
    talk = Conversations(visited.database).find_by_token(visitor.token)
    forms = stored_forms(visited.folder, talk.id, talk.engine_id)
    assert left_on_disk(visited.folder, forms) == forms
    forgotten = visitor.client.delete(
        "/api/v1/sessions", headers={"Authorization": f"Bearer {visitor.token}"}
    )
    assert forgotten.status_code == 204
    visitor.leave()
    wait_until(lambda: not left_on_disk(visited.folder, forms), 30, lambda: "it is still in the files")

    [lead] = visited.leads.list(wanted=LeadFilter(search=EMAIL)).leads
    with closing(sqlite3.connect(visited.folder / "clinic.db")) as database:
        query = "SELECT name, phone, email FROM leads WHERE id = ?"
        forms = {value.split(":")[2][:40].encode() for value in database.execute(query, [lead.id]).fetchone()}
    assert left_on_disk(visited.folder, forms) == forms
    LeadRemoval(visited.database).anonymise(lead.id, lead.version, "nora")
    wait_until(lambda: not left_on_disk(visited.folder, forms), 30, lambda: "it is still in the files")
