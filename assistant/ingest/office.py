"""Readers for Word and OpenDocument texts. Both are archives, whose size is counted while it comes out."""

import io
import re
import zipfile
from collections.abc import Iterator
from typing import Any

import docx
from docx.oxml.ns import qn
from docx.table import Table
from docx.text.paragraph import Paragraph

from assistant.ingest.blocks import Block, Extract, RefusedError, extract_of
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
        if "word/document.xml" in names:
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
    return extract_of("docx", _docx_blocks(document, numbers), str(document.core_properties.title or ""))


def _docx_blocks(document: Any, numbers: "_Numbers") -> Iterator[Block]:
    for part in document.iter_inner_content():
        if isinstance(part, Table):
            for row in part.rows:
                cells = dict.fromkeys(cell._tc for cell in row.cells)
                yield Block(" | ".join(" ".join(_visible(p) for p in cell.iter(qn("w:p"))) for cell in cells))
        elif isinstance(part, Paragraph):
            style = (part.style.name if part.style is not None else "") or ""
            found = re.fullmatch(r"(?:heading|überschrift) ([1-6])", style.lower())
            level = 1 if style.lower() == "title" else int(found[1]) if found else 0
            mark = numbers.next(part)
            text = _visible(part._p)
            yield Block(f"{mark} {text}".strip(), level=level, item=not level and (bool(mark) or "list" in style.lower()))


def _visible(paragraph: Any) -> str:
    """The words of a paragraph that a reader sees: nothing deleted, hidden, white or tiny."""
    parts: list[str] = []
    for run in paragraph.iter(qn("w:r")):
        if any(parent.tag in {qn("w:del"), qn("w:moveFrom")} for parent in run.iterancestors()):
            continue
        form = run.find(qn("w:rPr"))
        if form is not None and _unseen(form):
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
    if "META-INF/manifest.xml" in held.namelist() and b"encryption-data" in held.read("META-INF/manifest.xml"):
        raise RefusedError("This file is locked with a password. Save it without one.")
    root = safe_xml(held.read("content.xml"))
    body = next(root.iter("{*}text"), None)
    if body is None:
        raise RefusedError("This OpenDocument file is not a text.")
    hidden = _hidden_styles(root)
    return extract_of("odt", _odt_blocks(body, hidden))


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
                found.add(next((v for name, v in style.attrib.items() if name.endswith("}name")), ""))
    return frozenset(found)


def _odt_blocks(node: Any, hidden: frozenset[str], *, item: bool = False) -> Iterator[Block]:
    for child in node:
        name = _local(child)
        if name == "h":
            level = next((v for k, v in child.attrib.items() if k.endswith("}outline-level")), "1")
            yield Block(_odt_words(child, hidden), level=min(int(level) if level.isdigit() else 1, 6))
        elif name == "p":
            title = next((v for k, v in child.attrib.items() if k.endswith("}style-name")), "") == "Title"
            yield Block(_odt_words(child, hidden), level=int(title), item=item)
        elif name == "table-row":
            cells = [cell for cell in child if _local(cell) == "table-cell"]
            yield Block(" | ".join(" ".join(_odt_words(p, hidden) for p in cell.iter("{*}p")) for cell in cells))
        elif name not in {"tracked-changes", "annotation", "forms", "sequence-decls", "note"}:
            yield from _odt_blocks(child, hidden, item=item or name == "list-item")


def _local(node: Any) -> str:
    return node.tag.rpartition("}")[2] if isinstance(node.tag, str) else ""


def _odt_words(node: Any, hidden: frozenset[str]) -> str:
    parts = [node.text or ""]
    for child in node:
        name = _local(child)
        style = next((v for k, v in child.attrib.items() if k.endswith("}style-name")), "") if name else ""
        if name in {"s", "tab", "line-break"}:
            parts.append(" ")
        elif name and name not in {"note", "annotation", "tracked-changes"} and style not in hidden:
            parts.append(_odt_words(child, hidden))
        parts.append(child.tail or "")
    return "".join(parts)
