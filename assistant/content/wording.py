"""Rules of wording: how much a word may claim, and words that are not used of people or of answers.

*Must* is for what the law says, *should* for what the guidance or the law says; what anyone else holds says whose view it is.
"""

import re
from collections.abc import Iterable, Iterator

from assistant.content.files import Problem
from assistant.content.library import Library
from assistant.domain.courses import Scenario
from assistant.domain.guidance import Document, Kind, Reference, Role, Text
from assistant.domain.learning import Quiz, Strength

LONGEST = 40
"""Most words that explain why an option agrees with the guidance or differs from it."""

_BORNE_OUT_BY = {"must": {Kind.LAW}, "should": {Kind.LAW, Kind.GUIDANCE}}
_CLAIM = re.compile(r"\b(must|should)\b", re.IGNORECASE)
_VIEW = re.compile(r"\b(says?|said|wrote|names?)\b", re.IGNORECASE)
_UNSAID = re.compile(
    r"!|\b(please note|simply|obviously|unfortunately|actually|loved ones?|passed away|the deceased|commit(s|ted)? suicide|closure"
    r"|journeys?|stakeholders?|traged(y|ies)|horrific|brutal(ly)?|robust|seamless|reach out|safe space|in due course|lessons learned)\b",
    re.IGNORECASE,
)
_UNSAID_TO_FAMILIES = re.compile(r"\b(perpetrators?|next of kin|alleged|process(es)?|engage(d|ment)? with|failings?)\b", re.IGNORECASE)
_UNSAID_OF_ANSWERS = re.compile(r"\b((?<!went )wrong|fail(s|ed|ure)?|oops|well done|congratulations)\b", re.IGNORECASE)
_ASIDE = frozenset({"choice", "questions", "short"})
"""Parts of a step that say again what stands beside them, with its sources."""


def problems(library: Library) -> Iterator[Problem]:
    """Everything that is worded otherwise than the rules ask, in English."""
    cards = {card.document for card in library.cards.values()}
    for document in library.prose():
        if document.language == "en":
            yield from _document(library, document, sourced=document.id not in cards)
    for card in library.cards.values():
        section = library.documents[card.document].section(card.section)
        kinds = _kinds_behind(library, card.evidence)
        for sentence in (s for paragraph in section.paragraphs for s in paragraph.sentences) if section else ():
            yield from (library.fault("card", card.id, fault) for fault in _claims(sentence.text, kinds))
    for quiz in library.quizzes.values():
        yield from (library.fault("quiz", quiz.id, fault) for fault in _quiz(library, quiz))
    for case in library.scenarios.values():
        yield from (library.fault("scenario", case.id, fault) for fault in _case(library, case))
    yield from _periods(library)


def _periods(library: Library) -> Iterator[Problem]:
    """A period is called law, guidance or local practice where what it rests on is."""
    held = [("date", e.id, e.strength, _kinds_behind(library, [e.evidence])) for e in library.dates]
    for pathway in library.pathways.values():
        for step in pathway.steps:
            section = step.section("time")
            sentences = [s for paragraph in section.paragraphs for s in paragraph.sentences] if section else []
            references = [reference for sentence in sentences for reference in sentence.references]
            held.append(("pathway", pathway.id, step.strength, _kinds(library, references)))
    for kind, name, strength, kinds in held:
        if strength not in {Strength.NONE, *kinds}:
            yield library.fault(kind, name, f"a period is called {strength}, and rests on no {strength}")


def _document(library: Library, document: Document, *, sourced: bool) -> Iterator[Problem]:
    """What no reader is told, and, where each statement names its sources, what they do not bear out."""
    for section in document.sections:
        for paragraph in section.paragraphs:
            for sentence in paragraph.sentences:
                faults = [*_unsaid(sentence.text, document.audience)]
                if sourced and section.id not in _ASIDE:
                    faults += _claims(sentence.text, _kinds(library, sentence.references))
                yield from (library.fault("part", f"{document.id}/en#{paragraph.id}", fault) for fault in faults)


def _quiz(library: Library, quiz: Quiz) -> Iterator[str]:
    for item in quiz.items:
        for option in item.options:
            yield from (f"{item.id}: {fault}" for fault in _feedback(library, option.why, option.evidence or item.evidence))


def _case(library: Library, case: Scenario) -> Iterator[str]:
    for scene in case.scenes:
        for decision in scene.decisions:
            yield from (f"{scene.id}: {fault}" for fault in _feedback(library, decision.why, decision.evidence))


def _feedback(library: Library, why: Text, evidence: Iterable[str]) -> Iterator[str]:
    text = why.get("en", "")
    yield from _unsaid(text, frozenset(), _UNSAID_OF_ANSWERS)
    yield from _claims(text, _kinds_behind(library, evidence))
    if len(text.split()) > LONGEST:
        yield f"more than {LONGEST} words explain an option"


def _unsaid(text: str, readers: frozenset[Role], *more: re.Pattern[str]) -> Iterator[str]:
    gentle = (_UNSAID_TO_FAMILIES,) if readers and readers <= {Role.FAMILY, Role.FRIENDS} else ()
    for rule in (_UNSAID, *gentle, *more):
        yield from (f"'{found[0]}' is not said here: {text[:60]}" for found in rule.finditer(text))


def _claims(text: str, kinds: frozenset[Kind]) -> Iterator[str]:
    """What a sentence claims beyond what it rests on. A view that is named as someone's claims nothing more."""
    for found in _CLAIM.finditer(text):
        wanted = _BORNE_OUT_BY[found[0].casefold()]
        if not kinds & wanted and not _VIEW.search(text[: found.start()]):
            yield f"'{found[0]}' rests on no {' or '.join(sorted(wanted))}: {text[:60]}"


def _kinds(library: Library, references: Iterable[Reference]) -> frozenset[Kind]:
    """The kinds of source behind a statement. One that quotes the guidance, as its place says, counts as guidance too."""
    found = {library.sources[reference.source].kind for reference in references if reference.source in library.sources}
    quoted = any(re.search(r"\b(on|quoting|citing) (the guidance|paragraph)", reference.place) for reference in references)
    return frozenset(found | ({Kind.GUIDANCE} if quoted else set()))


def _kinds_behind(library: Library, evidence: Iterable[str]) -> frozenset[Kind]:
    """The kinds of source behind the sentences that evidence names."""
    named = [passage.sentences[i] for reference in evidence for passage, i in library.sentences_of(reference)]
    return _kinds(library, [reference for sentence in named for reference in sentence.references])
