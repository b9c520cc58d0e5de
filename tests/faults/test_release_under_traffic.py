"""A new release takes over while visitors talk: no turn fails, and a wrong canary changes nothing."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from clinic.settings import Settings
from content.releases import Release, ReleaseNote, Releases
from launch.first_release import make_release
from launch.release import HandOver
from launch.supervisor_calls import Supervisor
from tests.faults.checker import find_violations
from tests.faults.history import History
from tests.faults.visitors import FaultVisitor, names
from tests.system.running_system import ROOT, RunningSystem

pytestmark = [pytest.mark.system, pytest.mark.timeout(400)]


def settings_of(system: RunningSystem) -> Settings:
    return Settings(
        var_directory=system.folder, engine_port=system.ports["ENGINE_PORT"], port=system.ports["PORT"]
    )


def add_release(settings: Settings, place: Path) -> Release:
    """A release that the scripted engines take for any other."""
    place.write_text("another model")
    return make_release(settings, place, ROOT, ReleaseNote("test", "traffic", "full"))


def run_publish(system: RunningSystem) -> subprocess.CompletedProcess[str]:
    """Go to the other release through the canaries, which the scripted engines answer wrongly."""
    return subprocess.run(
        [sys.executable, "-m", "launch.publish_command", "--release", "previous", "--who", "N", "--why", "t"],
        cwd=ROOT,
        env=system.environment,
        capture_output=True,
        text=True,
    )


def engine_groups(system: RunningSystem) -> set[str]:
    return {name.split(":")[0] for name, _ in system.process_ids() if name.startswith("engine")}


def test_a_release_under_traffic_fails_no_turn(tmp_path: Path) -> None:
    system = RunningSystem(tmp_path, "tests.faults.scripted_start")
    system.start()
    history, stop, free_names = History(), threading.Event(), names()
    people = [
        FaultVisitor(system.url, history, lambda: next(free_names), stop, seed=number) for number in range(3)
    ]
    for person in people:
        person.start()
    settings, supervisor = settings_of(system), Supervisor(system.folder / "supervisor.sock")
    first = Releases(settings.releases_directory).live()
    assert first is not None
    for release in (add_release(settings, tmp_path / "another"), first):
        hand_over = HandOver(settings, supervisor)
        hand_over.prepare(release, lambda addresses: None)
        assert hand_over.switch(release), "a web process did not say that it uses the new engines"
        assert engine_groups(system) == {"engine", "engine-next"}  # the old ones stay warm
    refused = run_publish(system)
    assert refused.returncode == 1 and "should be decision urgent" in refused.stdout
    assert Releases(settings.releases_directory).state().live == first.id
    stop.set()
    for person in people:
        person.join(30)
    violations = find_violations(history, system.database)
    system.stop()
    assert violations == [] and [person.failure for person in people if person.failure] == []
    assert {attempt.outcome for attempt in history.attempts} == {"answered"}
    assert not history.notices, history.notices
