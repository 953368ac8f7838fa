from dataclasses import replace
from datetime import date

from assistant.content import reviewing
from assistant.content.folder import load
from assistant.content.library import Reading
from assistant.content.reviewing import recorded, standing, unread

READ = Reading(date(2026, 11, 24), "beside the sources", 0, 2, {})


def record(corpus, reading=READ):
    (corpus / "reviewed.yaml").write_text(recorded(load(corpus), reading), encoding="utf-8")
    return load(corpus)


def test_where_nothing_is_recorded_nothing_is_asked_for(small):
    assert small.readings == ()
    assert list(unread(small)) == []
    assert {text.kind for text in standing(small)} >= {"card"}


def test_a_reading_is_kept_with_what_was_read_and_changed(fixture_copy):
    library = record(fixture_copy)
    (reading,) = library.readings
    assert (reading.on, reading.note, reading.changed) == (READ.on, READ.note, 2)
    assert reading.statements == sum(text.statements for text in standing(library)) > 0
    assert list(unread(library)) == []


def test_a_text_whose_evidence_has_changed_is_to_be_read_again(fixture_copy):
    library = record(fixture_copy)
    card = next(iter(library.cards.values()))
    path = library.files[card.evidence[0].partition("#")[0]]
    sentence = library.passages_of(card.evidence[0])[0].sentences[0].text
    path.write_text(path.read_text(encoding="utf-8").replace(sentence, f"Now {sentence}"), encoding="utf-8")
    changed = load(fixture_copy)
    (problem, *_) = unread(changed)
    assert problem.warning
    assert "assistant check --reviewed NOTE" in str(problem)
    again = record(fixture_copy, Reading(date(2026, 12, 1), "again", 0, 0, {}))
    assert list(unread(again)) == []
    assert [reading.on.day for reading in again.readings] == [24, 1]
    assert card.id not in again.readings[0].texts
    assert card.id in again.readings[1].texts


def test_a_text_that_is_gone_is_no_longer_recorded(fixture_copy):
    (reading,) = record(fixture_copy).readings
    stale = replace(reading, texts={**reading.texts, "gone": "0" * 16})
    kept = recorded(replace(load(fixture_copy), readings=(stale,)), READ)
    assert "gone" not in kept
    assert all(name in kept for name in reading.texts)


def test_a_note_may_hold_any_marks_and_nothing_new_is_no_reading(fixture_copy):
    note = 'beside "the source" C:\\notes: yes\nand # more'
    assert record(fixture_copy, Reading(date(2026, 11, 24), note, 0, 0, {})).readings[0].note == note
    assert len(record(fixture_copy, Reading(date(2026, 11, 25), "again", 0, 0, {})).readings) == 1


def test_the_shipped_cards_and_leaflets_have_been_read_as_they_stand(library):
    assert library.readings
    assert list(reviewing.unread(library)) == []
    read = {name for reading in library.readings for name in reading.texts}
    assert read == {text.name for text in standing(library)}
