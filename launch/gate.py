"""What a draft must pass before any engine loads it. Everything happens in a work folder of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from clinic.settings import Settings
from content.files import ContentUnreadable
from content.lint import lint
from content.release_changes import Changes, compare_content
from content.releases import Release
from launch.conversation_tests import ConversationsFailed, run_conversations
from launch.environment_variables import engine_variables
from launch.first_release import copy_content
from launch.model import ENGINE_PYTHON, MODEL, ROOT, fingerprint, is_current
from launch.repackage import NotRepackaged, learned_parts, repackage

# what a draft is linted, trained and tested with, and does not change
PROGRAM = ("engine", "content", "actions", "clinic", "web", "evaluation", "endpoints.yml", "models/encoder")
WORSE = "Understanding got worse: "


class StepFailed(Exception):
    """A step stopped the publishing. told: what happened; advice: what to do; findings: one line each."""

    def __init__(self, told: str, advice: str, findings: list[str] | None = None) -> None:
        """Take the sentences for the writer."""
        super().__init__(told)
        self.told, self.advice, self.findings = told, advice, findings or []


@dataclass(frozen=True)
class Draft:
    """A copy of the working content, in which nobody writes while it is checked."""

    folder: Path
    settings: Settings
    made_from: str  # the fingerprint of the project when it was copied

    @property
    def model(self) -> Path:
        """Return where its model is, once there is one."""
        return self.folder / "models" / "draft.tar.gz"

    @property
    def variables(self) -> dict[str, str]:
        """Return the environment for Rasa in this folder."""
        return engine_variables(self.settings) | {
            "OPTC_PROFILE_PATH": str(self.folder / "profile.yml"),
            "OPTC_QUESTIONS_PATH": str(self.folder / "data" / "faq"),
        }


def copy_draft(settings: Settings, folder: Path) -> Draft:
    """Copy the working content into `folder`, which is emptied before."""
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "models").mkdir(parents=True)
    made_from = fingerprint()
    working = settings.working_folder
    copy_content(settings, working, folder)
    shutil.copytree(working / "tests" / "conversations", folder / "tests" / "conversations")
    for name in PROGRAM:
        (folder / name).symlink_to(ROOT / name)
    return Draft(folder.resolve(), settings, made_from)


def check_lint(draft: Draft) -> str:
    """Hold the draft against the content rules; raises StepFailed with the findings."""
    findings = [str(finding) for finding in lint(draft.folder, date.today())]
    if findings:
        raise StepFailed(
            f"{len(findings)} mistakes in the content.", "Correct them and publish again.", findings
        )
    return "The content is in order."


def find_changes(draft: Draft, live: Release) -> Changes:
    """Return what the draft changes; raises StepFailed when a file cannot be read."""
    try:
        return compare_content(live.content, draft.folder)
    except ContentUnreadable as error:
        raise StepFailed(str(error), "Correct the file and publish again.") from error


def make_model(draft: Draft, live: Release, changes: Changes, log: Path) -> tuple[str, str]:
    """Make the draft's model; returns its kind (full or answers) and a sentence. Raises StepFailed."""
    if not changes.needs_training:
        try:
            repackage(live.model, live.content, draft.folder, draft.model)
        except NotRepackaged as reason:
            told = f" ({reason})"
        else:
            if learned_parts(live.model) != learned_parts(draft.model):
                raise StepFailed("What the model has learned changed.", "Look at the log.")
            return "answers", "Only answers changed: nothing was trained."
    else:
        told = ""
    is_own = draft.settings.working_folder == ROOT
    if is_own and is_current() and fingerprint() == draft.made_from:
        shutil.copyfile(MODEL, draft.model)
        return "full", "`make train` had made this model already."
    _train(draft, log)
    return "full", f"The model was trained{told}."


def _train(draft: Draft, log: Path) -> None:
    command = [
        str(ENGINE_PYTHON), "-m", "rasa", "train", "--out", "models", "--fixed-model-name", "draft",
        "--endpoints", "endpoints.yml",
    ]  # fmt: skip
    with log.open("ab") as file:
        done = subprocess.run(
            command, cwd=draft.folder, env=draft.variables, stdout=file, stderr=subprocess.STDOUT
        )
    if done.returncode != 0 or not draft.model.is_file():
        lines = log.read_text("utf-8", errors="replace").splitlines()[-5:]
        raise StepFailed("The training failed.", "The last lines of the log say why.", lines)


def keep_conversations_about(draft: Draft, answers: set[str]) -> int:
    """Leave only the conversation tests in which one of `answers` is said; returns how many there are.

    Where nothing that is learned has changed, the others cannot go otherwise than before.
    """
    yaml, kept = YAML(typ="safe", pure=True), 0
    for path in (draft.folder / "tests" / "conversations").glob("*.yml"):
        written = yaml.load(path.read_text("utf-8"))
        stories = [
            story
            for story in written.get("stories") or []
            if any(step.get("action") in answers for step in story["steps"])
        ]
        kept += len(stories)
        if stories:
            with path.open("w", encoding="utf-8") as file:
                yaml.dump({**written, "stories": stories}, file)
        else:
            path.unlink()
    return kept


def check_conversations(draft: Draft) -> str:
    """Run the conversation tests with the draft's model; raises StepFailed."""
    try:
        passed = run_conversations(draft.folder, draft.model, draft.variables)
    except ConversationsFailed as error:
        raise StepFailed(
            "A conversation test failed.",
            "Add wordings to the question that should answer, or correct the test.",
            [line for line in str(error).splitlines() if line.strip()][:60],
        ) from error
    return f"{passed} conversations went as written."


def evaluate(draft: Draft, model: Path, out: Path) -> list[str]:
    """Ask `model` the held-out questions, write the outcomes to `out`; returns the floors that are broken."""
    questions = sorted(str(path) for path in (ROOT / "evaluation" / "questions").glob("*.tsv"))
    done = subprocess.run(
        [str(ENGINE_PYTHON), "-W", "ignore", "-m", "evaluation", *questions, "--floors"]
        + ["--model", str(model.resolve()), "--out", str(out.resolve())],
        cwd=draft.folder,
        env=draft.variables,
        capture_output=True,
        text=True,
    )
    broken = [line.removeprefix(WORSE) for line in done.stderr.splitlines() if line.startswith(WORSE)]
    if not out.is_file() or (done.returncode != 0 and not broken):
        raise StepFailed("The evaluation did not run.", "Look at the log.", done.stderr.splitlines()[-5:])
    return broken


def evaluate_live(draft: Draft, live: Release, folder: Path) -> dict[str, Any]:
    """Return the outcomes of a live release that came without; a second try finds those of the first."""
    kept = folder / f"outcomes-{live.id}.json"
    if not kept.is_file():
        fresh = folder / "before.json"
        evaluate(draft, live.model, fresh)
        for old in folder.glob("outcomes-*.json"):
            old.unlink()
        os.replace(fresh, kept)
    return read_outcomes(kept)


def read_outcomes(path: Path) -> dict[str, Any]:
    """Return what an evaluation wrote."""
    outcomes: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return outcomes
