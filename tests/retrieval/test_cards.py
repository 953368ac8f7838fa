import dataclasses
from collections import Counter

import numpy as np
import pytest

from assistant import bootstrap
from assistant.domain.answers import Question
from assistant.domain.guidance import Role
from assistant.retrieval import cards
from assistant.retrieval.cards import DRAWN_FIT, FIT, CardMatcher, Features, Look

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


def test_gaps_that_are_likelier_than_not_name_the_nearest_of_them_though_a_card_is_nearer(assembly, library, monkeypatch):
    texts = [f"{card.asks[1]} please" for card in list(library.cards.values())[::9]]
    monkeypatch.setattr(cards, "MISSING", 1.0)
    texts = [text for text in texts if match(assembly, text).gap is None]
    monkeypatch.setattr(cards, "MISSING", 0.0)
    found = [match(assembly, text) for text in texts]
    assert any(one.gap_nearest > 0.35 for one in found)
    assert all((one.gap is not None) is (one.gap_nearest > 0.35) for one in found)


@pytest.mark.parametrize("language", ["en", "cy"])
def test_a_way_of_asking_word_for_word_is_answered_by_its_card(assembly, library, language):
    retriever, matcher = assembly.retriever, assembly.answerer._cards
    tried = [(ask, card) for card in library.cards.values() for ask in card.asks[1:] if (ask in card.foreign) is (language != "en")]
    assert tried
    # By the vector of something else it is no likely card.
    vector, space = retriever.encode(["something else"])[0], retriever.space(foreign=False)
    assert all(matcher.match(ask, vector, space, None, None).card.id == card.id for ask, card in tried[::9])


def test_no_card_written_for_others_stands_beside_one_written_for_who_asks(assembly, library, monkeypatch):
    retriever, matcher = assembly.retriever, assembly.answerer._cards
    monkeypatch.setattr(cards, "CLEAR", 1.0)
    monkeypatch.setattr(cards, "SECOND", 0.0)
    monkeypatch.setattr(cards, "SHARE", 0.0)
    asks = [card.asks[1].rstrip("?") + " please" for card in list(library.cards.values())[::9]]
    space, kinds = retriever.space(foreign=False), Counter()
    for ask, vector in zip(asks, retriever.encode(asks), strict=True):
        for role in Role:
            found = matcher.match(ask, vector, space, role, None)
            kinds[role in found.card.roles, found.second is None or role in found.second.roles, found.second is None] += 1
            assert found.together > found.sure
    assert not kinds[True, False, False]
    assert min(kinds[True, True, True], kinds[True, True, False], kinds[False, True, False]) > 0


def test_a_way_of_asking_word_for_word_is_weighed_for_one_for_whom_its_card_is_not_written(assembly, library):
    retriever, matcher = assembly.retriever, assembly.answerer._cards
    vector, space = retriever.encode(["something else"])[0], retriever.space(foreign=False)
    tried = [(card, other) for card in library.cards.values() for other in Role if other not in card.roles]
    assert tried
    for card, other in tried[::9]:
        assert matcher.match(card.asks[1], vector, space, other, None).sure < 1.0
        assert matcher.match(card.asks[1], vector, space, min(card.roles), None).sure == 1.0
        asking = card.asks[1], vector
        assert matcher.match("something else", vector, space, min(card.roles), None, asking=asking).sure < 1.0


def look(*chances: float) -> Look:
    return Look(np.zeros(len(chances)), {place: SEEN for place, chance in enumerate(chances) if chance > 0.1}, np.array(chances), 0.0)


def test_after_two_looks_cards_stand_by_what_both_give_them_together():
    assert look(0.5, 0.0, 0.4).sure == {0: 0.5, 2: 0.4}
    told, asking = look(0.5, 0.0, 0.45), look(0.1, 0.6, 0.45)
    # The third is likely to both, so it leads as sure as it is, and what one of them alone found is no surer.
    assert told.sure_with(asking) == {2: 0.45, 0: 0.45, 1: 0.45}
    assert list(told.sure_with(asking)) == [2, 0, 1]
    assert look(0.7, 0.2).sure_with(look(0.3, 0.2)) == {0: 0.7, 1: 0.2}


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


def test_a_likely_card_lends_its_chance_to_what_it_rests_on(assembly, library):
    retriever, matcher = assembly.retriever, assembly.answerer._cards
    asked = library.cards["who-pays"].asks[1]
    vector, space = retriever.encode([asked])[0], retriever.space(foreign=False)
    chances, found = matcher.chances(asked, vector, space, None, None), match(assembly, asked)
    assert len(chances) == len(library.cards) + len(library.gaps)
    assert ((chances >= 0) & (chances <= 1)).all()
    assert matcher.cards[int(chances.argmax())] is found.card
    lent, alone = (
        {hit.passage.id: hit.score for hit in hits} for hits in (retriever.search(asked, chances=chances), retriever.search(asked))
    )
    sections = {f"{p.document}#{p.section}": p.id for p in library.passages if p.id in lent.keys() & alone.keys()}
    resting = [sections[reference] for reference in found.card.evidence if reference in sections]
    assert resting
    assert all(lent[name] > alone[name] for name in resting)
    assert assembly.answerer.search(Question(asked))[0].score == max(lent.values())


def test_without_cards_nothing_is_lent(assembly, library):
    matcher = CardMatcher((), tuple(library.gaps.values()), library.documents, {}, assembly.retriever.index)
    assert matcher.chances("who pays", np.ones(1, np.float32), assembly.retriever.space(foreign=False), None, None) is None


def test_words_that_stand_nowhere_are_counted(assembly, library):
    matcher = bootstrap.make_matcher(library, assembly.retriever.index)
    assert matcher.odd("symptoms of flu") == 1.0
    assert matcher.odd("who is on the panel") == 0.0
    assert matcher.odd("the") == 0.0
