"""A question, and the few things that may come back."""

from dataclasses import dataclass
from enum import StrEnum

from assistant.domain.guidance import Nation, Role, Sentence


class Help(StrEnum):
    """What a message says of the danger someone is in, most pressing first."""

    IMMEDIATE_DANGER = "immediate_danger"
    CHILD_RISK = "child_risk"
    SELF_HARM = "self_harm"
    ABUSE_DISCLOSURE = "abuse_disclosure"
    DISTRESS_ONLY = "distress_only"


class Outcome(StrEnum):
    """How far the question was answered."""

    ANSWERED = "answered"
    PARTIAL = "partial"
    DECLINED = "declined"


class Route(StrEnum):
    """Where a question belongs when it is more than a question about reviews."""

    IDENTIFY = "identify_a_person"
    MY_REVIEW = "status_of_my_review"
    BLAME = "blame_or_cause"
    LEGAL = "legal_opinion"
    OTHER_PROCESS = "another_process"
    COMPLAINT = "complaint"
    MEDIA = "media"
    OUTSIDE = "outside_england_and_wales"
    HARM = "harmful_request"
    MISUSE = "misuse_of_the_service"
    SERVICE = "about_this_service"
    GREETING = "greeting"
    UNCLEAR = "unclear"


NOT_COVERED = "not_covered"


@dataclass(frozen=True)
class Question:
    """What was asked, and what is known of the asker. ``history`` holds earlier questions, oldest first."""

    text: str
    role: Role | None = None
    nation: Nation | None = None
    language: str = "en"
    history: tuple[str, ...] = ()


@dataclass(frozen=True)
class Alarm:
    """What triage heard: the most pressing help, the rest, and whether the writer is the one causing harm."""

    help: Help | None = None
    also: tuple[Help, ...] = ()
    causing: bool = False
    other: bool = False


@dataclass(frozen=True)
class Citation:
    """Where a sentence stands: ``start`` and ``end`` count characters in the document's file."""

    document: str
    passage: str
    start: int
    end: int
    paragraph: str


@dataclass(frozen=True)
class Cited:
    """One sentence as it is shown, and where it is from. The words are the source's own."""

    sentence: Sentence
    citation: Citation
    ours: bool = False
    """Whether it is a card's plain reply, shown in our voice, rather than a quotation."""


@dataclass(frozen=True)
class Part:
    """One part of a question and what was found for it. No sentences: nothing was found."""

    text: str
    sentences: tuple[Cited, ...] = ()
    card: str | None = None
    nearest: tuple[str, ...] = ()
    also: "Part | None" = None
    """The answer to another question that is nearly as likely to be meant."""
    gap: str = ""
    """The known gap that is asked about, where nothing was found."""


@dataclass(frozen=True)
class Answer:
    """Everything a page needs to answer one question."""

    outcome: Outcome
    parts: tuple[Part, ...] = ()
    alarm: Alarm = Alarm()
    route: Route | None = None
    reason: str | None = None
    topic: str = ""
    masked: bool = False
    asked: str = ""
    """The question with personal details taken out."""
    follows: str = ""
    """The earlier question that it has its topic from; empty where it stands alone."""

    @property
    def sentences(self) -> tuple[Cited, ...]:
        """All sentences shown, in order."""
        return tuple(cited for part in self.parts for shown in (part, part.also) if shown for cited in shown.sentences)

    @property
    def cards(self) -> tuple[str, ...]:
        """The cards shown, in order."""
        return tuple(shown.card for part in self.parts for shown in (part, part.also) if shown and shown.card)

    @property
    def nearest(self) -> tuple[str, ...]:
        """Passages that came close, best first, without repetition."""
        return tuple(dict.fromkeys(p for part in self.parts for p in part.nearest))

    @property
    def card(self) -> str | None:
        """The first card shown, if any."""
        return next(iter(self.cards), None)
