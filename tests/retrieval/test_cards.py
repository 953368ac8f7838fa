import numpy as np

from assistant.retrieval.cards import Fit, _logistic


def match(assembly, text):
    vector = assembly.retriever.encode([text])[0]
    return assembly.answerer._cards.match(text, vector, None, None)


def test_the_words_of_a_card_find_it(assembly, library):
    tried = list(library.cards.values())[::3]
    found = sum(match(assembly, card.asks[1]).card.id == card.id for card in tried)
    assert found > 0.8 * len(tried)


def test_a_known_gap_is_nearer_than_a_card(assembly):
    assert match(assembly, "how to bake bread").gap.id == "cooking"


def test_the_fit_learns_a_plain_rule():
    rows = np.array([[0.0], [0.2], [0.8], [1.0]] * 10)
    fit = _logistic(rows, np.array([0.0, 0.0, 1.0, 1.0] * 10), np.ones(40))
    assert isinstance(fit, Fit)
    assert fit.sure(np.array([1.0])) > 0.8 > 0.2 > fit.sure(np.array([0.0]))
