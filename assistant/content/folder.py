"""A corpus folder becomes a library: every file is read, every problem gathered, and the library or the list is given."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

from assistant.content.files import Lines, Markdown, Problem, read_markdown, read_messages, read_openings, read_text, read_yaml, shape
from assistant.content.library import Library, Reading
from assistant.domain.courses import Course, Module, Scenario
from assistant.domain.dates import Expectation
from assistant.domain.guidance import (
    Card,
    Document,
    Gap,
    Kind,
    Nation,
    Process,
    Role,
    Service,
    Source,
    Status,
    Term,
)
from assistant.domain.learning import Pathway, Quiz
from assistant.domain.passages import split
from assistant.domain.site import Call, RouteRule, Signals, Site
from assistant.errors import CorpusError

T = TypeVar("T")
BUILT_IN = Path(__file__).with_name("services.yaml")
"""A copy of the shipped services, for a site whose own file cannot be read."""


@dataclass(frozen=True)
class _Front:
    title: str
    summary: str
    number: int
    kind: Kind
    status: Status
    updated: date
    review_by: date
    audience: tuple[Role, ...]
    topics: tuple[str, ...] = ()
    nations: tuple[Nation, ...] = ()
    edition: str = ""
    replaced_by: str = ""
    translated_from: date | None = None
    cards: bool = False
    terms: bool = False


@dataclass(frozen=True)
class _CardFence:
    asks: tuple[str, ...]
    evidence: tuple[str, ...]
    roles: tuple[Role, ...] = ()
    nations: tuple[Nation, ...] = ()
    next: tuple[str, ...] = ()
    wales: str = ""
    ages: tuple[int, int] | None = None


@dataclass(frozen=True)
class _TermFence:
    others: tuple[str, ...] = ()
    topic: bool = True


class _Pass:
    """One pass over a corpus folder: values as they are read, and the problems met on the way."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.problems: list[Problem] = []
        self.where: dict[tuple[str, str], tuple[str, int]] = {}

    def name(self, path: Path) -> str:
        return path.relative_to(self.root.parent).as_posix() if path.is_relative_to(self.root.parent) else path.name

    def text(self, path: Path) -> str | None:
        try:
            return read_text(path)
        except FileNotFoundError:
            self.problems.append(Problem(self.name(path), 1, "this file is missing"))
        except UnicodeDecodeError:
            self.problems.append(Problem(self.name(path), 1, "this file is not UTF-8 text"))
        return None

    def yaml(self, path: Path) -> tuple[Any, Lines]:
        text = self.text(path)
        if text is None:
            return None, Lines(self.name(path), {})
        value, lines, problems = read_yaml(text, self.name(path))
        self.problems.extend(problems)
        return value, lines

    def one(self, kind: type[T], path: Path) -> T | None:
        value, lines = self.yaml(path)
        if value is None:
            return None
        shaped, problems = shape(kind, value, lines)
        self.problems.extend(problems)
        return shaped

    def many(self, kind: type[T], path: Path, label: str, key: Callable[[T], str]) -> dict[str, T]:
        value, lines = self.yaml(path)
        found: dict[str, T] = {}
        for i, row in enumerate(value if isinstance(value, list) else ()):
            shaped, problems = shape(kind, row, lines, (i,))
            self.problems.extend(problems)
            if shaped is None:
                continue
            name = key(shaped)
            if name in found:
                self.problems.append(Problem(lines.path, lines.at((i,)), f"the id {name} is used twice"))
            found[name] = shaped
            self.where[(label, name)] = (lines.path, lines.at((i,)))
        return found

    def some(self, kind: type[T], path: Path, label: str, key: Callable[[T], str]) -> dict[str, T]:
        """As `many`, from a file that a corpus may do without."""
        return self.many(kind, path, label, key) if path.is_file() else {}

    def services(self, path: Path) -> dict[str, Service]:
        """The services of a corpus, or the copy built in here where its file cannot be read: help has its numbers whatever happens."""
        before = len(self.problems)
        found = self.many(Service, path, "service", lambda s: s.id)
        if found and len(self.problems) == before:
            return found
        self.problems[before:] = [
            *(replace(problem, warning=True) for problem in self.problems[before:]),
            Problem(self.name(path), 1, "this file cannot be used, so the built-in copy stands in for it", warning=True),
        ]
        return self.many(Service, BUILT_IN, "service", lambda s: s.id)

    def lines(self, path: Path, read: Callable[[str, str], tuple[tuple[T, ...], list[Problem]]]) -> tuple[T, ...]:
        """What a file says line by line, which a corpus may do without."""
        text = self.text(path) if path.is_file() else None
        found, problems = read(text or "", self.name(path))
        self.problems.extend(problems)
        return found

    def markdown(self, path: Path) -> Markdown | None:
        text = self.text(path)
        if text is None:
            return None
        value, problems = read_markdown(text, self.name(path))
        self.problems.extend(problems)
        return value

    def document(self, path: Path) -> tuple[Document, _Front, Markdown] | None:
        read = self.markdown(path)
        if read is None:
            return None
        front, problems = shape(_Front, read.front, read.lines)
        self.problems.extend(problems)
        if front is None:
            return None
        name, language = path.parent.name, path.stem
        document = Document(
            id=name,
            language=language,
            title=front.title,
            summary=front.summary,
            kind=front.kind,
            status=front.status,
            updated=front.updated,
            review_by=front.review_by,
            audience=frozenset(front.audience),
            nations=frozenset(front.nations),
            sections=read.sections,
            topics=front.topics,
            edition=front.edition,
            replaced_by=front.replaced_by,
            number=front.number,
        )
        for part, line in read.line_of.items():
            self.where[("part", f"{name}/{language}#{part}")] = (self.name(path), line)
        self.where[("document", name)] = (self.name(path), 1)
        return document, front, read

    def things(self, document: Document, front: _Front, read: Markdown) -> Iterable[Card | Term]:
        """The cards or the terms of a document that is made of them."""
        return self.terms(document, read) if front.terms else self.cards(document, read)

    def cards(self, document: Document, read: Markdown) -> Iterable[Card]:
        for fence in read.fences:
            given, problems = shape(_CardFence, fence.value, fence.lines)
            self.problems.extend(problems)
            section = document.section(fence.section)
            if given is None or section is None:
                continue
            self.where[("card", fence.section)] = (fence.lines.path, fence.lines.at(()))
            if given.ages and given.ages[0] > given.ages[1]:
                self.problems.append(Problem(fence.lines.path, fence.lines.at(("ages",)), "ages: the youngest stands first"))
            yield Card(
                id=fence.section,
                title=section.title,
                asks=(section.title, *given.asks),
                document=document.id,
                section=section.id,
                evidence=given.evidence,
                roles=frozenset(given.roles) or document.audience,
                nations=frozenset(given.nations) or document.nations,
                next=given.next,
                wales=given.wales,
                ages=frozenset(range(given.ages[0], given.ages[1] + 1)) if given.ages else frozenset(),
            )

    def terms(self, document: Document, read: Markdown) -> Iterable[Term]:
        """A term from each section: the heading is its name, and what stands below says ``NAME means …``, with a source."""
        fences = {fence.section: fence for fence in read.fences}
        for section in document.sections:
            place = self.where.get(("part", f"{document.id}/{document.language}#{section.id}"), (read.lines.path, 1))
            self.where[("term", section.id)] = place
            fence = fences.get(section.id)
            given, problems = shape(_TermFence, fence.value, fence.lines) if fence else (_TermFence(), [])
            self.problems.extend(problems)
            told = re.match(rf"{re.escape(section.title)} means? (.+)", " ".join(p.text for p in section.paragraphs))
            references = [r for p in section.paragraphs for s in p.sentences for r in s.references]
            if told is None or not references:
                self.problems.append(Problem(*place, f"a term is explained as '{section.title} means …', with a source"))
            elif given is not None:
                meaning = told[1][0].upper() + told[1][1:]
                yield Term(section.id, section.title, meaning, given.others, references[0], document.id, given.topic)

    def asked_too(self, things: Mapping[str, Card | Gap], path: Path) -> dict[str, Card | Gap]:
        """Cards and gaps with more ways of asking, from a file of them: ``asks.yaml``, or ``asks.pl.yaml`` for those in Polish."""
        value, lines = self.yaml(path)
        more, problems = shape(dict[str, tuple[str, ...]], value, lines)
        self.problems.extend(problems)
        found = dict(things)
        for name, asks in (more or {}).items():
            if name not in things:
                self.problems.append(Problem(lines.path, lines.at((name,)), f"there is no card or gap called {name}"))
                continue
            thing, foreign = things[name], frozenset(asks if path.stem != "asks" else ())
            found[name] = replace(thing, asks=(*thing.asks, *asks), foreign=thing.foreign | foreign)
        return found

    def pathway(self, path: Path) -> Pathway | None:
        pathway = self.one(Pathway, path)
        if pathway is None:
            return None
        self.where[("pathway", pathway.id)] = (self.name(path), 1)
        steps = []
        for step in pathway.steps:
            prose = self.markdown(path.with_suffix("") / f"{step.id}.en.md")
            document = None
            if prose is not None:
                today = date(2000, 1, 1)
                document = Document(
                    id=f"{pathway.id}-{step.id}", language="en", title=step.title.get("en", step.id), summary="",
                    kind=Kind.GENERAL, status=Status.IN_FORCE, updated=today, review_by=today,
                    audience=frozenset({pathway.role}), nations=frozenset(), sections=prose.sections,
                )  # fmt: skip
                where = self.name(path.with_suffix("") / f"{step.id}.en.md")
                for part, line in prose.line_of.items():
                    self.where[("part", f"{document.id}/en#{part}")] = (where, line)
            steps.append(replace(step, prose=document))
        return replace(pathway, steps=tuple(steps))


def read(root: Path) -> tuple[Library | None, list[Problem]]:
    """Read the corpus folder. The library is None only when too little could be read to make one."""
    reading = _Pass(root)
    site = reading.one(Site, root / "corpus.yaml")
    signals = reading.one(Signals, root / "signals.yaml")
    reading.where[("signals", "")] = (reading.name(root / "signals.yaml"), 1)
    documents: dict[str, Document] = {}
    translations: dict[tuple[str, str], Document] = {}
    cards: dict[str, Card] = {}
    terms: dict[str, Term] = {}
    files: dict[str, Path] = {}
    card_documents: set[str] = set()
    for path in sorted((root / "documents").glob("*/*.md")):
        found = reading.document(path)
        if found is None:
            continue
        document, front, text = found
        if document.language == "en":
            documents[document.id] = document
            files[document.id] = path
            if front.cards:
                card_documents.add(document.id)
            things = list(reading.things(document, front, text))
            cards.update({thing.id: thing for thing in things if isinstance(thing, Card)})
            terms.update({thing.id: thing for thing in things if isinstance(thing, Term)})
        else:
            translations[(document.id, document.language)] = document
    gaps = reading.many(Gap, root / "gaps.yaml", "gap", lambda g: g.id)
    reading.problems.extend(Problem(*reading.where["gap", name], f"a card is called {name} too") for name in gaps if name in cards)
    asked: dict[str, Card | Gap] = {**cards, **gaps}
    for path in sorted(root.glob("asks*.yaml")):
        asked = reading.asked_too(asked, path)
    pathways = [p for p in (reading.pathway(path) for path in sorted((root / "pathways").glob("*.yaml"))) if p]
    quizzes = [q for q in (reading.one(Quiz, path) for path in sorted((root / "quizzes").glob("*.yaml"))) if q]
    for quiz in quizzes:
        reading.where[("quiz", quiz.id)] = (reading.name(root / "quizzes" / f"{quiz.id}.yaml"), 1)
    sources = reading.many(Source, root / "sources.yaml", "source", lambda s: s.id)
    services = reading.services(root / "services.yaml")
    routes = reading.many(RouteRule, root / "routes.yaml", "route", lambda r: r.route)
    if site is None or signals is None:
        return None, sorted(reading.problems)
    glossaries = {term.document for term in terms.values()}
    prose = [document for name, document in documents.items() if name not in card_documents | glossaries]
    library = Library(
        site=site,
        sources=sources,
        documents=documents,
        translations=translations,
        cards={thing.id: thing for thing in asked.values() if isinstance(thing, Card)},
        gaps={thing.id: thing for thing in asked.values() if isinstance(thing, Gap)},
        terms=terms,
        services=services,
        signals=signals,
        routes=tuple(routes.values()),
        calls=tuple(reading.some(Call, root / "calls.yaml", "call", lambda c: c.name).values()),
        pathways={pathway.id: pathway for pathway in pathways},
        quizzes={quiz.id: quiz for quiz in quizzes},
        files=files,
        passages=split(prose),
        meanings=split(documents[name] for name in sorted(glossaries)),
        dates=tuple(reading.some(Expectation, root / "dates.yaml", "date", lambda d: d.id).values()),
        courses=reading.some(Course, root / "courses.yaml", "course", lambda c: c.id),
        modules=reading.some(Module, root / "modules.yaml", "module", lambda m: m.id),
        scenarios=reading.some(Scenario, root / "scenarios.yaml", "scenario", lambda s: s.id),
        beside=tuple(reading.some(Process, root / "beside.yaml", "process", lambda p: p.id).values()),
        readings=tuple(reading.some(Reading, root / "reviewed.yaml", "reading", lambda r: f"{r.on} {len(r.texts)} {r.note}").values()),
        messages=reading.lines(root / "messages.txt", read_messages),
        openings=reading.lines(root / "openings.txt", read_openings),
        where=reading.where,
    )
    return library, sorted(reading.problems)


def load(root: Path) -> Library:
    """The library of a corpus folder.

    Raises:
        CorpusError: the folder has problems that stop it from being served; all of them are listed.
    """
    if not root.is_dir():
        raise CorpusError((f"{root}:1: there is no corpus folder here",))
    library, problems = read(root)
    faults = tuple(str(problem) for problem in problems if not problem.warning)
    if library is None or faults:
        raise CorpusError(faults)
    return library
