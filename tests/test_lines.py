import json

import pytest

from assistant import lines
from assistant.domain.answers import Question
from assistant.domain.guidance import Nation, Role
from assistant.errors import InputError


def test_a_line_asks_a_question_with_all_that_goes_with_it():
    row = {"id": 7, "text": "and then?", "role": "family", "nation": "wales", "language": "cy", "history": ["who decides"]}
    assert lines.question(row, "in:1") == Question("and then?", Role.FAMILY, Nation.WALES, "cy", ("who decides",))
    assert lines.question({"text": "who decides"}, "in:1") == Question("who decides")


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ({"id": 1}, "in:1: this line has no text."),
        ({"text": 3}, "in:1: this line has no text."),
        ({"text": "a", "role": "uncle"}, "in:1: the role or nation is not known."),
        ({"text": "a", "nation": "France"}, "in:1: the role or nation is not known."),
        ({"text": "a", "history": "before"}, "in:1: history is a list of earlier questions."),
        ({"text": "a", "history": [1]}, "in:1: history is a list of earlier questions."),
    ],
)
def test_a_line_that_cannot_be_asked_says_why(row, told):
    with pytest.raises(InputError, match=told.replace(".", r"\.")):
        lines.question(row, "in:1")


def test_what_rests_on_law_that_is_not_in_force_says_so_in_each_citation(assembly):
    card = assembly.library.cards["s8a-drops"]
    row = lines.answer(assembly, 1, Question(card.asks[1], Role.PRACTITIONERS))
    assert row["card"] == card.id
    assert {citation["status"] for sentence in row["sentences"] for citation in sentence["citations"]} == {"prospective"}


def test_lines_are_written_one_by_one_and_read_again(tmp_path):
    rows = [{"id": 1, "text": "pwy sy’n penderfynu"}, {"id": 2, "text": ""}]
    lines.write(tmp_path / "out.jsonl", rows)
    assert [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()] == rows
    assert [row for _, row in lines.read(tmp_path / "out.jsonl")] == rows
    assert [place.rpartition(":")[2] for place, _ in lines.read(tmp_path / "out.jsonl")] == ["1", "2"]
