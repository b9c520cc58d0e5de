"""Publishing step by step: a planted fault in any of them leaves the live assistant as it was."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from clinic.audit import Audit
from clinic.settings import Settings
from clinic.storage.database import Database
from content.publishing import AlreadyPublishing, Progress, PublishingDesk, Request, begin_progress
from content.releases import Release, ReleaseNote, Releases, State
from launch import gate, publish
from launch import release as release_module
from launch.canaries import CanaryWrong
from launch.first_release import make_release, prepare_release
from launch.gate import StepFailed
from launch.groups import current_group
from launch.model import ROOT
from launch.publish import Publisher
from launch.publisher import end_interrupted
from tests.content.test_comparison import row
from tests.content.working_content import copy_working_content
from tests.launch.test_release import FakeSupervisor, told_by_state

REQUEST = Request("publish", "Carl", "staff-1", "new prices")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    copy_working_content(tmp_path)
    settings = Settings(
        var_directory=tmp_path / "var",
        data_directory=tmp_path / "data",
        profile_path=tmp_path / "profile.yml",
        engine_secret="x" * 40,
    )
    settings.var_directory.mkdir()
    database = Database(settings.resolved_database_url)
    database.migrate()
    database.close()
    return settings


@pytest.fixture
def live(settings: Settings, tmp_path: Path) -> Release:
    (tmp_path / "model").write_text("the live model")
    release = make_release(settings, tmp_path / "model", ROOT, ReleaseNote("Nora", "first", "full"))
    Releases(settings.releases_directory).set_state(State(release.id, None, {"engine": release.id}))
    edit(settings, "price of one session", "price of one single session")
    return release


@pytest.fixture(autouse=True)
def quick_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every step that needs Rasa works at once; a test plants its fault over this."""

    def make_model(draft: gate.Draft, *_: Any) -> tuple[str, str]:
        draft.model.write_text("a new model")
        return "full", "The model was trained."

    def evaluate(draft: gate.Draft, model: Path, out: Path) -> list[str]:
        out.write_text('{"rows": []}')
        return []

    monkeypatch.setattr(gate, "check_lint", lambda draft: "In order.")
    monkeypatch.setattr(gate, "make_model", make_model)
    monkeypatch.setattr(gate, "check_conversations", lambda draft: "All passed.")
    monkeypatch.setattr(gate, "evaluate", evaluate)
    monkeypatch.setattr(publish, "ask_canaries", lambda settings, addresses: 6)
    monkeypatch.setattr(release_module, "http_probe", lambda _: lambda group, name: True)
    monkeypatch.setattr(release_module, "loaded_release", told_by_state)
    monkeypatch.setattr(release_module, "load_release", lambda *_: False)
    monkeypatch.setattr(release_module, "DRAINED_WITHIN_SECONDS", 0)


def edit(settings: Settings, old: str, new: str) -> None:
    cost = settings.data_directory / "faq" / "cost.yml"
    assert old in cost.read_text()
    cost.write_text(cost.read_text().replace(old, new))


def run(settings: Settings, request: Request = REQUEST) -> Progress:
    supervisor: Any = FakeSupervisor()
    return Publisher(settings, request, supervisor).run()


def assert_untouched(settings: Settings, live: Release) -> None:
    assert Releases(settings.releases_directory).state().live == live.id
    assert current_group(settings) == "engine"
    assert list(settings.releases_directory.glob(".new-*")) == []


def test_a_draft_goes_live_and_is_written_down(settings: Settings, live: Release) -> None:
    progress = run(settings)
    assert progress.outcome == "published" and all(step.state == "done" for step in progress.steps)
    releases = Releases(settings.releases_directory)
    assert (releases.state().live, releases.state().previous) == (progress.release, live.id)
    assert releases.history()[0] | {"at": ""} == {
        "at": "", "action": "publish", "release": progress.release, "before": live.id, "by": "Carl",
        "why": "new prices",
    }  # fmt: skip
    database = Database(settings.resolved_database_url)
    [entry] = Audit(database).list_for("release", progress.release)
    database.close()
    assert (entry.actor, entry.action) == ("staff-1", "release_published")
    assert PublishingDesk(settings.publishing_directory).read() == progress


def fail(error: Exception) -> Callable[..., Any]:
    def step(*_: Any) -> Any:
        raise error

    return step


FULL_DISK = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
FAULTS: dict[str, tuple[Any, str, Exception, str]] = {
    "a mistake": (gate, "check_lint", StepFailed("1 mistake.", "Correct it."), "lint"),
    "training fails": (gate, "make_model", StepFailed("The training failed.", "Look."), "model"),
    "a full disk": (gate, "make_model", FULL_DISK, "model"),
    "a failed conversation": (gate, "check_conversations", StepFailed("Failed.", "Look."), "conversations"),
    "no evaluation": (gate, "evaluate", StepFailed("It did not run.", "Look."), "evaluation"),
    "a wrong canary": (publish, "ask_canaries", CanaryWrong("planted"), "canaries"),
    "no record": (publish, "record", FULL_DISK, "switch"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_leaves_the_live_assistant_as_it_was(
    name: str, settings: Settings, live: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    module, function, error, step = FAULTS[name]
    monkeypatch.setattr(module, function, fail(error))
    progress = run(settings)
    assert progress.outcome == "failed" and progress.advice and "as it was" in progress.told
    assert [one.name for one in progress.steps if one.state == "failed"] == [step]
    assert_untouched(settings, live)


def worse(monkeypatch: pytest.MonkeyPatch) -> None:
    """The new model gets four questions wrong that the live one answers."""

    def evaluate(draft: gate.Draft, model: Path, out: Path) -> list[str]:
        intent = "ask_cost" if model != draft.model else "ask_insurance"
        rows = [row(f"question {number}", intent=intent) for number in range(4)]
        out.write_text(json.dumps({"rows": rows}))
        return []

    monkeypatch.setattr(gate, "evaluate", evaluate)


def test_a_regression_is_refused(settings: Settings, live: Release, monkeypatch: pytest.MonkeyPatch) -> None:
    worse(monkeypatch)
    progress = run(settings)
    assert progress.outcome == "refused"
    assert progress.findings == ["4 questions get a worse answer and only 0 a better one."]
    assert_untouched(settings, live)
    comparison = PublishingDesk(settings.publishing_directory).comparison()
    assert comparison is not None and comparison.count("worse") == 4


def test_a_second_try_asks_the_live_release_nothing_again(
    settings: Settings, live: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    worse(monkeypatch)
    evaluate, asked = gate.evaluate, []

    def count(draft: gate.Draft, model: Path, out: Path) -> list[str]:
        asked.append(model.name)
        return evaluate(draft, model, out)

    monkeypatch.setattr(gate, "evaluate", count)
    assert [run(settings).outcome for _ in range(2)] == ["refused", "refused"]
    assert asked == ["model.tar.gz", "draft.tar.gz", "draft.tar.gz"]


def test_an_override_publishes_and_is_kept(
    settings: Settings, live: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    worse(monkeypatch)
    asked = Request("publish", "Adam", "admin-1", "new prices", override="the rows are old")
    progress = run(settings, asked)
    assert progress.outcome == "published"
    release = Releases(settings.releases_directory).find(progress.release)
    assert release.note.override == "the rows are old"
    assert len(release.read_json("comparison.json")["changes"]) == 4


def test_an_override_never_helps_against_a_failed_test(
    settings: Settings, live: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gate, "check_conversations", fail(StepFailed("Failed.", "Look.")))
    asked = Request("publish", "Adam", "admin-1", "new prices", override="never mind")
    assert run(settings, asked).outcome == "failed"
    assert_untouched(settings, live)


def test_a_missing_approval_is_refused_where_the_profile_asks_for_it(
    settings: Settings, live: Release, tmp_path: Path
) -> None:
    profile = tmp_path / "profile.yml"
    shipped = (ROOT / "clinic" / "profile.yml").read_text()
    profile.write_text(shipped.replace("require_clinic_approval: false", "require_clinic_approval: true"))
    progress = run(settings.model_copy(update={"profile_path": profile}))
    assert progress.outcome == "refused" and "cost is not approved by the clinic." in progress.findings
    assert_untouched(settings, live)


def test_an_unchanged_draft_is_not_published(settings: Settings, live: Release) -> None:
    edit(settings, "price of one single session", "price of one session")
    assert "Nothing has changed" in run(settings).told


def test_going_back_is_written_down(settings: Settings, live: Release) -> None:
    run(settings)
    asked = Request("roll_back", "Adam", "admin-1", "a wrong price", release="previous")
    progress = run(settings, asked)
    releases = Releases(settings.releases_directory)
    assert progress.outcome == "rolled_back" and releases.state().live == live.id
    assert releases.history()[0]["why"] == "a wrong price"


def test_only_one_is_published_at_a_time(settings: Settings, live: Release) -> None:
    with PublishingDesk(settings.publishing_directory).hold(), pytest.raises(AlreadyPublishing):
        run(settings)
    assert_untouched(settings, live)


def test_one_that_was_killed_is_told_of_afterwards(settings: Settings) -> None:
    desk = PublishingDesk(settings.publishing_directory)
    desk.folder.mkdir()
    desk.write(begin_progress(REQUEST))
    end_interrupted(desk, Releases(settings.releases_directory))
    progress = desk.read()
    assert progress is not None and progress.outcome == "failed" and "half way" in progress.told
    assert "as it was" in progress.told


def test_one_that_was_killed_after_the_switch_is_not_said_to_be_untouched(
    settings: Settings, live: Release
) -> None:
    desk = PublishingDesk(settings.publishing_directory)
    desk.folder.mkdir()
    progress = begin_progress(REQUEST)
    progress.release = live.id
    desk.write(progress)
    end_interrupted(desk, Releases(settings.releases_directory))
    told = desk.read()
    assert told is not None and "It is live." in told.told and "as it was" not in told.told


def test_old_releases_that_cannot_be_deleted_change_nothing_of_what_went_live(
    settings: Settings, live: Release, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(Releases, "prune", fail(FULL_DISK))
    progress = run(settings)
    assert progress.outcome == "published"
    assert Releases(settings.releases_directory).state().live == progress.release
    assert "were not deleted" in capsys.readouterr().err


def test_a_start_uses_the_release_before_a_damaged_one(settings: Settings, live: Release) -> None:
    newer = run(settings).release
    releases = Releases(settings.releases_directory)
    model = releases.find(newer).model
    model.chmod(0o644)
    model.write_text("tampered")
    release, told = prepare_release(settings)
    assert release.id == live.id and "not what was published" in told
    assert releases.state().groups["engine"] == live.id
