"""One attempt at a quiz: start, respond, finish. Each takes an attempt and gives a new one."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from assistant.domain.learning import Item, Quiz, Response, draw, mark


@dataclass(frozen=True)
class Given:
    """A response that was given, whether it was as the guidance has it then, and how sure the learner was."""

    response: Response
    agrees: bool
    sure: bool | None = None
    """None when the learner did not say."""


@dataclass(frozen=True)
class Attempt:
    """What one learner met and said. The items are frozen as they were drawn, so later edits of the bank change nothing."""

    id: str
    learner: str
    quiz: str
    seed: int
    items: tuple[Item, ...]
    needed: int
    """How many items a certificate needs answered as the guidance does."""
    started: datetime
    given: Mapping[str, Given] = field(default_factory=dict)
    finished: datetime | None = None

    @property
    def next_place(self) -> int | None:
        """Where the first item without a response stands, from 0; None when all have one."""
        return next((i for i, item in enumerate(self.items) if item.id not in self.given), None)

    @property
    def differing(self) -> tuple[Item, ...]:
        """Items answered otherwise than the guidance does."""
        return tuple(item for item in self.items if item.id in self.given and not self.given[item.id].agrees)


@dataclass(frozen=True)
class Score:
    """How an attempt stands: answered as the guidance does, of how many, and of each objective."""

    agreed: int
    total: int
    needed: int
    objectives: tuple[tuple[str, int, int], ...]
    """Objective, agreed, asked."""

    @property
    def reached(self) -> bool:
        """Whether the cut score is reached."""
        return self.agreed >= self.needed


def start(quiz: Quiz, learner: str, seed: int, now: datetime, seen: Sequence[str] = ()) -> Attempt:
    """A new attempt: items drawn evenly over the objectives, those whose ids were not ``seen`` first."""
    items = draw(quiz, seed, seen)
    return Attempt(secrets.token_hex(8), learner, quiz.id, seed, items, quiz.needed(len(items)), now)


def respond(attempt: Attempt, item: Item, response: Response, *, sure: bool | None = None) -> Attempt:
    """The attempt with a response to one of its items. A second response to the same item changes nothing.

    Raises:
        ValueError: the item is not in the attempt, or the response does not fit it.
    """
    if item not in attempt.items:
        raise ValueError("the item is not part of this attempt")
    if item.id in attempt.given:
        return attempt
    given = Given(response, mark(item, response).agrees, sure)
    return replace(attempt, given={**attempt.given, item.id: given})


def finish(attempt: Attempt, now: datetime) -> Attempt:
    """The attempt, closed once every item has a response."""
    if attempt.next_place is not None or attempt.finished is not None:
        return attempt
    return replace(attempt, finished=now)


def score(attempt: Attempt) -> Score:
    """The score as it was when the responses were given."""
    rows: dict[str, tuple[int, int]] = {}
    for item in attempt.items:
        agreed, asked = rows.get(item.objective, (0, 0))
        rows[item.objective] = (agreed + (item.id in attempt.given and attempt.given[item.id].agrees), asked + 1)
    agreed = sum(given.agrees for given in attempt.given.values())
    return Score(agreed, len(attempt.items), attempt.needed, tuple((name, *row) for name, row in rows.items()))
