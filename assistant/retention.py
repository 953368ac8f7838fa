"""What is kept and for how long. The privacy page is drawn from this table, and the purge obeys it."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

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
    Kept("progress", "Quiz attempts, under a random number and no name", 365),
    Kept("logs", "Technical logs, without questions, addresses or browsers", 14),
)


def sweep(records: Records, now: datetime | None = None) -> list[str]:
    """Delete what has been kept for long enough. Returns a line for each kind."""
    progress = next(kept for kept in TABLE if kept.name == "progress")
    count = records.purge(now or datetime.now(UTC), timedelta(days=progress.days))
    return [f"Quiz attempts deleted: {count}."]
