"""How hard a text is to read: the Flesch-Kincaid grade (Kincaid and others, 1975), counted here in plain code."""

import re
from collections.abc import Iterable

_WORD = re.compile(r"[A-Za-z][A-Za-z'’]*")
_GROUPS = re.compile(r"[aeiouy]+")


def syllables(word: str) -> int:
    """Syllables of an English word, counted by groups of vowels. Good to about one word in ten.

    >>> [syllables(word) for word in ("chair", "review", "people", "decided")]
    [1, 2, 2, 3]
    """
    word = word.lower().strip("'’")
    count = len(_GROUPS.findall(word))
    if word.endswith("e") and not word.endswith(("le", "ee", "ye")) and count > 1:
        count -= 1
    if word.endswith("es") and not word.endswith(("ses", "zes", "ches", "shes", "xes", "ces", "ges", "ies")) and count > 1:
        count -= 1
    if word.endswith("ed") and not word.endswith(("ted", "ded")) and count > 1:
        count -= 1
    return max(count, 1)


def grade(sentences: Iterable[str]) -> float:
    """The school grade at which the sentences can be read; 0 for none."""
    texts = [text for text in sentences if _WORD.search(text)]
    words = [word for text in texts for word in _WORD.findall(text)]
    if not words:
        return 0.0
    return round(0.39 * len(words) / len(texts) + 11.8 * sum(map(syllables, words)) / len(words) - 15.59, 1)
