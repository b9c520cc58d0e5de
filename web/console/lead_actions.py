"""What can be done on the page of one request. Each form carries the version its reader saw."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from sanic import Blueprint, Request
from sanic.response import HTTPResponse, redirect

from clinic.lead_desk import OUTCOMES, OwnerNotPossible
from clinic.lead_duplicates import MergeNotPossible
from clinic.lead_filter import NOBODY
from clinic.lead_notes import NoteEmpty, NoteTooLong, TagNotPossible
from clinic.leads import STATES, Lead, LeadChangedMeanwhile, LeadNotFound
from clinic.next_call import NextCallNotPossible, read_next_call
from clinic.outbox import NotificationNotFound
from web.console.access import Visit, needs, read_field, read_version
from web.console.desk import Desk, desk_of
from web.console.lead_file import show_file
from web.console.places import LIST_PAGE
from web.console.problems import ConsoleProblem

Work = Callable[[Desk, Lead], None]
CODE_OF_PROBLEM: dict[type[Exception], str] = {
    OwnerNotPossible: "owner_not_possible",
    MergeNotPossible: "merge_not_possible",
    NoteEmpty: "note_empty",
    NoteTooLong: "note_too_long",
    TagNotPossible: "tag_not_possible",
}
TYPED_FIELDS = ("note", "tags", "outcome", "next_call", "next_call_at")


def setup_lead_actions(blueprint: Blueprint) -> None:
    """Add the forms of one request."""
    posts = {
        "state": change_state,
        "calls": record_call,
        "next-call": plan_call,
        "notes": add_note,
        "tags": set_tags,
        "owner": set_owner,
        "spam": mark_spam,
        "withdrawal": withdraw_contact,
        "merge": merge,
        "notices/<notice:str>/resend": resend_notice,
    }
    for path, handler in posts.items():
        blueprint.add_route(
            handler, f"/leads/<reference:str>/{path}", methods=["POST"], name=handler.__name__
        )


@needs("change_leads")
async def change_state(request: Request, visit: Visit, reference: str) -> HTTPResponse:
    """Set the state."""
    state, version = read_field(request, "state"), read_version(request)
    if state not in STATES:
        raise ConsoleProblem("choice_not_valid")

    def work(desk: Desk, lead: Lead) -> None:
        desk.leads.set_state(lead.id, state, version, visit.account.id)

    return await _do(request, visit, reference, work, done="state")


@needs("change_leads")
async def record_call(request: Request, visit: Visit, reference: str) -> HTTPResponse:
    """Write down a call with its outcome, when to call next, and what there is to note."""
    outcome, version, note = (
        read_field(request, "outcome"),
        read_version(request),
        read_field(request, "note"),
    )
    if outcome not in OUTCOMES:
        return await _refuse(request, visit, reference, "outcome_missing")
    try:
        next_call_at = _read_next_call(request)
    except NextCallNotPossible as problem:
        return await _refuse(request, visit, reference, problem.code)

    def work(desk: Desk, lead: Lead) -> None:
        desk.lead_desk.record_call(lead.id, outcome, next_call_at, version, visit.account.id, note)

    return await _do(request, visit, reference, work, done="called")


@needs("change_leads")
async def plan_call(request: Request, visit: Visit, reference: str) -> HTTPResponse:
    """Set when to call next."""
    version = read_version(request)
    try:
        next_call_at = _read_next_call(request)
    except NextCallNotPossible as problem:
        return await _refuse(request, visit, reference, problem.code)

    def work(desk: Desk, lead: Lead) -> None:
        desk.lead_desk.plan_call(lead.id, next_call_at, version, visit.account.id)

    return await _do(request, visit, reference, work, done="planned")


@needs("change_leads")
async def add_note(request: Request, visit: Visit, reference: str) -> HTTPResponse:
    """Add a note. It needs no version: notes stand beside each other."""
    note = read_field(request, "note")

    def work(desk: Desk, lead: Lead) -> None:
        desk.notes.add(lead.id, note, visit.account.id)

    return await _do(request, visit, reference, work, done="note")


@needs("change_leads")
async def set_tags(request: Request, visit: Visit, reference: str) -> HTTPResponse:
    """Set the tags."""
    tags = read_field(request, "tags")

    def work(desk: Desk, lead: Lead) -> None:
        desk.notes.set_tags(lead.id, tags, visit.account.id)

    return await _do(request, visit, reference, work, done="tags")


@needs("change_leads")
async def set_owner(request: Request, visit: Visit, reference: str) -> HTTPResponse:
    """Give the request to a person, or to nobody."""
    owner, version = read_field(request, "owner"), read_version(request)

    def work(desk: Desk, lead: Lead) -> None:
        desk.lead_desk.set_owner(lead.id, None if owner == NOBODY else owner, version, visit.account.id)

    return await _do(request, visit, reference, work, done="owner")


@needs("change_leads")
async def mark_spam(request: Request, visit: Visit, reference: str) -> HTTPResponse:
    """Mark as spam, or take the mark away."""
    is_spam, version = read_field(request, "spam") == "yes", read_version(request)

    def work(desk: Desk, lead: Lead) -> None:
        desk.lead_desk.mark_spam(lead.id, is_spam, version, visit.account.id)

    return await _do(request, visit, reference, work, done="spam" if is_spam else "not_spam")


@needs("change_leads")
async def withdraw_contact(request: Request, visit: Visit, reference: str) -> HTTPResponse:
    """Note that the person must not be contacted any more."""
    version = read_version(request)

    def work(desk: Desk, lead: Lead) -> None:
        desk.withdrawal.record(lead.id, version, visit.account.id)

    return await _do(request, visit, reference, work, done="withdrawn")


@needs("change_leads")
async def merge(request: Request, visit: Visit, reference: str) -> HTTPResponse:
    """Merge another request of the same person into this one."""
    other, version = read_field(request, "other"), read_version(request)
    other_version = read_version(request, "other_version")

    def work(desk: Desk, lead: Lead) -> None:
        try:
            doubled = desk.leads.find_by_reference(other)
        except LeadNotFound:
            raise MergeNotPossible from None
        desk.duplicates.merge(doubled.id, lead.id, other_version, version, visit.account.id)

    return await _do(request, visit, reference, work, done="merged")


@needs("change_leads")
async def resend_notice(request: Request, visit: Visit, reference: str, notice: str) -> HTTPResponse:
    """Send a notice about this request again now."""

    def work(desk: Desk, lead: Lead) -> None:
        if notice not in {entry.id for entry in desk.outbox.list_for(lead.id)}:
            raise NotificationNotFound(notice)
        desk.outbox.resend(notice, visit.account.id)

    return await _do(request, visit, reference, work, done="resent")


async def _do(request: Request, visit: Visit, reference: str, work: Work, done: str) -> HTTPResponse:
    """Do the work on the request and go back to its page, which says so, or says what was wrong."""
    desk = desk_of(request)
    try:
        await asyncio.to_thread(lambda: work(desk, desk.leads.find_by_reference(reference)))
    except LeadChangedMeanwhile:
        return await _refuse(request, visit, reference, "changed_meanwhile", status=409)
    except NotificationNotFound:
        raise ConsoleProblem("choice_not_valid") from None
    except tuple(CODE_OF_PROBLEM) as problem:
        return await _refuse(request, visit, reference, CODE_OF_PROBLEM[type(problem)])
    return redirect(f"{LIST_PAGE}/{quote(reference)}?done={done}", status=303)


async def _refuse(
    request: Request, visit: Visit, reference: str, problem: str, status: int = 400
) -> HTTPResponse:
    """Show the request's page again with what was wrong and everything that had been typed."""
    typed: dict[str, Any] = {name: read_field(request, name) for name in TYPED_FIELDS}
    return await show_file(request, visit, reference, status, problem=problem, typed=typed)


def _read_next_call(request: Request) -> datetime | None:
    zone, now = desk_of(request).zone, datetime.now(UTC)
    return read_next_call(read_field(request, "next_call"), read_field(request, "next_call_at"), now, zone)
