import pytest

from assistant import bootstrap
from assistant.domain.guidance import Nation, Role
from assistant.retrieval.index import build
from assistant.retrieval.search import Retriever


def test_the_passage_that_says_it_comes_first(assembly):
    found = assembly.retriever.search("what is an individual management review")[:3]
    assert "imr" in {hit.passage.document for hit in found}


def test_words_alone_are_enough_to_search(library):
    retriever = Retriever(build(library.passages, bootstrap.analyser(library), None), None)
    assert not retriever.has_model
    assert retriever.search("section 9 bodies listed")[0].passage.document == "the-law"


def test_replaced_texts_are_left_out_unless_asked_for(small, encoder):
    retriever = Retriever(build(small.passages, bootstrap.analyser(small), encoder), encoder)
    assert not any(hit.passage.document == "old-fees" for hit in retriever.search("old fee one pound"))
    assert retriever.search("old fee one pound", current_only=False)[0].passage.document == "old-fees"


def test_role_and_nation_move_and_never_hide(assembly):
    plain = {h.passage.id for h in assembly.retriever.search("who decides", limit=1000)}
    asked = {h.passage.id for h in assembly.retriever.search("who decides", limit=1000, role=Role.FAMILY, nation=Nation.ENGLAND)}
    assert plain == asked


@pytest.mark.parametrize("text", ["", "   ", "?!", "\0", "\ud800", "a" * 10_000, "или", "🙂"])
def test_odd_texts_are_harmless(assembly, text):
    assert isinstance(assembly.retriever.search(text), tuple)


def test_the_same_question_gives_the_same_hits(assembly):
    assert assembly.retriever.search("how long") == assembly.retriever.search("how long")
