"""`make scale-test`: the same assistant on two machines' worth of processes, under load and under faults.

PostgreSQL for the clinic's data and the engines' memory, Redis for limits and locks, nginx in front; two web
processes, two engines, two action servers. It shows that a conversation goes as on one machine, and that the
promises hold while parts die, PostgreSQL and Redis among them. Writes docs/scale-report.md.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from tests.faults.checker import find_violations
from tests.faults.history import History
from tests.faults.nemesis import Nemesis
from tests.faults.real_visitors import RealVisitor
from tests.faults.run import report, run_faults
from tests.load.bench import STEADY_RATE, UNLIMITED, limit, times
from tests.load.processes import machine
from tests.load.report import Bar, write_scale_report
from tests.load.visitors import ROOT, Api, closed_loop, open_loop, percentile, read_wordings
from tests.postgresql import can_run_postgresql
from tests.scale.cluster import Cluster, running_cluster
from tests.scale.services import missing_programs
from tests.scale.walk import walk
from tests.system.running_system import RunningSystem


class ClusterNemesis(Nemesis):
    """Also crashes and pauses PostgreSQL and Redis."""

    def __init__(self, cluster: Cluster, history: History, seed: int) -> None:
        super().__init__(cluster, history, seed)
        self._cluster = cluster
        more: list[Callable[[], str]] = [self._crash_postgresql, self._crash_redis, self._pause_redis]
        self._faults += more

    def _crash_postgresql(self) -> str:
        """For a few seconds nothing can be stored: every visitor is told so, and nothing is called saved."""
        self._cluster.postgresql.crash()
        seconds = self._random.uniform(0.5, 4.0)
        time.sleep(seconds)
        self._cluster.postgresql.start()
        return f"crash PostgreSQL for {seconds:.1f} s"

    def _crash_redis(self) -> str:
        self._cluster.redis.crash()
        time.sleep(self._random.uniform(0.5, 4.0))
        self._cluster.redis.start()
        return "crash Redis"

    def _pause_redis(self) -> str:
        self._cluster.redis.signal(signal.SIGSTOP)
        time.sleep(self._random.uniform(0.5, 4.0))
        self._cluster.redis.signal(signal.SIGCONT)
        return "pause Redis"


async def load(url: str, seconds: float) -> tuple[float, float, int]:
    """Return the most it can do (messages/s), the p95 at the steady rate (seconds), and the failures then."""
    api = Api(url, read_wordings())
    await api.prepare(50)
    await open_loop(api.ask, 2, 5)  # first calls are slower
    steady = await open_loop(api.ask, STEADY_RATE, seconds)
    most = len(times(await closed_loop(api.ask, 8, seconds / 2), "answered")) / (seconds / 2)
    api.close()
    answered = times(steady, "answered")
    return most, percentile(answered, 0.95), len(steady) - len(answered)


def run(folder: Path, faults: int, seconds: float, seed: int) -> tuple[list[Bar], list[str]]:
    """Measure one machine, then the cluster; returns the report's lines and the violations."""
    alone = RunningSystem(_make(folder / "alone"), **UNLIMITED)
    alone.start()
    try:
        walked_alone, load_alone = walk(alone.url), asyncio.run(load(alone.url, seconds))
    finally:
        alone.stop()
    with running_cluster(_make(folder / "cluster"), **UNLIMITED) as cluster:
        walked, load_cluster = walk(cluster.url), asyncio.run(load(cluster.url, seconds))
        history = History()
        nemesis = ClusterNemesis(cluster, history, seed)
        run_faults(cluster.url, history, nemesis, faults, seed, cluster.wait_until_ready, visitor=RealVisitor)
        database = cluster.open_database()
        violations = find_violations(history, database)
        database.close()
    if walked != walked_alone:
        violations.append("a conversation went differently than on one machine")
    return [
        *_bars(load_alone, load_cluster),
        *_promises(history, violations, walked == walked_alone),
    ], violations


def _bars(alone: tuple[float, float, int], cluster: tuple[float, float, int]) -> list[Bar]:
    rows = []
    for name, (most, p95, failures) in (("one machine", alone), ("2 + 2 + 2 processes", cluster)):
        rows.append(Bar(f"Most it can do, {name}", f"{most:.1f} messages/s", "", None))
        rows.append(limit(f"{STEADY_RATE:.0f} messages/s: p95, {name}", 1000 * p95, 300, "ms"))
        rows.append(limit(f"{STEADY_RATE:.0f} messages/s: without an answer, {name}", failures, 0, ""))
    ratio = cluster[0] / alone[0]
    cores = os.cpu_count() or 1
    bar = "≥ 1.8 times" if cores >= 4 else "≥ 1.8 times on 3 free cores; not judged here"
    rows.append(Bar("Two engines to one", f"{ratio:.2f} times", bar, ratio >= 1.8 if cores >= 4 else None))
    return rows


def _promises(history: History, violations: list[str], same: bool) -> list[Bar]:
    return [
        Bar("A conversation goes word for word as on one machine", "yes" if same else "no", "yes", same),
        Bar("Faults", report(history), "", None),
        limit("Promises broken", len(violations), 0, ""),
    ]


def _make(folder: Path) -> Path:
    folder.mkdir(parents=True)
    return folder


def main() -> int:
    """Run and write the report; returns 0 when every promise held."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--faults", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--report", type=Path, default=ROOT / "docs" / "scale-report.md")
    given = parser.parse_args()
    missing = missing_programs() + ([] if can_run_postgresql() else ["postgresql"])
    if missing:
        print(f"Not run: install {', '.join(missing)} from your system's packages first.", file=sys.stderr)
        return 1
    load_before = os.getloadavg()[0]
    print(f"seed {given.seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="scale-") as folder:
        with suppress(OSError):
            os.chmod(folder, 0o755)  # PostgreSQL runs as a user of its own
        bars, violations = run(Path(folder), given.faults, given.seconds, given.seed)
    write_scale_report(given.report, machine(), load_before, bars)
    print(given.report.read_text("utf-8"))
    for violation in violations:
        print(f"VIOLATION: {violation}")
    return 1 if violations else 0


if __name__ == "__main__":
    sys.exit(main())
