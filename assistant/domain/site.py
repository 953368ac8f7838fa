"""What makes a partnership's own site: its name, its people, its languages."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from assistant.domain.answers import Help, Route
from assistant.domain.guidance import Text


@dataclass(frozen=True)
class Partnership:
    """Who runs the site and how to reach a person there."""

    name: Text
    place: Text
    contact: Text
    """Words that say how to reach a person; no telephone number, which belongs to the services file."""
    email: str = ""


@dataclass(frozen=True)
class Site:
    """The settings of one site, from ``corpus.yaml``."""

    name: Text
    languages: tuple[str, ...]
    partnership: Partnership
    exit_address: str
    licence: str
    content_languages: tuple[str, ...] = ("en",)
    """Languages in which pathways, quizzes and other content must be complete."""


@dataclass(frozen=True)
class Signal:
    """Ways in which a message says that someone is at risk.

    A phrase is words in order. ``(a|b)`` is either; ``[a]`` may be missing; ``word*`` is a beginning; ``...``
    is up to four other words.
    """

    help: Help
    language: str
    phrases: tuple[str, ...]
    unless: tuple[str, ...] = ()
    """Phrases that, somewhere in the message, make it an ordinary question."""
    causing: bool = False
    """The writer says that they are the one who harms."""
    other: bool = False
    """It is said of someone else."""


@dataclass(frozen=True)
class Signals:
    """Everything that triage hears."""

    signals: tuple[Signal, ...]
    spellings: dict[str, str] = field(default_factory=dict)
    """Text-speak and short forms, and what they stand for."""
    groups: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Lists of words used in many phrases: ``<name>`` in a phrase is any of them."""
    ordinary: tuple[str, ...] = ()
    """Phrases of study and work: with one of them, a signal about someone else is left alone."""
    quoted: tuple[str, ...] = ()
    """Phrases that show someone else's words being told: with one of them, every signal is left alone."""
    figures: tuple[str, ...] = ()
    """Figures of speech, and wording of reports: their own words are left out of what is heard, the rest is heard as ever."""
    plain: tuple[str, ...] = ()
    """Ordinary words that look like a misspelt signal and are not."""
    young: tuple[str, ...] = ()
    """Phrases that speak of a child: with one of them, a call about danger or abuse is a call about a child at risk too."""
    others: tuple[str, ...] = ()
    """Phrases that speak of someone else: a call with one of them is about that person, unless the one who writes is spoken of too."""
    asides: tuple[str, ...] = ()
    """How the one who writes comes into a text about someone else ("she told me"): not taken for speaking of themselves."""
    oneself: tuple[str, ...] = ()
    """Words in which the one who writes is spoken of."""


@dataclass(frozen=True)
class Example:
    """A message and the help that it calls for; None for an ordinary one."""

    help: Help | None
    language: str
    text: str
    causing: bool = False
    """Whether the one who writes causes the harm."""


@dataclass(frozen=True)
class Call:
    """What may stand below a help panel, by what was heard."""

    help: Help
    cards: tuple[str, ...]
    """Cards that are shown where they fit."""
    causing: bool = False
    """Whether the one who writes is the one who harms."""
    other: bool = False
    """Whether it is about someone else."""
    shown: Literal[1, 2] = 1
    """How many of the cards, from the first, are shown where nothing is surely asked for."""

    @property
    def name(self) -> str:
        """What tells it from the others."""
        return f"{self.help}{' causing' if self.causing else ''}{' other' if self.other else ''}"


@dataclass(frozen=True)
class RouteRule:
    """When a question takes a route, what is said, and where else it belongs."""

    route: Route
    phrases: tuple[str, ...]
    title: Text
    reply: Text
    evidence: tuple[str, ...] = ()
    """Sections that bear the reply out, quoted with it."""
    unless: tuple[str, ...] = ()
    whole: bool = False
    """Whether a phrase has to be the whole question."""
    declines: bool = True
    """Whether the question is turned away, or answered with the reply beside the answer."""
    services: tuple[str, ...] = ()
    doors: tuple[str, ...] = ()
    """Pages to go on to: ``document#section``, ``document`` or a page of the site."""


def in_language(text: Text, languages: Sequence[str]) -> tuple[str, str]:
    """The words in the first of the languages that has them, and that language; English as the last resort.

    >>> in_language({"en": "Chair"}, ["cy"])
    ('Chair', 'en')
    """
    for language in (*languages, "en"):
        if text.get(language):
            return text[language], language
    return next(((words, language) for language, words in text.items()), ("", "en"))
