"""The index: vectors of passages and of their sentences, and the word statistics beside them.

The one door to faiss. An index is built aside and swapped in whole: ``current`` names the folder in use, and a
folder is never changed once it is named there. Every file's checksum stands in the manifest and is compared
when the index is opened.
"""

import fcntl
import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import bm25s
import numpy as np
from numpy.typing import NDArray

from assistant.domain.guidance import Passage
from assistant.errors import IndexFault
from assistant.retrieval.encoder import Encoder, Vectors
from assistant.retrieval.languages import LanguageIdentifier, fit_languages
from assistant.retrieval.models import sha256
from assistant.retrieval.words import Analyser

FORMAT = 6
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class VectorArm:
    """Exact inner-product search over unit vectors.

    They are held in half precision: half the memory, and half the time to go through it.
    """

    vectors: Vectors

    def __post_init__(self) -> None:
        """Give the vectors to faiss, which keeps its own copy; ours becomes a view of that copy."""
        import faiss

        rows, width = self.vectors.shape
        index = faiss.IndexScalarQuantizer(width, faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT)
        index.add(np.ascontiguousarray(self.vectors, np.float32))
        view = faiss.rev_swig_ptr(index.codes.data(), index.codes.size()).view(np.float16).reshape(rows, width)
        object.__setattr__(self, "_index", index)
        object.__setattr__(self, "vectors", view)

    def top(self, query: Vectors, count: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Places and scores of the best ``count`` rows for one query vector, best first."""
        scores, places = self._index.search(query.reshape(1, -1), min(count, len(self.vectors)))  # type: ignore[attr-defined]
        return places[0], scores[0]


class WordArm:
    """BM25 over the analyser's tokens (Robertson and Zaragoza 2009, by way of the bm25s library)."""

    K1, B = 0.9, 0.4

    def __init__(self, texts: Sequence[str], analyser: Analyser) -> None:
        """Count the words of ``texts`` and teach the analyser its vocabulary."""
        self.analyser = analyser
        tokens = [analyser.tokens(text) for text in texts]
        self.frequency: dict[str, int] = {}
        for words in tokens:
            for word in set(words):
                self.frequency[word] = self.frequency.get(word, 0) + 1
        analyser.learn(list(self.frequency))
        self.size = len(texts)
        self._held = tokens
        self._known = any(tokens)
        self._scorer = bm25s.BM25(k1=self.K1, b=self.B)
        if self._known:
            self._scorer.index(tokens, show_progress=False)

    def scores(self, question: str) -> NDArray[np.float32]:
        """A score for each text; all zero when no word of the question is known."""
        tokens = [word for word in self.analyser.query_tokens(question) if word in self.frequency]
        if not tokens or not self._known:
            return np.zeros(self.size, np.float32)
        return np.asarray(self._scorer.get_scores(tokens), np.float32)

    def tokens_of(self, place: int) -> list[str]:
        """The tokens of one text."""
        return self._held[place]

    def rarity(self, token: str) -> float:
        """How much a token tells: its inverse document frequency; an unknown token tells most."""
        seen = self.frequency.get(token, 0)
        return float(np.log(1 + (self.size - seen + 0.5) / (seen + 0.5)))


@dataclass(frozen=True)
class Index:
    """Passages and everything needed to rank them. Without vectors it ranks by words alone."""

    passages: tuple[Passage, ...]
    words: WordArm
    dense: VectorArm | None = None
    sentences: Vectors | None = None
    """In half precision; a passage's stand together, in the order of passages."""
    owners: NDArray[np.int64] | None = None
    """For each sentence vector, the place of its passage."""
    starts: NDArray[np.int64] | None = None
    """For each passage, the place of its first sentence vector."""
    authored: "Authored | None" = None
    """Ways of asking and replies of the authored answers."""
    reply_vectors: Vectors | None = None
    plain: "Space | None" = None
    """Where questions in any language are told apart, by the encoder of the passages."""
    english: "Space | None" = None
    """Where English questions are told apart, by both encoders; None without a second one."""
    ask_vectors: Vectors | None = None
    """Vectors of the ways of asking, as questions; like the next ones kept for rules to be fitted on, and not opened to serve."""
    message_vectors: Vectors | None = None
    languages: LanguageIdentifier | None = None
    """What tells English questions from others; None without example messages in both."""
    fitted: Mapping[str, NDArray[np.float32]] = field(default_factory=dict)
    """Rules that were fitted on the vectors and are kept with them, by name."""


@dataclass(frozen=True)
class Authored:
    """Texts of the authored answers, encoded beside the passages: questions as questions, replies as passages."""

    asks: tuple[str, ...] = ()
    owners: tuple[int, ...] = ()
    """For each way of asking, the place of the card or gap that it asks for."""
    evidence: tuple[tuple[str, ...], ...] = ()
    """For each card, then each gap, the sections that it rests on, ``document#section``."""
    replies: tuple[str, ...] = ()
    messages: tuple[str, ...] = ()
    """Examples of messages that call for help or do not, encoded as questions."""
    languages: tuple[str, ...] = ()
    """The language of each message."""


def embedding_text(passage: Passage) -> str:
    """What is encoded for a passage: its heading path, then its words."""
    return f"{passage.heading}\n{passage.text}"


def build(
    passages: Sequence[Passage],
    analyser: Analyser,
    encoder: Encoder | None,
    *,
    authored: Authored = Authored(),
    known: dict[str, Vectors] | None = None,
    progress: Progress = lambda _done, _all: None,
) -> Index:
    """Build an index of the passages and of ways of asking.

    Texts whose vector is in ``known`` (see `known_vectors`) are not encoded again.
    """
    words = WordArm([embedding_text(passage) for passage in passages], analyser)
    if encoder is None or not passages:
        return Index(tuple(passages), words, authored=authored)
    texts, owners = encoded_texts(passages)
    vectors = _encode(texts, encoder.passages, known or {}, progress)
    arrays: dict[str, Any] = {"passages": vectors[: len(passages)], "sentences": vectors[len(passages) :], "owners": owners}
    if authored.asks:
        for name, asked in (("asks", authored.asks), ("messages", authored.messages)):
            marked = [ASK + text for text in asked]
            if marked:
                found = _encode(marked, lambda t: encoder.queries([x[len(ASK) :] for x in t]), known or {}, progress)
                arrays[name] = found.astype(np.float16).astype(np.float32)  # as it is kept, so that the next index is the same
        arrays["replies"] = _encode(list(authored.replies), encoder.passages, known or {}, progress)
        arrays |= _spaces(arrays["asks"], authored.owners, vectors.shape[1])
    if "messages" in arrays:
        languages = fit_languages(arrays["messages"][:, : vectors.shape[1]], authored.languages)
        arrays |= {} if languages is None else {LANGUAGES: languages.weights}
    return _assemble(tuple(passages), words, arrays, authored)


def _spaces(asks: Vectors, owners: Sequence[int], first: int) -> dict[str, Any]:
    """The arrays of the spaces in which questions are told apart; ``first`` is the width of the first encoder's vectors."""
    spaces = {"plain": fit_space(asks[:, :first], owners, drawn=False)}
    if asks.shape[1] > first:
        spaces["english"] = fit_space(asks, owners, drawn=True)
    return _parts(spaces)


def _parts(spaces: Mapping[str, "Space | None"]) -> dict[str, Any]:
    """The arrays of spaces, by name and part."""
    parts = {f"{name}-{part}": getattr(space, part, None) for name, space in spaces.items() for part in SPACE}
    return {name: array for name, array in parts.items() if array is not None}


def fit_space(asks: Vectors, owners: Sequence[int], *, drawn: bool) -> "Space":
    """A space in which questions are told apart, learned from the vectors of ways of asking and their owners.

    ``drawn`` draws together what differs between ways of asking the same: within-class covariance normalisation (Hatch,
    Kajarekar and Stolcke 2006), then the `WIDTH` directions in which most is left. In it stands a multinomial logistic
    regression, by scikit-learn. With fewer than three owners nothing is learned.
    """
    from sklearn.linear_model import LogisticRegression

    mean = asks.mean(axis=0)
    known = sorted(set(owners))
    projection = _drawn_together(asks - mean, np.asarray(owners)) if drawn and len(known) > 2 else None
    space = Space(mean, projection, asks, np.zeros((0, 0), np.float32))
    placed = space.place(asks)
    weights = np.zeros((max(owners) + 1, placed.shape[1] + 1), np.float32)
    weights[:, -1] = NEVER
    if len(known) < 3:
        weights[known, -1] = 0.0
    else:
        model = LogisticRegression(C=CHOOSER_STRENGTH, max_iter=300).fit(placed, owners)
        weights[model.classes_] = np.column_stack([model.coef_, model.intercept_])
    return replace(space, asks=placed, weights=weights)


def _drawn_together(asks: Vectors, owners: NDArray[np.int64]) -> Vectors:
    rows = np.unique(owners, return_inverse=True)[1]
    sums = np.zeros((rows.max() + 1, asks.shape[1]), np.float64)
    np.add.at(sums, rows, asks)
    apart = asks - (sums / np.bincount(rows)[:, None])[rows]
    within = apart.T @ apart / len(apart)
    values, ways = np.linalg.eigh(within + TEMPER * np.trace(within) / len(within) * np.eye(len(within)))
    whitened = (ways / np.sqrt(values)) @ ways.T
    left = asks @ whitened
    projection: Vectors = (whitened @ np.linalg.eigh(left.T @ left)[1][:, -WIDTH:]).astype(np.float32)
    return projection


CHOOSER_STRENGTH = 10.0
NEVER = -30.0
"""The bias of an owner without a way of asking."""


TEMPER = 0.5
"""How much of the mean variance is added in every direction before what differs within an owner is evened out."""
WIDTH = 192
"""Dimensions of a space that is drawn together."""
SPACE = ("mean", "projection", "asks", "weights")
"""The arrays of a space."""


@dataclass(frozen=True)
class Space:
    """Where questions are compared with ways of asking, and what chance each card and gap has there to be what is asked for."""

    mean: Vectors
    """The middle of all ways of asking; as wide as the part of a question's vector that is looked at."""
    projection: Vectors | None
    asks: Vectors
    """The places of the ways of asking, unit rows."""
    weights: Vectors
    """A row for each card and gap, the bias last."""

    def place(self, vectors: Vectors) -> Vectors:
        """Where questions stand, of length one, from their vectors."""
        seen: Vectors = vectors[..., : len(self.mean)] - self.mean
        return unit(seen if self.projection is None else seen @ self.projection)

    def logs(self, place: Vectors) -> NDArray[np.float64]:
        """The logarithm of the chance of each card and gap for a question that stands there."""
        values = (self.weights[:, :-1] @ place + self.weights[:, -1]).astype(np.float64)
        logs: NDArray[np.float64] = values - np.logaddexp.reduce(values)
        return logs


def unit(vectors: Vectors) -> Vectors:
    """Vectors brought to length one, row by row."""
    found: Vectors = vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-9)
    return found


ASK = "?"
"""Goes before a way of asking in its key, because questions and passages are encoded differently."""


def encoded_texts(passages: Sequence[Passage]) -> tuple[list[str], NDArray[np.int64]]:
    """The texts to encode, passages first and then sentences, and for each sentence the place of its passage."""
    texts = [embedding_text(passage) for passage in passages]
    owners: list[int] = []
    for place, passage in enumerate(passages):
        heading = passage.path[-1] if passage.path else ""
        texts.extend(f"{heading}: {sentence.text}" for sentence in passage.sentences)
        owners.extend([place] * len(passage.sentences))
    return texts, np.array(owners, np.int64)


def _assemble(passages: tuple[Passage, ...], words: WordArm, arrays: dict[str, Any], authored: Authored) -> Index:
    owners = arrays["owners"]
    starts = np.searchsorted(owners, np.arange(len(passages)))
    dense, sentences = VectorArm(arrays["passages"]), arrays["sentences"].astype(np.float16)
    plain, english = (_space(arrays, name) for name in ("plain", "english"))
    return Index(
        passages, words, dense, sentences, owners, starts, authored, arrays.get("replies"), plain, english,
        ask_vectors=arrays.get("asks"), message_vectors=arrays.get("messages"),
        languages=LanguageIdentifier(arrays[LANGUAGES]) if LANGUAGES in arrays else None,
        fitted={name.removeprefix(FITTED): array for name, array in arrays.items() if name.startswith(FITTED)},
    )  # fmt: skip


def _space(arrays: dict[str, Any], name: str) -> Space | None:
    return Space(*(arrays.get(f"{name}-{part}") for part in SPACE)) if f"{name}-weights" in arrays else None  # type: ignore[arg-type]


def _encode(texts: list[str], encode: Callable[[Sequence[str]], Vectors], known: dict[str, Vectors], progress: Progress) -> Vectors:
    keys = [text_key(text) for text in texts]
    new = sorted({i for i, key in enumerate(keys) if key not in known}, key=lambda i: len(texts[i]))
    found = dict(known)
    step = 64
    for start in range(0, len(new), step):
        batch = new[start : start + step]
        for i, vector in zip(batch, encode([texts[i] for i in batch]), strict=True):
            found[keys[i]] = vector
        progress(min(start + step, len(new)), len(new))
    return np.stack([found[key] for key in keys]).astype(np.float32)


def text_key(text: str) -> str:
    """What tells one encoded text from another."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:32]


def fingerprint(passages: Iterable[Passage], authored: Authored | None = None) -> str:
    """A hash of everything in the passages and authored answers that the index depends on."""
    texts = authored or Authored()
    digest = hashlib.sha256("\n".join((*texts.asks, *texts.replies, *texts.messages)).encode())
    for passage in passages:
        digest.update(f"{passage.id}\0{embedding_text(passage)}\0{passage.status}\n".encode())
    return digest.hexdigest()


def save(index: Index, folder: Path, encoder: Encoder | None) -> Path:
    """Write the index beside the one in use, then name it as the current one. Returns its folder. Two that save at once take turns."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return _save(index, folder, encoder)


KEYS = "-keys"
"""Ends the name of the array of text keys that goes with an array of vectors."""
FITTED = "fitted-"
"""Begins the names of the arrays of rules that were fitted on the index."""
LANGUAGES = "languages"
"""Names the array of what tells English from other languages."""
FITTED_ON = frozenset({"asks", "messages"})
"""The arrays that are not opened to serve, and are kept in half precision."""


def _arrays(index: Index) -> dict[str, Any]:
    """What is kept of a freshly built index, by file."""
    if index.dense is None or index.sentences is None:
        return {}
    texts, encoded = index.authored or Authored(), encoded_texts(index.passages)[0]
    keyed = {
        "passages": (index.dense.vectors, encoded[: len(index.passages)]),
        "sentences": (index.sentences, encoded[len(index.passages) :]),
        "asks": (index.ask_vectors, [ASK + ask for ask in texts.asks]),
        "replies": (index.reply_vectors, list(texts.replies)),
        "messages": (index.message_vectors, [ASK + message for message in texts.messages]),
    }
    found: dict[str, Any] = {"owners": index.owners}
    if index.languages is not None:
        found[LANGUAGES] = index.languages.weights
    for name, (vectors, of) in keyed.items():
        if vectors is not None:
            kept = vectors.astype(np.float16) if name in FITTED_ON else vectors
            found |= {name: kept, f"{name}{KEYS}": np.array([text_key(text) for text in of])}
    fitted = {f"{FITTED}{name}": array for name, array in index.fitted.items()}
    return found | fitted | _parts({"plain": index.plain, "english": index.english})


def _save(index: Index, folder: Path, encoder: Encoder | None) -> Path:
    name = f"{fingerprint(index.passages, index.authored)[:12]}-{secrets.token_hex(4)}"
    aside = folder / f".{name}"
    aside.mkdir()
    for file, array in _arrays(index).items():
        np.save(aside / f"{file}.npy", array)
    manifest = {
        "format": FORMAT,
        "corpus": fingerprint(index.passages, index.authored),
        "model": encoder.identity if encoder is not None else None,
        "passages": len(index.passages),
        "files": {path.name: sha256(path) for path in sorted(aside.iterdir())},
    }
    (aside / "manifest.json").write_text(json.dumps(manifest, indent=1), encoding="utf-8")
    for path in aside.iterdir():
        _sync(path)
    final = folder / name
    aside.rename(final)
    pointer = folder / f".current-{os.getpid()}"
    pointer.write_text(name, encoding="utf-8")
    _sync(pointer)
    pointer.replace(folder / "current")
    for path in folder.iterdir():
        if path.is_dir() and path.name != name:
            shutil.rmtree(path, ignore_errors=True)
    return final


def _sync(path: Path) -> None:
    with path.open("rb") as stream:
        os.fsync(stream.fileno())


def manifest(folder: Path) -> dict[str, Any]:
    """The manifest of the current index.

    Raises:
        IndexFault: there is no index, or its manifest cannot be read.
    """
    try:
        name = (folder / "current").read_text(encoding="utf-8").strip()
        value: dict[str, Any] = json.loads((folder / name / "manifest.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise IndexFault("There is no index yet. Run: assistant index") from None
    except (OSError, ValueError):
        raise IndexFault("The index manifest is damaged. Run: assistant index") from None
    return value | {"folder": str(folder / name)}


def open_saved(folder: Path, passages: Sequence[Passage], authored: Authored, analyser: Analyser, model: dict[str, str] | None) -> Index:
    """Open the current index for these passages, these authored answers and this model.

    Raises:
        IndexFault: it is missing or damaged, or was built from other passages or by another model.
    """
    book = manifest(folder)
    if book["format"] != FORMAT:
        raise IndexFault("The index is of another version. Run: assistant index")
    if book["corpus"] != fingerprint(passages, authored):
        raise IndexFault("The corpus has changed since the index was built. Run: assistant index")
    if book["model"] != model:
        raise IndexFault("The index was built with another model. Run: assistant index")
    arrays = _checked_arrays(book, lambda name: name not in FITTED_ON and not name.endswith(KEYS))
    words = WordArm([embedding_text(passage) for passage in passages], analyser)
    if not arrays:
        return Index(tuple(passages), words, authored=authored)
    return _assemble(tuple(passages), words, arrays, authored)


def _checked_arrays(book: dict[str, Any], wanted: Callable[[str], bool] = lambda _name: True) -> dict[str, Any]:
    """The arrays of an index whose names are wanted, each compared with its checksum."""
    arrays: dict[str, Any] = {}
    for name, expected in book["files"].items():
        path = Path(book["folder"]) / name
        if not wanted(path.stem):
            continue
        if not path.is_file() or sha256(path) != expected:
            raise IndexFault(f"The index file {name} is damaged. Run: assistant index")
        arrays[path.stem] = np.load(path, allow_pickle=False)
    return arrays


def known_vectors(folder: Path, model: dict[str, str]) -> dict[str, Vectors]:
    """Vectors of the last index by text key, if the same model made them; empty if there is none to trust."""
    try:
        book = manifest(folder)
        arrays = _checked_arrays(book) if book["format"] == FORMAT and book["model"] == model else {}
    except IndexFault:
        return {}
    found: dict[str, Vectors] = {}
    for name in arrays:
        if name.endswith(KEYS):
            found.update(zip(arrays[name].tolist(), arrays[name.removesuffix(KEYS)], strict=True))
    return found
