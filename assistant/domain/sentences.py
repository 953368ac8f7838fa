"""Where the sentences of a text begin and end.

Rules rather than a model: the same text always gives the same sentences, and their offsets are what a citation
points at. A full stop ends a sentence unless it belongs to an abbreviation, an initial or a number.
"""

import re

_END = re.compile(r"[.!?؟۔।]+[\"'”’)\]]*(?=\s+|$)")
_ABBREVIATION = re.compile(
    r"(?:^|[\s(\[])(?:[A-Z]|s|ss|para|paras|No|no|p|pp|Mr|Mrs|Ms|Dr|Prof|St|v|vs|e\.g|i\.e|etc|cf|reg|regs|art|arts|Sch)\.$"
)


def spans(text: str) -> tuple[tuple[int, int], ...]:
    """Start and end of each sentence of ``text``, white space outside, in reading order.

    A line break ends a sentence too: headings, list items and table rows have no full stop.

    >>> spans("See s. 9. It says so.")
    ((0, 9), (10, 21))
    """
    found: list[tuple[int, int]] = []
    start = 0
    for line in text.splitlines(keepends=True):
        begin = start
        for match in _END.finditer(line):
            end = start + match.end()
            if match.group().startswith(".") and _ABBREVIATION.search(text[begin:end]):
                continue
            _add(found, text, begin, end)
            begin = end
        start += len(line)
        _add(found, text, begin, start)
    return tuple(found)


def _add(found: list[tuple[int, int]], text: str, start: int, end: int) -> None:
    piece = text[start:end]
    if piece.strip():
        found.append((start + len(piece) - len(piece.lstrip()), start + len(piece.rstrip())))
