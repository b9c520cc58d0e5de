"""The committed table, beside what others have published."""

from __future__ import annotations

from typing import Any

NAMES = {
    "ours": "**this assistant**",
    "logistic": "Rasa 3.6.21, logistic regression",
    "diet": "Rasa 3.6.21, DIET, 30 epochs",
}
# Accuracy in per cent as published; where: see SOURCES.
PUBLISHED = {
    "BANKING77, 10 examples": [
        ("USE + ConveRT", "85.2"),
        ("DNNC", "86.7"),
        ("CPFT", "87.2"),
        ("ICDA", "89.8"),
    ],
    "BANKING77, full": [("USE + ConveRT", "93.4"), ("BERT, tuned", "93.7")],
    "CLINC150, 10 examples": [
        ("USE + ConveRT", "93.3"),
        ("DNNC", "93.8"),
        ("CPFT", "94.2"),
        ("ICDA", "94.8"),
    ],
    "CLINC150, full": [
        ("MLP on USE", "93.5"),
        ("BERT", "96.9, AUROC 94.2"),
        ("SNGP ensemble", "97.4, AUROC 97.3"),
    ],
}
INTRODUCTION = """\
# Against stock Rasa and published results

Written by `make benchmark-nlu`; do not edit by hand. Our parts are those of `config.yml` without what belongs
to the clinic, with the same constants: nothing is tuned on these sets. The pipelines are in
`evaluation/benchmark/pipelines/`. All of it ran on one machine, one contest after the other; times are
processor time, which other work on the machine disturbs little.

"Refused" is the share of out-of-scope test questions below a threshold, "right" the share of known ones that
are above it and right; the threshold is the one with the best sum of both on the validation set. It stands on
the number by which a pipeline tells known from unknown: Rasa's confidence, and our familiarity. AUROC is the
chance that this number is higher for a known question than for an unknown one. BANKING77 has no unknown
questions.

What was not run: DIET on the full sets, and its usual 100 epochs on the small ones; Rasa's logistic
regression on the full sets. They take hours on this machine.
"""
SOURCES = """\
Published figures: Zhang et al., Few-Shot-Intent-Detection leaderboard (10 examples, the same fixed splits);
Casanueva et al. 2020 (BANKING77 full); Larson et al. 2019 (CLINC150 full, BERT and MLP);
uncertainty-baselines (AUROC of BERT and of SNGP). They are other people's measurements, on other machines.
"""
COLUMNS = [
    "pipeline",
    "accuracy %",
    "AUROC %",
    "right %",
    "refused %",
    "training s",
    "ms a message",
    "memory MB",
]


def write_table(results: dict[str, Any]) -> str:
    """The page for results by `pipeline set` and `turn assistant`, as the contests gave them."""
    parts = [INTRODUCTION]
    for name, published in PUBLISHED.items():
        rows = [results[f"{pipeline} {name}"] for pipeline in NAMES if f"{pipeline} {name}" in results]
        if rows:
            lines = [f"## {name}", "", _row(COLUMNS), "|" + "---|" * len(COLUMNS), *map(_result, rows)]
            lines += [_row([f"{who} (published)", figure, *[""] * 6]) for who, figure in published]
            parts.append("\n".join(lines) + "\n")
    if "turn ours" in results and "turn stock" in results:
        parts.append(_turns(results["turn ours"], results["turn stock"]))
    return "\n".join([*parts, SOURCES])


def _row(cells: list[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _result(row: dict[str, Any]) -> str:
    shares = [
        f"{100 * row[key]:.1f}" if key in row else "–"
        for key in ("auroc", "answered_right", "unknown_refused")
    ]
    return _row(
        [
            NAMES[row["pipeline"]],
            f"{100 * row['accuracy']:.1f}",
            *shares,
            f"{row['training_processor_seconds']:.0f}",
            f"{row['processor_ms']:.1f}",
            f"{row['memory_mb']:.0f}",
        ]
    )


def _turns(ours: dict[str, Any], stock: dict[str, Any]) -> str:
    parts = sorted(ours["parts_ms"].items(), key=lambda part: -part[1])
    rest = ours["processor_ms"] - sum(ours["parts_ms"].values())
    share = ours["processor_ms"] / stock["processor_ms"]
    lines = [
        "## A whole turn",
        "",
        "Understanding, policies and answer in one process, conversations in memory, our data; the",
        "stock assistant has DIET and TED (and UnexpecTED, as `rasa init` writes it).",
        "",
        _row(["assistant", "processor ms a message", "memory MB"]),
        "|---|---|---|",
        _row(
            ["**this assistant**, everything on", f"{ours['processor_ms']:.1f}", f"{ours['memory_mb']:.0f}"]
        ),
        _row(["stock Rasa, DIET + TED", f"{stock['processor_ms']:.1f}", f"{stock['memory_mb']:.0f}"]),
        "",
        f"Ratio: {share:.2f}.",
        "",
        _row(["part of this assistant", "processor ms a message"]),
        "|---|---|",
        *[_row([name, f"{milliseconds:.1f}"]) for name, milliseconds in parts if milliseconds >= 0.05],
        _row(["all else in Rasa: turn, tracker, actions", f"{rest:.1f}"]),
    ]
    return "\n".join(lines) + "\n"
