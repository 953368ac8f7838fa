"""Days that the law, the guidance and local custom expect, worked out from a day that a reader knows."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from dateutil.relativedelta import relativedelta

from assistant.domain.guidance import Text
from assistant.domain.learning import Strength

EARLIEST = date(2011, 4, 13)
"""The day from which reviews have been held (section 9 of the 2004 Act, commencement)."""


class Start(StrEnum):
    """The day that a period runs from."""

    NOTIFIED = "notified"
    DECIDED = "decided"
    PUBLISHED = "published"


@dataclass(frozen=True)
class Expectation:
    """Something that is expected to happen. Without ``months`` no day can be worked out."""

    id: str
    what: Text
    start: Start
    strength: Strength
    why: Text
    """Why it can be later, or why there is no day."""
    evidence: str
    months: int = 0


@dataclass(frozen=True)
class Row:
    """An expectation with its day, and the next working day if that day is not one."""

    expectation: Expectation
    day: date | None
    working: date | None = None
    past: bool = False


def rows(expectations: Sequence[Expectation], start: Start, day: date, today: date, closed: Iterable[date]) -> tuple[Row, ...]:
    """What is expected after a day, earliest first, then what has no day.

    A month is a calendar month: from 31 January it ends on the last day of February. ``closed`` holds the bank
    holidays of the place.
    """
    holidays = frozenset(closed)
    found = []
    for expectation in expectations:
        if expectation.start is not start and not (start is Start.NOTIFIED and expectation.start is Start.DECIDED):
            continue
        if not expectation.months or expectation.start is not start:
            found.append(Row(expectation, None))
            continue
        due = day + relativedelta(months=expectation.months)
        working = next_working(due, holidays)
        found.append(Row(expectation, due, working if working != due else None, past=due < today))
    return tuple(sorted(found, key=lambda row: (row.day is None, row.day or date.max)))


def next_working(day: date, holidays: frozenset[date]) -> date:
    """The day itself if it is a working day, otherwise the next one.

    >>> next_working(date(2026, 11, 28), frozenset())
    datetime.date(2026, 11, 30)
    """
    while day.weekday() >= 5 or day in holidays:
        day += timedelta(days=1)
    return day
