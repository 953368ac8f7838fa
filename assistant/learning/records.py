"""Where attempts are kept: one SQLite file, numbered migrations, nothing about who a learner is.

A learner is a random number in a cookie. Writes are confirmed to disk before a page says that they are made.
"""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from assistant.learning.attempts import Attempt, Given

MIGRATIONS = (
    """CREATE TABLE attempt (
        id TEXT PRIMARY KEY, learner TEXT NOT NULL, quiz TEXT NOT NULL, seed INTEGER NOT NULL,
        items TEXT NOT NULL, started TEXT NOT NULL, finished TEXT, touched TEXT NOT NULL)""",
    "CREATE INDEX attempt_learner ON attempt (learner, quiz)",
    """CREATE TABLE response (
        attempt TEXT NOT NULL REFERENCES attempt (id) ON DELETE CASCADE, item TEXT NOT NULL,
        chosen TEXT NOT NULL, agrees INTEGER NOT NULL, PRIMARY KEY (attempt, item)) WITHOUT ROWID""",
    "CREATE TABLE place (code TEXT PRIMARY KEY, pathway TEXT NOT NULL, step TEXT NOT NULL, touched TEXT NOT NULL) WITHOUT ROWID",
)


class Records:
    """The records of one service. Each call opens and closes its own connection, so workers share nothing."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(self.path, timeout=10, isolation_level=None)
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=FULL")
            connection.execute("PRAGMA foreign_keys=ON")
            connection.execute("PRAGMA secure_delete=ON")
            self._migrate(connection)
            yield connection
        finally:
            connection.close()

    @staticmethod
    def _migrate(connection: sqlite3.Connection) -> None:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version >= len(MIGRATIONS):
            return
        connection.execute("BEGIN IMMEDIATE")
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        for number, statement in enumerate(MIGRATIONS[version:], start=version + 1):
            connection.execute(statement)
            connection.execute(f"PRAGMA user_version={number}")
        connection.execute("COMMIT")

    def save(self, attempt: Attempt, now: datetime) -> None:
        """Keep an attempt as it now stands, whole or not at all. A response that is already kept is not changed."""
        with self._open() as connection:
            connection.execute("BEGIN IMMEDIATE")
            items = json.dumps([[item, mark] for item, mark in attempt.items])
            finished = attempt.finished.isoformat() if attempt.finished else None
            connection.execute(
                "INSERT INTO attempt VALUES (?, ?, ?, ?, ?, ?, ?, ?) "
                "ON CONFLICT (id) DO UPDATE SET finished = coalesce(attempt.finished, excluded.finished), touched = excluded.touched",
                (attempt.id, attempt.learner, attempt.quiz, attempt.seed, items, attempt.started.isoformat(), finished, now.isoformat()),
            )
            connection.executemany(
                "INSERT OR IGNORE INTO response VALUES (?, ?, ?, ?)",
                [(attempt.id, item, json.dumps(given.response), given.agrees) for item, given in attempt.given.items()],
            )
            connection.execute("COMMIT")

    def attempt(self, attempt_id: str, learner: str) -> Attempt | None:
        """An attempt of this learner, or None: another learner's attempt does not exist."""
        with self._open() as connection:
            row = connection.execute(
                "SELECT id, learner, quiz, seed, items, started, finished FROM attempt WHERE id = ? AND learner = ?",
                (attempt_id, learner),
            ).fetchone()
            return self._attempt(connection, row) if row else None

    def attempts(self, learner: str, quiz: str) -> tuple[Attempt, ...]:
        """All attempts of a learner at a quiz, oldest first."""
        with self._open() as connection:
            rows = connection.execute(
                "SELECT id, learner, quiz, seed, items, started, finished FROM attempt WHERE learner = ? AND quiz = ? ORDER BY started, id",
                (learner, quiz),
            ).fetchall()
            return tuple(self._attempt(connection, row) for row in rows)

    @staticmethod
    def _attempt(connection: sqlite3.Connection, row: tuple[str, str, str, int, str, str, str | None]) -> Attempt:
        responses = connection.execute("SELECT item, chosen, agrees FROM response WHERE attempt = ?", (row[0],)).fetchall()
        return Attempt(
            id=row[0],
            learner=row[1],
            quiz=row[2],
            seed=row[3],
            items=tuple((item, mark) for item, mark in json.loads(row[4])),
            started=datetime.fromisoformat(row[5]),
            given={item: Given(tuple(json.loads(chosen)), bool(agrees)) for item, chosen, agrees in responses},
            finished=datetime.fromisoformat(row[6]) if row[6] else None,
        )

    def forget(self, learner: str) -> int:
        """Delete all that is held of a learner. Returns how many attempts there were."""
        with self._open() as connection:
            count = connection.execute("DELETE FROM attempt WHERE learner = ?", (learner,)).rowcount
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            return count

    def purge(self, now: datetime, unused: timedelta) -> int:
        """Delete attempts that no one has touched for longer than ``unused``. Returns how many."""
        with self._open() as connection:
            count = connection.execute("DELETE FROM attempt WHERE touched < ?", ((now - unused).isoformat(),)).rowcount
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            return count

    def keep_place(self, code: str, pathway: str, step: str, now: datetime) -> None:
        """Keep where a reader of a pathway is, under the hash of a code."""
        with self._open() as connection:
            connection.execute("INSERT OR REPLACE INTO place VALUES (?, ?, ?, ?)", (code, pathway, step, now.isoformat()))

    def place(self, code: str, since: datetime) -> tuple[str, str] | None:
        """The pathway and step kept under the hash of a code, unless it was kept before ``since``."""
        with self._open() as connection:
            row = connection.execute(
                "SELECT pathway, step FROM place WHERE code = ? AND touched >= ?", (code, since.isoformat())
            ).fetchone()
            return (row[0], row[1]) if row else None

    def forget_place(self, code: str) -> None:
        """Delete what is kept under the hash of a code."""
        with self._open() as connection:
            connection.execute("DELETE FROM place WHERE code = ?", (code,))
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def purge_places(self, now: datetime, kept: timedelta) -> int:
        """Delete places kept for longer than ``kept``. Returns how many."""
        with self._open() as connection:
            count = connection.execute("DELETE FROM place WHERE touched < ?", ((now - kept).isoformat(),)).rowcount
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            return count
