import pytest

from assistant.content import wording
from assistant.content.folder import read
from tests.content.test_checks import change


def told(root):
    library, _ = read(root)
    return [problem.message for problem in wording.problems(library)]


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("documents/fees/en.md", "The chair pays", "The chair must pay", "'must' rests on no law: The chair must pay no fee."),
        ("documents/questions/en.md", "~~~\nA family pays", "~~~\nYou must pay", None),
        (
            "documents/questions/en.md",
            'evidence: ["fees#fees"]\n~~~\nA family',
            'evidence: ["fees#forms"]\n~~~\nYou must. It',
            "'must' rests on no law",
        ),
        ("documents/fees/en.md", "A family pays nothing. It is", "A family must pay nothing. It is", None),
        ("sources.yaml", "kind: guidance", "kind: general", "a period is called guidance, and rests on no guidance"),
        ("documents/fees/en.md", "A family pays", "Please note that a family pays", "'Please note' is not said here"),
        ("documents/fees/en.md", "A family pays", "The next of kin pays", "'next of kin' is not said here"),
        ("documents/fees/en.md", "audience: [family]", "audience: [family, practitioners]", None),
        ("quizzes/small.yaml", "One page.", "Well done.", "s-3: 'Well done' is not said here"),
        ("quizzes/small.yaml", "One page.", "You fail.", "s-3: 'fail' is not said here"),
        ("quizzes/small.yaml", "One page.", "That is wrong.", "s-3: 'wrong' is not said here"),
        ("quizzes/small.yaml", "One page.", "It tells what went wrong.", None),
        ("quizzes/small.yaml", "One page.", "It must have one.", "s-3: 'must' rests on no law"),
        ("quizzes/small.yaml", "One page.", "page " * 41, "s-3: more than 40 words explain an option"),
        (
            "pathways/walk/first.en.md",
            "One month. {guide: section 5, seen}",
            "One month. {act: section 9, seen}",
            "a period is called guidance",
        ),
    ],
)
def test_each_rule_of_wording_tells_of_its_fault(fixture_copy, file, old, new, message):
    change(fixture_copy / file, old, new)
    found = told(fixture_copy)
    assert any(fault.startswith(message) or message in fault for fault in found) if message else not found, found


@pytest.mark.parametrize(
    ("statement", "fits"),
    [
        ("The form should be blue. {club: advice, seen}", False),
        ("The club says that the form should be blue. {club: advice, seen}", True),
        ("The form should be blue. {club: quoting the guidance, seen}", True),
        ("The form should be blue. {club: advice, seen; guide: section 4, recalled}", True),
        ("The form should be blue. {act: section 9, seen}", True),
        ("Must it be blue? The club says so. {club: advice, seen}", False),
    ],
)
def test_should_is_for_guidance_and_a_view_says_whose_it_is(fixture_copy, statement, fits):
    with (fixture_copy / "sources.yaml").open("a") as sources:
        sources.write('- {id: club, title: "Advice", publisher: Club, kind: general, status: in_force, address: "", edition: "2020"}\n')
    with (fixture_copy / "documents/fees/en.md").open("a") as fees:
        fees.write(f"\n## Colours {{#colours}}\n{statement}\n")
    assert (told(fixture_copy) == []) is fits


def test_what_practitioners_read_may_use_the_words_of_the_law(fixture_copy):
    change(fixture_copy / "documents/fees/en.md", "audience: [family]", "audience: [practitioners]")
    change(fixture_copy / "documents/fees/en.md", "A family pays", "The next of kin pays")
    assert told(fixture_copy) == []
