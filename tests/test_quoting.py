import pytest

from assistant import quoting
from assistant.domain.guidance import Passage, Sentence
from assistant.quoting import Quoter
from assistant.retrieval.index import build
from assistant.retrieval.search import Retriever
from assistant.retrieval.words import Analyser

BEARS = "A family can ask for changes to the draft."
STRAYS = "Changes of the weather may keep a family at home."
LEANS = "The chair can meet them in another room."


@pytest.fixture
def chosen(encoder, monkeypatch):
    """The sentences quoted of these, where likeness to what is asked leaves none of them out."""
    monkeypatch.setattr(quoting, "NEAR", 1.0)

    def best(asked, *texts, reply="", most=3):
        sentences = tuple(Sentence(text, 100 * i, 100 * i + len(text)) for i, text in enumerate(texts))
        passage = Passage("a#a", "a", "a", ("A",), sentences)
        retriever = Retriever(build([passage], Analyser(), encoder), encoder)
        vectors = retriever.encode([asked, reply])
        replied = vectors[1] if reply else None
        return [c.sentence.text for c in Quoter(retriever).best(asked, vectors[0], [passage], most, reply=reply, replied=replied)]

    return best


def test_a_sentence_that_says_no_more_of_a_reply_or_of_what_is_asked_is_not_quoted_beside_it(chosen):
    assert chosen("family changes", BEARS, STRAYS) == [BEARS, STRAYS]
    assert chosen("family changes", BEARS, STRAYS, reply=BEARS) == [BEARS]


def test_a_sentence_that_says_more_of_what_is_asked_is_quoted_beside_a_reply(chosen):
    assert chosen("does weather change what a family may do", BEARS, STRAYS, reply=BEARS) == [BEARS, STRAYS]


def test_a_sentence_about_them_brings_the_one_before_it(chosen):
    assert chosen("which room does the chair meet them in", BEARS, STRAYS, LEANS, most=1) == [STRAYS, LEANS]
    assert chosen("which room", BEARS, "The chair meets relatives who want a room to them alone.", most=1)[0].startswith("The chair")


def test_what_bears_a_reply_out_is_quoted_however_far_behind_it_is(chosen, monkeypatch):
    monkeypatch.setattr(quoting, "NEAR", 0.0)
    assert chosen(BEARS, BEARS, STRAYS, reply=f"{BEARS} {STRAYS}") == [BEARS, STRAYS]
    assert chosen(BEARS, BEARS, STRAYS, reply=BEARS) == [BEARS]
