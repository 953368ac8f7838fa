from assistant.domain.guidance import Passage, Sentence
from assistant.quoting import Quoter
from assistant.retrieval.index import build
from assistant.retrieval.search import Retriever
from assistant.retrieval.words import Analyser

BEARS = "A family can ask for changes to the draft."
STRAYS = "Changes of the weather may keep a family at home."
PASSAGE = Passage("a#a", "a", "a", ("A",), tuple(Sentence(text, 100 * i, 100 * i + len(text)) for i, text in enumerate((BEARS, STRAYS))))


def chosen(asked, **how):
    quoter = Quoter(Retriever(build([PASSAGE], Analyser(), None), None))
    return [cited.sentence.text for cited in quoter.best(asked, None, [PASSAGE], 3, **how)]


def test_a_sentence_that_bears_out_no_more_of_a_reply_and_says_no_more_of_what_is_asked_is_not_quoted_beside_it():
    assert chosen("family changes") == [BEARS, STRAYS]
    assert chosen("family changes", reply="A family can ask for changes to the draft report.") == [BEARS]


def test_a_sentence_that_says_more_of_what_is_asked_is_quoted_beside_a_reply():
    assert chosen("family changes weather", reply=BEARS) == [STRAYS]
    assert chosen("family changes weather draft", reply=BEARS) == [BEARS, STRAYS]
