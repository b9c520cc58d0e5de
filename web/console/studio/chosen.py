"""The wordings of the inbox that a form is about: each by its id and the version it was shown at."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from sanic import Request

from clinic.inbox import InboxWording
from clinic.inbox_decisions import Chosen, Confirmed
from content.new_wordings import WordingRefused, tidy_wording
from web.console.access import read_field
from web.console.problems import ConsoleProblem

MOST = 100  # of one form
_MARK = re.compile(r"([\w-]{1,64}):([0-9]{1,9})")


def read_chosen(values: Iterable[str]) -> list[Chosen]:
    """Return the wordings that marks such as "kX3…:2" name; raises ConsoleProblem choice_not_valid."""
    found: dict[str, Chosen] = {}
    for value in values:
        mark = _MARK.fullmatch(value)
        if mark is None:
            raise ConsoleProblem("choice_not_valid")
        found[mark[1]] = Chosen(mark[1], int(mark[2]))
    if len(found) > MOST:
        raise ConsoleProblem("choice_not_valid")
    return list(found.values())


def posted_chosen(request: Request, name: str = "chosen") -> list[Chosen]:
    """Return the wordings that were ticked in a posted form."""
    return read_chosen(request.form.getlist(name, []) if request.form else [])


def chosen_query(chosen: Sequence[Chosen], name: str = "chosen") -> str:
    """Return the part of an address that names wordings. It holds no words."""
    return urlencode([(name, f"{one.id}:{one.version}") for one in chosen])


@dataclass(frozen=True)
class Row:
    """A wording in a form: as it was asked (masked), as it is typed now, and whether it was confirmed."""

    id: str
    version: int
    asked: str
    typed: str
    is_confirmed: bool


def new_rows(wordings: Sequence[InboxWording]) -> list[Row]:
    """Return the rows of a form that is shown for the first time."""
    return [Row(one.id, one.version, one.text, one.text, False) for one in wordings]


def posted_rows(request: Request, wordings: Sequence[InboxWording]) -> list[Row]:
    """Return the rows as they were posted, with the versions they were shown at."""
    versions = {one.id: one.version for one in posted_chosen(request)}
    return [
        Row(
            one.id,
            versions[one.id],
            one.text,
            " ".join(read_field(request, f"wording-{one.id}").split()),
            read_field(request, f"confirmed-{one.id}") == "yes",
        )
        for one in wordings
    ]


def confirm(rows: Sequence[Row]) -> list[Confirmed]:
    """Return what is to be written, without emptied rows; raises WordingRefused, which says what to do."""
    filled = [row for row in rows if row.typed]
    if not filled:
        raise WordingRefused("There is nothing to write: every wording is empty.")
    for row in filled:
        if not row.is_confirmed:
            raise WordingRefused(
                f'Read "{row.typed}" and tick that it does not say who asked, or empty it to leave it out.'
            )
    return [Confirmed(Chosen(row.id, row.version), tidy_wording(row.typed)) for row in filled]
