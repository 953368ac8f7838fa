import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.domain.sentences import spans


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("One. Two.", ["One.", "Two."]),
        ("See s. 9 of the Act. It says so.", ["See s. 9 of the Act.", "It says so."]),
        ("It costs 1.5 pounds. Yes.", ["It costs 1.5 pounds.", "Yes."]),
        ("Is it? It is!", ["Is it?", "It is!"]),
        ("A heading\nA line.", ["A heading", "A line."]),
        ('She said "no." He left.', ['She said "no."', "He left."]),
        ("", []),
    ],
)
def test_sentences_end_where_a_reader_ends_them(text, sentences):
    assert [text[a:b] for a, b in spans(text)] == sentences


@given(st.text())
def test_spans_cover_every_word_in_order_without_overlap(text):
    found = spans(text)
    assert all(a < b for a, b in found)
    assert all(first[1] <= second[0] for first, second in zip(found, found[1:], strict=False))
    assert "".join("".join(text[a:b] for a, b in found).split()) == "".join(text.split())
