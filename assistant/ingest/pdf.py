"""Reading PDF: lines by their place and size, running heads and feet dropped, broken words mended."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from assistant.ingest.blocks import Block, Extract, RefusedError, extract_of, noted
from assistant.ingest.pages import NOTE, ROW, Line, lines_of

PAGES = 2_000


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
    lines = _read_lines(document, tagged=True)
    if any(line.kind not in {"", ROW} for line in lines) and not _well_tagged(lines):
        lines = _read_lines(document, tagged=False)
    if not lines:
        raise RefusedError("This PDF holds no text. If it is a scan, it needs text recognition first.")
    title = str((document.get_metadata_dict() or {}).get("Title") or "")
    usual = _usual(lines)
    body, notes = _without_notes(_without_running_lines(lines, len(document)), usual)
    outline = _outline(document)
    blocks = [*_blocks(body, usual, outline), *noted(_blocks(notes, usual, {}))]
    return extract_of("pdf", blocks, "" if _poor(title) else title)


def _read_lines(document: pdfium.PdfDocument, *, tagged: bool) -> list[Line]:
    return [line for number in range(len(document)) for line in lines_of(document, number, tagged=tagged)]


def _well_tagged(lines: Sequence[Line]) -> bool:
    """Whether the parts that the file names hold most of its words, and its paragraphs do not end amid a sentence."""
    letters = sum(len(line.text) for line in lines)
    if sum(len(line.text) for line in lines if line.part) < letters * 0.8:
        return False
    broken = [
        before.text[-1:] not in ".?!:;" and after.text[:1].islower()
        for before, after in pairwise(lines)
        if before.kind == after.kind == "P" and before.page == after.page and before.part != after.part
    ]
    return sum(broken) <= len(broken) / 10


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
    """The lines of the text, and those of footnotes: marked as such, or small at the foot of a page, the first with its number."""
    body: list[Line] = []
    notes: list[Line] = []
    for _, page in groupby(lines, key=lambda line: line.page):
        held = list(page)
        notes += [line for line in held if line.kind == NOTE]
        held = [line for line in held if line.kind != NOTE]
        foot = len(held)
        while foot and held[foot - 1].size <= usual * 0.92:
            foot -= 1
        first = next((i for i in range(foot, len(held)) if _NOTE.match(held[i].text)), len(held))
        body += held[:first]
        notes += held[first:]
    return body, notes


def _poor(title: str) -> bool:
    return len(title) < 5 or title.lower().endswith((".doc", ".docx", ".pdf")) or title.startswith("Microsoft Word")


def _without_running_lines(lines: Sequence[Line], pages: int) -> list[Line]:
    """Lines without page numbers and those that stand at the edge of several pages alike, figures apart, or repeat a heading.

    In a file that names the parts of its text, a line at the edge that belongs to none is not of the text.
    """
    tagged = any(line.kind not in {"", ROW} for line in lines)
    alike = Counter(_shape(line) for line in {(_shape(line), line.page): line for line in lines if line.edge}.values())
    often = max(2, pages // 4)
    largest: dict[str, float] = {}
    for line in lines:
        largest[_shape(line)] = max(line.size, largest.get(_shape(line), 0.0))

    def runs(line: Line) -> bool:
        shape = _shape(line)
        repeated = alike[shape] >= often or line.size < largest[shape]
        return (tagged and not line.kind) or repeated or _FOLIO.fullmatch(line.text.lower()) is not None

    return [line for line in lines if not (line.edge and runs(line))]


def _shape(line: Line) -> str:
    return re.sub(r"\d+", "#", line.text.strip().lower())


_STARTS = re.compile(r"^\s*(?:[•●▪◦‣–]|-\s|\d+(?:\.\d+)+\.?\s|\d+\.\s|\(?[a-z]\)\s|\(?[ivx]{1,4}\)\s|\uf0b7)")
_WORD = re.compile(r"[a-z]+(?:-[a-z]+)*")
_BROKEN = re.compile("([A-Za-z]+)\u00ad\\s*([a-z]+)")
_NOTE = re.compile(r"^\s*(?:\d{1,3}[.)]?\s|[*†‡])")
_BULLET = re.compile(r"^\s*(?:[•●▪◦‣–\uf0b7]|-(?=\s))\s*|\s+[•●▪◦‣\uf0b7]\s*$")
_FOLIO = re.compile(r"\W*(?:page\W*)?[\divx]+(?:\W*of\W*\d+)?\W*")
_HEADING = re.compile(r"H[1-6]")


@dataclass(frozen=True)
class _Style:
    """How a document sets its text, by which lines are joined and headings known."""

    usual: float
    large: Sequence[float]
    """Sizes of headings, the largest first."""
    tagged: bool
    """Whether the file's structure names its headings."""
    known: frozenset[str]
    """Words that stand unbroken in it."""
    outline: Mapping[tuple[int, str], int]

    def level(self, line: Line) -> int:
        """The level of a heading, 0 for anything else."""
        if self.tagged or line.kind == ROW:
            return int(line.kind[1]) if _HEADING.fullmatch(line.kind) else 0
        plain = len(line.text) >= 120 or line.text.rstrip().endswith((".", ";", ","))
        if plain or not (line.size > self.usual * 1.12 or (line.bold and line.size >= self.usual)):
            return 0
        return min((self.large.index(line.size) if line.size in self.large else len(self.large)) + 1, 6)

    def goes_on(self, last: Line, line: Line) -> bool:
        """Whether a line goes on with what the last one says."""
        if ROW in {last.kind, line.kind}:
            return False
        if last.part and line.part and last.page == line.page:
            return last.part == line.part
        if line.named or last.named or bool(self.level(last)) != bool(self.level(line)):
            return False
        if (self.level(line) and abs(last.size - line.size) > 0.6) or _STARTS.match(line.text) or " | " in line.text:
            return False
        step = last.y - line.y
        if line.page != last.page or step < 0:
            return not last.text.rstrip().endswith((".", "?", "!", ":")) and not self.level(line)
        return step < 1.75 * max(last.size, line.size, 6.0)

    def joined(self, lines: Sequence[Line]) -> Block:
        """Lines that belong together, as one block."""
        text, first = self.mended(_in_one(lines)), lines[0]
        level = self.outline.get((first.page, _shape_of(text))) or self.level(first)
        if level:
            return Block(text, level=level, page=first.page)
        plain = _BULLET.sub("", text)
        return Block(plain, item=first.kind == "LI" or plain != text or bool(_STARTS.match(text)), page=first.page)

    def mended(self, text: str) -> str:
        """A text whose broken words, each with a soft hyphen in it, are mended; a hyphen that belongs to the word stays."""

        def whole(found: re.Match[str]) -> str:
            first, second = found[1].lower(), found[2].lower()
            compound = f"{first}-{second}" in self.known or (first in self.known and second in self.known)
            return f"{found[1]}{'-' if compound and first + second not in self.known else ''}{found[2]}"

        return _BROKEN.sub(whole, text).replace("\u00ad", "")


def _blocks(lines: Sequence[Line], usual: float, outline: Mapping[tuple[int, str], int]) -> Iterator[Block]:
    lines = [replace(line, named=(line.page, _shape_of(line.text)) in outline) for line in lines]
    known = frozenset(_WORD.findall(_BROKEN.sub(" ", _in_one(lines)).lower()))
    large = sorted({line.size for line in lines if line.size > usual * 1.12}, reverse=True)
    style = _Style(usual, large, any(_HEADING.fullmatch(line.kind) for line in lines), known, outline)
    group: list[Line] = []
    for line in lines:
        if group and not style.goes_on(group[-1], line):
            yield style.joined(group)
            group = []
        group.append(line)
    if group:
        yield style.joined(group)


def _in_one(lines: Sequence[Line]) -> str:
    """Lines on one line, with a soft hyphen where a word may have been broken."""
    return re.sub(r"(?<=[a-z])[-\u2010] (?=[a-z])", "\u00ad", " ".join(line.text.strip() for line in lines))
