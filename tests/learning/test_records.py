import sqlite3
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from unittest.mock import Mock

import pytest

from assistant.learning.attempts import respond, start
from assistant.learning.records import Records
from assistant.learning.store import MIGRATIONS, Store, _write_ahead
from assistant.retention import sweep

NOW = datetime(2026, 11, 22, tzinfo=UTC)


@pytest.fixture
def records(tmp_path):
    return Records(tmp_path / "records.db")


@pytest.fixture
def quiz(small):
    return small.quizzes["small"]


def test_an_attempt_is_kept_and_found_by_its_learner_alone(records, quiz):
    attempt = respond(start(quiz, "me", 1, NOW), quiz.item("s-1"), (1,))
    records.save(attempt, NOW)
    assert records.attempt(attempt.id, "me") == attempt
    assert records.attempt(attempt.id, "you") is None
    assert records.attempts("me", "small") == (attempt,)


def test_a_kept_response_is_not_changed_by_a_second_tab(records, quiz):
    attempt = start(quiz, "me", 1, NOW)
    records.save(respond(attempt, quiz.item("s-2"), (1,)), NOW)
    records.save(respond(attempt, quiz.item("s-2"), (0,)), NOW)
    assert records.attempt(attempt.id, "me").given["s-2"].response == (1,)


def test_two_hundred_at_once_lose_nothing(records, quiz):
    attempts = [start(quiz, f"learner-{i}", i, NOW) for i in range(200)]
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda a: records.save(respond(a, quiz.item("s-1"), (1,)), NOW), attempts))
    assert all(records.attempt(a.id, a.learner).given["s-1"].agrees for a in attempts)


def test_forgetting_leaves_no_trace_in_the_file_SP07(records, quiz):
    attempt = start(quiz, "unmistakable-learner", 1, NOW)
    records.save(attempt, NOW)
    assert records.forget("unmistakable-learner") == 1
    held = b"".join(path.read_bytes() for path in records.path.parent.iterdir())
    assert b"unmistakable-learner" not in held


def test_what_is_unused_for_a_year_is_deleted_SP06(records, quiz):
    records.save(start(quiz, "old", 1, NOW), NOW - timedelta(days=400))
    records.save(start(quiz, "new", 1, NOW), NOW)
    records.keep_place("kept", "family", "what", NOW - timedelta(days=31))
    records.read_lesson("old", "m", "l", NOW - timedelta(days=400))
    found = sweep(records.path, NOW)
    assert found == [
        "Quiz attempts deleted: 1.",
        "Places in pathways deleted: 1.",
        "Certificate records deleted: 0.",
        "Counts of help shown deleted: 0.",
    ]
    assert not records.lessons("old", "m")
    assert records.attempts("new", "small")


def test_more_than_a_fifth_waits_for_a_person_SP07_SR08(records, quiz):
    for number in range(30):
        records.save(start(quiz, f"learner-{number}", 1, NOW), NOW)
    later = NOW + timedelta(days=3650)
    waiting = sweep(records.path, later)[0]
    assert waiting.startswith("Quiz attempts: 30 of 30 are due")
    assert records.attempts("learner-7", "small")
    assert sweep(records.path, later, whole=True)[0] == "Quiz attempts deleted: 30."
    assert not records.attempts("learner-7", "small")


@pytest.mark.parametrize("done", range(len(MIGRATIONS)))
def test_a_migration_that_was_cut_is_taken_up_again_SR07(tmp_path, quiz, done):
    path = tmp_path / "records.db"
    with sqlite3.connect(path) as connection:
        for statement in MIGRATIONS[:done]:
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version={done}")
    connection.close()
    records = Records(path)
    records.save(start(quiz, "me", 1, NOW), NOW)
    assert records.attempts("me", "small")


def test_a_place_is_found_until_it_is_too_old_or_forgotten_B7(records):
    records.keep_place("kept", "family", "what", NOW)
    assert records.place("kept", NOW - timedelta(days=30)) == ("family", "what")
    assert records.place("kept", NOW + timedelta(seconds=1)) is None
    assert records.place("other", NOW - timedelta(days=30)) is None
    records.forget_place("kept")
    assert records.place("kept", NOW - timedelta(days=30)) is None


def test_lessons_are_kept_of_one_learner(records):
    records.read_lesson("me", "module", "one", NOW)
    records.read_lesson("me", "module", "one", NOW)
    assert records.lessons("me", "module") == {"one"}
    assert records.lessons("you", "module") == frozenset()


def test_missed_items_come_back_unless_that_is_switched_off(records):
    records.schedule("me", "quiz", "item", "{}", NOW, NOW)
    assert records.due("me", NOW) == (("quiz", "item", "{}"),)
    assert records.due("me", NOW - timedelta(seconds=1)) == ()
    assert records.next_due("me") == NOW
    records.switch_revision("me", NOW, on=False)
    assert not records.revises("me")
    records.schedule("me", "quiz", "item", "{}", NOW, NOW)
    assert records.due("me", NOW) == ()
    records.switch_revision("me", NOW, on=True)
    assert records.revises("me")


def test_a_learner_comes_back_with_a_code_until_it_is_forgotten(records):
    records.keep_learner("kept", "me", NOW)
    assert records.learner("kept", NOW - timedelta(days=1)) == "me"
    assert records.learner("kept", NOW + timedelta(days=1)) is None
    records.forget("me")
    assert records.learner("kept", NOW - timedelta(days=1)) is None


def test_a_new_file_is_opened_by_many_at_once(tmp_path):
    def opened(number):
        with Store(tmp_path / f"{number // 8}.db").write():
            return True

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(opened, range(160)))


@pytest.mark.parametrize(("code", "told"), [(sqlite3.SQLITE_BUSY, 3), (sqlite3.SQLITE_NOTADB, 1)])
def test_only_a_busy_file_is_tried_again(code, told):
    fault = sqlite3.OperationalError("no")
    fault.sqlite_errorcode = code
    connection = Mock()
    connection.execute.side_effect = [fault, fault, None]
    if code == sqlite3.SQLITE_BUSY:
        _write_ahead(connection, 10)
    else:
        with pytest.raises(sqlite3.OperationalError):
            _write_ahead(connection, 10)
    assert connection.execute.call_count == told
