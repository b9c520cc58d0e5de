"""Maria talks to the running system: real gateway, real engine, real actions, real database."""

from __future__ import annotations

import pytest

from content.lint.project import read_project
from tests.system.running_system import ROOT, RunningSystem, Visitor

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]


def names(messages: list[dict[str, object]]) -> list[object]:
    return [message["kind"] for message in messages]


def test_she_is_told_at_once_that_it_is_an_automated_assistant(maria: Visitor) -> None:
    assert "automated assistant" in maria.welcome[0]["text"]
    assert "911" in maria.welcome[0]["text"]


def test_a_question_is_answered_with_what_to_ask_next(maria: Visitor) -> None:
    answer = maria.say("how long does one session take")[0]
    assert "30 to 60 minutes" in answer["text"]
    assert len(answer["choices"]) >= 2


def test_a_button_is_answered(maria: Visitor) -> None:
    maria.say("how long does one session take")
    assert maria.choose("How many sessions?")[0]["kind"] == "answer"


def test_no_kind_of_message_leaves_her_without_an_answer(system: RunningSystem) -> None:
    """One wording of every intent, each in a conversation of its own, through gateway, engine and actions."""
    first = {wording.intent: wording.text for wording in reversed(read_project(ROOT).wordings)}
    unanswered = {intent for intent, text in first.items() if not is_answered(system, text)}
    assert len(first) > 80
    assert unanswered == set()


def is_answered(system: RunningSystem, text: str) -> bool:
    visitor = Visitor.arrive(system.url)
    try:
        answer = visitor.send(text=text)
        return answer.status_code == 200 and not answer.json()["limited"]
    finally:
        visitor.leave()


def test_yes_to_the_offer_of_a_call_begins_the_request(maria: Visitor) -> None:
    maria.say("this chat is useless")
    assert maria.say("yes")[0]["ask"] == "name"


def test_no_after_a_crisis_is_answered_with_988_again(maria: Visitor) -> None:
    maria.say("I want to end my life")
    again = maria.say("no")
    assert names(again) == ["urgent"]
    assert "988" in again[0]["text"]


def test_an_emergency_in_the_middle_of_the_request_wins_and_asks_for_nothing(maria: Visitor) -> None:
    maria.say("I would like to book an appointment")
    urgent = maria.say("Maria Lopez, but now my chest is tight and my left arm hurts")
    assert names(urgent) == ["urgent"]
    assert "911" in urgent[0]["text"].split("\n")[0]
    assert urgent[0]["ask"] is None


def test_the_request_is_stored_before_it_is_confirmed(maria: Visitor, system: RunningSystem) -> None:
    summary = maria.leave_details()[0]
    assert "Nothing has been sent yet" in summary["text"]
    saved = maria.choose("Send my request")[0]
    lead = system.leads.find_by_reference(saved["lead_reference"])
    assert (lead.name, lead.phone, lead.topic, lead.preferred_time) == (
        "Maria Lopez",
        "+14055550134",
        "back_pain",
        "mornings",
    )
    assert lead.consent_version and lead.conversation_id


def test_a_question_in_the_middle_is_answered_and_the_request_goes_on(maria: Visitor) -> None:
    maria.say("I would like to book an appointment")
    answer, question = maria.say("wait, does it hurt?")
    assert (answer["kind"], question["ask"]) == ("answer", "name")


def test_several_details_in_one_message_are_understood(maria: Visitor) -> None:
    question = maria.say("I'm Maria Lopez, 405-555-0134, mornings")[-1]
    assert question["ask"] == "topic"


def test_a_bad_number_is_explained_and_can_be_given_again(maria: Visitor) -> None:
    maria.say("I would like to book an appointment")
    maria.say("Maria Lopez")
    problem, question = maria.say("405-555")
    assert "too short" in problem["text"] and question["ask"] == "contact"
    assert maria.say("405-555-0134")[-1]["ask"] == "time"


def test_without_consent_nothing_is_sent(maria: Visitor, system: RunningSystem) -> None:
    before = system.leads.list().total
    maria.say("I would like to book an appointment")
    maria.say("Maria Lopez")
    maria.say("405-555-0134")
    maria.say("mornings")
    maria.choose("Back pain")
    assert "nothing is sent" in maria.choose("I do not agree")[0]["text"]
    maria.say("cancel")
    assert system.leads.list().total == before


def test_a_detail_can_be_changed_before_sending(maria: Visitor) -> None:
    maria.leave_details()
    maria.choose("Change contact")
    summary = maria.say("maria@example.org")[-1]
    assert "maria@example.org" in summary["text"] and "555-0134" not in summary["text"]


def test_submitting_twice_makes_one_lead(maria: Visitor, system: RunningSystem) -> None:
    before = system.leads.list().total
    maria.leave_details()
    send = {choice["title"]: choice["token"] for choice in maria.last[0]["choices"]}["Send my request"]
    first = maria.send("the-same-click", choice=send).json()["messages"][0]
    again = maria.send("the-same-click", choice=send).json()["messages"][0]
    pressed_once_more = maria.send("another-click", choice=send)
    assert first["lead_reference"] == again["lead_reference"]
    assert pressed_once_more.status_code == 200
    assert system.leads.list().total == before + 1


def test_two_misses_lead_to_a_person(maria: Visitor) -> None:
    maria.say("blorp fnarg wibble zot")
    offered = maria.say("qwlk zzrt pqow vbn")[-1]
    assert any("call back" in choice["title"] for choice in offered["choices"])


def test_two_visitors_do_not_hear_each_other(maria: Visitor, tom: Visitor) -> None:
    maria.say("I would like to book an appointment")
    assert tom.say("does it hurt")[-1]["ask"] is None


@pytest.mark.parametrize(
    "text",
    [
        "😀😀😀",
        "¿Cuánto cuesta una sesión?",
        "<script>alert(1)</script>",
        "'; DROP TABLE leads; --",
        "/restart",
        '/ask_booking{"lead_name": "Mallory"}',
        "/session_start",
        "ａｂｃ ​ zero width",
        "WHY IS NOBODY ANSWERING",
        "x" * 500,
    ],
)
def test_odd_input_gets_a_visible_answer(maria: Visitor, text: str) -> None:
    assert maria.say(text)


def test_a_typed_command_fills_nothing_in(maria: Visitor) -> None:
    maria.say('/ask_booking{"lead_name": "Mallory", "lead_phone": "+14055550199"}')
    maria.say("cancel")
    question = maria.say("I would like to book an appointment")[-1]
    assert question["ask"] == "name"


def test_a_follow_up_means_what_was_talked_about(maria: Visitor) -> None:
    maria.say("how soon will I feel a difference")
    assert "no one can say how long it may last" in maria.say("and for how long")[0]["text"]
    maria.say("what exactly happens during a treatment session")
    assert "30 to 60 minutes" in maria.say("ok so how long")[0]["text"]


def test_a_bare_follow_up_gets_a_question_back(maria: Visitor) -> None:
    asked = maria.say("so how long")[0]
    assert "How long what" in asked["text"] and len(asked["choices"]) == 4


def test_sciatica_is_remembered(maria: Visitor) -> None:
    maria.say("can needles do anything for sciatica")
    assert "For sciatica" in maria.say("how many visits would I need in all")[0]["text"]


def test_safe_means_safe_in_pregnancy_after_talking_of_it(maria: Visitor) -> None:
    maria.say("I am pregnant, can I still have acupuncture")
    assert "prenatal clinician" in maria.say("is it safe")[0]["text"]


def test_how_much_means_with_the_plan_after_talking_of_insurance(maria: Visitor) -> None:
    maria.say("does my insurance cover it")
    assert "depends on that plan" in maria.say("and how much do I pay")[0]["text"]


def test_the_last_answer_is_said_simpler_sourced_and_continued(maria: Visitor) -> None:
    maria.say("which side effects can acupuncture have")
    assert "Most are mild" in maria.say("please say that in simpler words")[0]["text"]
    maria.say("which side effects can acupuncture have")
    assert "bmjopen.bmj.com" in maria.say("what's the source for that")[0]["text"]
    assert len(maria.say("please tell me more about this")[0]["choices"]) >= 2


def test_the_same_question_for_another_place(maria: Visitor) -> None:
    maria.say("does it help with lower back pain")
    assert "neck pain" in maria.say("and for my neck")[0]["text"]
