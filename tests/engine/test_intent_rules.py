"""Rules are looked up faster, and the same ones are found."""

from __future__ import annotations

import json

import pytest

pytest.importorskip("rasa")

from rasa.core.policies.rule_policy import RULES, RulePolicy  # noqa: E402

from engine.intent_rules import IntentRules  # noqa: E402


def state(action: str | None = None, intent: str | None = None, **slots: str) -> dict:
    parts: dict = {"prev_action": {"action_name": action}} if action else {}
    if intent:
        parts["user"] = {"intent": intent}
    return {**parts, "slots": dict(slots)} if slots else parts


HEARD = "action_listen"
RULE_STATES = {
    "utter_cost": [state(HEARD, "ask_cost")],
    "utter_safety": [state(HEARD, "ask_safety")],
    "action_listen": [state(HEARD, "ask_cost"), state("utter_cost", "ask_cost")],
    "utter_again": [state(HEARD, "ask_cost", lead_name="set")],
    "utter_any": [state(HEARD)],
    "utter_first": [state(intent="greet")],
}
RULES_LEARNED = {json.dumps(states, sort_keys=True): action for action, states in RULE_STATES.items()}
CONVERSATIONS = [
    [state(), state(HEARD, "ask_cost")],
    [state(), state(HEARD, "ask_cost"), state("utter_cost", "ask_cost")],
    [state(), state(HEARD, "ask_cost", lead_name="set")],
    [state(), state(HEARD, "ask_safety"), state("utter_safety", "ask_safety"), state(HEARD, "ask_cost")],
    [state(), state(HEARD, "thanks")],
    [state(HEARD)],
    [state()],
]


@pytest.fixture
def policy() -> IntentRules:
    made = IntentRules.__new__(IntentRules)  # only the look-up is of interest, which needs no graph
    made.lookup = {RULES: dict(RULES_LEARNED)}
    made._indexed, made._size, made._keys_by_beginning = {}, 0, {}
    return made


@pytest.mark.parametrize("states", CONVERSATIONS)
def test_it_finds_the_rules_that_rasa_finds(policy: IntentRules, states: list[dict]):
    rules = policy.lookup[RULES]
    expected = RulePolicy._get_possible_keys(policy, rules, states)
    assert policy._get_possible_keys(rules, states) == expected


def test_most_conversations_have_a_rule_so_that_the_comparison_means_something(policy: IntentRules):
    rules = policy.lookup[RULES]
    found = [RulePolicy._get_possible_keys(policy, rules, states) for states in CONVERSATIONS]
    assert sum(map(bool, found)) >= 5


def test_a_rule_taken_out_in_training_is_not_looked_for(policy: IntentRules):
    rules, states = policy.lookup[RULES], CONVERSATIONS[0]
    (removed,) = (key for key in policy._get_possible_keys(rules, states) if rules[key] == "utter_cost")
    rules.pop(removed)
    assert removed not in policy._get_possible_keys(rules, states)
