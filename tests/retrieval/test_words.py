import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.retrieval.words import Analyser, places, tidy


@pytest.fixture
def analyser():
    found = Analyser({"dhr": ("DHR", "domestic homicide review", "DARDR", "domestic abuse related death review")})
    found.learn(found.tokens("The chair of the partnership decides. The chronology is long."))
    return found


def test_both_names_of_the_review_are_one_concept(analyser):
    assert "=dhr" in analyser.tokens("A domestic homicide review is held")
    assert "=dhr" in analyser.tokens("domestic abuse related death reviews")
    assert "=dhr" in analyser.query_tokens("what is a dardr")


@pytest.mark.parametrize(("asked", "token"), [("section 9", "section 9"), ("s.9(3B)", "section 9(3b)"), ("para 3.12", "paragraph 3.12")])
def test_numbered_places_are_exact(asked, token):
    assert token in places(asked)


@pytest.mark.parametrize("wrong", ["partnrship", "partnershp", "parntership", "chronolgy"])
def test_a_misspelling_is_read_as_the_nearest_word(analyser, wrong):
    right = analyser.query_tokens("partnership" if wrong.startswith("p") else "chronology")
    assert analyser.query_tokens(wrong) == right


def test_composed_and_decomposed_letters_are_the_same():
    assert tidy("café") == tidy("cafe\u0301")


@given(st.text())
def test_any_text_can_be_read(text):
    found = Analyser({"a": ("b c",)})
    found.learn(["hello"])
    assert isinstance(found.query_tokens(text), list)
    assert not any(ord(char) < 32 for char in tidy(text))


def test_a_misspelt_text_is_read_with_the_words_that_are_known():
    spelling = Analyser()
    spelling.learn(
        ["what", "will", "the", "chair", "ask", "me", "what", "will", "the", "panel", "ask", "will", "they", "name", "us", "wall"]
    )
    assert spelling.respelt("wat will the Chiar ask?") == "what will the chair ask?"
    assert spelling.respelt("what will the chair ask me") == "what will the chair ask me"
    assert spelling.respelt("my dog is 9") == "my dog is 9"


def test_short_forms_are_written_out_where_a_text_has_one_that_is_no_lone_letter_or_figure():
    spelling = Analyser()
    spelling.learn(["do", "we", "have", "to", "see", "you", "before", "the", "module", "to", "2", "talk", "them"])
    assert spelling.respelt("do we hav 2 c u b4 module 2") == "do we have to see you before module 2"
    assert spelling.respelt("c u 2") == "c u 2"


def test_a_text_that_is_strange_for_the_most_part_is_left_as_it_is():
    spelling = Analyser()
    spelling.learn(["what", "will", "the", "chair", "ask"])
    assert spelling.respelt("kiedy chaer zapadnie decyzja") == "kiedy chaer zapadnie decyzja"
    assert spelling.respelt("wat chiar") == "what chair"
