"""`python -m evaluation QUESTIONS.tsv …`: score the trained model on files of questions."""

from __future__ import annotations

import argparse
import json
import logging
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import structlog

from evaluation.asking import ModelMissing, ask_all, load_model
from evaluation.floors import broken_floors
from evaluation.questions import QuestionsUnclear, read_questions
from evaluation.scores import Outcome, summarise
from evaluation.typos import misspell_all

MODEL = Path("models/assistant.tar.gz")
REPORT = Path("evaluation/REPORT.md")
OWN = "our own questions"


def main(arguments: list[str] | None = None) -> int:
    """Returns 0, or 1 after clear sentences."""
    options = _read_arguments(arguments)
    silence_rasa()
    try:
        questions = [question for path in options.questions for question in read_questions(path)]
        agent = load_model(options.model)
        outcomes = ask_all(agent, questions)
        if options.report:
            sets = {OWN: outcomes, "the same, misspelled": ask_all(agent, misspell_all(questions))}
            if options.real and options.real.is_file():
                sets["real wordings"] = ask_all(agent, read_questions(options.real))
            _write_report(sets)
    except (QuestionsUnclear, ModelMissing) as error:
        print(error, file=sys.stderr)
        return 1
    if options.out:
        _write_outcomes(outcomes, options.out)
    print(format_summary(summarise(outcomes)))
    return _hold_floors(outcomes) if options.floors else 0


def _read_arguments(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("questions", nargs="+", type=Path, help="tab-separated files")
    parser.add_argument("--model", type=Path, default=MODEL, help="the trained model")
    parser.add_argument("--out", type=Path, help="where to write rows and summary (JSON)")
    parser.add_argument("--report", action="store_true", help="write evaluation/REPORT.md and its plots")
    parser.add_argument("--real", type=Path, help="real wordings for the report, where there are any")
    parser.add_argument("--floors", action="store_true", help="fail when a floor is broken")
    return parser.parse_args(arguments)


def _write_report(sets: dict[str, Sequence[Outcome]]) -> None:
    from evaluation.plots import draw
    from evaluation.report import write_report

    REPORT.write_text(write_report(sets, OWN), encoding="utf-8")
    draw(sets[OWN], REPORT.parent)


def _write_outcomes(outcomes: Sequence[Outcome], path: Path) -> None:
    result = {"rows": [outcome.as_row() for outcome in outcomes], "summary": summarise(outcomes)}
    path.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _hold_floors(outcomes: Sequence[Outcome]) -> int:
    broken = broken_floors(summarise(outcomes))
    for sentence in broken:
        print(f"Understanding got worse: {sentence}", file=sys.stderr)
    return 1 if broken else 0


def silence_rasa() -> None:
    """Rasa logs each parsed message in full; a person reading scores does not want them."""
    logging.disable(logging.WARNING)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))


def format_summary(summary: dict[str, dict[str, Any]]) -> str:
    """One line for each measure."""
    return "\n".join(
        f"{name:22} {measure['count']:5} of {measure['of']:5}  "
        f"{measure['share']} %  ({measure['low']} to {measure['high']})"
        for name, measure in summary.items()
        if measure["of"]
    )


if __name__ == "__main__":
    sys.exit(main())
