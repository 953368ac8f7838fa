from dataclasses import replace

import pytest

from assistant.meanings import Meanings, explained


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("What does the acronym LADO stand for?", "lado"),
        ("What's a MARAC", "marac"),
        ("trauma-informed meaning", "trauma informed"),
        ("Beth yw OASys?", "oasys"),
        ("When is the inquest?", "when is the inquest"),
    ],
)
def test_a_text_may_ask_for_a_meaning_alone_A13(text, asked):
    assert explained(text) == asked


def test_what_a_word_means_is_no_card_that_only_the_bare_word_asks_for_A13(library):
    meanings = Meanings(tuple(library.terms.values()))
    card = replace(next(iter(library.cards.values())), asks=("PII",))
    assert meanings.explained_by(card, "PII")
    assert meanings.explained_by(card, "who pays")
    assert not meanings.explained_by(card, "what does PII mean")
    assert meanings.explained_by(replace(card, asks=("what is PII",)), "what does PII mean")


def test_what_a_word_means_may_be_asked_after_something_is_told_A13(library):
    meanings = Meanings(tuple(library.terms.values()))
    (panel,) = meanings.asked("what is a review panel")
    assert meanings.asked("I can't sleep since the letter came. What is a review panel?") == (panel,)
    assert meanings.asked("I can't sleep since the letter came. Who sits on the review panel?") == ()
