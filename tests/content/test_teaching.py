import dataclasses

import pytest

from assistant.content import teaching
from assistant.domain.courses import Course, Decision, Lesson, Module, Scenario, Scene
from assistant.domain.learning import Form, ItemKind, Option


def told(library):
    return [problem.message for problem in teaching.problems(library)]


def with_quiz(library, **changes):
    quiz = dataclasses.replace(library.quizzes["small"], form=Form.SELF_CHECK, **changes)
    return dataclasses.replace(library, quizzes={"small": quiz})


def with_item(library, name, **changes):
    items = [dataclasses.replace(item, **changes) if item.id == name else item for item in library.quizzes["small"].items]
    return with_quiz(library, items=tuple(items))


def test_the_bank_is_large_even_and_clean(library):
    assert told(library) == []
    items = [item for quiz in library.quizzes.values() for item in quiz.items]
    assert len(items) >= 220
    assert {item.kind for item in items} == set(ItemKind)
    assert all(library.sentences_of(r) for item in items for i in range(len(item.options)) for r in item.evidence_for(i))


def test_courses_cover_the_modules_and_cases(library):
    assert {name for course in library.courses.values() for name in course.modules} == set(library.modules)
    assert len(library.scenarios) >= 4


def option(text, *, right=False):
    return Option({"en": text}, {"en": "why"}, right=right)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"stem": {"en": "Which is not so?"}}, "s-2: the stem is negative"),
        ({"options": (option("A chair", right=True), option("All of these"))}, "s-2: an option sweeps up the others"),
        ({"options": (option("A chair", right=True), option("It never ends"))}, "s-2: a distractor says never"),
        ({"objective": "nothing"}, "s-2: there is no objective called nothing"),
        ({"evidence": ()}, "s-2: the item has no evidence"),
        ({"evidence": ("fees#none",)}, "s-2: the evidence fees#none is not in the corpus"),
        ({"evidence": ("fees#fees ~ No such words",)}, "s-2: the evidence fees#fees ~ No such words is not in the corpus"),
        ({"options": (option("A", right=True), option("B", right=True))}, "s-2: 2 options are right; there must be one"),
        ({"kind": ItemKind.MATCH}, "s-2: in a matching item each option has a match of its own"),
        ({"options": (option("A", right=True), option("A"))}, "s-2: two options have the same words"),
        ({"options": (option("A", right=True), Option({"en": "B"}, {}))}, "s-2: an option has no explanation in en"),
    ],
)
def test_a_badly_written_item_is_told(small, changes, message):
    assert message in told(with_item(small, "s-2", **changes))


def test_items_of_nearly_the_same_words_are_told(small):
    assert any("nearly the same words" in message for message in told(with_item(small, "s-2", stem={"en": "A family pays"})))


def test_a_key_that_can_be_found_by_its_place_is_told(small):
    item = small.quizzes["small"].item("s-2")
    items = tuple(dataclasses.replace(item, id=f"x-{i}", stem={"en": f"{'abcdefgh'[i] * 9}?"}) for i in range(8))
    quiz = dataclasses.replace(small.quizzes["small"], items=items, form=Form.SELF_CHECK, objectives={"fees": {"en": "x"}})
    assert "too often the key stands first: 8 of 8" in told(dataclasses.replace(small, quizzes={"small": quiz}))


def test_a_thin_test_is_told(small):
    quiz = dataclasses.replace(small.quizzes["small"], form=Form.TEST)
    found = told(dataclasses.replace(small, quizzes={"small": quiz}, modules={"small": Module("small", 1, ())}))
    assert "2 items test the objective fees; there must be 6" in found
    assert "the objective fees lacks one of three difficulties" in found


def test_a_module_without_its_test_or_items_is_told(small):
    lesson = Lesson("l", {"en": "L"}, 2, "fees", ("fees#none",), "s-9", {"en": "?"})
    modules = {"small": Module("small", 1, (lesson,)), "none": Module("none", 1, (lesson,))}
    courses = {"c": Course("c", 1, {"en": "C"}, {"en": "C"}, ("gone",), ("gone",))}
    quiz = dataclasses.replace(small.quizzes["small"], form=Form.TEST)
    found = told(dataclasses.replace(small, quizzes={"small": quiz}, modules=modules, courses=courses))
    for message in (
        "l: there is no item called s-9", "l: fees#none is not in the corpus", "no lesson teaches the objective forms",
        "there is no test of this id", "there is no module called gone", "there is no source called gone",
    ):  # fmt: skip
        assert message in found


def test_what_may_be_hard_to_read_is_said_ahead_SX08(library):
    module, case = library.modules["module-suicide"], library.scenarios["disputed-suicide"]
    lessons = tuple(dataclasses.replace(lesson, ahead={}) for lesson in module.lessons)
    modules = {**library.modules, module.id: dataclasses.replace(module, lessons=lessons)}
    scenarios = {**library.scenarios, case.id: dataclasses.replace(case, ahead={})}
    found = told(dataclasses.replace(library, modules=modules, scenarios=scenarios))
    assert found == [*(f"{lesson.id}: it speaks of suicide, and does not say so ahead" for lesson in lessons),
                     "it speaks of suicide, and does not say so ahead"]  # fmt: skip


def test_a_case_that_leads_nowhere_is_told(small):
    def decision(to, evidence=("fees#fees",)):
        return Decision({"en": "a"}, {"en": "b"}, {"en": "c"}, evidence, to)

    scenes = (
        Scene("one", {"en": "?"}, (decision("two"), decision("gone"))),
        Scene("two", {"en": "?"}, (decision("one", ()),)),
        Scene("three", {"en": "?"}, (decision("three"), decision("three"))),
    )
    case = Scenario("case", 1, {"en": "t"}, {"en": "s"}, scenes, {"en": "d"}, ("fees#fees",))
    found = told(dataclasses.replace(small, scenarios={"case": case}))
    for message in (
        "one: there is no scene called gone", "two: there is nothing to decide", "two: a decision cites nothing", "two: one goes back",
        "three: three goes back", "the case has no end",
    ):  # fmt: skip
        assert message in found
