"""Rasa's rules, looked up faster; what they decide is the same.

Rasa holds every rule against the conversation, twice after each message: once for rules that begin with the
visitor's very words, once for rules that begin with an intent. No rule of ours begins with words, and few
begin with the same intent and action, so that a few are left to compare. Measured over 400 turns: see
evaluation/BENCHMARKS.md, part IntentRules.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any, Dict, List, Optional, Set, Text, Tuple

from rasa.core.policies.rule_policy import RULES, RulePolicy
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.core.constants import PREVIOUS_ACTION, USER
from rasa.shared.core.domain import Domain, State
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import ACTION_NAME, INTENT

Beginning = Tuple[Optional[Text], Optional[Text]]
"""The intent and the action before it of a state, None where it has none."""


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.POLICY_WITHOUT_END_TO_END_SUPPORT, is_trainable=True)
class IntentRules(RulePolicy):
    """Rasa's RulePolicy for rules that begin with an intent."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._indexed: Dict[Text, Text] = {}
        self._size = 0
        self._keys_by_beginning: Dict[Beginning, List[Text]] = {}

    def _find_action_from_rules(
        self, tracker: DialogueStateTracker, domain: Domain, use_text_for_last_user_input: bool
    ) -> Tuple[Optional[Text], Optional[Text], bool]:
        """As Rasa's, which finds nothing either where a rule would have to begin with words."""
        if use_text_for_last_user_input:
            return None, None, False
        return super()._find_action_from_rules(tracker, domain, use_text_for_last_user_input)

    def _get_possible_keys(self, lookup: Dict[Text, Text], states: List[State]) -> Set[Text]:
        """As Rasa's, of the rules that can fit the last state at all."""
        if lookup is not self.lookup.get(RULES) or not states or PREVIOUS_ACTION not in states[-1]:
            return super()._get_possible_keys(lookup, states)
        if lookup is not self._indexed or len(lookup) != self._size:  # training takes rules out again
            self._index(lookup)
        intent, action = _beginning(states[-1])
        keys = self._keys_by_beginning.get((None, action), [])
        if intent is not None:
            keys = keys + self._keys_by_beginning.get((intent, action), [])
        return super()._get_possible_keys({key: lookup[key] for key in keys}, states)

    def _index(self, lookup: Dict[Text, Text]) -> None:
        by_beginning: Dict[Beginning, List[Text]] = defaultdict(list)
        for key in lookup:
            by_beginning[_beginning(self._rule_key_to_state(key)[-1])].append(key)
        self._indexed, self._size, self._keys_by_beginning = lookup, len(lookup), dict(by_beginning)


def _beginning(state: State) -> Beginning:
    return state.get(USER, {}).get(INTENT), state.get(PREVIOUS_ACTION, {}).get(ACTION_NAME)
