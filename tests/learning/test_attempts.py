from datetime import UTC, datetime

import pytest

from assistant.learning.attempts import finish, respond, score, start

NOW = datetime(2026, 11, 22, tzinfo=UTC)


@pytest.fixture
def quiz(small):
    return small.quizzes["small"]


def right(item):
    return tuple(i for i, option in enumerate(item.options) if option.right) or tuple(range(len(item.options)))


def test_an_attempt_goes_through_its_items_and_is_scored(quiz):
    attempt = start(quiz, "learner", 7, NOW)
    for item_id, _ in attempt.items:
        assert attempt.finished is None
        attempt = finish(respond(attempt, quiz.item(item_id), right(quiz.item(item_id))), NOW)
    found = score(attempt, quiz)
    assert attempt.finished == NOW
    assert (found.agreed, found.total, found.needed, found.reached) == (4, 4, 3, True)
    assert sum(asked for _, _, asked in found.objectives) == 4


def test_a_second_response_changes_nothing(quiz):
    attempt = start(quiz, "learner", 7, NOW)
    item = quiz.item("s-2")
    once = respond(attempt, item, (1,))
    assert respond(once, item, (0,)) == once
    assert once.given["s-2"].agrees is False


def test_an_item_of_another_attempt_is_refused(quiz):
    import dataclasses

    attempt = dataclasses.replace(start(quiz, "learner", 7, NOW), items=())
    with pytest.raises(ValueError, match="attempt"):
        respond(attempt, quiz.item("s-1"), (0,))


def test_old_marks_survive_a_changed_bank(quiz):
    import dataclasses

    attempt = respond(start(quiz, "learner", 7, NOW), quiz.item("s-1"), (1,))
    flipped = tuple(dataclasses.replace(o, right=not o.right) for o in quiz.item("s-1").options)
    changed = dataclasses.replace(quiz, items=tuple(dataclasses.replace(i, options=flipped) if i.id == "s-1" else i for i in quiz.items))
    assert score(attempt, changed).agreed == 1
