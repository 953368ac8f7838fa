import dataclasses

from assistant import bootstrap
from assistant.domain.answers import Question
from tests.conftest import FIXTURE, make_settings


def test_without_an_index_the_site_runs_on_words_and_says_so_SR03(tmp_path):
    found = bootstrap.assemble(make_settings(tmp_path, FIXTURE))
    assert "There is no index yet" in found.notice
    assert found.model is None
    assert found.retriever.search("blue form")[0].passage.document == "fees"


def test_without_a_model_the_site_runs_on_words_and_says_so(tmp_path):
    found = bootstrap.assemble(dataclasses.replace(make_settings(tmp_path, FIXTURE), model="multilingual-e5-small"))
    assert "No model is ready" in found.notice
    assert found.answerer.answer(Question("what colour is the form")).parts


def test_a_damaged_index_is_named_and_the_site_stays_up_SR02(tmp_path):
    settings = make_settings(tmp_path, FIXTURE)
    bootstrap.build_index(settings, bootstrap.load(FIXTURE), lambda _a, _b: None)
    assert bootstrap.assemble(settings).notice == ""
    next(settings.index.glob("*/manifest.json")).write_text("{")
    assert "damaged" in bootstrap.assemble(settings).notice
