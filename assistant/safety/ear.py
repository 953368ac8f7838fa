"""A second ear beside the phrases: what a message means, learned from examples that anyone can read.

The examples stand in ``corpus/messages.txt``, a line each. From them two ears are fitted, by scikit-learn: one over
the letters of a message, which is plain code over a data file, and one over its vector, which needs the encoder and
hears every language that the encoder knows. Both add to what the phrases hear, and never silence it.
"""

import hashlib
import random
import re
import string
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from itertools import islice, repeat
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.domain.answers import Help
from assistant.domain.site import Example
from assistant.safety.phrases import fold

Weights = NDArray[np.float32]
Chances = NDArray[np.float32]
"""The probability of each label, in the order of `LABELS`."""

LABELS: tuple[Help | None, ...] = (None, *Help)
"""Classes in the order of the rows of the weights; None is an ordinary message."""
BUCKETS = 1 << 14
"""Places into which letter groups are hashed."""
BALANCE = 0.5
"""How far a rare label is made up for when an ear is fitted: 0 not at all, 1 as if all labels were as common."""
SLIPS = 2
"""Words with a slip of the hand in an example that is learned from again."""
NOISE = 300
"""Examples of keys struck at random."""
WINDOW = 28
"""Words of a stretch of a message that is listened to at once."""
MOST = 12
"""Stretches of one message: the first and the last ones of a long message."""


def enriched(examples: Iterable[Example]) -> tuple[Example, ...]:
    """Examples to fit an ear on: as they are, each again with slips of the hand, and what means nothing.

    So a misspelling by itself calls for nothing, and neither do keys struck at random.
    """
    given = tuple(examples)
    slips = (replace(example, text=slipped(example.text)) for example in given)
    return (*given, *slips, *noise(NOISE)) if given else ()


def noise(count: int) -> tuple[Example, ...]:
    """So many ordinary examples of keys struck at random, the same each time."""
    chance = random.Random(count)  # noqa: S311 - not a secret
    words = ("".join(chance.choices(string.ascii_lowercase, k=chance.randint(2, 9))) for _ in repeat(None))
    return tuple(Example(None, "en", " ".join(islice(words, chance.randint(1, 5)))) for _ in range(count))


def slipped(text: str) -> str:
    """A text with a slip in two of its longer words, the same each time: a letter left out, doubled, changed or out of its place.

    >>> slipped("who pays for the review")
    'who pays for the revaew'
    """
    chance = random.Random(zlib.crc32(text.encode("utf-8", "surrogatepass")))  # noqa: S311 - not a secret
    words = text.split()
    longer = [place for place, word in enumerate(words) if len(word) > 4]
    for place in chance.sample(longer, min(len(longer), SLIPS)):
        word, at = words[place], chance.randrange(1, len(words[place]) - 1)
        before, letter, after = word[:at], word[at], word[at + 1 :]
        words[place] = chance.choice(
            (
                before + after,
                before + letter + letter + after,
                before + after[0] + letter + after[1:],
                before + chance.choice("aeinorst") + after,
            )
        )
    return " ".join(words)


def stretches(text: str) -> list[str]:
    """A message in stretches of a sentence or a few words, so that one cry in a long letter is heard.

    >>> stretches("I am fine. Who pays?")
    ['I am fine.', 'Who pays?']
    """
    words: list[str] = []
    found: list[str] = []
    for sentence in re.split(r"(?<=[.!?\n।؟۔])\s+", text):
        for word in sentence.split():
            words.append(word)
            if len(words) >= WINDOW:
                found.append(" ".join(words))
                words = words[WINDOW // 2 :]
        if words and (not found or len(words) > WINDOW // 2 or " ".join(words) not in found[-1]):
            found.append(" ".join(words))
        words = []
    return found if len(found) <= MOST else [*found[: MOST * 2 // 3], *found[-(MOST - MOST * 2 // 3) :]]


def letters(text: str) -> NDArray[np.int64]:
    """The buckets of a text's letter groups (2 to 5 letters within words) and of its words, pairs and threes."""
    words = fold(text).split()
    found: set[int] = set()
    for size in (1, 2, 3):
        found.update(_bucket(" ".join(words[i : i + size])) for i in range(len(words) - size + 1))
    for word in words:
        padded = f" {word} "[:40]
        for size in (2, 3, 4, 5):
            found.update(_bucket("#" + padded[i : i + size]) for i in range(len(padded) - size + 1))
    return np.array(sorted(found), np.int64)


def _bucket(group: str) -> int:
    return zlib.crc32(group.encode("utf-8", "surrogatepass")) % BUCKETS


@dataclass(frozen=True)
class LetterEar:
    """Hears by letters. ``weights`` has a row for each label and a last column for the bias."""

    weights: Weights

    def chances(self, text: str) -> Chances:
        """The probability of each label."""
        groups = letters(text)
        if not len(groups):
            return _softmax(self.weights[:, -1])
        return _softmax(self.weights[:, groups].sum(axis=1) / np.sqrt(len(groups)) + self.weights[:, -1])


AXES = 256
"""Principal axes of the vectors in which the machines tell messages apart."""
GAMMA = 3.0
"""How soon two messages stand too far apart to tell of each other: the gamma of the radial kernel."""
COST = 3.0
"""What a message on the wrong side costs when a machine is fitted."""
CALL_WEIGHT = 2.0
"""How many times more a call on the wrong side costs."""
CAUSING_WEIGHT = 4.0
"""How many times more one who causes harm costs who is taken for another."""
CAUSING = -0.4
"""What the machine has to say for the one who writes to be taken for the one who causes the harm."""
FIRST = 4
"""Of how many messages that are not wanted one is fitted on at first."""
NEAR = 1.2
"""At what margin a message is no longer fitted on again."""
SLACK = 0.01
"""By how much a message that was left out may stand within the margin."""
SLOPE = 4.0
"""How soon the chance of a call rises with what the machine says."""
CALLS = np.array([label not in {None, Help.DISTRESS_ONLY} for label in LABELS])
"""The labels that are told from ordinary messages by a machine: those with a panel."""


@dataclass(frozen=True)
class Machine:
    """A support vector machine with a radial kernel (Cortes and Vapnik 1995)."""

    support: NDArray[np.float32]
    """Where the messages stand that it leans on, a row each."""
    duals: NDArray[np.float32]
    """The dual coefficient of each of them, the bias last."""

    @cached_property
    def _lengths(self) -> NDArray[np.float32]:
        lengths: NDArray[np.float32] = np.square(self.support).sum(axis=1)
        return lengths

    def says(self, places: NDArray[np.float32]) -> NDArray[np.float32]:
        """On which side each message stands, and how far: above 0 on the side it was fitted to find."""
        lengths = np.square(places).sum(axis=-1, keepdims=True)
        likeness = np.exp(-GAMMA * (self._lengths - 2 * (places @ self.support.T) + lengths))
        said: NDArray[np.float32] = likeness @ self.duals[:-1] + self.duals[-1]
        return said


@dataclass(frozen=True)
class MeaningEar:
    """Hears by the vector of a message.

    Whether it calls for help, a `Machine` says, over the principal axes of the vectors; which help, a multinomial logistic
    regression; whether the one who writes causes the harm, another machine.
    """

    weights: Weights
    """Of the regression: a row for each label, the bias last."""
    mean: NDArray[np.float32]
    axes: NDArray[np.float32]
    """A column for each principal axis."""
    support: NDArray[np.float32]
    duals: NDArray[np.float32]
    """Of the machine for calls."""
    causing_support: NDArray[np.float32]
    causing_duals: NDArray[np.float32]
    """Of the machine for those who cause harm."""

    @property
    def arrays(self) -> dict[str, NDArray[np.float32]]:
        """What it is made of, by name."""
        return {part.name: getattr(self, part.name) for part in fields(self)}

    @cached_property
    def _calls(self) -> Machine:
        return Machine(self.support, self.duals)

    @cached_property
    def _causes(self) -> Machine:
        return Machine(self.causing_support, self.causing_duals)

    def _place(self, vector: NDArray[np.float32]) -> NDArray[np.float32]:
        return ((vector - self.mean) @ self.axes).astype(np.float32)

    def chances(self, vector: NDArray[np.float32]) -> Chances:
        """The probability of each label."""
        chances = _softmax(self.weights[:, :-1] @ vector + self.weights[:, -1]) + 1e-12
        call = 1 / (1 + np.exp(-SLOPE * self._calls.says(self._place(vector))))
        share = np.where(CALLS, call / chances[CALLS].sum(), (1 - call) / chances[~CALLS].sum())
        scaled: Chances = (chances * share).astype(np.float32)
        return scaled

    def causing(self, vector: NDArray[np.float32]) -> bool:
        """Whether the one who writes is likely to be the one who causes the harm."""
        return bool(self._causes.says(self._place(vector)) >= CAUSING)


def _softmax(values: NDArray[np.float32]) -> Chances:
    raised = np.exp(values - values.max())
    share: Chances = raised / raised.sum()
    return share


LETTERS = 0.15
"""Weight of the ear for letters beside the ear for meaning, which errs less."""


def together(meaning: Chances, by_letters: Chances) -> Chances:
    """What both ears make of a stretch: a weighted geometric mean (the logarithmic opinion pool, Genest and Zidek 1986)."""
    return _softmax((1 - LETTERS) * np.log(meaning + 1e-9) + LETTERS * np.log(by_letters + 1e-9))


SHARE = 0.15
"""Share of what is not ordinary from which a label counts beside the likeliest."""


EARLY = {Help.SELF_HARM: 2 / 3}
"""Share of how sure an ear has to be from which a label counts though an ordinary message is likelier."""


def labels_heard(chances: Chances, sure: float) -> tuple[Help, ...]:
    """The helps that these probabilities call for, most pressing first.

    While an ordinary message is likelier than ``1 - sure``, only one that is listened for early. Then the likeliest label,
    and each other whose share is large enough.
    """
    alarm = 1.0 - float(chances[0])
    if alarm < sure:
        return tuple(label for label, share in EARLY.items() if chances[LABELS.index(label)] >= share * sure)
    best = float(chances[1:].max())
    shares = zip(Help, chances[1:], strict=True)
    return tuple(label for label, chance in shares if chance >= best or chance > alarm * SHARE)


def fit_letters(examples: Sequence[Example]) -> Weights:
    """Weights of a `LetterEar` from examples."""
    from scipy.sparse import csr_matrix

    rows = [letters(example.text) for example in examples]
    data = np.concatenate([np.full(len(row), 1 / np.sqrt(max(len(row), 1)), np.float32) for row in rows])
    starts = np.cumsum([0, *(len(row) for row in rows)])
    return _fitted(csr_matrix((data, np.concatenate(rows), starts), shape=(len(rows), BUCKETS)), examples, strength=20.0)


def fit_meaning(vectors: NDArray[np.float32], examples: Sequence[Example]) -> MeaningEar:
    """A `MeaningEar` from examples and their vectors, row by row."""
    from sklearn.decomposition import PCA

    drawn = PCA(min(AXES, *vectors.shape), random_state=0).fit(vectors)
    places = drawn.transform(vectors)
    calls = _machine(places, CALLS[[LABELS.index(example.help) for example in examples]], CALL_WEIGHT)
    causes = _machine(places, np.array([example.causing for example in examples]), CAUSING_WEIGHT)
    return MeaningEar(
        _fitted(vectors, examples, strength=200.0),
        drawn.mean_.astype(np.float32),
        drawn.components_.T.astype(np.float32),
        calls.support,
        calls.duals,
        causes.support,
        causes.duals,
    )


def _machine(places: NDArray[np.float32], wanted: NDArray[np.bool_], weight: float) -> Machine:
    """A machine that finds the wanted among messages; one that finds none where none is wanted.

    It is fitted on the wanted and on some of the others, and again on all that stand near the border or beyond it, until none
    that was left out stands there: the machine that fitting on all at once gives, sooner (chunking, Vapnik 1982).
    """
    if not wanted.any():
        return Machine(np.zeros((0, places.shape[1]), np.float32), np.array([-1.0], np.float32))
    among, sides = wanted.copy(), np.where(wanted, 1, -1)
    among[np.flatnonzero(~wanted)[::FIRST]] = True
    while True:
        machine = _fitted_at_once(places[among], wanted[among], weight)
        margins = sides * np.concatenate([machine.says(part) for part in np.array_split(places, len(places) // 1000 + 1)])
        if not (~among & (margins < 1 - SLACK)).any():
            return machine
        among = margins < NEAR


def _fitted_at_once(places: NDArray[np.float32], wanted: NDArray[np.bool_], weight: float) -> Machine:
    from sklearn.svm import SVC

    fitted = SVC(C=COST, gamma=GAMMA, class_weight={True: weight}, cache_size=600).fit(places, wanted)
    return Machine(fitted.support_vectors_.astype(np.float32), np.append(fitted.dual_coef_[0], fitted.intercept_).astype(np.float32))


def _fitted(rows: Any, examples: Iterable[Example], *, strength: float) -> Weights:
    from sklearn.linear_model import LogisticRegression

    classes = np.array([LABELS.index(example.help) for example in examples])
    counts = np.bincount(classes, minlength=len(LABELS))
    weight = {label: (len(classes) / len(LABELS) / count) ** BALANCE for label, count in enumerate(counts) if count}
    model = LogisticRegression(C=strength, max_iter=3000, class_weight=weight).fit(rows, classes)
    weights = np.zeros((len(LABELS), rows.shape[1] + 1), np.float32)
    for row, label in enumerate(model.classes_):
        weights[label] = np.append(model.coef_[row], model.intercept_[row])
    return weights


def open_letters(path: Path) -> LetterEar | None:
    """The stored ear, or None if there is none that can be read."""
    stored = _stored(path)
    try:
        weights = stored["weights"].astype(np.float32)
        scale = stored["scale"].astype(np.float32)
        weights = weights * np.column_stack([np.repeat(scale[:, :1], weights.shape[1] - 1, axis=1), scale[:, 1:]])
    except (KeyError, ValueError, IndexError):
        return None
    return LetterEar(weights) if weights.shape == (len(LABELS), BUCKETS + 1) and np.isfinite(weights).all() else None


def learned_from(path: Path) -> str:
    """The hash of the examples that a stored ear was fitted on; empty if there is none that can be read."""
    return str(_stored(path).get("examples", ""))


def _stored(path: Path) -> dict[str, NDArray[Any]]:
    """What a file of arrays holds; nothing where it is missing or damaged."""
    try:
        with path.open("rb") as data, np.load(data, allow_pickle=False) as stored:
            return dict(stored)
    except Exception:
        return {}


def hash_of(examples: Iterable[Example]) -> str:
    """A hash of examples, in their order."""
    return hashlib.sha256("\n".join(f"{e.help}|{e.causing}|{e.text}" for e in examples).encode("utf-8", "surrogatepass")).hexdigest()


def save_letters(path: Path, weights: Weights, examples: Sequence[Example]) -> None:
    """Keep a letter ear in 8 bits a weight, a scale for each label and one for its bias."""
    scale = np.stack([np.abs(weights[:, :-1]).max(axis=1), np.abs(weights[:, -1])], axis=1).astype(np.float32) / 127 + 1e-12
    whole = np.round(np.column_stack([weights[:, :-1] / scale[:, :1], weights[:, -1:] / scale[:, 1:]]))
    np.savez_compressed(path, weights=whole.astype(np.int8), scale=scale, examples=np.array(hash_of(examples)))
