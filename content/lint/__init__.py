"""The content linter: every rule that a file under `data/` must keep. `lint` is the one entry."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from content.files import ContentUnreadable
from content.lint import answers, links, names, reach, review, safety, wordings
from content.lint.finding import Finding
from content.lint.project import read_project

RULES = (
    *review.RULES,
    *answers.RULES,
    *links.RULES,
    *safety.RULES,
    *wordings.RULES,
    *names.RULES,
    *reach.RULES,
)


def lint(root: Path, today: date) -> list[Finding]:
    """Return what is wrong in the project at `root`, by file and line; an unreadable file ends the search."""
    try:
        project = read_project(root)
    except ContentUnreadable as error:
        path, _, message = str(error).partition(": ")
        return [Finding(Path(path), 1, f"{message}. Correct the file; its other rules were not checked.")]
    found = {finding for rule in RULES for finding in rule(project, today)}
    return sorted(found, key=lambda finding: (str(finding.path), finding.line, finding.message))
