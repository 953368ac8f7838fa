"""Taking personal details out of a question before anything else reads it."""

import re
from collections.abc import Collection
from dataclasses import dataclass

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
_CAPITALISED = re.compile(r"\b[A-Z][a-z'’-]{1,30}(?: +[A-Z][a-z'’-]{1,30}){1,3}\b")

_GREETING = (
    "dear sir sirs madam all good morning afternoon evening hello hi many kind best warm thanks thank you regards wishes yours sincerely"
)
_COURTEOUS = frozenset(_GREETING.split())


@dataclass(frozen=True)
class Masked:
    """A text without personal details, and whether any were taken out."""

    text: str
    changed: bool


def mask(text: str, known: Collection[str]) -> Masked:
    """Take out addresses, numbers, dates of birth and names of people.

    A run of capitalised words is a name unless one of its words is in ``known``, the vocabulary of the corpus in
    lower case, or all are those of a greeting.
    """
    masked = text
    for pattern in _DETAILS:
        masked = pattern.sub(MARK, masked)
    masked = _INTRODUCED.sub(lambda m: m["before"] + _unless_known(m["name"], known), masked)
    masked = _CAPITALISED.sub(lambda m: _name(m.group(), known), masked)
    return Masked(masked, masked != text)


def _unless_known(name: str, known: Collection[str]) -> str:
    words = name.split()
    return name if words[0].lower() in known else MARK


def _name(run: str, known: Collection[str]) -> str:
    plain = {word.lower().strip("'’-") for word in run.split()}
    return run if plain <= _COURTEOUS or not plain.isdisjoint(known) else MARK
