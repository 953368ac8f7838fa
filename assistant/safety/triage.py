"""Hearing that someone is at risk, in whatever words they use.

Plain code over data files: no model, index, network or database. A message is brought to one spelling, word by
word, and compared with phrases that people who read no code can check; a second ear, learned from examples, adds
what the phrases miss, together with a third, for meaning, where there is an encoder. What is heard is the most
pressing help first, and the rest beside it. No ear takes away what the phrases heard.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from rapidfuzz import process
from rapidfuzz.distance import DamerauLevenshtein

from assistant.domain.answers import Alarm, Help
from assistant.domain.site import Signal, Signals
from assistant.safety.ear import Chances, LetterEar, labels_heard, stretches, together
from assistant.safety.phrases import compile_phrase, fold, needed_words, phrase_pattern, undisguised, words

LONGEST = 10_000
"""Characters read: the beginning and the end of a longer message."""
BY_LETTERS = 0.72
"""How sure the ear for letters has to be where it is alone."""
BY_MEANING = 0.4
"""How sure the ear for meaning has to be where it is alone."""
BY_BOTH = 0.2
"""How sure both have to be together."""
SPOKEN = 3
"""Words from which the ear for letters listens to a stretch alone: one or two are for the phrases."""

_HARM = frozenset({Help.IMMEDIATE_DANGER, Help.ABUSE_DISCLOSURE})
"""Harm that one person does to another. It puts a child who is spoken of at risk too: a child who sees or hears abuse is its victim
(Domestic Abuse Act 2021, section 3)."""
_BY_SOMEONE = _HARM | {Help.CHILD_RISK}
"""What is done by someone: where a phrase tells of it, and not that the one who writes does it, no ear takes them for that one."""
_OURS = re.compile(r" (?:my|our) ")
_RANK = {help_: place for place, help_ in enumerate(Help)}
_REPEATS = re.compile(r"([^\W\d_])\1{2,}")


@dataclass(frozen=True)
class _Rule:
    signal: Signal
    phrase: str
    needs: frozenset[str]
    """Words of which at least one is in every message that the phrase fits; empty: unknown."""


class Triage:
    """Listens with one set of signals."""

    def __init__(self, signals: Signals, ordinary_words: Iterable[str] = (), letters: LetterEar | None = None) -> None:
        """``ordinary_words`` are words that are never taken for a misspelt signal."""
        self._signals = signals
        self._letters = letters
        self._spellings = {fold(key): fold(value) for key, value in signals.spellings.items()}
        self._ordinary = tuple(self._compile(phrase) for phrase in signals.ordinary)
        self._quoted = tuple(self._compile(phrase) for phrase in signals.quoted)
        self._figures = tuple(self._compile(phrase) for phrase in signals.figures)
        self._rules = tuple(
            _Rule(signal, self._expand(phrase), needed_words(self._expand(phrase)))
            for signal in signals.signals
            for phrase in signal.phrases
        )
        self._young = tuple(self._compile(phrase) for phrase in signals.young)
        self._others = tuple(self._compile(phrase) for phrase in signals.others)
        self._asides = tuple(self._compile(phrase) for phrase in signals.asides)
        self._oneself = tuple(self._compile(phrase) for phrase in signals.oneself)
        self._unless = {phrase: self._compile(phrase) for signal in signals.signals for phrase in signal.unless}
        plain = {fold(word) for word in (*ordinary_words, *signals.plain)}
        spoken = re.findall(
            r"[^\W\d_]{4,}", " ".join(map(self._expand, (*signals.quoted, *signals.ordinary, *signals.figures, *signals.young)))
        )
        self._known = frozenset(plain) | frozenset(spoken) | self._vocabulary

    def _expand(self, phrase: str) -> str:
        for name, choices in self._signals.groups.items():
            phrase = phrase.replace(f"<{name}>", f"({'|'.join(choices)})")
        return phrase

    def _compile(self, phrase: str) -> re.Pattern[str]:
        return compile_phrase(self._expand(phrase))

    @cached_property
    def _vocabulary(self) -> frozenset[str]:
        return frozenset(word for rule in self._rules for word in re.findall(r"[^\W\d_]{4,}", phrase_pattern(rule.phrase)))

    @cached_property
    def _by_length(self) -> dict[int, list[str]]:
        lengths: dict[int, list[str]] = {}
        for word in sorted(self._vocabulary):
            lengths.setdefault(len(word), []).append(word)
        return lengths

    def hear(self, text: str, meaning: Mapping[str, Chances] | None = None, *, causing: bool = False) -> Alarm:
        """What the message says of danger to someone. Never raises, whatever the text.

        ``meaning`` is what the ear for meaning makes of each stretch of the message, and ``causing`` whether it takes the one who
        writes for the one who harms. That is believed only where no phrase tells that someone else does: who does what to whom,
        phrases tell apart and vectors hardly.
        """
        text = undisguised(within_reach(text), self._spellings)
        line = f" {' '.join(self._spelt(word) for word in words(text, self._spellings))} "
        heard = self._phrases_heard(line)
        alarm = self._listened(_alarm({signal.help for signal in heard}, heard), text, meaning)
        labels = {alarm.help, *alarm.also}
        told = any(signal.help in _BY_SOMEONE and not signal.causing for signal in heard)
        alarm = replace(
            alarm,
            causing=alarm.causing or (causing and alarm.help is not None and not told),
            other=alarm.other or (alarm.help is not None and self._of_another(line)),
        )
        if Help.CHILD_RISK not in labels and labels & _HARM and any(young.search(line) for young in self._young):
            return replace(alarm, also=tuple(sorted((*alarm.also, Help.CHILD_RISK), key=_RANK.__getitem__)))
        return alarm

    def _listened(self, alarm: Alarm, text: str, meaning: Mapping[str, Chances] | None) -> Alarm:
        """The alarm with what the other ears heard."""
        if self._letters is None:
            return self.add(alarm, (meaning or {}).values(), BY_MEANING)
        if meaning:
            return self.add(alarm, [together(chances, self._letters.chances(said)) for said, chances in meaning.items()], BY_BOTH)
        spoken = [stretch for stretch in stretches(text) if len(stretch.split()) >= SPOKEN]
        return self.add(alarm, map(self._letters.chances, spoken), BY_LETTERS)

    @staticmethod
    def add(alarm: Alarm, chances: Iterable[Chances], sure: float) -> Alarm:
        """The alarm with what an ear heard in the stretches of a message. Nothing that was heard before is lost."""
        more = {label for chance in chances for label in labels_heard(chance, sure)}
        labels = {label for label in (alarm.help, *alarm.also) if label is not None} | more
        if labels - {Help.DISTRESS_ONLY}:
            labels.discard(Help.DISTRESS_ONLY)
        ranked = sorted(labels, key=_RANK.__getitem__)
        return replace(alarm, help=ranked[0], also=tuple(ranked[1:])) if ranked else alarm

    def _phrases_heard(self, line: str) -> list[Signal]:
        for figure in self._figures:
            line = figure.sub(" ,", line)
        held = set(line.split())
        heard = [rule.signal for rule in self._rules if (not rule.needs or rule.needs & held) and compile_phrase(rule.phrase).search(line)]
        heard = [signal for signal in heard if not any(self._unless[phrase].search(line) for phrase in signal.unless)]
        if any(pattern.search(line) for pattern in self._quoted):
            return []
        if any(pattern.search(line) for pattern in self._ordinary) and not _OURS.search(line):
            heard = [signal for signal in heard if not signal.other]
        return heard

    def _of_another(self, line: str) -> bool:
        """Whether a message speaks of someone else and not of the one who writes."""
        for aside in self._asides:
            line = aside.sub(" ,", line)
        return any(other.search(line) for other in self._others) and not any(word.search(line) for word in self._oneself)

    def _spelt(self, word: str) -> str:
        """The signal word that an unknown word most likely is; the word itself when none is near."""
        squeezed = _REPEATS.sub(r"\1", word)
        if squeezed in self._known:
            return squeezed
        if len(squeezed) < 5 or squeezed in self._known or not squeezed.isascii():
            return squeezed
        allowed = 1 if len(squeezed) < 8 else 2
        near = [w for size in range(len(squeezed) - allowed, len(squeezed) + allowed + 1) for w in self._by_length.get(size, ())]
        best = process.extractOne(squeezed, near, scorer=DamerauLevenshtein.distance, score_cutoff=allowed)
        return best[0] if best is not None and best[0][0] == squeezed[0] else squeezed


def within_reach(text: str) -> str:
    """As much of a text as is listened to: its beginning and its end."""
    return text if len(text) <= LONGEST else text[: LONGEST // 2] + " " + text[-LONGEST // 2 :]


def _alarm(labels: Iterable[Help], heard: Iterable[Signal]) -> Alarm:
    ranked = sorted(labels, key=_RANK.__getitem__)
    signals = tuple(heard)
    return Alarm(
        help=ranked[0] if ranked else None,
        also=tuple(ranked[1:]),
        causing=any(signal.causing for signal in signals),
        other=any(signal.other for signal in signals),
    )
