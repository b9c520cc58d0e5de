"""The whole system with the real engine, and a content team's own copy of the working files."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from content.releases import Releases
from tests.content.working_content import ROOT, copy_working_content
from tests.system.running_system import RunningSystem, Visitor


@dataclass
class Newsroom:
    """The running system and the folder in which its writers work."""

    system: RunningSystem
    working: Path

    @property
    def releases(self) -> Releases:
        return Releases(self.system.folder / "releases")

    def run(self, *arguments: str) -> str:
        """`make publish` or `make rollback`; returns what it said, after a check that it went live."""
        command = [sys.executable, "-m", "launch.publish_command", "--who", "Nora", "--why", "a test"]
        done = subprocess.run(
            [*command, *arguments], cwd=ROOT, env=self.system.environment, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def ask(self, text: str) -> str:
        """What a new visitor gets."""
        visitor = Visitor.arrive(self.system.url)
        answer = " ".join(message["text"] for message in visitor.say(text))
        visitor.leave()
        return answer


@pytest.fixture(scope="session")
def newsroom(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsroom]:
    working = tmp_path_factory.mktemp("working")
    system = RunningSystem(tmp_path_factory.mktemp("publish"), **copy_working_content(working))
    system.start()
    yield Newsroom(system, working)
    assert system.stop() == 0, system.read_output()
