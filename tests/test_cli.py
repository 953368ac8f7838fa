import json
from pathlib import Path

import pytest

from assistant import bootstrap, cli
from tests.conftest import FIXTURE
from tests.ingest import making


@pytest.fixture
def run(monkeypatch, capsys, tmp_path, assembly):
    """Run a command in this process, on words alone or on the shared assembly, and give its code and streams."""
    monkeypatch.setenv("ASSISTANT_MODEL", "none")
    monkeypatch.setenv("ASSISTANT_DATA", str(tmp_path / "var"))
    monkeypatch.setattr(bootstrap, "assemble", lambda _settings: assembly)

    def command(*arguments):
        monkeypatch.setattr("sys.argv", ["assistant", *map(str, arguments)])
        try:
            cli.main()
            code = 0
        except SystemExit as leaving:
            code = leaving.code or 0
        streams = capsys.readouterr()
        return code, streams.out, streams.err

    return command


COMMANDS = [
    "serve",
    "index",
    "check",
    "doctor",
    "ask",
    "search",
    "triage",
    "evaluate",
    "ingest",
    "pathways",
    "purge",
    "counts",
    "certificate",
    "course",
]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(run, command):
    code, out, _ = run(command, "--help")
    assert code == 0
    assert "Usage:" in out


@pytest.mark.parametrize(
    "arguments",
    [
        ("nothing",), ("ask",), ("ask", "x", "--role", "stranger"), ("search",), ("triage",), ("evaluate", "--beir", "/nowhere"), ("serve", "--port", "0"),
        ("index", "--index", "/dev/null/x"), ("check", "--worklist", "/dev/null/x"), ("evaluate", "--golden", "/dev/null"),
        ("check", "--corpus", "/nowhere"), ("check", "--touching", "nothing"), ("ask", "--batch", "/nowhere", "--out", "x"), ("pathways", "show", "none"),
    ],
)  # fmt: skip
def test_a_fault_is_one_plain_line_and_two(run, arguments):
    code, _, err = run(*arguments)
    assert code == 2
    assert len(err.strip().splitlines()) == 1
    assert "Traceback" not in err


def test_a_batch_of_questions_gives_a_line_for_each(run, tmp_path, library):
    rows = [
        {"id": "a", "text": "do i have to take part", "role": "family"},
        {"id": 2, "text": "how do volcanoes erupt beneath glaciers"},
        {"id": "c", "text": "and how long does that take", "history": ["what is the overview report"]},
        {"id": "d", "text": "he is going to kill me", "language": "en", "nation": "wales"},
    ]
    given, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    given.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    assert run("ask", "--batch", given, "--out", out)[0] == 0
    found = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert [row["id"] for row in found] == ["a", 2, "c", "d"]
    keys = {"id", "outcome", "reason", "route", "help", "card", "sentences", "nearest", "ms"}
    assert all(set(row) == keys for row in found)
    assert found[0]["outcome"] == "answered"
    assert (found[1]["outcome"], found[1]["reason"]) == ("declined", "not_covered")
    assert found[3]["help"] == "immediate_danger"
    for row in found:
        for sentence in row["sentences"]:
            assert {"document", "passage", "start", "end", "title", "url", "status"} == set(sentence["citations"][0])


def test_a_batch_of_searches_and_of_messages(run, tmp_path):
    given, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    given.write_text('{"id": "a", "text": "i want to die"}\n\n{"id": "b", "text": "who pays"}\n', encoding="utf-8")
    assert run("search", "--batch", given, "--out", out, "--k", "3")[0] == 0
    rows = [json.loads(line) for line in out.read_text().splitlines()]
    assert len(rows) == 2
    assert set(rows[0]["hits"][0]) == {"passage", "document", "score"}
    assert run("triage", "--batch", given, "--out", out)[0] == 0
    assert [json.loads(line)["help"] for line in out.read_text().splitlines()] == ["self_harm", None]


@pytest.mark.parametrize("line", ["not json", "[1]", '{"id": 1}', '{"id": 1, "text": 5}', '{"id": 1, "text": "x", "role": "king"}'])
def test_a_bad_line_is_told(run, tmp_path, line):
    given = tmp_path / "in.jsonl"
    given.write_text(line + "\n")
    code, _, err = run("ask", "--batch", given, "--out", tmp_path / "out.jsonl")
    assert code == 2
    assert "in.jsonl" in err


def test_an_answer_as_json_and_as_text(run):
    assert json.loads(run("ask", "who pays for the review", "--json")[1])["card"] == "who-pays"
    assert "answered" in run("ask", "who pays for the review")[1]


def test_the_index_is_built_on_words_alone_and_the_doctor_is_content(run, monkeypatch):
    monkeypatch.setenv("ASSISTANT_CORPUS", str(FIXTURE))
    assert run("doctor")[0] == 2
    code, out, _ = run("index")
    assert (code, out.strip()) == (0, "The index holds 6 passages.")
    code, out, _ = run("doctor")
    assert code == 0
    assert "FAULT" not in out


def test_a_benchmark_in_beir_layout_is_measured(run, tmp_path, monkeypatch):
    (tmp_path / "corpus.jsonl").write_text(
        '{"_id": "1", "title": "Fees", "text": "No fee is paid."}\n{"_id": "2", "title": "Forms", "text": "The form is blue."}\n'
    )
    (tmp_path / "queries.jsonl").write_text('{"_id": "q", "text": "what colour is the form"}\n')
    (tmp_path / "qrels.tsv").write_text("query-id\tcorpus-id\tscore\nq\t2\t1\n")
    found = json.loads(run("evaluate", "--beir", tmp_path, "--json")[1])
    assert found["ndcg@10"] == 1.0
    assert {"recall@5", "recall@10", "mrr@10", "ms_per_query"} <= set(found)


def test_what_rests_on_a_document_and_the_worklist(run, tmp_path):
    assert "card " in run("check", "--touching", "timescales")[1]
    assert run("check", "--worklist", tmp_path / "w.csv")[0] == 0
    assert "recalled" in (tmp_path / "w.csv").read_text()


def test_a_pathway_is_outlined(run):
    assert "1. What a review is" in run("pathways", "show", "family")[1]


def test_a_document_is_read_into_passages_and_kept_as_a_draft(run, tmp_path, monkeypatch):
    given = tmp_path / "given.bin"
    given.write_bytes(making.word())
    code, out, err = run("ingest", given, "--dry-run", "--json")
    rows = [json.loads(line) for line in out.splitlines()]
    assert (code, err) == (0, "")
    assert {row["form"] for row in rows} == {"docx"}
    assert any("The panel meets when the terms are agreed." in row["text"] for row in rows)
    code, _, err = run("ingest", given)
    assert code == 0
    draft = Path(err.partition("kept at ")[2].partition(". Complete")[0])
    assert draft.read_text(encoding="utf-8").startswith("---\ntitle:")
    assert str(draft) in run("ingest", given)[2]
    draft.write_text("Completed by hand.")
    code, _, err = run("ingest", given)
    assert code == 0
    assert f"{draft.parent}-2/en.md" in err
    assert draft.read_text() == "Completed by hand."


@pytest.mark.parametrize("source", ["missing.pdf", "http://127.0.0.1/", "http://u:p@example.com/", "http://[odd/"])
def test_what_cannot_be_ingested_is_told_in_one_line(run, source):
    code, out, err = run("ingest", source)
    assert (code, out) == (2, "")
    assert err.count("\n") == 1


def test_the_golden_questions_are_measured_kept_and_compared(run, tmp_path):
    golden, baseline = tmp_path / "golden", tmp_path / "measured.json"
    golden.mkdir()
    (golden / "some.txt").write_text(
        "family|who pays for the review|cards-family\n|how do volcanoes erupt beneath glaciers|NONE\n", encoding="utf-8"
    )
    arguments = ("evaluate", "--golden", golden, "--baseline", baseline)
    code, out, _ = run(*arguments, "--keep")
    assert code == 0
    assert "development" in out
    kept = json.loads(baseline.read_text(encoding="utf-8"))
    assert kept["all"]["questions"] == 2
    assert json.loads(run(*arguments, "--json")[1])["all"]["questions"] == 2
    assert json.loads(run(*arguments, "--json", "--keep")[1])["all"]["questions"] == 2
    assert run("evaluate", "--golden", golden, "--baseline", "/dev/null/x", "--keep")[2] == "/dev/null/x cannot be written.\n"
    kept["development"]["recall@5"] = kept["development"].get("recall@5", 0) + 1.0
    baseline.write_text(json.dumps(kept | {"development": kept["development"] | {"declined_right": 2, "answered_right": 2}}))
    code, _, err = run(*arguments)
    assert code == 2
    assert "development: answered_right fell from 1.000 to" in err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("evaluate", "--golden", "/nowhere"), "cannot be read"),
        (("pathways", "export", "none", "--out", "x.html"), "no pathway called none"),
        (("pathways", "export", "family", "--out", "/nowhere/x.html"), "cannot be written"),
        (("pathways", "export", "family", "--out", "x.html", "--language", "xx"), "not in xx"),
        (("ask", "--batch", "{rows}"), "Give --out"),
        (("search",), "Give words"),
    ],
)
def test_what_cannot_be_done_is_told(run, tmp_path, arguments, told):
    rows = tmp_path / "rows.jsonl"
    rows.write_text('{"id": 1, "text": "who pays", "history": [3]}\n')
    code, _, err = run(*(str(rows) if argument == "{rows}" else argument for argument in arguments))
    assert code == 2
    assert told in err or "earlier questions" in err
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("[" * 100_000, "is not JSON"), ("3", "is not a JSON object"), ('{"id": 1}', "has no text"), ('{"text": "x", "role": ["family"]}', "role or nation"),
    ],
)  # fmt: skip
def test_a_line_that_cannot_be_asked_is_told(run, tmp_path, line, told):
    rows = tmp_path / "rows.jsonl"
    rows.write_text('{"text": "who pays"}\n\n' + line + "\n")
    code, _, err = run("ask", "--batch", rows, "--out", tmp_path / "out.jsonl")
    assert code == 2
    assert f"{rows}:3: " in err
    assert told in err
    assert err.count("\n") == 1


@pytest.mark.parametrize("command", ["ask", "search", "triage"])
def test_half_characters_in_a_batch_stop_nothing(run, tmp_path, command):
    rows, out = tmp_path / "rows.jsonl", tmp_path / "out.jsonl"
    rows.write_text('{"id": "\\ud800", "text": "who pays \\uDC00 for the review"}\n{"id": "\\ud83d\\ude00", "text": "who pays"}\n')
    assert run(command, "--batch", rows, "--out", out)[0] == 0
    assert [json.loads(line)["id"] for line in out.read_text(encoding="utf-8").splitlines()] == ["?", "\U0001f600"]


@pytest.mark.parametrize(
    ("corpus", "queries", "qrels", "told"),
    [
        ('{"title": "x"}', '{"_id": "q", "text": "x"}', "q\tx\t1", ":1: this line has no _id"),
        ('{"_id": "x", "text": "y"}', '{"text": "x"}', "q\tx\t1", ":1: this line has no _id"),
        ('{"_id": "x", "text": "y"}', '{"_id": "q", "text": "x"}', "q\tx\t1\nq x 1", "qrels.tsv:2:"),
        ('{"_id": "x", "text": "y"}', '{"_id": "q", "text": "x"}', "q\tx\t1\nq\tx\tmuch", "qrels.tsv:2:"),
        ('{"_id": "x", "text": "y"}', '{"_id": "q", "text": "x"}', "other\tx\t1", "no question"),
        ("", '{"_id": "q", "text": "x"}', "q\tx\t1", "no passage"),
        ('{"_id": "x", "text": "y"}', '{"_id": "q", "text": "x"}', "\udcff", "cannot be read as UTF-8"),
    ],
)
def test_a_benchmark_that_cannot_be_read_is_told(run, tmp_path, corpus, queries, qrels, told):
    for name, text in (("corpus.jsonl", corpus), ("queries.jsonl", queries), ("qrels.tsv", qrels)):
        (tmp_path / name).write_bytes(text.encode("utf-8", "surrogateescape"))
    code, _, err = run("evaluate", "--beir", tmp_path)
    assert code == 2
    assert told in err
    assert err.count("\n") == 1


def test_a_benchmark_with_graded_judgements_a_heading_and_missing_words_is_measured(run, tmp_path):
    (tmp_path / "corpus.jsonl").write_text(
        '\ufeff{"_id": 1, "text": "The panel meets."}\n{"_id": "2", "title": null, "text": "Who pays."}\n'
    )
    (tmp_path / "queries.jsonl").write_text('{"_id": "q", "text": "who pays"}\n{"_id": "r", "text": null}\n')
    (tmp_path / "qrels.tsv").write_text("query-id\tcorpus-id\tscore\r\nq\t2\t1.0\r\nr\t1\t2\r\n")
    code, out, _ = run("evaluate", "--beir", tmp_path, "--json")
    assert code == 0
    assert json.loads(out)["recall@5"] == 0.5
    assert json.loads(out)["queries"] == 2


@pytest.mark.parametrize(
    "arguments", [("serve", "--port", "18099"), ("certificate", "rotate"), ("ingest", "README.md"), ("purge",), ("doctor",)]
)
def test_a_data_folder_that_cannot_be_used_is_told(run, monkeypatch, arguments):
    monkeypatch.setenv("ASSISTANT_DATA", "/dev/null/x")
    code, _, err = run(*arguments)
    assert code == 2
    assert err.count("\n") == 1
    assert "Traceback" not in err


def test_a_folder_without_golden_questions_is_told(run, tmp_path):
    code, _, err = run("evaluate", "--golden", tmp_path)
    assert (code, err.strip()) == (2, f"There are no golden questions in {tmp_path}.")


def test_every_problem_of_a_corpus_is_told_in_one_run(run, fixture_copy):
    fees = fixture_copy / "documents" / "fees" / "en.md"
    fees.write_text(fees.read_text().replace("{guide", "{nothing"))
    code, _, err = run("check", "--corpus", fixture_copy)
    assert code == 2
    assert "documents/fees/en.md:" in err
    assert err.strip().splitlines()[-1].endswith("in the corpus.")


def test_what_rests_on_nothing_is_said(run, monkeypatch):
    monkeypatch.setenv("ASSISTANT_CORPUS", str(FIXTURE))
    code, _, err = run("check", "--touching", "nowhere")
    assert (code, err.strip()) == (2, "There is no document called nowhere.")


def test_searching_and_asking_in_words(run):
    code, out, _ = run("search", "who pays for the review", "--k", "2")
    assert code == 0
    assert len(out.splitlines()) == 2
    assert len(json.loads(run("search", "who pays", "--json", "--k", "3")[1])["hits"]) == 3
    assert run("ask", "he is going to kill me")[1].startswith("[help: immediate_danger]")
    assert "declined (not_covered)" in run("ask", "how do volcanoes erupt beneath glaciers")[1]


def test_a_pathway_is_drawn_and_taken_away(run, tmp_path):
    assert run("pathways", "show", "practitioner", "--svg", tmp_path / "flow.svg")[0] == 0
    assert (tmp_path / "flow.svg").read_text().startswith("<svg")
    assert run("pathways", "export", "colleague", "--out", tmp_path / "one.html")[0] == 0
    assert "http" not in (tmp_path / "one.html").read_text().partition("<main")[0]


def test_what_is_kept_no_longer_is_swept_away(run):
    code, out, _ = run("purge")
    assert code == 0
    assert out.strip()


def test_a_passage_is_printed_with_its_headings(run, tmp_path):
    given = tmp_path / "given.md"
    given.write_bytes(making.markdown())
    code, out, _ = run("ingest", given, "--dry-run")
    assert code == 0
    assert "read as markdown" in out


def test_the_doctor_names_an_ear_that_is_damaged(run, monkeypatch, fixture_copy):
    (fixture_copy / "messages.txt").write_text("self_harm|en|i want to die\nnone|en|who pays\n", encoding="utf-8")
    monkeypatch.setenv("ASSISTANT_CORPUS", str(fixture_copy))
    assert "FAULT  ear" in run("doctor")[1]
