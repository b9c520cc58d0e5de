"""`make audit`: known weaknesses of every package in both locks. Needs the network.

pip-audit asks the package index for its list of advisories. A package that it leaves out, or a list that it
does not reach, is a failure here: silence must not look like health. What is accepted stands in
`accepted_advisories.yml`, each with a day after which it is accepted no longer.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from launch.environments import ROOT, SetUpFailed, find_uv

TOOL = "pip-audit==2.10.1"
LOCKS = ("requirements.txt", "engine/requirements.txt")
ACCEPTED = Path(__file__).with_name("accepted_advisories.yml")
_PINNED = re.compile(r"^([A-Za-z0-9][\w.-]*)(?:\[[^\]]*\])?==([^\s;\\]+)\s*(;)?", re.M)


@dataclass(frozen=True)
class Accepted:
    """A weakness we live with until a day."""

    id: str
    package: str
    version: str
    expires: date


@dataclass(frozen=True)
class Verdict:
    """How many packages were checked, the weaknesses that are accepted, and what is wrong, as sentences."""

    checked: int
    accepted: list[str]
    problems: list[str]


def main() -> int:
    """Audit both locks; returns 0, or 1 after a sentence for everything that is wrong."""
    today, failed = datetime.now(UTC).date(), False
    accepted = read_accepted(ACCEPTED)
    for lock in LOCKS:
        try:
            report, said = run_audit(lock)
        except (SetUpFailed, OSError) as error:
            report, said = "", str(error)
        verdict = judge(report, said, (ROOT / lock).read_text("utf-8"), accepted, today)
        for problem in verdict.problems:
            print(f"{lock}: {problem}", file=sys.stderr)
        failed = failed or bool(verdict.problems)
        if not verdict.problems:
            print(f"{lock}: {verdict.checked} packages, nothing new; accepted: {len(verdict.accepted)}.")
    return 1 if failed else 0


def run_audit(lock: str) -> tuple[str, str]:
    """Return what pip-audit reports (JSON) on a lock, and what else it says. Raises SetUpFailed, OSError."""
    command = [find_uv(), "tool", "run", "--quiet", "--from", TOOL, "pip-audit", "--strict"]
    command += ["--disable-pip", "--require-hashes", "--format", "json", "--progress-spinner", "off"]
    done = subprocess.run([*command, "--requirement", lock], cwd=ROOT, capture_output=True, text=True)
    return done.stdout, done.stderr


def read_accepted(path: Path) -> list[Accepted]:
    """Return the accepted weaknesses in a file."""
    entries = YAML(typ="safe").load(path.read_text("utf-8"))
    return [Accepted(e["id"], _plain(e["package"]), e["version"], e["expires"]) for e in entries]


def judge(report: str, said: str, lock: str, accepted: list[Accepted], today: date) -> Verdict:
    """Return the verdict on one lock: `report` is pip-audit's JSON, `said` what it wrote beside it."""
    try:
        dependencies: list[dict[str, Any]] = json.loads(report)["dependencies"]
    except (ValueError, KeyError, TypeError):
        why = (said.strip().splitlines() or ["pip-audit said nothing"])[-1]
        sentence = (
            f"NOT CHECKED: the list of weaknesses was not reached, or does not know a package ({why}). "
            "Run it where the package index can be reached."
        )
        return Verdict(0, [], [sentence])
    checked = {_plain(entry["name"]) for entry in dependencies if "skip_reason" not in entry}
    problems = [
        f"{entry['name']} was NOT CHECKED ({entry['skip_reason']})."
        for entry in dependencies
        if "skip_reason" in entry
    ]
    left_out = sorted(packages_everywhere(lock) - checked - {_plain(entry["name"]) for entry in dependencies})
    problems += [f"{name} was NOT CHECKED (it is not in the report)." for name in left_out]
    known = []
    for entry in dependencies:
        for weakness in entry.get("vulns", []):
            found = _find(accepted, entry, weakness)
            if found is None:
                problems.append(_new(entry, weakness))
            elif found.expires < today:
                problems.append(f"{found.package} {found.id} was accepted until {found.expires}: look again.")
            else:
                known.append(found.id)
    return Verdict(len(checked), known, problems)


def packages_everywhere(lock: str) -> set[str]:
    """Return the packages of a lock that are installed on every system."""
    return {_plain(name) for name, _, marker in _PINNED.findall(lock) if not marker}


def _find(accepted: list[Accepted], entry: dict[str, Any], weakness: dict[str, Any]) -> Accepted | None:
    names = {weakness["id"], *weakness.get("aliases", [])}
    for one in accepted:
        if one.id in names and (one.package, one.version) == (_plain(entry["name"]), entry["version"]):
            return one
    return None


def _new(entry: dict[str, Any], weakness: dict[str, Any]) -> str:
    names = ", ".join([weakness["id"], *weakness.get("aliases", [])])
    fixed = ", ".join(weakness.get("fix_versions", [])) or "no version yet"
    return (
        f"{entry['name']} {entry['version']} has a known weakness ({names}; fixed in {fixed}). "
        "Renew the lock, or accept it in launch/accepted_advisories.yml with a reason and a day."
    )


def _plain(name: str) -> str:
    """Return a package's name in one spelling (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


if __name__ == "__main__":
    sys.exit(main())
