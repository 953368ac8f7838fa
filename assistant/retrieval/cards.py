"""Matching a question with the authored answers, and knowing how sure the match is.

The nearest ways of asking, replies, words and evidence name a few likely cards. Each of them is then looked at again:
how near it is, whether known gaps or other cards are nearer, whether it holds the question's words, and whether the
passages that were found for the question are those it rests on. How sure a match is, is the probability of a
logistic regression fitted on the ways of asking, each as if it were not known (``.ci/fit_matching.py``).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assistant.domain.guidance import Card, Document, Gap, Nation, Passage, Role
from assistant.retrieval.encoder import Vectors
from assistant.retrieval.index import Authored, Index, WordArm, unit
from assistant.retrieval.search import Hit
from assistant.retrieval.words import Analyser, places, plain_words, stem

Floats = NDArray[np.float64]

MIX = np.array([1.0, 0.4, 0.3, 0.6])
"""Weights of ways of asking, reply, words and evidence in the score that names the likely cards."""
CHOSEN = 0.06
"""Weight in that score of the classifier's logarithm of a chance."""
UNLIKELY = -12.0
LIKELY = 8
"""Cards that are looked at again."""


def authored(cards: Sequence[Card], gaps: Sequence[Gap], documents: Mapping[str, Document]) -> Authored:
    """The texts of cards and gaps that are encoded with the index."""
    things: tuple[Card | Gap, ...] = (*cards, *gaps)
    asks = [(ask, place) for place, thing in enumerate(things) for ask in thing.asks]
    return Authored(
        tuple(ask for ask, _ in asks),
        tuple(place for _, place in asks),
        tuple(card.evidence for card in cards) + ((),) * len(gaps),
        tuple(f"{card.title}. {reply(card, documents)}" for card in cards),
    )


def reply(card: Card, documents: Mapping[str, Document]) -> str:
    """A card's plain answer."""
    section = documents[card.document].section(card.section)
    return " ".join(paragraph.text for paragraph in section.paragraphs) if section else ""


@dataclass(frozen=True)
class Features:
    """What is seen of one likely card beside a question."""

    nearest: float
    """Similarity of the nearest way of asking, -1 to 1."""
    evidence: float
    """Similarity of the nearest sentence that the card rests on."""
    covered: float
    """Share of the question's telling words that the card holds, 0 to 1."""
    ahead: float
    """By how much its score is above that of the best card that rests on something else."""
    gap_ahead: float
    """By how much the nearest known gap is nearer than the card."""
    behind: float
    """By how much the best of its passages ranks behind the best passage found, 0 to 1."""
    role: float
    """1 unless it is written for others than the one who asks."""
    again: float
    """Mean similarity of its three nearest ways of asking."""
    reply: float
    """Similarity of its title and reply."""
    chosen: float
    """Logarithm of the chance that the classifier of questions gives it, at least `UNLIKELY`."""
    no_card: float
    """Logarithm of the chance that it gives to all known gaps together, at least `UNLIKELY`."""

    @property
    def row(self) -> tuple[float, ...]:
        """The numbers in the order of `Fit.weights`."""
        return (
            self.nearest,
            self.evidence,
            self.covered,
            self.ahead,
            self.gap_ahead,
            self.behind,
            self.role,
            self.again,
            self.reply,
            self.chosen,
            self.no_card,
        )


@dataclass(frozen=True)
class Fit:
    """Weights for `Features.row`, and the bias, of a logistic regression."""

    weights: tuple[float, ...] = (-0.602, -0.953, 0.976, 2.447, -1.061, -1.82, 1.797, -1.124, 0.683, 0.433, -0.231)
    bias: float = -1.84

    def sure(self, features: Features) -> float:
        """The probability that a card with these features is the right one."""
        value = float(np.dot(self.weights, features.row)) + self.bias
        return float(1 / (1 + np.exp(-value)))


RIVAL = 0.1
"""How sure a card has to be to be named after the surest."""
CLEAR = 0.75
"""How sure the surest card has to be to be shown alone, whatever comes next."""
SECOND, SHARE = 0.1, 0.3
"""How sure another card has to be, by itself and as a share of the surest, to be shown beside it."""


@dataclass(frozen=True)
class Match:
    """The surest card for a question, how sure it is, and the nearest known gap."""

    card: Card
    sure: float
    features: Features
    gap: Gap | None
    gap_nearest: float = 0.0
    """Similarity of the nearest way of asking of any known gap."""
    rivals: tuple[Card, ...] = ()
    """The next likely cards, the surest first."""
    second: Card | None = None
    """A card that is nearly as likely to be the right one."""
    together: float = 0.0
    """How sure it is that one of the two is right: the sum of both."""


class CardMatcher:
    """Compares questions with the cards and gaps of one index."""

    def __init__(
        self, cards: Sequence[Card], gaps: Sequence[Gap], documents: Mapping[str, Document],
        sections: Mapping[str, Sequence[Passage]], index: Index, fit: Fit = Fit(),
    ) -> None:  # fmt: skip
        self.cards = tuple(cards)
        self.gaps = tuple(gaps)
        self.fit = fit
        self._words = WordArm(
            [
                " ".join((card.title, reply(card, documents), *(p.text for r in card.evidence for p in sections.get(r, ()))))
                for card in cards
            ],
            Analyser(index.words.analyser.concepts),
        )
        counts = [*(len(card.asks) for card in cards), *(len(gap.asks) for gap in gaps)]
        self._owners = np.repeat(np.arange(len(counts)), counts)
        self._firsts = np.flatnonzero(np.diff(self._owners, prepend=-1))
        """The first way of asking of each owner that has one."""
        self._exact = {_plain(ask): place for place, card in enumerate(self.cards) for ask in card.asks}
        self._places = frozenset(place for text in authored(cards, gaps, documents).asks for place in places(text))
        things: tuple[Card | Gap, ...] = (*cards, *gaps)
        self._spelling = Analyser()
        self._spelling.learn(plain_words(" ".join([*(ask for thing in things for ask in thing.asks), *(p.text for p in index.passages)])))
        self._asks: Vectors | None = None
        self._held: dict[int, frozenset[str]] = {}
        asked = plain_words(" ".join(ask for card in cards for ask in card.asks))
        self._vocabulary = frozenset(index.words.frequency).union(self._words.frequency, map(stem, asked))
        if (
            index.ask_vectors is None
            or index.reply_vectors is None
            or index.sentences is None
            or index.owners is None
            or index.chooser is None
        ):
            return
        self._chooser = index.chooser
        self._asks = unit(index.ask_vectors - self._chooser.mean)
        self._reply_vectors = index.reply_vectors
        self._replies = unit(index.reply_vectors - index.reply_vectors.mean(axis=0))
        place = {passage.id: i for i, passage in enumerate(index.passages)}
        held = [[place[p.id] for r in card.evidence for p in sections.get(r, ())] for card in cards]
        sentences = unit(index.sentences.vectors - index.sentences.vectors.mean(axis=0))
        rows = [np.flatnonzero(np.isin(index.owners, places)) for places in held]
        self._evidence = sentences[np.concatenate(rows) if rows else np.zeros(0, np.int64)]
        self._evidence_starts = np.concatenate([[0], np.cumsum([len(r) for r in rows])[:-1]]).astype(np.int64)

    def reply_vector(self, card: Card) -> Vectors | None:
        """The vector of a card's title and reply; None without a model."""
        return None if self._asks is None else self._reply_vectors[self.cards.index(card)]

    def knows(self, text: str) -> bool:
        """Whether a text is one of the cards' ways of asking, case and marks apart."""
        return _plain(text) in self._exact

    def speaks_of(self, place: str) -> bool:
        """Whether any way of asking names this numbered place."""
        return place in self._places

    def respelt(self, text: str) -> str:
        """The text with misspelt words read as words of the passages and ways of asking."""
        return self._spelling.respelt(text)

    def odd(self, text: str) -> float:
        """Share of a text's telling words that neither passages nor cards hold, 0 to 1."""
        tokens = [token for token in self._words.analyser.query_tokens(text) if not token.startswith("=")]
        return sum(token not in self._vocabulary for token in tokens) / len(tokens) if tokens else 0.0

    def match(self, text: str, vector: Vectors, hits: Sequence[Hit], role: Role | None, nation: Nation | None) -> Match | None:
        """The surest card for a question with its vector and the passages found for it; None without vectors or cards."""
        if self._asks is None or not self.cards:
            return None
        near = self._near(vector)
        looked = self._look(text, vector, near, hits, role, nation)
        sure = {place: self.fit.sure(features) for place, features in looked.items()}
        known = self._exact.get(_plain(text))
        if known in sure:
            sure[known] = 1.0
        best = max(sure, key=sure.__getitem__)
        features = looked[best]
        gaps = near[len(self.cards) :]
        gap = int(gaps.argmax()) if len(gaps) else -1
        nearest = float(gaps[gap]) if len(gaps) else 0.0
        nearer = len(gaps) and nearest > features.nearest + 0.03 and nearest > 0.35
        order = sorted(sure, key=lambda place: -sure[place])
        rivals = tuple(self.cards[place] for place in order[1:4] if sure[place] > RIVAL)
        beside = [p for p in order[1:2] if sure[best] < CLEAR and sure[p] >= max(SECOND, SHARE * sure[best])]
        return Match(
            self.cards[best], sure[best], features, self.gaps[gap] if nearer else None, nearest, rivals,
            self.cards[beside[0]] if beside else None, sure[best] + sum(sure[place] for place in beside),
        )  # fmt: skip

    def looked_at(self, text: str, vector: Vectors, hits: Sequence[Hit], role: Role | None, nation: Nation | None) -> dict[int, Features]:
        """The likely cards, by their place, and what is seen of each."""
        if self._asks is None or not self.cards:
            return {}
        return self._look(text, vector, self._near(vector), hits, role, nation)

    def _look(
        self, text: str, vector: Vectors, near: Floats, hits: Sequence[Hit], role: Role | None, nation: Nation | None
    ) -> dict[int, Features]:
        count = len(self.cards)
        question = unit(vector - self._chooser.mean)
        evidence = np.maximum.reduceat(self._evidence @ question, self._evidence_starts)
        words = self._words.scores(text).astype(np.float64) / 10
        views = np.stack([near[:count], self._replies @ question, words, evidence], axis=1)
        chosen = np.maximum(self._chooser.logs(vector), UNLIKELY)
        score = views @ MIX + CHOSEN * chosen[:count] + np.array([_prior(card, role, nation) for card in self.cards])
        no_card = max(float(np.logaddexp.reduce(chosen[count:])), UNLIKELY) if self.gaps else UNLIKELY
        likely = [int(place) for place in np.argsort(-score)[:LIKELY]]
        found: dict[str, float] = {}
        for hit in hits:
            found.setdefault(hit.passage.id.partition("/")[0], hit.score)
        top = hits[0].score if hits else 0.0
        gap_nearest = float(near[count:].max()) if self.gaps else 0.0
        looked = {}
        for place in likely:
            own = set(self.cards[place].evidence)
            others = [score[other] for other in likely if other != place and not own & set(self.cards[other].evidence)]
            looked[place] = Features(
                nearest=float(near[place]),
                evidence=float(evidence[place]),
                covered=self._coverage(text, place),
                ahead=float(score[place] - max(others, default=0.0)),
                gap_ahead=gap_nearest - float(near[place]),
                behind=min(top - max((found[e] for e in own if e in found), default=top - 1.0), 1.0),
                role=float(role is None or role in self.cards[place].roles),
                again=self._again(place, question),
                reply=float(self._replies[place] @ question),
                chosen=float(chosen[place]),
                no_card=no_card,
            )
        return looked

    def _again(self, card: int, question: Vectors) -> float:
        assert self._asks is not None  # noqa: S101 - only called once they are set
        first, last = np.searchsorted(self._owners, (card, card + 1))
        return float(np.sort(self._asks[first:last] @ question)[-3:].mean())

    def _near(self, vector: Vectors) -> Floats:
        """Similarity of the nearest way of asking of each card, then of each gap."""
        assert self._asks is not None  # noqa: S101 - only called once they are set
        question = unit(vector - self._chooser.mean)
        near = np.full(len(self.cards) + len(self.gaps), -1.0)
        near[self._owners[self._firsts]] = np.maximum.reduceat(self._asks @ question, self._firsts)
        return near

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


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))


def _prior(card: Card, role: Role | None, nation: Nation | None) -> float:
    value = 0.06 if role is not None and role in card.roles else 0.0
    return value - (0.1 if nation is not None and card.nations and nation not in card.nations else 0.0)
