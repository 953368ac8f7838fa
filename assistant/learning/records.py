"""What is kept of learners and of readers on a pathway: nothing about who they are."""

import json
import sqlite3
from datetime import datetime, timedelta
from pathlib import Path

from pydantic import TypeAdapter

from assistant.domain.learning import Item
from assistant.learning.attempts import Attempt, Given
from assistant.learning.store import Store

_ITEMS = TypeAdapter(tuple[Item, ...])
_COLUMNS = "id, learner, quiz, seed, items, needed, started, finished"
_OF_A_LEARNER = ("attempt", "lesson", "revision", "unrevised", "learner_code")
"""Tables with a learner and the time of the last touch."""


class Records:
    """The records of one service."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._store = Store(path)

    def save(self, attempt: Attempt, now: datetime) -> None:
        """Keep an attempt as it now stands, whole or not at all. A response that is already kept is not changed."""
        items = _ITEMS.dump_json(attempt.items).decode()
        finished = attempt.finished.isoformat() if attempt.finished else None
        row = (attempt.id, attempt.learner, attempt.quiz, attempt.seed, items, attempt.needed, attempt.started.isoformat(), finished)
        with self._store.write() as connection:
            connection.execute(
                f"INSERT INTO attempt ({_COLUMNS}, touched) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) "  # noqa: S608 - our own names
                "ON CONFLICT (id) DO UPDATE SET finished = coalesce(attempt.finished, excluded.finished), touched = excluded.touched",
                (*row, now.isoformat()),
            )
            connection.executemany(
                "INSERT OR IGNORE INTO response (attempt, item, chosen, agrees, sure) VALUES (?, ?, ?, ?, ?)",
                [(attempt.id, item, json.dumps(given.response), given.agrees, given.sure) for item, given in attempt.given.items()],
            )

    def attempt(self, attempt_id: str, learner: str) -> Attempt | None:
        """An attempt of this learner, or None: another learner's attempt does not exist."""
        with self._store.open() as connection:
            row = connection.execute(
                f"SELECT {_COLUMNS} FROM attempt WHERE id = ? AND learner = ?",  # noqa: S608 - our own names
                (attempt_id, learner),
            ).fetchone()
            return _attempt(connection, row) if row else None

    def attempts(self, learner: str, quiz: str) -> tuple[Attempt, ...]:
        """All attempts of a learner at a quiz, oldest first."""
        with self._store.open() as connection:
            rows = connection.execute(
                f"SELECT {_COLUMNS} FROM attempt WHERE learner = ? AND quiz = ? ORDER BY started, id",  # noqa: S608 - our own names
                (learner, quiz),
            ).fetchall()
            return tuple(_attempt(connection, row) for row in rows)

    def read_lesson(self, learner: str, module: str, lesson: str, now: datetime) -> None:
        """Keep that a learner has come to the end of a lesson."""
        with self._store.write() as connection:
            connection.execute("INSERT OR REPLACE INTO lesson VALUES (?, ?, ?, ?)", (learner, module, lesson, now.isoformat()))

    def lessons(self, learner: str, module: str) -> frozenset[str]:
        """Lessons of a module that a learner has come to the end of."""
        with self._store.open() as connection:
            rows = connection.execute("SELECT lesson FROM lesson WHERE learner = ? AND module = ?", (learner, module))
            return frozenset(lesson for (lesson,) in rows)

    def schedule(self, learner: str, quiz: str, item: str, state: str, due: datetime, now: datetime) -> None:
        """Keep when a missed item comes back, unless the learner has switched that off."""
        with self._store.write() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO revision SELECT ?, ?, ?, ?, ?, ? WHERE NOT EXISTS (SELECT 1 FROM unrevised WHERE learner = ?)",
                (learner, quiz, item, state, due.isoformat(), now.isoformat(), learner),
            )

    def due(self, learner: str, now: datetime) -> tuple[tuple[str, str, str], ...]:
        """Missed items that are due: quiz, item and state, the longest due first."""
        with self._store.open() as connection:
            rows = connection.execute(
                "SELECT quiz, item, state FROM revision WHERE learner = ? AND due <= ? ORDER BY due, quiz, item", (learner, now.isoformat())
            )
            return tuple(rows.fetchall())

    def next_due(self, learner: str) -> datetime | None:
        """When the next missed item is due; None when none is kept."""
        with self._store.open() as connection:
            (due,) = connection.execute("SELECT min(due) FROM revision WHERE learner = ?", (learner,)).fetchone()
            return datetime.fromisoformat(due) if due else None

    def revises(self, learner: str) -> bool:
        """Whether missed items come back for this learner."""
        with self._store.open() as connection:
            return connection.execute("SELECT 1 FROM unrevised WHERE learner = ?", (learner,)).fetchone() is None

    def switch_revision(self, learner: str, now: datetime, *, on: bool) -> None:
        """Have missed items come back, or forget them and have none come back."""
        with self._store.delete() as connection:
            connection.execute("DELETE FROM unrevised WHERE learner = ?", (learner,))
            if not on:
                connection.execute("DELETE FROM revision WHERE learner = ?", (learner,))
                connection.execute("INSERT INTO unrevised VALUES (?, ?)", (learner, now.isoformat()))

    def keep_learner(self, code: str, learner: str, now: datetime) -> None:
        """Keep a learner's number under the hash of a code."""
        with self._store.write() as connection:
            connection.execute("INSERT OR REPLACE INTO learner_code VALUES (?, ?, ?)", (code, learner, now.isoformat()))

    def learner(self, code: str, since: datetime) -> str | None:
        """The learner's number kept under the hash of a code, unless it was kept before ``since``."""
        with self._store.open() as connection:
            row = connection.execute(
                "SELECT learner FROM learner_code WHERE code = ? AND touched >= ?", (code, since.isoformat())
            ).fetchone()
            return str(row[0]) if row else None

    def forget(self, learner: str) -> int:
        """Delete all that is held of a learner. Returns how many attempts there were."""
        with self._store.delete() as connection:
            counts = [connection.execute(f"DELETE FROM {table} WHERE learner = ?", (learner,)).rowcount for table in _OF_A_LEARNER]  # noqa: S608
            return counts[0]

    def purge(self, now: datetime, unused: timedelta, most: float = 1.0) -> int:
        """Delete what no one has touched for longer than ``unused``; see `Store.purge`. Returns how many attempts there were."""
        return self._store.purge(_OF_A_LEARNER, "touched", (now - unused).isoformat(), most)

    def keep_place(self, code: str, pathway: str, step: str, now: datetime) -> None:
        """Keep where a reader of a pathway is, under the hash of a code."""
        with self._store.write() as connection:
            connection.execute("INSERT OR REPLACE INTO place VALUES (?, ?, ?, ?)", (code, pathway, step, now.isoformat()))

    def place(self, code: str, since: datetime) -> tuple[str, str] | None:
        """The pathway and step kept under the hash of a code, unless it was kept before ``since``."""
        with self._store.open() as connection:
            row = connection.execute(
                "SELECT pathway, step FROM place WHERE code = ? AND touched >= ?", (code, since.isoformat())
            ).fetchone()
            return (row[0], row[1]) if row else None

    def forget_place(self, code: str) -> None:
        """Delete what is kept under the hash of a code."""
        with self._store.delete() as connection:
            connection.execute("DELETE FROM place WHERE code = ?", (code,))

    def purge_places(self, now: datetime, kept: timedelta, most: float = 1.0) -> int:
        """Delete places kept for longer than ``kept``; see `Store.purge`. Returns how many."""
        return self._store.purge(("place",), "touched", (now - kept).isoformat(), most)


def _attempt(connection: sqlite3.Connection, row: tuple[str, str, str, int, str, int, str, str | None]) -> Attempt:
    responses = connection.execute("SELECT item, chosen, agrees, sure FROM response WHERE attempt = ?", (row[0],)).fetchall()
    return Attempt(
        id=row[0],
        learner=row[1],
        quiz=row[2],
        seed=row[3],
        items=_ITEMS.validate_json(row[4]),
        needed=row[5],
        started=datetime.fromisoformat(row[6]),
        finished=datetime.fromisoformat(row[7]) if row[7] else None,
        given={
            item: Given(tuple(json.loads(chosen)), bool(agrees), None if sure is None else bool(sure))
            for item, chosen, agrees, sure in responses
        },
    )
