"""Phrases: words in order, written so that a person who reads no code can check them.

``(a|b)`` is either, ``[a]`` may be missing, ``word*`` is a beginning, ``...`` is up to four other words. A text is
first brought to one form, word by word: composed, in lower case, without accents on Latin letters, vowel
marks on Arabic ones, apostrophes or invisible characters.
"""

import re
import unicodedata
from collections.abc import Container, Mapping
from functools import cache

_LETTER = r"(?:[^\W_]|[\u0900-\u0dff])"
"""A letter or digit, or a vowel sign of an Indic script, which Python does not count as one."""
_WORD = re.compile(rf"{_LETTER}+(?:['’ʼ`]{_LETTER}+)*")
_DISGUISED = re.compile(r"(?<![^\W_])[A-Za-z]+[013457@$][A-Za-z013457@$]*(?![^\W_])")
_FOR_LETTERS = str.maketrans("013457@$", "oieastas")
_PIECE = re.compile(r"\.\.\.|\[[^\]]*\]|\([^)]*\)|[^\s\[\]()]+")
_GAP = r"(?: [^ ]+){0,4}?"


def words(text: str, spellings: Mapping[str, str]) -> list[str]:
    """The words of a text in the one form, short forms written out."""
    found: list[str] = []
    for match in _WORD.finditer(fold(text)):
        word = straight(match.group())
        found.extend(spellings.get(word, word).split())
    return found


def undisguised(text: str, known: Container[str]) -> str:
    """A text whose digits and signs that stand for letters in a word are letters; a word that is ``known`` stays.

    >>> undisguised("h3 h1ts m3 on the M25 at 10am", ())
    'he hits me on the M25 at 10am'
    """
    return _DISGUISED.sub(lambda word: word[0] if fold(word[0]) in known else word[0].translate(_FOR_LETTERS), text)


def fold(text: str) -> str:
    """One form for every spelling: see the module."""
    if text.isascii() and text.isprintable():
        return text.lower()
    text = unicodedata.normalize("NFKD", text).casefold()
    kept = []
    for char in text:
        category = unicodedata.category(char)
        if category in {"Cf", "Cs", "Co", "Cn"} or (category == "Mn" and (char < "\u0370" or "\u064b" <= char <= "\u0670")):
            continue
        kept.append(" " if category == "Cc" else char)
    return unicodedata.normalize("NFC", "".join(kept))


def straight(word: str) -> str:
    """The word without its apostrophes."""
    return re.sub(r"['’ʼ`]", "", word)


@cache
def compile_phrase(phrase: str) -> re.Pattern[str]:
    """One phrase as a pattern over a line of words, made when it is first needed. See `phrase_pattern`."""
    return re.compile(phrase_pattern(phrase))


def phrase_pattern(phrase: str) -> str:
    """Make one phrase of the signals file into a pattern over a line of words.

    Every part is bounded, so a search takes time in step with the length of the line.
    """
    pattern = ""
    for piece in _PIECE.findall(fold(phrase)):
        if piece == "...":
            pattern += _GAP
        elif piece[0] == "[":
            pattern += f"(?: {_either(piece[1:-1])})?"
        elif piece[0] == "(":
            pattern += f" {_either(piece[1:-1])}"
        else:
            pattern += f" {_word(piece)}"
    return pattern + "(?= )"


def _either(choices: str) -> str:
    return "(?:" + "|".join(" ".join(_word(word) for word in choice.split()) for choice in choices.split("|")) + ")"


def _word(word: str) -> str:
    word = straight(word)
    return re.escape(word[:-1]) + "[^ ]*" if word.endswith("*") else re.escape(word)


def needed_words(phrase: str) -> frozenset[str]:
    """The rarest required word of a phrase, or the choices in its place, so that most phrases need no search."""
    best: list[str] = []
    for piece in _PIECE.findall(fold(phrase)):
        if piece == "..." or piece[0] == "[":
            continue
        choices = piece[1:-1].split("|") if piece[0] == "(" else [piece]
        firsts = [straight(choice.split()[-1]) for choice in choices]
        if any(word.endswith("*") for word in firsts):
            continue
        if not best or min(map(len, firsts)) > min(map(len, best)):
            best = firsts
    return frozenset(best)
