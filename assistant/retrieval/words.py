"""The word side of retrieval: what counts as a word, and which words mean the same.

English is stemmed; section and paragraph numbers become one token each; a phrase that names a concept (an
acronym, a name of the review, a glossary term's other names) adds that concept's token. Words that are in no
passage are read as the nearest word that is, so that a misspelling still finds something.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from rapidfuzz import process
from rapidfuzz.distance import DamerauLevenshtein
from Stemmer import Stemmer

_STOP = """
a about after all also am an and any are as at be because been before being but by can could did do does doing for
from get had has have having he her here hers him his how i if in into is it its just me more most my no nor not of
on once only or other our out over own s same she should so some such t than that the their them then there these
they this those to too under until up very was we were what when where which while who whom why will with would you
your yours i'm im it's don't dont doesn't isn't aren't can't cant won't i've ive there's what's who's shall may
might must us let need want please tell know happen happens happened go going gets got
"""
STOP = frozenset(_STOP.split())
"""Words of English that tell nothing of a subject."""
_WORD = re.compile(r"(?:[^\W_]|[\u0900-\u0dff])+(?:'[^\W_]+)*")
_ASCII_WORD = re.compile(r"[a-z0-9]+(?:'[a-z0-9]+)*")
_DIGIT = re.compile(r"\d")
_PLACE = re.compile(
    r"\b(?P<kind>section|sections|sec|s|ss|paragraph|paragraphs|para|paras|regulation|reg|article|art|schedule|sch|part|chapter|module|step)"
    r"\.?\s*(?P<number>\d+[a-z]?(?:\.\d+)*(?:\s?\([0-9a-z]{1,4}\))*)",
    re.IGNORECASE,
)
_KINDS = {
    "sections": "section", "sec": "section", "s": "section", "ss": "section",
    "paragraphs": "paragraph", "para": "paragraph", "paras": "paragraph",
    "reg": "regulation", "art": "article", "sch": "schedule",
}  # fmt: skip
_BREAKS = str.maketrans("\t\n\r", "   ")
_stem = Stemmer("english", 0)


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """The stem of one English word."""
    return str(_stem.stemWord(word))


def tidy(text: str) -> str:
    """Text in one form: composed, without control, direction and other invisible characters."""
    if text.isascii() and text.isprintable():
        return text
    composed = unicodedata.normalize("NFKC", text).translate(_BREAKS)
    if composed.isprintable():
        return composed
    return "".join(char for char in composed if unicodedata.category(char) not in {"Cc", "Cf", "Cs", "Co", "Cn"})


def plain_words(text: str) -> list[str]:
    """The words of a text in lower case, apostrophes made straight, nothing left out."""
    straight = tidy(text).casefold().replace("’", "'")
    return (_ASCII_WORD if straight.isascii() else _WORD).findall(straight)


def places(text: str) -> list[str]:
    """Tokens for numbered places in a document, from the most to the least exact.

    >>> places("see s.9(3) and para 3.12")
    ['section 9(3)', 'section 9', 'paragraph 3.12', 'paragraph 3']
    """
    found: list[str] = []
    for match in _PLACE.finditer(text) if _DIGIT.search(text) else ():
        kind = match["kind"].lower()
        kind = _KINDS.get(kind, kind)
        number = re.sub(r"\s", "", match["number"].lower())
        found.append(f"{kind} {number}")
        base = re.split(r"[.(]", number)[0]
        if base != number:
            found.append(f"{kind} {base}")
    return found


_NUMBER_WORDS = (
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty"
)
_NUMBERS = {word: number for number, word in enumerate(_NUMBER_WORDS.split(), 1)}
_NUMBER = rf"(\d{{1,2}}|{'|'.join(_NUMBERS)})"
_UNITS = "months?|weeks?|days?|hours?|minutes?|times|of|or so|per|percent|years? (?:ago|later|before|after|since|in|into)"
_AGES = re.compile(
    rf"\b(?:aged?|was|were|is|am|are|turned|turning|just|only|(?:s?he|i|they|who)'?s|i'?m) {_NUMBER}\b"
    rf"(?! (?:{_UNITS})\b)"
    rf"|\b{_NUMBER} ?(?:(?:years?|yrs?) ?(?:old|of age)|y ?o)\b"
)
_AT_DEATH = re.compile(
    rf"\b{_NUMBER}(?: (?:years?|yrs?) old)? when (?:s?he|they|it) (?:died|happened|passed|was (?:killed|murdered)|were killed)\b"
    rf"|\b(?:died|killed|murdered|dead) (?:at|aged?)(?: the age of)? {_NUMBER}\b(?! (?:{_UNITS})\b)"
)
_UNDER = re.compile(rf"\b(?:under|below|younger than) (?:the age of )?{_NUMBER}\b(?! (?:{_UNITS}|years?(?! old)|pages?|people)\b)")


def ages_told(text: str) -> frozenset[int]:
    """The ages in years that a text in English tells of someone: each that it may be, where it says "under".

    Where it says how old someone was who died, that alone is told.

    >>> sorted(ages_told("She was only sixteen, and her brother is a 12-year-old."))
    [12, 16]
    >>> sorted(ages_told("What if he was under four?"))
    [0, 1, 2, 3]
    >>> sorted(ages_told("She was 15 when it began and 17 when she died."))
    [17]
    >>> ages_told("It was 3 years ago.")
    frozenset()
    """
    words = " ".join(plain_words(text))
    if died := {_number(first or second) for first, second in _AT_DEATH.findall(words)}:
        return frozenset(died)
    told = {_number(first or second) for first, second in _AGES.findall(words)}
    return frozenset(told).union(*(range(_number(limit)) for limit in _UNDER.findall(words)))


def _number(word: str) -> int:
    return _NUMBERS.get(word) or int(word)


MISSPELT = 2
"""Letters of a word of a question above which it may be read as another."""
_SHORT_FORMS = """
2=to 4=for abt=about any1=anyone anyfink=anything av=have avnt=haven't b=be b4=before bc=because bcos=because becos=because bout=about
btween=between c=see carnt=can't cnt=can't comms=communications cos=because coz=because cud=could cus=because cuz=because dat=that
dem=them dey=they dint=didn't dis=this dnt=don't dun=don't dunno=don't:know dus=does every1=everyone evry1=everyone folt=fault fone=phone
frm=from fru=through gona=going:to gonna=going:to gunna=going:to hav=have hba=honour-based:abuse hbv=honour-based:violence hu=who hv=have
hve=have hw=how idk=i:don't:know jus=just kild=killed kno=know l8r=later m8=mate msg=message mtg=meeting mths=months n=and no1=no:one
nowt=nothing nt=not nuffin=nothing nuffink=nothing nuthin=nothing nxt=next ov=of owt=anything
perp=perpetrator perps=perpetrators pls=please plz=please polis=police ppl=people r=are recs=recommendations rite=write rong=wrong
rote=wrote sed=said sez=says shud=should som1=someone some1=someone spk=speak sum1=someone sumfin=something summat=something
sumthin=something sumthing=something thier=their tho=though thru=through tlk=talk tmrw=tomorrow txt=text u=you ur=your wana=want:to
wanna=want:to wat=what wats=what's wen=when wernt=weren't whn=when wid=with wil=will wiv=with wk=week wks=weeks wos=was wot=what
wots=what's woz=was wrk=work wud=would wut=what yr=your yrs=years
"""
SHORT_FORMS = dict(pair.split("=") for pair in _SHORT_FORMS.split())
"""Words of text messages, and what they are short for. A colon stands for a space."""
_SHORT = re.compile(rf"{_PLACE.pattern}|(?<![\w'’.])(?P<short>{'|'.join(SHORT_FORMS)})(?![\w'’])", re.IGNORECASE)


class Analyser:
    """Turns text into tokens. The concepts are fixed when it is made; the vocabulary is added by the index."""

    def __init__(self, concepts: Mapping[str, Sequence[str]] | None = None) -> None:
        """``concepts`` maps a concept's name to the phrases that mean it."""
        self.concepts = {name: tuple(phrases) for name, phrases in (concepts or {}).items()}
        self._phrases: dict[tuple[str, ...], str] = {}
        for name, phrases in self.concepts.items():
            for phrase in phrases:
                key = tuple(stem(word) for word in plain_words(phrase))
                if key:
                    self._phrases[key] = f"={name}"
        self._longest = {first: max(len(key) for key in self._phrases if key[0] == first) for first in {key[0] for key in self._phrases}}
        """How many words the longest phrase has that begins with a word."""
        self._vocabulary: frozenset[str] = frozenset()
        self._rank: dict[str, int] = {}
        self._by_length: dict[int, list[str]] = {}

    def learn(self, words: Iterable[str]) -> None:
        """Take the words of the passages as the vocabulary that misspellings are read against; of two as near the commoner one."""
        counts = Counter(words)
        self._vocabulary = frozenset(counts)
        self._rank = {word: place for place, word in enumerate(sorted(counts, key=lambda word: (-counts[word], word)))}
        self._by_length = {}
        for word in self._rank:
            if word.isalpha():
                self._by_length.setdefault(len(word), []).append(word)

    def tokens(self, text: str) -> list[str]:
        """Tokens of a passage."""
        words = [stem(word) for word in plain_words(text)]
        content = [word for word in words if word not in STOP]
        return content + self._concepts_in(words) + places(text)

    def query_tokens(self, text: str) -> list[str]:
        """Tokens of a question: as for a passage, with misspellings put right and none twice."""
        words = plain_words(text)
        stems = [stem(word) for word in words]
        content = [
            self._known(stemmed, word) for word, stemmed in zip(words, stems, strict=True)
            if word not in STOP and stemmed not in STOP
        ]  # fmt: skip
        put_right = [self._known(stemmed, word) for word, stemmed in zip(words, stems, strict=True)]
        return list(dict.fromkeys(content + self._concepts_in(put_right) + places(text)))

    def _concepts_in(self, stems: list[str]) -> list[str]:
        found: list[str] = []
        place = 0
        while place < len(stems):
            for size in range(min(self._longest.get(stems[place], 0), len(stems) - place), 0, -1):
                name = self._phrases.get(tuple(stems[place : place + size]))
                if name:
                    found.append(name)
                    place += size - 1
                    break
            place += 1
        return found

    def _known(self, stemmed: str, word: str) -> str:
        if not self._vocabulary or stemmed in self._vocabulary or len(word) < 4 or not word.isalpha() or word in STOP:
            return stemmed
        return _nearest(stemmed, self)

    def respelt(self, text: str) -> str:
        """The text `written_out`, and words that are not in the vocabulary read as the nearest that are.

        It is left as it is where such words are more than half of it and one of them is near none.
        """
        given, text = text, written_out(text)
        words = plain_words(text)
        strange = [word for word in words if len(word) > MISSPELT and word.isascii() and word.isalpha() and word not in self._vocabulary]
        if len(strange) * 2 > len(words) and any(_nearest(word, self) == word for word in strange):
            return given
        return re.sub(r"[A-Za-z]+", lambda found: _nearest(found[0].lower(), self) if found[0].lower() in strange else found[0], text)

    def nearest(self, word: str) -> str:
        """The word of the vocabulary that a misspelt word most likely is; itself when none is near."""
        allowed = 1 if len(word) < 6 else 2
        choices = [w for size in range(len(word) - allowed, len(word) + allowed + 1) for w in self._by_length.get(size, ())]
        near = process.extract(word, choices, scorer=DamerauLevenshtein.distance, score_cutoff=allowed, limit=None)
        likely = [(distance, self._rank[choice], choice) for choice, distance, _ in near if choice[0] == word[0]]
        return min(likely)[2] if likely else word


def written_out(text: str) -> str:
    """A text with short forms written out. A lone letter or figure is one only beside a longer one.

    >>> written_out("wot do we do b4 the 2 meetings"), written_out("form 2 is for who")
    ('what do we do before the to meetings', 'form 2 is for who')
    """
    return _SHORT.sub(_written_out, text) if any(len(short["short"] or "") > 1 for short in _SHORT.finditer(text)) else text


def _written_out(found: re.Match[str]) -> str:
    return SHORT_FORMS[found["short"].lower()].replace(":", " ") if found["short"] else found[0]


@lru_cache(maxsize=20_000)
def _nearest(word: str, analyser: Analyser) -> str:
    return analyser.nearest(word)
