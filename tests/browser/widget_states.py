"""The states a visitor can see the widget in, and the looks it can have: for axe and for the screenshots."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playwright.sync_api import expect

from tests.browser.chat_page import SESSION_ANSWER, Chat

SOURCE = {
    "name": "Vickers 2018, The Journal of Pain",
    "url": "https://pmc.ncbi.nlm.nih.gov/articles/PMC5927830",
}
URGENT = {
    "kind": "urgent",
    "text": "**[Call 911](tel:911) now.** What you describe can be serious.\n\nDo not drive yourself.",
}
SAVED = {
    "kind": "saved",
    "text": "The team now has your request. Your reference is **OPTC-AB2345**.",
    "lead_reference": "OPTC-AB2345",
}
NOTICE = {
    "kind": "notice",
    "text": "Sorry, I cannot answer right now. You can [ask the team to contact you](/contact).",
}
CONSENT = {
    "kind": "question",
    "text": "May the team contact you? This is what you agree to:\n\nThe clinic may call, text or email me.",
    "ask": "consent",
    "choices": [{"title": "I agree", "token": "yes"}, {"title": "I do not agree", "token": "no"}],
}
SUMMARY_CHOICES = [
    "Send my request",
    "Change name",
    "Change contact",
    "Change time",
    "Change topic",
    "Cancel",
]
SUMMARY = {
    "kind": "question",
    "text": "Please check. Nothing has been sent yet.\n\n"
    "- **Name:** Maria Lopez\n- **Contact:** (405) 555-0134\n- **Good time:** Mornings\n"
    "- **About:** Back pain\n\nShall I send this to the team?",
    "ask": "confirm",
    "choices": [{"title": title, "token": title} for title in SUMMARY_CHOICES],
}
CONTACT = {
    "kind": "question",
    "text": "How can the team reach you? A phone number or an email is enough.",
    "ask": "contact",
    "choices": [{"title": "Cancel", "token": "cancel"}],
}
TOO_SHORT = {"kind": "question", "text": "That phone number looks too short. Please send all 10 digits."}


def open_answer(chat: Chat) -> None:
    chat.open()
    chat.choose("How long is a session?")
    expect(chat.message(SESSION_ANSWER)).to_be_visible()


def open_rich_answer(chat: Chat) -> None:
    """An answer as the shipped ones are: two paragraphs, a list, a source, what to ask next."""
    chat.open()
    choices = ["Does it hurt?", "How many sessions?", "Ask for a consultation"]
    chat.answer_with(
        {
            "text": "A session usually lasts **30 to 60 minutes**.\n\nMost of that is rest:\n"
            "- the provider asks how you are\n- thin needles are placed\n- you rest for 10 to 20 minutes",
            "sources": [SOURCE],
            "choices": [{"title": title, "token": title} for title in choices],
        }
    )
    chat.ask("How long does it take?", "A session usually lasts")


def open_reason(chat: Chat) -> None:
    open_answer(chat)
    chat.log.get_by_role("button", name="Not helpful").click()
    expect(chat.log.get_by_label("What was missing?")).to_be_visible()


def open_contact_question(chat: Chat) -> None:
    chat.open()
    chat.answer_with(CONTACT)
    chat.ask("I want a consultation", "How can the team reach you?")


def open_refused_detail(chat: Chat) -> None:
    open_contact_question(chat)
    chat.answer_with(TOO_SHORT, CONTACT)
    chat.ask("405-555", "How can the team reach you?")
    expect(chat.panel.locator(".hint.error")).to_be_visible()


def open_consent(chat: Chat) -> None:
    chat.open()
    chat.answer_with(CONSENT)
    chat.ask("Back pain", "May the team contact you?")
    chat.log.get_by_role("button", name="Continue").click()
    expect(chat.log.locator(".problem")).not_to_be_empty()


def open_summary(chat: Chat) -> None:
    chat.open()
    chat.answer_with(SUMMARY)
    chat.ask("Mornings", "Please check.")


def open_saved(chat: Chat) -> None:
    open_summary(chat)
    chat.answer_with(SAVED)
    chat.choose("Send my request")
    expect(chat.message("The team now has your request.")).to_be_visible()


def open_urgent(chat: Chat) -> None:
    chat.open()
    chat.answer_with(URGENT)
    chat.ask("My chest is tight and my arm hurts", "Call 911 now.")


def open_kinds(chat: Chat) -> None:
    """Everything that stands out, in one conversation."""
    chat.open()
    chat.answer_with(URGENT, SAVED, NOTICE)
    chat.ask("Hello", "ask the team to contact you")


def open_limited(chat: Chat) -> None:
    chat.open()
    chat.answer_with(NOTICE, limited=True)
    chat.ask("How long is a session?", "ask the team to contact you")


def open_not_sent(chat: Chat) -> None:
    chat.open()
    chat.page.route("**/api/v1/messages", lambda route: route.abort())
    chat.say("How long is a session?")
    expect(chat.retry_button).to_be_visible()


def open_offline(chat: Chat) -> None:
    chat.open()
    chat.page.context.set_offline(True)
    chat.say("How long is a session?")
    expect(chat.status).to_contain_text("You are offline.")
    expect(chat.retry_button).to_be_visible()


def open_menu(chat: Chat) -> None:
    chat.open()
    chat.panel.get_by_role("button", name="Chat options").click()


def open_confirmation(chat: Chat) -> None:
    chat.open()
    chat.choose_from_menu("Delete this chat")


def open_withdrawal(chat: Chat) -> None:
    chat.open()
    chat.choose_from_menu("Stop contacting me")


def open_too_long(chat: Chat) -> None:
    chat.open()
    chat.say("a" * 501)


def open_writing(chat: Chat) -> None:
    chat.open()
    chat.page.route("**/api/v1/messages", lambda route: None)
    chat.say("Hello")
    expect(chat.log.get_by_text("The assistant is writing.")).to_be_attached()


def open_start_failure(chat: Chat) -> None:
    chat.page.route("**/api/v1/sessions", lambda route: route.abort())
    chat.launcher.click()
    expect(chat.message("The chat could not start.")).to_be_visible()


def open_load_failure(chat: Chat) -> None:
    chat.page.route("**/widget/panel.*", lambda route: route.abort())
    chat.launcher.click()
    expect(chat.page.get_by_role("alert")).to_be_visible()


def show_greeting(chat: Chat) -> None:
    chat.page.evaluate(
        "document.querySelector('acupuncture-chat').remove();"
        "const again = document.createElement('acupuncture-chat'); again.dataset.greeting = '';"
        "document.body.append(again);"
    )
    expect(chat.page.get_by_role("button", name="Close this note")).to_be_visible()


STATES: dict[str, Callable[[Chat], None]] = {
    "closed": lambda chat: None,
    "greeting": show_greeting,
    "welcome": Chat.open,
    "answer": open_answer,
    "rich_answer": open_rich_answer,
    "feedback_reason": open_reason,
    "contact_question": open_contact_question,
    "refused_detail": open_refused_detail,
    "consent": open_consent,
    "summary": open_summary,
    "saved": open_saved,
    "urgent": open_urgent,
    "urgent_saved_notice": open_kinds,
    "limited": open_limited,
    "not_sent": open_not_sent,
    "offline": open_offline,
    "menu": open_menu,
    "confirmation": open_confirmation,
    "withdrawal": open_withdrawal,
    "too_long": open_too_long,
    "writing": open_writing,
    "start_failure": open_start_failure,
    "load_failure": open_load_failure,
}
LOOKS: dict[str, dict[str, Any]] = {
    "desktop": {},
    "dark": {"color_scheme": "dark"},
    "phone": {"viewport": {"width": 375, "height": 700}, "has_touch": True},
    "forced_colors": {"forced_colors": "active"},
}
