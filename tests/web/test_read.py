import dataclasses
import re

import pytest

from assistant.domain.guidance import Kind
from assistant.web.called import document_word
from assistant.web.context import site_context
from tests.web.test_ask import text_of


def caption(page):
    return " ".join(re.sub(r"<[^>]+>", " ", re.search(r'<p class="caption">(.*?)</p>', page, re.DOTALL)[1]).split())


def test_documents_stand_under_whom_they_are_written_for_each_once(client, assembly):
    page = client.get("/documents").text
    groups = re.findall(r"<h2>(.*?)</h2>\s*<ul.*?</ul>", page, re.DOTALL)
    assert groups == [
        "For everyone", "For relatives and friends", "For relatives, and for people working on a review", "For employers and colleagues",
        "For people working on a review",
    ]  # fmt: skip
    listed = re.findall(r'<li><a href="/documents/(\d+)"', page)
    assert sorted(map(int, listed)) == sorted(document.number for document in assembly.library.documents.values())


@pytest.mark.parametrize(("document", "place"), [("the-law", "England and Wales"), ("wales", "Wales")])
def test_a_document_of_ours_is_called_our_words_and_says_where_it_holds(client, assembly, document, place):
    found = assembly.library.documents[document]
    told = caption(client.get(f"/documents/{found.number}").text)
    assert re.fullmatch(rf"Our words Updated \d+ \w+ 20\d\d · {place}", told)


@pytest.mark.parametrize(("kind", "word"), [(Kind.LAW, "Law"), (Kind.GUIDANCE, "Guidance"), (Kind.LOCAL, "Local practice")])
def test_a_publishers_own_words_are_called_what_they_are(app, assembly, kind, word):
    document = dataclasses.replace(assembly.library.documents["the-law"], kind=kind, official=True)
    with app.test_request_context("/"):
        assert document_word(document) == word


def test_what_a_document_rests_on_is_named_with_how_binding_it_is(client, assembly):
    page = text_of(client.get(f"/documents/{assembly.library.documents['the-law'].number}"))
    assert "Passed, but not in force Victims and Prisoners Act 2024, section 19" in " ".join(page.split())


def test_a_source_that_binds_no_one_is_not_called_our_words(app, assembly):
    library = assembly.library
    with app.test_request_context("/"):
        notes = site_context().presenter.notes(library.documents["what-a-review-is"].sections)
    general = {source.address for source in library.sources.values() if source.kind is Kind.GENERAL and source.address}
    told = {note.status for note in notes if note.address in general}
    assert "" in told
    assert all(note.standing for note in notes if note.status == "Our words")
