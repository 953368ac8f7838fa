"""What a text asks: its parts, the sentence of it that asks, a figure, where, or what came before it."""

import re
from collections.abc import Mapping, Sequence

from assistant.domain.guidance import Role
from assistant.retrieval.words import STOP, plain_words

_FIGURE = re.compile(
    r"\b(?:how (?:many|much|old)|number|figures?|percentage|per cent|proportion|share|fraction|average|statistics|count)\b", re.IGNORECASE
)
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")


def years_of_a_figure(text: str) -> frozenset[str]:
    """The years for which a text asks a figure; none where it asks something else.

    >>> sorted(years_of_a_figure("How many reviews were there from 2016 to 2019?"))
    ['2016', '2019']
    >>> years_of_a_figure("She died in 2016, is it too late?")
    frozenset()
    """
    return frozenset(_YEAR.findall(text)) if _FIGURE.search(text) else frozenset()


_WALES = re.compile(
    r"\b(?:wales|(?:c|ch|g|ngh)ymru|cardiff|caerdydd|swansea|abertawe|wrexham|wrecsam|gwent|gwynedd|powys|dyfed)\b",
    re.IGNORECASE,
)
"""Names for Wales, and places in it, that stand nowhere else."""
_ENGLAND = re.compile(
    r"\b(?:england|lloegr|london|bristol|birmingham|chester|gloucester|hereford|hull|leeds|leicester|liverpool|manchester|newcastle"
    r"|nottingham|oxford|plymouth|sheffield|shrewsbury|southampton|york)\b",
    re.IGNORECASE,
)
"""England and places in it. Named beside Wales, they leave open where the review is held."""


def in_wales(text: str) -> bool:
    """Whether a text names Wales or a place there, and none in England.

    >>> in_wales("My sister was killed in Swansea"), in_wales("pwy sy'n penderfynu yng Nghymru")
    (True, True)
    >>> in_wales("Is it the same in England and Wales?"), in_wales("I live in Cardiff, she lived in Leeds")
    (False, False)
    """
    return _WALES.search(text) is not None and _ENGLAND.search(text) is None


_KIN = (
    r"(?:(?:step|grand|half[ -])?(?:mum|mam|mom|mother|dad|father|sister|brother|daughter|son)|grand?ma|grandad|nana?|gran|aunt(?:ie|y)?"
    r"|uncle|niece|nephew|cousin|twin|wife|husband|fianc[e\u00e9]e?|parents)(?:[ -]in[ -]law)?"
)
_WHOSE = {
    Role.FAMILY: _KIN,
    Role.FRIENDS: r"(?:friend|mate|neighbour)s?",
    Role.EMPLOYERS: r"(?:employee|colleague|worker|staff)s?(?: member)?",
}
_KNOWN_AS = r"(?:my|our) (?:(?:late|little|big|older|younger|eldest|youngest|own|best|old|oldest|close|closest|dear|former)[ -])*"
_END = (
    r"(?:killed|killing|murder(?:ed)?|stabbed|strangled|shot|died|dead|death|funeral|inquest|passed away|hanged"
    r"|took (?:her|his|their) (?:own )?life)"
)
_TOLD_BY = {
    role: re.compile(
        rf"\b{_KNOWN_AS}{who}(?:['\u2019]s)?,? (?:(?!(?:and|friend|mate|colleague|boss)s?\b)\w+ ){{0,3}}?{_END}\b"
        rf"|\b(?:lost|killed|murdered|stabbed|strangled) (?:one of )?{_KNOWN_AS}{who}\b",
        re.IGNORECASE,
    )
    for role, who in _WHOSE.items()
}


def told_by(text: str) -> Role | None:
    """Who tells of a death, by what the person was to them; None where a text does not say, or says more than one thing.

    >>> told_by("My little sister was killed in May"), told_by("we lost our colleague"), told_by("A man was killed")
    (<Role.FAMILY: 'family'>, <Role.EMPLOYERS: 'employers'>, None)
    """
    found = [role for role, pattern in _TOLD_BY.items() if pattern.search(text)]
    return found[0] if len(found) == 1 else None


_FOLLOWS = re.compile(
    r"^(?:and|but|so|what about|how about|ok|then|also|or|even)\b"
    r"|\b(?:it|its|that|thats|this|they|theyre|them|their|those|these|he|hes|she|shes|him|her|one)\b"
    r"|(?<!is )(?<!are )(?<!was )(?<!were )(?<!will )(?<!would )\bthere\b",
    re.IGNORECASE,
)


def leans_on_history(text: str) -> bool:
    """Whether a question only makes sense after another: it begins with a link word or is short and says "it"."""
    content = [word for word in plain_words(text) if word not in STOP]
    return (_FOLLOWS.search(text) is not None and len(content) <= 5) or len(content) <= 1


_SPELT_OUT = re.compile(r"\b[a-z](?:\.[a-z]){2,}\b\.?|\b[b-hj-z](?: [b-hj-z]){2,}\b", re.IGNORECASE)


def initials_joined(text: str) -> str:
    """A text with short forms that are spelt out, of three letters or more, in one.

    >>> initials_joined("what is a d h r, or D.H.R., e.g. in May?")
    'what is a dhr, or DHR, e.g. in May?'
    """
    return _SPELT_OUT.sub(lambda found: re.sub(r"[. ]", "", found[0]), text)


_SITE = re.compile(
    r"\b(?:(?:web)?sites?|(?:web ?)?pages?|apps?|browsers?|cookies?|screens?|buttons?|computers?|chat ?bots?|ai|here|type[ds]?"
    r"|(?:do|can|could|will|would|did|is|does) (?:you|your)|are you(?! the\b))\b",
    re.IGNORECASE,
)


def to_the_site(text: str) -> bool:
    """Whether a text speaks of this site, or to it.

    >>> to_the_site("Do you keep what I ask? And who sees it?"), to_the_site("What you may be asked. Who sees it?")
    (True, False)
    """
    return _SITE.search(text) is not None


_GREETING = (
    r"(?:(?:ok(?:ay)? )?(?:many )?(?:thanks(?! to\b)|thank you|cheers)(?: (?:so|very) much| for (?:that|this|your help))?"
    r"|hi|hello|hey|hiya|dear (?:sirs?(?: or madam)?|madam|all|team)|good (?:morning|afternoon|evening)|excuse me|sorry to bother you)"
    r"(?: there| all)?[,.!:\s]+"
)
_THANKS = (
    r"(?:(?:many )?thanks(?! to\b)|thank you|cheers|(?:(?:with|kind|best|warm|kindest|warmest) )+(?:regards|wishes)|regards(?=\W|$)"
    r"|yours (?:sincerely|faithfully|truly))\b[^?]{0,40}"
)
_COURTESY = re.compile(rf"^(?:{_GREETING})+|(?<=[.?!,])\s*{_THANKS}$", re.IGNORECASE)


def without_courtesies(text: str) -> str:
    """A text without the greeting that it opens with and the thanks that it ends with; as it is where nothing else is left.

    >>> without_courtesies("Hello, who decides? Many thanks, Ann")
    'who decides?'
    >>> without_courtesies("Thank you, and who runs it?")
    'and who runs it?'
    >>> without_courtesies("We cannot come, thanks to the court")
    'We cannot come, thanks to the court'
    >>> without_courtesies("Hello.")
    'Hello.'
    """
    return _COURTESY.sub("", text).strip() or text


_WHOM = r"(?:i|we|you|he|she|it|they|there|this|that|the|an?|any\w*|some\w*|every\w*|people|my|our|his|hers?|theirs?)"
_AUXILIARY = (
    r"(?:can|could|is|are|was|were|will|would|should|may|must|do|does|did|has|have"
    r"|(?:ca|could|is|are|was|were|wo|would|should|do|does|did|has|have)n['\u2019]?t)"
)
_SHORT = r"(?:['\u2019]?s|['\u2019](?:re|ll|d))"
"""What a word that asks may end in: "what's", "whats", "who'll"."""
_JOIN = re.compile(
    r"(?:(?<=\?)\s+|[,;]?\s+(?:and|also|plus)\s+(?=(?:do|does|did)\b"
    rf"|(?:how|what|who|when|where|why|which){_SHORT}?\b"
    rf"|(?:can|could|is|are|will|would|should|may) {_WHOM}\b|(?:was|were|has|have|had) (?:i|we|you|s?he|they|there)\b))",
    re.IGNORECASE,
)
_FURTHER = (
    rf"(?:(?:how|what|when|where|why){_SHORT}? |{_AUXILIARY} {_WHOM}\b"
    r"|who (?:can|do|does|should|would|runs|leads|pays|decides|writes|reads|sees|gets|checks|chooses|picks|signs)\b)"
)
"""How a question begins after a comma. Not "who is", which often tells more of someone."""
_LISTED = re.compile(rf"[,;]\s+(?={_FURTHER})", re.IGNORECASE)

_SPEAKER = r"(?:i|we)(?:['\u2019]?[dm]| would| am)?"
_REQUEST = re.compile(
    rf"(?:\b{_SPEAKER} (?:\w+ )?(?:(?:want|need|like|love|wish) to (?:know|ask|find out|understand|check)"
    r"|wonder(?:ing)? (?:if|whether|how|what|who|when|why))"
    r"|(?:^|[.?!,]\s+|\bplease |\byou )(?:please )?(?:(?:tell|let) (?:me|us)(?: know)?|(?:just )?wondering))\b",
    re.IGNORECASE,
)
"""In a sentence that asks without being a question."""
_WHETHER = re.compile(r"(?:[,;]\s+(?:and\s+|or\s+)?|\s+and\s+(?:also\s+)?)(?:whether|if)\s+(?=\S+ \w)", re.IGNORECASE)
"""Where such a sentence asks a further thing."""
_NEXT = re.compile(
    rf"(?<=[.!])\s+(?=(?:also,? )?(?:{_FURTHER}|{_SPEAKER} (?:also |just )?(?:want|need|like|wish|wonder)))",
    re.IGNORECASE,
)
"""Where a question, or another such sentence, comes after it."""

_ASKS = re.compile(rf"(?:{_AUXILIARY} {_WHOM}|whether|(?:who|what|when|where|why|how|which){_SHORT}? \w+)\b", re.IGNORECASE)
_ASKS_SURELY = re.compile(
    r"^(?:whether|can|could|will|would|should|must|do|does|did|is|are) [a-z]+\b"
    rf"|(?:^|[.?!,;:] |\b(?:but|so|know|ask|tell me|wondering|find out) )(?:am i|{_AUXILIARY} {_WHOM}|who \w+"
    rf"|(?:who|what|when|where|why|how){_SHORT} \w+"
    rf"|(?:when|where|why|how) (?:{_AUXILIARY}|about|long|many|much|often|soon|far)"
    rf"|what (?!if\b|{_WHOM}\b)\w+|which (?!is|was|were|has|had)\w+)\b",
    re.IGNORECASE,
)
"""At the beginning of a clause, and without "when the report is out, ..." and the like, which only lead to a question."""
_PREFACE = re.compile(
    r"(?:can|could|may) (?:i|you) (?:ask|tell me|say|help me)|(?:how )?(?:can|do|could) (?:i|we) (?:find out|know|tell)\W*", re.IGNORECASE
)
"""What leads to a question or follows it and asks nothing of its own."""
_OF_THE_SAME = re.compile(
    rf"{_AUXILIARY} (?:the|a|this) (?:\w+ )?(?:review|report|inquest|chair|panel|dhr)s? (?:even |ever |also )?"
    r"(?:find (?:\w+ )?out|say|tell|decide|look|know|answer|settle|cover)\b(?: (?!who|what|when|where|why|how|if|whether)\w+){0,5}\W*",
    re.IGNORECASE,
)
"""A further question of what was asked or told before it, and not a thing of its own."""
MOST_PARTS = 4
"""Parts into which a question is split at most; what is left over stays with the last."""


def split(text: str) -> tuple[str, ...]:
    """The parts of a question, or of a request, that asks several things; at most four. What only tells stays with what it leads to.

    >>> split("Who pays and how long does it take?")
    ('Who pays', 'how long does it take?')
    >>> split("How long does it take, who pays, and do we need a lawyer?")
    ('How long does it take', 'who pays', 'do we need a lawyer?')
    >>> split("When it is out, do we get a copy?")
    ('When it is out, do we get a copy?',)
    >>> split("I am her sister and can I come?")
    ('I am her sister and can I come?',)
    >>> split("I want to know who pays, and if we can come. Also, is it soon?")
    ('I want to know who pays', 'whether we can come.', 'Also, is it soon?')
    >>> split("What is a MARAC and was she at one?")
    ('What is a MARAC', 'was she at one?')
    >>> split("im wondering how long it takes and who pays")
    ('im wondering how long it takes', 'who pays')
    >>> split("what's a MARAC and whats an IDVA")
    ("what's a MARAC", 'whats an IDVA')
    >>> split("Why wasn't she told, and what'll happen now?")
    ("Why wasn't she told", "what'll happen now?")
    >>> split("How did she die, will the report tell us?")
    ('How did she die, will the report tell us?',)
    >>> split("Who saw her last, can I find out?")
    ('Who saw her last, can I find out?',)
    """
    parts: list[str] = []
    start, lead = 0, ""
    marks = [mark for pattern in (_JOIN, _LISTED, _WHETHER, _NEXT) for mark in pattern.finditer(text)]
    for mark in sorted(marks, key=re.Match.start):
        part = lead + text[start : mark.start()].strip()
        asks = _requests(text[: mark.start()]) if mark.re in (_WHETHER, _NEXT) else part.endswith("?") or _ASKS_SURELY.search(part)
        rest = text[mark.end() :]
        if asks and len(parts) < MOST_PARTS - 1 and _is_part(part) and _is_further(rest) and (not part.endswith("?") or _asks_on(rest)):
            parts.append(part)
            start, lead = mark.end(), "whether " if mark.re is _WHETHER else ""
    return (*parts, lead + text[start:].strip()) if parts else (text,)


_TELLS = re.compile(r"(?:i|we|you|s?he|it|they|there|this|that|an?|my|our|not?|just|only|because)\b", re.IGNORECASE)


def _asks_on(text: str) -> bool:
    """Whether what comes after a question asks something too, or names it in a word or two; or else it only tells more."""
    return asks(text) or (len(plain_words(text)) <= 4 and not _TELLS.match(text))


def asks(text: str) -> bool:
    """Whether a text asks anything, and does not only tell.

    >>> asks("He is outside. Can they keep him away"), asks("id like to know who pays"), asks("He knows where I live")
    (True, True, False)
    """
    return "?" in text or any(found.search(text) for found in (_ASKS_SURELY, _REQUEST))


def _requests(text: str) -> bool:
    """Whether the last sentence of a text asks without being a question."""
    return _REQUEST.search(re.split(r"[.?!]\s", text.rstrip(".!"))[-1]) is not None


def _is_further(text: str) -> bool:
    return _is_part(text) and not _OF_THE_SAME.fullmatch(text)


def _is_part(text: str) -> bool:
    words = plain_words(text)
    return (len(words) > 3 or (len(words) > 1 and any(word not in STOP for word in words))) and not _PREFACE.fullmatch(text.strip())


_SENTENCE = re.compile(rf"(?<=[.!?])\s+|\s*(?:[,;:]|\s[-\u2013])\s+(?={_FURTHER})", re.IGNORECASE)
"""Between sentences, or before a question that follows what was told first."""
_RUN_ON = re.compile(
    r"(?<!\bor)(?<!\bhow)(?<!\bwhat)(?<!\bwhen)(?<!\bwhere)(?<!\bwhy)(?<!\blong)(?<!\bmuch)(?<!\bmany)(?<!\bsoon)(?<!\boften)"
    r"\s+(?:(?:but|so|and|then|because)\s+)?"
    rf"(?=(?:(?:how|what|when|where|why) )?{_AUXILIARY} {_WHOM}\b"
    r"|(?:i|we) (?:\w+ )?(?:(?:want|need|like) to (?:know|ask|find out)|wonder\w*|do not know|don't know|don't understand)\b)",
    re.IGNORECASE,
)
"""Where a question may begin in a sentence that runs on."""
RUNS_ON = 5
"""Words from which a sentence may run on to a question."""


_POINTS = frozenset({"it", "that", "this"})
"""Words that point to what was told before."""
_OPEN = STOP.union(
    plain_words(
        "acceptable advice advise allowed choice choices correct enough expect expected expects fair guidance handle legal matter"
        " next normal ok okay option options powers problem right rule rules say says stand sure usual wrong"
    )
)
"""Words that tell nothing of what is asked: "What does the guidance say?" asks of what was told before it."""


def focused(text: str) -> tuple[str, ...]:
    """What a longer text asks, alone, and after the sentence that it opens with; nothing where it only asks.

    What asks in words that only point is not looked up alone, but after what was told: first after the last sentence that does not
    point itself. Before these stands what was told alone, where the words that ask are all open.

    >>> focused("He died in May. We had a letter. Do we have to reply?")
    ('Do we have to reply?', 'He died in May. Do we have to reply?')
    >>> focused("We had a letter, do we have to reply?")
    ('do we have to reply?',)
    >>> focused("We had a letter and do we have to reply?")
    ('do we have to reply?',)
    >>> focused("We had a letter from the council do we have to reply?")
    ('do we have to reply?',)
    >>> focused("He died in May. We had a letter. Is that right?")
    ('He died in May. We had a letter.', 'We had a letter. Is that right?', 'He died in May. Is that right?')
    >>> focused("The GP saw him. The panel has it. Can I read it?")
    ('The GP saw him. Can I read it?', 'The panel has it. Can I read it?')
    >>> focused("Do we have to reply?")
    ()
    """
    sentences, place = _sentences(text)
    asked = sentences[place]
    if asked == text:
        return ()
    told_of = sentences[:place]
    words = plain_words(asked)
    telling = sum(word not in _OPEN for word in words)
    leans = telling == 0 or (telling == 1 and not _POINTS.isdisjoint(words))
    if not leans or not told_of:
        return (asked, f"{told_of[0]} {asked}") if place > 1 else (asked,)
    clear = [sentence for sentence in told_of if _POINTS.isdisjoint(plain_words(sentence))]
    after = tuple(f"{sentence} {asked}" for sentence in dict.fromkeys((*clear[-1:], told_of[0], *told_of[-2:])))
    return after if telling else (" ".join(told_of), *after)


def told(text: str) -> str:
    """What a longer text tells before it asks.

    >>> told("He died in May. We had a letter. Do we have to reply?")
    'He died in May. We had a letter.'
    """
    sentences, place = _sentences(text)
    return " ".join(sentences[:place])


_CASE = re.compile(
    r"(?:(?:so|and|but|then|please) )*(?:(?:do|does|did) (?:we|they|he|she|it|this|that)|must (?:we|they)"
    r"|(?:is|are|was|will|would|should|could|can|might) (?:there|it|this|that|he|she|they))"
    r"(?: (?:still|even|also|really|now|then|ever|normally|usually|a|an|any|one|the|of|for|these|those|this|that|it|to|as"
    r"|be|get|have|need|going|hold|held|do|carry|out|happen|count|qualify|proper|full|kind|sort|case"
    r"|review|reviews|reviewed|dhrs?|dardrs?|domestic|homicide|abuse|related|death))+"
)
_REVIEWED = re.compile(r"\b(?:review|reviews|reviewed|dhrs?|dardrs?)\b")


def only_whether(text: str) -> bool:
    """Whether a question asks no more than whether there is a review of what was told before it.

    >>> only_whether("So would that be a DHR?"), only_whether("Who holds the review?"), only_whether("Is there one?")
    (True, False, False)
    """
    asked = " ".join(plain_words(text))
    return _CASE.fullmatch(asked) is not None and _REVIEWED.search(asked) is not None


def settled(text: str) -> str:
    """What a text tells, and whether that is reviewed, where its question asks only this; the text itself where it asks more.

    >>> settled("She took an overdose. Will there be a review?")
    'She took an overdose. Is that reviewed?'
    >>> settled("She took an overdose. Will there be an inquest?"), settled("Will there be a review?")
    ('She took an overdose. Will there be an inquest?', 'Will there be a review?')
    """
    sentences, place = _sentences(text)
    before = " ".join(sentences[:place])
    return f"{before} Is that reviewed?" if before and "?" not in before and only_whether(sentences[place]) else text


def _sentences(text: str) -> tuple[list[str], int]:
    """The sentences of a text, or the clauses where it is but one, and the place of the last one that asks."""
    sentences = _pieces(_SENTENCE, text)
    if len(sentences) == 1:
        sentences = next((found for found in (_pieces(_JOIN, *sentences), _run_on(*sentences)) if len(found) > 1), sentences)
    asking = [i for i, sentence in enumerate(sentences) if sentence.endswith("?") or _ASKS.match(sentence)]
    return sentences, asking[-1] if asking else len(sentences) - 1


def _pieces(mark: re.Pattern[str], text: str) -> list[str]:
    return [piece for piece in mark.split(text) if piece.strip()] or [text]


def _run_on(text: str) -> list[str]:
    """A sentence that begins by telling, parted before the last question that it runs on to."""
    cuts = [] if _ASKS.match(text) else [cut for cut in _RUN_ON.finditer(text) if len(text[: cut.start()].split()) >= RUNS_ON]
    return [text[: cuts[-1].start()], text[cuts[-1].end() :]] if cuts else [text]


def trails(opening: str, last: str) -> tuple[str, ...]:
    """What a question may follow: the opening of what was asked, and this with the last question where that is another.

    >>> trails("What is an IMR?", "Who writes it?")
    ('What is an IMR?', 'What is an IMR? Who writes it?')
    """
    first, later = _sentence(opening), last[:300]
    return (first,) if later in {"", opening} else (first, f"{first} {_sentence(later)}")


def _sentence(text: str) -> str:
    return text if text.endswith("?") else f"{text.rstrip('.')}."


class Topics:
    """What the words of the subject say that a question, or what it follows, is about."""

    def __init__(self, names: Mapping[str, str]) -> None:
        """``names`` gives for each word, as people say it, the name of its term."""
        self._names = {word.casefold(): name for word, name in names.items()}
        longest_first = sorted(self._names, key=len, reverse=True)
        self._words = re.compile(rf"\b(?:{'|'.join(map(re.escape, longest_first))})\b") if longest_first else None

    def named(self, text: str) -> str:
        """The term that a text names last, of two at the same place the longer one; empty where it names none."""
        found = self._words.findall(text.casefold().replace("\u2019", "'")) if self._words is not None else []
        return self._names[found[-1]] if found else ""

    def followed(self, history: Sequence[str]) -> str:
        """The opening of what a question follows: of the last one that stands alone, or of the first one of all."""
        before = [earlier[:300] for earlier in reversed(history) if earlier] or [""]
        return next((said for said in before if self.named(said) or not leans_on_history(said)), before[-1])

    def of(self, text: str, history: Sequence[str]) -> tuple[str, str]:
        """What a question that leans on earlier ones is about: a name to show, and words to search with. Empty where it stands alone.

        >>> topics = Topics({"panel": "Panel", "DHR": "DHR"})
        >>> topics.of("and who is on it?", ("What is the panel?",))
        ('Panel', 'Panel:')
        >>> topics.of("Would that be a DHR?", ("Her lodger did it",))
        ('Her lodger did it', 'Her lodger did it')
        >>> topics.of("What does the panel read?", ("Who pays?",))
        ('', '')
        """
        leans = only_whether(text) or (leans_on_history(text) and not self.named(text))
        if not history or not leans:
            return "", ""
        earlier = self.followed(history)
        name = self.named(earlier)
        return name or earlier[:80], f"{name}:" if name else earlier
