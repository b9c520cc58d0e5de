"""The two plots of the report, as SVG: what holding back costs, and whether the confidence holds."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import matplotlib
import numpy as np

from evaluation.scores import Outcome

matplotlib.use("svg")
matplotlib.rcParams["svg.hashsalt"] = "evaluation"  # the same plot is the same file

from matplotlib import pyplot  # noqa: E402

BINS = 10


def risk_and_coverage(outcomes: Sequence[Outcome]) -> tuple[list[float], list[float]]:
    """For each confidence, best first: the share of questions answered, and the wrong share of those."""
    ordered = sorted(outcomes, key=lambda outcome: -outcome.confidence)
    wrong = np.cumsum([not outcome.question.is_about(outcome.topic) for outcome in ordered])
    answered = np.arange(1, len(ordered) + 1)
    return list(answered / len(ordered)), list(wrong / answered)


def reliability(outcomes: Sequence[Outcome]) -> list[tuple[float, float, int]]:
    """For each tenth of the confidence: its mean, the share that was right, and how many there were."""
    tenths = np.minimum((np.array([o.confidence for o in outcomes]) * BINS).astype(int), BINS - 1)
    rows = []
    for tenth in range(BINS):
        members = [outcome for outcome, found in zip(outcomes, tenths, strict=True) if found == tenth]
        if members:
            mean = float(np.mean([member.confidence for member in members]))
            right = float(np.mean([member.question.is_about(member.topic) for member in members]))
            rows.append((mean, right, len(members)))
    return rows


def draw(outcomes: Sequence[Outcome], folder: Path) -> None:
    """Write risk-coverage.svg and reliability.svg of the in-scope questions into `folder`."""
    in_scope = [outcome for outcome in outcomes if outcome.question.kind == "in_scope"]
    coverage, risk = risk_and_coverage(in_scope)
    _save(
        folder / "risk-coverage.svg", coverage, risk, "share of questions answered", "wrong among these", "-"
    )
    rows = reliability(in_scope)
    axes = "confidence", "share that was right"
    _save(folder / "reliability.svg", [row[0] for row in rows], [row[1] for row in rows], *axes, "o-")


def _save(path: Path, x: Sequence[float], y: Sequence[float], x_label: str, y_label: str, style: str) -> None:
    figure, axes = pyplot.subplots(figsize=(5, 3.5))
    axes.plot(x, y, style)
    if "o" in style:
        axes.plot([0, 1], [0, 1], ":", color="gray")
    axes.set_xlabel(x_label)
    axes.set_ylabel(y_label)
    axes.set_xlim(0, 1)
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})
    pyplot.close(figure)
