"""The content linter: every rule that a file under `data/` must keep. `lint` is the one entry."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

from content.files import ContentFile, ContentUnreadable
from content.lint import answers, links, names, reach, review, safety, wordings
from content.lint.finding import Finding
from content.lint.project import Project, read_project

RULES = (
    *review.RULES,
    *answers.RULES,
    *links.RULES,
    *safety.RULES,
    *wordings.RULES,
    *names.RULES,
    *reach.RULES,
)


SLOW = (wordings.check_enough, wordings.check_one_place)


def lint_file(project: Project, file: ContentFile, today: date) -> list[Finding]:
    """Return what would be wrong in `file` if it took its place in `project`: fast enough to ask live."""
    others = [other for other in project.files if other.path != file.path]
    alone = replace(project, files=[file])
    whole = replace(project, files=[*others, file])
    found = {finding for rule in RULES if rule not in SLOW for finding in rule(whole, today)}
    found |= set(wordings.check_enough(alone, today)) | set(wordings.check_file_in_one_place(whole, file))
    kept = [finding for finding in found if finding.path == file.path]
    return sorted(kept, key=lambda finding: (finding.line, finding.message))


def lint(root: Path, today: date) -> list[Finding]:
    """Return what is wrong in the project at `root`, by file and line; an unreadable file ends the search."""
    try:
        project = read_project(root)
    except ContentUnreadable as error:
        path, _, message = str(error).partition(": ")
        return [Finding(Path(path), 1, f"{message}. Correct the file; its other rules were not checked.")]
    found = {finding for rule in RULES for finding in rule(project, today)}
    return sorted(found, key=lambda finding: (str(finding.path), finding.line, finding.message))
