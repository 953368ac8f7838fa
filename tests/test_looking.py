import pytest

from assistant import bootstrap
from assistant.domain.answers import Question
from assistant.domain.guidance import Role
from assistant.looking import ASKING, ASKING_FULLY
from assistant.retrieval.cards import CardMatcher
from assistant.retrieval.encoder import between
from assistant.retrieval.index import build
from assistant.retrieval.search import Retriever
from assistant.retrieval.words import ages_told


@pytest.mark.parametrize(
    ("text", "card"),
    [
        ("what does an advocat do", "what-is-advocate"),
        ("who pays for the reviwe", "who-pays"),
        ("wot duz an advocate do pls", "what-is-advocate"),
    ],
)
def test_a_misspelt_question_is_read_as_it_was_meant(assembly, text, card):
    assert assembly.answerer.answer(Question(text)).card == card


def test_a_greeting_and_thanks_are_no_part_of_what_is_asked(assembly):
    answer = assembly.answerer.answer(Question("Dear Sir or Madam, who pays for the review? Kind regards, Ann"))
    assert answer.parts[0].text == "who pays for the review?"
    assert "who-pays" in answer.cards


def test_a_text_that_is_sure_as_a_whole_is_not_answered_by_its_end_alone(assembly):
    assert assembly.answerer.answer(Question("will anyone look into it")).card != "not-died"
    assert assembly.answerer.answer(Question("my sister survived being stabbed, will anyone look into it")).card == "not-died"


@pytest.mark.parametrize(
    ("told", "role"), [("My mum was killed.", Role.FAMILY), ("Our colleague was killed.", Role.EMPLOYERS), ("He was killed.", None)]
)
def test_who_tells_of_a_death_is_answered_as_who_they_are_A12(assembly, monkeypatch, told, role):
    asked = []
    match = CardMatcher.match
    monkeypatch.setattr(CardMatcher, "match", lambda *a, **more: asked.append(a[4]) or match(*a, **more))
    assembly.answerer.answer(Question(f"{told} Do I have to talk to the chair?"))
    assert set(asked) == {role}
    asked.clear()
    assembly.answerer.answer(Question("and do I have to talk to them", history=(told,)))
    assert set(asked) == {role}
    asked.clear()
    assembly.answerer.answer(Question(f"{told} Do I have to talk to the chair?", Role.PRACTITIONERS))
    assert set(asked) == {Role.PRACTITIONERS}


def test_what_is_asked_after_a_story_is_answered(assembly):
    answer = assembly.answerer.answer(Question("We had a grey envelope through the door on Tuesday morning, who pays for the review"))
    assert "who-pays" in answer.cards
    answer = assembly.answerer.answer(Question("A letter came on Tuesday. It is green. who pays for an advocate"))
    assert answer.cards[0] == "advocate-cost"


def test_what_a_story_asks_counts_for_more_the_more_it_says(assembly, monkeypatch):
    told = "My sister was killed in May. The police have been kind."
    counted, mixed = [], between
    monkeypatch.setattr("assistant.looking.between", lambda one, other, share=0.5: counted.append(share) or mixed(one, other, share))
    for asked, share in (("Who decides that?", ASKING), ("Who pays for an advocate at the coroner's inquest?", ASKING_FULLY)):
        counted.clear()
        assembly.answerer.answer(Question(f"{told} {asked}", Role.FAMILY))
        assert counted == [share]


@pytest.mark.parametrize("opening", ["My cousin was 17. Her boyfriend stabbed her.", "She was 15 when he killed her. It was in the news."])
def test_an_age_that_a_story_tells_rules_out_answers_about_other_ages(assembly, library, opening):
    told = ages_told(opening)
    others = {card.id for card in library.cards.values() if card.ages and told.isdisjoint(card.ages)}
    assert others
    for asked in [ask for card in library.cards.values() if card.id in others for ask in card.asks][:40]:
        if not ages_told(asked):
            assert others.isdisjoint(assembly.answerer.answer(Question(f"{opening} {asked[0].upper()}{asked[1:]}?", Role.FAMILY)).cards)


def test_a_later_part_that_leans_is_looked_up_with_what_was_told(assembly, monkeypatch):
    encoded, encode = [], Retriever.encode
    monkeypatch.setattr(Retriever, "encode", lambda self, texts: encoded.extend(texts) or encode(self, texts))
    assembly.answerer.answer(Question("They said no. We were upset. Who decides that, and can we challenge it? Who pays for an advocate?"))
    assert "They said no. We were upset. can we challenge it?" in encoded
    assert not any(text.startswith("They said no.") and text.endswith("an advocate?") for text in encoded if text.count("?") == 1)


def test_a_later_part_that_leans_on_a_term_is_looked_up_with_it_A7(assembly, monkeypatch):
    encoded, encode = [], Retriever.encode
    monkeypatch.setattr(Retriever, "encode", lambda self, texts: encoded.extend(texts) or encode(self, texts))
    answer = assembly.answerer.answer(Question("what's a LADO, and can we ring one? Who pays the chair?"))
    assert [part.text for part in answer.parts] == ["what's a LADO", "can we ring one?", "Who pays the chair?"]
    assert any(text.endswith(": can we ring one?") for text in encoded)
    assert "Who pays the chair?" in encoded


def test_a_follow_up_is_looked_up_after_the_whole_question_that_it_follows_too_A9(assembly):
    answer = assembly.answerer.answer(Question("who helps them with that", Role.FAMILY, history=("may my children meet the chair",)))
    assert answer.topic == "Chair"
    assert "kids-help" in answer.cards


@pytest.mark.parametrize(
    ("before", "text", "of_site"),
    [("What stays private", "is it free", False), ("Is this site free to use?", "is it free", True)],
)
@pytest.mark.parametrize("has_model", [True, False])
def test_what_leans_on_something_else_is_not_about_this_site_A9(assembly, library, before, text, of_site, has_model):
    answerer = assembly.answerer
    if not has_model:
        index = build(library.passages, bootstrap.analyser(library), None, authored=bootstrap.texts(library))
        answerer = bootstrap.make_answerer(library, Retriever(index, None))
    found = answerer.answer(Question(text, history=(before,))).nearest
    assert any(place.startswith(("this-site#", "cards-family#site-")) for place in found) is of_site


def test_a_third_question_is_looked_up_after_the_second_too_A9(assembly, monkeypatch):
    looked, match = [], CardMatcher.match
    monkeypatch.setattr(CardMatcher, "match", lambda self, text, *rest, **how: (looked.append(text), match(self, text, *rest, **how))[1])
    assembly.answerer.answer(Question("who signs it off", history=("What is an IMR?", "who writes it")))
    assert "What is an IMR? who signs it off" in looked
    assert "What is an IMR? who writes it. who signs it off" in looked


def test_a_part_is_also_looked_up_with_what_it_leans_on_A7(assembly):
    answer = assembly.answerer.answer(Question("what is an IMR and who checks and signs it"))
    assert [part.card for part in answer.parts] == ["imr-what", "imr-signoff"]
    assert assembly.answerer.answer(Question("who checks and signs it")).card != "imr-signoff"


@pytest.mark.parametrize("asked", ["Is there going to be a review?", "would they hold a DHR", "So is that a domestic homicide review?"])
def test_whether_there_is_a_review_of_what_is_told_is_asked_of_what_is_told(assembly, asked):
    told = "Her lodger killed her."
    plainly = assembly.answerer.answer(Question(f"{told} Is that reviewed?", Role.FAMILY)).cards
    assert plainly
    assert assembly.answerer.answer(Question(f"{told} {asked}", Role.FAMILY)).cards == plainly
    assert assembly.answerer.answer(Question(asked, Role.FAMILY, history=(told,))).cards == plainly
