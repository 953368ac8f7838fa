"""Long documents in every form, measured against what they say."""

import dataclasses

import pytest
import weasyprint

from assistant.ingest import kinds
from assistant.ingest.blocks import NOTES
from tests.ingest import making, truth

TITLE = "A long guide"
FORMS = {
    "docx": truth.word,
    "odt": truth.open_document,
    "html": truth.html,
    "pdf": lambda parts, title: truth.pdf(parts, title, tagged=False),
    "tagged pdf": lambda parts, title: truth.pdf(parts, title, tagged=True),
}
LEAST = {"pdf": truth.Measure(0.97, 0.97, 0.99), "tagged pdf": truth.Measure(0.97, 0.97, 0.99)}
TEXTS = {"guidance": truth.guidance(1, 14), "other guidance": truth.guidance(7, 5), "report": truth.report(2)}


def enough(found, least):
    return all(getattr(found, field.name) >= getattr(least, field.name) for field in dataclasses.fields(least))


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("text", TEXTS)
def test_what_a_long_document_says_is_read(form, text):
    found = kinds.read(FORMS[form](TEXTS[text], TITLE))
    measured = truth.measure(TEXTS[text], found)
    assert enough(measured, LEAST.get(form, truth.Measure(0.99, 0.98, 0.995))), measured


@pytest.mark.parametrize("form", FORMS)
def test_footnotes_stand_after_the_text_and_leave_no_mark_in_it(form):
    parts = truth.guidance(1, 4)
    found = kinds.read(FORMS[form](parts, TITLE))
    start = next(i for i, block in enumerate(found.blocks) if block.text == NOTES)
    notes = " ".join(block.text for block in found.blocks[start + 1 :])
    assert all(part.text in notes for part in parts if part.kind == "note")


@pytest.mark.parametrize("tagged", [True, False])
def test_a_leaflet_in_two_columns_is_read_column_by_column(tagged):
    parts = truth.leaflet(3)
    measured = truth.measure(parts, kinds.read(truth.pdf(parts, TITLE, tagged=tagged, columns=True)))
    assert enough(measured, LEAST["pdf"]), measured


def test_an_act_is_read_with_its_sections():
    parts = truth.guidance(1, 6)
    kept = [
        dataclasses.replace(part, number=f"{part.number}." if part.kind == "para" else part.number, level=min(part.level, 1))
        for part in parts
        if part.kind in {"heading", "para", "item"} and (part.number or part.kind == "heading")
    ]
    assert truth.measure(kept, kinds.read(truth.legislation(parts, TITLE))) == truth.Measure(1.0, 1.0, 1.0)


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (
            ["A multi-agency panel meets. The multi-", "agency panel decides."],
            "A multi-agency panel meets. The multi-agency panel decides.",
        ),
        (["The panel meets in pri-", "vate before the trial."], "The panel meets in private before the trial."),
        (["A long wait. The long-", "term plan has a term."], "A long wait. The long-term plan has a term."),
    ],
)
def test_a_hyphen_at_the_end_of_a_line_stays_where_it_belongs_to_the_word(lines, said):
    found = kinds.read(making.pdf([[("F1", 11.0, text, 40.0 if i == 0 else 13.0) for i, text in enumerate(lines)]]))
    assert found.blocks[0].text == said


def test_lists_of_an_open_document_count_on_and_begin_anew():
    level = (
        '<text:list-level-style-number text:level="1" style:num-format="a" style:num-prefix="(" style:num-suffix=")" text:start-value="2"/>'
    )
    styles = f'<office:automatic-styles><text:list-style style:name="L">{level}</text:list-style></office:automatic-styles>'
    one = '<text:list text:style-name="L"{more}><text:list-item><text:p>Said.</text:p></text:list-item></text:list>'
    body = one.format(more="") + one.format(more=' text:continue-numbering="true"') + one.format(more="")
    content = f"<office:document-content {making.ODT_NAMES}>{styles}<office:body><office:text>{body}</office:text></office:body></office:document-content>"
    outline = (
        f"<office:document-styles {making.ODT_NAMES}><office:styles><text:outline-style>"
        '<text:outline-level-style text:level="1" style:num-format="I" style:num-suffix="."/></text:outline-style></office:styles></office:document-styles>'
    )
    heading = '<text:h text:outline-level="1">First</text:h><text:h text:outline-level="1">Second</text:h>'
    parts = {"mimetype": b"application/vnd.oasis.opendocument.text", "styles.xml": outline.encode()}
    read = kinds.read(making.zipped({**parts, "content.xml": content.replace("<office:text>", f"<office:text>{heading}").encode()}))
    assert [block.text for block in read.blocks] == ["I. First", "II. Second", "(b) Said.", "(c) Said.", "(b) Said."]


def test_headings_in_plain_letters_are_known_by_the_file_s_outline():
    import weasyprint

    style = "h1, h2, h3 { font: 11pt serif } p { font: 11pt serif }"
    body = (
        "<h1>A guide</h1><h2>Who comes</h2><p>The panel meets in private and keeps its notes.</p><h3>When</h3><p>It meets each month.</p>"
    )
    made = weasyprint.HTML(string=f"<html lang='en'><head><title>A guide</title><style>{style}</style></head><body>{body}</body></html>")
    found = kinds.read(made.write_pdf())
    assert [(block.text, block.level) for block in found.blocks] == [
        ("A guide", 1), ("Who comes", 2), ("The panel meets in private and keeps its notes.", 0), ("When", 3), ("It meets each month.", 0),
    ]  # fmt: skip


_LISTS = """<html lang="en"><head><title>A leaflet of lists</title>
<style>@page { @top-center { content: string(t) } size: A5 } h2 { string-set: t content() }</style></head><body>
<h1>A leaflet</h1><h2>First</h2><p>The chair asks for:</p>
<ul><li>letters that were kept by the family or by a friend of the family over many years, and<ul><li>cards;</li></ul></li>
<li><p>dates of calls.</p></li></ul><ol><li>The panel meets.</li><li>The panel reads.</li></ol>
<h2 style="break-before: page">Second</h2><p><b>The report is sent</b></p><p>The report is read.</p></body></html>"""


def test_lists_and_headings_of_a_tagged_pdf_are_read_by_its_structure_and_running_heads_left_out():
    found = kinds.read(weasyprint.HTML(string=_LISTS).write_pdf(pdf_tags=True))
    assert [(block.level, block.item, block.text) for block in found.blocks] == [
        (1, False, "A leaflet"),
        (2, False, "First"),
        (0, False, "The chair asks for:"),
        (0, True, "letters that were kept by the family or by a friend of the family over many years, and"),
        (0, True, "cards;"),
        (0, True, "dates of calls."),
        (0, True, "1. The panel meets."),
        (0, True, "2. The panel reads."),
        (2, False, "Second"),
        (0, False, "The report is sent"),
        (0, False, "The report is read."),
    ]


def test_a_running_head_that_repeats_a_heading_is_left_out_of_a_pdf_without_tags():
    found = kinds.read(weasyprint.HTML(string=_LISTS).write_pdf())
    assert [block.text for block in found.blocks].count("Second") == 1


def test_tags_that_break_sentences_are_not_followed():
    lines = "".join("<p>The panel of the review meets and</p><p>decides what it looks at.</p><br>" for _ in range(6))
    page = f"<html lang='en'><head><title>Every line a paragraph</title><style>p {{ margin: 0 }}</style></head><body><h1>Lines</h1>{lines}</body></html>"
    found = kinds.read(weasyprint.HTML(string=page).write_pdf(pdf_tags=True))
    assert [block.text for block in found.blocks[1:]] == ["The panel of the review meets and decides what it looks at."] * 6
