"""The deployment files, as far as they can be checked without a container engine."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from clinic.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
DEPLOY = ROOT / "deploy"


@pytest.fixture
def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = YAML(typ="safe").load((DEPLOY / "compose.yml").read_text("utf-8"))
    return loaded


def settings_in(text: str) -> set[str]:
    return set(re.findall(r"OPTC_[A-Z_]+", text))


@pytest.mark.parametrize("path", sorted(path for path in DEPLOY.rglob("*") if path.is_file()), ids=str)
def test_every_setting_that_is_named_exists(path: Path) -> None:
    known = {f"OPTC_{name.upper()}" for name in Settings.model_fields}
    assert settings_in(path.read_text("utf-8")) <= known


def test_only_the_proxy_has_a_public_port(compose: dict[str, Any]) -> None:
    services = compose["services"]
    assert [name for name, service in services.items() if "ports" in service] == ["nginx"]
    assert compose["networks"]["inside"]["internal"] is True
    assert all(service["networks"] == ["inside"] for name, service in services.items() if name != "nginx")


def test_no_secret_has_a_default(compose: dict[str, Any]) -> None:
    text = (DEPLOY / "compose.yml").read_text("utf-8")
    for name in ("POSTGRES_PASSWORD", "OPTC_ENGINE_SECRET", "OPTC_SIGNING_KEY"):
        assert set(re.findall(rf"\$\{{{name}([^}}]*)\}}", text)) == {":?set it"}


def test_every_node_is_one_of_the_engines(compose: dict[str, Any]) -> None:
    nodes = {name: service for name, service in compose["services"].items() if name.startswith("node-")}
    for name, node in nodes.items():
        assert node["environment"]["OPTC_ENGINE_HOST"] == name
        assert f"http://{name}:5005" in node["environment"]["OPTC_ENGINE_URLS"].split(",")


def test_files_that_are_named_exist(compose: dict[str, Any]) -> None:
    mounted = [volume for service in compose["services"].values() for volume in service.get("volumes", [])]
    for path in (volume.partition(":")[0] for volume in mounted if volume.startswith("./")):
        assert (DEPLOY / path).is_file()
    assert (ROOT / compose["x-node"]["build"]["dockerfile"]).is_file()


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
@pytest.mark.parametrize("unit", sorted((DEPLOY / "systemd").iterdir()), ids=lambda path: path.name)
def test_systemd_understands_the_units(unit: Path, tmp_path: Path) -> None:
    for path in (DEPLOY / "systemd").iterdir():  # the program of a unit must exist for the check
        local = path.read_text("utf-8").replace("/srv/clinic/.venv/bin/python", "/bin/true")
        (tmp_path / path.name).write_text(local, "utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", str(tmp_path / unit.name)], capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_the_units_start_modules_that_exist() -> None:
    for unit in (DEPLOY / "systemd").glob("*.service"):
        (module,) = re.findall(r"^ExecStart=\S+ -m ([\w.]+)", unit.read_text("utf-8"), re.M)
        assert (ROOT / f"{module.replace('.', '/')}.py").is_file()
