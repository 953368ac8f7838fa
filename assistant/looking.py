"""How a question is read before it is answered: its parts, what each follows or leans on, and the ways in which each is looked up."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from assistant.asking import (
    Topics,
    focused,
    in_wales,
    leans_on_history,
    settled,
    split,
    to_the_site,
    told,
    told_by,
    trails,
    without_courtesies,
)
from assistant.domain.answers import Question
from assistant.domain.guidance import Card, Nation
from assistant.retrieval.cards import CardMatcher
from assistant.retrieval.encoder import Vectors, between
from assistant.retrieval.search import Retriever
from assistant.retrieval.words import STOP, ages_told, plain_words

FOLLOWING = 0.25
"""How much a second question counts for itself, beside itself after its topic."""
LEANING = 0.3
"""The same for a later part, after what it leans on."""
ASKING = 0.25
"""The same for what a longer text asks, beside the whole of it."""
ASKING_FULLY = 0.55
"""The same where what it asks has `FULL` telling words, and so leans less on what is told before it."""
FULL = 4


@dataclass(frozen=True)
class Asked:
    """One part of a question on its way to an answer."""

    text: str
    search: str
    """What is looked up: the text, with its topic before it, or the sentence of it that asks."""
    question: Question
    foreign: bool
    """Whether it is in another language than the passages."""
    vector: Vectors | None = field(compare=False)
    """The vector of what is looked up; None without a model."""
    vectors: Mapping[str, Vectors] = field(compare=False)
    """The vectors of texts that have been encoded for the whole question."""
    afters: tuple[str, ...] = ()
    """The text after the questions that it may follow; empty where it follows none."""
    lead: str = ""
    """What an earlier part of the question is about, where this one leans on it."""
    of_site: bool = True
    """Whether it may be about this site: not what leans on something else."""
    asking: tuple[str, Vectors] | None = field(default=None, compare=False)
    """What of it asks, where it tells something too, with its vector."""
    quotes: int = 0
    """Quotations with which a card is shown at most."""
    about_help: tuple[Card, ...] = ()
    """Cards that may stand below the help that the question calls for; empty where it calls for none."""
    where_help_is: tuple[Card, ...] = ()
    """The one or two of them that stand there where nothing is surely asked for."""


@dataclass(frozen=True)
class Reading:
    """What is known of a question once it is read."""

    parts: tuple[Asked, ...]
    whole: Asked
    """All of it, looked up alone, without topic or parts."""
    topic: str
    """What it is about that an earlier question named; empty where it stands alone."""
    follows: str
    """The earlier question that it has its topic from."""
    vectors: Mapping[str, Vectors] = field(compare=False)


class Reader:
    """Reads questions to be looked up in one index."""

    def __init__(self, retriever: Retriever, cards: CardMatcher, topics: Topics) -> None:
        self._retriever = retriever
        self._cards = cards
        self._topics = topics

    def vectors(self, texts: Sequence[str]) -> dict[str, Vectors]:
        """Vectors of texts, each encoded once and all at once; empty without a model."""
        wanted = list(dict.fromkeys(texts))
        found = self._retriever.encode(wanted) if wanted else None
        return {} if found is None else dict(zip(wanted, found, strict=True))

    def read(self, text: str, question: Question, *, in_one: bool, beside: Sequence[str]) -> Reading:
        """Read ``text``, what is left of the question's own, ``in_one`` piece or in parts. What stands ``beside`` is encoded too."""
        history = question.history
        topic, context = self._topics.of(text, history)
        follows = self._topics.followed(history) if context else ""
        if question.nation is None and in_wales(f"{follows} {text}"):
            question = replace(question, nation=Nation.WALES)
        if question.role is None:
            question = replace(question, role=told_by(" ".join((*history, text))))
        parts = (text,) if in_one else split(without_courtesies(text))
        leads = [self._topics.of(part, parts[:place])[1] for place, part in enumerate(parts)]
        leant_on = [_leant_on(part, parts[0], lead) for part, lead in zip(parts[1:], leads[1:], strict=True)]
        searched = [f"{before} {part}".strip() for before, part in zip((context, *leant_on), parts, strict=True)]
        followed = trails(follows, history[-1]) if follows else ()
        afters = (tuple(f"{trail} {parts[0]}" for trail in followed), *[()] * len(parts[1:]))
        vectors = self.vectors([*beside, text, *searched, *parts, *afters[0]])
        of_site = not follows or to_the_site(f"{follows} {text}")
        shares = (FOLLOWING, *[LEANING] * len(parts[1:]))
        asked = tuple(
            replace(self.as_it_stands(part, question, vectors, search, share), afters=after, lead=lead, of_site=of_site)
            for part, search, share, after, lead in zip(parts, searched, shares, afters, leads, strict=True)
        )
        return Reading(asked, self.as_it_stands(text, question, vectors), topic, follows, vectors)

    def as_it_stands(self, text: str, question: Question, vectors: Mapping[str, Vectors], search: str = "", share: float = 0.0) -> Asked:
        """A text looked up alone, or as the ``search`` that is made of it, beside which it counts for a ``share`` itself."""
        search = search or text
        vector = vectors.get(search)
        if vector is not None and search != text:
            vector = between(vector, vectors[text], share)
        return Asked(text, search, question, self._retriever.foreign(text, question.language, vector), vector, vectors)

    def of_its_story(self, whole: Asked) -> Asked:
        """A part that tells something and only asks whether there is a review of it, looked up as what it tells."""
        text = whole.afters[0] if whole.afters else whole.text
        told_of = settled(text)
        if told_of == text:
            return whole
        return replace(whole, text=told_of, search=told_of, afters=(), vector=self._with(whole, told_of).get(told_of))

    def first_looks(self, whole: Asked) -> list[Asked]:
        """A part with its topic before it and by what of it asks, and after the questions that it may follow.

        Without a model, by what of it asks alone, where it tells something too: words that are told are not what is asked.
        """
        if whole.vector is None:
            texts = focused(whole.text)[:1] or (whole.search, *(whole.afters or (whole.text,)))
            return [self._looked_up(whole, text, None, anew=False) for text in dict.fromkeys(texts)]
        looks = [whole]
        for after in whole.afters:
            vector = between(whole.vectors[after], whole.vectors[whole.text], FOLLOWING)
            looks.append(self._looked_up(whole, after, vector, anew=False))
        for asking in focused(whole.text)[:1]:
            share = ASKING_FULLY if sum(word not in STOP for word in plain_words(asking)) >= FULL else ASKING
            vector = between(whole.vector, self._with(whole, asking)[asking], share)
            # An age that is told rules cards out, wherever it stands.
            looks[0] = replace(whole, asking=(whole.search if ages_told(whole.search) else asking, vector))
        return looks

    def other_looks(self, whole: Asked) -> list[Asked]:
        """A part with its misspelt words mended, and with what it opens with or leans on; without a model, only mended."""
        opened = focused(whole.search)[1:] if whole.vectors else ()
        led = (f"{whole.lead} {whole.text}",) if whole.lead and whole.vectors else ()
        respelt = self._cards.respelt(whole.search)
        texts = [*(text for text in dict.fromkeys((respelt, *opened)) if text != whole.search), *led]
        vectors = self._with(whole, *texts)
        return [self._looked_up(whole, text, vectors.get(text), anew=text == respelt) for text in texts]

    def _with(self, whole: Asked, *texts: str) -> dict[str, Vectors]:
        """The vectors of the whole question's texts and of these; what is there already is not encoded again."""
        return {**whole.vectors, **self.vectors([text for text in texts if text not in whole.vectors])}

    def _looked_up(self, whole: Asked, text: str, vector: Vectors | None, *, anew: bool) -> Asked:
        """Another text looked up in place of a part. Whether it is in another language is told ``anew``, or as the part is."""
        foreign = whole.foreign and (not anew or self._retriever.foreign(text, whole.question.language, vector))
        return replace(whole, search=text, vector=vector, foreign=foreign)


def _leant_on(part: str, first: str, lead: str) -> str:
    """What a later part is looked up after: what the first tells, or the term that an earlier one names; empty where it stands alone."""
    before = told(first) if leans_on_history(part) else ""
    return before or (lead if lead.endswith(":") else "")
