"""The real web application in a process of its own, so that tests can kill it and start it again."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import httpx

from tests.web.scripted_engine import ScriptedEngine, reply

ROOT = Path(__file__).parents[2]
PATIENCE_SECONDS = 30
PROFILE = "name: Belle Isle Pain Clinic\nphone: 405-555-0100\n"
WELCOME = """\
version: "3.1"
responses:
  utter_welcome:
  - text: |-
      Hello. I am the automated assistant of {clinic_name}.

      I can answer questions about acupuncture.
    buttons:
    - title: How long is a session?
      payload: /ask_session_length
    - title: Does it hurt?
      payload: /ask_does_it_hurt
    metadata:
      kind: text
"""


class EngineThread:
    """A scripted engine that runs beside the test; the test changes `script` at any time."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.script = ScriptedEngine(secret="engine-secret")
        self._run(self.script.start())

    def reset(self) -> None:
        """Back to the first behaviour, with nothing remembered."""
        self.script.behaviour = "answers"
        self.script.replies = [reply()]
        self.script.turns.clear()
        self.script.forgotten.clear()

    def stop(self) -> None:
        self._run(self.script.stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(PATIENCE_SECONDS)


class RunningSite:
    """`python -m web` on a fixed free port with its data in `folder`."""

    def __init__(self, folder: Path, engine: EngineThread) -> None:
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self.port = find_free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.database_path = folder / "var" / "clinic.db"
        self.data = data = folder / "data"
        data.mkdir()
        (data / "welcome.yml").write_text(WELCOME, "utf-8")
        for shared in ("consultation/problems.yml",):
            (data / Path(shared).name).write_text((ROOT / "data" / shared).read_text("utf-8"), "utf-8")
        (folder / "profile.yml").write_text(PROFILE, "utf-8")
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("OPTC_")}
        self._environment = inherited | {
            "PYTHONPATH": str(ROOT),
            "OPTC_PORT": str(self.port),
            "OPTC_VAR_DIRECTORY": str(folder / "var"),
            "OPTC_DATA_DIRECTORY": str(data),
            "OPTC_PROFILE_PATH": str(folder / "profile.yml"),
            "OPTC_ENGINE_PORT": str(engine.script.port),
            "OPTC_ENGINE_SECRET": engine.script.secret,
            "OPTC_SIGNING_KEY": "a-key-for-tests-only",
            # One address plays all visitors here.
            "OPTC_MESSAGE_LIMIT": "10000/minute",
            "OPTC_MESSAGE_HOUR_LIMIT": "10000/hour",
            "OPTC_CONVERSATION_LIMIT": "10000/hour",
            "OPTC_SESSION_LIMIT": "10000/hour",
            "OPTC_CONTACT_LIMIT": "10000/hour",
            "OPTC_SIGN_IN_LIMIT": "10000/minute",
        }

    def start(self) -> None:
        """Start the process, unless it runs, and wait until it answers."""
        if self._process is not None:
            return
        log = (self._folder / "web.log").open("ab")
        with log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "web"], cwd=self._folder, env=self._environment, stdout=log, stderr=log
            )
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not self._answers():
            assert self._process.poll() is None, self.read_log()
            assert time.monotonic() < deadline, self.read_log()

    def kill(self) -> None:
        """End the process at once, as a power cut would."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Ask the process to end and wait for it."""
        self._end(signal.SIGTERM)

    def read_log(self) -> str:
        """What the process has printed."""
        return (self._folder / "web.log").read_text("utf-8")

    def _end(self, number: signal.Signals) -> None:
        if self._process is None:
            return
        self._process.send_signal(number)
        self._process.wait(PATIENCE_SECONDS)
        self._process = None

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/widget.js", trust_env=False, timeout=1).status_code == 200
        except httpx.TransportError:
            return False


def find_free_port() -> int:
    """A loopback port nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
