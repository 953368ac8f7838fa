"""The index: vectors of passages and of their sentences, and the word statistics beside them. The one door to faiss."""

import hashlib
import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from importlib.metadata import version
from types import ModuleType
from typing import Any

import bm25s
import numpy as np
from numpy.typing import NDArray

from assistant.domain.guidance import Passage
from assistant.retrieval import languages, spaces
from assistant.retrieval.encoder import Encoder, Vectors
from assistant.retrieval.languages import LanguageIdentifier, fit_languages
from assistant.retrieval.spaces import SPACE, Space, fit_space
from assistant.retrieval.words import Analyser

Progress = Callable[[int, int], None]
Arrays = Mapping[str, NDArray[Any]]


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
class Kept:
    """What an index before this one holds and the same model made: it need not be made again."""

    vectors: Mapping[str, Vectors] = field(default_factory=dict)
    """By text key."""
    fits: Mapping[str, Arrays] = field(default_factory=dict)
    """What was fitted, by what it was fitted on (see `fitted_on`)."""


@dataclass(frozen=True)
class Index:
    """Passages and everything needed to rank them. Without vectors it ranks by words alone."""

    passages: tuple[Passage, ...]
    words: WordArm
    dense: VectorArm | None = None
    sentences: Vectors | None = None
    """In half precision; a passage's stand together, in the order of passages."""
    shared: int = 0
    """How many numbers of the vectors of passages and sentences, from the first, are of the first encoder; the others are of the third."""
    owners: NDArray[np.int64] | None = None
    """For each sentence vector, the place of its passage."""
    starts: NDArray[np.int64] | None = None
    """For each passage, the place of its first sentence vector."""
    authored: "Authored | None" = None
    """Ways of asking and replies of the authored answers."""
    reply_vectors: Vectors | None = None
    plain: Space | None = None
    """Where questions in any language are told apart, by the encoder of the passages."""
    english: Space | None = None
    """Where English questions are told apart, by both encoders; None without a second one."""
    ask_vectors: Vectors | None = None
    """Vectors of the ways of asking, as questions; like the next ones kept for rules to be fitted on, and not opened to serve."""
    message_vectors: Vectors | None = None
    told_vectors: Vectors | None = None
    languages: LanguageIdentifier | None = None
    """What tells English questions from others; None without example messages in both."""
    fitted: Arrays = field(default_factory=dict)
    """Rules of others that were fitted on the vectors and are kept with them, by name."""
    fits: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The files of what was fitted, by what it was fitted on (see `fitted_on`)."""

    def fitting(self, on: str, fit: Callable[[], Arrays], kept: Kept = Kept()) -> "Index":
        """With the arrays of a rule that was fitted on ``on``, kept from an index before or else fitted now."""
        arrays = _fit(on, lambda: {f"{FITTED}{name}": array for name, array in fit().items()}, kept)
        named = {name.removeprefix(FITTED): array for name, array in arrays.items()}
        return replace(self, fitted={**self.fitted, **named}, fits={**self.fits, on: tuple(arrays)})


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
    """The language of each way of asking, then of each message."""
    told: tuple[str, ...] = ()
    """Some ways of asking once more, each after something that is told first, encoded as questions."""
    telling: tuple[int, ...] = ()
    """For each of them, the place of the way of asking."""


def fitted_on(code: ModuleType, *data: Any) -> str:
    """A hash of what something is fitted on: its data, the code that fits it, and the library that does the work."""
    digest = hashlib.sha256(f"{version('scikit-learn')}\0{inspect.getsource(code)}".encode())
    for part in data:
        digest.update(part.tobytes() if isinstance(part, np.ndarray) else repr(part).encode("utf-8", "surrogatepass"))
        digest.update(b"\0")
    return digest.hexdigest()


def _fit(on: str, fit: Callable[[], Arrays], kept: Kept) -> Arrays:
    return kept.fits[on] if on in kept.fits else fit()


def embedding_text(passage: Passage) -> str:
    """What is encoded for a passage: its heading path, then its words."""
    return f"{passage.heading}\n{passage.text}"


def build(
    passages: Sequence[Passage],
    analyser: Analyser,
    encoder: Encoder | None,
    third: Encoder | None = None,
    *,
    authored: Authored = Authored(),
    kept: Kept = Kept(),
    progress: Progress = lambda _done, _all: None,
) -> Index:
    """Build an index of the passages and of ways of asking. By the ``third`` encoder passages are compared too, with English questions.

    What is in ``kept`` (see `kept_from`) is neither encoded nor fitted again.
    """
    words = WordArm([embedding_text(passage) for passage in passages], analyser)
    if encoder is None or not passages:
        return Index(tuple(passages), words, authored=authored)
    texts, owners = encoded_texts(passages)
    sizes = {"passages": len(passages), "sentences": len(owners), "replies": len(authored.replies)}
    read = _encode([*texts, *authored.replies], encoder.passages, kept.vectors, progress)
    arrays: dict[str, Any] = {"owners": owners, "sentences": read[:0], **_cut(read, sizes)}
    if third is not None:
        read_again = _encode([THIRD + text for text in texts], _unmarked(third.passages), kept.vectors, progress)
        arrays |= {"third-sentences": read_again[:0], **_cut(read_again, {"third-passages": len(passages), "third-sentences": len(owners)})}
    if authored.asks:
        marked = [ASK + text for text in (*authored.asks, *authored.messages, *authored.told)]
        asked = _encode(marked, _unmarked(encoder.queries), kept.vectors, progress)
        asked = asked.astype(np.float16).astype(np.float32)  # as it is kept, so that the next index is the same
        arrays |= _cut(asked, {"asks": len(authored.asks), "messages": len(authored.messages), "told": len(authored.told)})
    fits = {on: _fit(on, fit, kept) for on, fit in _rules(arrays, authored, read.shape[1])}
    for fitted in fits.values():
        arrays |= fitted
    return assembled(tuple(passages), words, arrays, authored, {on: tuple(fitted) for on, fitted in fits.items()})


def _cut(vectors: Vectors, sizes: Mapping[str, int]) -> Arrays:
    """The rows of each name, which follow each other; a name without rows is left out."""
    parts = np.split(vectors, np.cumsum([*sizes.values()])[:-1])
    return {name: part for name, part in zip(sizes, parts, strict=True) if len(part)}


def _rules(arrays: Arrays, authored: Authored, first: int) -> Iterator[tuple[str, Callable[[], Arrays]]]:
    """What is fitted on the vectors of questions: on what, and how; ``first`` is the width of the first encoder's vectors."""
    if "asks" in arrays:
        asks, owners = arrays["asks"], authored.owners
        yield fitted_on(spaces, "plain", asks[:, :first], owners), partial(_fit_space, "plain", asks[:, :first], owners, drawn=False)
        if asks.shape[1] > first:
            in_english = [language == "en" for language in authored.languages[: len(owners)]]
            taught = in_english if any(in_english) else None
            told = (arrays["told"], [owners[place] for place in authored.telling]) if "told" in arrays else None
            yield (
                fitted_on(spaces, "english", asks, owners, taught, *(told or ())),
                partial(_fit_space, "english", asks, owners, drawn=True, taught=taught, told=told),
            )
        seen = np.concatenate([arrays[name][:, :first] for name in ("asks", "messages") if name in arrays])
        yield fitted_on(languages, seen, authored.languages), partial(_fit_languages, seen, authored.languages)


def _fit_space(name: str, asks: Vectors, owners: Sequence[int], **how: Any) -> Arrays:
    return parts_of(name, fit_space(asks, owners, **how))


def _fit_languages(vectors: Vectors, spoken: Sequence[str]) -> Arrays:
    found = fit_languages(vectors, spoken)
    return {} if found is None else {LANGUAGES: found.weights}


def parts_of(name: str, space: Space | None) -> Arrays:
    """The arrays of a space, by name and part."""
    parts = {f"{name}-{part}": getattr(space, part, None) for part in SPACE}
    return {file: array for file, array in parts.items() if array is not None}


ASK = "?"
"""Goes before a way of asking in its key, because questions and passages are encoded differently."""
THIRD = "+"
"""Goes before a text in the key of what the third encoder makes of it."""
LENGTH = 0.5
"""Length of a vector of the third encoder behind that of the first, whose vectors lie closer together."""
FITTED = "fitted-"
"""Begins the names of the arrays of rules that were fitted on the index."""
LANGUAGES = "languages"
"""Names the array of what tells English from other languages."""


def _unmarked(encode: Callable[[Sequence[str]], Vectors]) -> Callable[[Sequence[str]], Vectors]:
    """Encodes texts without the mark before each of them."""
    return lambda marked: encode([text[1:] for text in marked])


def encoded_texts(passages: Sequence[Passage]) -> tuple[list[str], NDArray[np.int64]]:
    """The texts to encode, passages first and then sentences, and for each sentence the place of its passage."""
    texts = [embedding_text(passage) for passage in passages]
    owners: list[int] = []
    for place, passage in enumerate(passages):
        heading = passage.path[-1] if passage.path else ""
        texts.extend(f"{heading}: {sentence.text}" for sentence in passage.sentences)
        owners.extend([place] * len(passage.sentences))
    return texts, np.array(owners, np.int64)


def assembled(
    passages: tuple[Passage, ...],
    words: WordArm,
    arrays: Mapping[str, Any],
    authored: Authored,
    fits: Mapping[str, tuple[str, ...]],
) -> Index:
    """An index of its passages, words and arrays, and of what was fitted on what."""
    owners = arrays["owners"]
    starts = np.searchsorted(owners, np.arange(len(passages)))
    dense, sentences = VectorArm(_joined(arrays, "passages")), _joined(arrays, "sentences").astype(np.float16)
    plain, english = (_space(arrays, name) for name in ("plain", "english"))
    return Index(
        passages, words, dense, sentences, arrays["passages"].shape[1], owners, starts, authored, arrays.get("replies"), plain, english,
        ask_vectors=arrays.get("asks"), message_vectors=arrays.get("messages"), told_vectors=arrays.get("told"),
        languages=LanguageIdentifier(arrays[LANGUAGES]) if LANGUAGES in arrays else None,
        fitted={name.removeprefix(FITTED): array for name, array in arrays.items() if name.startswith(FITTED)},
        fits=fits,
    )  # fmt: skip


def _joined(arrays: Mapping[str, Any], name: str) -> Any:
    """Vectors of the first encoder, with those of the third behind them where there is one."""
    third = arrays.get(f"third-{name}")
    return arrays[name] if third is None else np.concatenate([arrays[name], LENGTH * third], axis=1)


def _space(arrays: Mapping[str, Any], name: str) -> Space | None:
    return Space(*(arrays.get(f"{name}-{part}") for part in SPACE)) if f"{name}-weights" in arrays else None  # type: ignore[arg-type]


def _encode(texts: list[str], encode: Callable[[Sequence[str]], Vectors], known: Mapping[str, Vectors], progress: Progress) -> Vectors:
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
