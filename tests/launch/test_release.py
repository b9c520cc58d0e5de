"""Which engines take turns, and what happens when those of a new release do not come up."""

from __future__ import annotations

from pathlib import Path

import pytest

from clinic.settings import Settings
from launch import release
from launch.release import ReleaseNotSwitched, current_group, engine_ports, name_engines, switch_release
from web.chat.engine_addresses import read_named


class FakeSupervisor:
    """Remembers what was started and stopped."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, str]] = []

    def start_group(self, group: str) -> None:
        self.calls.append(("start", group))

    def stop_group(self, group: str) -> None:
        self.calls.append(("stop", group))


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setattr(release, "DRAIN_SECONDS", 0)
    monkeypatch.setattr(release, "READY_WITHIN_SECONDS", 0.05)
    return Settings(var_directory=tmp_path, engine_port=6000, engines=2, engine_secret="x" * 40)


def test_both_sets_of_engines_have_their_own_ports(settings: Settings) -> None:
    assert engine_ports(settings, "engine") == [6000, 6001]
    assert engine_ports(settings, "engine-next") == [6100, 6101]


def test_the_new_engines_are_named_before_the_old_ones_stop(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(release, "http_probe", lambda _: lambda group, name: True)
    supervisor = FakeSupervisor()
    assert switch_release(settings, supervisor) == "engine-next"  # type: ignore[arg-type]
    assert supervisor.calls == [("start", "engine-next"), ("stop", "engine")]
    assert read_named(settings.engines_file) == ["http://127.0.0.1:6100", "http://127.0.0.1:6101"]
    assert switch_release(settings, supervisor) == "engine"  # type: ignore[arg-type]
    assert current_group(settings) == "engine"


def test_engines_that_do_not_come_up_change_nothing(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(release, "http_probe", lambda _: lambda group, name: False)
    supervisor = FakeSupervisor()
    with pytest.raises(ReleaseNotSwitched):
        switch_release(settings, supervisor)  # type: ignore[arg-type]
    assert supervisor.calls == [("start", "engine-next"), ("stop", "engine-next")]
    assert read_named(settings.engines_file) == []


def test_the_file_appears_whole(settings: Settings) -> None:
    name_engines(settings, ["http://127.0.0.1:1"])
    assert settings.engines_file.read_text() == "http://127.0.0.1:1\n"
    assert [path.name for path in settings.var_directory.iterdir()] == ["engines.txt"]
