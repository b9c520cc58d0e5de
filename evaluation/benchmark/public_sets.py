"""The public sets: CLINC150 with its out-of-scope questions, BANKING77; full, and ten examples an intent.

CLINC150: Larson et al. 2019 (CC BY 3.0). BANKING77: Casanueva et al. 2020 (CC BY 4.0). Ten-shot files: the
fixed splits of Zhang et al. (Few-Shot-Intent-Detection), which published figures are given for.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

Rows = list[tuple[str, str]]
"""Pairs of text and intent."""

FILES = {
    "BANKING77, 10 examples": ("banking77", "train_10.tsv", "valid.tsv"),
    "BANKING77, full": ("banking77", "train.tsv", "valid.tsv"),
    "CLINC150, 10 examples": ("clinc150", "train_10.tsv", "val.tsv"),
    "CLINC150, full": ("clinc150", "train.tsv", "val.tsv"),
}


class PublicSetMissing(Exception):
    """The folder does not hold the files; the message says which."""


@dataclass(frozen=True)
class PublicSet:
    """What is trained on and asked. The `unknown` rows are out of scope; BANKING77 has none."""

    name: str
    train: Rows
    validation: Rows
    test: Rows
    unknown_validation: Rows
    unknown_test: Rows


def read_public_set(folder: Path, name: str) -> PublicSet:
    """Read one of FILES from below `folder`; raises PublicSetMissing."""
    origin, train, validation = FILES[name]
    has_unknown = origin == "clinc150"
    return PublicSet(
        name,
        _read(folder / origin / train),
        _read(folder / origin / validation),
        _read(folder / origin / "test.tsv"),
        _read(folder / origin / "oos_val.tsv") if has_unknown else [],
        _read(folder / origin / "oos_test.tsv") if has_unknown else [],
    )


def _read(path: Path) -> Rows:
    if not path.is_file():
        raise PublicSetMissing(f"{path} is missing: name the folder with DATA=, as docs say.")
    with path.open(encoding="utf-8", newline="") as file:
        return [(row[0], row[1]) for row in csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE) if row]
