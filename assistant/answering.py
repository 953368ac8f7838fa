"""One question, from words to an answer.

The order is the design: what the message says of danger is heard first and shown whatever else happens; personal
details are taken out before anything else reads the text; a question that belongs elsewhere is told so; and what
is left is answered with stored sentences, or not at all.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from assistant.asking import asks, initials_joined, years_of_a_figure
from assistant.domain.answers import NOT_COVERED, Alarm, Answer, Citation, Cited, Help, Outcome, Part, Question, Route
from assistant.domain.guidance import Card, Document, Passage, Role, Term
from assistant.domain.site import Call, RouteRule
from assistant.gate import GATE, Gate
from assistant.looking import Asked, Reader
from assistant.meanings import Meanings
from assistant.quoting import Quoter, cite
from assistant.retrieval.cards import CardMatcher, Match
from assistant.retrieval.encoder import Vectors
from assistant.retrieval.search import Hit, Retriever
from assistant.retrieval.words import STOP, plain_words, tidy, written_out
from assistant.retrieval.words import places as numbered_places
from assistant.safety.ear import MeaningEar, stretches
from assistant.safety.privacy import mask, names_in
from assistant.safety.router import Router
from assistant.safety.triage import Triage, within_reach

NUMBERED = frozenset({"paragraph", "regulation", "article", "schedule"})
"""Places whose number is the point of a question."""
_LOWER = re.compile(r"\b[a-z][\w'’-]+")
_NAMED = re.compile(r"(?<=[^.?!:] )[A-Z][\w'’-]+")
"""Words in other languages that ways of asking write with a capital inside a sentence: offices and countries, no one's name."""
LONGEST = 1_000
"""Characters of a question that are searched."""


class Answerer:
    """Answers questions from one corpus and index. Holds no state between questions."""

    QUOTES = 3
    """Quotations with which a card is shown that answers a question alone; fewer for each of several parts."""

    def __init__(
        self,
        retriever: Retriever,
        triage: Triage,
        router: Router,
        cards: CardMatcher,
        documents: Mapping[str, Document],
        terms: Sequence[Term],
        sections: Mapping[str, Sequence[Passage]],
        calls: Sequence[Call] = (),
        gate: Gate = GATE,
        meaning: MeaningEar | None = None,
    ) -> None:
        """``sections`` are the passages of each ``document#section``, ``calls`` what stands below a help panel."""
        self._retriever = retriever
        self._triage = triage
        self._router = router
        self._cards = cards
        self._documents = documents
        self._sections = sections
        by_id = {card.id: card for card in cards.cards}
        self._calls: dict[tuple[Help | None, bool, bool], tuple[tuple[Card, ...], tuple[Card, ...]]] = {}
        for call in calls:
            below = tuple(by_id[name] for name in call.cards if name in by_id)
            # Upset comes with questions of every kind, which are answered as ever.
            about = below if call.help is not Help.DISTRESS_ONLY else ()
            self._calls[call.help, call.causing, call.other] = about, below[: call.shown]
        listed = {causing: {name for call in calls if call.causing is causing for name in call.cards} for causing in (True, False)}
        self._for_who_harms = frozenset(listed[True] - listed[False])
        self._gate = gate
        self._meaning = meaning
        self._quoter = Quoter(retriever)
        self._meanings = Meanings(terms)
        self._reader = Reader(retriever, cards, self._meanings.topics)
        named_abroad = (word.lower() for card in cards.cards for ask in card.foreign for word in _NAMED.findall(ask))
        held = " ".join(f"{p.heading} {p.text}" for p in retriever.index.passages)
        known = frozenset((*STOP, *_LOWER.findall(held), *named_abroad))
        self._mask = partial(mask, known=known, names=frozenset(names_in(held)))

    def hear(self, text: str) -> Alarm:
        """What a text says of danger to someone, by every ear there is. For any text that is not a question."""
        return self._hear(text, self._reader.vectors(self._stretches(text)))

    def _hear(self, text: str, vectors: Mapping[str, Vectors]) -> Alarm:
        if self._meaning is None or not vectors:
            return self._triage.hear(text)
        said = {stretch: vectors[stretch] for stretch in self._stretches(text)}
        meant = {stretch: self._meaning.chances(vector) for stretch, vector in said.items()}
        return self._triage.hear(text, meant, causing=any(map(self._meaning.causing, said.values())))

    def _stretches(self, text: str) -> list[str]:
        return stretches(written_out(self._plain(within_reach(text)))) if self._meaning is not None else []

    def _plain(self, text: str) -> str:
        """The text without personal details, on one line."""
        return re.sub(r"\s+", " ", self._mask(tidy(text).strip()).text)

    def answer(self, question: Question) -> Answer:
        """Answer a question. The same question on the same index gives the same answer."""
        masked = self._mask(tidy(question.text).strip())
        text = initials_joined(re.sub(r"\s+", " ", masked.text))[:LONGEST]
        known = self._cards.knows(text)
        rule = None if known else self._router.route(text)
        question = replace(question, history=tuple(self._mask(tidy(earlier)).text.strip() for earlier in question.history))
        read = self._reader.read(text, question, in_one=known, beside=self._stretches(question.text))
        alarm = self._hear(question.text, read.vectors)
        base = Answer(Outcome.DECLINED, alarm=alarm, masked=masked.changed, asked=text, follows=read.follows)
        if rule is not None and rule.declines:
            near = tuple(hit.passage.id for hit in self._search(read.whole, 3))
            return replace(base, route=rule.route, reason=rule.route, parts=(Part(text, nearest=near),))
        if not self._has_words(text) and not read.follows and not masked.changed:
            return replace(base, route=Route.UNCLEAR, reason=Route.UNCLEAR)
        quotes = max(self.QUOTES + 1 - len(read.parts), 1)
        about, where = self._standing_below(alarm)
        parts = [replace(part, quotes=quotes, about_help=about, where_help_is=where) for part in read.parts]
        applied = self._router.applied(rule, [part.text for part in parts])
        found = _folded(self._part(part, own) for part, own in zip(parts, applied, strict=True))
        answered = [bool(part.sentences) for part in found]
        outcome = Outcome.ANSWERED if all(answered) else Outcome.PARTIAL if any(answered) else Outcome.DECLINED
        return replace(
            base,
            outcome=outcome,
            parts=found,
            route=rule.route if rule else None,
            reason=NOT_COVERED if outcome is Outcome.DECLINED else None,
            topic=read.topic or self._meanings.topics.named(text),
        )

    def _standing_below(self, alarm: Alarm) -> tuple[tuple[Card, ...], tuple[Card, ...]]:
        """What may stand below the help that was heard, and what stands there where nothing is surely asked for."""
        causing, other = alarm.causing, alarm.other
        keys = ((alarm.help, causing, other), (alarm.help, causing, False), (alarm.help, False, False))
        return next((self._calls[key] for key in keys if key in self._calls), ((), ()))

    def _has_words(self, text: str) -> bool:
        words = plain_words(text)
        return any(len(word) > 1 and not word.isdigit() for word in words) and (any(word not in STOP for word in words) or len(words) > 3)

    def _part(self, whole: Asked, rule: RouteRule | None) -> Part:
        """Answer one part, looked up whole and, where that is not sure enough, by what of it asks: the surest match counts."""
        text = whole.text
        if self._names_a_missing_place(text):
            return Part(text, nearest=tuple(hit.passage.id for hit in self._search(whole)[:3]))
        seen = self._seen(whole)
        surest, match = max(seen, key=lambda look: _sureness(look[1]))
        match = self._below_help(self._of_the_years(match, text), whole)
        match = self._cards.for_nation(match, whole.question.nation)
        likely = (match.card, *match.rivals) if match is not None and match.gap is None else ()
        cards = tuple(f"{card.document}#{card.section}" for card in likely)
        sure = match is not None and match.together >= self._card_gate(surest) and not self._missing(match)
        if match is not None and sure and self._may_answer(match.card, text, rule):
            evidence = (p.id for reference in match.card.evidence for p in self._sections.get(reference, ()))
            return self._card_part(match, replace(surest, text=text), (*cards, *evidence)[:4], rule)
        hits = self._search(whole)
        gap = match.gap if match is not None and self._missing(match) else None
        doors = tuple(p.id for door in gap.doors for p in self._sections.get(door, ())[:1]) if gap else ()
        nearest = doors or (*cards, *(hit.passage.id for hit in hits))[:4]
        shown = self._without_card(whole, rule, seen, surest, hits)
        if not shown and gap is None and whole.where_help_is and (whole.about_help or not asks(text)):
            return self._cards_part(whole.where_help_is, replace(surest, text=text), nearest)
        return Part(text, shown, None, nearest, gap=gap.id if gap and not shown else "")

    def _seen(self, whole: Asked) -> list[tuple[Asked, Match | None]]:
        """A part looked up in one way after another, until it is known well enough what is asked."""
        story = self._reader.of_its_story(whole)
        seen = [(asked, self._match(asked)) for asked in self._reader.first_looks(story)]
        if max(_sureness(match) for _, match in seen) < self._gate.whole:
            others = self._reader.other_looks(story) + (self._reader.first_looks(whole) if story is not whole else [])
            seen.extend((asked, self._match(asked)) for asked in others)
        return seen

    def _without_card(
        self, whole: Asked, rule: RouteRule | None, seen: Sequence[tuple[Asked, Match | None]], surest: Asked, hits: Sequence[Hit]
    ) -> tuple[Cited, ...]:
        """What the words mean that are asked, what bears a rule's reply out, or sentences of passages; none below a call for help."""
        if terms := self._meanings.asked(whole.text) or self._meanings.met(whole.text):
            meant = [p for term in terms for p in self._sections.get(f"{term.document}#{term.id}", ())]
            return tuple(cite(p, i) for p in meant for i in range(len(p.sentences)))
        if rule is not None and rule.evidence:
            return self._borne_out(rule, surest)
        for asked, near in seen if not whole.about_help else ():
            own = hits if asked is whole else self._search(asked)
            if self._passes(asked, own, near):
                return self._sentences(asked, own)
        return ()

    def _borne_out(self, rule: RouteRule, asked: Asked) -> tuple[Cited, ...]:
        """What bears a rule's reply out: the sections that the question names, or some of each."""
        named = [r for r in rule.evidence if r.partition("#")[2].replace("-", " ") in asked.text.casefold()] or rule.evidence
        return tuple(cited for r in named for cited in self._quote(asked, self._sections.get(r, ()), 4 // len(named)))

    def _may_answer(self, card: Card, text: str, rule: RouteRule | None) -> bool:
        """Whether a card explains the words that a text asks for, and belongs where the question belongs."""
        return self._meanings.explained_by(card, text) and _belongs(card, rule)

    def _of_the_years(self, match: Match | None, text: str) -> Match | None:
        """A match with those of its cards whose evidence names a year for which the text asks a figure; as it is where none is asked."""
        years = years_of_a_figure(text)
        return match.among(lambda card: self._names(card, years)) if match is not None and years else match

    def _below_help(self, match: Match | None, whole: Asked) -> Match | None:
        """A match with those of its cards that may stand below a help panel, where there is one: cards about help, and what is sure.

        What is for the one who harms stands below someone else's call only where it is asked for.
        """
        if match is None or not whole.about_help or match.gap_nearest >= self._gate.gap:
            return match
        asked = asks(whole.text) or self._cards.knows(whole.text)
        sure = match.sure >= (self._gate.below_help_asked if asked else self._gate.below_help)
        besides = match.card if sure and (asked or match.card.id not in self._for_who_harms) else None
        return match.among(lambda card: card in whole.about_help or card is besides)

    def _names(self, card: Card, years: frozenset[str]) -> bool:
        """Whether the evidence of a card names one of these years."""
        return any(year in p.text for reference in card.evidence for p in self._sections.get(reference, ()) for year in years)

    def search(self, question: Question, limit: int = 10) -> tuple[Hit, ...]:
        """The passages that fit a question best, best first, whether or not they answer it."""
        text = tidy(question.text)
        return self._search(self._reader.as_it_stands(text, question, self._reader.vectors([text])), limit)

    def look_up(self, question: Question, limit: int = 10) -> tuple[str, tuple[Hit, ...]]:
        """A text without personal details, and the best passages that have to do with it, by their meaning or by their words."""
        text = self._plain(question.text)
        asked = self._reader.as_it_stands(text, question, self._reader.vectors([text]))
        hits = ((hit, self._covered(asked, self._tokens([hit]))) for hit in self._search(asked, limit))
        return text, tuple(hit for hit, share in hits if hit.dense >= self._gate.alike or share >= self._gate.named)

    def _search(self, asked: Asked, limit: int = 20) -> tuple[Hit, ...]:
        question, space = asked.question, self._retriever.space(foreign=asked.foreign)
        role, nation = question.role, question.nation
        chances = None
        if asked.vector is not None and space is not None:
            chances = self._cards.chances(asked.search, asked.vector, space, role, nation)
        return self._retriever.search(
            asked.search, limit=limit, role=role, nation=nation, language=question.language,
            vector=asked.vector, foreign=asked.foreign, chances=chances,
        )  # fmt: skip

    def _names_a_missing_place(self, text: str) -> bool:
        """Whether the text names a numbered paragraph, regulation or the like that neither passages nor cards speak of."""
        named = [place for place in numbered_places(text) if place.split()[0] in NUMBERED]
        held = self._retriever.index.words.frequency
        return any(place not in held and not self._cards.speaks_of(place) for place in named)

    def _match(self, asked: Asked) -> Match | None:
        question, space = asked.question, self._retriever.space(foreign=asked.foreign)
        if asked.vector is None or space is None:
            return self._cards.match_words(asked.search, question.role, question.nation, of_site=asked.of_site)
        return self._cards.match(
            asked.search, asked.vector, space, question.role, question.nation,
            of_site=asked.of_site, asking=asked.asking,
        )  # fmt: skip

    def _covered(self, asked: Asked, held: frozenset[str]) -> float:
        """Share of the question's telling words, weighted by rarity, that are among ``held``."""
        words = self._retriever.index.words
        tokens = [t for t in words.analyser.query_tokens(asked.search) if not t.startswith("=")]
        weights = {token: min(words.rarity(token), 6.0) for token in tokens}
        total = sum(weights.values())
        return sum(weight for token, weight in weights.items() if token in held) / total if total else 0.0

    def _passes(self, asked: Asked, hits: Sequence[Hit], match: Match | None) -> bool:
        if not hits:
            return False
        if match is None:
            return self._covered(asked, self._tokens(hits[:1])) >= self._gate.uncarded and hits[0].words > 0
        return asked.vector is not None and not asked.foreign and self._gate.for_passages(self._signs(asked, hits, match))

    def _card_gate(self, asked: Asked) -> float:
        """How sure a match with a card has to be for this question."""
        return self._gate.for_card(has_model=asked.vector is not None, abroad=asked.foreign, odd=self._cards.odd(asked.search))

    def _missing(self, match: Match) -> bool:
        """Whether a known gap is nearer than the card and is asked in nearly the same words, or gaps are likelier than not."""
        return match.gap is not None and (match.gap_nearest >= self._gate.gap or match.together == 0.0)

    def _signs(self, asked: Asked, hits: Sequence[Hit], match: Match) -> tuple[float, ...]:
        """What tells an answer from a near miss: similarity and words of the best passages, and how near cards and gaps are."""
        best = hits[:3]
        return (
            max(hit.dense for hit in best),
            self._covered(asked, self._tokens(best)),
            self._covered(asked, self._tokens(hits[:1])),
            match.gap_nearest,
            match.nearest,
            max(hit.words for hit in best),
        )

    def _tokens(self, hits: Sequence[Hit]) -> frozenset[str]:
        return frozenset(t for hit in hits for t in self._quoter.words_of(f"{hit.passage.heading} {hit.passage.text}"))

    def _card_part(self, match: Match, asked: Asked, nearest: tuple[str, ...], rule: RouteRule | None) -> Part:
        """The card of a match; where two are nearly as likely and may answer here, both, the one written for who asks first."""
        if match.second is None or not self._may_answer(match.second, asked.text, rule):
            return self._cards_part((match.card,), asked, nearest, self._quote(asked, self._official(asked), 2))
        role = asked.question.role
        return self._cards_part(sorted((match.card, match.second), key=lambda card: not card.is_for(role)), asked, nearest)

    def _cards_part(self, cards: Sequence[Card], asked: Asked, nearest: tuple[str, ...], official: tuple[Cited, ...] = ()) -> Part:
        """A card with its evidence quoted, or two side by side, each with less of it."""
        first, *others = cards
        shown = self._card_sentences(first, asked, 1 if others else asked.quotes, official)
        beside = [Part(asked.text, self._card_sentences(card, asked, 1, shown=shown), card.id) for card in others]
        return Part(asked.text, shown, first.id, nearest, also=beside[0] if beside else None)

    def _official(self, asked: Asked) -> list[Passage]:
        """Passages of official documents among the best three. Where none are held, nothing is looked for."""
        return [hit.passage for hit in self._search(asked)[:3] if hit.passage.official] if self._retriever.has_official else []

    def _card_sentences(
        self, card: Card, asked: Asked, most: int, official: tuple[Cited, ...] = (), shown: Sequence[Cited] = ()
    ) -> tuple[Cited, ...]:
        """A card's own words, then at most so many quotations that bear them out, none of them ``shown`` already."""
        section = self._documents[card.document].section(card.section)
        if section is None:
            return ()
        ours = tuple(
            Cited(sentence, Citation(card.document, f"{card.document}#{section.id}", sentence.start, sentence.end, paragraph.id), ours=True)
            for paragraph in section.paragraphs
            for sentence in paragraph.sentences
        )
        passages = [p for reference in card.evidence for p in self._sections.get(reference, ())]
        reply = " ".join(cited.sentence.text for cited in ours)
        quotes = self._quote(asked, passages, most, reply=reply, replied=self._cards.reply_vector(card), shown=shown)
        if asked.question.role is Role.PRACTITIONERS:
            return ours + official + quotes[: max(most - len(official), 0)]
        return ours + quotes + official[: max(most - len(quotes), 0)]

    def _sentences(self, asked: Asked, hits: Sequence[Hit]) -> tuple[Cited, ...]:
        top = hits[0].score
        passages = [hit.passage for hit in hits[:4] if hit.score >= top - 0.25]
        lead = asked.question.role is Role.PRACTITIONERS
        passages.sort(key=lambda passage: passage.official is not lead)
        return self._quote(asked, passages, 3 if len(passages) == 1 else 4)

    def _quote(self, asked: Asked, passages: Sequence[Passage], most: int, **how: Any) -> tuple[Cited, ...]:
        return self._quoter.best(asked.search, asked.vector, passages, most, **how)


def _folded(parts: Iterable[Part]) -> tuple[Part, ...]:
    """Parts, those that one card answers as one, and without a second answer that is the answer of another part."""
    found: dict[str, Part] = {}
    for place, part in enumerate(parts):
        key = part.card or str(place)
        first = found.get(key)
        found[key] = part if first is None else replace(first, text=f"{first.text.rstrip('?. ')}; {part.text}")
    return tuple(replace(part, also=None) if part.also is not None and part.also.card in found else part for part in found.values())


def _sureness(match: Match | None) -> float:
    return 0.0 if match is None else match.together


def _belongs(card: Card, rule: RouteRule | None) -> bool:
    """Whether a card rests on what a rule has to say, where it has something to say."""
    told = {reference.partition("#")[0] for reference in rule.evidence} if rule is not None else set()
    return not told or any(reference.partition("#")[0] in told for reference in card.evidence)
