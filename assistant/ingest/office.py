"""Readers for Word and OpenDocument texts. Both are archives, whose size is counted while it comes out."""

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import docx
from docx.oxml.ns import qn
from docx.text.paragraph import Paragraph

from assistant.ingest.blocks import Block, Extract, RefusedError, extract_of, noted
from assistant.ingest.markup import safe_xml

ENTRIES = 1_000
UNPACKED = 100 * 1024 * 1024
"""Bytes that an archive may unpack to."""


def archive(data: bytes) -> Extract:
    """Read a Word or OpenDocument text.

    Raises:
        RefusedError: it is another archive, is locked, too large, or holds macros.
    """
    with zipfile.ZipFile(io.BytesIO(data)) as held:
        names = set(held.namelist())
        _measure(held)
        if any(re.fullmatch(r"word/document\d*\.xml", name) for name in names):
            return _docx(data, names)
        if "content.xml" in names and "mimetype" in names:
            return _odt(held)
    raise RefusedError("This is an archive, but not a Word or OpenDocument text.")


def _measure(held: zipfile.ZipFile) -> None:
    entries = held.infolist()
    if len(entries) > ENTRIES:
        raise RefusedError(f"This file holds more than {ENTRIES:,} parts.")
    if any(entry.flag_bits & 1 for entry in entries):
        raise RefusedError("This file is locked with a password. Save it without one.")
    total = 0
    for entry in entries:
        with held.open(entry) as part:
            while chunk := part.read(1 << 20):
                total += len(chunk)
                if total > UNPACKED:
                    raise RefusedError("This file unpacks to more than 100 MB.")
        if entry.filename.endswith((".xml", ".rels")):
            with held.open(entry) as part:
                safe_xml(part.read())


def _docx(data: bytes, names: set[str]) -> Extract:
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise RefusedError("This file holds macros. Save it without them, as .docx.")
    document = docx.Document(io.BytesIO(data))
    numbers = _Numbers(document)
    blocks = [*_docx_blocks(document, numbers), *noted(_docx_notes(document))]
    return extract_of("docx", blocks, str(document.core_properties.title or ""))


def _docx_notes(document: Any) -> Iterator[Block]:
    """Footnotes and endnotes, each in one piece."""
    for relation in document.part.rels.values():
        if relation.reltype.rpartition("/")[2] not in {"footnotes", "endnotes"} or relation.is_external:
            continue
        for note in safe_xml(relation.target_part.blob):
            if note.get(qn("w:type")) is None:
                yield Block(" ".join(_visible(paragraph) for paragraph in note.iter(qn("w:p"))))


_AROUND = frozenset(map(qn, ("w:sdt", "w:sdtContent", "w:customXml", "w:ins", "w:moveTo")))
"""What stands around paragraphs, rows and cells and is nothing itself: content controls, and marks of what was put in."""
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
"""Around what is said twice, the second time for old readers."""
_CONTENTS = re.compile(r"toc(?: heading| \d)|contents heading|table of figures", re.IGNORECASE)
"""Names of styles in which a list of the headings is set, which stand in the text anyway."""


def _docx_blocks(document: Any, numbers: "_Numbers", around: Any = None) -> Iterator[Block]:
    """The blocks inside a node, or of the whole text; what stands in a box comes after the paragraph that the box hangs on."""
    for part in _inside(document.element.body if around is None else around):
        if part.tag == qn("w:tbl"):
            yield from _docx_rows(part)
        elif part.tag == qn("w:p"):
            yield from _docx_paragraph(Paragraph(part, document._body), numbers)
            for box in part.iter(qn("w:txbxContent")):
                if next(box.iterancestors(qn("w:p"))) is part and _said_once(box):
                    yield from _docx_blocks(document, numbers, box)


def _inside(node: Any, *names: str) -> Iterator[Any]:
    """What stands in a node, whatever is around it; of that, what has one of these names, if any are given."""
    for child in node:
        if child.tag in _AROUND:
            yield from _inside(child, *names)
        elif not names or child.tag in names:
            yield child


def _said_once(node: Any) -> bool:
    return next(node.iterancestors(_FALLBACK), None) is None


def _docx_rows(table: Any) -> Iterator[Block]:
    """A block for each row; a cell that goes over several rows is said in each."""
    above: dict[int, str] = {}
    for row in _inside(table, qn("w:tr")):
        column, said = 0, []
        for cell in _inside(row, qn("w:tc")):
            if cell.vMerge != "continue":
                above[column] = " ".join(_visible(p) for p in cell.iter(qn("w:p")) if _said_once(p))
            said.append(above.get(column, ""))
            column += cell.grid_span
        yield Block(" | ".join(said))


def _docx_paragraph(paragraph: Paragraph, numbers: "_Numbers") -> Iterator[Block]:
    style = ((paragraph.style.name if paragraph.style is not None else "") or "").lower()
    if _CONTENTS.fullmatch(style):
        return
    found = re.fullmatch(r"(?:heading|überschrift) ([1-6])", style)
    level = 1 if style == "title" else int(found[1]) if found else 0
    mark = numbers.next(paragraph)
    yield Block(f"{mark} {_visible(paragraph._p)}".strip(), level=level, item=not level and (bool(mark) or "list" in style))


def _visible(paragraph: Any) -> str:
    """The words of a paragraph that a reader sees: nothing deleted, hidden, white or tiny, and nothing of a box that hangs on it."""
    parts: list[str] = []
    for run in paragraph.iter(qn("w:r")):
        form = run.find(qn("w:rPr"))
        gone = next(run.iterancestors(qn("w:del"), qn("w:moveFrom")), None) is not None
        if gone or next(run.iterancestors(qn("w:p"))) is not paragraph or (form is not None and _unseen(form)):
            continue
        for child in run:
            if child.tag == qn("w:t"):
                parts.append(child.text or "")
            elif child.tag in {qn("w:tab"), qn("w:br"), qn("w:cr")}:
                parts.append(" ")
            elif child.tag == qn("w:noBreakHyphen"):
                parts.append("-")
    return "".join(parts)


def _unseen(form: Any) -> bool:
    def value(name: str) -> str | None:
        found = form.find(qn(name))
        return None if found is None else (found.get(qn("w:val")) or "true")

    size = value("w:sz")
    hidden = value("w:vanish") in {"true", "1", "on"} or value("w:specVanish") in {"true", "1", "on"}
    return hidden or (value("w:color") or "").upper() == "FFFFFF" or (size is not None and size.isdigit() and int(size) <= 4)


class _Numbers:
    """Automatic numbers, which stand in no text: counted as Word counts them."""

    def __init__(self, document: Any) -> None:
        self._counts: dict[str, list[int]] = {}
        self._levels: dict[str, dict[int, tuple[str, str, int]]] = {}
        try:
            numbering = document.part.numbering_part.element
        except (KeyError, NotImplementedError, AttributeError):
            return
        patterns = {}
        for abstract in numbering.findall(qn("w:abstractNum")):
            levels = {}
            for level in abstract.findall(qn("w:lvl")):
                read = {
                    name: found.get(qn("w:val"))
                    for name in ("w:numFmt", "w:lvlText", "w:start")
                    if (found := level.find(qn(name))) is not None
                }
                start = read.get("w:start") or "1"
                levels[int(level.get(qn("w:ilvl")))] = (
                    read.get("w:numFmt") or "decimal",
                    read.get("w:lvlText") or "",
                    int(start) if start.isdigit() else 1,
                )
            patterns[abstract.get(qn("w:abstractNumId"))] = levels
        for number in numbering.findall(qn("w:num")):
            link = number.find(qn("w:abstractNumId"))
            self._levels[number.get(qn("w:numId"))] = patterns.get(link.get(qn("w:val")) if link is not None else None, {})

    def next(self, paragraph: Paragraph) -> str:
        """The number or letter that Word shows before this paragraph; empty for none and for bullets."""
        found = _numbering(paragraph)
        if found is None:
            return ""
        number, depth = found
        levels = self._levels.get(number, {})
        if depth not in levels:
            return ""
        counts = self._counts.setdefault(number, [levels[i][2] - 1 if i in levels else 0 for i in range(9)])
        counts[depth] += 1
        for deeper in range(depth + 1, 9):
            counts[deeper] = levels[deeper][2] - 1 if deeper in levels else 0
        form, pattern, _ = levels[depth]
        if form in {"bullet", "none"}:
            return ""
        return re.sub(
            r"%([1-9])", lambda m: _written(max(counts[int(m[1]) - 1], 1), levels.get(int(m[1]) - 1, ("decimal", "", 1))[0]), pattern
        )


def _numbering(paragraph: Paragraph) -> tuple[str, int] | None:
    """The list and level of a paragraph, its own or its style's."""
    style: Any = paragraph.style
    forms: list[Any] = [paragraph._p.pPr]
    while style is not None:
        forms.append(style.element.pPr)
        style = style.base_style
    for form in forms:
        found = form.numPr if form is not None else None
        if found is not None and found.numId is not None:
            return (str(found.numId.val), int(found.ilvl.val) if found.ilvl is not None else 0) if found.numId.val else None
    return None


def _written(number: int, form: str) -> str:
    if form in {"lowerLetter", "upperLetter"}:
        letters = chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 + 1)
        return letters if form == "lowerLetter" else letters.upper()
    if form in {"lowerRoman", "upperRoman"}:
        roman, left = "", number
        for value, sign in ((10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i")):
            roman += sign * (left // value)
            left %= value
        return roman if form == "lowerRoman" else roman.upper()
    return str(number)


def _odt(held: zipfile.ZipFile) -> Extract:
    names = held.namelist()
    if "META-INF/manifest.xml" in names and b"encryption-data" in held.read("META-INF/manifest.xml"):
        raise RefusedError("This file is locked with a password. Save it without one.")
    root = safe_xml(held.read("content.xml"))
    body = next(root.iter("{*}text"), None)
    if body is None:
        raise RefusedError("This OpenDocument file is not a text.")
    roots = [root, safe_xml(held.read("styles.xml"))] if "styles.xml" in names else [root]
    hidden = _hidden_styles(root)
    notes = [Block(" ".join(_odt_words(p, hidden) for p in note.iter("{*}p"))) for note in body.iter("{*}note-body")]
    return extract_of("odt", [*_Odt(roots, hidden).blocks(body), *noted(notes)])


def _hidden_styles(root: Any) -> frozenset[str]:
    found = set()
    for style in root.iter("{*}style"):
        for form in style.iter("{*}text-properties"):
            given = {name.rpartition("}")[2]: value for name, value in form.attrib.items()}
            if (
                given.get("display") == "none"
                or given.get("color", "").lower() == "#ffffff"
                or given.get("font-size", "") in {"0pt", "1pt"}
            ):
                found.add(_given(style, "name"))
    return frozenset(found)


@dataclass(frozen=True)
class _Level:
    """How one level of a list or outline is numbered (OpenDocument 1.3, part 3, section 16.31)."""

    form: str
    prefix: str
    suffix: str
    shown: int
    start: int


_NO_TEXT = frozenset(("tracked-changes", "annotation", "forms", "sequence-decls", "note", "table-of-content", "illustration-index"))


class _Odt:
    """Blocks of an OpenDocument text, with the numbers that stand in styles and not in words."""

    def __init__(self, roots: list[Any], hidden: frozenset[str]) -> None:
        self._hidden = hidden
        self._styles = {_given(style, "name"): _levels(style) for root in roots for style in root.iter("{*}list-style")}
        outline = next((style for root in roots for style in root.iter("{*}outline-style")), None)
        self._outline = _levels(outline) if outline is not None else {}
        self._counts: dict[str, list[int]] = {}

    def blocks(self, node: Any, style: str = "", depth: int = 0) -> Iterator[Block]:
        """The blocks inside a node; ``style`` and ``depth`` are those of the list around it."""
        for child in node:
            name = _local(child)
            if name in {"h", "p"}:
                yield self._block(child, name, style, depth)
            elif name == "table-row":
                cells = [cell for cell in child if _local(cell) == "table-cell"]
                yield Block(" | ".join(" ".join(_odt_words(p, self._hidden) for p in cell.iter("{*}p")) for cell in cells))
            elif name == "list":
                own = _given(child, "style-name") or style
                if not depth and _given(child, "continue-numbering") != "true" and not _given(child, "continue-list"):
                    self._counts.pop(own, None)
                for item in child:
                    yield from self._item(item, own, depth + 1)
            elif name not in _NO_TEXT:
                yield from self.blocks(child, style, depth)

    def _item(self, item: Any, style: str, depth: int) -> Iterator[Block]:
        held = [*item]
        mark = self._mark(style, self._styles.get(style, {}), depth) if held and _local(held[0]) in {"h", "p"} else ""
        for place, block in enumerate(self.blocks(item, style, depth)):
            yield replace(block, text=f"{mark} {block.text}") if mark and place == 0 else block

    def _block(self, node: Any, name: str, style: str, depth: int) -> Block:
        text = _odt_words(node, self._hidden)
        if name == "p":
            return Block(text, level=int(_given(node, "style-name") == "Title"), item=depth > 0)
        given = _given(node, "outline-level")
        level = min(int(given) if given.isdigit() else 1, 6)
        unnumbered = style or _given(node, "is-list-header") == "true"
        mark = "" if unnumbered else self._mark("", self._outline, level)
        return Block(f"{mark} {text}".strip(), level=level)

    def _mark(self, name: str, levels: dict[int, _Level], depth: int) -> str:
        """The number that is shown at this depth, counted on; empty where the level has none."""
        counts = self._counts.setdefault(name, [0] * 11)
        level = levels.get(depth)
        counts[depth] = counts[depth] + 1 if counts[depth] else (level.start if level else 1)
        counts[depth + 1 :] = [0] * len(counts[depth + 1 :])
        if level is None or not level.form:
            return ""
        first = max(depth - level.shown + 1, 1)
        forms = {"1": "decimal", "a": "lowerLetter", "A": "upperLetter", "i": "lowerRoman", "I": "upperRoman"}
        parts = [
            _written(max(counts[i], 1), forms.get(levels[i].form, "decimal"))
            for i in range(first, depth + 1)
            if i in levels and levels[i].form
        ]
        return f"{level.prefix}{'.'.join(parts)}{level.suffix}"


def _levels(style: Any) -> dict[int, _Level]:
    """Numbered levels of a list or outline style."""
    found = {}
    for level in style:
        if _local(level) in {"list-level-style-number", "outline-level-style"}:
            shown, start, depth = (_given(level, name) or "1" for name in ("display-levels", "start-value", "level"))
            if shown.isdigit() and start.isdigit() and depth.isdigit() and 1 <= int(depth) <= 10:
                form = (_given(level, "num-format"), _given(level, "num-prefix"), _given(level, "num-suffix"))
                found[int(depth)] = _Level(*form, int(shown), int(start))
    return found


def _given(node: Any, name: str) -> str:
    """An attribute by its name in any namespace."""
    return next((value for key, value in node.attrib.items() if key.rpartition("}")[2] == name), "")


def _local(node: Any) -> str:
    return node.tag.rpartition("}")[2] if isinstance(node.tag, str) else ""


def _odt_words(node: Any, hidden: frozenset[str]) -> str:
    parts = [node.text or ""]
    for child in node:
        name = _local(child)
        if name in {"s", "tab", "line-break", "p"}:
            parts.append(" ")
        if name and name not in _NO_TEXT and _given(child, "style-name") not in hidden:
            parts.append(_odt_words(child, hidden))
        parts.append(child.tail or "")
    return "".join(parts)
