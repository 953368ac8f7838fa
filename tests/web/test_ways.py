"""Pathways as a reader walks them: choices, stages, a page to print, a file to take away, and a code to come back by."""

import html
import re

import pypdfium2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant.learning import codes
from assistant.web import pdf


def choose(client, number, **said):
    response = client.post(f"/way/{number}", data={"token": client.token(f"/way/{number}"), **said})
    assert response.status_code == 303
    return client.get(response.location).text


def walked(client, number):
    """The places that the Next links lead through."""
    place, seen = 1, []
    while place not in seen:
        seen.append(place)
        page = client.get(f"/way/{number}/{place}").text
        after = re.search(rf'href="/way/{number}/(\d+)"[^>]*rel="next"|rel="next"[^>]*href="/way/{number}/(\d+)"', page) or re.search(
            rf'class="govuk-button" href="/way/{number}/(\d+)"', page
        )
        if after is None:
            return seen
        place = int(after[1] or after[len(after.groups())])
    return seen


@pytest.mark.parametrize("number", range(1, 10))
def test_every_pathway_is_walked_to_its_end_B12(client, library, number):
    pathway = next(p for p in library.pathways.values() if p.number == number)
    assert walked(client, number) == list(range(1, len(pathway.steps) + 1))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_choices_leave_a_way_to_the_end_B6(client, library, data):
    pathway = data.draw(st.sampled_from([p for p in library.pathways.values() if p.choices]))
    said = {choice.id: data.draw(st.sampled_from([option.id for option in choice.options] + [""])) for choice in pathway.choices}
    page = choose(client, pathway.number, **said)
    shown = pathway.shown({key: value for key, value in said.items() if value})
    assert [int(n) for n in re.findall(rf'<li><a href="/way/{pathway.number}/(\d+)"', page)] == [pathway.place(s.id) + 1 for s in shown]
    assert walked(client, pathway.number)[-1] == pathway.place(shown[-1].id) + 1
    assert shown[0] == pathway.steps[0]
    assert shown[-1] == pathway.steps[-1]


@pytest.mark.parametrize("number", range(1, 10))
def test_a_pathway_begins_with_two_or_three_choices_and_escapes_nothing_twice(client, library, number):
    page = client.get(f"/way/{number}").text
    begun = page.partition("Say more about what happened")[0]
    assert 2 <= begun.count("<fieldset") <= 3
    assert "&lt;" not in page


def test_choices_stand_in_no_address_or_title_B6(client):
    response = client.post("/way/1", data={"token": client.token("/way/1"), "trial": "yes"})
    assert response.location.endswith("/way/1")
    assert "trial" not in re.search(r"<title>(.*?)</title>", client.get("/way/1").text)[1]


def test_choices_are_forgotten_on_leaving_B6(client):
    choose(client, 1, trial="no")
    said = re.compile(r'name="trial"[^>]*value="no"[^>]*checked')
    assert said.search(client.get("/way/1").text)
    client.get("/leave")
    client.post("/back", data={"token": client.token("/left")})
    assert not said.search(client.get("/way/1").text)


def test_a_pathway_as_pdf_has_few_pages_and_a_title(client):
    if not pdf.available():
        pytest.skip("PDF needs the extra: pip install 'assistant[pdf]'")
    made = pypdfium2.PdfDocument(client.get("/way/1/pdf").data)
    assert len(made) <= 12
    assert "review" in made[0].get_textpage().get_text_range()
    assert pypdfium2.raw.FPDFCatalog_IsTagged(made.raw)


def test_what_is_not_a_choice_is_not_kept(client):
    choose(client, 1, trial="perhaps", other="x")
    with client.session_transaction(base_url="https://localhost") as session:
        assert "said" not in session


def test_the_map_says_in_words_what_it_draws_B2(client):
    page = client.get("/way/1/now/3").text
    assert page.count('class="dot') == len(re.findall(r'<text x="44"', page))
    assert 'aria-hidden="true"' in page
    assert page.count("aria-current") >= 1


@pytest.mark.parametrize("number", range(1, 10))
def test_one_file_asks_for_nothing_else_B9(client, number):
    response = client.get(f"/way/{number}/file")
    assert len(response.data) < 400_000
    assert "attachment" in response.headers["Content-Disposition"]
    assert not re.search(r"<script|<link[^>]+stylesheet|src=|url\(", response.text)
    assert "999" in response.text


def test_a_code_brings_back_to_the_place_B7(client):
    page = client.post("/way/1/3/keep", data={"token": client.token("/way/1/3")}).text
    code = html.unescape(re.search(r'class="number"[^>]*>([^<]+)<', page)[1])
    assert codes.read(code)
    back = client.post("/code", data={"token": client.token("/code"), "code": code.lower().replace(" ", "-")})
    assert back.location.endswith("/way/1/3")
    assert "code" not in back.location
    gone = client.post("/code", data={"token": client.token("/code"), "code": code, "forget": "1"})
    assert gone.status_code == 200
    assert client.post("/code", data={"token": client.token("/code"), "code": code}).status_code == 422


@pytest.mark.parametrize("typed", ["", "0000 0000 0000 0000", "x" * 5000, "\x00", "‮1234", "<b>"])
def test_a_code_that_leads_nowhere_is_told_plainly_SS06(client, typed):
    response = client.post("/code", data={"token": client.token("/code"), "code": typed})
    assert response.status_code == 422
    assert "We cannot find a place for that code." in response.text


def test_codes_cannot_be_tried_without_end_SS06(app, client):
    token = client.token("/code")
    app.config["LIMITS"] = True
    app.extensions["limits"].__init__()
    try:
        statuses = [client.post("/code", data={"token": token, "code": str(n)}).status_code for n in range(12)]
        assert statuses[0] == 422
        assert statuses[-1] == 429
    finally:
        app.config["LIMITS"] = False


def test_a_question_asked_from_a_step_leads_back_to_it(client):
    page = client.get("/ask/1/3").text
    assert 'name="step"' in page
    answer = client.post("/ask", data={"token": client.token("/ask/1/3"), "text": "who pays for the review", "step": "1-3"}).text
    assert 'href="/way/1/3"' in answer


def test_a_word_of_the_subject_is_linked_to_what_it_means_once_and_back_again_A13(client):
    page = client.get("/way/1/3").text
    linked = re.findall(r'<a class="term" id="text-([\w-]+)" href="#word-([\w-]+)">', page)
    assert linked
    assert len(linked) == len(set(linked))
    for text, word in linked:
        assert text == word
        assert f'<div id="word-{word}">' in page
        assert page.count(f'href="#text-{word}"') == 1
    assert page.count('href="#text-') == len(linked)
    assert 'class="term"' not in client.get("/way/1/print").text + client.get("/way/1/3/short").text


def test_a_paragraph_with_linked_words_keeps_its_words(client, assembly):
    for pathway in assembly.library.pathways.values():
        for place, step in enumerate(pathway.steps, 1):
            page = " ".join(re.sub(r"<[^>]+>", "", client.get(f"/way/{pathway.number}/{place}").text).split())
            for paragraph in step.prose.sections[0].paragraphs:
                assert paragraph.text in html.unescape(page)
