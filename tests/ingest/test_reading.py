"""The same document in every form is read the same, and what should not be read is refused in one line."""

import contextlib
import io
import zipfile
from datetime import date

import docx
import pytest
from docx.enum.style import WD_STYLE_TYPE
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.ingest import kinds
from assistant.ingest.blocks import RefusedError
from assistant.ingest.cage import extract
from assistant.ingest.taking import laid_out
from tests.ingest import making

FORMS = {
    "html": making.html, "govuk": making.govuk, "markdown": making.markdown, "docx": making.word, "odt": making.open_document,
    "pdf": making.pdf,
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_every_form_says_the_same_F1(form):
    found = kinds.read(FORMS[form]())
    assert (found.form, found.title) == (form, making.TITLE)
    read = [block.text for block in found.blocks if block.text != making.TITLE]
    assert read == making.spoken()
    headings = [(block.text, block.level) for block in found.blocks if block.level and block.text != making.TITLE]
    assert [title for title, _ in headings] == [title for _, title, _ in making.PARTS]
    depths = [level for _, level in headings]
    assert depths[0] == depths[2] < depths[1]
    assert [block.text for block in found.blocks if block.item and block.text in making.ITEMS] == making.ITEMS


@pytest.mark.parametrize("form", FORMS)
def test_nothing_invisible_is_taken_in_SP09(form):
    assert making.HIDDEN not in " ".join(block.text for block in kinds.read(FORMS[form]()).blocks)


def test_running_lines_are_dropped_and_pages_kept():
    found = kinds.read(making.pdf())
    assert not any("Draft for comment" in block.text for block in found.blocks)
    assert {block.page for block in found.blocks} == {1}


def test_words_broken_at_the_end_of_a_line_are_mended():
    found = kinds.read(making.pdf([[("F1", 11.0, "The panel meets in pri-", 40.0), ("F1", 11.0, "vate before the trial.", 13.0)]]))
    assert found.blocks[0].text == "The panel meets in private before the trial."


def test_legislation_keeps_its_numbers_and_what_is_not_in_force():
    found = kinds.read(making.LAW.encode())
    assert found.title == "An Act of a test"
    assert [(b.text, b.level, b.status) for b in found.blocks] == [
        ("9 Reviews", 3, ""),
        ("(1) In this section a review is a test.", 0, ""),
        ("(a) held for learning,", 0, ""),
        ("(2) It may be renamed.", 0, "prospective"),
    ]


def test_a_withdrawn_page_is_marked_so():
    taken = laid_out(kinds.read(making.govuk(withdrawn=True)), "0", date(2026, 1, 1))
    assert taken.document.status.value == "withdrawn"


def test_automatic_numbers_are_counted_as_word_counts_them():
    document = docx.Document()
    numbering = document.part.numbering_part.element
    abstract = parse_xml(
        f'<w:abstractNum {nsdecls("w")} w:abstractNumId="77"><w:lvl w:ilvl="0"><w:start w:val="3"/><w:numFmt w:val="decimal"/><w:lvlText w:val="%1."/></w:lvl>'
        '<w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="lowerLetter"/><w:lvlText w:val="%1.(%2)"/></w:lvl></w:abstractNum>'
    )
    numbering.insert(0, abstract)
    numbering.append(parse_xml(f'<w:num {nsdecls("w")} w:numId="88"><w:abstractNumId w:val="77"/></w:num>'))
    for depth, text in ((0, "First."), (1, "Inner."), (1, "Next."), (0, "Second."), (1, "Again.")):
        paragraph = document.add_paragraph(text)
        form = paragraph._p.get_or_add_pPr()
        form.append(parse_xml(f'<w:numPr {nsdecls("w")}><w:ilvl w:val="{depth}"/><w:numId w:val="88"/></w:numPr>'))
    out = io.BytesIO()
    document.save(out)
    assert [b.text for b in kinds.read(out.getvalue()).blocks] == ["3. First.", "3.(a) Inner.", "3.(b) Next.", "4. Second.", "4.(a) Again."]


def test_what_was_deleted_in_word_is_not_read():
    document = docx.Document()
    paragraph = document.add_paragraph("Kept.")
    run = "<w:r><w:delText>Gone.</w:delText></w:r><w:r><w:t>Gone too.</w:t></w:r>"
    paragraph._p.append(parse_xml(f'<w:del {nsdecls("w")} w:id="1" w:author="x">{run}</w:del>'))
    paragraph._p.append(
        parse_xml(f'<w:ins {nsdecls("w")} w:id="2" w:author="x"><w:r><w:t xml:space="preserve"> Added.</w:t></w:r></w:ins>')
    )
    out = io.BytesIO()
    document.save(out)
    assert [b.text for b in kinds.read(out.getvalue()).blocks] == ["Kept. Added."]


def test_what_stands_in_controls_and_boxes_of_word_is_read_once_and_in_its_place():
    document = docx.Document()
    for text in ("Before.", "Anchor.", "After."):
        document.add_paragraph(text)
    document.add_paragraph("Contents", style=document.styles.add_style("toc 1", WD_STYLE_TYPE.PARAGRAPH))
    table = document.add_table(2, 2)
    table.cell(0, 0).merge(table.cell(1, 0)).text = "Both"
    table.cell(0, 1).text, table.cell(1, 1).text = "One", "Two"
    body, kept = document.element.body, nsdecls("w")

    def words(text):
        return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"

    row = f"<w:tr><w:tc>{words('Last')}</w:tc><w:tc>{words('row')}</w:tc></w:tr>"
    table._tbl.append(parse_xml(f"<w:sdt {kept}><w:sdtContent>{row}</w:sdtContent></w:sdt>"))
    control = f"<w:sdtContent>{words('In a control.')}<w:tbl>{row}</w:tbl></w:sdtContent>"
    body.insert(1, parse_xml(f"<w:sdt {kept}>{control}</w:sdt>"))
    box = f"<w:txbxContent>{words('In a box.')}{words('Still there.')}</w:txbxContent>"
    body[2].append(
        parse_xml(
            f'<w:r {kept} xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" xmlns:v="urn:schemas-microsoft-com:vml">'
            f'<mc:AlternateContent><mc:Choice Requires="wps">{box}</mc:Choice>'
            f"<mc:Fallback><w:pict><v:textbox>{box}</v:textbox></w:pict></mc:Fallback></mc:AlternateContent></w:r>"
        )
    )
    out = io.BytesIO()
    document.save(out)
    assert [b.text for b in kinds.read(out.getvalue()).blocks] == [
        "Before.", "In a control.", "Last | row", "Anchor.", "In a box.", "Still there.", "After.", "Both | One", "Both | Two", "Last | row",
    ]  # fmt: skip


def test_plain_text_has_headings_paragraphs_and_items():
    found = kinds.read(
        b"TERMS\n\nThe panel agrees\nthe terms.\n\nSCOPE\n\n- one year\n- two people\n2.1 A chair.\n2.2 A note\nin two lines.\n"
    )
    assert [(b.text, b.level, b.item) for b in found.blocks] == [
        ("TERMS", 2, False), ("The panel agrees the terms.", 0, False), ("SCOPE", 2, False), ("one year", 0, True), ("two people", 0, True),
        ("2.1 A chair.", 0, True), ("2.2 A note in two lines.", 0, True),
    ]  # fmt: skip


def test_paragraphs_inside_a_cell_or_a_box_are_not_run_together():
    page = b"<main><table><tr><td>Meeting<p>Room 2</p></td><td><p>May</p><p>June</p></td></tr></table></main>"
    assert [block.text for block in kinds.read(page).blocks] == ["Meeting Room 2 | May June"]
    frame = "<text:p>Before<draw:frame><draw:text-box><text:p>In a box.</text:p></draw:text-box></draw:frame></text:p>"
    index = "<text:table-of-content><text:index-body><text:p>Scope 2</text:p></text:index-body></text:table-of-content>"
    names = f'{making.ODT_NAMES} xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0"'
    content = (
        f"<office:document-content {names}><office:body><office:text>{index}{frame}</office:text></office:body></office:document-content>"
    )
    parts = {"mimetype": b"application/vnd.oasis.opendocument.text", "content.xml": content.encode()}
    assert [block.text for block in kinds.read(making.zipped(parts)).blocks] == ["Before In a box."]


BOMB = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><Legislation>&b;</Legislation>'
OUTSIDE = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><Legislation>&f;</Legislation>'


def locked() -> bytes:
    data = bytearray(making.zipped({"word/document.xml": b"<x/>"}))
    for sign, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(sign) + place] |= 1
    return bytes(data)


REFUSED = {
    "empty": b"", "blank": b"  \n ", "picture": b"\x89PNG\r\n\x1a\n0000", "old word": b"\xd0\xcf\x11\xe0" + b"\0" * 99, "rich text": b"{\\rtf1 x}",
    "scan": making.pdf([[]]), "broken pdf": b"%PDF-1.7\nnothing", "cut pdf": making.pdf()[:300], "broken zip": b"PK\x03\x04oops",
    "other zip": making.zipped({"a.txt": b"x"}), "many parts": making.zipped({f"{n}.txt": b"" for n in range(1200)}), "locked": locked(),
    "macros": making.zipped({"word/document.xml": b"<x/>", "word/vbaProject.bin": b"x"}), "bomb": BOMB, "outside": OUTSIDE,
    "entities in word": making.zipped({"word/document.xml": BOMB}), "other xml": b"<?xml version='1.0'?><rss/>", "other json": b'{"a": 1}',
    "programme": b"\x7fELF" + bytes(range(256)) * 4, "only pictures": b"<html><body><img src=x></body></html>",
    "deep json": b'{"a":' * 100_000, "half a sheet": making.zipped({"xl/workbook.xml": b"<x/>"}),
}  # fmt: skip


@pytest.mark.parametrize("kind", REFUSED)
def test_what_cannot_be_taken_in_is_refused_in_one_line_SS08(kind):
    with pytest.raises(RefusedError) as cause:
        kinds.read(REFUSED[kind])
    assert "\n" not in str(cause.value)
    assert str(cause.value).endswith(".")


def test_an_archive_that_grows_too_large_is_refused_while_it_comes_out_SS08():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as held, held.open("word/document.xml", "w") as part:
        for _ in range(101):
            part.write(b"\0" * (1 << 20))
    assert len(out.getvalue()) < 300_000
    with pytest.raises(RefusedError, match="100 MB"):
        kinds.read(out.getvalue())


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=3000))
def test_any_bytes_are_read_or_refused(data):
    with contextlib.suppress(RefusedError):
        assert kinds.read(data).blocks


@settings(max_examples=40, deadline=None)
@given(form=st.sampled_from(sorted(FORMS)), place=st.floats(0, 1), junk=st.binary(min_size=1, max_size=40))
def test_damage_anywhere_is_read_or_refused(form, place, junk):
    data = FORMS[form]()
    at = int(place * len(data))
    with contextlib.suppress(RefusedError):
        assert kinds.read(data[:at] + junk + data[at + len(junk) :]).blocks


def test_the_cage_gives_what_the_reader_gives():
    assert extract(making.word()) == kinds.read(making.word())
    with pytest.raises(RefusedError, match="empty"):
        extract(b"")
    with pytest.raises(RefusedError, match="25 MB"):
        extract(b"x" * (26 * 1024 * 1024))


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(FORMS)))
def test_each_sentence_stands_in_the_draft_where_it_says(form):
    taken = laid_out(kinds.read(FORMS[form]()), "0", date(2026, 1, 1))
    assert all(taken.draft[s.start : s.end] == s.text for passage in taken.passages for s in passage.sentences)
    assert len({passage.id for passage in taken.passages}) == len(taken.passages)
