"""`python -m evaluation QUESTIONS.tsv … --out OUT.json`: score the trained model on files of questions."""

from __future__ import annotations

import argparse
import json
import logging
import sys
from pathlib import Path
from typing import Any

import structlog

from evaluation.asking import ModelMissing, ask_all, load_model
from evaluation.questions import QuestionsUnclear, read_questions
from evaluation.scores import summarise

MODEL = Path("models/assistant.tar.gz")


def main(arguments: list[str] | None = None) -> int:
    """Returns 0, or 1 after one clear sentence."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("questions", nargs="+", type=Path, help="tab-separated files")
    parser.add_argument("--out", type=Path, required=True, help="where to write rows and summary (JSON)")
    options = parser.parse_args(arguments)
    silence_rasa()
    try:
        questions = [question for path in options.questions for question in read_questions(path)]
        outcomes = ask_all(load_model(MODEL), questions)
    except (QuestionsUnclear, ModelMissing) as error:
        print(error, file=sys.stderr)
        return 1
    summary = summarise(outcomes)
    result = {"rows": [outcome.as_row() for outcome in outcomes], "summary": summary}
    options.out.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(format_summary(summary))
    return 0


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
