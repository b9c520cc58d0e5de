"""Every process ends at once, as in a power cut; one start later everything acknowledged is there."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from tests.faults.checker import find_violations
from tests.faults.history import History
from tests.faults.visitors import FaultVisitor, names
from tests.system.running_system import RunningSystem, wait_until

pytestmark = [pytest.mark.system, pytest.mark.timeout(400)]


def test_everything_acknowledged_survives_the_end_of_all_processes(tmp_path: Path) -> None:
    system = RunningSystem(tmp_path, "tests.faults.scripted_start")
    system.start()
    history, stop, free_names = History(), threading.Event(), names()
    people = [
        FaultVisitor(system.url, history, lambda: next(free_names), stop, seed=number) for number in range(4)
    ]
    for person in people:
        person.start()
    wait_until(lambda: len(history.references) >= 5, 60, lambda: "nobody got a request through")
    history.begin_web_trouble()
    system.end_suddenly()
    system.start()
    history.end_web_trouble(0)
    acknowledged = len(history.acknowledged)
    wait_until(lambda: len(history.acknowledged) > acknowledged, 60, lambda: "visitors do not come back")
    stop.set()
    for person in people:
        person.join(30)
    assert find_violations(history, system.database) == []
    system.stop()
    assert [person.failure for person in people if person.failure] == []
