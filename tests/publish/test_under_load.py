"""Publishing and going back while visitors write, with the real engine: nobody loses a turn."""

from __future__ import annotations

import time

import pytest

from tests.content.working_content import reword
from tests.publish.conftest import Newsroom
from tests.publish.stream import Stream

pytestmark = [pytest.mark.system, pytest.mark.timeout(900)]
QUESTION = "does acupuncture hurt?"
OLD, *NEW = "Most people feel only a little:", "Most people feel little:", "People mostly feel a little:"
MESSAGES_A_SECOND = 3.0


def check(stream: Stream, answers: list[str]) -> None:
    """Every message was answered once, with the answer of one of the releases."""
    strays = [one.reply for one in stream.asked if not one.reply.startswith(tuple(answers))]
    assert strays == []
    assert dict(stream.count_stored()) == {"visitor": len(stream.asked), "assistant": len(stream.asked)}


def test_no_turn_is_lost_and_any_kept_release_is_near(newsroom: Newsroom) -> None:
    first = newsroom.releases.state().live
    stream = Stream(newsroom.system.url, QUESTION, MESSAGES_A_SECOND)
    stream.start()
    took: dict[str, float] = {}
    before = OLD
    for number, words in enumerate(NEW):
        reword(newsroom.working, "does_it_hurt", before, words)
        took[f"publish {number + 1}"] = timed(newsroom)
        assert newsroom.ask(QUESTION).startswith(words)
        before = words
    took["roll back to the release before"] = timed(newsroom, "--release", "previous")
    assert newsroom.ask(QUESTION).startswith(NEW[0])
    assert first is not None
    took["roll back to the oldest release"] = timed(newsroom, "--release", first)
    assert newsroom.ask(QUESTION).startswith(OLD)
    stream.stop()
    slowest = sorted(one.seconds for one in stream.asked)
    print(
        f"\n{len(slowest)} messages, median {slowest[len(slowest) // 2]:.2f} s, slowest {slowest[-1]:.2f} s"
    )
    print("\n".join(f"{name}: {seconds:.1f} s" for name, seconds in took.items()))
    check(stream, [OLD, *NEW])
    reword(newsroom.working, "does_it_hurt", before, OLD)


def timed(newsroom: Newsroom, *arguments: str) -> float:
    """Publish or go back; returns the seconds it took, from the command to its end."""
    began = time.monotonic()
    print(newsroom.run(*arguments))
    return time.monotonic() - began


def test_a_lost_and_a_doubled_message_are_seen(newsroom: Newsroom) -> None:
    """The check above can fail: planted, a message without an answer and one that was never asked."""
    stream = Stream(newsroom.system.url, QUESTION, MESSAGES_A_SECOND)
    stream.start()
    deadline = time.monotonic() + 60
    while len(stream.asked) < 3 and time.monotonic() < deadline:
        time.sleep(0.1)  # between two looks at a condition that has a deadline
    stream.stop()
    check(stream, [OLD, *NEW])
    whole = list(stream.asked)
    stream.asked = whole[1:]
    with pytest.raises(AssertionError):
        check(stream, [OLD, *NEW])
    stream.asked = whole
    with pytest.raises(AssertionError):
        check(stream, ["another answer"])
