"""What visitors read follows the live release; what a writer changes shows when it is published."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from clinic.live_release import LiveProfile
from clinic.settings import Settings
from content.releases import Release, ReleaseNote, Releases, State
from tests.web.conftest import Site

ROOT = Path(__file__).parents[2]


@pytest.fixture
def working(site: Site) -> Settings:
    """The working files of the content team: those the site was started with."""
    settings: Settings = site.app.ctx.settings
    shutil.copytree(ROOT / "data" / "faq", settings.data_directory / "faq")
    return settings


def publish(settings: Settings) -> Release:
    """Keep the working files as a release and make it the live one."""
    releases = Releases(settings.releases_directory)
    with releases.draft() as draft:
        shutil.copytree(settings.data_directory, draft / "content" / "data")
        shutil.copyfile(settings.profile_path, draft / "content" / "profile.yml")
        release = releases.add(draft, ReleaseNote("Nora", "a test", "full"))
    releases.set_state(State(release.id, None, {}))
    return release


def write(settings: Settings, welcome: str, phone: str, begin: str) -> None:
    """A writer changes the welcome, the clinic's phone and an answer."""
    file = settings.data_directory / "welcome.yml"
    text = file.read_text("utf-8")
    old = next(line for line in text.splitlines() if "text:" in line)
    file.write_text(text.replace(old, f"{old.partition('text:')[0]}text: {welcome}"), "utf-8")
    settings.profile_path.write_text(f'name: "Test Clinic"\nphone: "{phone}"\n', "utf-8")
    cost = settings.data_directory / "faq" / "cost.yml"
    first = "A first visit costs"
    shipped = (ROOT / "data" / "faq" / "cost.yml").read_text("utf-8")
    cost.write_text(shipped.replace(first, f"{begin} {first.lower()}"), "utf-8")


async def seen(site: Site) -> str:
    """Everything that visitors read of the site itself."""
    started = await site.client.post("/api/v1/sessions", json={})
    pages = [(await site.client.get(path)).text for path in ("/", "/answers", "/contact")]
    return "\n".join([started.json()["messages"][0]["text"], *pages])


async def test_a_change_is_seen_when_it_is_published_and_gone_after_the_way_back(
    site: Site, working: Settings
) -> None:
    live = site.app.ctx.live
    write(working, "First welcome.", "405-555-0111", "One:")
    first = publish(working)
    await live.look()
    words = ("First welcome.", "405-555-0111", "One: a first visit")
    assert [word for word in words if word not in await seen(site)] == []
    write(working, "Second welcome.", "405-555-0122", "Two:")
    await live.look()
    new_words = ("Second welcome.", "405-555-0122", "Two: ")
    page = await seen(site)
    assert [word for word in words if word not in page] == [word for word in new_words if word in page] == []
    second = publish(working)
    await live.look()
    assert [word for word in new_words if word not in await seen(site)] == []
    Releases(working.releases_directory).set_state(State(first.id, second.id, {}))
    await live.look()
    page = await seen(site)
    assert [word for word in words if word not in page] == [word for word in new_words if word in page] == []


@pytest.mark.parametrize(
    ("name", "content"),
    [("profile.yml", "nome: x"), ("data/welcome.yml", "responses: {}"), ("data/welcome.yml", "a: [")],
)
async def test_a_release_whose_words_cannot_be_read_changes_nothing(
    site: Site, working: Settings, name: str, content: str
) -> None:
    before = site.app.ctx.live.now
    release = publish(working)
    path = release.content / name
    path.chmod(0o644)
    path.write_text(content)
    await site.app.ctx.live.look()
    assert site.app.ctx.live.now is before


async def test_a_state_that_cannot_be_read_changes_nothing(site: Site, working: Settings) -> None:
    publish(working)
    await site.app.ctx.live.look()
    before, profile = site.app.ctx.live.now, LiveProfile(working)
    (working.releases_directory / "state.json").write_text("[")
    await site.app.ctx.live.look()
    assert site.app.ctx.live.now is before and profile.get() == before.profile


def test_the_request_for_a_call_follows_the_release_too(site: Site, working: Settings) -> None:
    publish(working)
    profile = LiveProfile(working)
    working.profile_path.write_text('name: "Another Clinic"\n', "utf-8")
    assert profile.get().name != "Another Clinic"
    publish(working)
    assert profile.get().name == "Another Clinic"
