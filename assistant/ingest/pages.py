"""What stands on a page of a PDF: its lines, by place, size and the part of the text that they belong to.

A part is a paragraph, heading, list item, note or table row. Parts come from the structure that a tagged file carries
(ISO 32000, 14.8) and, for tables, from the rules drawn around their cells.
"""

import ctypes
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise
from statistics import median
from typing import Any, NamedTuple

import pypdfium2 as pdfium
import pypdfium2.raw as raw

EDGE = 0.09
"""Share of a page's height at its top and foot in which running lines stand."""
ROW = "TR"
NOTE = "Note"
_PARTS = {"P", "H", *(f"H{level}" for level in range(1, 7)), "Title", "LI", ROW, NOTE, "FENote", "Caption", "TOCI", "BlockQuote"}
_WHOLE = {ROW: " | ", "LI": " "}
"""Parts read as one line, and what stands between their pieces."""
_PIECES = {"TD", "TH", "Lbl", "LBody"}
_THIN = 3.0
"""Points: what is drawn thinner than that is a rule."""


@dataclass(frozen=True)
class Line:
    """A line of a page, or a whole row of a table or item of a list. Sizes and places in points; ``y`` from the foot of the page."""

    text: str
    size: float
    bold: bool
    x: float
    y: float
    page: int
    edge: bool
    part: int = 0
    """The part of its page that it belongs to, from 1; 0 where the file does not say."""
    kind: str = ""
    """The standard structure type of that part: ``H1`` to ``H6``, ``P``, ``LI``, ``TR``, ``Note`` and others."""
    named: bool = False
    """Whether the file's own outline has these words as a heading of this page."""


class _Part(NamedTuple):
    number: int = 0
    kind: str = ""
    piece: int = 0
    """A cell of a row, or the mark or body of a list item."""


_NONE = _Part()
_LOOSE = _Part(0, "NonStruct")
"""What is of the text, and of no part of it: unlike a running head, which stands outside a file's structure."""


class _Letter(NamedTuple):
    char: str
    size: float = 0.0
    """0 for a letter that the reader put in, such as a space between words."""
    x: float = 0.0
    y: float = 0.0
    right: float = 0.0
    place: int = 0
    part: _Part = _NONE


def lines_of(document: pdfium.PdfDocument, number: int, *, tagged: bool) -> list[Line]:
    """The lines of page ``number``, from 0, in the order of the file; none where the page is damaged.

    ``tagged`` says whether the structure that the file carries is followed.
    """
    try:
        page = document[number]
        text = page.get_textpage()
    except pdfium.PdfiumError:
        return []
    height = page.get_height() or 1.0
    letters = _in_cells(page, list(_letters(text, _structure(page) if tagged else {})))
    lines = [
        Line(
            said,
            size,
            _bold(text, first.place),
            first.x,
            first.y,
            number + 1,
            _at_edge(first.y, height),
            first.part.number,
            first.part.kind,
        )
        for said, size, first in _set_lines(letters)
    ]
    return [replace(line, edge=True) if place in {0, len(lines) - 1} and line.kind != ROW else line for place, line in enumerate(lines)]


def _at_edge(y: float, height: float) -> bool:
    return y < height * EDGE or y > height * (1 - EDGE)


def _set_lines(letters: Sequence[_Letter]) -> Iterator[tuple[str, float, _Letter]]:
    """The words, size and first letter of each line; a table row or a list item is one line, in the order of its pieces."""
    wholes: dict[int, dict[int, list[_Letter]]] = {}
    for letter in letters:
        if letter.part.kind in _WHOLE:
            wholes.setdefault(letter.part.number, {}).setdefault(letter.part.piece, []).append(letter)
    line: list[_Letter] = []
    for letter in (*letters, _Letter("\n")):
        if line and (letter.char == "\n" or letter.part != line[-1].part):
            kind = line[0].part.kind
            pieces = wholes.pop(line[0].part.number, {}) if kind in _WHOLE else {0: line}
            yield from _set_line([pieces[place] for place in sorted(pieces)], kind)
            line = []
        if letter.char != "\n":
            line.append(letter)


def _set_line(pieces: Sequence[Sequence[_Letter]], kind: str) -> Iterator[tuple[str, float, _Letter]]:
    held = [one for piece in pieces for one in piece]
    drawn = [one for one in held if one.size] or held
    size = Counter(one.size for one in drawn).most_common(1)[0][0] if drawn else 0.0
    words = [" ".join(_said(row, size, gaps=kind not in _WHOLE) for row in _rows(piece)).strip() for piece in pieces]
    said = _WHOLE.get(kind, "").join(word for word in words if word)
    if said:
        yield said, size, drawn[0]


def _rows(piece: Sequence[_Letter]) -> list[list[_Letter]]:
    return [list(row) for ends, row in groupby(piece, key=lambda one: one.char == "\n") if not ends]


def _said(row: Sequence[_Letter], size: float, *, gaps: bool) -> str:
    """Words without raised marks of footnotes; with ``gaps``, a bar stands where cells of a table stand apart."""
    foot = Counter(round(one.y) for one in row if one.size == size and one.char.isalpha()).most_common(1)
    kept = [one for one in row if not (foot and _is_mark(one, size, foot[0][0]))]
    wide = _wide(kept, size) if gaps else float("inf")
    said, last = "", None
    for one in kept:
        if not one.char.strip() or not one.size:
            said += one.char
            continue
        if last is not None and one.x - last.right > wide:
            said = said.rstrip() + " | "
        said, last = said + one.char, one
    return said


def _wide(row: Sequence[_Letter], size: float) -> float:
    """The gap that is more than a space between words, in points."""
    between = [after.x - before.right for before, after in pairwise(one for one in row if one.char.strip() and one.size)]
    spaces = [gap for gap in between if gap > size * 0.15]
    return max(size, 2.5 * median(spaces) if spaces and len(between) > 12 else size)


def _is_mark(one: _Letter, size: float, foot: float) -> bool:
    return 0 < one.size < size * 0.8 and one.y > foot + size * 0.15 and (one.char.isdigit() or one.char in "*†‡")


def _letters(text: pdfium.PdfTextPage, structure: Mapping[int, _Part]) -> Iterator[_Letter]:
    """What is the same for all letters drawn together is asked of the first of them."""
    left, right, foot, top = (ctypes.c_double() for _ in range(4))
    together, page = None, text.raw
    seen, size, part = False, 0.0, _NONE
    for place in range(text.count_chars()):
        code = raw.FPDFText_GetUnicode(page, place)
        if code in {10, 13}:
            yield _Letter("\n", part=part)
        elif code in {2, 0xFFFE}:
            yield _Letter("\u00ad", part=part)
        elif raw.FPDFText_IsGenerated(page, place) == 1:
            yield _Letter(chr(code), part=part)
        else:
            drawn = raw.FPDFText_GetTextObject(page, place)
            address = ctypes.cast(drawn, ctypes.c_void_p).value
            if address is None or address != together:
                together, seen = address, _seen(text, place)
                size = max(round(raw.FPDFText_GetFontSize(page, place), 1), 0.1)
                if seen and structure:
                    part = structure.get(raw.FPDFPageObj_GetMarkedContentID(drawn), _NONE)
            if seen:
                raw.FPDFText_GetCharBox(page, place, left, right, foot, top)
                yield _Letter(chr(code), size, left.value, foot.value, right.value, place, part)


def _seen(text: pdfium.PdfTextPage, place: int) -> bool:
    """Whether a reader would see the letters drawn with this one: not tiny, not white, not transparent."""
    red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
    box = raw.FS_RECTF()
    if raw.FPDFText_GetLooseCharBox(text.raw, place, box) and 0 < abs(box.top - box.bottom) < 2:
        return False
    if raw.FPDFText_GetFillColor(text.raw, place, red, green, blue, alpha):
        return alpha.value > 0 and min(red.value, green.value, blue.value) < 250
    return True


def _bold(text: pdfium.PdfTextPage, place: int) -> bool:
    name = ctypes.create_string_buffer(200)
    raw.FPDFText_GetFontInfo(text.raw, place, name, 200, ctypes.c_int())
    return raw.FPDFText_GetFontWeight(text.raw, place) >= 600 or re.search(rb"bold|black|heavy", name.value.lower()) is not None


def _structure(page: pdfium.PdfPage) -> dict[int, _Part]:
    """The part that each piece of marked content of a page belongs to, by its number."""
    tree = raw.FPDF_StructTree_GetForPage(page.raw)
    if not tree:
        return {}
    found: dict[int, _Part] = {}
    number = 0
    ahead = [(raw.FPDF_StructTree_GetChildAtIndex(tree, i), _LOOSE) for i in reversed(range(raw.FPDF_StructTree_CountChildren(tree)))]
    while ahead:
        element, part = ahead.pop()
        if not element:
            continue
        kind = _kind(element)
        if kind in _PIECES and part.kind in _WHOLE:
            number += 1
            part = part._replace(piece=number)
        elif kind in _PARTS and not (part.kind == ROW or (part.kind == "LI" and kind == "P") or part.kind == NOTE):
            number += 1
            part = _Part(number, NOTE if kind == "FENote" else kind)
        children = range(raw.FPDF_StructElement_CountChildren(element))
        for i in children:
            content = raw.FPDF_StructElement_GetChildMarkedContentID(element, i)
            if content >= 0:
                found[content] = part
        ahead += [(raw.FPDF_StructElement_GetChildAtIndex(element, i), part) for i in reversed(children)]
    raw.FPDF_StructTree_Close(tree)
    return found


def _kind(element: Any) -> str:
    """The standard type of a structure element, roles resolved."""
    length = raw.FPDF_StructElement_GetType(element, None, 0)
    held = ctypes.create_string_buffer(max(length, 2))
    raw.FPDF_StructElement_GetType(element, held, length)
    return held.raw[: max(length - 2, 0)].decode("utf-16-le", "replace")


_Rule = tuple[float, float, float]
"""Where a rule stands on its axis, and from where to where it goes on the other."""


def _in_cells(page: pdfium.PdfPage, letters: list[_Letter]) -> list[_Letter]:
    """Letters inside a grid of rules, in so far as no part is known of them, made parts of its rows."""
    across, down = _rules(page)
    if len(across) < 2 or len(down) < 3:
        return letters
    first = max((one.part.number for one in letters), default=0) + 1
    rows: dict[tuple[int, int], int] = {}
    out: list[_Letter] = []
    last = _NONE
    for one in letters:
        if one.size and one.part == _NONE:
            cell = _cell(one, across, down)
            last = _Part(rows.setdefault(cell[:2], first + len(rows)), ROW, cell[2]) if cell else _NONE
        out.append(one if one.part != _NONE else one._replace(part=last))
    columns: dict[int, set[int]] = {}
    for one in out:
        columns.setdefault(one.part.number, set()).add(one.part.piece)
    return [one._replace(part=_NONE) if one.part.number >= first and len(columns[one.part.number]) < 2 else one for one in out]


def _cell(one: _Letter, across: Sequence[_Rule], down: Sequence[_Rule]) -> tuple[int, int, int] | None:
    """The foot, top and left of the cell that a letter stands in. A row that a page breaks is open at its foot or top."""
    foot = max((at for at, start, end in across if at <= one.y + _THIN and start <= one.x <= end), default=-1.0)
    top = min((at for at, start, end in across if at > one.y + _THIN and start <= one.x <= end), default=-1.0)
    left = max((at for at, start, end in down if at <= one.x and start <= one.y <= end), default=-1.0)
    right = min((at for at, start, end in down if at > one.x and start <= one.y <= end), default=-1.0)
    if max(foot, top) < 0 or min(left, right) < 0:
        return None
    return round(foot), round(top), round(left)


def _rules(page: pdfium.PdfPage) -> tuple[list[_Rule], list[_Rule]]:
    """The rules that go across a page and those that go down it."""
    across: list[_Rule] = []
    down: list[_Rule] = []
    for drawn in page.get_objects(filter=[raw.FPDF_PAGEOBJ_PATH], max_depth=2):
        left, foot, right, top = drawn.get_bounds()
        if top - foot <= _THIN and right - left >= 3 * _THIN:
            across.append(((foot + top) / 2, left, right))
        elif right - left <= _THIN and top - foot >= 2 * _THIN:
            down.append(((left + right) / 2, foot, top))
    return _in_step(across), _in_step(down)


def _in_step(rules: Sequence[_Rule]) -> list[_Rule]:
    """Rules with those that stand almost in one line set in one line."""
    held: list[_Rule] = []
    for at, start, end in sorted(rules):
        held.append((held[-1][0] if held and at - held[-1][0] <= _THIN else at, start, end))
    return held
