import json
from pathlib import Path

import numpy as np
import pytest

from assistant import bootstrap
from assistant.errors import IndexFault
from assistant.retrieval.index import build, known_vectors, manifest, open_saved, save


@pytest.fixture
def built(small, encoder, tmp_path):
    index = build(small.passages, bootstrap.analyser(small), encoder, authored=bootstrap.texts(small))
    save(index, tmp_path / "index", encoder)
    return tmp_path / "index"


def reopened(folder, small, encoder):
    return open_saved(folder, small.passages, bootstrap.texts(small), bootstrap.analyser(small), encoder.identity)


def test_a_saved_index_opens_with_the_same_vectors(built, small, encoder):
    again = reopened(built, small, encoder)
    fresh = build(small.passages, bootstrap.analyser(small), encoder)
    assert np.allclose(again.dense.vectors, fresh.dense.vectors)


@pytest.mark.parametrize("name", ["passages.npy", "sentences.npy", "owners.npy", "keys.npy", "asks.npy", "replies.npy"])
def test_a_flipped_byte_is_found_and_named_SR08(built, small, encoder, name):
    path = next(built.glob(f"*/{name}"))
    body = bytearray(path.read_bytes())
    body[-1] ^= 1
    path.write_bytes(bytes(body))
    with pytest.raises(IndexFault, match=name):
        reopened(built, small, encoder)


def test_a_damaged_manifest_is_named(built, small, encoder):
    next(built.glob("*/manifest.json")).write_text("{")
    with pytest.raises(IndexFault, match="manifest"):
        reopened(built, small, encoder)


def test_no_index_is_told_with_what_to_do(tmp_path, small, encoder):
    with pytest.raises(IndexFault, match="Run: assistant index"):
        reopened(tmp_path, small, encoder)


def test_another_corpus_or_model_is_refused(built, small, encoder):
    with pytest.raises(IndexFault, match="corpus has changed"):
        open_saved(built, small.passages[1:], bootstrap.texts(small), bootstrap.analyser(small), encoder.identity)
    with pytest.raises(IndexFault, match="another model"):
        open_saved(built, small.passages, bootstrap.texts(small), bootstrap.analyser(small), {"name": "other"})


def test_an_unchanged_passage_is_not_encoded_again(built, small, encoder):
    class Counting(type(encoder)):
        asked = 0

        def passages(self, texts):
            Counting.asked += len(texts)
            return super().passages(texts)

    known = known_vectors(built, encoder.identity)
    build(small.passages, bootstrap.analyser(small), Counting(), authored=bootstrap.texts(small), known=known)
    assert Counting.asked == 0


def test_a_rebuild_leaves_one_index_and_a_pointer(built, small, encoder):
    save(build(small.passages, bootstrap.analyser(small), encoder), built, encoder)
    folders = [path for path in built.iterdir() if path.is_dir()]
    assert len(folders) == 1
    assert json.loads((folders[0] / "manifest.json").read_text())["corpus"] == manifest(built)["corpus"]


def test_an_index_of_another_version_lends_no_vectors(built, encoder):
    book = manifest(built)
    path = Path(book.pop("folder")) / "manifest.json"
    path.write_text(json.dumps(book | {"format": 0}))
    assert known_vectors(built, encoder.identity) == {}
