"""What is kept and for how long. The privacy page is drawn from this table, and the purge obeys it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from assistant.errors import TooMuchAtOnce
from assistant.learning.certificates import Register
from assistant.learning.records import Records
from assistant.learning.tally import Tally


@dataclass(frozen=True)
class Kept:
    """One kind of thing that the service keeps."""

    name: str
    what: str
    count: int
    """0: not kept at all."""
    unit: str
    """``days``, ``months`` or ``years``."""


TABLE = (
    Kept("questions", "Questions and answers", 0, "days"),
    Kept("progress", "Course progress, under a random number and no name", 12, "months"),
    Kept("places", "Your place in a pathway, under a code and no name", 30, "days"),
    Kept("certificates", "That a certificate was issued, with its course and day; the name only as a keyed hash", 5, "years"),
    Kept("help", "How often help was shown, by day, kind and language, and never with words", 13, "months"),
    Kept("logs", "Technical logs, without questions, addresses or browsers", 14, "days"),
)
_DAYS = {"days": 1.0, "months": 365 / 12, "years": 365.0}

MOST = 0.2
"""Share of a table that is deleted without a person: more is more likely a wrong clock than old records."""


def sweep(path: Path, now: datetime | None = None, *, whole: bool = False) -> list[str]:
    """Delete from the file of records what has been kept for long enough. Returns a line for each kind.

    More than the share `MOST` of a kind waits until ``whole`` says that a person has looked.
    """
    now, most, records = now or datetime.now(UTC), 1.0 if whole else MOST, Records(path)
    kinds: tuple[tuple[str, str, Callable[[datetime, timedelta, float], int]], ...] = (
        ("Quiz attempts", "progress", records.purge),
        ("Places in pathways", "places", records.purge_places),
        ("Certificate records", "certificates", Register(path).purge),
        ("Counts of help shown", "help", Tally(path).purge),
    )
    lines = []
    for title, name, purge in kinds:
        try:
            lines.append(f"{title} deleted: {purge(now, days(name), most)}.")
        except TooMuchAtOnce as found:
            lines.append(f"{title}: {found} Check the clock. To delete them, run: assistant purge --all")
    return lines


def days(name: str) -> timedelta:
    """How long one kind of thing is kept."""
    kept = next(kept for kept in TABLE if kept.name == name)
    return timedelta(days=round(kept.count * _DAYS[kept.unit]))
