import pytest

from assistant.content import checks
from assistant.content.folder import read
from assistant.content.readability import grade


def told(root):
    library, problems = read(root)
    assert library is not None, problems
    return "\n".join(map(str, [*problems, *checks.problems(library)]))


def change(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("documents/fees/en.md", "{guide: section 2, seen}", "{nosuch: section 2, seen}", "there is no source called nosuch"),
        ("documents/fees/en.md", " {guide: section 4, seen}\n- The form has", "\n- The form has", "this statement has no source"),
        ("documents/fees/en.md", "one page.", "one page. Ring 0808 123 4567.", "a telephone number belongs to services.yaml"),
        ("documents/questions/en.md", "fees#fees", "fees#nowhere", "the evidence fees#nowhere is not in the corpus"),
        ("documents/questions/en.md", "fees#fees", "words#chair", "the evidence words#chair stands in cards or the glossary"),
        (
            "documents/questions/en.md",
            'evidence: ["fees#fees"]',
            'evidence: ["fees#fees"]\nwales: tolls',
            "there is no card tolls to show in its place",
        ),
        (
            "documents/questions/en.md",
            'evidence: ["fees#fees"]',
            'evidence: ["fees#fees"]\nages: [17, 16]',
            "ages: the youngest stands first",
        ),
        ("gaps.yaml", "how to bake bread", "Who pays", "the card pays is asked in the same words: Who pays"),
        ("gaps.yaml", "id: bread", "id: pays", "a card is called pays too"),
        ("gaps.yaml", '"Bread",', '"Bread", doors: ["fees#none"],', "the evidence fees#none is not in the corpus"),
        ("gaps.yaml", '"Bread",', '"Bread", services: [bakers],', "there is no service called bakers"),
        ("documents/meetings/en.md", "number: 4", "number: 1", "the number 1 belongs to"),
        ("pathways/walk.yaml", "reports#reports", "reports#none", "the evidence reports#none is not in the corpus"),
        (
            "pathways/walk.yaml",
            "steps:",
            "choices: [{id: trial, question: {en: Trial}, options: [{id: yes, text: {en: Yes}}]}]\nsteps:",
            "the choice trial changes nothing",
        ),
        (
            "pathways/walk.yaml",
            "steps:",
            "choices: [{id: trial, question: {en: Trial}, options: [{id: yes, text: {en: Yes}}]}]\nsteps:",
            "begin with two or three choices",
        ),
        ("quizzes/small.yaml", "draw: 4", "draw: 9", "draw is 9 and the bank holds 4"),
        ("quizzes/small.yaml", '{en: "The chair"}, why', '{en: "No one"}, why', "two options have the same words"),
        ("quizzes/small.yaml", 'why: {en: "The chair pays none."}', 'why: {en: ""}', "an option has no explanation"),
        ("quizzes/small.yaml", 'right: true, why: {en: "There is no fee."}', 'why: {en: "There is no fee."}', "0 options are right"),
        ("quizzes/small.yaml", "objective: forms, stem", "objective: fonts, stem", "there is no objective called fonts"),
        (
            "routes.yaml",
            'reply: {en: "Ask when ready.", ur: "جب تیار ہوں پوچھیں۔"}',
            'reply: {en: "Ask when ready."}',
            "reply is missing in ur",
        ),
        ("signals.yaml", '"going to kill me"', '"[going to] ..."', "the phrase '[going to] ...' has no word that has to be there"),
        ("signals.yaml", '"going to kill me"', '""', "the phrase '' has no word"),
        ("signals.yaml", '"going to kill me"', '"(going|about to kill me"', "has a bracket or list that is not closed"),
        (
            "signals.yaml",
            '"going to kill me"',
            '"going to kill [(me|us)]"',
            "has a bracket or list that is not closed, is empty or stands in another",
        ),
        ("signals.yaml", '"going to kill me"', '"<who> to kill me"', "names a list that is not there: who"),
        ("signals.yaml", '"going to kill me"', '"(<who>|us) to kill me"', "is empty or stands in another"),
        ("documents/questions/en.md", "\n~~~\n", "\n", "this block has no end"),
        ("documents/fees/en.md", "review_by: 2099-01-01", "review_by: 2001-01-01", "to be reviewed by 2001-01-01"),
    ],
)
def test_each_rule_tells_of_its_fault(fixture_copy, file, old, new, message):
    change(fixture_copy / file, old, new)
    assert message in told(fixture_copy)


def test_each_call_for_help_has_something_that_stands_below_its_panel_SF03(fixture_copy):
    calls = "- {help: self_harm, cards: [pays]}\n- {help: child_risk, cards: [nowhere]}\n- {help: immediate_danger, cards: []}\n"
    (fixture_copy / "calls.yaml").write_text(calls)
    faults = told(fixture_copy)
    assert "there is no card called nowhere" in faults
    assert "nothing stands below a call of immediate_danger" in faults
    assert "nothing stands below a call of abuse_disclosure" in faults
    assert "below a call of self_harm" not in faults
    change(fixture_copy / "calls.yaml", "cards: [pays]", "cards: [pays], shown: 3")
    assert "shown" in told(fixture_copy)


def test_ways_of_asking_in_another_language_may_be_those_of_a_known_gap(fixture_copy):
    (fixture_copy / "asks.cy.yaml").write_text('bread:\n  - "sut mae pobi bara"\nnone:\n  - "beth"\n')
    library, problems = read(fixture_copy)
    assert library.gaps["bread"].asks == ("how to bake bread", "sut mae pobi bara")
    assert library.gaps["bread"].foreign == {"sut mae pobi bara"}
    assert [problem.message for problem in problems] == ["there is no card or gap called none"]


def test_the_fixture_corpus_is_sound(small):
    assert not [p for p in checks.problems(small) if not p.warning]


def test_what_rests_on_a_document_is_listed(small):
    assert set(checks.touching(small, "fees")) == {"card pays", "step walk/first", "item s-1", "item s-2", "item s-3"}


def test_the_worklist_holds_what_was_not_seen(small):
    rows = checks.worklist(small).splitlines()
    assert len(rows) == 3
    assert "It is free for relatives too." in rows[2]


def test_long_words_and_sentences_are_harder():
    plain = grade(["The chair leads the review.", "You can say no."])
    heavy = grade(["The multidisciplinary organisational accountability arrangements necessitate comprehensive documentation."])
    assert plain < 4 < 12 < heavy
    assert grade([]) == 0.0


def test_the_hardest_sentences_are_named_with_their_place(library):
    found = checks.hardest(library, 5)
    assert len(found) == 5
    assert all(line.startswith("corpus/") and ": grade " in line for line in found)
