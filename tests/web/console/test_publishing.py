"""Publishing and going back from the console: who may, what is asked of the publisher, and what is shown."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from content.comparison import compare
from content.publishing import PublishingDesk, Request, begin_progress
from content.releases import Release, ReleaseNote, Releases, State
from tests.content.test_comparison import RIGHT, WRONG
from tests.content.working_content import copy_working_content
from tests.web.conftest import Site
from tests.web.console.conftest import Person

ROOT = Path(__file__).parents[3]


@pytest.fixture
def publishing(site: Site) -> PublishingDesk:
    return PublishingDesk(site.app.ctx.settings.publishing_directory)


@pytest.fixture
def live(site: Site, monkeypatch: pytest.MonkeyPatch) -> Release:
    """The shipped content as a release, with one answer worded otherwise."""
    settings = site.app.ctx.settings
    monkeypatch.setattr(settings, "data_directory", ROOT / "data")
    releases = Releases(settings.releases_directory)
    with releases.draft() as draft:
        shutil.copytree(ROOT / "data", draft / "content" / "data")
        for name in ("domain.yml", "config.yml"):
            shutil.copyfile(ROOT / name, draft / "content" / name)
        shutil.copyfile(settings.profile_path, draft / "content" / "profile.yml")
        cost = draft / "content/data/faq/cost.yml"
        cost.write_text(cost.read_text().replace("A first visit costs", "One visit costs"))
        (draft / "model.tar.gz").write_text("a model")
        release = releases.add(draft, ReleaseNote("Nora", "the first one", "full"))
    releases.set_state(State(release.id, None, {}))
    return release


async def test_the_page_shows_what_changes(people: dict[str, Person], live: Release) -> None:
    page = (await people["content"].get("/studio/publish")).text
    assert "One visit costs" in page and "A first visit costs" in page
    assert "No: only answers changed." in page


async def test_a_file_broken_by_hand_is_named(
    people: dict[str, Person], live: Release, site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy_working_content(tmp_path / "broken")
    (tmp_path / "broken/data/faq/cost.yml").write_text("nlu: [")
    monkeypatch.setattr(site.app.ctx.settings, "data_directory", tmp_path / "broken" / "data")
    page = (await people["content"].get("/studio/publish")).text
    assert "The draft cannot be read." in page and "cost.yml" in page


async def test_a_writer_publishes_with_a_reason(
    people: dict[str, Person], live: Release, publishing: PublishingDesk
) -> None:
    response = await people["content"].post("/studio/publish", why="  new   prices ")
    assert response.headers["location"] == "/console/studio/publish/progress"
    account = people["content"].account
    assert account is not None
    assert publishing.take_request() == Request("publish", "Carl", account.id, "new prices")


async def test_without_a_reason_nothing_is_asked(
    people: dict[str, Person], live: Release, publishing: PublishingDesk
) -> None:
    response = await people["content"].post("/studio/publish", why=" ")
    assert response.status_code == 400 and "Write a reason" in response.text
    assert not publishing.has_request()


async def test_only_an_administrator_overrides(
    people: dict[str, Person], live: Release, publishing: PublishingDesk
) -> None:
    fields = {"why": "new prices", "override": "the rows are wrong"}
    assert (await people["content"].post("/studio/publish", **fields)).status_code == 403
    assert not publishing.has_request()
    assert "in spite of a refusal" not in (await people["content"].get("/studio/publish")).text
    await people["admin"].post("/studio/publish", **fields)
    request = publishing.take_request()
    assert request is not None and request.override == "the rows are wrong"


async def test_a_second_press_asks_nothing(
    people: dict[str, Person], live: Release, publishing: PublishingDesk
) -> None:
    await people["content"].post("/studio/publish", why="first")
    await people["admin"].post("/studio/publish", why="second")
    request = publishing.take_request()
    assert request is not None and request.why == "first"


async def test_going_back_names_the_release_and_the_reason(
    people: dict[str, Person], live: Release, publishing: PublishingDesk
) -> None:
    path = f"/studio/releases/{live.id}/roll-back"
    assert (await people["content"].post(path, why="")).status_code == 400
    await people["content"].post(path, why="a wrong price")
    request = publishing.take_request()
    assert request is not None
    assert (request.action, request.release, request.why) == ("roll_back", live.id, "a wrong price")


async def test_an_unknown_release_is_not_found(people: dict[str, Person], live: Release) -> None:
    assert (await people["content"].post("/studio/releases/nothing/roll-back", why="x")).status_code == 404


async def test_a_refusal_is_shown_with_its_reasons(
    people: dict[str, Person], publishing: PublishingDesk
) -> None:
    progress = begin_progress(Request("publish", "Carl", "1", "new prices"))
    progress.outcome, progress.told = "refused", "This draft is refused."
    progress.findings = ["cost is not approved by the <clinic>."]
    publishing.folder.mkdir(parents=True)
    publishing.write(progress)
    page = (await people["content"].get("/studio/publish/progress")).text
    assert "It was refused." in page and "not approved by the &lt;clinic&gt;." in page
    assert "data-running" not in page


async def test_a_publisher_that_was_killed_is_not_shown_at_work(
    people: dict[str, Person], publishing: PublishingDesk
) -> None:
    publishing.folder.mkdir(parents=True)
    publishing.write(begin_progress(Request("publish", "Carl", "1", "new prices")))
    assert "stopped half way" in (await people["content"].get("/studio/publish/progress")).text
    with publishing.hold():
        page = (await people["content"].get("/studio/publish/progress")).text
    assert "data-running" in page and "stopped half way" not in page


async def test_the_comparison_can_be_filtered(people: dict[str, Person], publishing: PublishingDesk) -> None:
    publishing.folder.mkdir(parents=True)
    publishing.keep_comparison(compare([RIGHT], [WRONG]))
    path = "/studio/publish/comparison"
    assert "how much" in (await people["content"].get(f"{path}?show=worse")).text
    assert "No question here." in (await people["content"].get(f"{path}?show=better")).text
    assert (await people["content"].get(f"{path}?show=other")).status_code == 400


async def test_the_list_shows_who_and_why(people: dict[str, Person], live: Release, site: Site) -> None:
    folder = site.app.ctx.settings.releases_directory
    line = {"at": "2026-11-25T12:00:00+00:00", "action": "roll_back", "release": live.id, "before": "x"}
    (folder / "history.jsonl").write_text(json.dumps(line | {"by": "Adam", "why": "a wrong price"}) + "\n")
    page = (await people["content"].get("/studio/releases")).text
    assert live.id in page and "the first one" in page and "Adam went back to" in page
