import pytest

from assistant.content.folder import load, read
from assistant.domain.guidance import Status
from assistant.errors import CorpusError


def test_the_fixture_corpus_is_read_whole(small):
    assert set(small.documents) == {"fees", "old-fees", "draft-fees", "meetings", "reports", "questions", "words"}
    assert small.documents["old-fees"].status is Status.SUPERSEDED
    assert small.document("fees", "ur").language == "ur"
    assert small.cards["pays"].asks == ("A family pays nothing", "who pays", "what does it cost us")
    assert small.pathways["walk"].steps[0].prose.section("choice")


def test_cards_are_not_passages(small):
    assert not any(p.document == "questions" for p in small.passages)


def test_every_problem_is_told_in_one_run(fixture_copy):
    (fixture_copy / "sources.yaml").write_text("- {id: act, titel: x}\n")
    (fixture_copy / "quizzes" / "small.yaml").write_text("id: small\nid: small\n")
    (fixture_copy / "documents" / "fees" / "en.md").write_text("no front matter\n")
    _, problems = read(fixture_copy)
    told = "\n".join(map(str, problems))
    assert "sources.yaml:1: titel: this key is not known" in told
    assert "small.yaml:2: the key 'id' is given twice" in told
    assert "en.md:1: there is no front matter" in told


def test_a_broken_corpus_is_not_served(fixture_copy):
    (fixture_copy / "corpus.yaml").unlink()
    with pytest.raises(CorpusError) as told:
        load(fixture_copy)
    assert any("this file is missing" in problem for problem in told.value.problems)


def test_a_folder_that_is_not_there_is_told(tmp_path):
    with pytest.raises(CorpusError):
        load(tmp_path / "nowhere")


def test_files_that_are_not_text_are_told(fixture_copy):
    (fixture_copy / "gaps.yaml").write_bytes(b"\xff\xfe\x00")
    _, problems = read(fixture_copy)
    assert any("not UTF-8" in p.message for p in problems)


def test_a_term_is_read_from_its_section(small):
    term = small.terms["chair"]
    assert (term.name, term.meaning, term.others, term.document) == ("Chair", "The person who leads.", ("chairperson",), "words")
    assert not {p.document for p in small.passages} & {"words"}


@pytest.mark.parametrize("text", ["The chair leads. {guide: , seen}", "Chair means the person who leads.", ""])
def test_a_term_that_is_not_explained_with_a_source_is_told(fixture_copy, text):
    path = fixture_copy / "documents" / "words" / "en.md"
    path.write_text(path.read_text(encoding="utf-8") + f"\n## Chairman {{#chairman}}\n{text}\n", encoding="utf-8")
    _, problems = read(fixture_copy)
    assert any("'Chairman means …', with a source" in p.message for p in problems)
