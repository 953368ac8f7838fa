"""Matching a question with the authored answers, and knowing how sure the match is.

A card is compared in four ways: the nearest of its ways of asking, its reply, the words it shares with the
question, and its evidence. Known gaps compete with the cards. How sure a match is, is a probability fitted on
the cards and gaps themselves: each way of asking is taken out in turn and asked.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.domain.guidance import Card, Document, Gap, Nation, Passage, Role
from assistant.retrieval.encoder import Vectors
from assistant.retrieval.index import Authored, Index, WordArm
from assistant.retrieval.words import Analyser, places

Floats = NDArray[np.float64]

OPEN = 0.3
"""Weight in the fit of a way of asking that is not hidden."""

MIX = np.array([1.0, 0.4, 0.3, 0.6])
"""Weights of ways of asking, reply, words and evidence in a card's score."""


def authored(cards: Sequence[Card], gaps: Sequence[Gap], documents: Mapping[str, Document]) -> Authored:
    """The texts of cards and gaps that are encoded with the index."""
    asks = [*(ask for card in cards for ask in card.asks), *(ask for gap in gaps for ask in gap.asks)]
    return Authored(tuple(asks), tuple(f"{card.title}. {reply(card, documents)}" for card in cards))


def reply(card: Card, documents: Mapping[str, Document]) -> str:
    """A card's plain answer."""
    section = documents[card.document].section(card.section)
    return " ".join(paragraph.text for paragraph in section.paragraphs) if section else ""


@dataclass(frozen=True)
class Match:
    """The best card for a question, how likely it is the right one, and whether a known gap is nearer."""

    card: Card
    sure: float
    gap: Gap | None
    card_nearest: float = 0.0
    """Similarity of the nearest way of asking of any card, -1 to 1."""
    gap_nearest: float = 0.0
    """Similarity of the nearest way of asking of any known gap."""


@dataclass(frozen=True)
class Fit:
    """A fitted rule: probability from features (logistic regression)."""

    weights: tuple[float, ...]
    bias: float

    def sure(self, features: Floats) -> float:
        """The probability that a match with these features is right."""
        return float(1 / (1 + np.exp(-(features @ np.array(self.weights) + self.bias))))


class CardMatcher:
    """Compares questions with the cards and gaps of one index."""

    def __init__(
        self, cards: Sequence[Card], gaps: Sequence[Gap], documents: Mapping[str, Document],
        sections: Mapping[str, Sequence[Passage]], index: Index, fit: Fit | None = None,
    ) -> None:  # fmt: skip
        """``fit`` is the rule stored with the index; without one it is fitted here, which takes a second or two."""
        self.cards = tuple(cards)
        self.gaps = tuple(gaps)
        self._words = WordArm(
            [
                " ".join((card.title, reply(card, documents), *(p.text for r in card.evidence for p in sections.get(r, ()))))
                for card in cards
            ],
            Analyser(index.words.analyser.concepts),
        )
        counts = [*(len(card.asks) for card in cards), *(len(gap.asks) for gap in gaps)]
        owners = [place for place, count in enumerate(counts) for _ in range(count)]
        self._texts = authored(cards, gaps, documents).asks
        self._places = frozenset(place for text in self._texts for place in places(text))
        self._owners = np.array(owners, np.int64)
        self._asks: Vectors | None = None
        self.fit = fit or Fit((0.0,) * 7, 0.0)
        self._held: dict[int, frozenset[str]] = {}
        if index.ask_vectors is None or index.reply_vectors is None or index.sentences is None or index.owners is None:
            return
        self._mean = index.ask_vectors.mean(axis=0)
        self._asks = self._centred(index.ask_vectors)
        self._replies = _unit(index.reply_vectors - index.reply_vectors.mean(axis=0))
        place = {passage.id: i for i, passage in enumerate(index.passages)}
        held = [[place[p.id] for r in card.evidence for p in sections.get(r, ())] for card in cards]
        sentences = _unit(index.sentences.vectors - index.sentences.vectors.mean(axis=0))
        rows = [np.flatnonzero(np.isin(index.owners, places)) for places in held]
        self._evidence_rows = np.concatenate(rows) if rows else np.zeros(0, np.int64)
        self._evidence = sentences[self._evidence_rows]
        self._evidence_starts = np.concatenate([[0], np.cumsum([len(r) for r in rows])[:-1]]).astype(np.int64)
        self.fit = fit or self._fitted()

    @property
    def ready(self) -> bool:
        """Whether there are vectors to match with."""
        return self._asks is not None and bool(self.cards)

    def _centred(self, vectors: Vectors) -> Vectors:
        return _unit(vectors - self._mean)

    def speaks_of(self, place: str) -> bool:
        """Whether any way of asking names this numbered place."""
        return place in self._places

    def match(self, text: str, vector: Vectors, role: Role | None, nation: Nation | None) -> Match | None:
        """The best card for a question; None without vectors or cards."""
        if self._asks is None or not self.cards:
            return None
        question = self._centred(vector.reshape(1, -1))[0]
        similarity = self._asks @ question
        best, features, gap = self._compare(text, question, similarity, role, nation)
        ours = self._owners < len(self.cards)
        gaps = similarity[~ours]
        return Match(self.cards[best], self.fit.sure(features), gap, float(similarity[ours].max()), float(gaps.max()) if len(gaps) else 0.0)

    def _compare(
        self, text: str, question: Vectors, similarity: Vectors, role: Role | None = None, nation: Nation | None = None
    ) -> tuple[int, Floats, Gap | None]:
        count = len(self.cards)
        nearest = np.full(count + len(self.gaps), -1.0)
        np.maximum.at(nearest, self._owners, similarity)
        words = self._words.scores(text).astype(np.float64) / 10
        evidence = np.maximum.reduceat(self._evidence @ question, self._evidence_starts)
        views = np.stack([nearest[:count], self._replies @ question, words, evidence], axis=1)
        score = views @ MIX + np.array([_prior(card, role, nation) for card in self.cards])
        best = int(score.argmax())
        second = float(np.partition(score, -2)[-2]) if count > 1 else 0.0
        gap_place = int(nearest[count:].argmax()) if self.gaps else -1
        gap_nearest = float(nearest[count + gap_place]) if self.gaps else 0.0
        coverage = self._coverage(text, best)
        features = np.array([*views[best], coverage, float(score[best]) - second, gap_nearest - nearest[best]])
        gap = self.gaps[gap_place] if self.gaps and gap_nearest > nearest[best] + 0.03 and gap_nearest > 0.35 else None
        return best, features, gap

    def _coverage(self, text: str, card: int) -> float:
        tokens = {t: min(self._words.rarity(t), 6.0) for t in self._words.analyser.query_tokens(text) if not t.startswith("=")}
        total = sum(tokens.values())
        held = self._tokens(card)
        return sum(weight for token, weight in tokens.items() if token in held) / total if total else 0.0

    def _tokens(self, card: int) -> frozenset[str]:
        if card not in self._held:
            own = self.cards[card]
            self._held[card] = frozenset(self._words.tokens_of(card)) | frozenset(
                token for ask in own.asks for token in self._words.analyser.tokens(ask)
            )
        return self._held[card]

    def _fitted(self) -> Fit:
        """Fit the rule on the ways of asking themselves.

        Each is hidden and asked, and the match is right if it finds its own card; each is also asked in the open,
        with less weight, so that the very words of a card count for what they are.
        """
        assert self._asks is not None  # noqa: S101 - only called once they are set
        similarity = self._asks @ self._asks.T
        rows, right, weight = [], [], []
        for place, text in enumerate(self._texts):
            wanted = int(self._owners[place])
            for hidden in (True, False):
                scores = similarity[place].copy()
                if hidden:
                    scores[place] = -1.0
                elif wanted >= len(self.cards):
                    continue
                best, features, _ = self._compare(text, self._asks[place], scores)
                rows.append(features)
                right.append(self._same(best, wanted))
                weight.append(1.0 if hidden else OPEN)
        return _logistic(np.array(rows), np.array(right, np.float64), np.array(weight))

    def _same(self, found: int, wanted: int) -> bool:
        """Whether a found card answers what the wanted one does: itself, or one that rests on the same section."""
        if wanted >= len(self.cards):
            return False
        return found == wanted or bool(set(self.cards[found].evidence) & set(self.cards[wanted].evidence))


def _prior(card: Card, role: Role | None, nation: Nation | None) -> float:
    value = 0.06 if role is not None and role in card.roles else 0.0
    return value - (0.1 if nation is not None and card.nations and nation not in card.nations else 0.0)


def _unit(vectors: Any) -> Vectors:
    unit: Vectors = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    return unit


def _logistic(rows: Floats, right: Floats, counts: Floats, *, ridge: float = 1.0, rounds: int = 30) -> Fit:
    """Logistic regression by Newton's method, with a ridge penalty (Hastie and others 2009, section 4.4)."""
    mean, spread = rows.mean(axis=0), rows.std(axis=0) + 1e-9
    design = np.column_stack([(rows - mean) / spread, np.ones(len(rows))])
    penalty = np.diag([ridge] * rows.shape[1] + [0.0])
    beta = np.zeros(design.shape[1])
    for _ in range(rounds):
        guess = 1 / (1 + np.exp(-np.clip(design @ beta, -30, 30)))
        weight = counts * np.maximum(guess * (1 - guess), 1e-6)
        gradient = design.T @ (counts * (right - guess)) - penalty @ beta
        beta = beta + np.linalg.solve((design.T * weight) @ design + penalty, gradient)
    weights = beta[:-1] / spread
    return Fit(tuple(float(w) for w in weights), float(beta[-1] - mean @ weights))
