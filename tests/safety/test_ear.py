"""The two ears: fitted on examples, kept small, and silent about what they cannot read."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.svm import SVC

from assistant.domain.answers import Help
from assistant.domain.site import Example
from assistant.safety import ear
from assistant.safety.ear import LABELS, LetterEar, MeaningEar, labels_heard

SAID = {
    None: ["who pays for the review", "how long does it take", "what is an overview report", "where can i read the report"],
    Help.IMMEDIATE_DANGER: ["he is outside with a knife", "she is going to kill me now", "he broke in and has a knife"],
    Help.CHILD_RISK: ["the baby is not safe with him", "he hurts my children", "my child is not safe there"],
    Help.SELF_HARM: ["i want to die", "i do not want to live", "i will end my life"],
    Help.ABUSE_DISCLOSURE: ["he hits me", "my partner hits me and takes my phone", "he hits me every week"],
    Help.DISTRESS_ONLY: ["i cannot stop crying", "i cry every night", "i cannot sleep for crying"],
}
EXAMPLES = [Example(label, "en", text) for label, texts in SAID.items() for text in texts]


@pytest.fixture(scope="module")
def weights():
    return ear.fit_letters(EXAMPLES)


def likeliest(chances):
    return LABELS[int(np.argmax(chances))]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda e: e.text)
def test_the_ear_for_letters_hears_what_it_learned(weights, example):
    chances = LetterEar(weights).chances(example.text)
    assert likeliest(chances) is example.help
    assert chances.sum() == pytest.approx(1.0, abs=1e-5)


def test_the_ear_for_letters_hears_a_misspelling(weights):
    assert likeliest(LetterEar(weights).chances("he hitz me evry week")) is Help.ABUSE_DISCLOSURE


def test_a_message_without_letters_is_as_likely_as_the_bias_says(weights):
    chances = LetterEar(weights).chances("")
    raised = np.exp(weights[:, -1] - weights[:, -1].max())
    assert chances == pytest.approx(raised / raised.sum())


def test_a_long_message_is_weighed_like_a_short_one(weights):
    listening = LetterEar(weights)
    once, often = listening.chances("he hits me"), listening.chances("he hits me " * 30)
    assert likeliest(once) is likeliest(often)


def test_the_ear_for_meaning_divides_by_direction():
    rows = np.eye(len(LABELS), 8, dtype=np.float32)
    vectors = np.concatenate([rows, rows])
    listening = ear.fit_meaning(vectors, [Example(label, "en", "") for label in (*LABELS, *LABELS)])
    for label, row in zip(LABELS, rows, strict=True):
        assert likeliest(listening.chances(row)) is label


def test_the_ear_for_meaning_calls_as_its_machine_does():
    chance = np.random.default_rng(3)
    labels = [LABELS[place % len(LABELS)] for place in range(90)]
    vectors = (
        np.eye(len(LABELS), 12, dtype=np.float32)[[LABELS.index(label) for label in labels]] + chance.normal(0, 0.4, (90, 12))
    ).astype(np.float32)
    listening = ear.fit_meaning(vectors, [Example(label, "en", "") for label in labels])
    calls = np.array([label not in {None, Help.DISTRESS_ONLY} for label in labels])
    drawn = PCA(12, random_state=0).fit(vectors)
    machine = SVC(C=ear.COST, gamma=ear.GAMMA, class_weight={True: ear.CALL_WEIGHT}).fit(drawn.transform(vectors), calls)
    for vector in chance.normal(0, 0.5, (20, 12)).astype(np.float32):
        heard = listening.chances(vector)
        said = 1 / (1 + np.exp(-ear.SLOPE * machine.decision_function(drawn.transform([vector]))[0]))
        assert heard.sum() == pytest.approx(1.0, abs=1e-4)
        assert heard[1:5].sum() == pytest.approx(said, abs=1e-3)
        which = listening.weights[:, :-1] @ vector + listening.weights[:, -1]
        assert heard[1:5] / heard[1:5].sum() == pytest.approx(np.exp(which[1:5]) / np.exp(which[1:5]).sum(), abs=1e-3)


def test_the_ear_for_meaning_tells_who_causes_harm_from_who_suffers_it():
    rows = np.eye(4, 8, dtype=np.float32)
    given = [
        Example(None, "en", ""),
        Example(Help.ABUSE_DISCLOSURE, "en", ""),
        Example(Help.ABUSE_DISCLOSURE, "en", "", causing=True),
        Example(Help.CHILD_RISK, "en", "", causing=True),
    ]
    listening = ear.fit_meaning(np.concatenate([rows] * 5), given * 5)
    assert [listening.causing(row) for row in rows] == [False, False, True, True]


def test_a_machine_is_fitted_with_what_a_missed_one_costs():
    chance = np.random.default_rng(5)
    vectors = chance.normal(0, 0.3, (120, 6)).astype(np.float32)
    causing = chance.random(120) < 0.3
    given = [Example(LABELS[place % len(LABELS)], "en", "", bool(does)) for place, does in enumerate(causing)]
    listening = ear.fit_meaning(vectors, given)
    drawn = PCA(6, random_state=0).fit(vectors)
    for wanted, weight, support, duals in (
        (ear.CALLS[np.arange(120) % len(LABELS)], ear.CALL_WEIGHT, listening.support, listening.duals),
        (causing, ear.CAUSING_WEIGHT, listening.causing_support, listening.causing_duals),
    ):
        machine = SVC(C=ear.COST, gamma=ear.GAMMA, class_weight={True: weight}).fit(drawn.transform(vectors), wanted)
        for place in drawn.transform(chance.normal(0, 0.3, (10, 6)).astype(np.float32)):
            assert ear.Machine(support, duals).says(place) == pytest.approx(machine.decision_function([place])[0], abs=1e-3)


def test_a_machine_fitted_part_by_part_is_the_one_that_is_fitted_on_all(monkeypatch):
    chance = np.random.default_rng(7)
    places = chance.normal(0, 0.4, (900, 5)).astype(np.float32)
    wanted = places[:, 0] + chance.normal(0, 0.1, 900) > 0.5
    given, whole = [], ear._fitted_at_once
    monkeypatch.setattr(ear, "_fitted_at_once", lambda rows, *rest: given.append(len(rows)) or whole(rows, *rest))
    machine = ear._machine(places, wanted, ear.CALL_WEIGHT)
    everywhere = SVC(C=ear.COST, gamma=ear.GAMMA, class_weight={True: ear.CALL_WEIGHT}).fit(places, wanted)
    assert machine.says(places) == pytest.approx(everywhere.decision_function(places), abs=5e-3)
    assert len(given) > 1
    assert max(given) < len(places)


def test_an_ear_for_meaning_is_kept_in_single_precision():
    rows = np.eye(len(LABELS), 8, dtype=np.float64)
    listening = ear.fit_meaning(np.concatenate([rows, rows]), [Example(label, "en", "") for label in (*LABELS, *LABELS)])
    assert {array.dtype for array in listening.arrays.values()} == {np.dtype(np.float32)}
    assert listening.chances(rows[0]).dtype == np.float32


def test_the_ear_for_meaning_takes_nobody_for_one_who_causes_harm_where_no_example_does():
    rows = np.eye(len(LABELS), 8, dtype=np.float32)
    listening = ear.fit_meaning(np.concatenate([rows, rows]), [Example(label, "en", "") for label in (*LABELS, *LABELS)])
    assert not any(map(listening.causing, rows))


def test_the_bar_for_causing_harm_is_kept():
    machine = {"causing_support": np.zeros((0, 1), np.float32), "weights": np.zeros((len(LABELS), 2), np.float32)}
    rest = {"mean": np.zeros(1, np.float32), "axes": np.ones((1, 1), np.float32), "support": np.zeros((0, 1), np.float32)}
    heard = [
        MeaningEar(**machine, **rest, duals=np.zeros(1, np.float32), causing_duals=np.array([ear.CAUSING + more], np.float32))
        for more in (-0.01, 0.01)
    ]
    assert [listening.causing(np.zeros(1, np.float32)) for listening in heard] == [False, True]


def test_an_ear_for_meaning_is_made_again_from_its_arrays():
    rows = np.eye(len(LABELS), 8, dtype=np.float32)
    listening = ear.fit_meaning(np.concatenate([rows, rows]), [Example(label, "en", "") for label in (*LABELS, *LABELS)])
    again = MeaningEar(**listening.arrays)
    assert all((again.chances(row) == listening.chances(row)).all() for row in rows)


def test_both_ears_together_are_a_weighted_geometric_mean():
    meaning = np.array([0.5, 0.3, 0.05, 0.05, 0.05, 0.05], np.float32)
    by_letters = np.array([0.1, 0.1, 0.6, 0.1, 0.05, 0.05], np.float32)
    raised = meaning**0.85 * by_letters**0.15
    assert ear.together(meaning, by_letters) == pytest.approx(raised / raised.sum(), abs=1e-6)
    impossible = np.array([1.0, 0, 0, 0, 0, 0], np.float32)
    assert np.isfinite(ear.together(impossible, by_letters)).all()


def test_a_kept_ear_hears_almost_the_same(weights, tmp_path):
    path = tmp_path / "ear.npz"
    ear.save_letters(path, weights, EXAMPLES)
    kept = ear.open_letters(path)
    assert path.stat().st_size < 200_000
    for example in EXAMPLES:
        assert kept.chances(example.text) == pytest.approx(LetterEar(weights).chances(example.text), abs=0.05)


def test_a_kept_ear_names_its_examples(weights, tmp_path):
    path = tmp_path / "ear.npz"
    ear.save_letters(path, weights, EXAMPLES)
    assert ear.learned_from(path) == ear.hash_of(EXAMPLES)
    assert ear.hash_of(EXAMPLES) != ear.hash_of(EXAMPLES[::-1])
    assert ear.hash_of(EXAMPLES) != ear.hash_of([*EXAMPLES[:-1], Example(None, "en", EXAMPLES[-1].text)])
    assert ear.hash_of(EXAMPLES) != ear.hash_of([*EXAMPLES[:-1], replace(EXAMPLES[-1], causing=True)])


@pytest.mark.parametrize("data", [None, b"", b"not an archive"])
def test_an_ear_that_cannot_be_read_is_none(tmp_path, data):
    path = tmp_path / "ear.npz"
    if data is not None:
        path.write_bytes(data)
    assert ear.open_letters(path) is None
    assert ear.learned_from(path) == ""


@pytest.mark.parametrize("held", [{"weights": np.zeros((2, 3), np.int8), "scale": np.ones((2, 2))}, {"scale": np.ones((2, 2))}])
def test_an_ear_of_another_shape_is_none(tmp_path, held):
    path = tmp_path / "ear.npz"
    np.savez(path, **held)
    assert ear.open_letters(path) is None
    assert ear.learned_from(path) == ""


def chances(ordinary, **others):
    return np.array([ordinary, *(others.get(label.value, 0.0) for label in Help)], np.float32)


@pytest.mark.parametrize(
    ("given", "heard"),
    [
        (chances(0.51, child_risk=0.49), ()),
        (chances(0.66, self_harm=0.34), (Help.SELF_HARM,)),
        (chances(0.67, self_harm=0.33), ()),
        (chances(0.5, self_harm=0.5), (Help.SELF_HARM,)),
        (chances(0.2, self_harm=0.5, abuse_disclosure=0.3), (Help.SELF_HARM, Help.ABUSE_DISCLOSURE)),
        (chances(0.2, self_harm=0.67, abuse_disclosure=0.13), (Help.SELF_HARM, Help.ABUSE_DISCLOSURE)),
        (chances(0.2, self_harm=0.69, abuse_disclosure=0.11), (Help.SELF_HARM,)),
        (chances(0.0, immediate_danger=0.16, abuse_disclosure=0.84), (Help.IMMEDIATE_DANGER, Help.ABUSE_DISCLOSURE)),
        (chances(0.0, immediate_danger=0.14, abuse_disclosure=0.86), (Help.ABUSE_DISCLOSURE,)),
        (chances(0.0, child_risk=0.34, distress_only=0.66), (Help.CHILD_RISK, Help.DISTRESS_ONLY)),
    ],
)
def test_what_is_heard_follows_the_shares(given, heard):
    assert labels_heard(given, 0.5) == heard


def test_a_kept_ear_with_any_byte_turned_is_read_or_none_SR08(weights, tmp_path):
    path = tmp_path / "ear.npz"
    ear.save_letters(path, weights, EXAMPLES)
    whole = path.read_bytes()
    for place in [*range(0, 120), *range(120, len(whole), max(1, len(whole) // 60)), *range(len(whole) - 120, len(whole))]:
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :])
        kept = ear.open_letters(path)
        assert kept is None or kept.weights.shape == weights.shape


@pytest.mark.parametrize(
    ("text", "again"),
    [
        ("who pays for the review", "who pays for the revaew"),
        ("He hits me when the children are asleep", "He hits me when the childen are asreep"),
        ("please help my sister tonight before trouble", "please help my sister tonight befrre troble"),
        ("mae o yn fy mrifo i heno", "mae o yn fy mrfio i heno"),
        ("no way  out", "no way out"),
    ],
)
def test_an_example_is_learned_from_again_with_slips_of_the_hand(text, again):
    given = Example(Help.SELF_HARM, "en", text)
    assert ear.enriched([given]) == (given, Example(Help.SELF_HARM, "en", again), *ear.noise(ear.NOISE))
    assert ear.enriched([]) == ()


def test_keys_struck_at_random_are_examples_of_nothing_and_the_same_each_time():
    struck = ear.noise(20)
    assert struck == ear.noise(20)
    assert {(example.help, example.language) for example in struck} == {(None, "en")}
    assert len({example.text for example in struck}) == 20
