"""Which words of the subject a text asks the meaning of, or the difference between."""

import re
from collections.abc import Sequence

from assistant.asking import Topics, focused
from assistant.domain.guidance import Card, Term
from assistant.retrieval.words import plain_words, stem

_EXPLAIN = re.compile(
    r"(?:(?:please|can you|could you|tell me|explain|define|what'?s|what is|what are|what does|what do|what|who'?s|who is|who are"
    r"|meant by|(?:the )?(?:meaning|definition|full form|full name) of|beth yw|co to jest|ce este) )*"
    r"(?:(?:the|an?|term|word|letters|initials|acronym|abbreviation) )*(.+?)"
    r"(?: (?:do|does|mean|means|meaning|stands? for|short for|(?:in )?full(?: form| name)?|definition|please"
    r"|what(?: is|'?s) (?:it|that|this)))*"
)


def explained(text: str) -> str:
    """What a text asks the meaning of; the text itself where it asks something else.

    >>> explained("What does the acronym LADO stand for?")
    'lado'
    >>> explained("PFD report, what is it"), explained("dhr full form")
    ('pfd report', 'dhr')
    >>> explained("When is the inquest?")
    'when is the inquest'
    """
    told = _EXPLAIN.fullmatch(" ".join(plain_words(text)))
    return told[1] if told else text


_CLAUSE = re.compile(r"\s*[,;:.?!]+(?:\s+|$)|\s+[-\u2013]+\s+")
_ASKS_MEANING = re.compile(r"\b(?:what|who|define|explain|mean(?:s|ing)?|stands? for)\b|\bwh(?:at|o)s\b")
_POINTS_BACK = re.compile(r"(?:(.+) )?(?:what|who)(?:'?s| is| are| does| do) (?:it|that|this|they|those|these)(?: mean| stand for)?")


def explained_in_passing(text: str) -> tuple[str, str]:
    """What one clause of a text asks the meaning of, and, where the clause only points back, what is told before it.

    >>> explained_in_passing("what's an IDVA, it says she had one")
    ('idva', '')
    >>> explained_in_passing("The letter names a MARAC. What is that?"), explained_in_passing("it says IDVA what's that")
    (('', 'The letter names a MARAC'), ('', 'it says idva'))
    >>> explained_in_passing("The panel met, and nobody told us")
    ('', '')
    """
    clauses = [clause for clause in _CLAUSE.split(text) if clause]
    for i, clause in enumerate(clauses):
        words = " ".join(plain_words(clause))
        if points := _POINTS_BACK.fullmatch(words):
            return "", points[1] or ". ".join(clauses[:i])
        if _asks_meaning(clause):
            return explained(clause), ""
    return "", ""


_CONTRAST = re.compile(
    r"(?:.* )?differences? between (.+) and (.+)|(?:(?:what|how) )?(?:is |are )?(.+) (?:vs|versus|different (?:from|to)|the same as) (.+)"
)


def contrasted(text: str) -> tuple[str, ...]:
    """The two things whose difference a text asks; nothing where it asks something else.

    >>> contrasted("What's the difference between MARAC and MAPPA?")
    ('marac', 'mappa')
    >>> contrasted("Is a DHR the same as a SAR?")
    ('a dhr', 'a sar')
    >>> contrasted("Who pays?")
    ()
    """
    told = _CONTRAST.fullmatch(" ".join(plain_words(text)))
    return tuple(side for side in told.groups() if side) if told else ()


class Meanings:
    """The words of the subject, and who asks what they mean."""

    def __init__(self, terms: Sequence[Term]) -> None:
        """Of two ``terms`` with the same name the first is meant."""
        named = {word: term for term in reversed(terms) for word in (term.name, *term.others)}
        self._terms = {_stems(word): term for word, term in named.items()}
        self._words = Topics({word: word for word in named})
        self.topics = Topics({word: term.name for word, term in named.items() if term.topic})
        """The words that say what a question is about."""

    def asked(self, text: str) -> tuple[Term, ...]:
        """The words whose meaning, or whose difference, a text asks and nothing else, whatever it tells before."""
        for said in (text, *focused(text)[:1]):
            asked = [self._terms.get(_stems(explained(side))) for side in contrasted(said) or (said,)]
            if all(asked):
                return tuple(dict.fromkeys(term for term in asked if term is not None))
        return ()

    def met(self, text: str) -> tuple[Term, ...]:
        """The word that a text asks after in passing: "it says she had an IDVA, what is that"."""
        thing, before = explained_in_passing(text)
        term = self._terms.get(_stems(thing or self._words.named(before)))
        return (term,) if term is not None else ()

    def explained_by(self, card: Card, text: str) -> bool:
        """Whether a card may answer a text that asks for terms: a way of asking for it asks the same, or for a difference too.

        Where the text asks what a term means, the bare word is no such way: who names a thing may want anything of it.
        """
        terms = self.asked(text)
        if len(terms) > 1:
            return any(map(contrasted, card.asks))
        meaning = _asks_meaning(text)
        return not terms or any(self.asked(ask) == terms and (not meaning or _asks_meaning(ask)) for ask in card.asks)


def _asks_meaning(text: str) -> bool:
    return _ASKS_MEANING.search(" ".join(plain_words(text))) is not None


def _stems(words: str) -> tuple[str, ...]:
    return tuple(map(stem, plain_words(words)))
