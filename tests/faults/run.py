"""`make faults N=50`: break the running system N times while visitors use it, then check the database."""

from __future__ import annotations

import argparse
import contextlib
import random
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import httpx

from tests.faults.checker import find_violations
from tests.faults.history import History
from tests.faults.nemesis import LONGEST_STOP_SECONDS, Nemesis, OneMachineNemesis
from tests.faults.real_visitors import RealVisitor
from tests.faults.visitors import FaultVisitor, names
from tests.system.running_system import RunningSystem

VISITORS = 6
CALM_SECONDS = (0.3, 1.5)  # between two faults


def run_faults(
    url: str,
    history: History,
    nemesis: Nemesis,
    faults: int,
    seed: int,
    wait_until_ready: Callable[[], None],
    visitor: type[FaultVisitor] = FaultVisitor,
) -> None:
    """Let visitors in, inject `faults` faults, wait until all is well, and let the visitors finish."""
    stop, chance = threading.Event(), random.Random(seed)
    free_names, lock = names(), threading.Lock()

    def next_name() -> str:
        with lock:
            return next(free_names)

    people = [visitor(url, history, next_name, stop, seed + number) for number in range(VISITORS)]
    observer = threading.Thread(target=_observe, args=(url, history, stop), daemon=True)
    for thread in (*people, observer):
        thread.start()
    for _ in range(faults):
        nemesis.strike()
        time.sleep(chance.uniform(*CALM_SECONDS))
    wait_until_ready()
    stop.set()
    for thread in (*people, observer):
        thread.join(60)
    failures = [person.failure for person in people if person.failure]
    if failures:
        raise failures[0]


def break_one_machine(
    system: RunningSystem, faults: int, seed: int, scripted: bool = True
) -> tuple[History, list[str]]:
    """Run the faults against a started system; returns what visitors saw and what was violated."""
    history = History()
    nemesis = OneMachineNemesis(system, history, seed, scripted)
    visitor = FaultVisitor if scripted else RealVisitor
    run_faults(system.url, history, nemesis, faults, seed, system.wait_until_ready, visitor)
    return history, find_violations(history, system.database)


def _observe(url: str, history: History, stop: threading.Event) -> None:
    """See when a broken web process is well again."""
    while not stop.wait(0.2):
        with contextlib.suppress(httpx.HTTPError):
            if httpx.get(f"{url}/health/live", timeout=1).status_code == 200:
                history.end_web_trouble(LONGEST_STOP_SECONDS + 1)


def report(history: History) -> str:
    """What happened, in a few lines."""
    answered = sorted(attempt.seconds for attempt in history.attempts if attempt.outcome == "answered")
    outcomes = Counter(attempt.outcome for attempt in history.attempts)
    slowest = answered[-1] if answered else 0.0
    return (
        f"{len(history.faults)} faults, {len(history.attempts)} tries {dict(outcomes)}, "
        f"{len(history.acknowledged)} messages and {len(history.references)} requests acknowledged, "
        f"slowest answer {slowest:.2f} s"
    )


def main() -> int:
    """Run; returns 0 when every promise held, else 1 with one line for each that did not."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--faults", type=int, default=50)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    given = parser.parse_args()
    print(f"seed {given.seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="clinic-faults-") as folder:
        system = RunningSystem(Path(folder), "tests.faults.scripted_start")
        system.start()
        try:
            history, violations = break_one_machine(system, given.faults, given.seed)
        finally:
            system.stop()
    print(report(history))
    for violation in violations:
        print(f"VIOLATION: {violation}")
    return 1 if violations else 0


if __name__ == "__main__":
    sys.exit(main())
