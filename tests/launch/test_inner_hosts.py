"""Engine and action server are never opened to every network: the start refuses it."""

from __future__ import annotations

import pytest

from launch import start
from launch.start import CannotStart, check_inner_host


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost", "10.0.0.11", "192.168.1.5", "fd00::5"])
def test_this_machine_and_private_networks_are_taken(host: str) -> None:
    check_inner_host("OPTC_ENGINE_HOST", host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "", "8.8.8.8", "2606:4700::1"])
def test_every_network_is_refused(host: str) -> None:
    with pytest.raises(CannotStart, match="private network"):
        check_inner_host("OPTC_ENGINE_HOST", host)


@pytest.mark.parametrize("setting", ["OPTC_ENGINE_HOST", "OPTC_ACTIONS_HOST"])
def test_nothing_starts_with_such_an_address(
    setting: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(setting, "0.0.0.0")
    monkeypatch.setattr(start, "check_port", lambda *_: None)
    monkeypatch.setattr(start, "prepare_storage", lambda _: pytest.fail("it went on"))
    assert start.main() == 1
    assert setting in capsys.readouterr().err
