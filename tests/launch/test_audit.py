"""The audit's judgement on what pip-audit reports: whatever was not checked is a failure."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from launch import audit
from launch.audit import LOCKS, ROOT, Accepted, Verdict, judge, packages_everywhere, read_accepted

TODAY = date(2026, 11, 25)
LOCK = """\
aiohttp==3.9.5 \\
    --hash=sha256:aaaa
sanic[ext]==25.12.1 \\
    --hash=sha256:bbbb
colorama==0.4.6 ; sys_platform == 'win32' \\
    --hash=sha256:cccc
"""
SANIC = {"name": "sanic", "version": "25.12.1", "vulns": []}
WEAKNESS = {
    "id": "PYSEC-2026-1",
    "fix_versions": ["3.13.3"],
    "aliases": ["CVE-2025-69223", "GHSA-aaaa-bbbb-cccc"],
    "description": "A compressed request can fill the memory.",
}
ACCEPTED = [Accepted("CVE-2025-69223", "aiohttp", "3.9.5", date(2027, 4, 30))]
# As pip-audit 2.10.1 wrote it where PyPI's list of advisories cannot be reached.
STRICT_ENDED = (
    "ERROR:pip_audit._cli:aiohttp: Dependency not found on PyPI and could not be audited: aiohttp (3.9.5)"
)
NOT_REACHED = (
    "ERROR:pip_audit._cli:Could not connect to PyPI's vulnerability feed\n"
    "Tip: your network may be blocking this service. Try another service with `-s SERVICE`"
)


def aiohttp(*weaknesses: dict[str, Any], version: str = "3.9.5") -> dict[str, Any]:
    return {"name": "aiohttp", "version": version, "vulns": list(weaknesses)}


def verdict(*dependencies: dict[str, Any], said: str = "", today: date = TODAY) -> Verdict:
    report = json.dumps({"dependencies": list(dependencies), "fixes": []})
    return judge(report, said, LOCK, ACCEPTED, today)


def test_packages_that_were_all_checked_and_have_nothing_pass() -> None:
    assert verdict(aiohttp(), SANIC) == Verdict(checked=2, accepted=[], problems=[])


def test_a_skipped_package_fails() -> None:
    found = verdict({"name": "aiohttp", "skip_reason": "Dependency not found on PyPI"}, SANIC)
    assert found.problems == ["aiohttp was NOT CHECKED (Dependency not found on PyPI)."]
    assert found.checked == 1


def test_a_package_that_is_not_in_the_report_fails() -> None:
    assert verdict(SANIC).problems == ["aiohttp was NOT CHECKED (it is not in the report)."]
    assert len(verdict().problems) == 2


@pytest.mark.parametrize("said", [STRICT_ENDED, NOT_REACHED, "", "Killed"])
@pytest.mark.parametrize("report", ["", "No known vulnerabilities found", "[]", "null", '{"fixes": []}'])
def test_a_list_that_was_not_reached_fails_with_a_clear_sentence(report: str, said: str) -> None:
    found = judge(report, said, LOCK, ACCEPTED, TODAY)
    assert found.checked == 0
    [problem] = found.problems
    assert problem.startswith("NOT CHECKED: the list of weaknesses was not reached")
    assert (said.splitlines() or ["pip-audit said nothing"])[-1] in problem


def test_a_new_weakness_fails_and_says_what_to_do() -> None:
    new = WEAKNESS | {"id": "GHSA-new", "aliases": []}
    [problem] = verdict(aiohttp(new), SANIC).problems
    assert "aiohttp 3.9.5" in problem and "GHSA-new" in problem and "3.13.3" in problem
    assert "accepted_advisories.yml" in problem


def test_an_accepted_weakness_passes_under_any_of_its_names() -> None:
    assert verdict(aiohttp(WEAKNESS), SANIC) == Verdict(2, ["CVE-2025-69223"], [])


def test_it_is_accepted_up_to_its_day_only() -> None:
    assert verdict(aiohttp(WEAKNESS), SANIC, today=date(2027, 4, 30)).problems == []
    [problem] = verdict(aiohttp(WEAKNESS), SANIC, today=date(2027, 5, 1)).problems
    assert problem == "aiohttp CVE-2025-69223 was accepted until 2027-04-30: look again."


@pytest.mark.parametrize(
    "entry", [aiohttp(WEAKNESS, version="3.9.6"), {"name": "sanic", "version": "3.9.5", "vulns": [WEAKNESS]}]
)
def test_it_is_accepted_for_one_package_in_one_version_only(entry: dict[str, Any]) -> None:
    problems = verdict(entry, SANIC, aiohttp()).problems
    assert len(problems) == 1 and "has a known weakness" in problems[0]


def test_the_accepted_list_and_the_locks_can_be_read() -> None:
    assert len(read_accepted(audit.ACCEPTED)) >= 5
    for lock in LOCKS:
        assert len(packages_everywhere((ROOT / lock).read_text("utf-8"))) > 30


def test_a_failed_audit_ends_with_an_error_for_each_lock(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(audit, "run_audit", lambda lock: ("", NOT_REACHED))
    assert audit.main() == 1
    said = capsys.readouterr()
    assert said.out == "" and said.err.count("NOT CHECKED") == len(LOCKS)


def test_a_whole_audit_ends_well(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def report(lock: str) -> tuple[str, str]:
        names = packages_everywhere((ROOT / lock).read_text("utf-8"))
        return json.dumps(
            {"dependencies": [{"name": name, "version": "1", "vulns": []} for name in names]}
        ), ""

    monkeypatch.setattr(audit, "run_audit", report)
    assert audit.main() == 0
    assert capsys.readouterr().out.count("nothing new") == len(LOCKS)
