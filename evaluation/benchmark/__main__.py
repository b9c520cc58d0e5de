"""`python -m evaluation.benchmark --data FOLDER`: every pipeline on every public set, then the table.

Each contest runs in a process of its own, one after the other. Results are kept in results/benchmark.json, so
that a run that was stopped goes on where it was; `--again` begins anew.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from evaluation.benchmark.public_sets import FILES
from evaluation.benchmark.table import write_table

KEPT = Path("results/benchmark.json")
TABLE = Path("evaluation/BENCHMARKS.md")
PIPELINES = ["ours", "logistic", "diet"]


def main() -> int:
    """Returns 0, or 1 when a contest failed; the table holds what there is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with banking77/ and clinc150/")
    parser.add_argument("--pipelines", nargs="+", choices=PIPELINES, default=PIPELINES)
    parser.add_argument("--sets", nargs="+", choices=list(FILES), default=list(FILES))
    parser.add_argument("--again", action="store_true", help="forget earlier results")
    given = parser.parse_args()
    results = {} if given.again or not KEPT.is_file() else json.loads(KEPT.read_text("utf-8"))
    runs = {f"turn {who}": ["turn_cost", who] for who in ("ours", "stock")}
    for name in given.sets:
        for pipeline in given.pipelines:
            runs[f"{pipeline} {name}"] = ["contest", pipeline, name, "--data", str(given.data)]
    failed = [key for key, command in runs.items() if key not in results and not _run(key, command, results)]
    TABLE.write_text(write_table(results), "utf-8")
    print(TABLE.read_text("utf-8"))
    return 1 if failed else 0


def _run(key: str, command: list[str], results: dict[str, Any]) -> bool:
    """Run one contest and keep its result; returns whether it worked."""
    print(f"{key} …", flush=True)
    module, *arguments = command
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", f"evaluation.benchmark.{module}", *arguments],
        stdout=subprocess.PIPE,
        text=True,
    )
    if done.returncode:
        print(f"{key} failed", file=sys.stderr)
        return False
    results[key] = json.loads(done.stdout.splitlines()[-1])
    KEPT.parent.mkdir(exist_ok=True)
    KEPT.write_text(json.dumps(results, indent=1), "utf-8")
    return True


if __name__ == "__main__":
    sys.exit(main())
