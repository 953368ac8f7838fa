"""Telling English from other languages by the vector of a text."""

from dataclasses import replace

import numpy as np
import pytest

from assistant import bootstrap
from assistant.retrieval.index import build
from assistant.retrieval.languages import LanguageIdentifier, fit_languages
from assistant.retrieval.saved import open_saved, save
from assistant.retrieval.search import Retriever

ENGLISH = ("how long does it take", "who pays for it", "the report is late", "she had a friend")
OTHERS = ("jak długo to trwa", "kto płaci za przegląd", "mae'r adroddiad yn hwyr", "am avut o prietenă")


def test_english_is_told_from_other_languages(encoder):
    vectors = encoder.queries([*ENGLISH, *OTHERS])
    told = fit_languages(vectors, ("en",) * 4 + ("pl", "pl", "cy", "ro"))
    assert [told.foreign(vector, 5) for vector in vectors] == [False] * 4 + [True] * 4


@pytest.mark.parametrize("languages", [("en", "en"), ("pl", "cy")])
def test_with_one_kind_alone_nothing_is_told(encoder, languages):
    assert fit_languages(encoder.queries(["who pays", "kto płaci"]), languages) is None


@pytest.mark.parametrize(("value", "words", "foreign"), [(0.0, 3, True), (0.0, 2, False), (2.0, 2, True), (-0.5, 3, False)])
def test_a_name_or_an_initialism_has_to_be_surer(value, words, foreign):
    assert LanguageIdentifier(np.array([1.0, 0.0], np.float32)).foreign(np.array([value, 9.0], np.float32), words) is foreign


def test_what_tells_languages_is_kept_with_the_index(small, encoder, tmp_path):
    ours = bootstrap.texts(small)
    texts = replace(ours, messages=(*ENGLISH, *OTHERS), languages=(*ours.languages, *["en"] * 4, *["xx"] * 4))
    index = build(small.passages, bootstrap.analyser(small), encoder, authored=texts)
    save(index, tmp_path, encoder.identity)
    again = open_saved(tmp_path, small.passages, texts, bootstrap.analyser(small), encoder.identity)
    assert np.array_equal(again.languages.weights, index.languages.weights)
    retriever = Retriever(again, encoder)
    for text in OTHERS:
        assert retriever.foreign(text, "en", retriever.encode([text])[0])
    for text in ENGLISH:
        assert not retriever.foreign(text, "cy", retriever.encode([text])[0])
        assert retriever.foreign(text, "cy")


def test_a_question_in_another_language_is_not_compared_by_words_with_english_passages(small, encoder):
    ours = bootstrap.texts(small)
    texts = replace(ours, messages=(*ENGLISH, *OTHERS), languages=(*ours.languages, *["en"] * 4, *["xx"] * 4))
    retriever = Retriever(build(small.passages, bootstrap.analyser(small), encoder, authored=texts), encoder)
    vector = retriever.encode(["kto płaci za report review"])[0]
    alike = retriever.search("kto płaci za report review", vector=vector, foreign=True)
    other = retriever.search("kto płaci za przegląd", vector=vector, foreign=True)
    assert [hit.score for hit in alike] == [hit.score for hit in other]
