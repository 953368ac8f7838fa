"""Rules across the files of the corpus. Each rule takes the library and yields problems; all of them are always run."""

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from itertools import product

from assistant.content import reviewing, teaching, wording
from assistant.content.files import Problem
from assistant.content.library import Library
from assistant.content.readability import grade
from assistant.domain.answers import Help
from assistant.domain.guidance import Document, Provenance, Role, Text
from assistant.domain.learning import Pathway, Step
from assistant.domain.site import Signals

GRADES = {Role.FAMILY: 7.0, Role.FRIENDS: 7.0, Role.EMPLOYERS: 11.0, Role.PRACTITIONERS: 11.0}
"""Highest reading grade of our own words, by reader."""

SHORT = 8
"""Words from which a sentence is long enough to be graded alone."""

ASKS = 4
"""Fewest ways of asking of a card, its title among them."""

_NUMBER = re.compile(r"(?<!\d)0\d[\d ]{8,}")


def problems(library: Library, today: date | None = None) -> list[Problem]:
    """Everything that is wrong across files, worst first by file and line."""
    found: list[Problem] = []
    for rule in (
        _sources,
        _cards,
        _asked_once,
        _gaps,
        _cards_for_wales,
        _routes,
        _calls,
        _phrases,
        _services,
        _pathways,
        _beside,
        teaching.problems,
        wording.problems,
        _numbers,
        _reading,
        _neutral_numbers,
    ):
        found.extend(rule(library))
    found.extend(reviewing.unread(library))
    found.extend(_reviews(library, today or date.today()))  # noqa: DTZ011 - a review date has no time zone
    return sorted(set(found))


def _sources(library: Library) -> Iterator[Problem]:
    cards = {card.document for card in library.cards.values()}
    for document in library.prose():
        for section in document.sections:
            for paragraph in section.paragraphs:
                name = f"{document.id}/{document.language}#{paragraph.id}"
                for sentence in paragraph.sentences:
                    for reference in sentence.references:
                        if reference.source not in library.sources:
                            yield library.fault("part", name, f"there is no source called {reference.source}")
                    if not sentence.references and document.id not in cards and section.id not in {"choice", "questions", "short"}:
                        yield library.fault("part", name, f"this statement has no source: {sentence.text[:60]}")


def _cards_for_wales(library: Library) -> Iterator[Problem]:
    for card in library.cards.values():
        if card.wales and card.wales not in library.cards:
            yield library.fault("card", card.id, f"there is no card {card.wales} to show in its place for Wales")


def _cards(library: Library) -> Iterator[Problem]:
    for card in library.cards.values():
        yield from (library.fault("card", card.id, fault) for fault in _not_quotable(library, card.evidence))
        if not card.evidence:
            yield library.fault("card", card.id, "the card has no evidence")
        if len(card.asks) < ASKS:
            yield library.fault("card", card.id, f"the card has fewer than {ASKS} ways of asking", warning=True)


def _gaps(library: Library) -> Iterator[Problem]:
    for gap in library.gaps.values():
        yield from (library.fault("gap", gap.id, fault) for fault in _not_quotable(library, gap.doors))
        for service in gap.services:
            if service not in library.services:
                yield library.fault("gap", gap.id, f"there is no service called {service}")


def _asked_once(library: Library) -> Iterator[Problem]:
    """No way of asking, but a title, belongs to two cards, or to a card and a known gap."""
    owners: dict[str, str] = {}
    for card in library.cards.values():
        for ask in card.asks[1:]:
            other = owners.setdefault(ask.casefold(), card.id)
            if other != card.id:
                yield library.fault("card", card.id, f"the card {other} is asked in the same words: {ask}")
    for gap in library.gaps.values():
        for ask in gap.asks:
            if ask.casefold() in owners:
                yield library.fault("gap", gap.id, f"the card {owners[ask.casefold()]} is asked in the same words: {ask}")


def _not_quotable(library: Library, evidence: Sequence[str]) -> Iterator[str]:
    """What of the evidence of a card or route cannot be quoted, and why."""
    for reference in evidence:
        if not library.resolves(reference):
            yield f"the evidence {reference} is not in the corpus"
        elif not library.passages_of(reference):
            yield f"the evidence {reference} stands in cards or the glossary, which are not quoted"


def _routes(library: Library) -> Iterator[Problem]:
    for rule in library.routes:
        yield from (library.fault("route", rule.route, fault) for fault in _not_quotable(library, rule.evidence))
        for service in rule.services:
            if service not in library.services:
                yield library.fault("route", rule.route, f"there is no service called {service}")
        for language in library.site.languages:
            yield from _missing(library, "route", rule.route, language, title=rule.title, reply=rule.reply)


def _calls(library: Library) -> Iterator[Problem]:
    """What stands below a help panel is a card, and every kind of help but for upset alone has one, where any has."""
    for call in library.calls:
        yield from (library.fault("call", call.name, f"there is no card called {card}") for card in call.cards if card not in library.cards)
    told = {call.help for call in library.calls if call.cards and not call.causing and not call.other}
    for missing in sorted(set(Help) - {Help.DISTRESS_ONLY} - told) if library.calls else ():
        yield library.fault("call", missing, f"nothing stands below a call of {missing}")


def _phrases(library: Library) -> Iterator[Problem]:
    """A phrase of signals or routes has words, without which it fits everything; its brackets are closed; the lists it names are there."""
    signals = library.signals
    heard = [phrase for signal in signals.signals for phrase in (*signal.phrases, *signal.unless)]
    heard += [*signals.ordinary, *signals.quoted, *signals.figures, *signals.young, *signals.others, *signals.asides, *signals.oneself]
    rules = [("signals", "", heard), *(("route", rule.route, [*rule.phrases, *rule.unless]) for rule in library.routes)]
    for kind, name, phrase in ((kind, name, phrase) for kind, name, phrases in rules for phrase in phrases):
        yield from (library.fault(kind, name, f"the phrase '{phrase}' {fault}") for fault in _phrase_faults(phrase, signals))


def _phrase_faults(phrase: str, signals: Signals) -> Iterator[str]:
    if not re.search(r"\w", re.sub(r"\[.*?\]|\.\.\.", "", phrase)):
        yield "has no word that has to be there"
    listed = re.sub(r"<.*?>", "(list)", phrase)
    if re.search(r"[\[\]()]", re.sub(r"\([^\[\]()]+\)|\[[^\[\]()]+\]", "", listed)):
        yield "has a bracket or list that is not closed, is empty or stands in another"
    yield from (f"names a list that is not there: {name}" for name in re.findall(r"<(.*?)>", phrase) if name not in signals.groups)


def _missing(library: Library, kind: str, item: str, language: str, **texts: Text) -> Iterator[Problem]:
    for field, text in texts.items():
        if not text.get(language):
            yield library.fault(kind, item, f"{field} is missing in {language}")


def _services(library: Library) -> Iterator[Problem]:
    for service in library.services.values():
        for language in library.site.languages:
            yield from _missing(library, "service", service.id, language, name=service.name, audience=service.audience, hours=service.hours)


def _pathways(library: Library) -> Iterator[Problem]:
    for pathway in library.pathways.values():
        ids = [step.id for step in pathway.steps]
        for step in pathway.steps:
            if ids.count(step.id) > 1:
                yield library.fault("pathway", pathway.id, f"the step {step.id} is given twice")
            faults = [*_step_faults(library, step), *_condition_faults(pathway, step)]
            yield from (library.fault("pathway", pathway.id, f"{step.id}: {fault}") for fault in faults)
        yield from (library.fault("pathway", pathway.id, fault) for fault in _choice_faults(pathway))
        for chosen in _situations(pathway):
            if not pathway.shown(chosen):
                yield library.fault("pathway", pathway.id, f"no step is left for {chosen}")
        if pathway.steps and pathway.steps[0].when:
            yield library.fault("pathway", pathway.id, "the first step has to be shown to everyone")


def _situations(pathway: Pathway) -> Iterator[dict[str, str]]:
    """Every way of answering every choice."""
    names = [choice.id for choice in pathway.choices]
    for options in product(*([option.id for option in choice.options] for choice in pathway.choices)):
        yield dict(zip(names, options, strict=True))


def _choice_faults(pathway: Pathway) -> Iterator[str]:
    """A pathway begins with two or three choices, and each of them changes what is shown."""
    if pathway.choices and not 2 <= sum(not choice.further for choice in pathway.choices) <= 3:
        yield "it should begin with two or three choices; mark others as further"
    used = {c.partition("=")[0] for step in pathway.steps for c in (step.when, *step.only.values())}
    yield from (f"the choice {choice.id} changes nothing" for choice in pathway.choices if choice.id not in used)


def _condition_faults(pathway: Pathway, step: Step) -> Iterator[str]:
    known = {f"{choice.id}={option.id}" for choice in pathway.choices for option in choice.options}
    yield from (f"there is no choice {c}" for c in (step.when, *step.only.values()) if c and c not in known)
    yield from (f"there is no section {name} to show" for name in step.only if step.section(name) is None)


def _beside(library: Library) -> Iterator[Problem]:
    """Dates and processes rest on sections that are here."""
    for expectation in library.dates:
        if not library.resolves(expectation.evidence):
            yield library.fault("date", expectation.id, f"the evidence {expectation.evidence} is not in the corpus")
    for process in library.beside:
        for reference in process.evidence:
            if not library.resolves(reference):
                yield library.fault("process", process.id, f"the evidence {reference} is not in the corpus")


def _step_faults(library: Library, step: Step) -> Iterator[str]:
    if step.prose is None:
        yield "the step has no words"
    if not step.evidence:
        yield "the step cites nothing"
    yield from (f"the evidence {reference} is not in the corpus" for reference in step.evidence if not library.resolves(reference))
    yield from (f"title is missing in {language}" for language in library.site.content_languages if not step.title.get(language))


def _numbers(library: Library) -> Iterator[Problem]:
    """Telephone numbers belong to the services file (SF10)."""
    held = re.compile("|".join(rf"(?<!\d){re.escape(s.number)}(?!\d)" for s in library.services.values() if len(s.number) > 2) or "(?!)")
    for document in library.prose():
        for section in document.sections:
            for paragraph in section.paragraphs:
                if _NUMBER.search(paragraph.text) or held.search(paragraph.text):
                    name = f"{document.id}/{document.language}#{paragraph.id}"
                    yield library.fault("part", name, "a telephone number belongs to services.yaml")


def _reading(library: Library) -> Iterator[Problem]:
    for document in library.prose():
        limit = reading_limit(document)
        found = grade(s.text for section in document.sections for p in section.paragraphs for s in p.sentences)
        if found > limit and document.language == "en":
            part = next((p.id for s in document.sections for p in s.paragraphs), "")
            name = f"{document.id}/en#{part}"
            yield library.fault("part", name, f"reading grade {found} is over {limit:g} for its readers", warning=True)


def reading_limit(document: Document) -> float:
    """The highest grade allowed: that of the readers a text is written for alone, otherwise the practitioners'."""
    if document.audience <= {Role.FAMILY, Role.FRIENDS}:
        return GRADES[Role.FAMILY]
    return GRADES[Role.PRACTITIONERS]


def _neutral_numbers(library: Library) -> Iterator[Problem]:
    numbers: dict[int, str] = {}
    for document in library.documents.values():
        other = numbers.setdefault(document.number, document.id)
        if other != document.id:
            yield library.fault("document", document.id, f"the number {document.number} belongs to {other}")


def _reviews(library: Library, today: date) -> Iterator[Problem]:
    for document in library.documents.values():
        if document.review_by < today:
            yield library.fault("document", document.id, f"to be reviewed by {document.review_by}", warning=True)
    for service in library.services.values():
        if (today - service.checked).days > 90:
            yield library.fault("service", service.id, f"last checked on {service.checked}, over 90 days ago", warning=True)


def touching(library: Library, document_id: str) -> list[str]:
    """Everything that rests on a document: cards, steps, items, lessons, cases, routes, dates and processes."""
    return _resting(library, lambda references: any(reference.partition("#")[0] == document_id for reference in references))


def _resting(library: Library, rests: Callable[[tuple[str, ...]], bool]) -> list[str]:
    found = [f"card {card.id}" for card in library.cards.values() if rests(card.evidence)]
    for pathway in library.pathways.values():
        found.extend(f"step {pathway.id}/{step.id}" for step in pathway.steps if rests(step.evidence))
    for quiz in library.quizzes.values():
        found.extend(f"item {i.id}" for i in quiz.items if rests(i.evidence) or any(rests(o.evidence) for o in i.options))
    for module in library.modules.values():
        found.extend(f"lesson {module.id}/{lesson.id}" for lesson in module.lessons if rests(lesson.read))
    for case in library.scenarios.values():
        decisions = (decision for scene in case.scenes for decision in scene.decisions)
        found.extend([f"case {case.id}"] * (rests(case.evidence) or any(rests(decision.evidence) for decision in decisions)))
    found.extend(f"route {rule.route}" for rule in library.routes if rests(rule.evidence))
    found.extend(f"date {expectation.id}" for expectation in library.dates if rests((expectation.evidence,)))
    found.extend(f"process {process.id}" for process in library.beside if rests(process.evidence))
    return found


Beside = Mapping[tuple[str, str], tuple[str, float, str]]
"""By statement and source: the passage that bears it out best, its score, and what it says otherwise in figures."""


def worklist(library: Library, beside: Beside | None = None) -> str:
    """Statements to settle, as CSV: those that no one has compared with their source, and those whose source says other figures.

    Where an official document is held, its best passage stands beside the statement.
    """
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["file", "line", "statement", "source", "place", "provenance", "address", "passage", "score", "figures"])
    for document in library.prose():
        for section in document.sections:
            for paragraph in section.paragraphs:
                path, line = library.where.get(("part", f"{document.id}/{document.language}#{paragraph.id}"), ("", 0))
                for sentence in paragraph.sentences:
                    for reference in sentence.references:
                        source = library.sources.get(reference.source)
                        passage, score, other = (beside or {}).get((sentence.text, reference.source), ("", 0.0, ""))
                        if source is not None and (reference.provenance is not Provenance.SEEN or other):
                            about = [path, line, sentence.text, source.title, reference.place, reference.provenance, source.address]
                            writer.writerow([*about, passage, f"{score:.2f}" if passage else "", other])
    return out.getvalue()


def resting_on(library: Library, source_id: str) -> list[str]:
    """Everything that rests on a source: the sections that cite it, whatever rests on those, and glossary terms."""
    cited = {
        f"{document.id}#{section.id}"
        for document in library.documents.values()
        for section in document.sections
        if any(r.source == source_id for p in section.paragraphs for s in p.sentences for r in s.references)
    }

    def rests(references: tuple[str, ...]) -> bool:
        return any(reference.partition(" ~ ")[0] in cited for reference in references)

    found = [f"section {name}" for name in sorted(cited)]
    found += _resting(library, rests)
    found += [f"term {term.id}" for term in library.terms.values() if term.reference.source == source_id]
    return found


def readability_table(library: Library) -> str:
    """Reading grade of each document beside its limit."""
    rows = [f"{'document':<34} {'grade':>5} {'limit':>5}"]
    for document in library.prose():
        found = grade(s.text for section in document.sections for p in section.paragraphs for s in p.sentences)
        rows.append(f"{document.id:<34} {found:>5} {reading_limit(document):>5g}")
    return "\n".join(rows)


def hardest(library: Library, count: int = 10) -> list[str]:
    """The sentences furthest above their reader's limit: place, grade and words. Very short ones are not counted."""
    found = []
    for document in library.prose():
        for section in document.sections:
            for paragraph in section.paragraphs:
                path, line = library.where.get(("part", f"{document.id}/{document.language}#{paragraph.id}"), ("", 0))
                rows = ((grade([s.text]), s.text) for s in paragraph.sentences if len(s.text.split()) >= SHORT)
                found += [(value - reading_limit(document), value, f"{path}:{line}", text) for value, text in rows]
    worst = sorted(found, key=lambda row: -row[0])[:count]
    return [f"{place}: grade {value}: {text}" for _, value, place, text in worst]
