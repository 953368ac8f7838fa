import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.content.comparing import Kind, compare, contradicts, figures
from assistant.ingest.kinds import read
from assistant.ingest.taking import laid_out
from tests.ingest.test_truth import TEXTS
from tests.ingest.truth import html


def document(paragraphs):
    from datetime import date

    page = "<main><h1>T</h1>" + "".join(f"<p>{text}</p>" for text in paragraphs) + "</main>"
    return laid_out(read(f"<!doctype html><html>{page}</html>".encode()), "0", date(2026, 1, 1)).document


def kinds(old, new):
    return [(change.kind.value, change.old, change.new) for change in compare(document(old), document(new))]


def test_paragraphs_are_kept_added_removed_and_reworded():
    old = ["The chair writes first.", "A family has two months to reply to the chair.", "The panel meets monthly in private."]
    new = ["The chair writes first.", "A family has three months to reply to the chair.", "Minutes are kept by an officer."]
    assert kinds(old, new) == [
        ("same", "The chair writes first.", "The chair writes first."),
        ("reworded", "A family has two months to reply to the chair.", "A family has three months to reply to the chair."),
        ("added", "", "Minutes are kept by an officer."),
        ("removed", "The panel meets monthly in private.", ""),
    ]


def test_words_of_a_reworded_paragraph_are_told_piece_by_piece():
    change = compare(document(["A family has two months to reply."]), document(["A family has three months to reply."]))[0]
    assert change.words == (
        (Kind.SAME, "A family has"), (Kind.REMOVED, "two"), (Kind.ADDED, "three"), (Kind.SAME, "months to reply."),
    )  # fmt: skip


@given(
    st.lists(st.sampled_from(["The chair writes", "A panel meets", "Nobody pays", "It ends", "Names change."]), min_size=1, max_size=8),
    st.data(),
)
def test_both_editions_can_be_put_together_again(old, data):
    new = data.draw(st.lists(st.sampled_from([*old, "Something new is said."]), min_size=1, max_size=8))
    changes = compare(document(old), document(new))
    assert [c.new for c in changes if c.kind is not Kind.REMOVED] == [p.text for s in document(new).sections for p in s.paragraphs]
    assert sorted(c.old for c in changes if c.kind is not Kind.ADDED) == sorted(
        p.text for s in document(old).sections for p in s.paragraphs
    )


def test_a_long_document_against_itself_has_no_change():
    from datetime import date

    laid = laid_out(read(html(TEXTS["guidance"], "T")), "0", date(2026, 1, 1)).document
    assert {change.kind for change in compare(laid, laid)} == {Kind.SAME}


@pytest.mark.parametrize(
    ("ours", "theirs", "told"),
    [
        ("The partnership decides within one month.", "It should decide within two months of notice.", "month: ours 1, the source 2"),
        ("The partnership decides within one month.", "It should decide within 1 month.", ""),
        ("The draft closed on 31 July 2024.", "It closed on 30 July 2024.", "date: ours 31 july 2024, the source 30 july 2024"),
        ("Six months is hoped for.", "It takes 56 days.", ""),
        ("No figures here.", "Within 3 weeks.", ""),
    ],
)
def test_other_figures_for_the_same_unit_are_flagged(ours, theirs, told):
    assert contradicts(ours, theirs) == told


def test_figures_are_read_in_words_and_digits():
    assert figures("within twelve months, 25 per cent, by 5 May 2026") == {("month", "12"), ("per cent", "25"), ("date", "5 may 2026")}
