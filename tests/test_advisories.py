"""Weaknesses we live with are few, reasoned, dated, and looked at again in time."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
FIELDS = {"id", "package", "version", "accepted", "expires", "reason", "mitigation"}
LONGEST = timedelta(days=200)
LOCK = (ROOT / "engine" / "requirements.txt").read_text("utf-8")


def read_advisories() -> list[dict[str, Any]]:
    advisories: list[dict[str, Any]] = yaml.safe_load(
        (ROOT / "launch" / "accepted_advisories.yml").read_text("utf-8")
    )
    return advisories


def problems(advisory: dict[str, Any], today: date) -> list[str]:
    """What is wrong with an accepted advisory on a day; empty when it may stand."""
    if set(advisory) != FIELDS:
        return ["fields"]
    found = [name for name in ("reason", "mitigation") if len(str(advisory[name]).split()) < 5]
    if not re.fullmatch(r"CVE-\d{4}-\d{4,}|GHSA(-\w{4}){3}|PYSEC-\d{4}-\d+|PEP-\d+", str(advisory["id"])):
        found.append("id")
    accepted, expires = advisory["accepted"], advisory["expires"]
    if not (isinstance(accepted, date) and isinstance(expires, date)):
        return [*found, "dates"]
    if not timedelta(0) < expires - accepted <= LONGEST:
        found.append("dates")
    if expires < today:
        found.append("expired")
    pinned = f"{advisory['package']}=={advisory['version']} "
    if advisory["package"] != "python" and not re.search(rf"^{re.escape(pinned)}", LOCK, re.M):
        found.append("not in the lock")
    return found


def test_every_accepted_advisory_may_stand_today() -> None:
    today = datetime.now(UTC).date()
    advisories = read_advisories()
    assert {a["id"]: found for a in advisories if (found := problems(a, today))} == {}
    assert len({(a["id"], a["package"]) for a in advisories}) == len(advisories)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"expires": date(2026, 11, 30)}, "expired"),
        ({"expires": date(2029, 1, 1)}, "dates"),
        ({"expires": "soon"}, "dates"),
        ({"reason": "because"}, "reason"),
        ({"mitigation": ""}, "mitigation"),
        ({"id": "a weakness"}, "id"),
        ({"version": "0.0.1"}, "not in the lock"),
        ({"owner": "nobody"}, "fields"),
    ],
)
def test_planted_mistakes_are_caught(change: dict[str, Any], problem: str) -> None:
    sound = next(advisory for advisory in read_advisories() if advisory["package"] != "python")
    assert problems(sound, date(2026, 12, 1)) == []
    assert problem in problems(sound | change, date(2026, 12, 1))
