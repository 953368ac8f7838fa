import pytest

from assistant.content.files import read_markdown, read_messages, read_openings, read_yaml
from assistant.domain.answers import Help
from assistant.domain.guidance import Opening, Role
from assistant.domain.site import Example

FRONT = "---\ntitle: T\n---\n"


def test_a_repeated_key_is_told_with_its_line():
    _, _, problems = read_yaml("a: 1\nb: 2\na: 3\n", "x.yaml")
    assert [(p.line, p.message) for p in problems] == [(3, "the key 'a' is given twice")]


@pytest.mark.parametrize("word", ["no", "yes", "on", "off", "No", "Y"])
def test_a_bare_no_stays_a_word(word):
    value, _, problems = read_yaml(f"answer: {word}\n", "x.yaml")
    assert value == {"answer": word}
    assert not problems


def test_text_that_is_not_yaml_is_told_with_its_line():
    value, _, problems = read_yaml("a: [1, 2\nb: 3\n", "x.yaml")
    assert value is None
    assert problems[0].line >= 1


def test_every_sentence_keeps_its_place_in_the_file():
    text = (
        FRONT
        + "## Head {#head}\nFirst one. Second one. {act: s.1, seen}\nThird\none. {act: s.2, recalled}\n\n- An item. {act: s.3, seen}\n"
    )
    read, problems = read_markdown(text, "x.md")
    assert not problems
    found = [s for section in read.sections for p in section.paragraphs for s in p.sentences]
    assert [s.text for s in found] == ["First one.", "Second one.", "Third one.", "An item."]
    assert all(" ".join(text[s.start : s.end].split()) == s.text for s in found)
    assert [s.references[0].place for s in found] == ["s.1", "s.1", "s.2", "s.3"]


def test_a_paragraph_id_survives_changes_elsewhere():
    one, _ = read_markdown(FRONT + "## A {#a}\nKept. {x: y, seen}\n", "x.md")
    two, _ = read_markdown(FRONT + "## New {#new}\nNew. {x: y, seen}\n\n## A {#a}\nKept. {x: z, recalled}\n", "x.md")
    assert one.sections[0].paragraphs[0].id == two.sections[1].paragraphs[0].id


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("## Head\nText. {x: y, seen}\n", "has no {#id}"),
        ("## A {#a}\nX. {x: y, seen}\n\n## B {#a}\nY. {x: y, seen}\n", "used twice"),
        ("## A {#a}\nSome *bold* words. {x: y, seen}\n", "markup inside a sentence"),
        ("## A {#a}\nX. {x: y}\n", "does not end in seen"),
    ],
)
def test_faults_in_markdown_are_told(body, message):
    _, problems = read_markdown(FRONT + body, "x.md")
    assert any(message in p.message for p in problems)


def test_a_file_without_front_matter_is_told():
    _, problems = read_markdown("# Hello\n", "x.md")
    assert problems[0].message.startswith("there is no front matter")


def test_messages_are_read_and_notes_left_out():
    text = "# a note\n\n  \nself_harm|cy|dw i eisiau | marw\nnone|en|who pays\nabuse_disclosure causing|en|i hit her"
    assert read_messages(text, "m.txt") == (
        (
            Example(Help.SELF_HARM, "cy", "dw i eisiau | marw"),
            Example(None, "en", "who pays"),
            Example(Help.ABUSE_DISCLOSURE, "en", "i hit her", causing=True),
        ),
        [],
    )


@pytest.mark.parametrize(
    "line",
    [
        "self_harm|en",
        "nobody|en|a",
        "none||",
        "none|en|",
        "none|en| ",
        "none",
        "just words",
        "abuse_disclosure often|en|a",
        "none causing|en|a",
    ],
)
def test_a_message_of_another_form_is_told_with_its_line_and_the_others_are_read(line):
    found, problems = read_messages(f"none|en|who pays\n\n{line}\nself_harm|en|i want to die", "m.txt")
    assert [example.help for example in found] == [None, Help.SELF_HARM]
    assert list(map(str, problems)) == ["m.txt:3: this is not label|language|message"]


def test_openings_are_read_and_lines_of_another_form_told():
    found, problems = read_openings(
        "# a note\n\nfamily| My mum died. \nnobody|A line.\nfamily|\nemployers|She worked here | on tills.", "o.txt"
    )
    assert found == (Opening(Role.FAMILY, "My mum died."), Opening(Role.EMPLOYERS, "She worked here | on tills."))
    assert list(map(str, problems)) == [f"o.txt:{line}: this is not role|what is told" for line in (4, 5)]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: &x [1]\nb: *x\n", "x.yaml:2: this stands in another place: write it out here"),
        ("a: &x [*x]\n", "x.yaml:1: this stands in another place: write it out here"),
        ("on: 2026-02-30\n", "x.yaml:1: '2026-02-30' cannot be read: day is out of range for month"),
        ("2026-02-30: on\n", "x.yaml:1: a key is a word"),
        ("\n? [a]\n: b\n", "x.yaml:2: a key is a word"),
        ("a: " + "[" * 60 + "]" * 60, "x.yaml:1: this is nested too deeply"),
        ("[" * 200_000, "x.yaml:1: this is nested too deeply"),
        ("# " + "]" * 100_000 + "\n" + "[" * 100_000, "x.yaml:1: this is nested too deeply"),
        ("- " * 60 + "a", "x.yaml:1: this is nested too deeply"),
    ],
)
def test_what_yaml_allows_and_a_corpus_does_not_is_told_with_its_line(text, message):
    assert message in map(str, read_yaml(text, "x.yaml")[2])


def test_the_rest_of_a_text_is_read_beside_a_fault():
    assert read_yaml("a: 2026-02-30\nb: 1\n", "x.yaml")[0] == {"a": None, "b": 1}
