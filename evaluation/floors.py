"""Whether understanding got worse: a summary held against evaluation/floors.yml."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

FLOORS = Path(__file__).with_name("floors.yml")


def broken_floors(summary: dict[str, dict[str, Any]], path: Path = FLOORS) -> list[str]:
    """One sentence for each measure that is past its floor; empty when all hold."""
    floors = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    low = [
        f"{name} is {summary[name]['share']} %, below its floor of {floor} %."
        for name, floor in floors["at_least"].items()
        if summary[name]["share"] < floor
    ]
    high = [
        f"{name} is {summary[name]['share']} %, above its limit of {limit} %."
        for name, limit in floors["at_most"].items()
        if summary[name]["share"] > limit
    ]
    return low + high
