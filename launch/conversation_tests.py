"""Run tests/conversations with `rasa test`, and fail for real: without a model Rasa itself exits 0."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from content.files import message_text
from launch.environment_variables import engine_variables
from launch.model import ENGINE_PYTHON, MODEL, ROOT

# a step of a failed story, with what the model made of it behind the "#"
_WRONG = re.compile(
    r"^\s*- (?P<kind>intent|action): (?P<wanted>\S+)\s+# predicted: (?P<got>[^\s:]+)(?:: (?P<said>.*))?$"
)
_STORY = re.compile(r"^- story: (?P<name>.+)$")


class ConversationsFailed(Exception):
    """A conversation did not go as written; the message says which, or what `rasa test` said."""


def main() -> int:
    """Returns 0 when every conversation went as written; otherwise 1 after saying why."""
    if not MODEL.is_file():
        print("No trained model: run `make train` first.", file=sys.stderr)
        return 1
    try:
        passed = run_conversations(ROOT, MODEL, engine_variables())
    except ConversationsFailed as error:
        print(error, file=sys.stderr)
        return 1
    print(f"conversations: {passed} passed, 0 failed")
    return 0


def run_conversations(project: Path, model: Path, variables: dict[str, str]) -> int:
    """Run the conversation tests of the folder `project`; returns how many passed, all of them.

    Raises ConversationsFailed, also when there are none.
    """
    with tempfile.TemporaryDirectory() as results:
        done = _run_rasa_test(project, model, Path(results), variables)
        report = Path(results) / "story_report.json"
        if done.returncode != 0 or not report.is_file():
            raise ConversationsFailed(f"{_tail(done.stdout)}\nThe conversation tests did not run.")
        counts = json.loads(report.read_text(encoding="utf-8"))["conversation_accuracy"]
        failed = Path(results) / "failed_test_stories.yml"
        wrong = describe_failed(failed.read_text(encoding="utf-8")) if failed.is_file() else []
    passed, total = int(counts["correct"]), int(counts["total"])
    if not total or passed < total:
        told = f"{passed} conversations went as written, {total - passed} did not."
        raise ConversationsFailed("\n".join([told, *wrong]))
    return passed


def describe_failed(stories: str) -> list[str]:
    """Return one sentence for each wrong step of `rasa test`'s file of failed stories."""
    found, name = [], ""
    for line in stories.splitlines():
        story, wrong = _STORY.match(line), _WRONG.match(line)
        if story:
            name = story["name"].partition(" (")[0]
        elif wrong:
            said = f'"{message_text(wrong["said"])}" ' if wrong["said"] else ""
            found.append(f"{name}: {said}should be {wrong['wanted']} and is {wrong['got']}.")
    return found


def _run_rasa_test(
    project: Path, model: Path, results: Path, variables: dict[str, str]
) -> subprocess.CompletedProcess[str]:
    command = [
        str(ENGINE_PYTHON), "-m", "rasa", "test", "core", "--e2e", "--stories", "tests/conversations",
        "--model", str(model), "--out", str(results), "--endpoints", "endpoints.yml",
    ]  # fmt: skip
    return subprocess.run(
        command, cwd=project, env=variables, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def _tail(output: str) -> str:
    return "\n".join(output.splitlines()[-20:])


if __name__ == "__main__":
    sys.exit(main())
