"""A new release takes over while visitors talk: no turn fails, and a broken release changes nothing."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.faults.checker import find_violations
from tests.faults.history import History
from tests.faults.visitors import FaultVisitor, names
from tests.system.running_system import ROOT, RunningSystem

pytestmark = [pytest.mark.system, pytest.mark.timeout(400)]


def release(system: RunningSystem) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "launch.release"],
        cwd=ROOT,
        env=system.environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


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
    assert "engine-next" in release(system)
    assert engine_groups(system) == {"engine-next"}
    assert "(engine)" in release(system)
    assert engine_groups(system) == {"engine"}
    stop.set()
    for person in people:
        person.join(30)
    violations = find_violations(history, system.database)
    system.stop()
    assert violations == [] and [person.failure for person in people if person.failure] == []
    assert {attempt.outcome for attempt in history.attempts} == {"answered"}
    assert not history.notices, history.notices
