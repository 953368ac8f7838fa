"""What the corpus is made of: documents, sections, paragraphs and sentences, each with its sources.

Offsets count characters in the file that a text was read from, so that anyone can open the file and see the
sentence that a citation names.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

Text = Mapping[str, str]
"""The same words in one or more languages, by language code."""


class Role(StrEnum):
    """Who is asking. A role changes order and next step, never a fact."""

    FAMILY = "family"
    FRIENDS = "friends"
    EMPLOYERS = "employers"
    PRACTITIONERS = "practitioners"


class Nation(StrEnum):
    """Where the review is."""

    ENGLAND = "england"
    WALES = "wales"


class Status(StrEnum):
    """How a document or source stands."""

    IN_FORCE = "in_force"
    DRAFT = "draft"
    PROSPECTIVE = "prospective"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"


class Kind(StrEnum):
    """The weight of a source's words."""

    LAW = "law"
    GUIDANCE = "guidance"
    LOCAL = "local"
    RESEARCH = "research"
    GENERAL = "general"


class Provenance(StrEnum):
    """How far our statement of a source has been checked."""

    SEEN = "seen"
    RECALLED = "recalled"
    INFERRED = "inferred"


@dataclass(frozen=True)
class Source:
    """A published text that statements rest on."""

    id: str
    title: str
    publisher: str
    kind: Kind
    status: Status
    address: str
    edition: str = ""
    licence: str = ""
    checked: date | None = None
    series: str = ""
    """What editions of one text share."""
    nations: frozenset[Nation] = frozenset(Nation)
    since: str = ""
    """From when it has applied, as far as known: ``2016``, ``2016-12`` or ``2016-12-07``. Empty for what does not govern reviews."""
    until: str = ""
    """From when it has no longer applied, as far as known."""

    def applies(self, nation: Nation, day: date) -> bool:
        """Whether it governs a review there on that day, as far as we know. A month or year counts from its beginning.

        >>> old = Source("old", "Old", "", Kind.GUIDANCE, Status.SUPERSEDED, "", since="2011", until="2016-12")
        >>> [old.applies(Nation.WALES, date(*day)) for day in ((2010, 12, 31), (2011, 1, 1), (2016, 11, 30), (2016, 12, 1))]
        [False, True, True, False]
        """
        if not self.since or nation not in self.nations or self.status in {Status.DRAFT, Status.PROSPECTIVE, Status.WITHDRAWN}:
            return False
        said = day.isoformat()
        return said[: len(self.since)] >= self.since and (not self.until or said[: len(self.until)] < self.until)


@dataclass(frozen=True)
class Reference:
    """A source, the place in it, and how far that place was checked."""

    source: str
    place: str
    provenance: Provenance


@dataclass(frozen=True)
class Sentence:
    """One sentence, where its file has it (``file_text[start:end]``, white space apart), and what it rests on."""

    text: str
    start: int
    end: int
    references: tuple[Reference, ...] = ()


@dataclass(frozen=True)
class Paragraph:
    """A paragraph or list item. Its id is made from its words, so it survives changes elsewhere."""

    id: str
    sentences: tuple[Sentence, ...]
    item: bool = False

    @property
    def text(self) -> str:
        """The paragraph's words on one line."""
        return " ".join(sentence.text for sentence in self.sentences)


@dataclass(frozen=True)
class Section:
    """What stands under one heading, up to the next. ``path`` names the headings above it and itself."""

    id: str
    title: str
    level: int
    path: tuple[str, ...]
    paragraphs: tuple[Paragraph, ...]


@dataclass(frozen=True)
class Document:
    """One text of the corpus in one language."""

    id: str
    language: str
    title: str
    summary: str
    kind: Kind
    status: Status
    updated: date
    review_by: date
    audience: frozenset[Role]
    nations: frozenset[Nation]
    sections: tuple[Section, ...]
    topics: tuple[str, ...] = ()
    edition: str = ""
    replaced_by: str = ""
    number: int = 0
    """A neutral number for titles and addresses, permanent once given."""
    official: bool = False
    """Whether the words are the publisher's own, and not ours."""

    def section(self, section_id: str) -> Section | None:
        """The section with that id, or None."""
        return next((section for section in self.sections if section.id == section_id), None)


@dataclass(frozen=True)
class Passage:
    """A stretch of one section, short enough to be found and read at once."""

    id: str
    document: str
    section: str
    path: tuple[str, ...]
    sentences: tuple[Sentence, ...]
    paragraphs: tuple[str, ...] = ()
    """Paragraph id of each sentence, in step with ``sentences``."""
    language: str = "en"
    status: Status = Status.IN_FORCE
    audience: frozenset[Role] = field(default_factory=frozenset)
    nations: frozenset[Nation] = field(default_factory=frozenset)
    official: bool = False
    """Whether the words are the publisher's own, and not ours."""

    @property
    def text(self) -> str:
        """The passage's words on one line, without headings."""
        return " ".join(sentence.text for sentence in self.sentences)

    @property
    def heading(self) -> str:
        """The heading path on one line."""
        return " > ".join(self.path)


@dataclass(frozen=True)
class Card:
    """An authored answer: ways of asking, a plain reply, and the passages that bear it out."""

    id: str
    title: str
    asks: tuple[str, ...]
    document: str
    section: str
    evidence: tuple[str, ...]
    """Section references, ``document#section``."""
    roles: frozenset[Role]
    nations: frozenset[Nation]
    next: tuple[str, ...] = ()
    wales: str = ""
    """The card that is shown in its place for Wales; empty where the same holds there."""
    foreign: frozenset[str] = frozenset()
    """Those of the ways of asking that are in another language than English."""
    ages: frozenset[int] = frozenset()
    """The ages that it is about, in years; empty where it is about any."""

    def is_for(self, role: Role | None) -> bool:
        """Whether it is written for someone of this role; where no role is known, it is."""
        return role is None or role in self.roles


@dataclass(frozen=True)
class Gap:
    """A matter that people ask about and the corpus does not answer, with ways of asking."""

    id: str
    title: str
    asks: tuple[str, ...]
    foreign: frozenset[str] = frozenset()
    """Those of the ways of asking that are in another language than English."""
    doors: tuple[str, ...] = ()
    """Section references, ``document#section``, of what comes nearest to an answer."""
    services: tuple[str, ...] = ()
    """Services that help with it."""


@dataclass(frozen=True)
class Opening:
    """What one may tell of oneself and of a death before asking."""

    role: Role
    text: str


@dataclass(frozen=True)
class Term:
    """A word of the subject, in plain words, with what else it is called. It is a section, ``document#id``."""

    id: str
    name: str
    meaning: str
    others: tuple[str, ...]
    reference: Reference
    document: str
    topic: bool = True
    """Whether a follow-up question can be about it; false for everyday words."""


@dataclass(frozen=True)
class Service:
    """A place to turn. ``needs`` names the kinds of help it fits, in the panel's words."""

    id: str
    name: Text
    audience: Text
    needs: tuple[str, ...]
    number: str
    text: str
    web: str
    hours: Text
    languages: Text
    grade: str
    checked: date
    nations: frozenset[Nation]
    source: str
    called: tuple[str, ...] = ()
    """What people call it, in small letters and without apostrophes."""

    @property
    def shown(self) -> bool:
        """Whether it is checked well enough to be shown."""
        return self.grade in {"A", "B"}


@dataclass(frozen=True)
class Process:
    """Something that may run beside a review: what it is for, who runs it, and what it cannot decide."""

    id: str
    number: int
    name: Text
    purpose: Text
    runs: Text
    cannot: Text
    yours: Text
    """What it means for a relative."""
    evidence: tuple[str, ...]
