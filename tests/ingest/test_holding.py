"""Official documents from a real server on this machine: fetched, held by edition, compared, aligned, quoted."""

import functools
import http.server
import ipaddress
import json
import re
import shutil
import socketserver
import threading

import pytest

from assistant import bootstrap, cli
from assistant.content import checks
from assistant.content.comparing import Kind, changed, compare
from assistant.content.folder import load
from assistant.domain.answers import Question
from assistant.domain.guidance import Role, Status
from assistant.ingest import holding
from assistant.ingest.aligning import align
from assistant.ingest.fetch import fetch
from assistant.ingest.holding import Holdings, machine_address
from assistant.retrieval.search import Retriever
from assistant.settings import from_environment
from assistant.web.app import create_app
from tests.conftest import FIXTURE

FIRST = """<html><body><main><h1>Guidance on fees</h1><h2>Fees</h2><p>2.1 The chair pays no fee to anyone.</p>
<p>2.2 A family has two months to ask for its travel costs.</p><h2>Forms</h2><p>3.1 The form is printed on blue paper.</p>
<p>3.2 The form has one page and no more.</p></main></body></html>"""
SECOND = FIRST.replace("two months", "three months").replace(
    "<p>3.2 The form has one page and no more.</p>", "<p>3.3 A form may be spoken.</p>"
)


class Site(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Pages)
        self.page, self.tag, self.asked, self.busy = FIRST, '"one"', [], 0
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Pages(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_GET(self):
        site = self.server
        site.asked.append(dict(self.headers))
        if site.busy:
            site.busy -= 1
            self.send_response(503)
            self.send_header("Retry-After", "7")
            self.end_headers()
            return
        if self.headers.get("If-None-Match") == site.tag:
            self.send_response(304)
            self.end_headers()
            return
        self.send_response(200)
        self.send_header("ETag", site.tag)
        self.end_headers()
        self.wfile.write(site.page.encode())


@pytest.fixture
def site():
    with Site() as site:
        yield site
        site.shutdown()


def here(address, port):
    return address == ipaddress.ip_address("127.0.0.1")


@pytest.fixture
def world(site, tmp_path, monkeypatch, capsys):
    """A corpus whose guidance stands at the server, and a way to run commands on it."""
    corpus = shutil.copytree(FIXTURE, tmp_path / "corpus")
    address = f"http://127.0.0.1:{site.server_address[1]}/guide"
    sources = corpus / "sources.yaml"
    text = sources.read_text().replace(
        'address: "https://example.org/guide"', f'address: "{address}", licence: "Open Government Licence v3.0"'
    )
    sources.write_text(text)
    for name, value in (("CORPUS", corpus), ("DATA", tmp_path / "var"), ("MODEL", "none")):
        monkeypatch.setenv(f"ASSISTANT_{name}", str(value))
    waits = []
    monkeypatch.setattr(holding, "fetch", functools.partial(fetch, allowed=here, pause=waits.append))

    def run(*arguments):
        monkeypatch.setattr("sys.argv", ["assistant", *arguments])
        code = 0
        try:
            cli.main()
        except SystemExit as leaving:
            code = leaving.code or 0
        return code, *capsys.readouterr()

    run.waits = waits
    return run


def test_documents_are_listed_fetched_and_then_asked_for_politely(world, site):
    assert "not held" in world("sources", "list")[1]
    code, out, _ = world("sources", "fetch")
    assert code == 0
    assert "guide" in out
    assert "new" in out
    assert "linked: Its licence is not known" in out
    assert "The index holds" in out
    assert site.asked[0]["User-Agent"].startswith("assistant-guide")
    assert "same" in world("sources", "fetch", "guide")[1]
    assert site.asked[-1]["If-None-Match"] == '"one"'
    row = next(json.loads(line) for line in world("sources", "list", "--json")[1].splitlines() if '"guide"' in line)
    assert row["held"] == 1
    assert row["checked"]


def test_a_busy_server_is_asked_again_after_the_time_it_names(world, site):
    site.busy = 1
    assert "new" in world("sources", "fetch", "guide")[1]
    assert world.waits == [7.0]
    site.busy, site.tag = 2, '"two"'
    assert "refused: The address answers 503" in world("sources", "fetch", "guide")[1]


def test_what_changed_is_told_with_everything_that_rests_on_it_F2(world, site):
    world("sources", "fetch", "guide")
    assert "guide: same" in world("sources", "check")[1]
    site.page, site.tag = SECOND, '"two"'
    code, out, _ = world("sources", "check")
    assert code == 0
    assert "1 added, 1 removed, 1 reworded" in out
    assert "was: 2.2 A family has two months" in out
    assert "now: 2.2 A family has three months" in out
    assert "section fees#fees" in out
    assert "item s-1" in out
    report = json.loads(world("sources", "check", "--json")[1])
    assert {change["kind"] for change in report["changes"]} == {"added", "removed", "reworded"}
    assert "changed" in world("sources", "fetch", "guide")[1]
    settings = from_environment()
    assert len(Holdings(settings.official).editions("guide")) == 2


def test_what_is_no_document_is_refused_and_nothing_is_kept(world, site):
    site.page = "GIF89a picture"
    code, out, _ = world("sources", "fetch", "guide")
    assert code == 0
    assert "refused: This is a picture." in out
    assert not Holdings(from_environment().official).editions("guide")


def test_a_page_that_was_withdrawn_is_told(world, site, monkeypatch):
    world("sources", "fetch", "guide")
    site.tag = '"two"'
    site.page = json.dumps({"title": "Guidance on fees", "details": {"body": SECOND}, "withdrawn_notice": {"explanation": "x"}})
    assert "it was withdrawn" in world("sources", "check", "guide")[1]
    world("sources", "fetch", "guide")
    library = bootstrap.open_library(from_environment())
    assert library.documents["held-guide"].status is Status.WITHDRAWN


@pytest.mark.parametrize(
    ("arguments", "cause"),
    [
        (("check",), "None of these documents is held"),
        (("fetch", "nothing"), "There is no source called nothing"),
        (("fetch", "--from", "/nowhere", "guide"), "cannot be read"),
        (("fetch", "--from", "/nowhere", "act"), "licence of act is not known"),
        (("fetch", "--from", "/nowhere"), "Name the one source"),
    ],
)
def test_a_fault_is_one_plain_line(world, arguments, cause):
    code, _, told = world("sources", *arguments)
    assert code == 2
    assert cause in told
    assert told.count("\n") == 1


def test_a_file_can_be_taken_as_the_document_of_a_source(world, tmp_path):
    path = tmp_path / "guide.html"
    path.write_text(FIRST)
    assert "new" in world("sources", "fetch", "--from", str(path), "guide")[1]
    path.write_bytes(b"\x89PNG")
    assert "picture" in world("sources", "fetch", "--from", str(path), "guide")[2]


def test_an_unchanged_document_costs_no_encoding(world, site, encoder, monkeypatch):
    world("sources", "fetch", "guide")
    library = bootstrap.open_library(from_environment())
    from assistant.retrieval.index import build
    from assistant.retrieval.saved import kept_from, save

    counted = []
    monkeypatch.setattr(
        type(encoder), "passages", lambda self, texts, **more: counted.extend(texts) or _plain(self, texts, **more), raising=True
    )
    folder = from_environment().index
    first = build(library.passages, bootstrap.analyser(library), encoder, authored=bootstrap.texts(library))
    save(first, folder, encoder.identity)
    counted.clear()
    kept = kept_from(folder, encoder.identity)
    build(library.passages, bootstrap.analyser(library), encoder, authored=bootstrap.texts(library), kept=kept)
    assert counted == []


@pytest.fixture(autouse=True)
def _keep_plain(encoder):
    global _plain
    _plain = type(encoder).passages


@pytest.fixture
def held(world, site, encoder):
    """The library with two editions of the guidance, and a retriever over it."""
    world("sources", "fetch", "guide")
    site.page, site.tag = SECOND, '"two"'
    world("sources", "fetch", "guide")
    library = bootstrap.open_library(from_environment())
    index = bootstrap.build(library.passages, bootstrap.analyser(library), encoder, authored=bootstrap.texts(library))
    return library, Retriever(index, encoder)


def test_a_held_document_is_a_document_with_its_older_edition(held):
    library, _ = held
    document = library.documents["held-guide"]
    assert document.official
    assert document.status is Status.IN_FORCE
    assert [old.status for old in library.older["held-guide"]] == [Status.SUPERSEDED]
    text = library.files["held-guide"].read_text()
    passages = [passage for passage in library.passages if passage.official]
    assert passages
    assert all(text[s.start : s.end] == s.text for passage in passages for s in passage.sentences)
    changes = changed(compare(library.older["held-guide"][0], document))
    assert [change.kind for change in changes] == [Kind.REWORDED, Kind.REWORDED] or {c.kind for c in changes} >= {Kind.REWORDED}


def test_each_statement_stands_beside_its_passage_F4(held):
    library, retriever = held
    rows = {row.sentence.text: row for row in align(library, retriever)}
    assert rows["The chair pays no fee."].text == "2.1 The chair pays no fee to anyone."
    assert rows["The form is blue."].text == "3.1 The form is printed on blue paper."
    assert all(0 <= row.score <= 1.001 for row in rows.values())


def test_the_worklist_has_statement_and_passage_side_by_side(held):
    library, retriever = held
    beside = {
        (row.sentence.text, row.reference.source): (row.text, row.score, "month: ours 1, the source 2") for row in align(library, retriever)
    }
    listed = checks.worklist(library, beside)
    assert "2.1 The chair pays no fee to anyone." in listed
    assert "month: ours 1, the source 2" in listed


@pytest.mark.parametrize(("role", "first"), [(Role.PRACTITIONERS, True), (Role.FAMILY, False)])
def test_official_words_lead_for_practitioners_and_ours_for_family(held, role, first):
    library, retriever = held
    answer = bootstrap.make_answerer(library, retriever).answer(Question("what does the chair pay", role))
    quoted = [cited.citation.document for part in answer.parts for cited in part.sentences if not cited.ours]
    assert (quoted[0] == "held-guide") is first
    scores = {hit.passage.id: hit.score for hit in retriever.search("does the chair pay a fee", role=role)}
    plain = {hit.passage.id: hit.score for hit in retriever.search("does the chair pay a fee")}
    official = next(name for name in scores if name.startswith("held-"))
    assert scores[official] - plain[official] == pytest.approx(0.2 if first else 0.0, abs=1e-5)


def test_the_site_shows_whose_words_they_are_and_what_changed_F3(world, site, encoder):
    world("sources", "fetch", "guide")
    site.page, site.tag = SECOND, '"two"'
    world("sources", "fetch", "guide")
    app = create_app(from_environment())
    client = app.test_client()
    library = app.extensions["site"].library
    number = library.documents["held-guide"].number
    page = client.get(f"/documents/{number}", base_url="https://localhost").text
    assert "These are the words of Office" in page
    assert "Crown copyright. Open Government Licence v3.0." in page
    changes = client.get(f"/documents/{number}/changes/1", base_url="https://localhost").text
    assert "<del>" in changes
    assert "<ins>" in changes
    assert "Reworded" in changes
    assert client.get(f"/documents/{number}/changes/2", base_url="https://localhost").status_code == 404
    assert client.get("/documents/1/changes/1", base_url="https://localhost").status_code == 404
    assert "Another place or day" not in page
    settle = client.get("/settle", base_url="https://localhost").text
    assert "2.1 The chair pays no fee to anyone." in settle


def test_the_page_says_what_is_in_force_there_on_that_day_and_compares_a_whole_series_F3(world, site):
    sources = from_environment().corpus / "sources.yaml"
    new = sources.read_text()
    old = next(line for line in new.splitlines() if "id: guide" in line)
    first = old.replace("id: guide", "id: first-guide").replace("in_force", "superseded")
    dated = '{old}, series: guides, since: "{since}"{until}}}'
    rows = (
        dated.format(old=first[:-1], since="2012", until=', until: "2020-05"')
        + "\n"
        + dated.format(old=old[:-1], since="2020-05", until="")
    )
    sources.write_text(new.replace(old, rows))
    world("sources", "fetch", "first-guide")
    site.page, site.tag = SECOND, '"two"'
    world("sources", "fetch", "guide")
    app = create_app(from_environment())
    client = app.test_client()
    library = app.extensions["site"].library
    assert [old.id for old in library.older["held-guide"]] == ["held-first-guide"]
    number = library.documents["held-guide"].number

    def page():
        return " ".join(client.get(f"/documents/{number}", base_url="https://localhost").text.split())

    assert "England and Wales: <strong>In force</strong>" in page()
    token = re.search(r'name="token"[^>]*value="([^"]+)"', client.get("/editions", base_url="https://localhost").text)[1]
    form = {"token": token, "nation": "wales", "day": "1", "month": "6", "year": "2015"}
    assert client.post("/editions", data=form, base_url="https://localhost", headers={"Origin": "https://localhost"}).status_code == 303
    assert "On 1 June 2015, Wales: <strong>Not yet in force then</strong>" in page()
    assert f'In force then: <a lang="en" href="/documents/{library.documents["held-first-guide"].number}"' in page()
    assert "Reworded" in client.get(f"/documents/{number}/changes/1", base_url="https://localhost").text


def test_a_held_document_that_is_damaged_is_told_in_one_line(world, site):
    world("sources", "fetch", "guide")
    folder = next(from_environment().official.glob("guide/*"))
    (folder / "extract.json").write_text("{")
    code, _, told = world("index")
    assert code == 2
    assert "is damaged" in told


@pytest.mark.parametrize(
    ("address", "machine"),
    [
        ("https://www.gov.uk/guidance/a-page", "https://www.gov.uk/api/content/guidance/a-page"),
        ("https://www.legislation.gov.uk/ukpga/2004/28/", "https://www.legislation.gov.uk/ukpga/2004/28/data.xml"),
        ("https://www.gov.uk/file.pdf", "https://www.gov.uk/file.pdf"),
        ("https://preston.gov.uk/a", "https://preston.gov.uk/a"),
    ],
)
def test_publishers_are_asked_where_they_answer_machines(address, machine):
    assert machine_address(address) == machine


def test_resting_on_a_source_is_everything_that_cites_it(small):
    found = checks.resting_on(small, "guide")
    assert "section fees#fees" in found
    assert any(line.startswith("card ") for line in found)
    assert load(FIXTURE).sources["guide"]
