"""The engine's door with the trained model behind it: the contract with the gateway."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import logging
import socket
import sqlite3
import tarfile
import threading
import urllib.error
import urllib.request
import uuid
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("rasa")

import structlog  # noqa: E402
from rasa.core.agent import Agent  # noqa: E402
from rasa.core.channels.channel import register  # noqa: E402
from rasa.shared.core.events import SlotSet  # noqa: E402
from rasa.utils.endpoints import EndpointConfig  # noqa: E402
from rasa.utils.log_utils import configure_structlog  # noqa: E402
from sanic import Sanic  # noqa: E402

from engine.channel import ACTION_SECONDS, GatewayChannel, limit_action_calls  # noqa: E402
from engine.continuation import earlier_id  # noqa: E402
from engine.release_loading import RELEASES_VARIABLE  # noqa: E402
from engine.tracker_store import KEYS_VARIABLE, EngineTrackerStore, own_store  # noqa: E402

KEY = base64.urlsafe_b64encode(b"k" * 32).decode()
SECRET = "a-secret-only-for-these-tests"
MODEL = Path("models/assistant.tar.gz")


class Door:
    """Speaks to the channel over HTTP; every call is (status, body)."""

    def __init__(self, address: str, agent: Agent) -> None:
        self.address, self.agent = address, agent

    def call(self, method: str, path: str, body: bytes = b"", secret: str = SECRET):
        request = urllib.request.Request(
            f"{self.address}/webhooks/gateway{path}", body or None, method=method
        )
        request.add_header("Authorization", f"Bearer {secret}")
        try:
            with urllib.request.urlopen(request, timeout=30) as reply:
                return reply.status, json.loads(reply.read() or b"null")
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read())

    def say(self, text: str, conversation: str, message_id: str = ""):
        body = {"conversation": conversation, "message_id": message_id or uuid.uuid4().hex, "text": text}
        return self.call("POST", "/turns", json.dumps(body).encode())

    def choose(self, intent: str, conversation: str, **values: str):
        choice = {"intent": intent, "values": values}
        body = {"conversation": conversation, "message_id": uuid.uuid4().hex, "choice": choice}
        return self.call("POST", "/turns", json.dumps(body).encode())


@pytest.fixture(scope="module")
def door(tmp_path_factory):
    """The real channel and the trained model on a free loopback port; no action server behind it."""
    assert MODEL.is_file(), "no trained model: run `make train`"
    folder = tmp_path_factory.mktemp("engine")
    (folder / "profile.yml").write_text("name: Belle Isle Pain Clinic\n")
    generator = EndpointConfig(
        type="engine.answers.ReviewedAnswers", profile=str(folder / "profile.yml"), questions="data/faq"
    )
    keys = folder / "keys"
    keys.write_text(f"search {KEY}\nfirst {KEY}\n")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv(KEYS_VARIABLE, str(keys))
        memory = EngineTrackerStore(db=str(folder / "engine.db"))
    agent = Agent.load(
        MODEL,
        generator=generator,
        tracker_store=memory,
        action_endpoint=EndpointConfig(url="http://127.0.0.1:9/webhook"),
    )
    app = Sanic(f"engine_test_{uuid.uuid4().hex[:6]}")
    app.ctx.agent = agent
    register([GatewayChannel(SECRET)], app, route="/webhooks/")
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    loop = asyncio.new_event_loop()
    server = app.create_server(sock=listener, return_asyncio_server=True, access_log=False)
    serving = threading.Event()
    running = threading.Thread(target=_serve, args=(loop, server, serving), daemon=True)
    running.start()
    assert serving.wait(30), "the channel did not start to listen"
    yield Door(f"http://127.0.0.1:{listener.getsockname()[1]}", agent)
    loop.call_soon_threadsafe(loop.stop)
    running.join(timeout=10)


def _serve(loop, server, serving: threading.Event) -> None:
    asyncio.set_event_loop(loop)

    async def start() -> None:
        running = await server
        await running.startup()
        await running.start_serving()
        serving.set()

    loop.run_until_complete(start())
    loop.run_forever()


@pytest.fixture
def debug_log():
    """All that is logged at DEBUG, as `rasa run` sets it up."""
    log, root = io.StringIO(), logging.getLogger()
    handler = logging.StreamHandler(log)
    level, factory = root.level, logging.getLogRecordFactory()
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    configure_structlog(logging.DEBUG)
    yield log
    root.removeHandler(handler)
    root.setLevel(level)
    logging.setLogRecordFactory(factory)
    structlog.reset_defaults()


@pytest.fixture
def conversation() -> str:
    return uuid.uuid4().hex


def test_it_answers_a_question_and_says_what_it_understood(door, conversation):
    status, turn = door.say("how long is a session", conversation)
    reply, understood = turn["replies"][0], turn["understood"]
    assert status == 200
    assert (reply["name"], reply["kind"]) == ("utter_ask_session_length", "answer")
    assert "30 to 60 minutes" in reply["text"]
    assert {"title", "intent", "values"} == set(reply["choices"][0])
    assert (understood["decision"], understood["intent"]) == ("answer", "ask_session_length")
    assert 0 < understood["confidence"] <= 1
    assert len(understood["ranking"]) == 5


def test_a_chosen_button_is_answered_without_guessing(door, conversation):
    status, turn = door.choose("ask_safety", conversation)
    assert status == 200
    assert turn["replies"][0]["name"] == "utter_ask_safety"
    assert turn["understood"]["confidence"] == 1.0


@pytest.mark.parametrize(
    "command",
    [
        "/restart",
        "/session_start",
        '/ask_safety{"lead_name": "Mallory"}',
        "/report_emergency",
        "/affirm",
        "/back",
    ],
)
def test_a_typed_command_is_plain_text_and_sets_nothing(door, conversation, command):
    door.say(command, conversation)
    tracker = asyncio.run(door.agent.tracker_store.retrieve(conversation))
    events = [event.type_name for event in tracker.events]
    assert "restart" not in events and "rewind" not in events
    assert tracker.get_slot("lead_name") is None
    assert tracker.latest_message.text == command
    understood = tracker.latest_message.parse_data["understanding"]
    assert "chosen" not in understood and understood["confidence"] < 1


def test_the_same_message_id_gives_the_first_replies_and_runs_nothing(door, conversation):
    first = door.say("does it hurt", conversation, "message-1")
    again = door.say("does it hurt", conversation, "message-1")
    tracker = asyncio.run(door.agent.tracker_store.retrieve(conversation))
    assert again == first
    assert sum(event.type_name == "user" for event in tracker.events) == 1


def test_an_empty_reply_is_a_failure_and_not_silence(door, conversation):
    # the request needs the action server, which is not there
    status, body = door.choose("ask_booking", conversation)
    assert (status, body["error"]["code"]) == (502, "empty_reply")


def test_questions_are_answered_without_the_action_server(door, conversation):
    assert door.say("is it safe", conversation)[0] == 200


def test_an_emergency_is_answered_without_the_action_server(door, conversation):
    status, turn = door.say("crushing chest pain and I can't breathe", conversation)
    assert status == 200
    assert turn["understood"]["decision"] == "urgent"
    assert turn["replies"][0]["kind"] == "urgent"
    assert "911" in turn["replies"][0]["text"].split("\n")[0]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not json",
        b"[]",
        b"{}",
        b'{"conversation": "c", "message_id": "m"}',
        b'{"conversation": "c", "message_id": "m", "text": 5}',
        b'{"conversation": "c", "message_id": "m", "choice": {"intent": "no_such_intent"}}',
    ],
)
def test_a_request_that_breaks_the_contract_is_refused(door, body):
    status, reply = door.call("POST", "/turns", body)
    assert (status, reply["error"]["code"]) == (400, "bad_turn")


def test_without_the_secret_nothing_is_answered(door):
    assert door.call("GET", "/health", secret="wrong")[0] == 401
    assert door.call("POST", "/turns", b"{}", secret="")[0] == 401


def test_health_names_the_model(door):
    status, body = door.call("GET", "/health")
    assert status == 200 and body["ready"] is True and body["model"]


def test_a_channel_without_a_secret_does_not_start():
    with pytest.raises(ValueError, match="secret"):
        GatewayChannel.from_credentials({})


def test_forgetting_removes_every_event(door, conversation):
    door.say("does it hurt", conversation)
    assert door.call("DELETE", f"/conversations/{conversation}")[0] == 204
    assert asyncio.run(door.agent.tracker_store.retrieve(conversation)) is None


def test_forgetting_empties_the_log_of_the_database_too(door, conversation):
    path = own_store(door.agent.tracker_store).engine.url.database
    log = Path(f"{path}-wal")
    with closing(sqlite3.connect(path)) as another:  # as long as somebody is connected, the log stays
        another.execute("SELECT count(*) FROM events").fetchone()
        door.say("does it hurt", conversation)
        assert log.stat().st_size > 0  # what is erased could be read here
        door.call("DELETE", f"/conversations/{conversation}")
        assert log.stat().st_size == 0


@pytest.mark.parametrize(
    "text", ["😀😀😀", "¿cuánto cuesta?", "<script>alert(1)</script>", "'; DROP TABLE leads;--", "a" * 500]
)
def test_odd_input_gets_a_turn_and_never_an_exception(door, conversation, text):
    status, body = door.say(text, conversation)
    # unsure messages need the action server; what matters is that the turn itself did not break
    assert status in (200, 502), body


def test_a_deep_health_check_takes_a_whole_turn_and_leaves_nothing_behind(door):
    status, turn = door.call("GET", "/health/deep")
    assert status == 200 and turn["replies"][0]["text"]
    assert asyncio.run(door.agent.tracker_store.retrieve("health-check")) is None


def make_release(folder, name, answer, profile):
    """A kept release: the trained model with another answer, and its own profile."""
    place = folder / name
    (place / "content" / "data" / "faq").mkdir(parents=True)
    (place / "content" / "profile.yml").write_text(profile)
    model = place / "model.tar.gz"
    with tarfile.open(MODEL) as source, tarfile.open(model, "w:gz", compresslevel=0) as target:
        for member in source:
            content = source.extractfile(member).read() if member.isfile() else None
            if member.name.endswith("metadata.json"):
                metadata = json.loads(content)
                metadata["domain"]["responses"]["utter_ask_cost"] = [{"text": answer}]
                content = json.dumps(metadata).encode()
                member.size = len(content)
            target.addfile(member, io.BytesIO(content) if content is not None else None)


@pytest.fixture
def two_releases(tmp_path, monkeypatch, door):
    """Two kept releases; afterwards the engine has the trained model again."""
    monkeypatch.setenv(RELEASES_VARIABLE, str(tmp_path))
    make_release(tmp_path, "a" * 16, "One {clinic_price_initial}.", "name: A\nprice_initial: ninety\n")
    make_release(tmp_path, "b" * 16, "Two {clinic_price_initial}.", "name: B\nprice_initial: eighty\n")
    facts = dict(door.agent.nlg._facts), set(door.agent.nlg._kept_back)
    yield tmp_path
    door.agent.load_model(MODEL)
    door.agent.nlg._facts, door.agent.nlg._kept_back = facts


def put_release(door, name):
    return door.call("PUT", "/release", json.dumps({"release": name}).encode())


def test_another_release_is_loaded_with_its_answers_and_facts(door, two_releases):
    for name, answer in (("a" * 16, "One ninety."), ("b" * 16, "Two eighty.")):
        assert put_release(door, name) == (200, {"release": name})
        assert door.call("GET", "/release") == (200, {"release": name})
        _, turn = door.say("how much does a session cost", uuid.uuid4().hex)
        assert turn["replies"][0]["text"] == answer


@pytest.mark.parametrize("name", ["", "c" * 16, "../models", "/etc", "A" * 16])
def test_nothing_but_a_kept_release_is_loaded(door, two_releases, name):
    model = door.call("GET", "/health")[1]["model"]
    status, reply = put_release(door, name)
    assert (status, reply["error"]["code"]) == (404, "release_unknown")
    assert door.call("GET", "/health")[1]["model"] == model


def test_a_release_that_cannot_be_loaded_is_not_said_to_be(door, two_releases):
    (two_releases / ("a" * 16) / "model.tar.gz").write_text("not a model")
    assert put_release(door, "a" * 16)[0] == 500
    assert door.call("GET", "/release") == (200, {"release": ""})


def test_a_deep_health_check_sees_a_pipeline_that_is_broken(door, monkeypatch):
    monkeypatch.setattr(door.agent.processor, "_handle_message_with_tracker", _fail)
    assert door.call("GET", "/health/deep")[0] == 500


async def _fail(*_: object) -> None:
    raise RuntimeError("planted")


@pytest.fixture
def silent_action_server(door, monkeypatch):
    """Accepts every connection and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"http://127.0.0.1:{listener.getsockname()[1]}/webhook"
        monkeypatch.setattr(door.agent.processor, "action_endpoint", EndpointConfig(url=address))
        yield
    limit_action_calls(ACTION_SECONDS)


def test_an_action_that_never_ends_is_given_up(door, conversation, silent_action_server):
    limit_action_calls(0.3)
    # without the limit this call would last 300 s and the test run into the door's own 30 s
    status, body = door.choose("ask_booking", conversation)
    assert (status, body["error"]["code"]) == (502, "empty_reply")


def test_a_long_conversation_goes_on_under_a_new_id_with_what_was_said(door, conversation):
    door.say("does it hurt", conversation)
    tracker = asyncio.run(door.agent.tracker_store.retrieve(conversation))
    tracker.update(SlotSet("lead_name", "Maria Lopez"))
    tracker.update(SlotSet("lead_request_key", "one-request"))
    asyncio.run(door.agent.tracker_store.save(tracker))

    assert door.say("is it safe", f"{conversation}.1")[0] == 200
    continued = asyncio.run(door.agent.tracker_store.retrieve(f"{conversation}.1"))
    assert continued.get_slot("lead_name") == "Maria Lopez"
    assert continued.get_slot("lead_request_key") == "one-request"
    assert sum(event.type_name == "user" for event in continued.events) == 1


def test_it_takes_over_only_once(door, conversation):
    door.say("does it hurt", conversation)
    door.say("is it safe", f"{conversation}.1")
    door.say("how long is a session", f"{conversation}.1")
    continued = asyncio.run(door.agent.tracker_store.retrieve(f"{conversation}.1"))
    assert sum(event.type_name == "user" for event in continued.events) == 2


def test_after_an_hours_pause_nothing_is_taken_over(door, conversation, monkeypatch):
    door.say("does it hurt", conversation)
    tracker = asyncio.run(door.agent.tracker_store.retrieve(conversation))
    tracker.update(SlotSet("lead_name", "Maria Lopez"))
    asyncio.run(door.agent.tracker_store.save(tracker))
    monkeypatch.setattr(door.agent.processor, "_has_session_expired", lambda _: True)
    door.say("is it safe", f"{conversation}.1")
    continued = asyncio.run(door.agent.tracker_store.retrieve(f"{conversation}.1"))
    assert continued.get_slot("lead_name") is None


def test_forgetting_removes_the_later_ids_too_and_nobody_elses(door, conversation):
    for sender in (conversation, f"{conversation}.1", f"{conversation}x"):
        door.say("does it hurt", sender)
    assert door.call("DELETE", f"/conversations/{conversation}")[0] == 204
    left = [
        asyncio.run(door.agent.tracker_store.retrieve(sender)) is not None
        for sender in (conversation, f"{conversation}.1", f"{conversation}x")
    ]
    assert left == [False, False, True]


@pytest.mark.parametrize(
    ("conversation", "earlier"), [("abc", None), ("abc.1", "abc"), ("abc.12", "abc.11"), ("abc.0", None)]
)
def test_the_id_before(conversation, earlier):
    assert earlier_id(conversation) == earlier


def test_a_message_is_understood_without_a_conversation(door):
    before = set(asyncio.run(door.agent.tracker_store.keys()))
    status, body = door.call("POST", "/understand", json.dumps({"text": "what does it cost"}).encode())
    assert status == 200
    assert (body["understood"]["decision"], body["understood"]["intent"]) == ("answer", "ask_cost")
    assert body["model"] == door.agent.model_id
    urgent = door.call("POST", "/understand", json.dumps({"text": "my chest hurts"}).encode())[1]
    assert urgent["understood"]["urgent"] == "emergency"
    assert set(asyncio.run(door.agent.tracker_store.keys())) == before


@pytest.mark.parametrize("body", [b"{}", b"[]", b"not json", b'{"text": 7}', b'{"text": "  "}'])
def test_a_text_that_is_none_is_refused(door, body):
    status, reply = door.call("POST", "/understand", body)
    assert (status, reply["error"]["code"]) == (400, "bad_text")


PLANTED = ("zither", "wilhelmina", "quackenbush", "5550186", "555-0186")


def tell_everything(door, conversation) -> None:
    """A sentence, a name and a number, and a request that cannot be saved: no action server is there."""
    door.say("playing the zither gave me a stiff neck", conversation)
    door.say("I would like to book an appointment", conversation)
    door.say("Wilhelmina Quackenbush", conversation)
    door.say("(405) 555-0186", conversation)
    door.call("POST", "/understand", json.dumps({"text": "Wilhelmina plays the zither"}).encode())


def planted_in(log: io.StringIO) -> set:
    return {word for word in PLANTED if word in log.getvalue().lower()}


def test_even_at_debug_no_log_holds_what_was_said(door, conversation, debug_log):
    tell_everything(door, conversation)
    assert "(words left out)" in debug_log.getvalue() and "rasa." in debug_log.getvalue()
    assert planted_in(debug_log) == set()


def test_without_redaction_the_log_would_hold_it(door, conversation, debug_log, monkeypatch):
    """The planted fault."""
    monkeypatch.setattr("engine.channel.redact_logs", lambda: None)
    logging.setLogRecordFactory(logging.LogRecord)
    tell_everything(door, conversation)
    assert {"zither", "wilhelmina", "quackenbush"} <= planted_in(debug_log)


def vectors_of(door, *texts: str):
    return door.call("POST", "/vectors", json.dumps({"texts": texts}).encode())


def test_sentences_that_mean_the_same_get_vectors_that_point_the_same_way(door):
    before = set(asyncio.run(door.agent.tracker_store.keys()))
    status, body = vectors_of(door, "what does it cost", "how much do you charge", "is parking free")
    assert status == 200 and body["encoder"]
    price, charge, parking = (np.array(vector) for vector in body["vectors"])
    assert price.shape == (896,) and np.linalg.norm(price) == pytest.approx(1, abs=0.001)
    assert price @ charge > price @ parking
    assert set(asyncio.run(door.agent.tracker_store.keys())) == before


def test_a_vector_is_that_of_the_message_and_does_not_depend_on_its_neighbours(door):
    [alone] = vectors_of(door, "what does it cost")[1]["vectors"]
    misspelled, among = vectors_of(door, "waht does it cost", "what does it cost")[1]["vectors"]
    assert among == alone == misspelled  # spelling is mended as in a visitor's message


@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        b"[]",
        b"not json",
        b'{"texts": "one"}',
        b'{"texts": []}',
        b'{"texts": [1]}',
        b'{"texts": [""]}',
        json.dumps({"texts": ["a" * 501]}).encode(),
        json.dumps({"texts": ["a"] * 17}).encode(),
    ],
)
def test_texts_that_are_none_or_too_many_are_refused(door, body):
    status, reply = door.call("POST", "/vectors", body)
    assert (status, reply["error"]["code"]) == (400, "bad_texts")


def test_no_vector_without_the_secret_and_no_text_in_the_log(door, caplog):
    assert door.call("POST", "/vectors", b'{"texts": ["a"]}', secret="wrong")[0] == 401
    with caplog.at_level(logging.INFO):
        vectors_of(door, "a very private zebra")
    assert "zebra" not in caplog.text
