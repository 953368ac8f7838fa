"""How often help was shown: by day, kind and language only, and never with a word of what was written."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path

from assistant.learning.store import Store

WAIT = 0.5
"""Seconds to wait for another writer: a count that is lost matters less than a worker that waits."""
FEWEST = 5
"""Smaller counts are not told to anyone: they could point at a person."""


class Tally:
    """The counts in the file of records."""

    def __init__(self, path: Path) -> None:
        self._store = Store(path, WAIT)

    def add(self, day: date, kind: str, language: str) -> None:
        """Count one panel.

        Raises:
            StoreFault: the file cannot be used; nothing was counted.
        """
        with self._store.write() as connection:
            connection.execute(
                "INSERT INTO help_shown VALUES (?, ?, ?, 1) ON CONFLICT (day, kind, language) DO UPDATE SET shown = shown + 1",
                (day.isoformat(), kind, language),
            )

    def by_month(self) -> Sequence[tuple[str, str, str, int]]:
        """Month as ``2026-11``, kind, language, and how often."""
        with self._store.open() as connection:
            return connection.execute(
                "SELECT substr(day, 1, 7), kind, language, sum(shown) FROM help_shown GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
            ).fetchall()

    def purge(self, now: datetime, kept: timedelta, most: float = 1.0) -> int:
        """Delete counts of days longer ago than ``kept``; see `Store.purge`. Returns how many."""
        return self._store.purge(("help_shown",), "day", (now - kept).isoformat(), most)
