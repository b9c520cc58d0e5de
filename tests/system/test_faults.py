"""Parts break while Maria is talking: she always sees something within five seconds, and nothing is lost.

Each test is a row of the failure table in docs/operations.md. `Visitor` waits five seconds at most, so a
test in which she gets an answer has shown that it came in time.
"""

from __future__ import annotations

import os
import re
import resource
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select

from clinic.storage.tables import Lead, Message
from tests.system.running_system import ROOT, RunningSystem, Visitor, wait_until

pytestmark = [pytest.mark.system, pytest.mark.timeout(400)]
HANG_FOUND_WITHIN_SECONDS = 60  # 15 s on a quiet machine; the tests' machine is busy


def assert_sent_to_the_contact_form(reply: httpx.Response) -> None:
    body = reply.json()
    assert (reply.status_code, body["limited"]) == (200, True)
    assert "/contact" in body["messages"][0]["text"] and "911" in body["messages"][0]["text"]


def state_of(system: RunningSystem, client_message_id: str) -> str | None:
    with system.database.transaction(read_only=True) as session:
        query = select(Message.state).where(Message.client_message_id == client_message_id)
        return session.scalars(query).one_or_none()


def leads_named(system: RunningSystem, name: str) -> int:
    with system.database.transaction(read_only=True) as session:  # encrypted: no query can look for it
        return [lead.name for lead in session.scalars(select(Lead))].count(name)


def wait_until_replaced(system: RunningSystem, part: str, process: int) -> None:
    """Wait until supervisord runs another process in the place of this one."""
    wait_until(
        lambda: process not in [number for _, number in system.process_ids()],
        HANG_FOUND_WITHIN_SECONDS,
        lambda: f"{part} {process} is still there",
    )


# ---- the engine


def test_with_a_dead_engine_she_is_sent_to_the_contact_form(maria: Visitor, system: RunningSystem) -> None:
    system.kill("engine")
    assert_sent_to_the_contact_form(maria.send("message-to-the-dead", text="how long does one session take"))
    assert state_of(system, "message-to-the-dead") == "unanswered"


def test_the_contact_form_needs_neither_engine_nor_actions(system: RunningSystem) -> None:
    system.kill("engine")
    system.kill("actions")
    assert "OPTC-" in fill_in_contact_form(system, "Ada Withoutengine").text
    assert leads_named(system, "Ada Withoutengine") == 1


def test_with_a_hung_engine_she_is_told_in_time_and_the_engine_is_replaced(
    maria: Visitor, system: RunningSystem
) -> None:
    process = system.freeze("engine")
    assert_sent_to_the_contact_form(maria.send(text="how long does one session take"))
    wait_until_replaced(system, "engine", process)


# ---- the action server


def test_with_a_dead_action_server_questions_are_answered_and_no_request_is_lost_silently(
    maria: Visitor, system: RunningSystem
) -> None:
    maria.say("I would like to book an appointment")
    system.kill("actions")
    during = maria.send(text="Maria Lopez").json()
    # supervisord may already have started it again: either it was understood, or she is told
    assert during["messages"][0]["kind"] in ("notice", "question")
    if during["messages"][0]["kind"] == "notice":
        assert during["limited"] is True
    assert maria.say("is it safe")[0]["kind"] in ("answer", "notice")


def test_with_a_hung_action_server_she_is_told_in_time_and_it_is_replaced(
    maria: Visitor, tom: Visitor, system: RunningSystem
) -> None:
    process = system.freeze("actions")
    assert_sent_to_the_contact_form(maria.send(text="I would like to book an appointment"))
    assert tom.say("how long does one session take")[0]["kind"] == "answer"
    wait_until_replaced(system, "actions", process)


def test_a_request_that_was_saved_while_the_engine_died_is_one_lead(
    maria: Visitor, system: RunningSystem
) -> None:
    """Stock Rasa makes two: the action commits, the turn is forgotten, and she sends it again."""
    maria.say("I would like to book an appointment")
    maria.say("Ada Onlyonce")
    maria.say("405-555-0134")
    maria.say("mornings")
    maria.choose("Back pain")
    maria.choose("I agree")
    send = {choice["title"]: choice["token"] for choice in maria.last[0]["choices"]}["Send my request"]
    sending = subprocess.Popen([sys.executable, "-c", _KILL_SOON, str(system.process_id("engine"))])
    first = maria.send("sent-while-dying", choice=send)
    sending.wait(10)
    system.wait_until_ready()
    again = maria.send("sent-after-it-came-back", choice=send)
    assert first.status_code == again.status_code == 200
    assert again.json()["messages"], "the assistant was silent"
    assert leads_named(system, "Ada Onlyonce") <= 1
    told = [message["lead_reference"] for reply in (first, again) for message in reply.json()["messages"]]
    assert len({reference for reference in told if reference}) == leads_named(system, "Ada Onlyonce")


_KILL_SOON = "import os, sys, time; time.sleep(0.05); os.kill(int(sys.argv[1]), 9)"


# ---- the databases


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Another program holds the write lock of a SQLite file."""
    with closing(sqlite3.connect(path, timeout=30, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("ROLLBACK")


@contextmanager
def full_disk(*processes: int) -> Iterator[None]:
    """No file of these processes can grow: every write fails as on a full disk."""
    before = {process: resource.prlimit(process, resource.RLIMIT_FSIZE) for process in processes}
    for process, (_, hard) in before.items():
        resource.prlimit(process, resource.RLIMIT_FSIZE, (1, hard))
    try:
        yield
    finally:
        for process, limits in before.items():
            resource.prlimit(process, resource.RLIMIT_FSIZE, limits)


def assert_says_that_nothing_was_saved(reply: httpx.Response) -> None:
    assert reply.status_code == 503
    assert "OPTC-" not in reply.text and "911" in reply.text


def test_with_a_locked_engine_memory_she_gets_an_answer(maria: Visitor, system: RunningSystem) -> None:
    with locked(system.folder / "engine.db"):
        reply = maria.send(text="how long does one session take")
        assert reply.status_code == 200 and reply.json()["messages"][0]["text"]
        assert "OPTC-" in fill_in_contact_form(system, "Ada Lockedmemory").text
    assert leads_named(system, "Ada Lockedmemory") == 1


def test_with_a_locked_database_nothing_is_called_saved_and_the_retry_works(
    maria: Visitor, system: RunningSystem
) -> None:
    with locked(system.folder / "clinic.db"):
        assert_says_that_nothing_was_saved(maria.send("message-while-locked", text="does it hurt"))
        assert_says_that_nothing_was_saved(fill_in_contact_form(system, "Ada Lockedout"))
    assert leads_named(system, "Ada Lockedout") == 0
    assert maria.say("does it hurt", "message-while-locked")[0]["kind"] == "answer"


def test_on_a_full_disk_nothing_is_called_saved_and_it_heals_by_itself(
    maria: Visitor, system: RunningSystem
) -> None:
    with full_disk(system.process_id("web"), system.process_id("actions")):
        assert_says_that_nothing_was_saved(maria.send("message-on-full-disk", text="does it hurt"))
        assert_says_that_nothing_was_saved(fill_in_contact_form(system, "Ada Nospace"))
    assert leads_named(system, "Ada Nospace") == 0
    assert maria.say("does it hurt", "message-on-full-disk")[0]["kind"] == "answer"


def fill_in_contact_form(system: RunningSystem, name: str) -> httpx.Response:
    with httpx.Client(base_url=system.url, timeout=5) as client:
        page = client.get("/contact").text
        form_id = re.search(r'name="form_id" value="([^"]+)"', page)
        assert form_id
        fields = {"name": name, "phone": "405-555-0134", "consent": "yes", "form_id": form_id.group(1)}
        return client.post("/contact", data=fields, headers={"Origin": system.url})


# ---- the web process


def test_a_message_survives_a_killed_web_process(maria: Visitor, system: RunningSystem) -> None:
    maria.say("how long does one session take", "message-before-the-crash")
    system.kill("web")
    system.wait_until_ready()
    again = maria.say("how long does one session take", "message-before-the-crash")
    assert "30 to 60 minutes" in again[0]["text"]
    headers = {"Authorization": f"Bearer {maria.token}"}
    history = maria.client.get("/api/v1/messages?after=0", headers=headers).json()["messages"]
    assert sum(message["author"] == "visitor" for message in history) == 1


def test_a_hung_web_process_is_replaced(maria: Visitor, system: RunningSystem) -> None:
    process = system.freeze("web")
    with pytest.raises(httpx.TimeoutException):  # the widget then shows its own notice and tries again
        maria.send("message-to-the-frozen", text="does it hurt")
    wait_until_replaced(system, "web", process)
    system.wait_until_ready()
    assert maria.say("does it hurt", "message-to-the-frozen")[0]["kind"] == "answer"


def test_the_watcher_itself_is_started_again(system: RunningSystem) -> None:
    process = system.process_id("watch")
    os.kill(process, signal.SIGKILL)
    wait_until_replaced(system, "watch", process)
    wait_until(lambda: any(name == "watch:watch" for name, _ in system.process_ids()), 30, lambda: "no watch")


# ---- what a visitor typed


def test_what_visitors_say_is_in_no_log(maria: Visitor, system: RunningSystem) -> None:
    maria.say("I would like to book an appointment")
    maria.say("Zebulon Quartermaine")
    maria.say("405-555-0187")
    maria.say("zzqx sciatica xqzz")
    system.kill("actions")
    maria.send(text="my number is 405-555-0187")
    time.sleep(1)  # the last lines reach the files through supervisord's pipe
    for path in (system.folder / "log").iterdir():
        if path.is_file():
            text = path.read_text("utf-8", errors="replace")
            found = re.findall(r"Zebulon|Quartermaine|5550187|555-0187|zzqx", text)
            assert not found, (path.name, found)


# ---- the machine


def test_the_engine_and_the_actions_listen_on_loopback_only(system: RunningSystem) -> None:
    listening = {
        line.split()[1]
        for table in (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))
        for line in table.read_text().splitlines()[1:]
        if line.split()[3] == "0A"
    }
    for name in ("ENGINE_PORT", "ACTIONS_PORT"):
        port = f"{system.ports[name]:04X}"
        addresses = {address for address in listening if address.endswith(f":{port}")}
        assert addresses == {f"0100007F:{port}"}


def test_a_second_start_on_a_busy_port_says_what_to_do(system: RunningSystem) -> None:
    environment = {**os.environ, **{f"OPTC_{name}": str(port) for name, port in system.ports.items()}}
    second = subprocess.run(
        [sys.executable, "-m", "launch.start"],
        cwd=ROOT,
        env=environment | {"OPTC_VAR_DIRECTORY": str(system.folder / "second")},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert second.returncode == 1
    assert f"port {system.ports['PORT']} is in use" in second.stderr
    assert "Traceback" not in second.stderr
