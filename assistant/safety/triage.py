"""Hearing that someone is at risk, in whatever words they use.

Plain code over a data file: no model, index, network or database. A message is brought to one spelling, word by
word, and compared with phrases that people who read no code can check. What is heard is the most pressing help
first, and the rest beside it.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from rapidfuzz import process
from rapidfuzz.distance import DamerauLevenshtein

from assistant.domain.answers import Alarm, Help
from assistant.domain.site import Signal, Signals

LONGEST = 10_000
"""Characters read: the beginning and the end of a longer message."""

_RANK = {help_: place for place, help_ in enumerate(Help)}
_WORD = re.compile(r"[^\W_]+(?:['’ʼ`][^\W_]+)*")
_REPEATS = re.compile(r"(.)\1{2,}")
_PIECE = re.compile(r"\.\.\.|\[[^\]]*\]|\([^)]*\)|[^\s\[\]()]+")
_GAP = r"(?: [^ ]+){0,4}?"


@dataclass(frozen=True)
class _Rule:
    signal: Signal
    pattern: re.Pattern[str]
    needs: frozenset[str]
    """Words of which at least one is in every message that the pattern matches; empty: unknown."""


class Triage:
    """Listens with one set of signals."""

    def __init__(self, signals: Signals, ordinary_words: Iterable[str] = ()) -> None:
        """``ordinary_words`` are words that are never taken for a misspelt signal."""
        self._signals = signals
        self._spellings = {_fold(key): _fold(value) for key, value in signals.spellings.items()}
        self._ordinary = tuple(self._compile(phrase) for phrase in signals.ordinary)
        self._quoted = tuple(self._compile(phrase) for phrase in signals.quoted)
        self._rules = tuple(
            _Rule(signal, self._compile(phrase), _needs(self._expand(phrase)))
            for signal in signals.signals
            for phrase in signal.phrases
        )
        self._unless = {phrase: self._compile(phrase) for signal in signals.signals for phrase in signal.unless}
        plain = {_fold(word) for word in (*ordinary_words, *signals.plain)}
        self._known = frozenset(plain) | self._vocabulary

    def _expand(self, phrase: str) -> str:
        for name, words in self._signals.groups.items():
            phrase = phrase.replace(f"<{name}>", f"({'|'.join(words)})")
        return phrase

    def _compile(self, phrase: str) -> re.Pattern[str]:
        return compile_phrase(self._expand(phrase))

    @cached_property
    def _vocabulary(self) -> frozenset[str]:
        words = {word for rule in self._rules for word in re.findall(r"[^\W\d_]{4,}", rule.pattern.pattern)}
        return frozenset(words)

    @cached_property
    def _by_length(self) -> dict[int, list[str]]:
        lengths: dict[int, list[str]] = {}
        for word in sorted(self._vocabulary):
            lengths.setdefault(len(word), []).append(word)
        return lengths

    def hear(self, text: str) -> Alarm:
        """What the message says of danger to someone. Never raises, whatever the text."""
        if len(text) > LONGEST:
            text = text[: LONGEST // 2] + " " + text[-LONGEST // 2 :]
        words = self._words(text)
        line = f" {' '.join(words)} "
        held = set(words)
        heard = [rule.signal for rule in self._rules if (not rule.needs or rule.needs & held) and rule.pattern.search(line)]
        heard = [signal for signal in heard if not any(self._unless[phrase].search(line) for phrase in signal.unless)]
        if any(pattern.search(line) for pattern in self._quoted):
            heard = []
        if any(pattern.search(line) for pattern in self._ordinary):
            heard = [signal for signal in heard if not signal.other]
        labels = sorted({signal.help for signal in heard}, key=_RANK.__getitem__)
        if not labels:
            return Alarm()
        return Alarm(
            help=labels[0],
            also=tuple(labels[1:]),
            causing=any(signal.causing for signal in heard),
            other=all(signal.other for signal in heard),
        )

    def _words(self, text: str) -> list[str]:
        found: list[str] = []
        for match in _WORD.finditer(_fold(text)):
            word = _straight(match.group())
            found.extend(self._spellings.get(word, word).split())
        return [self._spelt(word) for word in found]

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


def _fold(text: str) -> str:
    """One form for every spelling: composed, lower case, without invisible characters or accents on Latin letters."""
    text = unicodedata.normalize("NFKD", text).casefold()
    kept = []
    for char in text:
        category = unicodedata.category(char)
        if category in {"Cf", "Cs", "Co", "Cn"} or (category == "Mn" and char < "\u0370"):
            continue
        kept.append(" " if category == "Cc" else char)
    return unicodedata.normalize("NFC", "".join(kept))


def _straight(word: str) -> str:
    return re.sub(r"['’ʼ`]", "", word)


def compile_phrase(phrase: str) -> re.Pattern[str]:
    """Make one phrase of the signals file into a pattern over a line of words.

    Every part is bounded, so a search takes time in step with the length of the line.
    """
    pattern = ""
    for piece in _PIECE.findall(_fold(phrase)):
        if piece == "...":
            pattern += _GAP
        elif piece[0] == "[":
            pattern += f"(?: {_either(piece[1:-1])})?"
        elif piece[0] == "(":
            pattern += f" {_either(piece[1:-1])}"
        else:
            pattern += f" {_word(piece)}"
    return re.compile(pattern.replace(" ", " ", 1) + "(?= )")


def _either(choices: str) -> str:
    return "(?:" + "|".join(" ".join(_word(word) for word in choice.split()) for choice in choices.split("|")) + ")"


def _word(word: str) -> str:
    word = _straight(word)
    return re.escape(word[:-1]) + "[^ ]*" if word.endswith("*") else re.escape(word)


def _needs(phrase: str) -> frozenset[str]:
    """The rarest required word of a phrase, or the choices in its place, so that most phrases need no search."""
    best: list[str] = []
    for piece in _PIECE.findall(_fold(phrase)):
        if piece == "..." or piece[0] == "[":
            continue
        choices = piece[1:-1].split("|") if piece[0] == "(" else [piece]
        firsts = [_straight(choice.split()[-1]) for choice in choices]
        if any(word.endswith("*") for word in firsts):
            continue
        if not best or min(map(len, firsts)) > min(map(len, best)):
            best = firsts
    return frozenset(best)
