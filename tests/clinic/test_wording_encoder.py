"""The inbox asks the engine for vectors, over HTTP as it is."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from clinic.settings import Settings
from clinic.wording_encoder import VectorsUnavailable, WordingEncoder

SECRET = "a-secret-only-for-these-tests"


class Engine(ThreadingHTTPServer):
    """Answers every call with `status` and `answer` and keeps what it was asked."""

    status = 200
    answer: Any = {"encoder": "e", "vectors": [[1.0, 0.0], [0.0, 1.0]]}

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, Any]] = []
        super().__init__(("127.0.0.1", 0), Answering)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Answering(BaseHTTPRequestHandler):
    server: Engine

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append((self.path, self.headers["Authorization"], body))
        self.send_response(self.server.status)
        self.end_headers()
        self.wfile.write(json.dumps(self.server.answer).encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def engine() -> Iterator[Engine]:
    with Engine() as engine:
        serving = threading.Thread(target=engine.serve_forever, args=(0.01,), daemon=True)
        serving.start()
        yield engine
        engine.shutdown()
        serving.join(timeout=10)


def encoder_for(tmp_path: Path, *addresses: str) -> WordingEncoder:
    return WordingEncoder(
        Settings(
            _env_file=None, var_directory=tmp_path, engine_urls=",".join(addresses), engine_secret=SECRET
        )
    )


def test_it_sends_the_secret_and_reads_the_vectors(engine: Engine, tmp_path: Path) -> None:
    vectors = encoder_for(tmp_path, engine.url).encode(["one", "two"])
    assert (vectors.encoder, vectors.rows) == ("e", [[1.0, 0.0], [0.0, 1.0]])
    assert engine.asked == [("/webhooks/gateway/vectors", f"Bearer {SECRET}", {"texts": ["one", "two"]})]


def test_another_engine_is_asked_when_the_first_is_down(engine: Engine, tmp_path: Path) -> None:
    assert encoder_for(tmp_path, "http://127.0.0.1:9", engine.url).encode(["one", "two"]).encoder == "e"


def test_engines_that_a_release_names_are_asked(engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "engines.txt").write_text(engine.url + "\n", encoding="utf-8")
    assert encoder_for(tmp_path, "http://127.0.0.1:9").encode(["one", "two"]).encoder == "e"


@pytest.mark.parametrize(
    ("status", "answer"),
    [
        (503, {"error": {}}),
        (200, []),
        (200, {"encoder": "e", "vectors": [[1.0]]}),
        (200, {"encoder": "e", "vectors": [[1.0], [1.0, 2.0]]}),
        (200, {"encoder": "e", "vectors": [[], []]}),
        (200, {"encoder": "e", "vectors": [["a"], ["b"]]}),
    ],
)
def test_an_answer_that_is_none_is_no_vector(
    engine: Engine, tmp_path: Path, status: int, answer: Any
) -> None:
    engine.status, engine.answer = status, answer
    with pytest.raises(VectorsUnavailable) as caught:
        encoder_for(tmp_path, engine.url).encode(["a word", "two"])
    assert "word" not in str(caught.value)
