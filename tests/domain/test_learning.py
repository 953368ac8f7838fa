import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.domain.learning import Item, ItemKind, Option, draw, mark, option_order


def item(kind, *right):
    options = tuple(Option({"en": str(i)}, {"en": "why"}, right=i in right) for i in range(4))
    return Item("i", kind, "o", {"en": "stem"}, options, ("d#s",))


@pytest.mark.parametrize(
    ("kind", "right", "response", "agrees"),
    [
        (ItemKind.SINGLE_CHOICE, (1,), (1,), True),
        (ItemKind.SINGLE_CHOICE, (1,), (2,), False),
        (ItemKind.MULTIPLE_CHOICE, (0, 2), (2, 0), True),
        (ItemKind.MULTIPLE_CHOICE, (0, 2), (0,), False),
        (ItemKind.MULTIPLE_CHOICE, (0, 2), (0, 1, 2), False),
        (ItemKind.ORDER, (), (0, 1, 2, 3), True),
        (ItemKind.ORDER, (), (1, 0, 2, 3), False),
        (ItemKind.MATCH, (), (0, 1, 2, 3), True),
        (ItemKind.MATCH, (), (0, 1, 2, 2), False),
    ],
)
def test_a_response_is_marked_against_the_guidance(kind, right, response, agrees):
    assert mark(item(kind, *right), response).agrees is agrees


@pytest.mark.parametrize("response", [(), (4,), (-1,)])
def test_a_response_outside_the_item_is_refused(response):
    with pytest.raises(ValueError, match="options"):
        mark(item(ItemKind.SINGLE_CHOICE, 0), response)


@given(st.integers(0, 2**32))
def test_a_draw_is_even_over_objectives_and_the_same_for_a_seed(seed):
    from assistant.content.folder import load
    from tests.conftest import FIXTURE

    quiz = load(FIXTURE).quizzes["small"]
    drawn = draw(quiz, seed)
    assert drawn == draw(quiz, seed)
    counts = [sum(i.objective == objective for i in drawn) for objective in quiz.objectives]
    assert max(counts) - min(counts) <= 1


def test_items_not_met_before_come_first(small):
    quiz = small.quizzes["small"]
    import dataclasses

    half = dataclasses.replace(quiz, draw=2)
    first = draw(half, 1)
    second = draw(half, 2, seen=[i.id for i in first])
    assert not {i.id for i in first} & {i.id for i in second}


def test_true_and_false_keep_their_order(small):
    found = small.quizzes["small"].item("s-1")
    assert all(option_order(found, seed) == (0, 1) for seed in range(20))
