import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from assistant import bootstrap
from assistant.domain.guidance import Card, Role
from assistant.errors import IndexFault
from assistant.retrieval import spaces
from assistant.retrieval.encoder import PairEncoder, together
from assistant.retrieval.index import Kept, build, encoded_texts, fitted_on, text_key
from assistant.retrieval.saved import kept_from, manifest, open_saved, save
from assistant.retrieval.search import Retriever
from assistant.retrieval.spaces import fit_space


@pytest.fixture
def built(small, encoder, tmp_path):
    index = build(small.passages, bootstrap.analyser(small), encoder, authored=bootstrap.texts(small))
    save(index, tmp_path / "index", encoder.identity)
    return tmp_path / "index"


def reopened(folder, small, encoder):
    return open_saved(folder, small.passages, bootstrap.texts(small), bootstrap.analyser(small), encoder.identity)


def test_a_saved_index_opens_with_the_same_vectors(built, small, encoder):
    again = reopened(built, small, encoder)
    fresh = build(small.passages, bootstrap.analyser(small), encoder)
    assert np.allclose(again.dense.vectors, fresh.dense.vectors)


@pytest.mark.parametrize("name", ["passages.npy", "sentences.npy", "owners.npy", "plain-asks.npy", "plain-weights.npy", "replies.npy"])
def test_a_flipped_byte_is_found_and_named_SR08(built, small, encoder, name):
    path = next(built.glob(f"*/{name}"))
    body = bytearray(path.read_bytes())
    body[-1] ^= 1
    path.write_bytes(bytes(body))
    with pytest.raises(IndexFault, match=name):
        reopened(built, small, encoder)


@pytest.mark.parametrize("name", ["asks.npy", "asks-keys.npy", "passages-keys.npy"])
def test_a_flipped_byte_in_what_only_the_next_index_reads_lends_it_nothing_SR08(built, small, encoder, name):
    path = next(built.glob(f"*/{name}"))
    body = bytearray(path.read_bytes())
    body[-1] ^= 1
    path.write_bytes(bytes(body))
    assert reopened(built, small, encoder).dense is not None
    assert kept_from(built, encoder.identity) == Kept()


@pytest.mark.parametrize("place", [0, 10, 200, -40, -2])
def test_a_flipped_byte_in_the_manifest_is_found_SR08(built, small, encoder, place):
    path = next(built.glob("*/manifest.json"))
    body = bytearray(path.read_bytes())
    body[place] ^= 1
    path.write_bytes(bytes(body))
    with pytest.raises(IndexFault, match="manifest"):
        reopened(built, small, encoder)
    assert kept_from(built, encoder.identity) == Kept()


@pytest.mark.parametrize("place", [0, 20, 40, -1])
def test_a_flipped_byte_in_the_name_of_the_current_index_is_found_SR08(built, small, encoder, place):
    body = bytearray((built / "current").read_bytes())
    body[place] ^= 1
    (built / "current").write_bytes(bytes(body))
    with pytest.raises(IndexFault):
        reopened(built, small, encoder)


def test_only_what_was_built_here_is_deleted_from_the_folder(built, small, encoder):
    before = next(built.glob("*/manifest.json")).parent
    for name in ("mine", "0123456789ab", ".git", f".{before.name}"):
        (built / name).mkdir()
    (built / "mine" / "letter.txt").write_text("Kept.")
    save(build(small.passages, bootstrap.analyser(small), encoder, authored=bootstrap.texts(small)), built, encoder.identity)
    left = {path.name for path in built.iterdir() if path.is_dir()}
    assert {"mine", "0123456789ab", ".git"} < left
    assert not {before.name, f".{before.name}"} & left
    assert (built / "mine" / "letter.txt").read_text() == "Kept."


def test_a_folder_that_cannot_be_written_is_told(tmp_path, small):
    (tmp_path / "file").write_text("")
    with pytest.raises(IndexFault, match="cannot be written to"):
        save(build(small.passages, bootstrap.analyser(small), None), tmp_path / "file" / "index", None)


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

    kept = kept_from(built, encoder.identity)
    build(small.passages, bootstrap.analyser(small), Counting(), authored=bootstrap.texts(small), kept=kept)
    assert Counting.asked == 0


def test_what_was_fitted_on_the_same_is_not_fitted_again(built, small, encoder, monkeypatch):
    asked = bootstrap.texts(small)
    kept = kept_from(built, encoder.identity)
    fitted = []
    monkeypatch.setattr("assistant.retrieval.index.fit_space", lambda *data, **how: fitted.append(1) or fit_space(*data, **how))
    again = build(small.passages, bootstrap.analyser(small), encoder, authored=asked, kept=kept)
    assert not fitted
    assert np.array_equal(again.plain.weights, kept.fits[next(iter(again.fits))]["plain-weights"])
    moved = replace(asked, owners=(*asked.owners[1:], asked.owners[0]))
    build(small.passages, bootstrap.analyser(small), encoder, authored=moved, kept=kept)
    assert fitted


def test_another_rule_is_kept_with_the_index_until_what_it_is_fitted_on_changes(small, encoder, tmp_path):
    index = build(small.passages, bootstrap.analyser(small), encoder, authored=bootstrap.texts(small))
    rule = {"weights": np.ones(3, np.float32)}
    save(index.fitting(fitted_on(spaces, rule["weights"], "a"), lambda: rule), tmp_path, encoder.identity)
    kept = kept_from(tmp_path, encoder.identity)
    again = index.fitting(fitted_on(spaces, rule["weights"], "a"), lambda: pytest.fail("fitted again"), kept)
    assert np.array_equal(again.fitted["weights"], rule["weights"])
    assert np.array_equal(reopened(tmp_path, small, encoder).fitted["weights"], rule["weights"])
    other = index.fitting(fitted_on(spaces, rule["weights"], "b"), lambda: {"weights": np.zeros(3)}, kept)
    assert not other.fitted["weights"].any()


def test_passages_without_a_sentence_can_be_indexed(small, encoder):
    empty = [replace(passage, sentences=()) for passage in small.passages[:2]]
    index = build(empty, bootstrap.analyser(small), encoder)
    assert len(Retriever(index, encoder).search("who pays", limit=2)) <= 2


def test_a_rebuild_leaves_one_index_and_a_pointer(built, small, encoder):
    save(build(small.passages, bootstrap.analyser(small), encoder), built, encoder.identity)
    folders = [path for path in built.iterdir() if path.is_dir()]
    assert len(folders) == 1
    assert json.loads((folders[0] / "manifest.json").read_text())["corpus"] == manifest(built)["corpus"]


def test_an_index_of_another_version_lends_no_vectors(built, encoder):
    book = manifest(built)
    path = Path(book.pop("folder")) / "manifest.json"
    path.write_text(json.dumps(book | {"format": 0}))
    assert kept_from(built, encoder.identity) == Kept()


@pytest.fixture
def paired_encoder(encoder):
    class Backwards(type(encoder)):
        """A second reader that sees the letters of each word the other way round."""

        identity = {"name": "backwards"}

        def queries(self, texts):
            return super().queries([text[::-1] for text in texts])

    return PairEncoder(encoder, Backwards())


def test_two_encoders_read_a_question_side_by_side_and_a_passage_is_read_by_the_first(encoder, paired_encoder):
    both, first = paired_encoder.queries(["who pays", "the form"]), encoder.queries(["who pays", "the form"])
    assert np.array_equal(both[:, : first.shape[1]], first)
    assert np.allclose(np.linalg.norm(both[:, first.shape[1] :], axis=1), PairEncoder.WEIGHT)
    assert np.array_equal(paired_encoder.passages(["who pays"]), encoder.passages(["who pays"]))
    assert paired_encoder.identity == encoder.identity | {"second_name": "backwards"}


def test_an_index_of_two_encoders_tells_english_questions_apart_by_both(small, encoder, paired_encoder, tmp_path):
    index = build(small.passages, bootstrap.analyser(small), paired_encoder, authored=bootstrap.texts(small))
    save(index, tmp_path, paired_encoder.identity)
    again = reopened(tmp_path, small, paired_encoder)
    retriever = Retriever(again, paired_encoder)
    assert retriever.space(foreign=False) is again.english
    assert retriever.space(foreign=True) is again.plain
    assert len(again.english.mean) == 2 * len(again.plain.mean)
    question = retriever.encode(["what does it cost us"])[0]
    for space in (again.plain, again.english):
        place = space.place(question)
        assert np.linalg.norm(place) == pytest.approx(1.0, abs=1e-5)
        assert np.exp(space.logs(place)).sum() == pytest.approx(1.0)
    assert retriever.search("who pays", vector=question)
    assert again.ask_vectors is None
    with pytest.raises(IndexFault, match="another model"):
        reopened(tmp_path, small, encoder)


@pytest.fixture
def third(encoder):
    class Counting(type(encoder)):
        """A third encoder, which counts the texts that it is given and knows words by their first three letters."""

        identity = {"name": "short"}
        read = 0

        def passages(self, texts):
            Counting.read += len(texts)
            return super().passages([" ".join(word[:3] for word in text.split()) for text in texts])

    return Counting()


def test_a_third_encoder_compares_english_questions_with_passages_and_others_are_left_to_the_first(small, encoder, third, tmp_path):
    model = together(encoder.identity, third=third.identity)
    index = build(small.passages, bootstrap.analyser(small), encoder, third, authored=bootstrap.texts(small))
    save(index, tmp_path, model)
    again = open_saved(tmp_path, small.passages, bootstrap.texts(small), bootstrap.analyser(small), model)
    assert again.shared == index.shared == 384
    assert np.array_equal(again.dense.vectors, index.dense.vectors)
    assert np.array_equal(again.sentences, index.sentences)
    alone = Retriever(build(small.passages, bootstrap.analyser(small), encoder, authored=bootstrap.texts(small)), encoder)
    retriever = Retriever(again, encoder, third)
    for foreign, changed in ((True, False), (False, True)):
        own, joint = ({h.passage.id: (h.score, h.dense) for h in r.search("paying fees", foreign=foreign)} for r in (alone, retriever))
        assert all(joint[name][1] == pytest.approx(own[name][1], abs=1e-3) for name in own.keys() & joint.keys())
        assert any(joint[name][0] != pytest.approx(own[name][0], abs=0.01) for name in own.keys() & joint.keys()) is changed
    places = [(passage, 0) for passage in small.passages]
    vector = retriever.encode(["paying fees"])[0]
    assert retriever.sentence_similarity(vector, places) == pytest.approx(alone.sentence_similarity(vector, places), abs=1e-3)


def test_what_a_third_encoder_read_is_not_read_again(small, encoder, third, tmp_path):
    model = together(encoder.identity, third=third.identity)
    index = build(small.passages, bootstrap.analyser(small), encoder, third, authored=bootstrap.texts(small))
    save(index, tmp_path, model)
    before, kept = third.read, kept_from(tmp_path, model)
    again = build(small.passages, bootstrap.analyser(small), encoder, third, authored=bootstrap.texts(small), kept=kept)
    assert before == len(encoded_texts(small.passages)[0])
    assert third.read == before
    assert np.array_equal(again.dense.vectors, index.dense.vectors)
    assert kept_from(tmp_path, encoder.identity) == Kept()


def test_an_index_of_passages_without_sentences_is_searched_by_a_third_encoder_too(small, encoder, third):
    empty = [replace(passage, sentences=(), paragraphs=()) for passage in small.passages]
    index = build(empty, bootstrap.analyser(small), encoder, third)
    assert Retriever(index, encoder, third).search("who pays")


def test_ways_of_asking_the_same_are_drawn_together():
    chance = np.random.default_rng(1)
    owners = np.repeat(np.arange(8), 12)
    told_by, noise = chance.normal(size=(8, 16))[owners], chance.normal(size=(96, 16)) * 3
    asks = np.hstack([told_by, noise]).astype(np.float32)

    def apart(space):
        likeness = space.asks @ space.asks.T
        same = owners[:, None] == owners
        return likeness[same].mean() - likeness[~same].mean()

    assert apart(fit_space(asks, owners, drawn=True)) > 1.5 * apart(fit_space(asks, owners, drawn=False))


def test_a_space_is_learned_from_what_is_taught_and_holds_a_place_for_the_rest():
    chance = np.random.default_rng(2)
    owners = np.tile(np.arange(5), 8)
    asks = (np.eye(16)[owners] + chance.normal(size=(40, 16)) / 4).astype(np.float32)
    others = chance.normal(size=(10, 16)).astype(np.float32)
    alone = fit_space(asks, owners, drawn=True)
    beside = fit_space(np.vstack([others, asks]), [*range(5), *range(5), *owners], drawn=True, taught=[False] * 10 + [True] * 40)
    assert np.allclose(beside.weights, alone.weights, atol=1e-3)
    assert np.allclose(beside.asks[10:], alone.asks, atol=1e-5)
    assert np.allclose(beside.asks[:10], alone.place(others), atol=1e-5)


def test_what_is_told_before_asking_the_same_is_drawn_together():
    chance = np.random.default_rng(3)
    owners = np.tile(np.arange(6), 10)
    asks = np.hstack([np.eye(6)[owners], np.zeros((60, 10))]).astype(np.float32) + chance.normal(size=(60, 16)).astype(np.float32) / 8
    story = np.zeros(16, np.float32)
    story[12:] = 1.5
    plain = fit_space(asks, owners, drawn=True)
    taught = fit_space(asks, owners, drawn=True, told=(asks[:20] + story, owners[:20]))
    assert len(taught.asks) == len(asks)
    beside, alone = asks[20:30] + story, asks[20:30]
    kept = (plain.place(beside) * plain.place(alone)).sum(axis=1), (taught.place(beside) * taught.place(alone)).sum(axis=1)
    assert (kept[1] > kept[0] + 0.2).all()


def test_some_ways_of_asking_are_kept_once_more_after_what_is_told(library, encoder, tmp_path):
    texts = bootstrap.texts(library)
    assert 300 < len(texts.told) < 1_500
    things = (*library.cards.values(), *library.gaps.values())
    for told, place in zip(texts.told, texts.telling, strict=True):
        thing = things[texts.owners[place]]
        roles = thing.roles if isinstance(thing, Card) else frozenset(Role)
        assert told in {f"{opening.text} {texts.asks[place]}" for opening in library.openings if opening.role in roles}
        assert texts.languages[place] == "en"
    some = replace(texts, messages=(), languages=texts.languages[: len(texts.asks)])
    index = build(library.passages[:3], bootstrap.analyser(library), PairEncoder(encoder, encoder), authored=some)
    assert index.told_vectors.shape[0] == len(texts.told)
    save(index, tmp_path, encoder.identity)
    assert open_saved(tmp_path, library.passages[:3], some, bootstrap.analyser(library), encoder.identity).told_vectors is None
    kept = kept_from(tmp_path, encoder.identity)
    assert np.allclose(kept.vectors[text_key("?" + texts.told[0])], index.told_vectors[0], atol=1e-3)
