import dataclasses
import json
import os
from pathlib import Path

import pytest

from assistant import bootstrap
from assistant.domain.answers import Question
from assistant.errors import ModelError
from assistant.retrieval.models import CARD, ENGLISH, MULTILINGUAL, SECOND
from tests.conftest import FIXTURE, HOME, make_settings

VAR = Path(os.environ.get("ASSISTANT_DATA", HOME / "var"))


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


def test_an_index_that_stands_is_left_and_one_that_is_damaged_or_made_of_something_else_is_built_anew(tmp_path):
    settings, library = make_settings(tmp_path, FIXTURE), bootstrap.load(FIXTURE)

    def built(library):
        before = (settings.index / "current").read_bytes() if settings.index.exists() else b""
        bootstrap.build_index(settings, library, lambda _a, _b: None)
        return (settings.index / "current").read_bytes() != before

    assert built(library)
    assert not built(library)
    next(settings.index.glob("*/manifest.json")).write_text("{}")
    assert built(library)
    assert not built(library)
    more = dataclasses.replace(library.signals, plain=("moorland",))
    assert built(dataclasses.replace(library, signals=more))
    assert built(library)


@pytest.mark.model
@pytest.mark.filterwarnings("ignore")
def test_a_corpus_is_indexed_and_opened_with_the_real_model(tmp_path):
    if not (VAR / "models" / MULTILINGUAL.name).is_dir():
        assert not os.environ.get("CI"), "the model is missing"
        pytest.skip("The model is not here. Run: ./dev up")
    settings = dataclasses.replace(make_settings(tmp_path, FIXTURE), model=MULTILINGUAL.name)
    settings.models.mkdir(parents=True)
    (settings.models / MULTILINGUAL.name).symlink_to((VAR / "models" / MULTILINGUAL.name).resolve())
    library = bootstrap.load(FIXTURE)
    encoded = []

    def counted(done, _all):
        encoded.append(done)

    assert bootstrap.build_index(settings, library, counted) == len(library.passages)
    assert encoded
    encoded.clear()
    assert bootstrap.build_index(settings, library, counted) == len(library.passages)
    assert encoded == []
    found = bootstrap.assemble(settings)
    assert (found.notice, found.retriever.has_model) == ("", True)
    assert found.model["name"] == MULTILINGUAL.name
    assert found.retriever.search("pa liw yw'r ffurflen", language="cy")[0].passage.document == "fees"


def test_a_model_setting_that_names_a_folder_is_used(tmp_path):
    settings = dataclasses.replace(make_settings(tmp_path, FIXTURE), model=str(tmp_path / "own"))
    assert bootstrap.model_folder(settings) == tmp_path / "own"
    with pytest.raises(ModelError, match="holds no model"):
        bootstrap.prepare_model(settings)
    assert bootstrap.prepare_model(dataclasses.replace(settings, model="none")) is None


def beside(data, **chosen):
    return dataclasses.replace(
        make_settings(data, FIXTURE), model=MULTILINGUAL.name, **{"second": SECOND.name, "third": ENGLISH.name} | chosen
    )


def test_without_a_model_beside_the_first_it_is_done_without_and_a_line_says_so(tmp_path, caplog):
    settings = beside(tmp_path)
    bootstrap.prepare_beside(settings)
    for name in (SECOND.name, ENGLISH.name):
        assert f"The model {name} is not here" in caplog.text
        assert bootstrap.folder_beside(settings, name) is None
    assert caplog.text.count("done without") == 2
    assert bootstrap.open_third(settings) is None
    caplog.clear()
    bootstrap.prepare_beside(beside(tmp_path, second="none", third="none"))
    assert not caplog.text


def test_the_models_in_use_are_named_together(tmp_path):
    settings = beside(tmp_path)
    for source in (MULTILINGUAL, SECOND, ENGLISH):
        (settings.models / source.name).mkdir(parents=True)
        (settings.models / source.name / CARD).write_text(json.dumps(source.card))
    second, third = (
        {f"{name}_{key}": value for key, value in source.card.items()} for name, source in (("second", SECOND), ("third", ENGLISH))
    )
    assert bootstrap.identity(settings) == MULTILINGUAL.card | second | third
    assert bootstrap.identity(beside(tmp_path, second="none")) == MULTILINGUAL.card | third
    assert bootstrap.identity(beside(tmp_path, third="none")) == MULTILINGUAL.card | second
    assert bootstrap.identity(dataclasses.replace(settings, model="none")) is None


def test_a_way_of_asking_that_calls_for_help_is_no_example_of_an_ordinary_message(library):
    asks = {ask.casefold() for group in (library.cards, library.gaps) for thing in group.values() for ask in thing.asks}
    calls = {message.text.casefold() for message in library.messages if message.help is not None}
    ordinary = {example.text.casefold() for example in bootstrap._ordinary_asks(library)}
    assert asks & calls
    assert ordinary < asks
    assert not ordinary & calls


def test_how_one_asks_where_help_is_is_not_taught_as_ordinary_SF02(library):
    ordinary = {example.text for example in bootstrap._ordinary_asks(library)}
    for call in library.calls:
        assert all(ordinary.isdisjoint(library.cards[name].asks) for name in call.cards[: call.shown])
