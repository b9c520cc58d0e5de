from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from pydantic import ValidationError

from clinic.settings import Settings

EXAMPLE = Path(__file__).parents[2] / ".env.example"


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in list(os.environ):
        if name.upper().startswith("OPTC_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)  # no .env of a developer


def test_it_runs_on_one_machine_with_nothing_set() -> None:
    settings = Settings()
    assert settings.public_url == "http://127.0.0.1:8000"
    assert settings.engine_url == "http://127.0.0.1:5005"
    assert settings.actions_url == "http://127.0.0.1:5055"
    assert settings.resolved_database_url == "sqlite:///var/clinic.db"
    assert settings.keys_directory == Path("var/keys")
    assert settings.origins == []
    assert (settings.message_limit, settings.maximum_message_length) == ("20/minute", 500)
    assert settings.trust_proxy_headers is False


def test_it_reads_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPTC_PORT", "8100")
    monkeypatch.setenv("OPTC_DATABASE_URL", "postgresql://clinic@db/clinic")
    monkeypatch.setenv("OPTC_ALLOWED_ORIGINS", "https://clinic.example.org/ , https://www.example.org,")
    settings = Settings()
    assert settings.public_url == "http://127.0.0.1:8100"
    assert settings.resolved_database_url == "postgresql://clinic@db/clinic"
    assert settings.origins == ["https://clinic.example.org", "https://www.example.org"]


def test_it_reads_the_file_and_prefers_the_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text("OPTC_PORT=8100\nOPTC_ENGINE_PORT=5100\nOTHER=1\n")
    monkeypatch.setenv("OPTC_ENGINE_PORT", "5200")
    settings = Settings()
    assert (settings.port, settings.engine_port) == (8100, 5200)


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("0.0.0.0", "http://127.0.0.1:8000"),
        ("::", "http://127.0.0.1:8000"),
        ("::1", "http://[::1]:8000"),
        ("chat.example.org", "http://chat.example.org:8000"),
    ],
)
def test_it_makes_an_address_that_can_be_called(host: str, url: str) -> None:
    assert Settings(host=host).public_url == url


def test_it_takes_the_public_address_that_is_set() -> None:
    assert Settings(public_url="https://chat.example.org/").public_url == "https://chat.example.org"


@pytest.mark.parametrize(
    "wrong",
    [
        {"port": 0},
        {"port": "many"},
        {"engine_port": 70000},
        {"public_url": "chat.example.org"},
        {"public_url": "javascript:alert(1)"},
        {"message_limit": "often"},
        {"message_hour_limit": ""},
        {"conversation_limit": "sixty"},
        {"sign_in_limit": "10"},
        {"maximum_message_length": 0},
        {"engine_budget_seconds": 0},
        {"session_days": -1},
        {"trust_proxy_headers": "perhaps"},
    ],
    ids=str,
)
def test_it_stops_the_start_on_a_wrong_value(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError, match=next(iter(wrong))):
        Settings(**wrong)


def test_the_example_lists_every_setting_with_a_comment_and_its_default() -> None:
    lines = EXAMPLE.read_text().splitlines()
    listed = {}
    for above, line in zip(lines, lines[1:], strict=False):
        if found := re.fullmatch(r"#(OPTC_[A-Z_]+)=(.*)", line):
            assert re.fullmatch(r"# .+", above), f"{found[1]} has no comment"
            listed[found[1]] = found[2]
    defaults = {
        f"OPTC_{name.upper()}": str(field.default).replace("False", "false").replace("True", "true")
        for name, field in Settings.model_fields.items()
    }
    assert listed == defaults


def test_it_refuses_notices_that_could_not_leave() -> None:
    for values in ({"smtp_host": "mail.example.org"}, {"webhook_url": "https://hooks.example.org/x"}):
        with pytest.raises(ValidationError):
            Settings(**values)
    with pytest.raises(ValidationError):
        Settings(webhook_url="hooks.example.org", webhook_secret="a secret")


@pytest.mark.parametrize(
    ("url", "setting", "is_needed"),
    [
        ("https://clinic.example.org", "", True),
        ("https://clinic.example.org", "optional", False),
        ("http://127.0.0.1:8000", "", False),
        ("http://127.0.0.1:8000", "required", True),
    ],
)
def test_a_public_console_needs_the_second_step(url: str, setting: str, is_needed: bool) -> None:
    assert Settings(public_url=url, console_second_step=setting).needs_second_step is is_needed
