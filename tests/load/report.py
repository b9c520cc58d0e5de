"""Writes the load report: every figure with its bar, met or not."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path


@dataclass(frozen=True)
class Bar:
    """One line: what was measured, the value, the bar ("" when it has none), and whether it is met."""

    what: str
    value: str
    bar: str
    is_met: bool | None


INTRODUCTION = """\
# Load report

Written by `make bench`; do not edit by hand. Everything runs on one machine, load generator included: one
web process, one engine with the trained model, one action server, SQLite. Messages are the content team's
own wordings, sent in an open loop: on schedule, whether or not earlier ones were answered, and timed from
when they were due. A busy machine makes every figure worse, so its load before the run is noted.

Stock Rasa (DIET and TED on our topics and answers, its own REST channel) gets the same messages at the same
rate in the same run. It stores nothing, encrypts nothing and has no gateway before it: its times are compared
with ours from the visitor's message to the stored reply, its processor time and memory with our engine's.
"""
SCALE = """\
# Scale report

Written by `make scale-test`; do not edit by hand. First one web process, one engine and one action server
with SQLite; then two of each behind nginx (with `deploy/nginx.conf`), PostgreSQL for the clinic's data and
the engines' memory, Redis for limits and locks. Everything runs on one machine, load generator included, so
two engines share the processors that one had: the figures show that it works, not how far it goes.
"""


def write_report(path: Path, machine: str, load_before: float, bars: list[Bar]) -> None:
    """Write the load report to `path`."""
    path.write_text("\n".join([INTRODUCTION, *_table(machine, load_before, bars)]), "utf-8")


def write_scale_report(path: Path, machine: str, load_before: float, bars: list[Bar]) -> None:
    """Write the scale report to `path`."""
    path.write_text("\n".join([SCALE, *_table(machine, load_before, bars)]), "utf-8")


def _table(machine: str, load_before: float, bars: list[Bar]) -> list[str]:
    verdict = {True: "met", False: "**not met**", None: ""}
    return [
        f"- Machine: {machine}, Python {platform.python_version()}",
        f"- Load average before the run: {load_before:.1f}",
        f"- Date: {datetime.now(UTC):%Y-%m-%d}",
        "",
        "| what | measured | bar | |",
        "|---|---|---|---|",
        *(f"| {bar.what} | {bar.value} | {bar.bar} | {verdict[bar.is_met]} |" for bar in bars),
        "",
    ]
