import dataclasses
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
    for item in attempt.items:
        assert attempt.finished is None
        attempt = finish(respond(attempt, item, right(item)), NOW)
    found = score(attempt)
    assert attempt.finished == NOW
    assert (found.agreed, found.total, found.needed, found.reached) == (4, 4, 3, True)
    assert sum(asked for _, _, asked in found.objectives) == 4
    assert attempt.differing == ()


def test_a_second_response_changes_nothing(quiz):
    attempt = start(quiz, "learner", 7, NOW)
    item = quiz.item("s-2")
    once = respond(attempt, item, (1,), sure=True)
    assert respond(once, item, (0,)) == once
    assert once.given["s-2"].agrees is False
    assert once.given["s-2"].sure is True
    assert once.differing == (item,)


def test_an_item_of_another_attempt_is_refused(quiz):
    attempt = dataclasses.replace(start(quiz, "learner", 7, NOW), items=())
    with pytest.raises(ValueError, match="attempt"):
        respond(attempt, quiz.item("s-1"), (0,))


def test_items_are_frozen_as_they_were_met_C6(quiz):
    attempt = start(quiz, "learner", 7, NOW)
    changed = dataclasses.replace(quiz.item("s-1"), stem={"en": "Other words."})
    with pytest.raises(ValueError, match="attempt"):
        respond(attempt, changed, (0,))
    assert quiz.item("s-1") in attempt.items


def test_items_that_were_seen_come_last(quiz):
    half = dataclasses.replace(quiz, draw=2)
    first = start(half, "learner", 1, NOW)
    second = start(half, "learner", 2, NOW, [item.id for item in first.items])
    assert not {item.id for item in first.items} & {item.id for item in second.items}
