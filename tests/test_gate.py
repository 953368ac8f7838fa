import pytest

from assistant.gate import GATE, ODD, Gate


@pytest.mark.parametrize(
    ("has_model", "abroad", "odd", "wanted"),
    [
        (True, False, 0.0, GATE.card),
        (True, False, ODD, GATE.card_odd),
        (True, True, ODD, GATE.card_abroad),
        (False, False, 0.0, GATE.words),
        (False, True, 0.0, GATE.words),
        (False, True, ODD, GATE.words_odd),
    ],
)
def test_a_card_needs_more_where_words_are_odd_and_less_from_another_language(has_model, abroad, odd, wanted):
    assert GATE.for_card(has_model=has_model, abroad=abroad, odd=odd) == wanted


@pytest.mark.parametrize(("sign", "answers"), [(0.0, False), (0.4, False), (0.41, True), (2.0, True)])
def test_passages_answer_from_a_probability_on(sign, answers):
    assert Gate(weights=(1.0,), bias=0.0, passages=0.6).for_passages((sign,)) is answers


def test_each_sign_has_its_weight():
    with pytest.raises(ValueError, match="shorter"):
        GATE.for_passages((1.0,))
