"""Since when a wording is live is told by the releases and by the record of what went live."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from content.live_wordings import WrittenWording, is_in_draft, live_intents, live_since
from content.releases import ReleaseNote, Releases, State
from tests.content.small_project import PARKING_WAYS, question

MONDAY = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
TRAILER = WrittenWording("one", "faq/parking", "Room for a trailer?")


class House:
    """A project whose only question is published again and again, a day apart."""

    def __init__(self, root: Path) -> None:
        self.root, self.day = root, MONDAY
        self.releases = Releases(root / "var" / "releases")
        self.releases.folder.mkdir(parents=True)

    def write(self, *ways: str, state: str = "live") -> None:
        text = question("parking", "Where can I park?", [*PARKING_WAYS, *ways], "towels")
        path = self.root / "data" / "faq" / "parking.yml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.replace("    facts:", f"    state: {state}\n    facts:"), encoding="utf-8")

    def publish(self) -> str:
        self.day += timedelta(days=1)
        with self.releases.draft() as folder:
            target = folder / "content" / "data" / "faq" / "parking.yml"
            target.parent.mkdir(parents=True)
            target.write_bytes((self.root / "data" / "faq" / "parking.yml").read_bytes())
            (folder / "day").write_text(str(self.day))
            release = self.releases.add(folder, ReleaseNote("Carl", "because", "full"))
        self.switch(release.id)
        return release.id

    def switch(self, release: str) -> None:
        self.releases.set_state(State(live=release))
        self.write_down(release)

    def write_down(self, release: str) -> None:
        with (self.releases.folder / "history.jsonl").open("a", encoding="utf-8") as history:
            history.write(json.dumps({"at": self.day.isoformat(), "release": release}) + "\n")

    def since(self) -> datetime | None:
        return live_since(self.releases, [TRAILER]).get("one")


@pytest.fixture
def house(tmp_path: Path) -> House:
    house = House(tmp_path)
    house.write()
    return house


def test_it_is_live_since_the_first_of_the_releases_that_hold_it(house: House) -> None:
    assert house.since() is None  # nothing was ever published
    house.publish()
    house.write("room for a TRAILER")
    assert house.since() is None and is_in_draft(house.root, TRAILER)
    house.publish()
    first = house.day
    house.publish()
    assert house.since() == first


def test_after_a_roll_back_it_is_not_live_and_counts_anew_later(house: House) -> None:
    before = house.publish()
    house.write("room for a trailer")
    after = house.publish()
    house.switch(before)
    assert house.since() is None
    house.day += timedelta(days=3)
    house.switch(after)
    assert house.since() == house.day


def test_a_release_that_was_written_down_and_never_took_over_does_not_count(house: House) -> None:
    house.publish()
    house.write("room for a trailer")
    live = house.publish()
    since = house.day
    house.day += timedelta(days=1)
    house.write_down("0123456789abcdef")
    assert house.releases.state().live == live and house.since() == since


def test_a_draft_that_was_published_is_not_live(house: House) -> None:
    house.write("room for a trailer", state="draft")
    house.publish()
    assert house.since() is None
    assert live_intents(house.root) == []
    house.write("room for a trailer")
    house.publish()
    assert house.since() == house.day
    assert live_intents(house.root) == ["ask_parking"]


def test_what_cannot_be_read_is_not_live_and_stops_nothing(house: House) -> None:
    house.write("room for a trailer")
    house.publish()
    assert live_since(house.releases, [WrittenWording("x", "faq/nothing", "a")]) == {}
    (house.root / "data" / "faq" / "parking.yml").write_text("nlu: [", encoding="utf-8")
    assert not is_in_draft(house.root, TRAILER) and live_intents(house.root) == []
    (house.releases.folder / "state.json").write_text("{", encoding="utf-8")
    assert house.since() is None
