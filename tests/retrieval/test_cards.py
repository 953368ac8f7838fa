import dataclasses

import pytest

from assistant import bootstrap
from assistant.domain.guidance import Role
from assistant.retrieval import cards
from assistant.retrieval.cards import DRAWN_FIT, FIT, Features

SEEN = Features(covered=0.8, role=0.0, again=0.5, reply=0.4, chosen=-2.0, gap_ahead=-0.2)


def match(assembly, text):
    retriever = assembly.retriever
    return assembly.answerer._cards.match(text, retriever.encode([text])[0], retriever.space(foreign=False), None, None)


def test_the_words_of_a_card_find_it(assembly, library):
    tried = list(library.cards.values())[::5]
    found = sum(match(assembly, card.asks[1]).card.id == card.id for card in tried)
    assert found > 0.8 * len(tried)


def test_a_known_gap_is_nearer_than_a_card(assembly, library):
    tried = list(library.gaps.values())[::5]
    found = [match(assembly, gap.asks[0]).gap for gap in tried]
    assert sum(one is not None and one.id == gap.id for one, gap in zip(found, tried, strict=True)) > 0.8 * len(tried)


def test_no_card_is_believed_where_a_known_gap_is_likelier_than_all(assembly, library, monkeypatch):
    ask = next(iter(library.cards.values())).asks[1]
    gap = next(iter(library.gaps.values())).asks[0]
    monkeypatch.setattr(cards, "MISSING", 0.0)
    assert match(assembly, f"{gap} please").together == 0.0
    assert match(assembly, ask).together == 1.0
    monkeypatch.setattr(cards, "MISSING", 1.0)
    assert match(assembly, f"{gap} please").together > 0.0


@pytest.mark.parametrize("language", ["en", "cy"])
def test_a_way_of_asking_word_for_word_is_answered_by_its_card(assembly, library, language):
    retriever, matcher = assembly.retriever, assembly.answerer._cards
    tried = [(ask, card) for card in library.cards.values() for ask in card.asks[1:] if (ask in card.foreign) is (language != "en")]
    assert tried
    # By the vector of something else it is no likely card.
    vector, space = retriever.encode(["something else"])[0], retriever.space(foreign=False)
    assert all(matcher.match(ask, vector, space, None, None).card.id == card.id for ask, card in tried[::9])


def test_a_way_of_asking_word_for_word_is_weighed_for_one_for_whom_its_card_is_not_written(assembly, library):
    retriever, matcher = assembly.retriever, assembly.answerer._cards
    vector, space = retriever.encode(["something else"])[0], retriever.space(foreign=False)
    tried = [(card, other) for card in library.cards.values() for other in Role if other not in card.roles]
    assert tried
    for card, other in tried[::9]:
        assert matcher.match(card.asks[1], vector, space, other, None).sure < 1.0
        assert matcher.match(card.asks[1], vector, space, min(card.roles), None).sure == 1.0


@pytest.mark.parametrize("fit", [FIT, DRAWN_FIT])
@pytest.mark.parametrize(
    ("better", "change"),
    [
        (True, {"covered": 1.0}),
        (True, {"reply": 0.8}),
        (True, {"role": 1.0}),
        (False, {"gap_ahead": 0.2}),
        (True, {"chosen": -0.1}),
    ],
)
def test_a_match_is_surer_for_what_speaks_for_it(better, change, fit):
    changed = fit.sure(dataclasses.replace(SEEN, **change))
    assert 0 < fit.sure(SEEN) < 1
    assert (changed > fit.sure(SEEN)) is better


def test_words_that_stand_nowhere_are_counted(assembly, library):
    matcher = bootstrap.make_matcher(library, assembly.retriever.index)
    assert matcher.odd("symptoms of flu") == 1.0
    assert matcher.odd("who is on the panel") == 0.0
    assert matcher.odd("the") == 0.0
