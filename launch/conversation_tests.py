"""Run tests/conversations with `rasa test`, and fail for real: without a model Rasa itself exits 0."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from launch.environment_variables import engine_variables
from launch.model import ENGINE_PYTHON, MODEL, ROOT

STORIES = ROOT / "tests" / "conversations"


def main() -> int:
    """Returns 0 when every conversation went as written; otherwise 1 after saying why."""
    if not MODEL.is_file():
        print("No trained model: run `make train` first.", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as results:
        done = _run_rasa_test(Path(results))
        report = Path(results) / "story_report.json"
        failed = Path(results) / "failed_test_stories.yml"
        if done.returncode != 0 or not report.is_file():
            print(f"{_tail(done.stdout)}\nThe conversation tests failed.", file=sys.stderr)
            if failed.is_file():
                print(failed.read_text(encoding="utf-8")[:8000], file=sys.stderr)
            return 1
        counts = json.loads(report.read_text(encoding="utf-8"))["conversation_accuracy"]
    passed, total = counts["correct"], counts["total"]
    print(f"conversations: {passed} passed, {total - passed} failed")
    return 0 if total and passed == total else 1


def _run_rasa_test(results: Path) -> subprocess.CompletedProcess[str]:
    command = [
        str(ENGINE_PYTHON), "-m", "rasa", "test", "core", "--e2e", "--stories", str(STORIES),
        "--model", str(MODEL), "--out", str(results), "--fail-on-prediction-errors",
        "--endpoints", "endpoints.yml",
    ]  # fmt: skip
    return subprocess.run(
        command, cwd=ROOT, env=engine_variables(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def _tail(output: str) -> str:
    return "\n".join(output.splitlines()[-20:])


if __name__ == "__main__":
    sys.exit(main())
