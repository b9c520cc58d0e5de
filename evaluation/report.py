"""The committed report: measures, mistakes by topic and pair, what the guard missed. Markdown text."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

from evaluation.scores import Outcome, summarise

PAIRS_SHOWN = 15


def write_report(sets: dict[str, Sequence[Outcome]], own: str) -> str:
    """The report on several sets of questions by name; details are given of the set called `own`."""
    outcomes = sets[own]
    parts = [
        "# How well the assistant understands",
        "Made by `make report`. What each measure means: docs/decisions/0008-how-it-is-measured.md.\n"
        "Shares in per cent with their 95 % interval. "
        "Our own questions are not in the training wordings; the costs of a decision were chosen once by "
        'looking at them. Of the real wordings some are so common ("does it hurt") that the training '
        "wordings hold them too.",
        _measures(sets),
        "![Risk and coverage](risk-coverage.svg) ![Reliability](reliability.svg)",
        "## By topic\n\n" + _by_topic(outcomes),
        f"## The {PAIRS_SHOWN} most frequent mix-ups\n\n" + _pairs(outcomes),
        "## What the urgent guard missed\n\n" + _list(o for o in outcomes if _is_missed(o)),
        "## Its false alarms\n\n" + _list(o for o in outcomes if _is_false_alarm(o)),
        "## Out-of-scope questions that got an answer\n\n"
        + _list(o for o in outcomes if _is_answered_outside(o)),
    ]
    return "\n\n".join(parts) + "\n"


def _measures(sets: dict[str, Sequence[Outcome]]) -> str:
    summaries = {name: summarise(outcomes) for name, outcomes in sets.items()}
    lines = ["| measure | " + " | ".join(summaries) + " |", "|---|" + "---|" * len(summaries)]
    for measure in next(iter(summaries.values())):
        cells = [_cell(summary[measure]) for summary in summaries.values()]
        lines.append(f"| {measure} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _cell(measure: dict[str, Any]) -> str:
    if not measure["of"]:
        return "–"
    return f"{measure['share']} ({measure['low']}–{measure['high']}), {measure['count']} of {measure['of']}"


def _by_topic(outcomes: Sequence[Outcome]) -> str:
    topics: dict[str, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        if outcome.question.kind == "in_scope":
            topics[outcome.question.topic].append(outcome)
    lines = ["| topic | questions | answered right | helped | answered wrong |", "|---|---|---|---|---|"]
    for topic, asked in sorted(topics.items()):
        right, helped, wrong = (
            sum(map(judge, asked))
            for judge in (Outcome.is_answered_right, Outcome.is_helped, Outcome.is_answered_wrong)
        )
        lines.append(f"| {topic} | {len(asked)} | {right} | {helped} | {wrong} |")
    return "\n".join(lines)


def _pairs(outcomes: Sequence[Outcome]) -> str:
    pairs = Counter(
        (outcome.question.topic, outcome.topic)
        for outcome in outcomes
        if outcome.question.kind == "in_scope" and not outcome.question.is_about(outcome.topic)
    )
    lines = ["| asked about | taken for | times |", "|---|---|---|"]
    lines += [f"| {asked} | {taken} | {count} |" for (asked, taken), count in pairs.most_common(PAIRS_SHOWN)]
    return "\n".join(lines)


def _is_missed(outcome: Outcome) -> bool:
    return outcome.question.kind == "red_flag" and outcome.decision != "urgent"


def _is_false_alarm(outcome: Outcome) -> bool:
    return outcome.question.kind != "red_flag" and outcome.decision == "urgent"


def _is_answered_outside(outcome: Outcome) -> bool:
    return outcome.question.kind == "out_of_scope" and outcome.decision == "answer"


def _list(outcomes: Any) -> str:
    lines = [f"- {outcome.question.text} → {outcome.decision}, {outcome.intent}" for outcome in outcomes]
    return "\n".join(lines) or "None."
