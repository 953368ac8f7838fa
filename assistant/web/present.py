"""From the domain's values to what a template prints: sentences, links and dates in the reader's language."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from flask import g, url_for
from markupsafe import Markup

from assistant.content.library import Library
from assistant.domain.answers import Alarm, Answer, Cited, Help, Outcome, Part
from assistant.domain.guidance import (
    Document,
    Kind,
    Nation,
    Paragraph,
    Passage,
    Provenance,
    Reference,
    Section,
    Sentence,
    Service,
    Source,
    Term,
)
from assistant.quoting import cite
from assistant.safety.phrases import words
from assistant.web.called import cited_word, document_word, licence_line, standing_word
from assistant.web.i18n import gettext


@dataclass(frozen=True)
class Note:
    """What our words rest on: how binding it is, the source and place in words, its address, and when it was looked at.

    For a publisher's own words the document itself is the source, and none is named.
    """

    status: str
    """Empty for a source that binds no one."""
    source: str
    place: str
    address: str
    """Where the source is published, written out in print."""
    standing: str
    """What a reader has to know of how our words stand to it; empty where they were compared with it."""
    checked: date | None

    @property
    def text(self) -> str:
        """The source and the place in it, as they are cited."""
        return ", ".join(filter(None, (self.source, self.place)))


@dataclass(frozen=True)
class Quotation:
    """Sentences of one passage that stand together, and their citation."""

    text: str
    title: str
    """Our document."""
    link: str
    note: Note
    around: tuple[str, ...]
    official: bool = False
    """Whether the words are the publisher's own."""
    licence: str = ""
    """What has to stand beside the publisher's own words."""


@dataclass(frozen=True)
class PartView:
    """One part of an answer."""

    asked: str
    title: str
    ours: tuple[str, ...]
    quotes: tuple[Quotation, ...]
    standing: str = ""
    """What a reader has to know where our words tell of what is not in force."""
    checked: date | None = None
    """The day on which our words were compared with what they rest on."""
    also: "PartView | None" = None
    """What answers it if something else was meant."""


@dataclass(frozen=True)
class HelpView:
    """The help panel: its kind, its headings, and the services under each."""

    label: str
    danger: bool
    groups: tuple[tuple[str, tuple[Service, ...]], ...]
    other: bool
    grief: tuple[Service, ...] = field(default=())

    @property
    def services(self) -> tuple[Service, ...]:
        """The services under all headings."""
        return tuple(service for _, services in self.groups for service in services)


class Presenter:
    """Presents what one library holds."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._passages = {passage.id: passage for passage in (*library.passages, *library.meanings)}
        self._compared = {name: reading.on for reading in library.readings for name in reading.texts}
        # The first of two terms with the same name is meant.
        named = [(word, term) for term in reversed(library.terms.values()) if term.topic for word in (term.name, *term.others)]
        self._terms = {word if word.isupper() else word.casefold(): term for word, term in named}
        longest_first = sorted(self._terms, key=len, reverse=True)
        either = "|".join(re.escape(name) if name.isupper() else f"(?i:{re.escape(name)})" for name in longest_first)
        self._term = re.compile(rf"\b(?:{either})\b") if either else None

    def passage(self, passage_id: str) -> Passage | None:
        """The passage with that id."""
        return self._passages.get(passage_id)

    def note(self, reference: Reference) -> Note:
        """A source and place in words, how binding it is, and how our words stand to it: empty where they were compared with it."""
        source = self._library.sources[reference.source]
        told = source.edition and source.edition not in source.title and not source.edition.startswith("stored cop")
        parts = [source.title] if source.kind in {Kind.LAW, Kind.GUIDANCE} else [source.publisher, source.title]
        parts += [source.edition] * bool(told)
        standing = {
            Provenance.SEEN: "",
            Provenance.RECALLED: gettext("Not yet checked against the source."),
            Provenance.INFERRED: gettext("Our own reading. The source does not say it in so many words."),
        }
        status = cited_word(source, reference.provenance)
        return Note(status, ", ".join(parts), reference.place, source.address, standing[reference.provenance], source.checked)

    def quotation(self, group: list[Cited]) -> Quotation:
        """Sentences that stand together in one passage, as one quotation."""
        first, last = group[0].citation, group[-1].citation
        document = self._library.documents[first.document]
        references = [r for cited in group for r in cited.sentence.references]
        lead = self._leading(references)
        source = self.source_of(document)
        own = Note(document_word(document), "", "", source.address if source is not None else "", "", document.updated)
        note = self.note(lead) if lead is not None else own
        passage = self._passages.get(first.passage)
        return Quotation(
            text=" ".join(cited.sentence.text for cited in group),
            official=document.official,
            licence=licence_line(source) if source is not None else "",
            title=document.title,
            note=note,
            link=url_for("read.document", number=document.number, span=f"{first.start}-{last.end}", _anchor="marked"),
            around=tuple(s.text for s in passage.sentences) if passage else (),
        )

    def source_of(self, document: Document) -> Source | None:
        """The source whose own words a document holds; None for a document of ours."""
        about = self._library.held.get(document.id)
        return self._library.sources[about["source"]] if about is not None else None

    def _leading(self, references: list[Reference]) -> Reference | None:
        order = {Kind.LAW: 0, Kind.GUIDANCE: 1, Kind.LOCAL: 2, Kind.RESEARCH: 3, Kind.GENERAL: 4}
        seen_first = sorted(references, key=lambda r: (r.provenance is not Provenance.SEEN, order[self._library.sources[r.source].kind]))
        return seen_first[0] if seen_first else None

    def quotations(self, cited: Iterable[Cited]) -> tuple[Quotation, ...]:
        """Quotations, one for each run of sentences that follow one another in the same passage."""
        runs: list[list[Cited]] = []
        for one in cited:
            if runs and self._follows(runs[-1][-1], one):
                runs[-1].append(one)
            else:
                runs.append([one])
        return tuple(self.quotation(run) for run in runs)

    def _follows(self, one: Cited, other: Cited) -> bool:
        passage = self._passages.get(one.citation.passage)
        if passage is None or other.citation.passage != one.citation.passage:
            return False
        places = [passage.sentences.index(cited.sentence) for cited in (one, other)]
        return places[1] == places[0] + 1 and one.sentence.references == other.sentence.references

    def evidence(self, references: Iterable[str], most: int = 2) -> tuple[Quotation, ...]:
        """The sentences that references name, or the first of a section where they name no sentence, quoted."""
        found = dict.fromkeys((passage.id, i) for reference in references for passage, i in self._library.sentences_of(reference)[:most])
        return self.quotations(cite(self._passages[passage], i) for passage, i in found)

    def notes(self, sections: Iterable[Section]) -> list[Note]:
        """What sections rest on, in order and each once."""
        sentences = (s for section in sections for paragraph in section.paragraphs for s in paragraph.sentences)
        return list(dict.fromkeys(self.note(reference) for sentence in sentences for reference in sentence.references))

    def part(self, part: Part) -> PartView:
        """One part of an answer."""
        card = self._library.cards.get(part.card) if part.card else None
        ours = tuple(cited for cited in part.sentences if cited.ours)
        return PartView(
            asked=part.text,
            title=card.title if card else "",
            ours=tuple(cited.sentence.text for cited in ours),
            standing=standing_word(self._library.status(ours[0])) if ours else "",
            checked=self._compared.get(part.card or ""),
            quotes=self.quotations(cited for cited in part.sentences if not cited.ours),
            also=self.part(part.also) if part.also else None,
        )

    def title(self, answer: Answer, parts: tuple[PartView, ...]) -> str:
        """The h1 of an answer page."""
        if answer.outcome is Outcome.PARTIAL:
            return gettext("We found part of an answer")
        if answer.outcome is Outcome.DECLINED:
            return gettext("We could not find an answer to this")
        if len(parts) == 1 and parts[0].also:
            return gettext("Two answers may fit your question")
        if len(parts) == 1 and parts[0].title:
            return in_english(parts[0].title)
        return gettext("What the guide says")

    def doors(self, references: Iterable[str]) -> list[tuple[str, str, str]]:
        """Links to go on to: title, address, and one soft line. A door is ``document#section``, a document or a page."""
        pages = {
            "ask": (gettext("Ask in other words"), url_for("ask.form"), ""),
            "documents": (gettext("All the documents"), url_for("read.documents"), ""),
            "support": (gettext("Support"), url_for("site.support"), ""),
            "reach": (gettext("Reach a person"), url_for("site.reach"), ""),
            "privacy": (gettext("Privacy"), url_for("site.privacy"), ""),
        }
        found = []
        for door in references:
            if door in pages:
                found.append(pages[door])
                continue
            document_id, _, section_id = door.partition(" ~ ")[0].partition("#")
            document = self._library.documents[document_id]
            section = document.section(section_id) if section_id else None
            title = section.title if section else document.title
            link = url_for("read.document", number=document.number, _anchor=section_id or None)
            found.append((in_english(title), link, in_english(document.title if section else document.summary)))
        return found

    def near(self, passage_ids: Iterable[str]) -> list[tuple[str, str, str]]:
        """Passages that came close, as doors."""
        found: dict[str, tuple[str, str, str]] = {}
        for passage_id in passage_ids:
            document_id, _, section_id = passage_id.partition("/")[0].partition("#")
            document = self._library.documents[document_id]
            section = document.section(section_id)
            link = url_for("read.document", number=document.number, _anchor=section_id)
            found.setdefault(link, (in_english(section.title if section else document.title), link, in_english(document.title)))
        return list(found.values())[:4]

    def terms(self, text: str, most: int) -> list[tuple[str, Term]]:
        """The first words of the subject that a text uses and does not explain itself, so many at most, each as the text has it."""
        used: dict[Term, str] = {}
        for said in self._term.findall(text) if self._term is not None else ():
            used.setdefault(self._terms[said if said in self._terms else said.casefold()], said)
        # Within a sentence a meaning has no capital.
        return [(_called(term, said), term) for term, said in used.items() if term.meaning[1:] not in text][:most]

    def woven(self, paragraphs: Iterable[Paragraph], terms: Iterable[Term]) -> dict[str, list[tuple[str, Term | None]]]:
        """Paragraphs by id, in pieces: plain text, and the first word of each term that the page explains, with the term."""
        left, woven = set(terms), {}
        for paragraph in paragraphs:
            pieces: list[tuple[str, Term | None]] = []
            end = 0
            for said in self._term.finditer(paragraph.text) if self._term is not None else ():
                term = self._terms[said[0] if said[0] in self._terms else said[0].casefold()]
                if term in left:
                    left.remove(term)
                    pieces += [(paragraph.text[end : said.start()], None), (said[0], term)]
                    end = said.end()
            woven[paragraph.id] = [*pieces, (paragraph.text[end:], None)]
        return woven

    def found(self, passages: Iterable[Passage]) -> list[tuple[str, str, str]]:
        """Passages, each as a door to its place in its document, marked there: the section, the address, how it begins."""
        rows = []
        for passage in passages:
            document, first, last = self._library.documents[passage.document], passage.sentences[0], passage.sentences[-1]
            section = document.section(passage.section)
            link = url_for("read.document", number=document.number, span=f"{first.start}-{last.end}", _anchor="marked")
            rows.append((section.title if section else document.title, link, f"{document.title}: {first.text}"))
        return rows

    def help(self, alarm: Alarm) -> HelpView | None:
        """The help panel for what was heard; None when nothing was. Its kind is remembered for the count of this response."""
        if alarm.help is None:
            return None
        g.help_shown = alarm.help.value
        if alarm.help is Help.DISTRESS_ONLY and not alarm.also:
            return HelpView(alarm.help.value, danger=False, groups=(), other=alarm.other, grief=self.services("grief")[:3])
        heads = {
            Help.CHILD_RISK: ("child", gettext("If a child may not be safe")),
            Help.SELF_HARM: ("self-harm", gettext("If you are thinking of ending your life")),
            Help.ABUSE_DISCLOSURE: ("abuse", gettext("If someone is hurting or frightening you")),
        }
        labels = [label for label in (alarm.help, *alarm.also) if label in heads]
        groups = [(heads[label][1], self.services(heads[label][0])) for label in labels]
        if alarm.causing:
            groups.insert(0, (gettext("If you are worried about how you treat someone"), self.services("cause")))
        elif alarm.help is Help.IMMEDIATE_DANGER and Help.ABUSE_DISCLOSURE not in labels:
            groups.append((heads[Help.ABUSE_DISCLOSURE][1], self.services("abuse")))
        if alarm.help is Help.IMMEDIATE_DANGER and Help.DISTRESS_ONLY in alarm.also:
            groups.append((gettext("Someone to talk to"), self.services("grief")))
        return HelpView(alarm.help.value, danger=True, groups=tuple(groups), other=alarm.other)

    def services(self, need: str) -> tuple[Service, ...]:
        """Services that are checked well enough to be shown, for one need."""
        return tuple(s for s in self._library.services.values() if need in s.needs and s.shown)

    def named(self, text: str, help_: HelpView | None) -> tuple[Service, ...]:
        """Services that a text names, but for those that the help panel shows already."""
        line = f" {' '.join(words(text, {}))} "
        given = help_.services if help_ else ()
        named = (s for s in self._library.services.values() if s.shown and any(f" {name} " in line for name in s.called))
        return tuple(service for service in named if service not in given)

    def helping(self, answer: Answer, nation: Nation | None) -> list[Service]:
        """Services that help with what was asked and is known not to be answered here, each once."""
        names = dict.fromkeys(name for part in answer.parts if part.gap for name in self._library.gaps[part.gap].services)
        services = (self._library.services[name] for name in names if name in self._library.services)
        return [service for service in services if service.shown and (nation is None or nation in service.nations)]

    def emergency(self) -> dict[str, str]:
        """The numbers of the danger line."""
        services = self._library.services
        return {
            "emergency": services["emergency"].number,
            "silent": services["silent"].number,
            "relay": services["relay"].number,
            "text": services["relay"].text,
        }


def in_english(text: str) -> str:
    """A text of the corpus, all of which is in English, marked so where the page around it is not."""
    return text if g.language == "en" else Markup('<bdi lang="en">{}</bdi>').format(text)


def _called(term: Term, said: str) -> str:
    """The name of a term, and of a short form what a text says in its place too."""
    return f"{said[:1].upper()}{said[1:]} ({term.name})" if term.name.isupper() and term.name not in said else term.name


def marked(sentences: Iterable[Sentence], start: int, end: int) -> list[tuple[str, bool]]:
    """Sentences with whether each lies in a marked stretch of the file."""
    return [(s.text, s.start >= start and s.end <= end and end > 0) for s in sentences]
