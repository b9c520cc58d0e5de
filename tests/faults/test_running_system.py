"""Faults at the running system, chosen by chance: nothing lost, doubled, falsely said or silent."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from tests.faults.run import break_one_machine, report
from tests.system.running_system import RunningSystem

pytestmark = [pytest.mark.system, pytest.mark.timeout(1500)]
FAULTS = int(os.environ.get("FAULTS", "50"))
FAULTS_AT_THE_REAL_ENGINE = int(os.environ.get("FAULTS_AT_THE_REAL_ENGINE", "5"))


@pytest.mark.parametrize(
    ("start", "faults"),
    [("tests.faults.scripted_start", FAULTS), ("launch.start", FAULTS_AT_THE_REAL_ENGINE)],
    ids=["scripted engine", "real engine"],
)
def test_no_promise_is_broken(
    start: str, faults: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    seed = random.randrange(10**6)
    system = RunningSystem(tmp_path, start)
    system.start()
    try:
        history, violations = break_one_machine(system, faults, seed, scripted="scripted" in start)
    finally:
        system.stop()
    with capsys.disabled():
        print(f"\nseed {seed}: {report(history)}")
    assert violations == [], f"seed {seed}"
    assert history.acknowledged and history.references, report(history)
