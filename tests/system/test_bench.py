"""`make bench` at its smallest: it gets through, and its figures are figures."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.load.bench import UNLIMITED, run
from tests.load.report import write_report
from tests.system.running_system import RunningSystem

pytestmark = [pytest.mark.system, pytest.mark.timeout(600)]


def test_the_bench_measures_every_bar(system: RunningSystem, tmp_path: Path) -> None:
    gateway = RunningSystem(tmp_path, "tests.faults.scripted_start", **UNLIMITED)
    gateway.start()
    try:
        bars, _ = asyncio.run(run(system, gateway, seconds=5, turns=100))
    finally:
        gateway.stop()
    measured = {bar.what.split(":")[-1].strip() if ":" in bar.what else bar.what for bar in bars}
    for expected in ("p95", "p99", "Messages without an answer in it", "Turn 40 to turn 1 (medians of ten)"):
        assert expected in measured
    assert sum(bar.bar != "" for bar in bars) >= 11
    # how many messages a machine answers in a second is for the report to say, not for a test to ask
    assert all(bar.value.strip() for bar in bars)
    write_report(tmp_path / "report.md", "a machine", 1.0, bars)
    text = (tmp_path / "report.md").read_text("utf-8")
    assert all(f"| {bar.what} |" in text for bar in bars)
