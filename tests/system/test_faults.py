"""Parts die while Maria is talking: she always sees something within five seconds, and nothing is lost."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.system.running_system import ROOT, RunningSystem, Visitor

pytestmark = [pytest.mark.system, pytest.mark.timeout(400)]


def test_with_a_dead_engine_she_is_sent_to_the_contact_form(maria: Visitor, system: RunningSystem) -> None:
    system.kill("engine")
    reply = maria.send(text="how long does one session take")
    body = reply.json()
    assert (reply.status_code, body["limited"]) == (200, True)
    assert "/contact" in body["messages"][0]["text"] and "911" in body["messages"][0]["text"]


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


def test_a_message_survives_a_killed_web_process(maria: Visitor, system: RunningSystem) -> None:
    maria.say("how long does one session take", "message-before-the-crash")
    system.kill("web")
    system.wait_until_ready()
    again = maria.say("how long does one session take", "message-before-the-crash")
    assert "30 to 60 minutes" in again[0]["text"]
    headers = {"Authorization": f"Bearer {maria.token}"}
    history = maria.client.get("/api/v1/messages?after=0", headers=headers).json()["messages"]
    assert sum(message["author"] == "visitor" for message in history) == 1


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
