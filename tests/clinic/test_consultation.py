"""What a message means while Maria leaves her details."""

from __future__ import annotations

import pytest

from clinic.consultation import INTERRUPTION, Heard, Reading, read_message


def typed(
    text: str, intent: str = "nlu_fallback", decision: str = "fallback", person: str | None = None
) -> Heard:
    return Heard(text, intent, decision, person)


def pressed(intent: str, **values: str) -> Heard:
    return Heard(f"[{intent}]", intent, "dialogue", chosen=values)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("maria lopez", "Maria Lopez"),
        ("Maria", "Maria"),
        ("my name is Maria Lopez", "Maria Lopez"),
        ("I'm Maria", "Maria"),
        ("José Ñañez", "José Ñañez"),
        ("O'Brien-Smith", "O'Brien-Smith"),
    ],
)
def test_it_reads_a_name_when_asked_for_one(text: str, name: str) -> None:
    assert read_message(typed(text), "name") == Reading(details={"name": name})


def test_it_reads_several_details_in_one_message() -> None:
    heard = typed("I'm Maria Lopez, 405-555-0134, mornings", "give_details", "dialogue", "Maria Lopez")
    assert read_message(heard, None).details == {
        "name": "Maria Lopez",
        "phone": "+14055550134",
        "time": "mornings",
    }


def test_it_reads_several_details_also_when_asked_for_the_name() -> None:
    heard = typed("Maria Lopez, maria@example.org, after 3 pm", person="Maria Lopez")
    details = read_message(heard, "name").details
    assert details == {"name": "Maria Lopez", "email": "maria@example.org", "time": "after 3 pm"}


@pytest.mark.parametrize("asked_for", ["name", "contact", "time", "topic", "consent", "confirm"])
def test_a_question_in_the_middle_is_left_to_the_answers(asked_for: str) -> None:
    heard = typed("does it hurt?", "ask_does_it_hurt", "answer")
    assert read_message(heard, asked_for) == INTERRUPTION  # type: ignore[arg-type]


@pytest.mark.parametrize("asked_for", [None, "name", "contact", "time", "topic", "consent", "confirm"])
def test_an_emergency_is_never_taken_for_a_detail(asked_for: str | None) -> None:
    heard = typed("chest pain, call me at 405-555-0134", "report_emergency", "urgent")
    assert read_message(heard, asked_for) == INTERRUPTION  # type: ignore[arg-type]


@pytest.mark.parametrize("asked_for", ["name", "contact", "time", "topic", "consent", "confirm"])
def test_stopping_is_never_taken_for_a_detail(asked_for: str) -> None:
    heard = typed("never mind", "cancel_request", "dialogue")
    assert read_message(heard, asked_for) == INTERRUPTION  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("405-555", "phone_too_short"),
        ("maria@", "email_not_valid"),
        ("just ring me", "contact_not_understood"),
    ],
)
def test_it_says_what_is_wrong_with_a_contact(text: str, problem: str) -> None:
    assert read_message(typed(text), "contact").problem == problem


@pytest.mark.parametrize(
    "text", ["mornings", "after 3 pm", "Tuesday or Thursday", "when my kids are at school"]
)
def test_it_takes_any_wording_for_the_time(text: str) -> None:
    assert read_message(typed(text), "time").details == {"time": text}


@pytest.mark.parametrize(
    ("text", "topic"),
    [("my neck", "neck_pain"), ("back pain", "back_pain"), ("neck and back", "neck_and_back_pain")],
)
def test_it_reads_a_typed_topic_even_when_it_sounds_like_a_question_topic(text: str, topic: str) -> None:
    heard = typed(text, "ask_neck_pain", "answer")
    assert read_message(heard, "topic").details == {"topic": topic}


def test_a_question_about_a_topic_is_still_a_question() -> None:
    heard = typed("does it help neck pain?", "ask_neck_pain", "answer")
    assert read_message(heard, "topic") == INTERRUPTION


def test_buttons_give_topic_and_time() -> None:
    assert read_message(pressed("choose_topic", topic="neck_pain"), "topic").details == {"topic": "neck_pain"}
    assert read_message(pressed("give_details", time="Mornings"), "time").details == {"time": "Mornings"}


def test_consent_is_given_only_by_a_yes() -> None:
    assert read_message(typed("yes", "affirm", "dialogue"), "consent").details == {"consent": "yes"}
    assert read_message(typed("no", "deny", "dialogue"), "consent").problem == "consent_needed"
    assert read_message(typed("hm maybe"), "consent").problem == "yes_or_no"
    assert read_message(typed("yes", "affirm", "dialogue"), "name").details == {}


def test_a_new_number_at_the_summary_corrects_it_without_sending() -> None:
    reading = read_message(typed("my number is actually 918-555-0101", "give_details", "dialogue"), "confirm")
    assert reading.details == {"phone": "+19185550101"}


def test_a_no_at_the_summary_sends_nothing_and_asks_what_to_change() -> None:
    reading = read_message(typed("no", "deny", "dialogue"), "confirm")
    assert (reading.details, reading.problem) == ({}, "what_to_change")


@pytest.mark.parametrize(
    "text",
    ["send it", "Send my request", "yes please send it", "looks good", "that's right", "ok, submit.",
     "all correct", "go ahead", "Yes, it is correct", "send it now please"],
)  # fmt: skip
@pytest.mark.parametrize("intent", ["nlu_fallback", "change_detail", "deny", "affirm"])
def test_send_it_in_her_own_words_sends(text: str, intent: str) -> None:
    assert read_message(typed(text, intent, "dialogue"), "confirm").details == {"confirm": "yes"}


@pytest.mark.parametrize(
    "text",
    ["do not send it", "don't send it yet", "is it correct that you call me", "send it to my wife",
     "not correct", "it is not right", "I will send it tomorrow", "send me the price", "never"],
)  # fmt: skip
def test_anything_more_or_else_sends_nothing(text: str) -> None:
    assert "confirm" not in read_message(typed(text, "nlu_fallback"), "confirm").details


@pytest.mark.parametrize("text", ["send it", "looks good", "done"])
def test_send_it_is_no_consent(text: str) -> None:
    assert read_message(typed(text), "consent").details == {}


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        ("no change the time", "time"),
        ("the name is wrong", "name"),
        ("I want to fix my phone number", "contact"),
        ("that is not my email", "contact"),
        ("wrong topic", "topic"),
    ],
)
def test_a_change_in_her_own_words_opens_that_detail(text: str, detail: str) -> None:
    assert read_message(typed(text, "deny", "dialogue"), "confirm").change == detail


def test_a_question_at_the_summary_is_answered_although_it_speaks_of_a_change() -> None:
    heard = typed("is it different when it is about my neck?", "ask_neck_pain", "answer")
    assert read_message(heard, "confirm") == INTERRUPTION


def test_a_detail_that_is_called_correct_is_not_opened_again() -> None:
    assert read_message(typed("my number is correct"), "confirm").change is None


def test_a_wrong_detail_is_opened_again_also_before_the_summary() -> None:
    assert read_message(typed("wrong number sorry", "change_detail", "dialogue"), "time").change == "contact"


@pytest.mark.parametrize(
    ("text", "time"), [("mornings", "mornings"), ("no, make it after 3 pm please", "after 3 pm")]
)
def test_another_time_at_the_summary_is_taken(text: str, time: str) -> None:
    assert read_message(typed(text, "deny", "dialogue"), "confirm").details == {"time": time}


@pytest.mark.parametrize("word", ["idk", "no", "k", "huh"])
def test_a_short_word_is_not_a_name(word: str) -> None:
    assert read_message(typed(word), "name").problem == "name_missing"


def test_pressing_a_change_button_opens_that_detail() -> None:
    assert read_message(pressed("change_detail", detail="name"), "confirm").change == "name"


@pytest.mark.parametrize("word", ["thanks", "hello"])
def test_small_talk_is_not_a_name(word: str) -> None:
    assert read_message(typed(word, "greet", "dialogue"), "name") == INTERRUPTION


def test_yes_is_not_a_name() -> None:
    assert read_message(typed("yes", "affirm", "dialogue"), "name").problem == "name_missing"
