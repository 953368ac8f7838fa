"""Long documents from one source in every form, with what should be read from them, and how much of it was."""

import io
import random
from dataclasses import dataclass
from html import escape

import docx
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from rapidfuzz.distance import Indel

from assistant.ingest.blocks import NOTES, Block, Extract
from tests.ingest.making import ODT_NAMES, zipped

SUBJECTS = (
    "The chair",
    "The panel",
    "The partnership",
    "An agency",
    "The author of the report",
    "A member of the family",
    "The coordinator",
)
VERBS = ("should record", "may ask for", "agrees in writing", "explains early", "looks again at", "sends without delay", "keeps apart")
OBJECTS = ("the terms of reference", "each contact with the household", "what was known at the time", "a short account of events", "the first draft", "any request from a relative", "the dates of the meetings")  # fmt: skip
ENDS = ("before the next meeting", "in plain words", "with reasons for each choice", "so that others can learn from it", "where the person concerned agrees", "unless a court has said otherwise", "after speaking with the officer in charge")  # fmt: skip
ROMAN = ("i", "ii", "iii", "iv", "v")


@dataclass(frozen=True)
class Part:
    """One thing that a document says. A number is what a reader sees before the words."""

    kind: str
    """``heading``, ``para``, ``item`` (a), ``inner`` (i), ``row`` or ``note``."""
    text: str
    number: str = ""
    level: int = 0
    cells: tuple[str, ...] = ()
    note: int = 0
    """The footnote whose mark stands at the end of the words."""

    @property
    def read(self) -> str:
        """The words as they should be read."""
        return f"{self.number} {self.text}".strip() if self.kind != "row" else " | ".join(self.cells)


def sentence(chance: random.Random) -> str:
    return f"{chance.choice(SUBJECTS)} {chance.choice(VERBS)} {chance.choice(OBJECTS)} {chance.choice(ENDS)}."


def guidance(seed: int, sections: int) -> list[Part]:
    """Numbered guidance: headings, paragraphs 3.12, items (a) and (iv), tables, footnotes and appendices."""
    chance = random.Random(seed)
    parts: list[Part] = []
    notes = 0
    for section in range(1, sections + 1):
        parts.append(Part("heading", f"Stage {section} of the work", f"{section}.", 1))
        for paragraph in range(1, 13):
            if paragraph in {4, 9}:
                parts.append(Part("heading", f"Duties {'before' if paragraph == 4 else 'after'} stage {section}", "", 2))
            words = " ".join(sentence(chance) for _ in range(chance.randint(3, 7)))
            note = 0
            if paragraph % 5 == 2:
                notes += 1
                note = notes
            parts.append(Part("para", words, f"{section}.{paragraph}", note=note))
            if paragraph % 4 == 3:
                parts += [Part("item", sentence(chance)[:-1] + ";", f"({'abcde'[i]})") for i in range(4)]
                parts += [Part("inner", sentence(chance)[:-1] + ",", f"({ROMAN[i]})") for i in range(3)]
        if section % 3 == 1:
            parts.append(Part("row", "", cells=("Step", "Who", "When")))
            parts += [Part("row", "", cells=(f"Step {i}", sentence(chance), f"{sentence(chance)} {sentence(chance)}")) for i in range(1, 6)]
    for letter in "ABC":
        parts.append(Part("heading", f"Appendix {letter}: a form of words", "", 1))
        parts += [Part("para", " ".join(sentence(chance) for _ in range(4))) for _ in range(5)]
    parts += [Part("note", sentence(chance), str(i)) for i in range(1, notes + 1)]
    return parts


def report(seed: int) -> list[Part]:
    """An overview report with invented names: chapters, a chronology as a table, and no numbers before paragraphs."""
    chance = random.Random(seed)
    parts = []
    for chapter in ("The person we call Edie", "How the review was done", "What happened", "What we learned", "Recommendations"):
        parts.append(Part("heading", chapter, "", 1))
        parts += [Part("para", "Edie had lived in the town for years. " + " ".join(sentence(chance) for _ in range(5))) for _ in range(6)]
        if chapter == "What happened":
            parts.append(Part("row", "", cells=("Date", "Agency", "Contact")))
            parts += [Part("row", "", cells=(f"{i} May", chance.choice(SUBJECTS), sentence(chance))) for i in range(1, 20)]
    return parts


def leaflet(seed: int) -> list[Part]:
    """A leaflet: short parts and a list, which is printed in two columns."""
    chance = random.Random(seed)
    parts = []
    for heading in ("What a review is", "Who may speak", "What happens next", "Where to find help"):
        parts.append(Part("heading", heading, "", 1))
        parts += [Part("para", " ".join(sentence(chance) for _ in range(3))) for _ in range(3)]
    return parts


def html(parts: list[Part], title: str) -> bytes:
    """A page as GOV.UK sets one out, with footnotes at its end."""
    body, notes = [], []
    for part in parts:
        mark = f'<sup id="fnref:{part.note}"><a href="#fn:{part.note}" class="footnote">{part.note}</a></sup>' if part.note else ""
        if part.kind == "heading":
            body.append(f"<h{part.level + 1}>{escape(part.read)}</h{part.level + 1}>")
        elif part.kind == "row":
            body.append("<table><tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in part.cells) + "</tr></table>")
        elif part.kind == "note":
            notes.append(
                f'<li id="fn:{part.number}"><p>{escape(part.text)} <a href="#fnref:{part.number}" class="reversefootnote">↩</a></p></li>'
            )
        else:
            body.append(f"<p>{escape(part.read)}{mark}</p>")
    foot = f'<div class="footnotes" role="doc-endnotes"><ol>{"".join(notes)}</ol></div>' if notes else ""
    return f"<!doctype html><html lang='en'><head><title>{title}</title></head><body><nav>Menu</nav><main><h1>{title}</h1>{''.join(body)}{foot}</main></body></html>".encode()


_LEVELS = (
    ("decimal", "%1."), ("decimal", "%1.%2"), ("lowerLetter", "(%3)"), ("lowerRoman", "(%4)"),
)  # fmt: skip
_FOOTNOTES = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes"


def word(parts: list[Part], title: str) -> bytes:
    """A Word text whose numbers are automatic and stand in no words, with real footnotes."""
    document = docx.Document()
    document.core_properties.title = title
    document.add_heading(title, 0)
    numbering = document.part.numbering_part.element
    levels = "".join(
        f'<w:lvl w:ilvl="{i}"><w:start w:val="1"/><w:numFmt w:val="{form}"/><w:lvlText w:val="{text}"/></w:lvl>'
        for i, (form, text) in enumerate(_LEVELS)
    )
    numbering.insert(0, parse_xml(f'<w:abstractNum {nsdecls("w")} w:abstractNumId="77">{levels}</w:abstractNum>'))
    numbering.append(parse_xml(f'<w:num {nsdecls("w")} w:numId="88"><w:abstractNumId w:val="77"/></w:num>'))
    table = None
    notes = []
    for part in parts:
        if part.kind == "row":
            table = table or document.add_table(rows=0, cols=len(part.cells))
            for cell, text in zip(table.add_row().cells, part.cells, strict=True):
                cell.text = text
            continue
        table = None
        if part.kind == "note":
            notes.append(part)
            continue
        paragraph = document.add_heading(part.text, part.level) if part.kind == "heading" else document.add_paragraph(part.text)
        depth = {"heading": 0, "para": 1, "item": 2, "inner": 3}[part.kind]
        if part.number:
            form = paragraph._p.get_or_add_pPr()
            form.append(parse_xml(f'<w:numPr {nsdecls("w")}><w:ilvl w:val="{depth}"/><w:numId w:val="88"/></w:numPr>'))
        if part.note:
            paragraph._p.append(parse_xml(f'<w:r {nsdecls("w")}><w:footnoteReference w:id="{part.note}"/></w:r>'))
    out = io.BytesIO()
    document.save(out)
    return _with_footnotes(out.getvalue(), notes) if notes else out.getvalue()


def _with_footnotes(data: bytes, notes: list[Part]) -> bytes:
    import zipfile

    with zipfile.ZipFile(io.BytesIO(data)) as held:
        files = {name: held.read(name) for name in held.namelist()}
    said = "".join(
        f'<w:footnote w:id="{note.number}"><w:p><w:r><w:footnoteRef/></w:r><w:r><w:t xml:space="preserve"> {escape(note.text)}</w:t></w:r></w:p></w:footnote>'
        for note in notes
    )
    files["word/footnotes.xml"] = (
        f'<?xml version="1.0"?><w:footnotes {nsdecls("w")}><w:footnote w:type="separator" w:id="-1"><w:p/></w:footnote>{said}</w:footnotes>'.encode()
    )
    relations = files["word/_rels/document.xml.rels"].decode()
    files["word/_rels/document.xml.rels"] = relations.replace(
        "</Relationships>", f'<Relationship Id="rId900" Type="{_FOOTNOTES}" Target="footnotes.xml"/></Relationships>'
    ).encode()
    kind = '<Override PartName="/word/footnotes.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"/></Types>'
    files["[Content_Types].xml"] = files["[Content_Types].xml"].decode().replace("</Types>", kind).encode()
    return zipped(files)


def open_document(parts: list[Part], title: str) -> bytes:
    """An OpenDocument text with automatic numbers: headings by the outline, paragraphs and items by a list style."""
    level = '<text:list-level-style-number text:level="{n}" style:num-format="{form}" style:num-prefix="{prefix}" style:num-suffix="{suffix}" text:display-levels="{shown}"/>'
    levels = "".join(
        level.format(n=n, form=form, prefix=prefix, suffix=suffix, shown=shown)
        for n, form, prefix, suffix, shown in ((1, "1", "", ".", 1), (2, "1", "", "", 2), (3, "a", "(", ")", 1), (4, "i", "(", ")", 1))
    )
    body, rows = [], []
    for part in parts:
        if part.kind != "row" and rows:
            body.append(f"<table:table>{''.join(rows)}</table:table>")
            rows = []
        note = (
            f'<text:note text:note-class="footnote"><text:note-citation>{part.note}</text:note-citation><text:note-body><text:p>{escape(_note(parts, part.note))}</text:p></text:note-body></text:note>'
            if part.note
            else ""
        )
        depth = {"heading": 1, "para": 2, "item": 3, "inner": 4}.get(part.kind, 0)
        if part.kind == "row":
            rows.append(
                "<table:table-row>"
                + "".join(f"<table:table-cell><text:p>{escape(cell)}</text:p></table:table-cell>" for cell in part.cells)
                + "</table:table-row>"
            )
        elif part.kind == "heading":
            inner = f'<text:h text:outline-level="{part.level}">{escape(part.text)}</text:h>'
            body.append(_listed(inner, 1) if part.number else inner)
        elif part.kind != "note":
            inner = f"<text:p>{escape(part.text)}{note}</text:p>"
            body.append(_listed(inner, depth) if part.number else inner)
    styles = f'<office:automatic-styles><text:list-style style:name="L1">{levels}</text:list-style></office:automatic-styles>'
    content = f'<office:document-content {ODT_NAMES}>{styles}<office:body><office:text><text:p text:style-name="Title">{title}</text:p>{"".join(body)}</office:text></office:body></office:document-content>'
    return zipped({"mimetype": b"application/vnd.oasis.opendocument.text", "content.xml": content.encode()})


def _listed(inner: str, depth: int) -> str:
    for _ in range(depth):
        inner = f"<text:list-item>{inner}</text:list-item>"
        inner = f'<text:list text:style-name="L1" text:continue-numbering="true">{inner}</text:list>'
    return inner


def _note(parts: list[Part], number: int) -> str:
    return next(part.text for part in parts if part.kind == "note" and part.number == str(number))


def legislation(parts: list[Part], title: str) -> bytes:
    """The numbered parts as an Act: headings as groups of sections, paragraphs as sections, items as paragraphs."""
    names = 'xmlns="http://www.legislation.gov.uk/namespaces/legislation" xmlns:dc="http://purl.org/dc/elements/1.1/"'
    body, open_part, items = [], False, []
    kept = [part for part in parts if part.kind in {"heading", "para", "item"} and (part.number or part.kind == "heading")]

    def close(section: str) -> str:
        return section + "".join(items) + "</P1para></P1>" if section else ""

    section = ""
    for part in kept:
        if part.kind == "item":
            items.append(f"<P3><Pnumber>{part.number.strip('()')}</Pnumber><P3para><Text>{escape(part.text)}</Text></P3para></P3>")
            continue
        body.append(close(section))
        section, items = "", []
        if part.kind == "heading":
            body.append("</Pblock>" if open_part else "")
            body.append(f"<Pblock><Title>{escape(part.read)}</Title>")
            open_part = True
        else:
            section = f"<P1><Pnumber>{part.number}</Pnumber><P1para><Text>{escape(part.text)}</Text>"
    body.append(close(section) + "</Pblock>")
    return f'<?xml version="1.0"?><Legislation {names}><Metadata><dc:title>{title}</dc:title></Metadata><Body>{"".join(body)}</Body></Legislation>'.encode()


_PAGE = """@page { size: A4; margin: 22mm 20mm; @top-center { content: "Working copy of the guidance"; font-size: 9pt } @bottom-center { content: "Page " counter(page) " of " counter(pages); font-size: 9pt } }
body { font: 11pt/1.35 "DejaVu Sans", sans-serif; hyphens: auto; text-align: justify; %s }
h1 { font-size: 20pt } h2 { font-size: 16pt } h3 { font-size: 13pt } h1, h2, h3 { hyphens: manual; text-align: left; break-after: avoid }
p { margin: 0 0 8pt } p.item { margin-left: 10mm } p.inner { margin-left: 18mm }
table { border-collapse: collapse; margin-bottom: 8pt } td { border: 1px solid #000; padding: 2pt 6pt; hyphens: manual; text-align: left }
.fn { float: footnote; font-size: 9pt; text-align: left } ::footnote-call { font-size: 7pt; vertical-align: super } ::footnote-marker { font-size: 9pt }"""


def pdf(parts: list[Part], title: str, *, tagged: bool, columns: bool = False) -> bytes:
    """The same set in type by WeasyPrint: running head and foot, broken words, footnotes at the foot of each page."""
    import weasyprint

    body, rows = [], []
    for part in parts:
        if part.kind != "row" and rows:
            body.append(f"<table>{''.join(rows)}</table>")
            rows = []
        note = f'<span class="fn">{escape(_note(parts, part.note))}</span>' if part.note else ""
        if part.kind == "heading":
            body.append(f"<h{part.level + 1}>{escape(part.read)}</h{part.level + 1}>")
        elif part.kind == "row":
            rows.append("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in part.cells) + "</tr>")
        elif part.kind != "note":
            body.append(f'<p class="{part.kind}">{escape(part.read)}{note}</p>')
    if rows:
        body.append(f"<table>{''.join(rows)}</table>")
    style = _PAGE % ("columns: 2; column-gap: 12mm" if columns else "")
    outline = "" if tagged else "h1, h2, h3 { bookmark-level: none }"
    page = f"<html lang='en'><head><title>{title}</title><style>{style} {outline}</style></head><body><h1>{title}</h1>{''.join(body)}</body></html>"
    return weasyprint.HTML(string=page).write_pdf(pdf_tags=tagged)


@dataclass(frozen=True)
class Measure:
    """Shares, 0 to 1."""

    headings: float
    numbers: float
    words: float


def measure(parts: list[Part], found: Extract) -> Measure:
    """How much of what should be read was: headings in their place, numbers of paragraphs, and words in their order."""
    wanted = _paths([(part.level, part.read) for part in parts if part.kind == "heading"])
    read = _paths([(block.level, block.text) for block in found.blocks if block.level and block.text not in {found.title, NOTES}])
    numbered = [part for part in parts if part.number and part.kind in {"para", "item", "inner"}]
    texts = {block.text for block in found.blocks}
    right = sum(part.read in texts or any(_like(part, block) for block in found.blocks) for part in numbered)
    said = [word for part in parts if part.kind != "note" for word in part.read.split()]
    body = [word for block in _body(found) for word in block.text.split()]
    return Measure(
        len(set(wanted) & set(read)) / max(len(set(wanted) | set(read)), 1),
        right / len(numbered) if numbered else 1.0,
        Indel.normalized_similarity(said, body),
    )


def _paths(headings: list[tuple[int, str]]) -> list[tuple[str, ...]]:
    trail: list[tuple[int, str]] = []
    out = []
    for level, text in headings:
        trail = [(other, words) for other, words in trail if other < level] + [(level, text)]
        out.append(tuple(words for _, words in trail))
    return out


def _like(part: Part, block: Block) -> bool:
    return block.text.startswith(part.number + " ") and block.text[len(part.number) + 1 :][:40] == part.text[:40]


def _body(found: Extract) -> list[Block]:
    blocks = [block for block in found.blocks if block.text != found.title]
    end = next((i for i, block in enumerate(blocks) if block.level and block.text == NOTES), len(blocks))
    return blocks[:end]
