"""A draft as the fields of a form and back: one thing a line, so that it works in any browser."""

from __future__ import annotations

from dataclasses import replace

from sanic import Request

from content.draft import Draft, IntentDraft, VariantDraft
from content.lint.review import STATES
from web.console.access import read_field

BETWEEN = " | "


class FormNotReadable(Exception):
    """A field does not hold what it should; the message says which line and what to write."""


def read_form(request: Request, before: Draft) -> Draft:
    """Return `before` with what the posted form says; raises FormNotReadable."""
    intents = [_read_intent(request, number, part) for number, part in enumerate(before.intents)]
    variants = [_read_variant(request, number, one) for number, one in enumerate(before.variants)]
    return Draft(tuple(intents), tuple(variants))


def _read_intent(request: Request, number: int, before: IntentDraft) -> IntentDraft:
    record = dict(before.record)
    for name in ("title", "checked_on", "review_by"):
        record[name] = read_field(request, f"{name}-{number}").strip()
    record["facts"] = tuple(read_field(request, f"facts-{number}").replace(",", " ").split())
    state = read_field(request, f"state-{number}")
    if state not in STATES:
        raise FormNotReadable("The state is live, draft or off.")
    if state == "live":
        record.pop("state", None)
    else:
        record["state"] = state
    kept = {name: value for name, value in record.items() if value or name in before.record}
    return replace(before, wordings=tuple(_lines(request, f"wordings-{number}")), record=kept)


def _read_variant(request: Request, number: int, before: VariantDraft) -> VariantDraft:
    text = read_field(request, f"text-{number}").replace("\r\n", "\n").strip()
    return replace(
        before,
        text="\n".join(line.rstrip() for line in text.split("\n")),
        buttons=_pairs(request, f"buttons-{number}", "Does it hurt? | /ask_does_it_hurt"),
        sources=_pairs(request, f"sources-{number}", "Vickers 2018 | https://example.org/study"),
    )


def _lines(request: Request, name: str) -> list[str]:
    """Return the filled lines of all fields of this name: a row each, or several in a larger field."""
    fields = request.form.getlist(name, []) if request.form else []
    return [line.strip() for field in fields for line in str(field).splitlines() if line.strip()]


def _pairs(request: Request, name: str, example: str) -> tuple[tuple[str, str], ...]:
    found = []
    for line in _lines(request, name):
        left, bar, right = line.rpartition(BETWEEN.strip())
        if not (bar and left.strip() and right.strip()):
            raise FormNotReadable(f'"{line}" needs two parts with a bar between them, like: {example}')
        found.append((left.strip(), right.strip()))
    return tuple(found)


def keep_review_honest(before: Draft, after: Draft, writer: str) -> Draft:
    """Return `after` with its review record in order: an answer that changed is approved by nobody yet."""
    changed = before.variants != after.variants or any(
        old.facts != new.facts for old, new in zip(before.intents, after.intents, strict=True)
    )
    return Draft(tuple(_sign(part, writer) for part in after.intents), after.variants) if changed else after


def _sign(part: IntentDraft, writer: str) -> IntentDraft:
    dropped = ("approved_by", "approved_on")
    record = {name: value for name, value in part.record.items() if name not in dropped}
    return replace(part, record={**record, "status": "source_checked", "written_by": writer})
