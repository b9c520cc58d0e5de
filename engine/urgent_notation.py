"""Read the notation of urgent_patterns.yml and find its phrases in a list of words.

The notation, in short (the file's head explains it with examples):
`a b` adjacent words, `...` up to three words in between, `NUMBER` any number, `<name>` any phrase of
that group, `a | b` one or the other, `left + right` both, in any order, `[` and `]` the message's ends.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from engine.urgent_words import BREAK

GAP = "..."
NUMBER = "NUMBER"
LONGEST_GAP = 3

Span = tuple[int, int]
Phrase = tuple[str, ...]


class PatternUnclear(ValueError):
    """A line of the patterns file cannot be read; the message says which and why."""


class Lexicon:
    """The named groups of phrases, and every alternative that patterns and shields look for.

    Args:
        groups: group name and its phrases, separated by commas.
    """

    def __init__(self, groups: Mapping[str, str]) -> None:
        self._groups: dict[str, list[Phrase]] = {}
        self._group_starts: dict[str, set[str]] = {}
        for name, phrases in groups.items():
            self._groups[name] = [self._read_phrase(phrase) for phrase in phrases.split(",")]
            starts = (self._first_words(phrase) for phrase in self._groups[name])
            self._group_starts[name] = {word for words in starts for word in words}
        self._alternatives: dict[str, int] = {}
        self._by_first_word: dict[str, list[tuple[int, Phrase]]] = {}

    def add(self, element: str) -> int:
        """Note one element ("a b | <group>") and return its number; equal elements share a number.

        Raises:
            PatternUnclear: an empty alternative, an unknown group, or a phrase that starts with a gap.
        """
        element = " ".join(element.split())
        if element in self._alternatives:
            return self._alternatives[element]
        number = len(self._alternatives)
        self._alternatives[element] = number
        for alternative in element.split("|"):
            phrase = self._read_phrase(alternative)
            for word in sorted(self._first_words(phrase)):
                self._by_first_word.setdefault(word, []).append((number, phrase))
        return number

    def literal_words(self) -> set[str]:
        """Return every word that a group or an element spells out."""
        phrases = [phrase for group in self._groups.values() for phrase in group]
        phrases += [phrase for entries in self._by_first_word.values() for _, phrase in entries]
        atoms = {atom for phrase in phrases for atom in phrase}
        return {atom for atom in atoms if atom not in (GAP, NUMBER) and not atom.startswith("<")}

    def find(self, words: Sequence[str]) -> dict[int, list[Span]]:
        """Return where each element occurs in `words`: element number and (start, end) places."""
        seen: dict[tuple[str, int], list[int]] = {}
        found: dict[int, list[Span]] = {}
        for start, word in enumerate(words):
            for number, phrase in self._candidates(word):
                for end in self._ends(phrase, start, words, seen):
                    spans = found.setdefault(number, [])
                    if (start, end) not in spans:
                        spans.append((start, end))
        return found

    def _candidates(self, word: str) -> Iterable[tuple[int, Phrase]]:
        if word.isdigit():
            return [*self._by_first_word.get(word, ()), *self._by_first_word.get(NUMBER, ())]
        return self._by_first_word.get(word, ())

    def _ends(
        self, phrase: Phrase, place: int, words: Sequence[str], seen: dict[tuple[str, int], list[int]]
    ) -> Iterator[int]:
        if not phrase:
            yield place
            return
        atom, rest = phrase[0], phrase[1:]
        for after in self._after(atom, place, words, seen):
            yield from self._ends(rest, after, words, seen)

    def _after(
        self, atom: str, place: int, words: Sequence[str], seen: dict[tuple[str, int], list[int]]
    ) -> Iterable[int]:
        """Return the places at which the rest of the phrase may go on once `atom` stands at `place`."""
        if atom == GAP:
            return _places_within_gap(place, words)
        if place >= len(words):
            return ()
        word = words[place]
        if not atom.startswith("<"):
            return (place + 1,) if word == atom or (atom == NUMBER and word.isdigit()) else ()
        name = atom[1:-1]
        starts = self._group_starts[name]
        if word not in starts and not (NUMBER in starts and word.isdigit()):
            return ()
        if (name, place) not in seen:
            ends = (self._ends(phrase, place, words, seen) for phrase in self._groups[name])
            seen[name, place] = sorted({end for group_ends in ends for end in group_ends})
        return seen[name, place]

    def _first_words(self, phrase: Phrase) -> set[str]:
        first = phrase[0]
        if not first.startswith("<"):
            return {first}
        return self._group_starts[first[1:-1]]

    def _read_phrase(self, text: str) -> Phrase:
        phrase = tuple(text.split())
        if not phrase or phrase[0] == GAP or phrase[-1] == GAP:
            raise PatternUnclear(f"empty phrase, or a gap at its edge: {text!r}")
        for atom in phrase:
            if atom.startswith("<") and atom[1:-1] not in self._groups:
                raise PatternUnclear(f"no group called {atom} above its use in {text!r}")
        return phrase


def _places_within_gap(place: int, words: Sequence[str]) -> Iterator[int]:
    for after in range(place, min(place + LONGEST_GAP, len(words)) + 1):
        yield after
        if after < len(words) and words[after] == BREAK:
            return
