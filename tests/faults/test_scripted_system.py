"""Fifty faults at the running system with a scripted engine: nothing lost, doubled, false or silent."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from clinic.storage.database import Database
from tests.faults.checker import find_violations
from tests.faults.run import report, run_faults
from tests.system.running_system import RunningSystem

FAULTS = int(os.environ.get("FAULTS", "50"))


@pytest.mark.system
@pytest.mark.timeout(1200)
def test_no_promise_is_broken(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    seed = random.randrange(10**6)
    system = RunningSystem(tmp_path, "tests.faults.scripted_start")
    system.start()
    try:
        history = run_faults(system, FAULTS, seed)
    finally:
        system.stop()
    database = Database(f"sqlite:///{tmp_path / 'clinic.db'}")
    violations = find_violations(history, database)
    database.close()
    with capsys.disabled():
        print(f"\nseed {seed}: {report(history)}")
    assert violations == [], f"seed {seed}"
    assert len(history.acknowledged) > FAULTS and history.references, report(history)
