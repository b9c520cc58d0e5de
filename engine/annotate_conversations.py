"""Write into the conversation tests what is recognised in each message: `make annotate-conversations`.

`rasa test` compares entities too, and wants them marked in the message as `[lower back](body_area)`.
Nobody should have to write that by hand; only the lines of messages are changed.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any, Dict, List

from rasa.shared.nlu.training_data.entities_parser import parse_training_example
from spacy.language import Language

from engine.clinic_entities import find_entities, load_language

WORDS = Path("engine/clinic_words.yml")
_MESSAGE = re.compile(r"^(\s*- user: \|\n\s+)(.+)$", re.MULTILINE)


def annotate(text: str, language: Language) -> str:
    """A conversation file with every message marked anew; marks made earlier are taken out first."""
    return _MESSAGE.sub(lambda found: found.group(1) + mark(found.group(2), language), text)


def mark(message: str, language: Language) -> str:
    """One message with its entities marked as `rasa test` wants them."""
    plain = message if message.startswith("/") else str(parse_training_example(message).get("text"))
    marked = plain
    for entity in reversed(find_entities(language, plain)):
        start, end = entity["start"], entity["end"]
        marked = f"{marked[:start]}[{plain[start:end]}]{_label(entity, plain[start:end])}{marked[end:]}"
    return marked


def _label(entity: Dict[str, Any], text: str) -> str:
    if entity["value"] == text:
        return f"({entity['entity']})"
    return json.dumps({"entity": entity["entity"], "value": entity["value"]})


def main(paths: List[str]) -> int:
    """Annotate the files; returns 0."""
    language = load_language(WORDS)
    for path in map(Path, paths):
        before = path.read_text(encoding="utf-8")
        after = annotate(before, language)
        if after != before:
            path.write_text(after, encoding="utf-8")
            print(f"annotated {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
