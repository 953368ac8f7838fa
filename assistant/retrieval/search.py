"""From a question to ranked passages: a dense arm, a word arm, and one fused score.

The dense score of a passage is half its own similarity and half that of its best sentence. The word score is
BM25. Each is stretched to 0..1 over the candidates before they are added, because their scales differ; a long
question leans more on meaning, a short one on words. Weights were chosen on a public set of questions about
GOV.UK pages; docs/decisions tells what was tried.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assistant.domain.guidance import Nation, Passage, Role, Status
from assistant.retrieval.encoder import Encoder, Vectors
from assistant.retrieval.index import LENGTH, Index
from assistant.retrieval.spaces import Space
from assistant.retrieval.words import plain_words, tidy

Scores = NDArray[np.float32]


@dataclass(frozen=True)
class Weights:
    """How the arms are fused."""

    sentence: float = 0.55
    """Share of the best sentence in the dense score."""
    short: float = 0.65
    """Share of the dense score for a question of a few words."""
    long: float = 0.8
    """Share of the dense score for a question of many words."""
    page: float = 0.2
    """What the best passage of a document lends to the others."""
    answers: float = 2.5
    """What a card lends to the passages that it rests on: its chance to be what is asked for, times this."""
    candidates: int = 200


@dataclass(frozen=True)
class Hit:
    """A passage, its fused score, and what each arm said of it."""

    passage: Passage
    score: float
    dense: float
    """Cosine similarity by the first encoder, -1 to 1; 0 without a model."""
    words: float
    """BM25 score, 0 upward."""


class Retriever:
    """Ranks the passages of one index."""

    def __init__(self, index: Index, encoder: Encoder | None, third: Encoder | None = None, weights: Weights = Weights()) -> None:
        """``third`` is the encoder by which the passages of the index are compared beside the first, if one was used to build it."""
        self.index = index
        self.weights = weights
        self._encoder = encoder if index.dense is not None else None
        self._third = third
        documents: dict[str, int] = {}
        self._document = np.array([documents.setdefault(p.document, len(documents)) for p in index.passages], np.int64)
        self._place = {passage.id: place for place, passage in enumerate(index.passages)}
        self._rests = _rests(index)
        self._languages = np.array([passage.language for passage in index.passages])
        self._priors: dict[tuple[Role | None, Nation | None, bool], Scores] = {}
        self.has_official = any(passage.official for passage in index.passages)
        """Whether official documents are held beside our own."""

    @property
    def has_model(self) -> bool:
        """Whether meaning is searched too, or words alone."""
        return self._encoder is not None

    def passage(self, passage_id: str) -> Passage | None:
        """The passage with that id."""
        place = self._place.get(passage_id)
        return None if place is None else self.index.passages[place]

    def encode(self, texts: Sequence[str]) -> Vectors | None:
        """Question vectors, or None without a model."""
        return self._encoder.queries(texts) if self._encoder is not None else None

    def foreign(self, text: str, language: str = "en", vector: Vectors | None = None) -> bool:
        """Whether a text is in another language than English: by its vector, or else by the language that it is said to be in."""
        if vector is None or self.index.languages is None:
            return language != "en"
        return self.index.languages.foreign(vector, len(plain_words(text)))

    def space(self, *, foreign: bool) -> Space | None:
        """Where a question is told from others; None without a model or cards."""
        return self.index.plain if foreign or self.index.english is None else self.index.english

    def search(
        self,
        text: str,
        *,
        limit: int = 10,
        role: Role | None = None,
        nation: Nation | None = None,
        language: str = "en",
        current_only: bool = True,
        vector: Vectors | None = None,
        foreign: bool | None = None,
        chances: Scores | None = None,
    ) -> tuple[Hit, ...]:
        """The best passages for a question, best first.

        Role and nation move passages up or down a little and never hide one: the publisher's own words lead for practitioners,
        ours for everyone else; ``current_only`` leaves out
        replaced and withdrawn texts. ``vector``, and whether it is ``foreign``, are the question's own, if they are known already;
        ``chances`` say of each card and gap how likely it is what is asked for, and lift the passages that it rests on.
        """
        if not self.index.passages:
            return ()
        text = tidy(text)
        if vector is None and self._encoder is not None:
            vector = self._encoder.queries([text])[0]
        words = self.index.words.scores(text)
        foreign = self.foreign(text, language, vector) if foreign is None else foreign
        wanted = self._wanted(text, vector, foreign=foreign)
        places = self._candidates(wanted, words)
        dense = self._dense(wanted, places)
        lexical = words[places]
        spoken = "en" if not foreign else "" if language == "en" else language
        same_language = self._languages[places] == spoken
        share = self._share(text)
        if vector is None or not lexical.any():
            fused = _stretch(lexical if vector is None else dense)
        else:
            fused = np.where(same_language, share * _stretch(dense) + (1 - share) * _stretch(lexical), _stretch(dense)).astype(np.float32)
        fused = fused + self._page_prior(places, fused)
        if chances is not None:
            fused = fused + self.weights.answers * (chances @ self._rests)[places]
        if role is not None or nation is not None or current_only:
            fused = fused + self._prior(role, nation, current_only=current_only)[places]
        order = np.argsort(-fused, kind="stable")[:limit]
        order = order[np.isfinite(fused[order]) & ((dense[order] > 0) | (lexical[order] > 0))]
        alike = self._dense(None if wanted is None else wanted[: self.index.shared], places[order])
        return tuple(
            Hit(self.index.passages[place], float(fused[i]), float(likeness), float(lexical[i]))
            for i, place, likeness in zip(order, places[order], alike, strict=True)
        )

    def sentence_similarity(self, vector: Vectors | None, places: Sequence[tuple[Passage, int]]) -> Scores | None:
        """Similarity of single sentences (passage, place in it) to a question vector, by the first encoder; None without a model."""
        index = self.index
        if vector is None or index.sentences is None or index.starts is None:
            return None
        rows = np.array([index.starts[self._place[passage.id]] + i for passage, i in places])
        scores: Scores = index.sentences[rows, : index.shared] @ vector[: index.shared]
        return scores

    def _wanted(self, text: str, vector: Vectors | None, *, foreign: bool) -> Vectors | None:
        """What passages are compared with: the first encoder's vector of a question, and of one in English the third's behind it."""
        if vector is None or self.index.dense is None:
            return None
        first = vector[: self.index.shared]
        further = self.index.dense.vectors.shape[1] - self.index.shared
        if not further:
            return first
        third = np.zeros(further, np.float32) if foreign or self._third is None else LENGTH * self._third.queries([text])[0]
        return np.concatenate([first, third])

    def _candidates(self, vector: Vectors | None, words: Scores) -> NDArray[np.int64]:
        count = min(self.weights.candidates, len(self.index.passages))
        found = [np.argpartition(-words, count - 1)[:count]]
        if vector is not None and self.index.dense is not None:
            found.append(self.index.dense.top(vector, count)[0])
        return np.unique(np.concatenate(found))

    def _dense(self, vector: Vectors | None, places: NDArray[np.int64]) -> Scores:
        """Likeness of passages to a vector, which may be the first part of what they are compared with."""
        index = self.index
        if vector is None or index.dense is None or index.sentences is None or index.starts is None:
            return np.zeros(len(places), np.float32)
        whole = index.dense.vectors[places, : len(vector)] @ vector
        ends = np.append(index.starts, len(index.sentences))
        sizes = ends[places + 1] - index.starts[places]
        best = whole.copy()
        some = sizes > 0
        firsts = np.cumsum(sizes[some]) - sizes[some]
        rows = np.repeat(index.starts[places[some]] - firsts, sizes[some]) + np.arange(sizes[some].sum())
        scores = index.sentences[rows, : len(vector)] @ vector
        best[some] = np.maximum.reduceat(scores, firsts)
        share = self.weights.sentence
        mixed: Scores = (1 - share) * whole + share * best
        return mixed

    def _share(self, text: str) -> float:
        words = len(text.split())
        way = min(max((words - 15) / 15, 0.0), 1.0)
        return self.weights.short + way * (self.weights.long - self.weights.short)

    def _page_prior(self, places: NDArray[np.int64], fused: Scores) -> Scores:
        documents = self._document[places]
        best = np.zeros(int(documents.max()) + 1, np.float32)
        np.maximum.at(best, documents, fused)
        prior: Scores = self.weights.page * best[documents]
        return prior

    def _prior(self, role: Role | None, nation: Nation | None, *, current_only: bool) -> Scores:
        """What role and nation add to each passage, worked out once for each."""
        key = (role, nation, current_only)
        if key not in self._priors:
            found = [_prior(passage, role, nation, current_only=current_only) for passage in self.index.passages]
            self._priors[key] = np.array(found, np.float32)
        return self._priors[key]


def _prior(passage: Passage, role: Role | None, nation: Nation | None, *, current_only: bool) -> float:
    if current_only and passage.status in {Status.SUPERSEDED, Status.WITHDRAWN}:
        return -np.inf
    value = 0.0
    if passage.official:
        return 0.1 if role is Role.PRACTITIONERS else -0.1
    if role is not None and role in passage.audience:
        value += 0.06 / max(len(passage.audience), 1) + 0.02
    if nation is not None and passage.nations and nation not in passage.nations:
        value -= 0.25
    return value


def _rests(index: Index) -> Scores:
    """For each card and gap, a row with 1 at every passage that it rests on."""
    evidence = index.authored.evidence if index.authored is not None else ()
    rows = np.zeros((len(evidence), len(index.passages)), np.float32)
    for place, sections in enumerate(evidence):
        for at, passage in enumerate(index.passages):
            if f"{passage.document}#{passage.section}" in sections:
                rows[place, at] = 1.0
    return rows


def _stretch(scores: Scores) -> Scores:
    low, high = scores.min(), scores.max()
    stretched: Scores = (scores - low) / max(float(high - low), 1e-9)
    return stretched
