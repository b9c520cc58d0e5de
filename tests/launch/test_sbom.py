"""The list of packages covers both environments; a tool that fails is said. The tool needs the network."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from launch import sbom
from launch.environments import APPLICATION, ENGINE, ROOT


def test_it_covers_every_lock_that_is_installed() -> None:
    assert {ROOT / lock for lock in sbom.LOCKS.values()} == {APPLICATION[1], ENGINE[1]}


def test_a_tool_that_fails_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sbom, "find_uv", lambda: "/bin/false")
    monkeypatch.setattr(sys, "argv", ["launch.sbom", str(tmp_path)])
    assert sbom.main() == 1
    assert "The list of packages was not written" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
