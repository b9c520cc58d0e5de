"""Publishing: the draft goes live through the gate, or the live assistant stays exactly as it is."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from clinic.settings import Settings
from clinic.storage.database import StorageUnavailable
from content.approvals import missing_approvals
from content.comparison import Comparison, compare
from content.publishing import Progress, PublishingDesk, Request, Step, begin_progress
from content.release_changes import Changes
from content.releases import Release, ReleaseDamaged, ReleaseNote, ReleaseNotFound, ReleaseNotMade, Releases
from launch import gate
from launch.canaries import CanaryWrong, ask_canaries
from launch.first_release import make_release
from launch.gate import Draft, StepFailed
from launch.release import HandOver, ReleaseNotSwitched
from launch.release_record import record
from launch.supervisor_calls import Supervisor

UNTOUCHED = "The live assistant is as it was."
IS_LIVE = "It is live."
WHAT_TO_DO = {
    ReleaseNotMade: "Free some space on the disk and try again.",
    ReleaseDamaged: "Choose another release.",
    ReleaseNotFound: "Choose one that is kept.",
    ReleaseNotSwitched: "Look at the engine's log in var/log.",
    CanaryWrong: "The new release is kept and not live. Correct the content and publish again.",
    StorageUnavailable: "The record could not be written. Try again when the database works.",
    OSError: "If the disk is full, free some space. If nothing runs here, `make run` starts it.",
}


class Publisher:
    """Carries out one request and writes down how far it has come."""

    def __init__(self, settings: Settings, request: Request, supervisor: Supervisor) -> None:
        """Take what was asked for and the running supervisord."""
        self._settings = settings
        self._supervisor = supervisor
        self._releases = Releases(settings.releases_directory)
        self._desk = PublishingDesk(settings.publishing_directory)
        self.progress = begin_progress(request)
        self._request = request

    def run(self) -> Progress:
        """Publish or roll back; returns how it ended. Raises AlreadyPublishing."""
        with self._desk.hold():
            self._desk.log.write_text("", "utf-8")
            try:
                self._desk.write(self.progress)
                if self._request.action == "publish":
                    self._publish()
                else:
                    self._go_live(self._releases.find(self._request.release), "rolled_back")
            except StepFailed as stopped:
                self._end_badly(stopped.told, stopped.advice, stopped.findings)
            except tuple(WHAT_TO_DO) as error:
                advice = next(text for kind, text in WHAT_TO_DO.items() if isinstance(error, kind))
                self._end_badly(f"{error}.", advice, [])
            self._prune()
        return self.progress

    def _prune(self) -> None:
        """Delete old releases; one that cannot be deleted changes nothing of what was published."""
        try:
            self._releases.prune(self._settings.releases_kept)
        except (OSError, ReleaseDamaged) as error:
            print(f"Old releases were not deleted ({error}).", file=sys.stderr)

    def _publish(self) -> None:
        live = self._releases.live()
        if live is None:
            raise StepFailed("Nothing is live yet.", "`make run` starts the assistant and the first release.")
        draft = gate.copy_draft(self._settings, self._desk.folder / "work")
        with self._step("lint") as step:
            step.told = gate.check_lint(draft)
        changes = gate.find_changes(draft, live)
        if changes.is_empty:
            raise StepFailed("Nothing has changed since the live release.", "There is nothing to publish.")
        with self._step("model") as step:
            kind, step.told = gate.make_model(draft, live, changes, self._desk.log)
        self._check_conversations(draft, changes, kind)
        reports, refusals = self._compare(draft, live, kind)
        refusals += self._check_approvals(draft)
        self._refuse(refusals)
        override = self._request.override if refusals else ""
        note = ReleaseNote(self._request.by, self._request.why, kind, override)
        self._go_live(make_release(self._settings, draft.model, draft.folder, note, reports), "published")

    def _check_conversations(self, draft: Draft, changes: Changes, kind: str) -> None:
        said = {answer.name for answer in changes.answers}
        if kind == "answers" and not gate.keep_conversations_about(draft, said):
            self._skip("conversations", told="No conversation test says these answers.")
            return
        with self._step("conversations") as step:
            step.told = gate.check_conversations(draft)

    def _compare(self, draft: Draft, live: Release, kind: str) -> tuple[dict[str, Any], list[str]]:
        """Evaluate old and new; returns what is kept with the release, and why it may be refused."""
        before = live.read_json("outcomes.json")
        if kind == "answers":
            self._skip("evaluation", "comparison", told="The same questions get the same topics.")
            return ({"outcomes.json": before} if before else {}), []
        with self._step("evaluation") as step:
            before = before or gate.evaluate_live(draft, live, self._desk.folder)
            broken = gate.evaluate(draft, draft.model, self._desk.folder / "after.json")
            after = gate.read_outcomes(self._desk.folder / "after.json")
            step.told = f"{len(after['rows'])} questions were asked."
        with self._step("comparison") as step:
            comparison = compare(before["rows"], after["rows"])
            step.told = _in_short(comparison)
            self._desk.keep_comparison(comparison)
        reports = {"outcomes.json": after, "comparison.json": comparison.as_json()}
        return reports, broken + comparison.refusals()

    def _check_approvals(self, draft: Draft) -> list[str]:
        with self._step("approval") as step:
            missing = missing_approvals(draft.folder)
            step.told = f"{len(missing)} topics are not approved." if missing else "No approval is missing."
        return [f"{topic} is not approved by the clinic." for topic in missing]

    def _refuse(self, refusals: list[str]) -> None:
        if refusals and not self._request.override:
            self.progress.outcome = "refused"
            advice = "Improve the content, or ask an administrator to publish it with a reason."
            raise StepFailed("This draft is refused.", advice, refusals)
        self.progress.findings = refusals

    def _go_live(self, release: Release, outcome: Any) -> None:
        self.progress.release = release.id
        hand_over = HandOver(self._settings, self._supervisor)

        def check(addresses: list[str]) -> None:
            self._end_step("engines", "The new engines answer.")
            with self._step("canaries") as step:
                step.told = f"{ask_canaries(self._settings, addresses)} questions were understood."

        self._begin_step("engines")
        hand_over.prepare(release, check)
        with self._step("switch") as step:
            record(self._settings, self._request, release, self._releases.state().live)
            is_drained = hand_over.switch(release)
            step.told = "New turns go to it." if is_drained else "A web process has not confirmed it in time."
        self.progress.outcome = outcome
        self._end(IS_LIVE, "")

    @contextmanager
    def _step(self, name: str) -> Iterator[Step]:
        step = self._begin_step(name)
        yield step
        self._end_step(name, step.told)

    def _begin_step(self, name: str) -> Step:
        step = self._find(name)
        step.state, self._began = "running", time.monotonic()
        self._desk.write(self.progress)
        return step

    def _end_step(self, name: str, told: str) -> None:
        step = self._find(name)
        step.state, step.told, step.seconds = "done", told, round(time.monotonic() - self._began, 1)
        self._desk.write(self.progress)

    def _skip(self, *names: str, told: str) -> None:
        for name in names:
            step = self._find(name)
            step.state, step.told = "skipped", told

    def _find(self, name: str) -> Step:
        return next(step for step in self.progress.steps if step.name == name)

    def _end_badly(self, told: str, advice: str, findings: list[str]) -> None:
        for step in self.progress.steps:
            step.state = "failed" if step.state == "running" else step.state
        if self.progress.outcome == "running":
            self.progress.outcome = "failed"
        self.progress.findings = findings
        self._end(f"{told} {UNTOUCHED}", advice)

    def _end(self, told: str, advice: str) -> None:
        self.progress.told, self.progress.advice = told, advice
        self.progress.ended_at = datetime.now(UTC).isoformat()
        try:
            self._desk.write(self.progress)
        except OSError as error:  # a full disk: whoever started this still reads it
            print(f"The progress could not be written ({error.strerror}).", file=sys.stderr)


def _in_short(comparison: Comparison) -> str:
    better, worse, changed = (comparison.count(verdict) for verdict in ("better", "worse", "changed"))
    return f"Of {comparison.of} questions, {better} got better, {worse} worse, {changed} otherwise different."
