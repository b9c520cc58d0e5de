"""New answers in a trained model: what was learned stays byte for byte."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from launch.repackage import DOMAIN, METADATA, NotRepackaged, learned_parts, repackage

OLD = {"utter_hi": [{"text": "Hello."}]}
NEW = {"utter_hi": [{"text": "Good day, ¿qué tal?"}]}


def write_content(folder: Path, answers: object) -> Path:
    (folder / "data").mkdir(parents=True)
    with (folder / "domain.yml").open("w", encoding="utf-8") as file:
        YAML(typ="safe").dump({"responses": answers}, file)
    return folder


def write_model(path: Path, answers: object, members: tuple[str, ...] = (METADATA, DOMAIN)) -> Path:
    domain = io.StringIO()
    YAML(typ="safe").dump({"intents": ["greet"], "responses": answers}, domain)
    metadata = {"domain": {"intents": ["greet"], "responses": answers}, "model_id": "old"}
    contents = {
        METADATA: json.dumps(metadata),
        DOMAIN: domain.getvalue(),
        "components/learned.npz": "numbers",
    }
    with tarfile.open(path, "w:gz") as archive:
        for name, content in contents.items():
            if name in members or name.startswith("components/learned"):
                member = tarfile.TarInfo(name)
                member.size = len(content.encode())
                archive.addfile(member, io.BytesIO(content.encode()))
    return path


def read_model(path: Path) -> tuple[dict[str, object], dict[str, object]]:
    with tarfile.open(path) as archive:
        read = {member.name: archive.extractfile(member).read() for member in archive}  # type: ignore[union-attr]
    return json.loads(read[METADATA]), YAML(typ="safe").load(read[DOMAIN].decode())


def test_only_the_answers_change(tmp_path: Path) -> None:
    model, before = write_model(tmp_path / "old.tar.gz", OLD), write_content(tmp_path / "before", OLD)
    repackage(model, before, write_content(tmp_path / "after", NEW), tmp_path / "new.tar.gz")
    metadata, domain = read_model(tmp_path / "new.tar.gz")
    assert metadata["domain"]["responses"] == domain["responses"] == NEW  # type: ignore[index]
    assert metadata["model_id"] != "old" and domain["intents"] == ["greet"]
    assert (
        learned_parts(model)
        == learned_parts(tmp_path / "new.tar.gz")
        == {"components/learned.npz": b"numbers"}
    )


def test_a_model_with_other_answers_than_its_release_is_not_touched(tmp_path: Path) -> None:
    model, before = write_model(tmp_path / "old.tar.gz", NEW), write_content(tmp_path / "before", OLD)
    with pytest.raises(NotRepackaged, match="not those of the release"):
        repackage(model, before, write_content(tmp_path / "after", OLD), tmp_path / "new.tar.gz")


def test_a_new_answer_is_left_to_training(tmp_path: Path) -> None:
    model, before = write_model(tmp_path / "old.tar.gz", OLD), write_content(tmp_path / "before", OLD)
    after = write_content(tmp_path / "after", {**OLD, "utter_new": []})
    with pytest.raises(NotRepackaged, match="added or removed"):
        repackage(model, before, after, tmp_path / "new.tar.gz")


def test_a_model_of_another_form_is_left_to_training(tmp_path: Path) -> None:
    model = write_model(tmp_path / "old.tar.gz", OLD, members=(METADATA,))
    before, after = write_content(tmp_path / "before", OLD), write_content(tmp_path / "after", NEW)
    with pytest.raises(NotRepackaged, match="domain"):
        repackage(model, before, after, tmp_path / "new.tar.gz")
