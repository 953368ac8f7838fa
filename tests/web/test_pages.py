"""Every route is walked: status, headers, a title, one h1, labels, no other host, and who it is for."""

import re
from html.parser import HTMLParser

import pytest

from assistant.web.security import HEADERS
from tests.conftest import RUN_TOGETHER

READERS = {
    "site.home": "/", "site.role": "/for/1", "site.support": "/support", "site.safe": "/safe", "site.privacy": "/privacy",
    "site.reach": "/reach", "site.about": "/about", "site.accessibility": "/accessibility", "site.how_well": "/how-well",
    "site.left": "/left", "ask.before": "/before", "ask.form": "/ask", "read.documents": "/documents", "read.document": "/documents/1",
    "read.glossary": "/words", "ways.pathway": "/way/1", "ways.now": "/way/1/now/3", "ways.whole": "/way/1/print", "ways.step": "/way/1/2",
    "ways.code": "/code", "ask.before_step": "/before/1/2", "ask.from_step": "/ask/1/2", "ask.before_role": "/before/3", "ask.from_role": "/ask/3", "find.before": "/search/before", "find.form": "/search", "learn.quiz": "/module/1", "study.mine": "/mine",
    "study.courses": "/course", "study.course": "/course/1", "study.lesson": "/module/1/lesson/1", "study.trainer": "/module/1/trainer",
    "study.review": "/review", "read.settle": "/settle", "study.revise": "/revise", "study.case": "/case/1", "study.scene": "/case/1/2", "study.decided": "/case/1/2/1", "certify.check": "/certificate",
    "learn.statement": "/check/3/1", "tools.dates": "/dates", "tools.questions": "/questions/1", "tools.beside": "/beside",
    "tools.process": "/beside/1", "tools.editions": "/editions",
}  # fmt: skip
FILES = {
    "ways.take_away": "/way/1/file",
    "ways.paper": "/way/5/pdf",
    "certify.keys": "/certificate/keys",
    "certify.revoked": "/certificate/revoked",
}
MOVES = {
    "certify.form": "/course/1/certificate",
    "study.told": "/module/1/lesson/1/told",
    "study.came_back": "/revise/told",
    "site.leave": "/leave",
    "site.icon": "/favicon.ico",
    "ask.again": "/answer",
    "learn.page": "/check/3",
}
SENDS = {
    "ask.answer": "/ask",
    "find.results": "/search",
    "learn.begin": "/module/1",
    "learn.answer": "/module/1/x/1",
    "study.forget": "/mine",
    "study.keep": "/mine/keep",
    "study.come_in": "/mine/code",
    "study.checked": "/module/1/lesson/1",
    "study.revised": "/revise",
    "study.switch": "/revise/switch",
    "study.decide": "/case/1/1",
    "certify.make": "/course/1/certificate",
    "certify.asked": "/certificate",
    "site.come_back": "/back",
    "ways.choose": "/way/1",
    "ways.keep": "/way/1/2/keep",
    "ways.come_in": "/code",
    "tools.worked_out": "/dates",
    "tools.editions_on": "/editions",
    "tools.calendar": "/dates/calendar",
    "tools.listed": "/questions/1",
    "learn.checked": "/check/4",
    "learn.told": "/check/3/1",
}
OWN = {
    "read.changes": "/documents/1/changes/1",
    "certify.told": "/certificate/0000000000000000",
    "learn.item": "/module/1/abc/1",
    "learn.result": "/module/1/abc/result",
}


class Outline(HTMLParser):
    """Headings, labels, ids and links of a page."""

    def __init__(self, text):
        super().__init__()
        self.h1, self.ids, self.labelled, self.fields, self.links, self.title = 0, [], set(), [], [], ""
        self._in_title = False
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.h1 += tag == "h1"
        self._in_title = tag == "title"
        if given.get("id"):
            self.ids.append(given["id"])
        if tag == "label":
            self.labelled.add(given.get("for"))
        if tag in {"input", "textarea", "select"} and given.get("type") not in {"hidden", "submit"}:
            self.fields.append(given.get("id"))
        for name in ("href", "src", "action"):
            if given.get(name):
                self.links.append((tag, given[name]))

    def handle_data(self, data):
        if self._in_title:
            self.title += data

    def handle_endtag(self, tag):
        if tag == "title":
            self._in_title = False


def test_every_route_is_listed_with_its_readers(app):
    known = {*READERS, *MOVES, *FILES, *SENDS, *OWN, "static"}
    assert {rule.endpoint for rule in app.url_map.iter_rules()} == known


PATHS = [
    *READERS.values(),
    "/for/2",
    "/for/3",
    "/for/4",
    "/documents/1/100-900",
    "/way/1/now",
    "/way/1/2/short",
    "/way/1/sheet",
    "/check/4",
    *(f"/way/{n}" for n in range(2, 10)),
    *(f"/way/1/{n}" for n in range(1, 12)),
]


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_words_explained_stand_once_on_the_page_of_a_role(client, number):
    page = client.get(f"/for/{number}").text
    assert page.count(">Words explained<") == page.count('href="/words"') == 1


@pytest.mark.parametrize("language", ["", "/cy"])
@pytest.mark.parametrize("path", PATHS)
def test_a_page_is_whole(client, path, language):
    response = client.get(language + path)
    outline = Outline(response.text)
    assert response.status_code == 200
    assert outline.h1 == 1
    assert outline.title.strip()
    assert len(outline.ids) == len(set(outline.ids)), [i for i in outline.ids if outline.ids.count(i) > 1]
    assert set(outline.fields) <= outline.labelled
    assert f'lang="{language[1:] or "en"}"' in response.text
    assert not RUN_TOGETHER.findall(response.text)
    assert "Set-Cookie" not in response.headers
    for name, value in HEADERS.items():
        assert response.headers[name] == value
    assert response.headers["Cache-Control"] == "no-store"
    loaded = [link for tag, link in outline.links if tag in {"script", "img", "form"} or (tag == "link")]
    assert not any(link.startswith(("http:", "https:", "//")) for link in loaded), loaded
    assert not re.search(r"&lt;/?[a-z]", response.text), "markup is shown as text"


@pytest.mark.parametrize("path", [*PATHS, "/nope"])
def test_titles_and_addresses_give_nothing_away(client, path):
    telling = r"homicide|murder|domestic|abuse|death|died|suicide|victim|perpetrator|police"
    assert not re.search(telling, Outline(client.get(path).text).title, re.IGNORECASE)
    assert not re.search(telling, path)


def test_every_link_leads_somewhere(client):
    seen, todo = set(), ["/", "/cy/"]
    while todo:
        path = todo.pop()
        if path in seen:
            continue
        seen.add(path)
        response = client.get(path, follow_redirects="/check/" in path)
        assert response.status_code == 200, path
        if response.mimetype != "text/html":
            continue
        for tag, link in Outline(response.text).links:
            link = link.partition("#")[0]
            if (
                tag == "a"
                and link.startswith("/")
                and link not in {"/leave", "/cy/leave", "/answer"}
                and not link.startswith("/documents/")
            ):
                todo.append(link)
    assert len(seen) > 60


@pytest.mark.parametrize(("endpoint", "path"), MOVES.items())
def test_a_move_is_a_move(client, endpoint, path):
    assert client.get(path).status_code == 302


@pytest.mark.parametrize(
    "path",
    [
        *OWN.values(),
        "/documents/999",
        "/documents/1/x-y",
        "/way/99",
        "/questions/99",
        "/beside/99",
        "/check/1",
        "/check/3/99",
        "/way/1/99",
        "/for/9",
        "/course/99",
        "/module/99",
        "/case/99",
        "/case/1/99",
        "/case/1/1/9",
        "/module/1/lesson/99",
        "/module/2/trainer",
        "/way/1/now/99",
        "/nope",
        "/static/../app.py",
    ],
)
def test_what_is_not_there_is_a_plain_page(client, path):
    response = client.get(path)
    assert response.status_code == 404
    assert "Traceback" not in response.text


@pytest.mark.parametrize("path", SENDS.values())
def test_a_form_from_another_site_is_refused_SS05(client, path):
    assert client.post(path, headers={"Origin": "https://elsewhere.example"}).status_code == 403
    assert client.post(path, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403


def test_a_fault_is_a_plain_page_with_a_number_SS16(client, app, monkeypatch):
    monkeypatch.setattr("assistant.web.site.render_template", lambda *_a, **_k: 1 / 0)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    response = client.get("/safe")
    assert response.status_code == 500
    assert re.search(r"say [0-9A-F]{6}", response.text)
    assert "ZeroDivision" not in response.text


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/ask", {"text": ""}), ("/search", {"text": ""}), ("/code", {"code": "x"}), ("/certificate", {"code": "x"}),
        ("/dates", {"day": "40"}), ("/questions/1", {}), ("/case/1/1", {}),
    ],
)  # fmt: skip
@pytest.mark.parametrize(("prefix", "word", "other"), [("", "Error", "Gwall"), ("/cy", "Gwall", "Error")])
def test_a_fault_in_a_form_is_announced_in_the_language_of_the_page_SE02(client, path, fields, prefix, word, other):
    path = prefix + path
    page = client.post(path, data={"token": client.token(path), **fields}).text
    assert f"<title>{word}: " in page
    assert 'class="govuk-error-summary' in page
    assert f">{other}:</span>" not in page
    assert f">{word}:</span>" in page or "govuk-error-message" not in page


def test_what_is_left_in_english_says_so_SE02(client):
    page = client.get("/cy/for/1").text
    assert re.search(r'<a href="/cy/way/1"><bdi lang="en">[^<]+</bdi></a> <span><bdi lang="en">', page)
    assert "<bdi" not in client.get("/for/1").text
    answer = client.post("/cy/ask", data={"token": client.token("/cy/ask"), "text": "do i have to take part"}).text
    assert re.search(r'<h1[^>]*><bdi lang="en">You do not have to take part</bdi></h1>', answer)
    assert re.search(r'<a href="/cy/documents/\d+[^"]*"><bdi lang="en">', answer)
    assert "You can enter" not in client.get("/cy/ask").text


def test_static_files_are_packed_and_named(client):
    response = client.get("/static/app.css", headers={"Accept-Encoding": "gzip"})
    assert response.headers["Content-Encoding"] == "gzip"
    assert "max-age" in response.headers["Cache-Control"]


def test_leaving_ends_the_session_and_back_shows_nothing_SX02_SX03(client):
    client.post("/module/1", data={"token": client.token("/module/1")})
    response = client.get("/leave")
    assert response.location.startswith("https://")
    cookies = response.headers.getlist("Set-Cookie")
    assert any("__Host-left=1" in cookie and "HttpOnly" in cookie and "Secure" in cookie for cookie in cookies)
    assert "Clear-Site-Data" in response.headers
    blank = client.get("/way/1/2").text
    assert "review" not in blank.lower()
    assert "<title>Guide</title>" in blank
    assert client.get("/support").status_code == 200
    client.post("/back", data={"token": "x"})
    assert "review" in client.get("/").text


def test_the_limit_counts_and_spares_help_SS10(app, client):
    app.config["LIMITS"] = True
    app.extensions["limits"].__init__()
    try:
        statuses = [client.post("/ask", data={"text": "he is going to kill me"}) for _ in range(17)]
        assert statuses[-1].status_code == 429
        assert 'data-help="immediate_danger"' in statuses[-1].text
        assert client.get("/support").status_code == 200
    finally:
        app.config["LIMITS"] = False


def test_right_to_left_pages_use_the_mirrored_file(right_to_left):
    client = right_to_left.test_client()
    page = client.get("/ur/", base_url="https://localhost").text
    assert 'dir="rtl"' in page
    assert "govuk-frontend.rtl.css" in page
    assert client.get("/ur/way/1/1", base_url="https://localhost").status_code == 200
