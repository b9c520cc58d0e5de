"""The list of all questions: what state they are in, how often they are asked, when they were looked at."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sanic import Blueprint, Request
from sanic.response import HTTPResponse

from clinic.topic_figures import TopicFigures, TopicFiguresReader
from content.files import ContentFile, ContentUnreadable, make_file
from content.workshop import open_file
from web.console.access import Visit, needs
from web.console.desk import desk_of
from web.console.list_filter import LONGEST_SEARCH
from web.console.problems import ConsoleProblem
from web.console.studio.drafts import address_of, root_of, today_of

KINDS = ("all", "draft", "off", "due", "not_approved", "disliked")


@dataclass(frozen=True)
class TopicRow:
    """One content file in the list; `problem` says why it cannot be read, and then the rest is empty."""

    address: str
    title: str
    path: Path
    state: str = ""
    checked_on: str = ""
    review_by: str = ""
    approved: bool = False
    is_due: bool = False
    figures: TopicFigures = TopicFigures()
    problem: str = ""
    version: str = ""


def setup_topic_pages(blueprint: Blueprint) -> None:
    """Add the list."""
    blueprint.add_route(show_topics, "/studio", name="studio")


@needs("edit_answers")
async def show_topics(request: Request, visit: Visit) -> HTTPResponse:
    """Show the content files that match the search and the kind in the address."""
    kind, search = request.args.get("kind", "all"), request.args.get("search", "")[:LONGEST_SEARCH]
    if kind not in KINDS:
        raise ConsoleProblem("choice_not_valid")
    desk = desk_of(request)
    figures = await asyncio.to_thread(TopicFiguresReader(request.app.ctx.database).count)
    rows = await asyncio.to_thread(list_topics, root_of(request), today_of(request), figures)
    shown = [row for row in rows if _is_kind(row, kind) and _matches(row, search)]
    return desk.pages.show(
        "console/studio/topics.html", visit=visit, rows=shown, kind=kind, kinds=KINDS, search=search
    )


def list_topics(root: Path, today: date, figures: dict[str, TopicFigures]) -> list[TopicRow]:
    """Return a row for every content file with ways to ask, by title; broken files come first."""
    paths = sorted(path.relative_to(root) for path in (root / "data").rglob("*.yml"))
    rows = [row for path in paths if (row := _read_row(root, path, today, figures)) is not None]
    return sorted(rows, key=lambda row: (not row.problem, row.title.lower()))


def _read_row(root: Path, path: Path, today: date, figures: dict[str, TopicFigures]) -> TopicRow | None:
    try:
        opened = open_file(root, path)
        file = make_file(opened.text, path)
        return _make_row(file, opened.version, today, figures) if file.intents() else None
    except (ContentUnreadable, AttributeError, TypeError) as error:
        return TopicRow(address_of(path), str(path), path, problem=str(error))


def _make_row(file: ContentFile, version: str, today: date, figures: dict[str, TopicFigures]) -> TopicRow:
    records = [part.get("metadata") or {} for part in file.intents()]
    counted = [figures.get(str(part["intent"]), TopicFigures()) for part in file.intents()]
    review_by = min(str(record.get("review_by") or "") for record in records)
    return TopicRow(
        address=address_of(file.path),
        title=str(records[0].get("title") or file.stem),
        path=file.path,
        state=file.state,
        checked_on=min(str(record.get("checked_on") or "") for record in records),
        review_by=review_by,
        approved=all(record.get("status") == "clinic_approved" for record in records),
        version=version,
        is_due=review_by <= today.isoformat(),
        figures=TopicFigures(
            sum(one.asked for one in counted),
            sum(one.helped for one in counted),
            sum(one.did_not_help for one in counted),
        ),
    )


def _is_kind(row: TopicRow, kind: str) -> bool:
    return (
        bool(row.problem)
        or {
            "all": True,
            "draft": row.state == "draft",
            "off": row.state == "off",
            "due": row.is_due,
            "not_approved": not row.approved,
            "disliked": row.figures.did_not_help > 0,
        }[kind]
    )


def _matches(row: TopicRow, search: str) -> bool:
    text = f"{row.title} {row.path}".lower()
    return all(word in text for word in search.lower().split())
