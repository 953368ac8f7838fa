from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant import bootstrap
from assistant.domain.answers import NOT_COVERED, Help, Outcome, Question, Route
from assistant.domain.guidance import Nation, Role
from assistant.evaluation.golden import HELD, judge, read_golden
from assistant.retrieval.cards import CardMatcher, Match
from assistant.retrieval.encoder import between
from assistant.retrieval.index import build
from assistant.retrieval.search import Retriever
from assistant.retrieval.words import ages_told
from tests.conftest import HOME

TEXTS = {}


def stands_in_its_file(library, cited):
    path = library.files[cited.citation.document]
    text = TEXTS.setdefault(path, path.read_text(encoding="utf-8"))
    return " ".join(text[cited.citation.start : cited.citation.end].split()) == " ".join(cited.sentence.text.split())


def asked(library):
    golden = (HOME / "tests" / "golden" / "questions.txt").read_text(encoding="utf-8").splitlines()
    return [line.split("|")[1] for line in golden if "|" in line]


def test_every_sentence_shown_stands_in_the_cited_file_A1(assembly, library):
    for text in asked(library):
        answer = assembly.answerer.answer(Question(text))
        assert all(stands_in_its_file(library, cited) for cited in answer.sentences), text


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    words=st.lists(
        st.sampled_from(
            [
                "who",
                "what",
                "when",
                "review",
                "chair",
                "panel",
                "family",
                "report",
                "names",
                "how",
                "long",
                "trial",
                "inquest",
                "suicide",
                "not",
                "IMR",
                "s.9",
                "the",
                "of",
                "is",
                "a",
                "pay",
            ]
        ),
        max_size=14,
    )
)
def test_any_question_shows_only_stored_sentences_A1(assembly, library, words):
    answer = assembly.answerer.answer(Question(" ".join(words)))
    assert all(stands_in_its_file(library, cited) for cited in answer.sentences)
    assert (answer.outcome is Outcome.DECLINED) == (not answer.sentences)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=1500))
def test_no_text_breaks_it_SS11(assembly, text):
    assert assembly.answerer.answer(Question(text, history=(text,))).outcome in Outcome


def test_the_same_question_gives_the_same_answer_SA01(assembly):
    assert assembly.answerer.answer(Question("who pays")) == assembly.answerer.answer(Question("who pays"))


def test_a_card_is_shown_with_its_evidence(assembly):
    answer = assembly.answerer.answer(Question("Who pays for the review?"))
    assert answer.card == "who-pays"
    assert any(cited.ours for cited in answer.sentences)
    assert any(not cited.ours for cited in answer.sentences)


def test_where_two_answers_are_nearly_as_likely_both_are_shown(assembly):
    answer = assembly.answerer.answer(Question("who sees the report first"))
    assert len(set(answer.cards)) == 2
    part = answer.parts[0]
    for shown in (part, part.also):
        assert any(cited.ours for cited in shown.sentences)
        assert sum(not cited.ours for cited in shown.sentences) == 1
    quoted = [cited.citation for cited in answer.sentences if not cited.ours]
    assert len(quoted) == len(set(quoted)) == 2


def test_what_only_tells_something_is_not_a_part_without_an_answer(assembly):
    answer = assembly.answerer.answer(Question("I am her sister and how long does a review take"))
    assert [part.card for part in answer.parts] == ["how-long"]


@pytest.mark.parametrize(
    ("text", "nation", "card"),
    [
        ("who decides", None, "who-decides"),
        ("who decides", Nation.ENGLAND, "who-decides"),
        ("who decides", Nation.WALES, "susr-process"),
        ("who decides in Cardiff", None, "susr-process"),
        ("who picks the chair", Nation.WALES, "boards-wales"),
    ],
)
def test_what_differs_in_wales_is_answered_for_wales_A12(assembly, text, nation, card):
    assert assembly.answerer.answer(Question(text, nation=nation)).card == card


def test_wales_named_before_holds_for_a_question_that_leans_on_it_A12(assembly):
    asked = Question("and who decides if it is reviewed?", Role.FAMILY, history=("My sister was killed in Swansea.",))
    assert "susr-process" in assembly.answerer.answer(asked).cards


@pytest.mark.parametrize("text", ["who picks the chair in England and Wales", "who picks the chair in Leeds if I live in Cardiff"])
def test_wales_beside_a_place_in_england_is_not_wales_alone_A12(assembly, text):
    assert "who-picks-chair" in assembly.answerer.answer(Question(text)).cards


def test_what_is_taken_out_as_a_name_leaves_a_question_that_is_not_covered(assembly):
    answer = assembly.answerer.answer(Question("What is Operation Encompass?"))
    assert (answer.outcome, answer.reason, answer.masked) == (Outcome.DECLINED, NOT_COVERED, True)


def test_an_office_named_in_another_language_is_no_one_s_name(assembly):
    assert not assembly.answerer.answer(Question("Beth mae'r Swyddfa Gartref yn ei wneud?", language="cy")).masked
    assert assembly.answerer.answer(Question("Beth mae Glenys Prosser yn ei wneud?", language="cy")).masked


def test_between_two_vectors_stands_one_as_long_as_the_first():
    one, other = np.array([2.0, 0.0], np.float32), np.array([0.0, 2.0], np.float32)
    assert np.allclose(between(one, other), [2**0.5, 2**0.5])
    assert np.allclose(between(one, one), one)
    assert np.allclose(between(one, other, 0.0), one)
    assert between(one, other, 0.25)[0] > between(one, other, 0.5)[0]


@pytest.mark.parametrize(
    ("text", "ages"),
    [
        ("My son was 15", {15}),
        ("she'd just turned sixteen", {16}),
        ("he is a 17-year-old, her sister was 9", {9, 17}),
        ("killed aged 3 and her mum", {3}),
        ("she was 17yo", {17}),
        ("it was 3 years ago", set()),
        ("we were told it was 6 weeks", set()),
        ("are people under 16 included", set(range(16))),
        ("is a child younger than four counted", {0, 1, 2, 3}),
        ("we heard in under 5 years", set()),
        ("section 9 is 2 pages long", {2}),
    ],
)
def test_the_ages_that_are_told_are_read(text, ages):
    assert ages_told(text) == ages


@pytest.mark.parametrize(
    ("text", "card"),
    [
        ("my daughter was 15 when he killed her", "under-16"),
        ("my daughter was 17 when he killed her", "aged-16"),
    ],
)
def test_an_age_is_answered_by_a_card_about_it(assembly, text, card):
    assert assembly.answerer.answer(Question(text, Role.FAMILY)).parts[0].card == card


def test_no_card_about_another_age_is_shown(assembly):
    for text in ("my daughter was 18 when her boyfriend killed her", "my niece was 19, does her death count"):
        (part,) = assembly.answerer.answer(Question(text, Role.FAMILY)).parts
        assert {"under-16", "aged-16"}.isdisjoint({part.card, part.also.card if part.also else None})


def test_what_is_not_held_is_declined_SA05(assembly):
    answer = assembly.answerer.answer(Question("how do volcanoes erupt beneath glaciers"))
    assert (answer.outcome, answer.reason, answer.sentences) == (Outcome.DECLINED, "not_covered", ())
    assert answer.nearest


def test_a_known_gap_is_named_with_what_comes_nearest_to_an_answer(assembly, library):
    (part,) = assembly.answerer.answer(Question("how do i get a non molestation order")).parts
    assert part.gap == "orders"
    assert [passage.partition("/")[0] for passage in part.nearest] == list(library.gaps["orders"].doors)


def test_a_gap_that_names_a_section_which_is_not_there_is_declined_all_the_same(assembly, library):
    lost = replace(library.gaps["orders"], doors=("nowhere#here",))
    answerer = bootstrap.make_answerer(replace(library, gaps={**library.gaps, "orders": lost}), assembly.retriever)
    answer = answerer.answer(Question("how do i get a non molestation order"))
    assert (answer.outcome, answer.parts[0].gap) == (Outcome.DECLINED, "orders")
    assert answer.nearest


def test_a_figure_for_a_year_that_no_evidence_names_is_declined_SA05(assembly):
    asked = "number of domestic homicides in the year to March"
    assert assembly.answerer.answer(Question(f"{asked} 2022")).card == "homicides-earlier"
    assert assembly.answerer.answer(Question(f"{asked} 1987")).outcome is Outcome.DECLINED


def test_the_likely_card_whose_evidence_names_the_year_is_shown(assembly):
    answerer, cards = assembly.answerer, assembly.library.cards
    match = Match(cards["what-is-it"], 0.5, 0.9, None, second=cards["homicides-earlier"], together=0.9)
    found = answerer._of_the_years(match, "how many were there in 2022")
    assert (found.card.id, found.second, round(found.sure, 3), round(found.together, 3)) == ("homicides-earlier", None, 0.4, 0.4)
    assert answerer._of_the_years(match, "how many were there") is match
    assert answerer._of_the_years(match, "how many were there in 1987") is None


@pytest.fixture(scope="module")
def by_words(library):
    """An answerer without a model."""
    index = build(library.passages, bootstrap.analyser(library), None, authored=bootstrap.texts(library))
    return bootstrap.make_answerer(library, Retriever(index, None))


def test_without_a_model_a_question_in_known_words_is_answered_SR03(by_words):
    assert by_words.answer(Question("and who pays for this review then")).card == "who-pays"
    assert by_words.answer(Question("what does IMR mean")).sentences


def test_without_a_model_what_is_told_is_not_taken_for_what_is_asked_SR03(by_words):
    told = "My mum was killed by my stepdad. We have a letter from the council."
    assert by_words.answer(Question(f"{told} who pays for this review, and how long will it take?")).cards == ("who-pays", "how-long")
    assert "in-law" not in by_words.answer(Question(f"{told} Is it real?")).cards


@pytest.mark.parametrize(
    "text", ["executive summary, how long", "what does the panel say about cats", "is there a cheap hotel near the court"]
)
def test_without_a_model_what_only_shares_words_is_declined_SR03(by_words, text):
    answer = by_words.answer(Question(text))
    assert answer.outcome is Outcome.DECLINED
    assert answer.parts[0].nearest


def test_without_cards_passages_that_hold_the_words_are_shown(library, encoder):
    bare = replace(library, cards={}, gaps={}, terms={})
    for has in (encoder, None):
        held = build(library.passages, bootstrap.analyser(bare), has)
        answer = bootstrap.make_answerer(bare, Retriever(held, has)).answer(Question("coroner suspends the investigation for 28 days"))
        assert any("28 days" in cited.sentence.text for cited in answer.sentences)


def test_without_a_model_three_of_four_that_are_shown_are_right_SR03(by_words, library):
    golden = [g for file in sorted((HOME / "tests" / "golden").glob("*.txt")) if file.stem != HELD for g in read_golden(file)]
    judged = Counter(judge(g, by_words.answer(g.question), library.cards) for g in golden)
    assert judged["answered_right"] > 3 * judged["answered_wrong"] > 0


def test_help_is_heard_and_the_question_answered_SF03(assembly):
    answer = assembly.answerer.answer(Question("my husband hits me. who pays for the review"))
    assert answer.alarm.help is Help.ABUSE_DISCLOSURE
    assert answer.outcome is not Outcome.DECLINED


@pytest.mark.parametrize(
    ("text", "card"),
    [
        ("I have picked the day and I am going to kill myself", "life-now"),
        ("he is going to kill me tonight", "abuse-now"),
        ("my stepdad hits me and I am 11", "child-now"),
    ],
)
def test_a_call_that_asks_nothing_meets_where_help_is_and_nothing_else_SF03(assembly, text, card):
    answer = assembly.answerer.answer(Question(text))
    assert answer.outcome is Outcome.ANSWERED
    assert answer.cards == (card,)


@pytest.mark.parametrize(
    ("text", "card", "other"),
    [("he is going to kill me tonight", "abuse-now", False), ("he is going to kill my sister tonight", "someone-hurt", True)],
)
def test_a_call_about_someone_else_meets_what_to_do_for_them_SF05(assembly, text, card, other):
    answer = assembly.answerer.answer(Question(text))
    assert answer.alarm.other is other
    assert answer.cards == (card,)


def test_upset_that_asks_nothing_meets_people_to_talk_to_and_a_question_beside_it_is_not_guessed_SF05(assembly):
    upset = "my heart is broken and the purple kettle only whistles"
    answer = assembly.answerer.answer(Question(upset))
    assert answer.alarm.help is Help.DISTRESS_ONLY
    assert answer.card == "grief-help"
    assert assembly.answerer.answer(Question(f"{upset}. is the zebra for Tuesdays?")).outcome is Outcome.DECLINED


def test_one_who_may_cause_harm_meets_help_for_both_sides_SF05(assembly):
    answer = assembly.answerer.answer(Question("I slapped my wife by the cooker on Tuesday and again in the garden"))
    assert answer.alarm.causing
    assert answer.cards == ("treat-now", "abuse-now")


@pytest.mark.parametrize(
    ("text", "card"),
    [("she hits me and I am scared of what my wife might do", "abuse-now"), ("I'm scared of my own temper", "treat-now")],
)
def test_what_is_for_one_who_harms_stands_below_the_call_of_another_only_where_it_is_asked_for_SF05(assembly, text, card):
    answer = assembly.answerer.answer(Question(text))
    assert answer.alarm.help is Help.ABUSE_DISCLOSURE
    assert not answer.alarm.causing
    assert answer.cards == (card,)


def test_below_help_what_is_surely_asked_is_answered_and_what_is_not_is_not_guessed_SF03(assembly):
    asked = "he is going to kill me tonight. who pays for the review"
    assert assembly.answerer.answer(Question(asked)).card == assembly.answerer.answer(Question("who pays for the review")).card
    unsure = "he is going to kill me tonight. is the purple thing for Tuesdays"
    assert assembly.answerer.answer(Question(unsure)).card == "abuse-now"


def test_personal_details_do_not_reach_the_answer_SP05(assembly):
    answer = assembly.answerer.answer(Question("My name is Zebedee Quux, who pays for the review?"))
    assert answer.masked
    assert "Quux" not in answer.asked


def test_each_part_of_a_question_is_answered_or_not_A7(assembly):
    answer = assembly.answerer.answer(Question("who pays for the review and how do volcanoes erupt beneath glaciers"))
    assert answer.outcome is Outcome.PARTIAL
    assert [bool(part.sentences) for part in answer.parts] == [True, False]


def test_parts_that_one_card_answers_are_one(assembly):
    answer = assembly.answerer.answer(
        Question("who pays for the review? how do volcanoes erupt beneath glaciers and do families have to pay")
    )
    assert [(part.card, part.text) for part in answer.parts] == [
        ("who-pays", "who pays for the review; do families have to pay"),
        (None, "how do volcanoes erupt beneath glaciers"),
    ]


@pytest.mark.parametrize(("more", "quotes"), [("", 3), (" and how do volcanoes erupt beneath glaciers", 2)])
def test_the_more_parts_the_fewer_quotations_each(assembly, more, quotes):
    answer = assembly.answerer.answer(Question(f"who pays for the review{more}"))
    assert sum(not cited.ours for cited in answer.parts[0].sentences) <= quotes
    assert len(answer.parts[0].sentences) > 1


@pytest.mark.parametrize(("role", "first"), [(Role.FRIENDS, "friend-how"), (Role.FAMILY, "ways-to-take-part"), (None, "ways-to-take-part")])
def test_of_two_answers_the_one_for_who_asks_stands_first_A12(assembly, library, monkeypatch, role, first):
    near = Match(library.cards["ways-to-take-part"], 0.4, 0.6, None, second=library.cards["friend-how"], together=0.7)
    monkeypatch.setattr(CardMatcher, "match", lambda *_, **__: near)
    answer = assembly.answerer.answer(Question("writing in place of a talk", role))
    assert answer.cards[0] == first
    assert set(answer.cards) == {"friend-how", "ways-to-take-part"}


@pytest.mark.parametrize(
    ("place", "sections"),
    [("Scotland", {"scotland"}), ("Northern Ireland", {"northern-ireland"}), ("Belfast", {"scotland", "northern-ireland"})],
)
def test_another_country_is_told_of_itself_or_all_are(assembly, place, sections):
    answer = assembly.answerer.answer(Question(f"zyx wvu in {place}"))
    assert answer.route is Route.OUTSIDE
    quoted = {cited.citation.passage.partition("/")[0] for cited in answer.sentences if not cited.ours}
    assert quoted == {f"cross-border#{name}" for name in sections}


def test_an_identity_is_never_given_SA06(assembly):
    answer = assembly.answerer.answer(Question("what is the real name of the woman in the report"))
    assert (answer.outcome, answer.route) == (Outcome.DECLINED, Route.IDENTIFY)


@pytest.mark.parametrize("text", ["", "   ", "???", "12345"])
def test_no_words_is_unclear(assembly, text):
    assert assembly.answerer.answer(Question(text)).route is Route.UNCLEAR


@pytest.mark.parametrize("text", ["LADO", "what does LADO mean?", "what is a local authority designated officer"])
def test_a_word_of_the_subject_is_explained_A13(assembly, library, text):
    answer = assembly.answerer.answer(Question(text))
    assert [cited.citation.passage for cited in answer.sentences] == ["words#lado"]
    assert all(stands_in_its_file(library, cited) for cited in answer.sentences)


@pytest.mark.parametrize(
    "text", ["what's a LADO, she was told to ring one", "They put us on to the LADO. What is that?", "it says ask the LADO what is that"]
)
def test_a_word_asked_after_in_passing_is_explained_A13(assembly, text):
    answer = assembly.answerer.answer(Question(text, Role.FAMILY))
    assert [cited.citation.passage for cited in answer.sentences] == ["words#lado"]


def test_two_words_whose_difference_is_asked_are_explained_side_by_side_A13(assembly):
    answer = assembly.answerer.answer(Question("what's the difference between MARAC and MAPPA"))
    assert [cited.citation.passage for cited in answer.sentences] == ["words#marac", "words#mappa"]


def test_a_card_that_is_asked_for_the_difference_comes_before_the_glossary(assembly):
    assert assembly.answerer.answer(Question("difference between DHR and SAR")).card == "sar"


def test_a_card_that_is_asked_for_the_meaning_comes_before_the_glossary(assembly):
    assert assembly.answerer.answer(Question("what is an imr")).card == "imr-what"


def test_a_question_about_another_country_is_answered_with_what_is_said_of_it(assembly):
    answer = assembly.answerer.answer(Question("who publishes the report in Northern Ireland"))
    assert answer.route is Route.OUTSIDE
    assert {cited.citation.document for cited in answer.sentences if not cited.ours} == {"cross-border"}


def test_english_words_that_stand_nowhere_are_not_taken_for_another_language_SA05(assembly):
    answer = assembly.answerer.answer(Question("what are the symptoms of flu"))
    assert (answer.outcome, answer.reason) == (Outcome.DECLINED, "not_covered")


@pytest.mark.parametrize("role", [None, Role.PRACTITIONERS])
def test_no_card_that_does_not_explain_a_word_stands_where_it_is_asked(assembly, library, role):
    meant = assembly.answerer._meanings.asked
    asks = {card.id: card.asks for card in assembly.answerer._cards.cards}
    for term in library.terms.values():
        text = f"what is {term.name}"
        for card in assembly.answerer.answer(Question(text, role)).cards:
            assert meant(text) in map(meant, asks[card]), (text, card)


def test_a_part_stands_in_the_words_in_which_it_was_asked(assembly):
    answer = assembly.answerer.answer(Question("Her lodger killed her. Would there be a review, and who pays for it?", Role.FAMILY))
    assert [part.text for part in answer.parts] == ["Her lodger killed her. Would there be a review", "who pays for it?"]


def test_an_answer_stands_once_on_a_page(assembly, library, monkeypatch):
    pays, helps = library.cards["who-pays"], library.cards["kids-help"]
    found = {
        "who pays": Match(pays, 0.4, 0.6, None, second=helps, together=0.7),
        "who helps children": Match(helps, 0.9, 0.9, None, together=0.9),
    }
    monkeypatch.setattr(CardMatcher, "match", lambda _, text, *__, **___: found.get(text))
    answer = assembly.answerer.answer(Question("who pays and who helps children", Role.FAMILY))
    assert [(part.card, part.also) for part in answer.parts] == [("who-pays", None), ("kids-help", None)]


def test_a_rule_that_one_part_of_a_question_fits_says_nothing_of_the_others(assembly):
    answer = assembly.answerer.answer(Question("Who is the chair? How do I make a complaint about the police?"))
    assert (answer.route, answer.parts[0].card) == (Route.COMPLAINT, "who-is-chair")
