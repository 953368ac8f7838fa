"""Search in the documents, on a page."""

import html
import re

import pytest

from assistant.web.find import MOST


def searched(client, text, path="/search"):
    return client.post(path, data={"token": client.token(path), "text": text})


def test_a_passage_is_found_by_its_words_and_marked_in_its_document_SA05(client):
    page = searched(client, "coroner")
    assert page.status_code == 200
    link = re.search(r'<ul class="doors">\s*<li><a href="(/documents/\d+/\d+-\d+)#marked"', page.text)[1]
    marked = client.get(link).text
    assert "coroner" in re.search(r"<mark.*?</mark>", marked, re.DOTALL)[0].lower()
    assert 1 <= len(re.findall("#marked", page.text)) <= MOST


def test_a_section_stands_once_among_what_is_found(client):
    titles = re.findall(r'#marked">([^<]*)</a> <span>([^:<]*):', searched(client, "review report panel chair").text)
    assert len(titles) == len(set(titles)) > 1


@pytest.mark.parametrize(("path", "told"), [("/search", "Nothing found for that"), ("/cy/search", "Ni chafwyd hyd i ddim am hynny")])
def test_where_nothing_is_found_that_is_said_with_places_to_look_SA05(client, path, told):
    page = searched(client, "zzqx", path).text
    assert told in html.unescape(page)
    assert "#marked" not in page
    assert all(f'href="{path[:-7]}{place}"' in page for place in ("/ask", "/documents", "/words", "/reach"))


def test_danger_is_heard_in_what_is_searched_for_too_SF01(client):
    page = searched(client, "he is going to kill me tonight").text
    assert page.index('data-help="immediate_danger"') < page.index("<h1")


def test_personal_details_are_taken_out_before_the_search_SP05(client):
    page = searched(client, "coroner, ring 07700 900123").text
    assert "900123" not in page
    assert "#marked" in page


@pytest.mark.parametrize(("text", "told"), [("", "Write a word or two first."), ("x" * 501, "That is longer than 500 characters.")])
def test_what_cannot_be_searched_for_stays_in_the_box_SA10(client, text, told):
    page = searched(client, text)
    assert page.status_code == 422
    assert told in page.text
    assert f'value="{text}"' in page.text or not text


def test_search_works_while_answers_rest_SR03(client, assembly):
    off = assembly.settings.answers_off
    off.touch()
    try:
        box = client.ask("who pays")
        assert box.status_code == 503
        assert 'href="/search"' in box.text
        assert "#marked" in searched(client, "coroner").text
    finally:
        off.unlink()


def test_too_many_searches_are_told_so_and_heard_SS10_SF07(app, client):
    app.config["LIMITS"] = True
    try:
        token = client.token("/search")
        pages = [client.post("/search", data={"token": token, "text": "he is going to kill me tonight"}) for _ in range(17)]
    finally:
        app.config["LIMITS"] = False
    assert pages[-1].status_code == 429
    assert "That was a lot of questions quickly." in pages[-1].text
    assert 'data-help="immediate_danger"' in pages[-1].text
    assert "he is going to kill me tonight" in pages[-1].text


def test_search_is_offered_where_nothing_answers_and_beside_the_documents_SA05(client):
    assert 'href="/search/before"' in client.get("/documents").text
    assert 'href="/search"' in client.get("/search/before").text
    declined = client.ask("how do I fix a bicycle chain").text
    assert "We could not find an answer to this" in declined
    assert 'href="/search"' in declined
