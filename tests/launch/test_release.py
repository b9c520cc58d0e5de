"""Which engines take turns, and what happens when those of a new release do not come up."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from clinic.engine_addresses import read_named
from clinic.settings import Settings
from content.releases import Release, ReleaseDamaged, ReleaseNote, Releases, State
from launch import release as release_module
from launch.canaries import CanaryWrong
from launch.first_release import program_checksum
from launch.groups import current_group, engine_addresses, engine_ports, group_of
from launch.release import HandOver, ReleaseNotSwitched, name_engines


class FakeSupervisor:
    """Remembers what was started and stopped; its one web process is 77."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, str]] = []

    def start_group(self, group: str) -> None:
        self.calls.append(("start", group))

    def stop_group(self, group: str) -> None:
        self.calls.append(("stop", group))

    def processes(self) -> list[dict[str, Any]]:
        return [{"group": "web", "name": "web", "pid": 77}]


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setattr(release_module, "DRAINED_WITHIN_SECONDS", 0.05)
    monkeypatch.setattr(release_module, "READY_WITHIN_SECONDS", 0.05)
    return Settings(var_directory=tmp_path, engine_port=6000, engines=2, engine_secret="x" * 40)


@pytest.fixture
def supervisor() -> Any:
    return FakeSupervisor()


def told_by_state(settings: Settings, address: str) -> str:
    """An engine that has loaded what its set was given."""
    group = group_of(settings, int(address.rpartition(":")[2]))
    return Releases(settings.releases_directory).state().groups.get(group, "")


@pytest.fixture
def works(monkeypatch: pytest.MonkeyPatch) -> None:
    """Engines that work once they were started, and cannot load anything in place."""
    monkeypatch.setattr(release_module, "http_probe", lambda _: lambda group, name: True)
    monkeypatch.setattr(release_module, "loaded_release", told_by_state)
    monkeypatch.setattr(release_module, "load_release", lambda *_: False)


@pytest.fixture
def loads(works: None, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """Engines that load in place; returns what they were asked to load, (address, release)."""
    asked: list[tuple[str, str]] = []

    def load(settings: Settings, address: str, release: str) -> bool:
        asked.append((address, release))
        return True

    monkeypatch.setattr(release_module, "load_release", load)
    return asked


@pytest.fixture
def hangs(works: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(release_module, "http_probe", lambda _: lambda group, name: False)


@pytest.fixture
def kept(settings: Settings) -> list[Release]:
    """Three releases; the first is live in the first set of engines."""
    releases = Releases(settings.releases_directory)
    kept = [add(releases, f"model {number}", program_checksum()) for number in range(3)]
    releases.set_state(State(kept[0].id, None, {"engine": kept[0].id}))
    return kept


def add(releases: Releases, model: str, program: str) -> Release:
    with releases.draft() as draft:
        (draft / "model.tar.gz").write_text(model)
        return releases.add(draft, ReleaseNote("Nora", "a test", "full", program=program))


def nothing(addresses: list[str]) -> None:
    """No canary."""


def state_of(settings: Settings) -> State:
    return Releases(settings.releases_directory).state()


def test_both_sets_of_engines_have_their_own_ports(settings: Settings) -> None:
    assert engine_ports(settings, "engine") == [6000, 6001]
    assert engine_ports(settings, "engine-next") == [6100, 6101]
    assert [group_of(settings, port) for port in (6001, 6101)] == ["engine", "engine-next"]


def test_the_other_set_loads_the_release_and_takes_over(
    settings: Settings, supervisor: Any, works: None, kept: list[Release]
) -> None:
    asked: list[str] = []
    hand_over = HandOver(settings, supervisor)
    hand_over.prepare(kept[1], asked.extend)
    assert current_group(settings) == "engine" and state_of(settings).live == kept[0].id
    hand_over.switch(kept[1])
    assert asked == engine_addresses(settings, "engine-next") == read_named(settings.engines_file)
    assert supervisor.calls == [("stop", "engine-next"), ("start", "engine-next")]  # the old ones stay warm
    groups = {"engine": kept[0].id, "engine-next": kept[1].id}
    assert state_of(settings) == State(kept[1].id, kept[0].id, groups)


def test_going_back_to_the_warm_release_starts_nothing(
    settings: Settings, supervisor: Any, works: None, kept: list[Release]
) -> None:
    for release in (kept[1], kept[0]):
        hand_over = HandOver(settings, supervisor)
        hand_over.prepare(release, nothing)
        hand_over.switch(release)
    assert current_group(settings) == "engine" and state_of(settings).live == kept[0].id
    assert supervisor.calls == [("stop", "engine-next"), ("start", "engine-next")]


def test_running_engines_load_any_kept_release_in_place(
    settings: Settings, supervisor: Any, loads: list[tuple[str, str]], kept: list[Release]
) -> None:
    hand_over = HandOver(settings, supervisor)
    hand_over.prepare(kept[2], nothing)
    hand_over.switch(kept[2])
    addresses = engine_addresses(settings, "engine-next")
    assert sorted(loads) == [(address, kept[2].id) for address in addresses]
    assert supervisor.calls == [] and state_of(settings).live == kept[2].id


def test_one_engine_that_cannot_load_it_has_the_set_started_anew(
    settings: Settings, supervisor: Any, loads: None, kept: list[Release], monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = engine_addresses(settings, "engine-next")[1]
    monkeypatch.setattr(release_module, "load_release", lambda _, address, release: address != broken)
    HandOver(settings, supervisor).prepare(kept[1], nothing)
    assert supervisor.calls == [("stop", "engine-next"), ("start", "engine-next")]


def test_engines_that_were_left_half_way_are_not_taken_for_loaded(
    settings: Settings,
    supervisor: Any,
    loads: list[Any],
    kept: list[Release],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A publisher that was killed has given the set a release that its engines never loaded."""
    state = state_of(settings)
    groups = {**state.groups, "engine-next": kept[1].id}
    Releases(settings.releases_directory).set_state(State(state.live, None, groups))
    has = dict.fromkeys(engine_addresses(settings, "engine-next"), kept[2].id)

    def load(_: Settings, address: str, release: str) -> bool:
        has[address] = release
        return True

    monkeypatch.setattr(release_module, "loaded_release", lambda _, address: has[address])
    monkeypatch.setattr(release_module, "load_release", load)
    HandOver(settings, supervisor).prepare(kept[1], nothing)
    assert set(has.values()) == {kept[1].id} and supervisor.calls == []


def test_without_warm_engines_the_old_ones_stop(
    settings: Settings, supervisor: Any, works: None, kept: list[Release]
) -> None:
    hand_over = HandOver(settings.model_copy(update={"warm_engines": False}), supervisor)
    hand_over.prepare(kept[1], nothing)
    hand_over.switch(kept[1])
    assert supervisor.calls[-1] == ("stop", "engine")


def test_engines_that_do_not_come_up_change_nothing(
    settings: Settings, supervisor: Any, hangs: None, kept: list[Release]
) -> None:
    with pytest.raises(ReleaseNotSwitched):
        HandOver(settings, supervisor).prepare(kept[1], nothing)
    assert read_named(settings.engines_file) == [] and state_of(settings).live == kept[0].id


def test_a_wrong_canary_changes_nothing_and_the_way_back_is_warm_again(
    settings: Settings, supervisor: Any, works: None, kept: list[Release]
) -> None:
    first = HandOver(settings, supervisor)
    first.prepare(kept[1], nothing)
    first.switch(kept[1])

    def refuse(addresses: list[str]) -> None:
        raise CanaryWrong("planted")

    with pytest.raises(CanaryWrong):
        HandOver(settings, supervisor).prepare(kept[2], refuse)
    state = state_of(settings)
    assert (state.live, state.previous) == (kept[1].id, kept[0].id)
    assert state.groups == {"engine": kept[0].id, "engine-next": kept[1].id}
    assert supervisor.calls[-1] == ("start", "engine") and current_group(settings) == "engine-next"


def test_a_damaged_release_is_not_loaded(
    settings: Settings, supervisor: Any, works: None, kept: list[Release]
) -> None:
    kept[1].model.chmod(0o644)
    kept[1].model.write_text("tampered")
    with pytest.raises(ReleaseDamaged):
        HandOver(settings, supervisor).prepare(kept[1], nothing)
    assert supervisor.calls == []


def test_a_release_of_another_program_is_not_loaded(
    settings: Settings, supervisor: Any, works: None, kept: list[Release]
) -> None:
    old = add(Releases(settings.releases_directory), "old", program="another")
    with pytest.raises(ReleaseNotSwitched, match="another version"):
        HandOver(settings, supervisor).prepare(old, nothing)
    assert supervisor.calls == []


@pytest.mark.parametrize("used", [None, "engine", "engine-next"])
def test_it_waits_until_every_web_process_uses_the_new_engines(
    used: str | None, settings: Settings, supervisor: Any, works: None, kept: list[Release]
) -> None:
    hand_over = HandOver(settings, supervisor)
    hand_over.prepare(kept[1], nothing)
    if used:
        settings.engines_read_directory.mkdir()
        place = settings.engines_read_directory / "77"
        place.write_text("\n".join(engine_addresses(settings, used)) + "\n")
    assert hand_over.switch(kept[1]) is (used == "engine-next")


def test_the_file_appears_whole(settings: Settings) -> None:
    name_engines(settings, ["http://127.0.0.1:1"])
    assert settings.engines_file.read_text() == "http://127.0.0.1:1\n"
    assert [path.name for path in settings.var_directory.iterdir()] == ["engines.txt"]
