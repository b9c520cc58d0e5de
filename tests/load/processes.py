"""Processor time and memory of the running processes, from /proc."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from tests.system.running_system import RunningSystem

TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True)
class Use:
    """What a part has used: processor seconds since its start, and resident memory in MB."""

    cpu_seconds: float
    memory_mb: float


def measure(system: RunningSystem) -> dict[str, Use]:
    """Return the use of web, engine and actions (the sum of a part's processes)."""
    found: dict[str, Use] = {}
    for name, process in system.process_ids():
        part = name.split(":")[0]
        use = use_of(process)
        before = found.get(part, Use(0.0, 0.0))
        found[part] = Use(before.cpu_seconds + use.cpu_seconds, before.memory_mb + use.memory_mb)
    return found


def use_of(process: int) -> Use:
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    memory = int(Path(f"/proc/{process}/statm").read_text().split()[1]) * PAGE
    return Use((int(fields[11]) + int(fields[12])) / TICKS, memory / 1e6)


def machine() -> str:
    """What this ran on, in a line."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    model = next(
        (line.partition(":")[2].strip() for line in lines if line.startswith("model name")),
        "unknown processor",
    )
    memory = int(Path("/proc/meminfo").read_text().split()[1]) / 1e6
    return f"{os.cpu_count()} cores ({model}), {memory:.0f} GB memory"
