"""Choosing the stored sentences with which an answer is given."""

import re
from collections.abc import Mapping, Sequence

from assistant.domain.answers import Citation, Cited
from assistant.domain.guidance import Passage
from assistant.retrieval.encoder import Vectors
from assistant.retrieval.search import Retriever
from assistant.retrieval.words import STOP, plain_words, stem

BORNE = 0.7
"""Weight of a card's reply, beside the question, when its evidence is chosen: what is quoted has to bear the reply out."""
BY_WORDS = 0.12
"""Weight of the words that a sentence shares with the question, beside their likeness."""
CLOSE = 0.015
"""How far behind the best a sentence may be to be quoted beside a reply though it says no more."""
BEARS = 0.2
"""Weight of the share of a reply that a sentence is the first to say, beside its likeness."""
NEAR = 0.12
"""How far behind the best a sentence may be to be chosen."""
FURTHER = 0.12
"""Share of the telling words of a reply, or of a question, that a further quotation beside a reply has to be the first to say."""
BEARING = 0.2
"""Share of the telling words of a reply from which a sentence bears it out, however far behind the best it is."""
MOST = 5
"""Sentences chosen at once, with those that another leans on."""


class Quoter:
    """Chooses sentences of passages for what is asked."""

    def __init__(self, retriever: Retriever) -> None:
        self._retriever = retriever
        self._told: dict[str, frozenset[str]] = {}

    def words_of(self, published: str) -> frozenset[str]:
        """The tokens of a published text, kept once they are known."""
        if published not in self._told:
            self._told[published] = frozenset(self._retriever.index.words.analyser.tokens(published))
        return self._told[published]

    def best(
        self, text: str, vector: Vectors | None, passages: Sequence[Passage], most: int,
        *, reply: str = "", replied: Vectors | None = None, shown: Sequence[Cited] = (),
    ) -> tuple[Cited, ...]:  # fmt: skip
        """The sentences that speak most of what is asked, without repetition, in reading order.

        Beside a ``reply``, with its vector, those that bear it out, and none that neither says more of it nor of what is asked.
        """
        already = {cited.citation for cited in shown}
        places = [(p, i) for p in passages for i in range(len(p.sentences)) if cite(p, i).citation not in already]
        if not places:
            return ()
        asked = self._shares(text)
        scores = self._scores(asked, vector, places, replied)
        best = max(scores)
        chosen: list[int] = []
        wanted = [self._shares(reply), asked] if reply else []
        likely = [p for p in range(len(places)) if scores[p] >= best - NEAR or _further(self._said(*places[p]), wanted[:1]) >= BEARING]
        while likely and len(chosen) < most:
            place = max(likely, key=lambda p: scores[p] + BEARS * _further(self._said(*places[p]), wanted[:1]))
            chosen.append(place)
            said = self._said(*places[place])
            wanted = [{token: share for token, share in shares.items() if token not in said} for shares in wanted]
            likely = [
                p for p in likely
                if not _alike(places[p], places[place])
                and (not wanted or scores[p] >= best - CLOSE or _further(self._said(*places[p]), wanted) >= FURTHER)
            ]  # fmt: skip
        for place in list(chosen):
            passage, i = places[place]
            before = next((p for p, (other, j) in enumerate(places) if other is passage and j == i - 1), None)
            if before is not None and before not in chosen and len(chosen) < MOST and _leans(passage.sentences[i].text):
                chosen.append(before)
        order = {passage.id: place for place, passage in enumerate(passages)}
        chosen.sort(key=lambda p: (order[places[p][0].id], places[p][1]))
        return tuple(cite(*places[p]) for p in chosen)

    def _said(self, passage: Passage, i: int) -> frozenset[str]:
        return self.words_of(passage.sentences[i].text)

    def _shares(self, text: str) -> dict[str, float]:
        """The tokens of a text, each with its share of what they tell together."""
        words = self._retriever.index.words
        weights = {token: min(words.rarity(token), 6.0) for token in words.analyser.query_tokens(text)}
        total = sum(weights.values()) or 1.0
        return {token: weight / total for token, weight in weights.items()}

    def _scores(
        self, asked: Mapping[str, float], vector: Vectors | None, places: Sequence[tuple[Passage, int]], replied: Vectors | None
    ) -> list[float]:
        lexical = [_further(self._said(*place), [asked]) for place in places]
        dense = self._retriever.sentence_similarity(vector, places)
        if dense is None:
            return lexical
        borne = self._retriever.sentence_similarity(replied, places)
        dense = dense if borne is None else (1 - BORNE) * dense + BORNE * borne
        return [float(d + BY_WORDS * w) for d, w in zip(dense, lexical, strict=True)]


def _further(said: frozenset[str], wanted: Sequence[Mapping[str, float]]) -> float:
    """The greatest share that is said of any text of which these shares are still wanted."""
    return max((sum(shares[token] for token in said if token in shares) for shares in wanted), default=0.0)


def cite(passage: Passage, i: int) -> Cited:
    """A passage's sentence with its citation."""
    sentence = passage.sentences[i]
    paragraph = passage.paragraphs[i] if i < len(passage.paragraphs) else ""
    return Cited(sentence, Citation(passage.document, passage.id, sentence.start, sentence.end, paragraph))


def _alike(one: tuple[Passage, int], other: tuple[Passage, int]) -> bool:
    a, b = (set(map(stem, plain_words(p.sentences[i].text))) - STOP for p, i in (one, other))
    return len(a & b) > 0.7 * min(len(a), len(b)) if a and b else False


_LEANS = re.compile(r"^(?:It|They|This|That|These|Those|Such|He|She|Then|Otherwise|However|Under it)\b")
_THEM = re.compile(r"\bthem\b")


def _leans(sentence: str) -> bool:
    """Whether a sentence begins with a word for what was said before, or says "them" after no plural."""
    them = _THEM.search(sentence)
    return _LEANS.match(sentence) is not None or (them is not None and not re.search(r"s\b", sentence[: them.start()]))
