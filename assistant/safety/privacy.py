"""Taking personal details out of a question before anything else reads it."""

import re
from collections.abc import Iterator, Set
from dataclasses import dataclass
from itertools import pairwise

MARK = "[…]"
"""What stands in place of a detail that was taken out."""

_DETAILS = tuple(
    re.compile(pattern, flags)
    for pattern, flags in (
        (r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}", 0),
        (r"https?://\S{1,500}", re.IGNORECASE),
        (r"(?<!\d)(?:\+?44[\s-]?\(?0?\)?|0)(?:[\s()-]?\d){9,10}(?!\d)", 0),
        (r"(?<!\d)(?:\d[\s-]?){15,18}\d(?!\d)", 0),
        (r"\b[A-CEGHJ-PR-TW-Z]{2}\s?(?:\d{2}\s?){3}[A-D]\b", re.IGNORECASE),
        (r"(?<!\d)\d{3}\s?\d{3}\s?\d{4}(?!\d)", 0),
        (r"\b(?:GIR\s?0AA|[A-Z]{1,2}\d[A-Z\d]?\s?\d[ABD-HJLNP-UW-Z]{2})\b", re.IGNORECASE),
        (
            r"\b\d{1,4}[A-Za-z]?,?\s(?:[A-Z][a-z]+\s){1,3}(?:Road|Street|Lane|Avenue|Close|Drive|Way|Court|Crescent|Terrace|Place|Gardens|Grove|Rd|St|Ave)\b",
            0,
        ),
        (r"(?<=born )(?:on )?(?:the )?\d{1,2}(?:st|nd|rd|th)?[\s/.-](?:\d{1,2}|[A-Za-z]{3,9})[\s/.-]\d{2,4}", re.IGNORECASE),
        (r"(?:(?<=dob )|(?<=dob: )|(?<=date of birth ))\d{1,2}[\s/.-](?:\d{1,2}|[A-Za-z]{3,9})[\s/.-]\d{2,4}", re.IGNORECASE),
        (r"\b\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}\b", 0),
    )
)
_INTRODUCED = re.compile(
    r"(?P<before>\b(?i:my name is|my name's|i am called|i'm called|name:|named|called|fy enw i yw|mrs?\.?|ms\.?|miss|dr\.?) +)"
    r"(?P<name>[A-Z][\w'’-]{1,30}(?: +[A-Z][\w'’-]{1,30}){0,3})"
)
_CAPITAL = r"[A-ZÀ-ÞĀ-Ž][a-zß-ÿā-ž'’-]{1,30}"
_CAPITALISED = re.compile(rf"\b{_CAPITAL}(?: +{_CAPITAL}){{1,3}}\b")
_KIN = (
    r"(?:mum|mother|mam|mom|dad|father|sister|brother|son|daughter|child|baby|twin|wife|husband|partner|boyfriend|girlfriend|fianc[eé]e?|ex"
    r"|friend|mate|neighbour|colleague|aunt|auntie|uncle|cousin|niece|nephew|nan|gran|granny|grandad|grandma|grandmother|grandfather"
    r"|step(?:mum|dad|mother|father|sister|brother|son|daughter)|(?:mother|father|sister|brother|son|daughter)-in-law"
    r"|client|patient|tenant|employee|boss|manager)"
)
_RELATED = re.compile(
    rf"(?P<before>\b(?i:{_KIN})[,:]? \(?|\b(?i:killed|murdered|stabbed|strangled|attacked|raped|beaten|married to)(?i: by)? )"
    rf"(?P<name>(?!I['’]){_CAPITAL}(?: +{_CAPITAL}){{0,2}})"
)
_OWNED = re.compile(
    r"\b(?P<before>)(?P<name>[A-ZÀ-ÞĀ-Ž][a-zß-ÿā-ž-]{1,30})"
    rf"(?=['’]s (?i:{_KIN}|children|kids|family|friends|killer|death|murder|funeral|inquest)\b)"
)
_ALSO_NAMES = frozenset({"rose", "faith"})
"""Words that are names too, beside a word for kin."""
_GREETING = (
    "i'm mr mrs ms miss dr dear sir sirs madam all good morning afternoon evening hello hi many kind best warm thanks thank you please"
    " regards wishes yours sincerely today tomorrow yesterday monday tuesday wednesday thursday friday saturday sunday"
)
_COURTEOUS = frozenset(_GREETING.split())
"""Words of letters and days, which are no names."""


@dataclass(frozen=True)
class Masked:
    """A text without personal details, and whether any were taken out."""

    text: str
    changed: bool


def mask(text: str, known: Set[str], names: Set[str] = frozenset()) -> Masked:
    """Take out addresses, numbers, dates of birth and names of people.

    A run of capitalised words is a name unless one of its words is in ``known``, the words that the corpus has in
    lower case, two that follow each other are in ``names``, which it has in capitals, or all are those of a greeting.
    One capitalised word is a name after a word for kin or for killing, or before what is someone's.
    """
    masked = text
    for pattern in _DETAILS:
        masked = pattern.sub(MARK, masked)
    for introduced in (_INTRODUCED, _RELATED, _OWNED):
        masked = introduced.sub(lambda m: m["before"] + _unless_known(m["name"], known), masked)
    masked = _CAPITALISED.sub(lambda m: _name(m.group(), known, names), masked)
    return Masked(masked, masked != text)


def _unless_known(name: str, known: Set[str]) -> str:
    first, *more = (word.lower() for word in name.split())
    plain = (first in known and first not in _ALSO_NAMES) or first in _COURTEOUS or (more and first.endswith(("'s", "’s")))
    return name if plain else MARK


def _name(run: str, known: Set[str], names: Set[str]) -> str:
    plain = [word.lower().strip("'’-") for word in run.split()]
    held = any(" ".join(pair) in names for pair in pairwise(plain)) or not known.isdisjoint(plain)
    return run if held or _COURTEOUS.issuperset(plain) else MARK


def names_in(text: str) -> Iterator[str]:
    """Each two capitalised words of a text that follow each other, in lower case: what `mask` leaves in a question."""
    for run in _CAPITALISED.findall(text):
        yield from map(" ".join, pairwise(word.lower().strip("'’-") for word in run.split()))
