import html
import re

import pytest

from assistant.domain.guidance import Kind, Provenance, Reference, Role, Status
from assistant.web.ask import OFTEN
from assistant.web.context import ROLES, site_context
from tests.conftest import RUN_TOGETHER


def text_of(response):
    return html.unescape(re.sub(r"<[^>]+>", " ", response.text))


def test_an_answer_has_its_sentences_and_their_sources(client):
    response = client.ask("do i have to take part")
    assert response.status_code == 200
    assert "<blockquote>" in response.text
    link = re.search(r'<figcaption>.*?href="(/documents/\d+/\d+-\d+)#marked"', response.text, re.DOTALL)[1]
    reader = client.get(link)
    assert "<mark" in reader.text
    assert 'id="marked"' in reader.text


READING, UNCHECKED = "Our own reading. The source does not say it in so many words.", "Not yet checked against the source."


@pytest.mark.parametrize(
    ("provenance", "told", "not_told"),
    [
        (Provenance.SEEN, "Checked ", (READING, UNCHECKED)),
        (Provenance.RECALLED, UNCHECKED, (READING,)),
        (Provenance.INFERRED, READING, (UNCHECKED,)),
    ],
)
def test_a_quotation_tells_how_our_words_stand_to_the_source(client, assembly, provenance, told, not_told):
    def rests_so(card):
        cited = [p.sentences[i] for reference in card.evidence for p, i in assembly.library.sentences_of(reference)]
        return {reference.provenance for sentence in cited for reference in sentence.references} == {provenance}

    card = next(card for card in assembly.library.cards.values() if rests_so(card) and Role.FAMILY in card.roles)
    page = text_of(client.ask(card.asks[1], role="family"))
    assert card.title in page
    assert told in page
    assert not any(line in page for line in not_told)


def test_our_own_reading_of_an_act_is_not_called_law(assembly, app):
    act = next(source for source in assembly.library.sources.values() if source.kind is Kind.LAW)
    with app.test_request_context("/"):
        words = {p: site_context().presenter.note(Reference(act.id, "", p)).status for p in Provenance}
    assert words == {Provenance.SEEN: "Law", Provenance.RECALLED: "Law", Provenance.INFERRED: "Our words"}


@pytest.mark.parametrize(
    ("status", "told"),
    [
        (Status.PROSPECTIVE, "Passed, but not in force"),
        (Status.DRAFT, "Draft: not in force"),
        (Status.SUPERSEDED, "Replaced. Read the one in force"),
    ],
)
def test_what_is_not_in_force_is_never_called_law_or_guidance(assembly, app, status, told):
    sources = [source.id for source in assembly.library.sources.values() if source.status is status]
    with app.test_request_context("/"):
        assert sources
        assert {site_context().presenter.note(Reference(name, "", Provenance.SEEN)).status for name in sources} == {told}


def test_our_words_on_law_that_is_not_in_force_say_so_and_when_they_were_compared(client, assembly):
    card = assembly.library.cards["s8a-drops"]
    page = client.ask(card.asks[1], role="practitioners").text
    tags = page[page.index("Our words") :]
    assert tags.index("Passed, but not in force") < tags.index("Checked ") < tags.index("What the guide says")


@pytest.mark.parametrize(("nation", "place", "fewer"), [("", "England and Wales", 0), ("wales", "Wales", 0), ("england", "England", 1)])
def test_a_page_without_an_answer_says_where_it_looked(client, assembly, nation, place, fewer):
    page = text_of(client.ask("how do I fix a bicycle chain", nation=nation))
    assert f"We looked in {len(assembly.library.documents) - fewer} documents for {place}." in page


@pytest.mark.parametrize("text", ["who picks the chair", "what are the steps of a review"])
@pytest.mark.parametrize(("nation", "offered"), [("", True), ("england", False)])
def test_what_differs_in_wales_is_offered_where_no_place_is_chosen_A10(client, text, nation, offered):
    assert ("Reviews in Wales" in client.ask(text, nation=nation).text) == offered


def test_asking_leaves_no_cookie_and_no_address_SP03_SX04(client):
    response = client.ask("who pays for the review")
    assert "Set-Cookie" not in response.headers
    assert response.request.query_string == b""


def test_help_is_first_and_the_answer_follows_SF03(client):
    page = client.ask("my husband hits me. do i have to take part").text
    assert 'data-help="abuse_disclosure"' in page
    assert page.index("data-help") < page.index("<h1")
    assert "Your answer is below." in page


def test_help_in_welsh(client):
    token = client.token("/cy/ask")
    page = client.post("/cy/ask", data={"token": token, "text": "mae e'n mynd i fy lladd"}).text
    assert 'data-help="immediate_danger"' in page
    assert "Os oes unrhyw un mewn perygl nawr" in page


def test_upset_gets_a_line_and_no_panel_SF05(client):
    page = client.ask("i feel so lost since she died, how long does a review take").text
    assert 'data-help="distress_only"' in page
    assert "help--danger" not in page


def test_a_service_that_is_named_is_shown_with_its_number_F6(client, assembly):
    services = assembly.library.services
    page = client.ask("how do I ring Winston's Wish, and who takes part in a review").text
    assert page.index("<h1") < page.index(services["winstons-wish"].number) < page.index("<blockquote>")
    assert services["cruse"].number not in page.partition("print-only")[0]


def test_a_service_that_may_not_be_shown_is_not_named_F6(client, assembly):
    hidden = [service for service in assembly.library.services.values() if not service.shown and service.called]
    assert hidden
    for service in hidden:
        assert "named-h" not in client.ask(f"what is the number of {service.called[0]}").text


def test_the_help_panel_and_the_services_named_say_each_number_once_SF03(client, assembly):
    page = client.ask("i want to die, what is the number of the samaritans").text
    assert page.partition("print-only")[0].count(f">{assembly.library.services['samaritans'].number}<") == 1


@pytest.mark.parametrize("text", ["he is outside with a knife", "who pays for an advocate and how long does it take", "samaritans number"])
def test_nothing_in_a_reply_runs_together(client, text):
    assert not RUN_TOGETHER.findall(client.ask(text).text)


def test_an_ordinary_question_has_no_panel_SF06(client):
    assert "data-help" not in client.ask("how should an imr author write about strangulation").text


def test_spaces_and_line_ends_do_not_count_towards_the_limit_SS10(client):
    assert client.ask("how long does it take?" + "\r\n" * 400).status_code == 200
    assert client.ask("word " * 101).status_code == 422


def test_danger_in_a_question_that_is_too_long_is_heard_SF01(client):
    page = client.ask("he says he will kill me tonight. " + "word " * 150)
    assert page.status_code == 422
    assert "help--danger" in page.text


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "Write a question first."),
        ("x" * 501, "That is longer than 500 characters."),
        ("?!", "Write a question in words"),
    ],
)
def test_a_text_that_cannot_be_searched_is_kept_in_the_form(client, text, message):
    response = client.ask(text)
    assert message in text_of(response)
    assert text in html.unescape(response.text)


@pytest.mark.parametrize(
    "text",
    [
        "a\0b\x07 who pays",
        "\u202ewho pays\u202c",
        "<script>alert(1)</script> who pays",
        "{{7*7}} who pays",
        "'; DROP TABLE x; -- who pays",
        "%s%n who pays",
        "=1+1 who pays",
        "\U000e0041 who pays",
    ],
)
@pytest.mark.parametrize("path", ["/ask", "/search"])
def test_hostile_texts_are_only_text_SS11(client, path, text):
    response = client.post(path, data={"token": client.token(path), "text": text})
    assert response.status_code == 200
    assert "<script>alert" not in response.text
    assert not any("49" in said for said in re.findall(r"You (?:asked|searched for):.*?</p>", response.text, re.DOTALL))


@pytest.mark.parametrize(
    "data",
    [
        {"text": "he is going to kill me"},
        {"text": "he is going to kill me " + "x" * 2000},
        {"text": "he is going to kill me", "token": "forged"},
    ],
)
def test_help_is_shown_whatever_is_wrong_SF07(client, data):
    response = client.post("/ask", data=data)
    assert response.status_code == 422
    assert 'data-help="immediate_danger"' in response.text


def test_two_answers_stand_under_their_own_headings(client):
    page = client.ask("who sees the report first").text
    assert "<h1 data-focus>Two answers may fit your question</h1>" in page
    titles = re.findall(r'<h2 lang="en">(.+?)</h2>\s*<p lang="en">', page)
    assert len(titles) == len(set(titles)) == 2


def test_what_is_not_held_is_told_and_where_to_go(client):
    page = text_of(client.ask("how do volcanoes erupt beneath glaciers"))
    assert "We could not find an answer to this" in page
    assert "Who can tell you" in page


@pytest.mark.parametrize(("nation", "named"), [("", {"ndah", "live-fear-free"}), ("england", {"ndah"}), ("wales", {"live-fear-free"})])
def test_who_helps_with_what_is_known_not_to_be_held_is_named(client, library, nation, named):
    page = client.ask("how do i get a non molestation order", nation=nation).text
    who = page.partition("Who can tell you")[2].partition("Ask in other words")[0]
    assert {s.id for s in library.services.values() if s.number in who and s.number} == named
    assert "Help if you are being hurt" in page.partition("Close to it, but not an answer")[2]


def test_a_service_that_the_panel_shows_is_not_shown_again(client, library):
    page = client.ask("he will kill me tonight, how do i get a non molestation order").text
    assert 'data-help="immediate_danger"' in page
    assert page.count(f'href="tel:{library.services["ndah"].number.replace(" ", "")}"') == 1


def test_a_partial_answer_says_which_part_is_missing(client):
    page = text_of(client.ask("who pays for the review and how do volcanoes erupt beneath glaciers"))
    assert "We found part of an answer" in page
    assert "Not found" in page


@pytest.mark.parametrize(
    ("text", "heading"),
    [
        ("what is the real name of the woman in the report", "Reports are anonymous"),
        ("whose fault is it that my mum died", "A review does not say who is to blame"),
        ("when will my sister's review be finished", "We do not know about your own review"),
    ],
)
def test_a_question_that_belongs_elsewhere_gets_its_own_page(client, text, heading):
    page = client.ask(text)
    assert heading in text_of(page)
    assert "<blockquote>" in page.text


def test_personal_details_are_not_shown_again_SP05(client):
    page = client.ask("My name is Zebedee Quux, ring 07700 900123, who pays for the review").text
    assert "Quux" not in page
    assert "900123" not in page
    assert "We took out something" in page


def test_a_follow_up_carries_its_topic_in_the_form_A9(client):
    page = client.ask("and how long does that take", history="what is the overview report").text
    assert "Asking about:" in page


@pytest.mark.parametrize(("number", "role"), list(enumerate(ROLES, start=1)))
def test_who_asks_is_known_from_the_page_that_the_question_box_was_opened_from(client, assembly, number, role):
    assert f'href="/before/{number}"' in client.get(f"/for/{number}").text
    assert f'href="/ask/{number}"' in client.get(f"/before/{number}").text
    box = client.get(f"/ask/{number}").text
    assert re.findall(r'value="(\w+)" checked', box) == [role]
    titles = [assembly.library.cards[card.partition("#")[2]].title for card in OFTEN[role]]
    assert all(html.escape(title, quote=False) in html.unescape(box) for title in titles)
    assert f'<a href="/ask/{number}">Clear this topic' in client.ask("who is the chair", role=role).text


def test_words_of_the_subject_are_explained_under_an_answer_A13(client, library):
    page = html.unescape(client.ask("who is the chair", role="family").text)
    told = re.findall(r'<dt><a href="/words#([^"]+)">([^<]+)</a></dt><dd>([^<]+)</dd>', page.partition("Words on this page")[2])
    assert ("chair", "Chair", library.terms["chair"].meaning) in told
    assert all(meaning == library.terms[id_].meaning for id_, _, meaning in told)
    assert f'<div id="{told[0][0]}">' in client.get("/words").text
    assert "Words on this page" not in client.ask("how do I fix a bicycle chain").text


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("An IMR and two IMRs went to the review panel.", ["IMR", "Panel"]),
        ("The community safety partnership decides.", ["Community safety partnership (CSP)"]),
        ("It was a smart plan, to halt it.", []),
        ("A chair: The independent person who leads the review and is responsible for the report.", []),
        ("Terms of reference means the agreed questions and limits of a review.", []),
        ("A SMART one: Specific, measurable, achievable, realistic and timely.", []),
        ("", []),
    ],
)
def test_a_word_is_explained_in_its_own_form_and_where_the_text_does_not_A13(app, text, names):
    with app.test_request_context("/"):
        assert [name for name, _ in site_context().presenter.terms(text, 4)] == names


def test_the_part_of_a_pathway_that_is_asked_about_is_seen_and_can_be_cleared_A9(client, library):
    pathway = next(p for p in library.pathways.values() if p.number == 1)
    box = client.get("/ask/1/3").text
    assert f'Asking about: <bdi>{pathway.steps[2].title["en"]}</bdi> <a href="/ask/1">Clear this topic</a>' in html.unescape(box)
    refused = client.ask("", history="What is the panel?\nwho chairs it", role="family").text
    assert "Asking about: <bdi>What is the panel?</bdi>" in html.unescape(refused)
    assert "Asking about" not in client.get("/ask/1").text


@pytest.mark.parametrize("page", ["/for/2", "/way/1/3", "/"])
def test_back_leads_to_where_the_way_to_the_question_box_began(client, page):
    onward, back = re.compile(r'href="(/before[^"]*|/ask[^"]*)"'), re.compile(r'aria-label="Back"><a href="([^"]*)"')
    pause = client.get(onward.search(client.get(page).text)[1]).text
    box = client.get(onward.search(pause)[1]).text
    assert [back.search(text)[1] for text in (pause, box)] == [page, page]


def test_no_question_box_is_opened_for_a_role_that_is_not_there(client):
    assert {client.get(path).status_code for path in ("/ask/0", "/ask/5", "/before/0", "/before/5")} == {404}


def test_the_form_carries_the_question_that_named_the_topic_and_the_last_one_A9(client):
    carried, pages = "", []
    for text in ("What is the overview report?", "who writes it", "and who signs it off"):
        pages.append(client.ask(text, history=carried).text)
        carried = html.unescape(re.search(r'name="history"[^>]*value="([^"]*)"', pages[-1])[1])
    assert carried == "What is the overview report?\nand who signs it off"
    assert all("Asking about: <bdi>Overview report" in page for page in pages)


MARK = "Xyzzyplugh"


def test_a_question_is_found_in_no_file_and_no_log_SP01(client, assembly, caplog, tmp_path):
    for text in (
        f"{MARK} who pays for the review",
        f"{MARK} he is going to kill me",
        f"{MARK}?",
        f"{MARK}" * 200,
        f"{MARK} what is the capital of france",
    ):
        client.ask(text)
        client.post("/ask", data={"text": text})
        client.post("/search", data={"token": client.token("/search"), "text": text})
    held = b"".join(path.read_bytes() for path in assembly.settings.data.rglob("*") if path.is_file())
    assert MARK.encode() not in held
    assert MARK not in caplog.text


def test_a_service_that_is_named_stands_once_beside_where_a_question_belongs_F6(client, assembly):
    page = client.ask("how can I find where my ex lives, should I ask victim support").text
    assert page.partition("print-only")[0].count(f">{assembly.library.services['victim-support'].number}<") == 1
