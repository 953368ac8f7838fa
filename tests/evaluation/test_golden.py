"""The golden set's judge: what counts as right, and what as a fall."""

import pytest

from assistant.domain.answers import Question
from assistant.domain.guidance import Role
from assistant.errors import InputError
from assistant.evaluation.golden import judge, read_baseline, read_golden, regressions, score, table
from tests.conftest import HOME

LINES = """# a note
family|who pays for the review|cards-family,who-is-who
employers|how long does a review take|timescales#periods|kind=plain
|how do volcanoes erupt beneath glaciers|NONE
family|can you give me legal advice about suing the council|@legal_opinion
family|and how long does that take|timescales|after=what is the overview report
practitioners|wie lange dauert das|timescales|lang=cy
"""


@pytest.fixture
def questions(tmp_path):
    (tmp_path / "second.txt").write_text(LINES, encoding="utf-8")
    return read_golden(tmp_path / "second.txt")


def test_a_file_is_read_with_its_flags(questions):
    first, second, none, route, follow, other = questions
    assert (first.question.role, first.wanted) == (Role.FAMILY, ("cards-family", "who-is-who"))
    assert first.passages == ("who-is-who",)
    assert second.sections == ("timescales#periods",)
    assert (none.question.role, none.sections) == (None, ())
    assert route.sections == ()
    assert (follow.kind, follow.question.history) == ("follow-up", ("what is the overview report",))
    assert (other.kind, other.question.language) == ("language", "cy")


@pytest.mark.parametrize("text", ["family|no bars", "a|b|c|d|e"])
def test_a_line_of_another_form_is_told_with_its_number(tmp_path, text):
    (tmp_path / "bad.txt").write_text("\n" + text, encoding="utf-8")
    with pytest.raises(InputError, match=r"bad\.txt:2"):
        read_golden(tmp_path / "bad.txt")


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        read_golden(tmp_path / "none.txt")


@pytest.mark.parametrize(
    ("wanted", "asked", "verdict"),
    [
        ("cards-practitioners,cards-family,cards-friends,cards-employers", "who pays for the review", "answered_right"),
        ("wales#history", "who pays for the review", "answered_wrong"),
        ("NONE", "how do volcanoes erupt beneath glaciers", "declined_right"),
        ("wales", "how do volcanoes erupt beneath glaciers", "declined_wrong"),
        ("@blame_or_cause", "whose fault was it that she died", "declined_right"),
    ],
)
def test_an_answer_is_judged_by_what_it_cites(tmp_path, assembly, wanted, asked, verdict):
    (tmp_path / "one.txt").write_text(f"family|{asked}|{wanted}", encoding="utf-8")
    golden = read_golden(tmp_path / "one.txt")[0]
    assert judge(golden, assembly.answerer.answer(golden.question), assembly.library.cards) == verdict


def test_every_question_is_counted_once_in_each_kind_of_group(questions, assembly):
    def search(question: Question):
        return [hit.passage.id for hit in assembly.answerer.search(question)]

    result = score(assembly.answerer, questions, search, assembly.library.cards)
    names = ("answered_right", "answered_wrong", "declined_right", "declined_wrong")
    assert all(sum(counts[name] for name in names) == counts["questions"] for counts in result.values())
    assert result["all"]["questions"] == len(questions)
    assert result.get("held back", {"questions": 0})["questions"] + result["development"]["questions"] == len(questions)
    assert result["language cy"]["questions"] == 1
    assert "median" in table(result)
    assert len(table(result).splitlines()) == len(result) + 2


def test_a_fall_is_named_and_a_rise_is_not():
    before = {"held back": {"questions": 100, "answered_right": 80, "declined_right": 10, "recall@5": 0.9}}
    now = {"held back": {"questions": 100, "answered_right": 77, "declined_right": 12, "recall@5": 0.89}}
    assert regressions(now, before) == ["held back: answered_right fell from 0.800 to 0.770"]
    assert regressions(before, now) == ["held back: declined_right fell from 0.120 to 0.100"] or regressions(before, now) == []
    assert regressions(now, {}) == []


def test_a_baseline_that_is_damaged_is_told(tmp_path):
    assert read_baseline(tmp_path / "none.json") == {}
    (tmp_path / "bad.json").write_text("{")
    with pytest.raises(InputError, match="stored result"):
        read_baseline(tmp_path / "bad.json")


def test_the_stored_baseline_is_of_the_questions_that_are_here():
    stored = read_baseline(HOME / "docs" / "measured.json")
    asked = sum(len(read_golden(path)) for path in (HOME / "tests" / "golden").glob("*.txt"))
    assert stored["all"]["questions"] == asked
