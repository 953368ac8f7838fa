"""What changed between two editions of a document, paragraph by paragraph."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

from rapidfuzz import fuzz

from assistant.domain.guidance import Document

ALIKE = 60
"""How alike two paragraphs have to be, of 100, to be one that was reworded."""


class Kind(StrEnum):
    """What became of a paragraph."""

    SAME = "same"
    ADDED = "added"
    REMOVED = "removed"
    REWORDED = "reworded"


@dataclass(frozen=True)
class Change:
    """One paragraph in both editions. ``words`` tells the reworded ones piece by piece: kept, added or removed."""

    kind: Kind
    section: str
    old: str = ""
    new: str = ""
    words: tuple[tuple[Kind, str], ...] = ()


def compare(old: Document, new: Document) -> tuple[Change, ...]:
    """Every paragraph of two editions, in reading order."""
    before, after = _paragraphs(old), _paragraphs(new)
    matcher = SequenceMatcher(None, [text for _, text in before], [text for _, text in after], autojunk=False)
    found: list[Change] = []
    for _, a, b, c, d in matcher.get_opcodes():
        if before[a:b] and [text for _, text in before[a:b]] == [text for _, text in after[c:d]]:
            found += [Change(Kind.SAME, section, text, text) for section, text in after[c:d]]
        else:
            found += _between(before[a:b], after[c:d])
    return tuple(found)


def changed(changes: Sequence[Change]) -> tuple[Change, ...]:
    """The paragraphs that are not as they were."""
    return tuple(change for change in changes if change.kind is not Kind.SAME)


def _paragraphs(document: Document) -> list[tuple[str, str]]:
    return [(section.title, paragraph.text) for section in document.sections for paragraph in section.paragraphs]


def _between(before: Sequence[tuple[str, str]], after: Sequence[tuple[str, str]]) -> Iterator[Change]:
    """Two stretches that differ: each new paragraph beside the old one that is most like it, in order."""
    place = 0
    for section, text in after:
        likeness = [fuzz.ratio(text, old) for _, old in before[place:]]
        best = max(range(len(likeness)), key=likeness.__getitem__, default=None)
        if best is None or likeness[best] < ALIKE:
            yield Change(Kind.ADDED, section, new=text)
            continue
        for gone, old in before[place : place + best]:
            yield Change(Kind.REMOVED, gone, old=old)
        old = before[place + best][1]
        yield Change(Kind.REWORDED, section, old, text, _words(old, text))
        place += best + 1
    for gone, old in before[place:]:
        yield Change(Kind.REMOVED, gone, old=old)


def _words(old: str, new: str) -> tuple[tuple[Kind, str], ...]:
    before, after = old.split(), new.split()
    found: list[tuple[Kind, str]] = []
    for operation, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if operation == "equal":
            found.append((Kind.SAME, " ".join(before[a:b])))
            continue
        found += [(Kind.REMOVED, " ".join(before[a:b]))] * (b > a) + [(Kind.ADDED, " ".join(after[c:d]))] * (d > c)
    return tuple(found)


_NUMBERS = {
    "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9", "ten": "10",
    "eleven": "11", "twelve": "12", "fourteen": "14", "twenty": "20", "thirty": "30",
}  # fmt: skip
_UNITS = re.compile(
    r"\b(\d+(?:[.,]\d+)?|" + "|".join(_NUMBERS) + r")\s+(?:working\s+|calendar\s+)?(days?|weeks?|months?|years?|per cent|hours?)\b|"
    r"\b(\d{1,2})\s+(January|February|March|April|May|June|July|August|September|October|November|December)\s+(\d{4})\b",
    re.IGNORECASE,
)


def figures(text: str) -> frozenset[tuple[str, str]]:
    """Quantities and dates in a text: the unit, and how many of it.

    >>> sorted(figures("within two months, by 1 May 2026"))
    [('date', '1 may 2026'), ('month', '2')]
    """
    found = set()
    for match in _UNITS.finditer(text):
        if match[2]:
            found.add((match[2].lower().rstrip("s"), _NUMBERS.get(match[1].lower(), match[1])))
        else:
            found.add(("date", f"{match[3]} {match[4]} {match[5]}".lower()))
    return frozenset(found)


def contradicts(statement: str, passage: str) -> str:
    """What a passage says otherwise in figures than a statement, in words; empty where nothing."""
    ours, theirs = figures(statement), figures(passage)
    for unit in sorted({unit for unit, _ in ours} & {unit for unit, _ in theirs}):
        mine, other = ({value for name, value in held if name == unit} for held in (ours, theirs))
        if not mine & other:
            return f"{unit}: ours {', '.join(sorted(mine))}, the source {', '.join(sorted(other))}"
    return ""
