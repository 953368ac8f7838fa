"""One attempt at a quiz: start, respond, finish. Each takes an attempt and gives a new one."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from assistant.domain.learning import Item, Quiz, Response, draw, mark


@dataclass(frozen=True)
class Given:
    """A response that was given, and whether it was as the guidance has it then."""

    response: Response
    agrees: bool


@dataclass(frozen=True)
class Attempt:
    """What one learner met and said. ``items`` keeps each item's id and the fingerprint of its wording."""

    id: str
    learner: str
    quiz: str
    seed: int
    items: tuple[tuple[str, str], ...]
    started: datetime
    given: Mapping[str, Given] = field(default_factory=dict)
    finished: datetime | None = None

    @property
    def next_place(self) -> int | None:
        """Where the first item without a response stands, from 0; None when all have one."""
        return next((i for i, (item, _) in enumerate(self.items) if item not in self.given), None)


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


def start(quiz: Quiz, learner: str, seed: int, now: datetime, before: Sequence[Attempt] = ()) -> Attempt:
    """A new attempt: items drawn evenly over the objectives, those that earlier attempts did not meet first."""
    seen = [item for attempt in before for item, _ in attempt.items]
    items = tuple((item.id, item.fingerprint) for item in draw(quiz, seed, seen))
    return Attempt(secrets.token_hex(8), learner, quiz.id, seed, items, now)


def respond(attempt: Attempt, item: Item, response: Response) -> Attempt:
    """The attempt with a response to one of its items. A second response to the same item changes nothing.

    Raises:
        ValueError: the item is not in the attempt, or the response does not fit it.
    """
    if item.id not in dict(attempt.items):
        raise ValueError("the item is not part of this attempt")
    if item.id in attempt.given:
        return attempt
    given = Given(response, mark(item, response).agrees)
    return replace(attempt, given={**attempt.given, item.id: given})


def finish(attempt: Attempt, now: datetime) -> Attempt:
    """The attempt, closed once every item has a response."""
    if attempt.next_place is not None or attempt.finished is not None:
        return attempt
    return replace(attempt, finished=now)


def score(attempt: Attempt, quiz: Quiz) -> Score:
    """The score as it was when the responses were given: later edits of the bank do not change it."""
    total = len(attempt.items)
    rows = []
    for objective in quiz.objectives:
        asked = [i for i, _ in attempt.items if (item := quiz.item(i)) is not None and item.objective == objective]
        if asked:
            rows.append((objective, sum(i in attempt.given and attempt.given[i].agrees for i in asked), len(asked)))
    agreed = sum(given.agrees for given in attempt.given.values())
    return Score(agreed, total, -(-round(quiz.cut_score * total * 100) // 100), tuple(rows))
