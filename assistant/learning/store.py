"""The one SQLite file of a service: numbered migrations, and connections that confirm what they write.

A learner is a random number in a cookie. Writes are confirmed to disk before a page says that they are made.
"""

import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from assistant.errors import StoreFault, TooMuchAtOnce

WAIT = 10.0
"""Seconds to wait for another writer."""
FEW = 20
"""Rows that may always be deleted at once, however small their table is."""

MIGRATIONS = (
    """CREATE TABLE attempt (
        id TEXT PRIMARY KEY, learner TEXT NOT NULL, quiz TEXT NOT NULL, seed INTEGER NOT NULL,
        items TEXT NOT NULL, started TEXT NOT NULL, finished TEXT, touched TEXT NOT NULL)""",
    "CREATE INDEX attempt_learner ON attempt (learner, quiz)",
    """CREATE TABLE response (
        attempt TEXT NOT NULL REFERENCES attempt (id) ON DELETE CASCADE, item TEXT NOT NULL,
        chosen TEXT NOT NULL, agrees INTEGER NOT NULL, PRIMARY KEY (attempt, item)) WITHOUT ROWID""",
    "CREATE TABLE place (code TEXT PRIMARY KEY, pathway TEXT NOT NULL, step TEXT NOT NULL, touched TEXT NOT NULL) WITHOUT ROWID",
    "DELETE FROM attempt",
    "ALTER TABLE attempt ADD COLUMN needed INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE response ADD COLUMN sure INTEGER",
    """CREATE TABLE lesson (
        learner TEXT NOT NULL, module TEXT NOT NULL, lesson TEXT NOT NULL, touched TEXT NOT NULL,
        PRIMARY KEY (learner, module, lesson)) WITHOUT ROWID""",
    """CREATE TABLE revision (
        learner TEXT NOT NULL, quiz TEXT NOT NULL, item TEXT NOT NULL, state TEXT NOT NULL, due TEXT NOT NULL, touched TEXT NOT NULL,
        PRIMARY KEY (learner, quiz, item)) WITHOUT ROWID""",
    "CREATE TABLE unrevised (learner TEXT PRIMARY KEY, touched TEXT NOT NULL) WITHOUT ROWID",
    "CREATE TABLE learner_code (code TEXT PRIMARY KEY, learner TEXT NOT NULL, touched TEXT NOT NULL) WITHOUT ROWID",
    """CREATE TABLE certificate (
        code TEXT PRIMARY KEY, name TEXT NOT NULL, shown TEXT NOT NULL, issued TEXT NOT NULL, revoked TEXT) WITHOUT ROWID""",
    """CREATE TABLE help_shown (
        day TEXT NOT NULL, kind TEXT NOT NULL, language TEXT NOT NULL, shown INTEGER NOT NULL,
        PRIMARY KEY (day, kind, language)) WITHOUT ROWID""",
)


class Store:
    """The file. Each use opens and closes its own connection, so workers share nothing."""

    def __init__(self, path: Path, wait: float = WAIT) -> None:
        self.path = path
        self._wait = wait

    @contextmanager
    def open(self) -> Iterator[sqlite3.Connection]:
        """A connection, with the file at its newest shape.

        Raises:
            StoreFault: the file is locked for too long, damaged, or there is no space; nothing of this use was kept.
        """
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(self.path, timeout=self._wait, isolation_level=None)) as connection:
                _write_ahead(connection, self._wait)
                connection.execute("PRAGMA synchronous=FULL")
                connection.execute("PRAGMA foreign_keys=ON")
                connection.execute("PRAGMA secure_delete=ON")
                _migrate(connection)
                yield connection
        except (sqlite3.DatabaseError, OSError) as fault:
            raise StoreFault(f"The records cannot be used just now ({fault}). Free space, or restore {self.path.name}.") from fault

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """A connection whose statements are kept all together or not at all."""
        with self.open() as connection:
            connection.execute("BEGIN IMMEDIATE")
            yield connection
            connection.execute("COMMIT")

    @contextmanager
    def delete(self) -> Iterator[sqlite3.Connection]:
        """As `write`, and what was deleted leaves no trace in the file."""
        with self.open() as connection:
            connection.execute("BEGIN IMMEDIATE")
            yield connection
            connection.execute("COMMIT")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def purge(self, tables: Sequence[str], column: str, before: str, most: float) -> int:
        """Delete the rows of our own ``tables`` whose ``column`` is before that time. Returns how many the first had.

        Raises:
            TooMuchAtOnce: they are more than `FEW` and more than the share ``most`` of a table; nothing is deleted.
        """
        with self.delete() as connection:
            for table in tables:
                (due,) = connection.execute(f"SELECT count(*) FROM {table} WHERE {column} < ?", (before,)).fetchone()  # noqa: S608
                (held,) = connection.execute(f"SELECT count(*) FROM {table}").fetchone()  # noqa: S608
                if due > max(FEW, most * held):
                    raise TooMuchAtOnce(due, held)
            counts = [connection.execute(f"DELETE FROM {table} WHERE {column} < ?", (before,)).rowcount for table in tables]  # noqa: S608
            return counts[0]


def _write_ahead(connection: sqlite3.Connection, wait: float) -> None:
    """Keep what is written in a log first. Who opens a new file while another does is told "locked" at once, so it is tried again."""
    until = time.monotonic() + wait
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as fault:
            if fault.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(0.01)


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
