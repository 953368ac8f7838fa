"""Reading PDF: lines by their place and size, running heads and feet dropped, broken words mended."""

import ctypes
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise
from statistics import median

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from assistant.ingest.blocks import Block, Extract, RefusedError, extract_of, noted

PAGES = 2_000
EDGE = 0.09
"""Share of a page's height at its top and foot in which running lines stand."""


@dataclass(frozen=True)
class Line:
    """A line of a page. Sizes and places in points; ``y`` from the foot of the page."""

    text: str
    size: float
    bold: bool
    x: float
    y: float
    page: int
    edge: bool
    named: bool = False
    """Whether the file's own outline has these words as a heading of this page."""


def read(data: bytes) -> Extract:
    """Read a PDF.

    Raises:
        RefusedError: it is locked, damaged, too long, or holds no text.
    """
    try:
        document = pdfium.PdfDocument(data)
    except pdfium.PdfiumError:
        if raw.FPDF_GetLastError() == raw.FPDF_ERR_PASSWORD or b"/Encrypt" in data:
            raise RefusedError("This PDF is locked with a password. Save it without one.") from None
        raise RefusedError("This PDF is damaged and cannot be read.") from None
    if len(document) > PAGES:
        raise RefusedError(f"This PDF has more than {PAGES:,} pages.")
    lines = [line for number in range(len(document)) for line in _edged([*_lines(document, number)])]
    if not lines:
        raise RefusedError("This PDF holds no text. If it is a scan, it needs text recognition first.")
    title = str((document.get_metadata_dict() or {}).get("Title") or "")
    usual = _usual(lines)
    body, notes = _without_notes(_without_running_lines(lines, len(document)), usual)
    outline = _outline(document)
    blocks = [*_blocks(body, usual, outline), *noted(_blocks(notes, usual, {}))]
    return extract_of("pdf", blocks, "" if _poor(title) else title)


def _outline(document: pdfium.PdfDocument) -> dict[tuple[int, str], int]:
    """Headings as the file's own outline names them: level by page and words. Empty where there is none, or one too shallow to help."""
    found = {}
    for mark in document.get_toc(max_depth=6):
        target = mark.get_dest()
        page = target.get_index() if target is not None else None
        title = _shape_of(mark.get_title() or "")
        if page is not None and title:
            found[page + 1, title] = min(mark.level + 1, 6)
    return found


def _shape_of(text: str) -> str:
    return re.sub(r"\W+", " ", text.lower()).strip()


def _usual(lines: Sequence[Line]) -> float:
    """The size of most letters."""
    sizes = Counter[float]()
    for line in lines:
        sizes[line.size] += len(line.text)
    return sizes.most_common(1)[0][0]


def _without_notes(lines: Sequence[Line], usual: float) -> tuple[list[Line], list[Line]]:
    """The lines of the text, and those of footnotes: small lines at the foot of a page, the first with its number."""
    body: list[Line] = []
    notes: list[Line] = []
    for _, page in groupby(lines, key=lambda line: line.page):
        held = list(page)
        foot = len(held)
        while foot and held[foot - 1].size <= usual * 0.92:
            foot -= 1
        first = next((i for i in range(foot, len(held)) if _NOTE.match(held[i].text)), len(held))
        body += held[:first]
        notes += held[first:]
    return body, notes


def _poor(title: str) -> bool:
    return len(title) < 5 or title.lower().endswith((".doc", ".docx", ".pdf")) or title.startswith("Microsoft Word")


@dataclass(frozen=True)
class _Letter:
    char: str
    size: float = 0.0
    """0 for a letter that the reader put in, such as a space between words."""
    x: float = 0.0
    y: float = 0.0
    right: float = 0.0
    place: int = 0


def _lines(document: pdfium.PdfDocument, number: int) -> Iterator[Line]:
    try:
        page = document[number]
        text = page.get_textpage()
    except pdfium.PdfiumError:
        return
    height = page.get_height() or 1.0
    row: list[_Letter] = []
    for letter in (*_letters(text), _Letter("\n")):
        if letter.char != "\n":
            row.append(letter)
            continue
        drawn = [one for one in row if one.size] or row
        size = Counter(one.size for one in drawn).most_common(1)[0][0] if drawn else 0.0
        said = _said(row, size)
        if said.strip():
            x, y = drawn[0].x, drawn[0].y
            edge = y < height * EDGE or y > height * (1 - EDGE)
            yield Line(said, size, _bold(text, drawn[0].place), x, y, number + 1, edge)
        row = []


def _said(row: Sequence[_Letter], size: float) -> str:
    """The words of a line: without raised marks of footnotes, and with a bar where cells of a table stand apart."""
    foot = Counter(round(one.y) for one in row if one.size == size and one.char.isalpha()).most_common(1)
    kept = [one for one in row if not (foot and _is_mark(one, size, foot[0][0]))]
    gaps = [after.x - before.right for before, after in pairwise(one for one in kept if one.char.strip() and one.size)]
    usual = median(gap for gap in gaps if gap > size * 0.15) if any(gap > size * 0.15 for gap in gaps) else 0.0
    said, last = "", None
    for one in kept:
        if not one.char.strip() or not one.size:
            said += one.char
            continue
        if last is not None and one.x - last.right > max(size, 2.5 * usual if len(gaps) > 12 else size):
            said = said.rstrip() + " | "
        said, last = said + one.char, one
    return said


def _is_mark(one: _Letter, size: float, foot: float) -> bool:
    return 0 < one.size < size * 0.8 and one.y > foot + size * 0.15 and (one.char.isdigit() or one.char in "*†‡")


def _edged(lines: list[Line]) -> list[Line]:
    """The lines of a page, its first and last one marked as standing at its edge."""
    return [replace(line, edge=True) if place in {0, len(lines) - 1} else line for place, line in enumerate(lines)]


def _letters(text: pdfium.PdfTextPage) -> Iterator[_Letter]:
    left, right, foot, top = (ctypes.c_double() for _ in range(4))
    for place in range(text.count_chars()):
        code = raw.FPDFText_GetUnicode(text.raw, place)
        if code in {10, 13}:
            yield _Letter("\n")
        elif code in {2, 0xFFFE}:
            yield _Letter("\u00ad")
        elif raw.FPDFText_IsGenerated(text.raw, place) == 1:
            yield _Letter(chr(code))
        elif _seen(text, place):
            raw.FPDFText_GetCharBox(text.raw, place, left, right, foot, top)
            size = max(round(raw.FPDFText_GetFontSize(text.raw, place), 1), 0.1)
            yield _Letter(chr(code), size, left.value, foot.value, right.value, place)


def _bold(text: pdfium.PdfTextPage, place: int) -> bool:
    name = ctypes.create_string_buffer(200)
    raw.FPDFText_GetFontInfo(text.raw, place, name, 200, ctypes.c_int())
    return raw.FPDFText_GetFontWeight(text.raw, place) >= 600 or re.search(rb"bold|black|heavy", name.value.lower()) is not None


def _seen(text: pdfium.PdfTextPage, place: int) -> bool:
    """Whether a reader would see this letter: not tiny, not white, not transparent."""
    red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
    box = raw.FS_RECTF()
    if raw.FPDFText_GetLooseCharBox(text.raw, place, box) and 0 < abs(box.top - box.bottom) < 2:
        return False
    if raw.FPDFText_GetFillColor(text.raw, place, red, green, blue, alpha):
        return alpha.value > 0 and min(red.value, green.value, blue.value) < 250
    return True


def _without_running_lines(lines: Sequence[Line], pages: int) -> list[Line]:
    """Lines without those that stand at the edge of several pages alike, figures apart, and without page numbers."""
    alike = Counter(_shape(line) for line in {(_shape(line), line.page): line for line in lines if line.edge}.values())
    often = max(2, pages // 4)
    return [
        line
        for line in lines
        if not (
            line.edge and (alike[_shape(line)] >= often or re.fullmatch(r"\W*(?:page\W*)?[\divx]+(?:\W*of\W*\d+)?\W*", line.text.lower()))
        )
    ]


def _shape(line: Line) -> str:
    return re.sub(r"\d+", "#", line.text.strip().lower())


_STARTS = re.compile(r"^\s*(?:[•●▪◦‣–]|-\s|\d+(?:\.\d+)+\.?\s|\d+\.\s|\(?[a-z]\)\s|\(?[ivx]{1,4}\)\s|\uf0b7)")
_WORD = re.compile(r"[a-z]+(?:-[a-z]+)*")
_BROKEN = re.compile("([A-Za-z]+)\u00ad\\s*([a-z]+)")
_NOTE = re.compile(r"^\s*(?:\d{1,3}[.)]?\s|[*†‡])")
_BULLET = re.compile(r"^\s*(?:[•●▪◦‣–\uf0b7]|-(?=\s))\s*")


def _blocks(lines: Sequence[Line], usual: float, outline: Mapping[tuple[int, str], int]) -> Iterator[Block]:
    lines = [replace(line, named=(line.page, _shape_of(line.text)) in outline) for line in lines]
    known = frozenset(_WORD.findall(_BROKEN.sub(" ", _in_one(lines)).lower()))
    large = sorted({line.size for line in lines if line.size > usual * 1.12}, reverse=True)
    group: list[Line] = []
    for line in lines:
        if group and not _goes_on(group, line, usual):
            yield _joined(group, usual, large, known, outline)
            group = []
        group.append(line)
    if group:
        yield _joined(group, usual, large, known, outline)


def _heading(line: Line, usual: float) -> bool:
    short = len(line.text) < 120 and not line.text.rstrip().endswith((".", ";", ","))
    return short and (line.size > usual * 1.12 or (line.bold and line.size >= usual))


def _goes_on(group: Sequence[Line], line: Line, usual: float) -> bool:
    last = group[-1]
    if line.named or last.named:
        return False
    if _heading(last, usual) != _heading(line, usual) or (_heading(line, usual) and abs(last.size - line.size) > 0.6):
        return False
    if _STARTS.match(line.text) or " | " in line.text:
        return False
    step = last.y - line.y
    if line.page != last.page or step < 0:
        return not last.text.rstrip().endswith((".", "?", "!", ":")) and not _heading(line, usual)
    return step < 1.75 * max(last.size, line.size, 6.0)


def _in_one(lines: Sequence[Line]) -> str:
    """Lines on one line, with a soft hyphen where a word may have been broken."""
    return re.sub(r"(?<=[a-z])[-\u2010] (?=[a-z])", "\u00ad", " ".join(line.text.strip() for line in lines))


def _mended(text: str, known: frozenset[str]) -> str:
    """A text whose broken words, each with a soft hyphen in it, are mended; a hyphen that belongs to the word stays."""

    def whole(found: re.Match[str]) -> str:
        first, second = found[1].lower(), found[2].lower()
        compound = f"{first}-{second}" in known or (first in known and second in known)
        return f"{found[1]}{'-' if compound and first + second not in known else ''}{found[2]}"

    return _BROKEN.sub(whole, text).replace("\u00ad", "")


def _joined(
    group: Sequence[Line], usual: float, large: Sequence[float], known: frozenset[str], outline: Mapping[tuple[int, str], int]
) -> Block:
    text = _mended(_in_one(group), known)
    first = group[0]
    named = outline.get((first.page, _shape_of(text)))
    if named is not None:
        return Block(text, level=named, page=first.page)
    if _heading(first, usual):
        level = min(large.index(first.size) + 1, 6) if first.size in large else min(len(large) + 1, 6)
        return Block(text, level=level, page=first.page)
    bullet = _BULLET.match(text)
    return Block(_BULLET.sub("", text) if bullet else text, item=bool(bullet or _STARTS.match(text)), page=first.page)
