"""`make bench`: latency at a steady rate, overload, long talks and memory, with the real engine.

Writes docs/load-report.md. `--seconds 600` is the full size; `--seconds 20` is enough to see that it works.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from tests.load.processes import Use, machine, measure
from tests.load.report import Bar, write_report
from tests.load.stock_rasa import compare, measure_stock
from tests.load.visitors import ROOT, Api, Sample, closed_loop, open_loop, percentile, read_wordings
from tests.system.running_system import RunningSystem

STEADY_RATE = 10.0  # messages a second for one engine
UNLIMITED = {
    f"OPTC_{name}_LIMIT": "1000000/minute" for name in ("MESSAGE", "MESSAGE_HOUR", "SESSION", "CONTACT")
}
LONG_TALK = 120
SETTLED_SECONDS = 0.8  # a message answered this fast after the overload is back to normal


@dataclass
class Bench:
    """One running system and the API to it."""

    system: RunningSystem
    api: Api
    ours: dict[str, float] = field(default_factory=dict)

    async def steady(self, seconds: float) -> list[Bar]:
        """Ten messages a second."""
        await self.api.prepare(int(STEADY_RATE * seconds / 5) + 10)
        before = measure(self.system)
        samples = await open_loop(self.api.ask, STEADY_RATE, seconds)
        used = {
            part: use.cpu_seconds - before[part].cpu_seconds for part, use in measure(self.system).items()
        }
        answered = times(samples, "answered")
        failed = len(samples) - len(answered)
        per_message = {part: 1000 * used[part] / len(samples) for part in ("engine", "web", "actions")}
        cpu = ", ".join(f"{part} {value:.0f} ms" for part, value in per_message.items())
        self.ours |= {
            "p50": percentile(answered, 0.5),
            "p95": percentile(answered, 0.95),
            "cpu": per_message["engine"] / 1000,
            "memory": measure(self.system)["engine"].memory_mb,
        }
        title = f"{STEADY_RATE:.0f} messages/s, {seconds:.0f} s, {len(samples)} messages"
        return [
            Bar(f"{title}: p50", f"{1000 * percentile(answered, 0.5):.0f} ms", "", None),
            limit(f"{title}: p95", 1000 * percentile(answered, 0.95), 300, "ms"),
            limit(f"{title}: p99", 1000 * percentile(answered, 0.99), 800, "ms"),
            limit("Messages without an answer in it", failed, 0, ""),
            limit("Processor time a message, engine", per_message["engine"], 45, "ms"),
            Bar("Processor time a message, all parts", cpu, "", None),
        ]

    async def overload(self, seconds: float) -> list[Bar]:
        """Three times what the system can do, then the way back."""
        capacity = len(times(await closed_loop(self.api.ask, 8, max(5.0, seconds / 4)), "answered")) / max(
            5.0, seconds / 4
        )
        await self.api.prepare(200)
        samples = await open_loop(self.api.ask, 3 * capacity, seconds)
        ended = time.monotonic()
        while True:
            sample = await self.api.ask(time.monotonic())
            if sample.outcome == "answered" and sample.seconds < SETTLED_SECONDS:
                break
        back = time.monotonic() - ended
        answered, busy = times(samples, "answered"), times(samples, "busy")
        others = len(samples) - len(answered) - len(busy)
        title = f"{3 * capacity:.0f} messages/s for {seconds:.0f} s (three times {capacity:.0f})"
        return [
            Bar("Most it can do", f"{capacity:.0f} messages/s", "", None),
            limit(f"{title}: accepted p95", percentile(answered, 0.95), 5, "s"),
            limit(f"{len(busy)} of {len(samples)} refused: p95", 1000 * percentile(busy, 0.95), 200, "ms"),
            Bar("Neither answered nor refused at once", f"{others} messages", "", None),
            limit("Back to normal after the overload", back, 10, "s"),
        ]

    async def long_talk(self) -> list[Bar]:
        """One conversation of 120 turns: the engine's time for a turn at the begin, at 40 and at the end."""
        seconds: list[float] = []
        token = await self.api.start()
        for number in range(LONG_TALK):
            began = time.monotonic()
            await self.api.say(token, f"how long does one session take {'?' * (number % 3)}")
            seconds.append(time.monotonic() - began)
        first = percentile(seconds[1:11], 0.5)
        at_40, at_end = percentile(seconds[35:45], 0.5), percentile(seconds[-10:], 0.5)
        return [
            limit("Turn 40 to turn 1 (medians of ten)", at_40 / first, 2, "times"),
            limit(f"Turn {LONG_TALK} to turn 1", at_end / first, 2, "times"),
        ]

    async def memory(self, turns: int) -> list[Bar]:
        """Many turns; what the processes hold afterwards. The first ones, at most a thousand, warm caches."""
        await self._take(min(1000, turns))
        before = measure(self.system)
        await self._take(turns)
        after = measure(self.system)
        return [
            limit(f"Memory of {part} after {turns} turns ({after[part].memory_mb:.0f} MB)",
                  growth(before[part], after[part]), 15, "% more")
            for part in ("engine", "web", "actions")
        ]  # fmt: skip

    async def _take(self, turns: int) -> None:
        left = iter(range(turns))

        async def client() -> None:
            for _ in left:
                await self.api.ask(time.monotonic())

        await asyncio.gather(*(client() for _ in range(8)))


def times(samples: list[Sample], outcome: str) -> list[float]:
    """The seconds of the samples with this outcome."""
    return [sample.seconds for sample in samples if sample.outcome == outcome]


def growth(before: Use, after: Use) -> float:
    """By how many per cent the memory grew."""
    return 100 * (after.memory_mb / before.memory_mb - 1)


def limit(what: str, value: float, highest: float, unit: str) -> Bar:
    """A bar that is met when the value is not above `highest`; no value is no failure, only no figure."""
    if value != value:
        return Bar(what, "none", f"≤ {highest:g} {unit}".strip(), None)
    return Bar(what, f"{value:.3g} {unit}".strip(), f"≤ {highest:g} {unit}".strip(), value <= highest)


async def run(
    system: RunningSystem, gateway: RunningSystem, seconds: float, turns: int
) -> tuple[list[Bar], dict[str, float]]:
    """Measure everything; the gateway's own part is measured in front of an engine that takes no time.

    Returns the lines of the report, and what is compared with stock Rasa.
    """
    wordings = read_wordings()
    api, bare = Api(system.url, wordings), Api(gateway.url, ["does it hurt"])
    bench = Bench(system, api)
    await open_loop(api.ask, 2, 10)  # first calls are slower
    bars = await bench.steady(seconds)
    await bare.prepare(int(STEADY_RATE * min(seconds, 60)))
    samples = await open_loop(bare.ask, STEADY_RATE, min(seconds, 60))
    overhead = percentile(times(samples, "answered"), 0.95)
    bars.append(limit("The gateway's own part of it: p95", 1000 * overhead, 15, "ms"))
    bars += await bench.long_talk()
    bars += await bench.overload(min(seconds, 30))
    bars += await bench.memory(turns)
    for used in (api, bare):
        used.close()
    return bars, bench.ours


def main() -> int:
    """Measure and write the report; returns 0 also when a bar is missed: the report says so."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--turns", type=int, default=0, help="for the memory; default: 80 for each second")
    parser.add_argument("--report", type=Path, default=ROOT / "docs" / "load-report.md")
    given = parser.parse_args()
    load_before = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as first, tempfile.TemporaryDirectory() as second:
        system = RunningSystem(Path(first), **UNLIMITED)
        gateway = RunningSystem(Path(second), "tests.faults.scripted_start", **UNLIMITED)
        for one in (system, gateway):
            one.start()
        try:
            turns = given.turns or int(given.seconds * 80)
            bars, ours = asyncio.run(run(system, gateway, given.seconds, turns))
        finally:
            for one in (system, gateway):
                one.stop()
    bars += compare(ours, measure_stock(STEADY_RATE, min(given.seconds, 120)))
    write_report(given.report, machine(), load_before, bars)
    print(given.report.read_text("utf-8"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
