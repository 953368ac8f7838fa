import dataclasses
from datetime import date

from assistant.domain.guidance import Kind, Nation, Passage, Sentence, Source, Status
from assistant.domain.passages import LONGEST, numbers, split


def test_a_short_section_is_one_passage_with_its_id(small):
    ids = [p.id for p in split(small.documents.values())]
    assert "fees#fees" in ids
    assert len(ids) == len(set(ids))


def test_long_sections_are_cut_between_paragraphs(library):
    for passage in library.passages:
        paragraphs = set(passage.paragraphs)
        assert len(passage.text.split()) <= 2 * LONGEST + 60 or len(paragraphs) == 1


def test_no_sentence_is_lost(library):
    cards = {card.document for card in library.cards.values()}
    held = sum(len(p.sentences) for p in (*library.passages, *library.meanings))
    written = sum(len(p.sentences) for d in library.documents.values() if d.id not in cards for s in d.sections for p in s.paragraphs)
    assert held == written


def test_numbers_before_paragraphs_are_known():
    passage = Passage(
        "p", "d", "s", ("T",), tuple(Sentence(text, 0, 1) for text in ("3.12 It.", "More.", "(iv) Then.", "Plain.")), ("a", "a", "b", "c")
    )
    assert numbers(passage) == ("3.12", "(iv)")


def test_a_source_that_was_withdrawn_governs_nothing():
    source = Source("old", "Old", "", Kind.GUIDANCE, Status.WITHDRAWN, "", since="2011")
    assert not source.applies(Nation.WALES, date(2020, 1, 1))
    assert dataclasses.replace(source, status=Status.IN_FORCE).applies(Nation.WALES, date(2020, 1, 1))
