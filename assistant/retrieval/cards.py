"""Matching a question with the authored answers, and knowing how sure the match is.

The nearest ways of asking and the chances of the classifier of questions name a few likely cards. Each of them is then
looked at again: how near its ways of asking and its reply are, what chance it has, whether known gaps are nearer,
and whether it holds the question's words. How sure a match is, is the probability of a logistic regression
fitted on the ways of asking, each as if it were not known (``.ci/fit_matching.py``).
"""

import re
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.domain.guidance import Card, Document, Gap, Nation, Opening, Passage, Role
from assistant.retrieval.encoder import Vectors
from assistant.retrieval.index import Authored, Index, WordArm
from assistant.retrieval.spaces import Space, unit
from assistant.retrieval.wordings import Wordings
from assistant.retrieval.words import Analyser, ages_told, places, plain_words, stem

Floats = NDArray[np.float64]
Scores = NDArray[np.float32]

NAMED_BY_REPLY = 0.2
"""Weight of the similarity of the reply, beside that of the nearest way of asking, in the score that names the likely cards."""
NAMED_BY_CHANCE = 0.1
"""Weight in that score of the classifier's logarithm of a chance."""
UNLIKELY = -12.0
LIKELY = 8
"""Cards that are looked at again."""
REPEATED = 24
"""One English way of asking in so many is learned from once more, after something that is told first."""


def authored(cards: Sequence[Card], gaps: Sequence[Gap], documents: Mapping[str, Document]) -> Authored:
    """The texts of cards and gaps that are encoded with the index."""
    things: tuple[Card | Gap, ...] = (*cards, *gaps)
    asks = [(ask, place) for place, thing in enumerate(things) for ask in thing.asks]
    return Authored(
        tuple(ask for ask, _ in asks),
        tuple(place for _, place in asks),
        tuple(card.evidence for card in cards) + ((),) * len(gaps),
        tuple(f"{card.title}. {reply(card, documents)}" for card in cards),
        languages=tuple("other" if ask in thing.foreign else "en" for thing in things for ask in thing.asks),
    )


def after_openings(texts: Authored, things: Sequence[Card | Gap], openings: Sequence[Opening]) -> Authored:
    """The texts with one in `REPEATED` English ways of asking once more, after an opening by one whom its card or gap is for.

    Which one, and after which opening, its own words say: others that come or go change nothing for it.
    """
    told, telling = [], []
    for place, (ask, owner, language) in enumerate(zip(texts.asks, texts.owners, texts.languages, strict=True)):
        drawn, thing = zlib.crc32(ask.encode("utf-8")), things[owner]
        if language != "en" or drawn % REPEATED:
            continue
        fitting = [opening.text for opening in openings if not isinstance(thing, Card) or opening.role in thing.roles]
        if fitting:
            told.append(f"{fitting[drawn // REPEATED % len(fitting)]} {ask}")
            telling.append(place)
    return replace(texts, told=tuple(told), telling=tuple(telling))


def reply(card: Card, documents: Mapping[str, Document]) -> str:
    """A card's plain answer."""
    section = documents[card.document].section(card.section)
    return " ".join(paragraph.text for paragraph in section.paragraphs) if section else ""


@dataclass(frozen=True)
class Features:
    """What is seen of one likely card beside a question."""

    covered: float
    """Share of the question's telling words that the card holds, 0 to 1."""
    role: float
    """1 unless it is written for others than the one who asks."""
    again: float
    """Mean similarity of its three nearest ways of asking."""
    reply: float
    """Similarity of its title and reply."""
    chosen: float
    """Logarithm of the chance that the classifier of questions gives it, at least `UNLIKELY`."""
    gap_ahead: float
    """By how much the nearest known gap is nearer than the card's nearest way of asking."""

    @property
    def row(self) -> tuple[float, ...]:
        """The numbers in the order of `Fit.weights`."""
        return (self.covered, self.role, self.again, self.reply, self.chosen, self.gap_ahead)


@dataclass(frozen=True)
class Fit:
    """Weights for `Features.row`, and the bias, of a logistic regression."""

    weights: tuple[float, ...]
    bias: float

    def sure(self, features: Features) -> float:
        """The probability that a card with these features is the right one."""
        value = float(np.dot(self.weights, features.row)) + self.bias
        return float(1 / (1 + np.exp(-value)))


FIT = Fit((1.145, 1.021, -0.085, 2.138, 0.789, -2.806), -1.571)
"""For questions that one encoder reads."""
DRAWN_FIT = Fit((1.082, 0.996, 0.735, 1.855, 0.639, -2.281), -2.177)
"""For questions in a space that is drawn together."""
MISSING = 0.5
"""The classifier's chance of a known gap from which no card is believed."""
RIVAL = 0.1
"""How sure a card has to be to be named after the surest."""
CLEAR = 0.75
"""How sure the surest card has to be to be shown alone, whatever comes next."""
SECOND, SHARE = 0.1, 0.3
"""How sure another card has to be, by itself and as a share of the surest, to be shown beside it."""
AHEAD = 0.1
"""By words alone: by how much the likest has to lead."""
SITE = "site"
"""The topic of the documents on which cards about this site itself rest."""


@dataclass(frozen=True)
class Look:
    """What is seen of all cards and gaps beside one text."""

    near: Floats
    """Similarity of the nearest way of asking of each card, then of each gap."""
    features: dict[int, Features]
    """Of the likely cards, by their place."""
    chances: Floats
    """How likely each card, then each gap, is what is asked for: likely cards as sure as a match, all else as the classifier has it."""
    missing: float
    """The chance that the classifier gives all gaps together."""

    @property
    def sure(self) -> dict[int, float]:
        """How sure a match with each of the likely cards is."""
        return {place: float(self.chances[place]) for place in self.features}

    def sure_with(self, other: "Look") -> dict[int, float]:
        """The same after two looks at one text, in the order of what both give a card together.

        Each is as sure as the surer look has it, and none surer than one before it.
        """
        together, surer = self.chances + other.chances, np.maximum(self.chances, other.chances)
        order = sorted({**self.features, **other.features}, key=lambda place: -together[place])
        return dict(zip(order, map(float, np.minimum.accumulate(surer[order])), strict=True))


@dataclass(frozen=True)
class Match:
    """The surest card for a question, how sure it is, and the nearest known gap."""

    card: Card
    sure: float
    nearest: float
    """Similarity of its nearest way of asking, -1 to 1."""
    gap: Gap | None
    gap_nearest: float = 0.0
    """Similarity of the nearest way of asking of any known gap."""
    rivals: tuple[Card, ...] = ()
    """The next likely cards, the surest first."""
    second: Card | None = None
    """A card that is nearly as likely to be the right one; none that is written for others beside one that is written for who asks."""
    together: float = 0.0
    """How sure it is that one of the two likeliest is right: the sum of both, whether or not the second is shown."""

    def among(self, may: Callable[[Card], bool]) -> "Match | None":
        """The match with those of its two likeliest cards that may be shown; None where neither may."""
        likely = ((self.card, self.sure), (self.second, self.together - self.sure))
        kept = [(card, chance) for card, chance in likely if card is not None and may(card)]
        if not kept:
            return None
        (card, sure), *rest = kept
        return replace(self, card=card, sure=sure, second=rest[0][0] if rest else None, together=sum(chance for _, chance in kept))


class CardMatcher:
    """Compares questions with the cards and gaps of one index."""

    def __init__(
        self, cards: Sequence[Card], gaps: Sequence[Gap], documents: Mapping[str, Document],
        sections: Mapping[str, Sequence[Passage]], index: Index,
    ) -> None:  # fmt: skip
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
        self._owners = np.repeat(np.arange(len(counts)), counts)
        self._firsts = np.flatnonzero(np.diff(self._owners, prepend=-1))
        """The first way of asking of each owner that has one."""
        # The first is the card's title, which another may have too.
        self._exact = {_plain(ask): place for place, card in enumerate(self.cards) for ask in card.asks[1:]}
        self._asks = authored(cards, gaps, documents).asks
        self._places = frozenset(place for text in self._asks for place in places(text))
        asked = [word for card in cards for ask in card.asks for word in plain_words(ask)]
        others = (*(ask for gap in gaps for ask in gap.asks), *(passage.text for passage in index.passages))
        self._spelling = Analyser()
        self._spelling.learn([*asked, *(word for text in others for word in plain_words(text))])
        self._held: dict[int, frozenset[str]] = {}
        self._vocabulary = frozenset(index.words.frequency).union(self._words.frequency, map(stem, set(asked)))
        self._priors: dict[tuple[Role | None, Nation | None], Floats] = {}
        self._plain = index.plain
        self._reply_vectors = index.reply_vectors
        if index.reply_vectors is not None:
            self._replies = unit(index.reply_vectors - index.reply_vectors.mean(axis=0))
        self._place = {card.id: place for place, card in enumerate(self.cards)}
        self._of_site = np.array([all(SITE in documents[e.partition("#")[0]].topics for e in card.evidence) for card in self.cards])

    def reply_vector(self, card: Card) -> Vectors | None:
        """The vector of a card's title and reply; None without a model."""
        return None if self._reply_vectors is None else self._reply_vectors[self._place[card.id]]

    def for_nation(self, match: Match | None, nation: Nation | None) -> Match | None:
        """A match as it is for a nation: for Wales with the cards that are shown there in place of others."""
        if match is None or nation is not Nation.WALES:
            return match
        card = self._in_wales(match.card)
        second = self._in_wales(match.second) if match.second is not None else None
        return replace(match, card=card, second=second if second is not card else None)

    def _in_wales(self, card: Card) -> Card:
        return self.cards[self._place.get(card.wales, self._place[card.id])]

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

    def match(
        self,
        text: str,
        vector: Vectors,
        space: Space,
        role: Role | None,
        nation: Nation | None,
        *,
        of_site: bool = True,
        asking: tuple[str, Vectors] | None = None,
    ) -> Match | None:
        """The surest card for a question with its vector, among the ways of asking of a space; None without cards.

        Where it is known not to be ``of_site``, no card about this site itself is looked at. What of a longer text is ``asking`` is
        looked at beside the whole of it.
        """
        if not self.cards:
            return None
        look = self.looked_at(text, vector, space, role, nation, of_site=of_site)
        near, sure, missing = look.near, look.sure, look.missing
        if asking is not None:
            again = self.looked_at(*asking, space, role, nation, of_site=of_site)
            near, sure, missing = np.maximum(near, again.near), look.sure_with(again), max(missing, again.missing)
        exact = self._exact.get(_plain(text))
        known = exact is not None and self.cards[exact].is_for(role)
        if exact is not None and known:
            sure[exact] = 1.0
        order = sorted(sure, key=lambda place: -sure[place])
        best = order[0]
        nearest = float(near[best])
        gaps = near[len(self.cards) :]
        gap = int(gaps.argmax()) if len(gaps) else -1
        gap_nearest = float(gaps[gap]) if len(gaps) else 0.0
        lacking = missing > MISSING and not known
        nearer = len(gaps) and gap_nearest > 0.35 and (lacking or gap_nearest > nearest + 0.03)
        rivals = tuple(self.cards[place] for place in order[1:4] if sure[place] > RIVAL)
        beside = [p for p in order[1:2] if sure[best] < CLEAR and sure[p] >= max(SECOND, SHARE * sure[best])]
        shown = [self.cards[p] for p in beside if self.cards[p].is_for(role) or not self.cards[best].is_for(role)]
        match = Match(
            self.cards[best], sure[best], nearest, self.gaps[gap] if nearer else None, gap_nearest, rivals,
            shown[0] if shown else None, sure[best] + sum(sure[place] for place in beside),
        )  # fmt: skip
        return replace(match, sure=0.0, second=None, together=0.0) if lacking else match

    def chances(self, text: str, vector: Vectors, space: Space, role: Role | None, nation: Nation | None) -> Scores | None:
        """How likely each card, then each gap, is what is asked for, as `Look` has it; None without cards."""
        return self.looked_at(text, vector, space, role, nation).chances.astype(np.float32) if self.cards else None

    def match_words(self, text: str, role: Role | None, nation: Nation | None, *, of_site: bool = True) -> Match | None:
        """The card that is asked for in the likest words, as sure as they are alike, or not at all where others are nearly as like."""
        if not self.cards:
            return None
        near, count = self._nearest(self._wordings.likeness(text)), len(self.cards)
        score = near.copy()
        score[:count] += self._leaning(text, role, nation, of_site=of_site)
        best, *rest = map(int, np.argsort(-score[:count])[:4])
        clear = (np.delete(score, best) + AHEAD <= score[best]).all()
        sure = float(near[best]) if clear else 0.0
        return Match(self.cards[best], sure, float(near[best]), None, rivals=tuple(self.cards[p] for p in rest), together=sure)

    @cached_property
    def _wordings(self) -> Wordings:
        return Wordings(self._asks)

    def _nearest(self, likeness: NDArray[np.floating[Any]]) -> Floats:
        """Likeness of the nearest way of asking of each card, then of each gap, from that of every way of asking."""
        near = np.full(len(self.cards) + len(self.gaps), -1.0)
        near[self._owners[self._firsts]] = np.maximum.reduceat(likeness, self._firsts)
        return near

    def looked_at(
        self, text: str, vector: Vectors, space: Space, role: Role | None, nation: Nation | None, *, of_site: bool = True
    ) -> Look:
        """What is seen of cards and gaps beside a text with its vector."""
        count = len(self.cards)
        question = space.place(vector)
        likeness = space.asks @ question
        near = self._nearest(likeness)
        replies = self._replies @ (self._plain or space).place(vector)
        logs = space.logs(question)
        chosen = np.maximum(logs, UNLIKELY)
        score = near[:count] + NAMED_BY_REPLY * replies + NAMED_BY_CHANCE * chosen[:count]
        score += self._leaning(text, role, nation, of_site=of_site)
        gap_nearest = float(near[count:].max()) if self.gaps else 0.0
        telling = self._telling(text)
        looked = {}
        for place in map(int, np.argsort(-score)[:LIKELY]):
            first, last = np.searchsorted(self._owners, (place, place + 1))
            looked[place] = Features(
                covered=self._covered(telling, place),
                role=float(self.cards[place].is_for(role)),
                again=float(np.sort(likeness[first:last])[-3:].mean()),
                reply=float(replies[place]),
                chosen=float(chosen[place]),
                gap_ahead=gap_nearest - float(near[place]),
            )
        chances: Floats = np.exp(logs).astype(float)
        missing = float(chances[count:].sum())
        chances[list(looked)] = [_fit(space).sure(features) for features in looked.values()]
        return Look(near, looked, chances, missing)

    def _telling(self, text: str) -> dict[str, float]:
        """The telling words of a question, and how rare each is."""
        return {t: min(self._words.rarity(t), 6.0) for t in self._words.analyser.query_tokens(text) if not t.startswith("=")}

    def _covered(self, telling: Mapping[str, float], card: int) -> float:
        """Share of a question's telling words, weighted by rarity, that a card holds."""
        held, total = self._tokens(card), sum(telling.values())
        return sum(weight for token, weight in telling.items() if token in held) / total if total else 0.0

    def _leaning(self, text: str, role: Role | None, nation: Nation | None, *, of_site: bool) -> Floats:
        """What role, nation and the ages that a text tells add to each card: those about other ages, or about this site, are ruled out."""
        ages, prior = ages_told(text), self._prior(role, nation)
        if ages:
            prior = np.where([bool(card.ages) and ages.isdisjoint(card.ages) for card in self.cards], -np.inf, prior)
        return prior if of_site else np.where(self._of_site, -np.inf, prior)

    def _prior(self, role: Role | None, nation: Nation | None) -> Floats:
        """What role and nation add to each card, worked out once for each."""
        if (role, nation) not in self._priors:
            self._priors[role, nation] = np.array([_prior(card, role, nation) for card in self.cards])
        return self._priors[role, nation]

    def _tokens(self, card: int) -> frozenset[str]:
        if card not in self._held:
            own = self.cards[card]
            self._held[card] = frozenset(self._words.tokens_of(card)) | frozenset(
                token for ask in own.asks for token in self._words.analyser.tokens(ask)
            )
        return self._held[card]


def _fit(space: Space) -> Fit:
    return FIT if space.projection is None else DRAWN_FIT


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))


def _prior(card: Card, role: Role | None, nation: Nation | None) -> float:
    value = 0.06 if role is not None and role in card.roles else 0.0
    return value - (0.1 if nation is not None and card.nations and nation not in card.nations else 0.0)
