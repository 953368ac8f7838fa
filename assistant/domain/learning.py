"""Pathways to read, quizzes to take, and the rules by which an answer is marked."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from assistant.domain.guidance import Document, Role, Section, Text


class Strength(StrEnum):
    """How binding a period or duty is."""

    LAW = "law"
    GUIDANCE = "guidance"
    LOCAL = "local"
    GENERAL = "general"
    """Asked for, or usual, by what is neither law nor guidance."""
    NONE = "none"


@dataclass(frozen=True)
class ChoiceOption:
    """One way of answering a choice."""

    id: str
    text: Text


@dataclass(frozen=True)
class Choice:
    """Something a reader may say of their situation, so that a pathway shows only what applies."""

    id: str
    question: Text
    options: tuple[ChoiceOption, ...]
    further: bool = False
    """Asked only of readers who want to say more: a pathway begins with two or three choices."""


Chosen = Mapping[str, str]
"""What a reader has said: choice id to option id. What is not there was not said."""


def applies(condition: str, chosen: Chosen) -> bool:
    """Whether something under ``choice=option`` is shown: always, unless the reader has said otherwise.

    >>> applies("trial=yes", {}), applies("trial=yes", {"trial": "no"}), applies("", {"trial": "no"})
    (True, False, True)
    """
    choice, _, option = condition.partition("=")
    return not condition or chosen.get(choice, option) == option


@dataclass(frozen=True)
class Step:
    """One part of a pathway. Its words are in a prose file of the same id."""

    id: str
    title: Text
    minutes: int
    evidence: tuple[str, ...]
    """Sections quoted on the step's page, ``document#section``."""
    stage: bool = False
    """Whether the step is a stage of the review, shown on the map."""
    actor: Text = field(default_factory=dict)
    usual: Text = field(default_factory=dict)
    """Usual time, in a few words, for the map."""
    strength: Strength = Strength.NONE
    signs: tuple[Text, ...] = ()
    """What a reader may have noticed at this stage."""
    when: str = ""
    """Shown only where this ``choice=option`` applies."""
    only: Mapping[str, str] = field(default_factory=dict)
    """Sections of the prose that are shown only where a ``choice=option`` applies."""
    prose: Document | None = None

    def section(self, name: str) -> Section | None:
        """A section of the step's words."""
        return self.prose.section(name) if self.prose is not None else None

    def sections(self, chosen: Chosen) -> tuple[Section, ...]:
        """The sections of the step's words that apply."""
        held = self.prose.sections if self.prose is not None else ()
        return tuple(section for section in held if applies(self.only.get(section.id, ""), chosen))


@dataclass(frozen=True)
class Pathway:
    """Ordered steps for one kind of reader."""

    id: str
    number: int
    title: Text
    summary: Text
    role: Role
    steps: tuple[Step, ...]
    choices: tuple[Choice, ...] = ()

    def place(self, step_id: str) -> int | None:
        """Where a step stands, from 0, or None if the pathway has no such step."""
        return next((i for i, step in enumerate(self.steps) if step.id == step_id), None)

    def shown(self, chosen: Chosen) -> tuple[Step, ...]:
        """The steps that apply."""
        return tuple(step for step in self.steps if applies(step.when, chosen))

    def questions(self) -> tuple[tuple[Step, tuple[str, ...]], ...]:
        """Questions worth asking, by step."""
        held = [(step, step.section("questions")) for step in self.steps]
        return tuple((step, tuple(p.text for p in section.paragraphs)) for step, section in held if section is not None)


class ItemKind(StrEnum):
    """How an item is answered."""

    SINGLE_CHOICE = "single_choice"
    MULTIPLE_CHOICE = "multiple_choice"
    TRUE_FALSE = "true_false"
    ORDER = "order"
    MATCH = "match"

    @property
    def placed(self) -> bool:
        """Whether a response gives every option a place."""
        return self in {ItemKind.ORDER, ItemKind.MATCH}


@dataclass(frozen=True)
class Option:
    """Something that may be chosen, and why the guidance does or does not say it."""

    text: Text
    why: Text
    right: bool = False
    evidence: tuple[str, ...] = ()
    match: Text = field(default_factory=dict)
    """In a ``match`` item, what belongs to the text."""


@dataclass(frozen=True)
class Item:
    """One question.

    In an ``order`` item the options stand in the right order, in a ``match`` item each beside what belongs to it.
    Evidence is ``document#section``, or ``document#section ~ first words`` for one sentence.
    """

    id: str
    kind: ItemKind
    objective: str
    stem: Text
    options: tuple[Option, ...]
    evidence: tuple[str, ...]
    difficulty: int = 2
    version: int = 1

    def evidence_for(self, option: int) -> tuple[str, ...]:
        """Sections that settle one option."""
        return self.options[option].evidence or self.evidence


class Form(StrEnum):
    """What a bank of items is for."""

    TEST = "test"
    """A test with a cut score, kept under a random number."""
    SELF_CHECK = "self_check"
    """One page; the result is shown and nothing is kept."""
    MISUNDERSTANDINGS = "misunderstandings"
    """Statements to think about, one a page; no score, nothing kept."""


@dataclass(frozen=True)
class Quiz:
    """A bank of items and how an attempt is drawn from it."""

    id: str
    number: int
    title: Text
    summary: Text
    role: Role
    objectives: dict[str, Text]
    draw: int
    cut_score: float
    """Share of the drawn items, 0 to 1, that a certificate needs."""
    items: tuple[Item, ...]
    form: Form = Form.TEST

    def item(self, item_id: str) -> Item | None:
        """The item with that id."""
        return next((item for item in self.items if item.id == item_id), None)

    def needed(self, drawn: int) -> int:
        """How many of so many drawn items a certificate needs answered as the guidance does."""
        return -(-round(self.cut_score * drawn * 100) // 100)


Response = tuple[int, ...]
"""The options chosen, by their place in the item; where options are placed, the option given for each place."""


@dataclass(frozen=True)
class Mark:
    """What the guidance says of a response."""

    agrees: bool
    explained: tuple[int, ...]
    """Options to explain first: those chosen, or those out of place."""


def mark(item: Item, response: Response) -> Mark:
    """Compare a response with the guidance.

    Raises:
        ValueError: the response is empty or names an option that the item does not have.
    """
    if not response or any(place not in range(len(item.options)) for place in response):
        raise ValueError("a response names options of the item")
    if item.kind.placed:
        misplaced = tuple(place for turn, place in enumerate(response) if place != turn)
        return Mark(sorted(response) == list(range(len(item.options))) and not misplaced, misplaced)
    right = {place for place, option in enumerate(item.options) if option.right}
    return Mark(set(response) == right, tuple(dict.fromkeys(response)))


def draw(quiz: Quiz, seed: int, seen: Sequence[str] = ()) -> tuple[Item, ...]:
    """Items for one attempt: evenly over the objectives, those not ``seen`` before first, in an order fixed by ``seed``."""
    chance = random.Random(seed)  # noqa: S311 - the draw is not a secret
    piles: list[list[Item]] = []
    for objective in quiz.objectives:
        pile = [item for item in quiz.items if item.objective == objective]
        chance.shuffle(pile)
        pile.sort(key=lambda item: item.id in seen)
        piles.append(pile)
    drawn: list[Item] = []
    while len(drawn) < quiz.draw and any(piles):
        for pile in piles:
            if pile and len(drawn) < quiz.draw:
                drawn.append(pile.pop(0))
    chance.shuffle(drawn)
    return tuple(drawn)


def option_order(item: Item, seed: int) -> tuple[int, ...]:
    """The order in which an item's options are shown in one attempt. True and false keep their order."""
    places = list(range(len(item.options)))
    if item.kind is not ItemKind.TRUE_FALSE:
        random.Random(f"{seed}/{item.id}").shuffle(places)  # noqa: S311 - the order is not a secret
    return tuple(places)
