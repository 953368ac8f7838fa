"""The corpus as one frozen value, and what stands where in it."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from assistant.content.files import Problem
from assistant.domain.answers import Cited
from assistant.domain.courses import Course, Module, Scenario
from assistant.domain.dates import Expectation
from assistant.domain.guidance import (
    Card,
    Document,
    Gap,
    Opening,
    Passage,
    Process,
    Sentence,
    Service,
    Source,
    Status,
    Term,
)
from assistant.domain.learning import Pathway, Quiz
from assistant.domain.site import Call, Example, RouteRule, Signals, Site


def _split(reference: str) -> tuple[str, str]:
    place, _, words = reference.partition(" ~ ")
    return place, words


@dataclass(frozen=True)
class Reading:
    """One reading of texts against what they rest on: when, what was compared, and how many statements had to be changed."""

    on: date
    note: str
    statements: int
    changed: int
    texts: dict[str, str]
    """For each card or leaflet, by id, a digest of what was read."""


@dataclass(frozen=True)
class Library:
    """Everything the corpus holds, checked for shape; `checks` has the rules across files."""

    site: Site
    sources: dict[str, Source]
    documents: dict[str, Document]
    """Documents in the official language, by id."""
    translations: dict[tuple[str, str], Document]
    cards: dict[str, Card]
    gaps: dict[str, Gap]
    terms: dict[str, Term]
    services: dict[str, Service]
    signals: Signals
    routes: tuple[RouteRule, ...]
    pathways: dict[str, Pathway]
    quizzes: dict[str, Quiz]
    files: dict[str, Path]
    """The file of each document, by id."""
    calls: tuple[Call, ...] = ()
    passages: tuple[Passage, ...] = ()
    meanings: tuple[Passage, ...] = ()
    """What the terms mean, a passage each. They are looked up by name and never searched."""
    dates: tuple[Expectation, ...] = ()
    beside: tuple[Process, ...] = ()
    courses: dict[str, Course] = field(default_factory=dict)
    modules: dict[str, Module] = field(default_factory=dict)
    scenarios: dict[str, Scenario] = field(default_factory=dict)
    older: dict[str, tuple[Document, ...]] = field(default_factory=dict)
    """Earlier editions of official documents that are held, newest first, by document id."""
    held: dict[str, Mapping[str, str]] = field(default_factory=dict)
    """Of each official document that is held: its ``source``, and the day it was ``fetched``."""
    readings: tuple[Reading, ...] = ()
    messages: tuple[Example, ...] = ()
    """Examples of what people write and the help it calls for."""
    openings: tuple[Opening, ...] = ()
    """Examples of what people tell before they ask."""
    where: dict[tuple[str, str], tuple[str, int]] = field(default_factory=dict)
    """File and line of each thing, by kind and id."""

    def fault(self, kind: str, name: str, message: str, *, warning: bool = False) -> Problem:
        """A problem with one thing, at its place in the corpus."""
        path, line = self.where.get((kind, name), ("corpus", 1))
        return Problem(path, line, message, warning)

    def document(self, document_id: str, language: str = "en") -> Document | None:
        """The document, in the language if a translation is held."""
        return self.translations.get((document_id, language)) or self.documents.get(document_id)

    def prose(self) -> Iterator[Document]:
        """Everything of ours that is read: documents, their translations, and the words of each step."""
        yield from self.documents.values()
        yield from self.translations.values()
        for pathway in self.pathways.values():
            yield from (step.prose for step in pathway.steps if step.prose is not None)

    def status(self, cited: Cited) -> Status:
        """How what a shown sentence rests on stands: its document, or else its sources.

        A card's own words rest on its evidence, and stand as most of that does.
        """
        document_id, _, section = cited.citation.passage.partition("#")
        document, card = self.documents[document_id], self.cards.get(section)
        behind = [cited.sentence]
        if cited.ours and card is not None:
            behind = [passage.sentences[i] for reference in card.evidence for passage, i in self.sentences_of(reference)]
        if document.status is not Status.IN_FORCE or not behind:
            return document.status
        return Counter(map(self.standing, behind)).most_common(1)[0][0]

    def standing(self, sentence: Sentence) -> Status:
        """How the sources of a sentence stand: as the first does, unless another is in force."""
        found = [self.sources[reference.source].status for reference in sentence.references]
        return Status.IN_FORCE if not found or Status.IN_FORCE in found else found[0]

    def resolves(self, reference: str) -> bool:
        """Whether ``document#section`` names something that is here; with ``~ first words``, one sentence of it."""
        place, words = _split(reference)
        document_id, _, section = place.partition("#")
        document = self.documents.get(document_id)
        found = document is not None and (not section or document.section(section) is not None)
        return found and (not words or len(self.sentences_of(reference)) == 1)

    def passages_of(self, reference: str) -> tuple[Passage, ...]:
        """The passages of a section, ``document#section``."""
        place, _ = _split(reference)
        return tuple(p for p in self.passages if p.id == place or p.id.startswith(f"{place}/"))

    def sentences_of(self, reference: str) -> tuple[tuple[Passage, int], ...]:
        """What a reference names, sentence by sentence: the passage, and the sentence's place in it."""
        _, words = _split(reference)
        return tuple(
            (passage, i)
            for passage in self.passages_of(reference)
            for i, sentence in enumerate(passage.sentences)
            if sentence.text.startswith(words)
        )
