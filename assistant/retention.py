"""What is kept and for how long. The privacy page is drawn from this table, and the purge obeys it."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from assistant.learning.certificates import Register
from assistant.learning.records import Records


@dataclass(frozen=True)
class Kept:
    """One kind of thing that the service keeps."""

    name: str
    what: str
    days: int
    """0: not kept at all."""


TABLE = (
    Kept("questions", "Questions and answers", 0),
    Kept("progress", "Course progress, under a random number and no name", 365),
    Kept("places", "Your place in a pathway, under a code and no name", 30),
    Kept("certificates", "That a certificate was issued, with its course and day; the name only as a keyed hash", 5 * 365),
    Kept("logs", "Technical logs, without questions, addresses or browsers", 14),
)


def sweep(records: Records, register: Register, now: datetime | None = None) -> list[str]:
    """Delete what has been kept for long enough. Returns a line for each kind."""
    now = now or datetime.now(UTC)
    attempts = records.purge(now, days("progress"))
    places = records.purge_places(now, days("places"))
    certificates = register.purge(now, days("certificates"))
    return [
        f"Quiz attempts deleted: {attempts}.",
        f"Places in pathways deleted: {places}.",
        f"Certificate records deleted: {certificates}.",
    ]


def days(name: str) -> timedelta:
    """How long one kind of thing is kept."""
    return timedelta(days=next(kept.days for kept in TABLE if kept.name == name))
