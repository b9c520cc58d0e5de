"""Puts new answers into a trained model: nothing that was learned is touched, and nothing is trained.

A Rasa model is a tar file. The answers stand in two of its members, `metadata.json` and the domain provider's
`domain.yml`; all others are copied byte for byte.
"""

from __future__ import annotations

import io
import json
import os
import tarfile
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from content.release_changes import answers_of, read_content

METADATA = "metadata.json"
DOMAIN = "components/domain_provider/domain.yml"
STORED = 0  # compression level: the numbers of a model hardly get smaller


class NotRepackaged(Exception):
    """The answers of this model cannot be exchanged; it has to be trained anew."""


def repackage(model: Path, before: Path, after: Path, new_model: Path) -> None:
    """Write `model`, made from the content folder `before`, with the answers of the folder `after`.

    Raises NotRepackaged when the model does not hold exactly the answers of `before`: then what we take to
    be its answers is not all that Rasa made of them.
    """
    old, new = answers_of(read_content(before)), answers_of(read_content(after))
    if old.keys() != new.keys():
        raise NotRepackaged("answers were added or removed, and rules name them")
    changed: dict[str, Callable[[bytes], bytes]] = {
        METADATA: lambda content: _exchange_in_metadata(content, old, new),
        DOMAIN: lambda content: _exchange_in_domain(content, old, new),
    }
    seen = set()
    with tarfile.open(model) as source, tarfile.open(new_model, "w:gz", compresslevel=STORED) as target:
        for member in source:
            content = _read(source, member)
            name = member.name.lstrip("./")
            if name in changed and content is not None:
                content = changed[name](content)
                member.size = len(content)
                seen.add(name)
            target.addfile(member, io.BytesIO(content) if content is not None else None)
    if seen != set(changed):
        raise NotRepackaged(f"the model has no {', '.join(sorted(set(changed) - seen))}")
    with new_model.open("rb") as file:
        os.fsync(file.fileno())


def learned_parts(model: Path) -> dict[str, bytes]:
    """Return every file of a model that does not hold answers, by name."""
    with tarfile.open(model) as source:
        read = {member.name.lstrip("./"): _read(source, member) for member in source}
    return {name: content for name, content in read.items() if content and name not in (METADATA, DOMAIN)}


def _read(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes | None:
    file = archive.extractfile(member) if member.isfile() else None
    return file.read() if file else None


def _exchange_in_metadata(content: bytes, old: dict[str, Any], new: dict[str, Any]) -> bytes:
    metadata = json.loads(content)
    _check(metadata["domain"], old)
    metadata["domain"]["responses"] = new
    metadata["model_id"] = uuid.uuid4().hex
    return json.dumps(metadata).encode()


def _exchange_in_domain(content: bytes, old: dict[str, Any], new: dict[str, Any]) -> bytes:
    yaml = YAML(typ="safe", pure=True)  # the C writer breaks long lines in a way that Rasa cannot read
    yaml.default_flow_style, yaml.allow_unicode, yaml.width = False, True, 1_000_000
    domain = yaml.load(content.decode())
    _check(domain, old)
    domain["responses"] = new
    written = io.StringIO()
    yaml.dump(domain, written)
    if yaml.load(written.getvalue()) != domain:
        raise NotRepackaged("the domain cannot be written as it is")
    return written.getvalue().encode()


def _check(domain: dict[str, Any], old: dict[str, Any]) -> None:
    if domain.get("responses") != old:
        raise NotRepackaged("the model's answers are not those of the release it belongs to")
