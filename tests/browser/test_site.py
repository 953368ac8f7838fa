import json
import re
import threading
from pathlib import Path

import axe_playwright_python
import pytest
from playwright.sync_api import expect
from werkzeug.serving import make_server

from tests.conftest import HOME, free_port

pytestmark = pytest.mark.browser

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
PAGES = [
    "/", "/for/1", "/for/2", "/for/3", "/for/4", "/before", "/ask", "/support", "/safe", "/privacy", "/reach", "/about", "/accessibility", "/how-well",
    "/documents", "/documents/3", "/words", "/way/1", "/way/1/4", "/way/1/now", "/way/1/now/4", "/way/1/print", "/course", "/course/2", "/module/1", "/module/1/lesson/1", "/module/1/lesson/6", "/module/7/trainer", "/revise", "/review", "/settle", "/case/1", "/case/1/2", "/certificate", "/cy/course", "/cy/module/1/lesson/2", "/mine", "/cy/", "/cy/ask", "/nope",
    "/way/5", "/way/7/2", "/way/1/sheet", "/way/1/3/short", "/code", "/dates", "/editions", "/questions/1", "/beside", "/beside/1", "/check/3/1", "/check/4",
    "/ask/1/3", "/before/1/3", "/ask/3", "/before/3", "/search", "/search/before", "/cy/way/2", "/cy/dates", "/cy/code",
]  # fmt: skip


def axe(page):
    """Violations of WCAG 2.2 A and AA and of best practice, as axe sees them."""
    page.evaluate(AXE)
    found = page.evaluate("async () => (await axe.run(document, {resultTypes: ['violations']})).violations")
    return [f"{v['id']}: {v['nodes'][0]['html'][:120]}" for v in found]


def no_sideways_scroll(page):
    return page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def ask(page, text):
    page.goto("/ask")
    page.fill("#text", text)
    with page.expect_navigation():
        page.click("text=Find an answer")


@pytest.mark.parametrize("path", PAGES)
def test_a_page_has_no_axe_finding_and_no_sideways_scroll(page, path):
    page.goto(path)
    assert axe(page) == []
    assert no_sideways_scroll(page)


def test_the_accessibility_page_tells_of_a_look_at_as_many_pages():
    found = json.loads((HOME / "docs" / "accessibility.json").read_text(encoding="utf-8"))
    assert found["pages"] == len([path for path in PAGES if not path.startswith("/cy")]) + 4, "Run ./dev access."


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    "text", ["do i have to take part", "he is going to kill me", "what is the capital of france", "who is to blame for my sister's death"]
)
def test_an_answer_has_no_axe_finding(page, scheme, text):
    page.emulate_media(color_scheme=scheme)
    ask(page, text)
    assert axe(page) == []
    assert no_sideways_scroll(page)
    assert text not in page.url
    assert text not in page.title()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("text", ["", "word " * 101])
def test_a_refused_question_has_no_axe_finding(page, scheme, text):
    page.emulate_media(color_scheme=scheme)
    ask(page, text)
    assert page.locator(".govuk-error-summary").evaluate("box => box === document.activeElement")
    assert axe(page) == []
    assert page.input_value("#text") == text


ALONE = """() => {
  const seen = e => getComputedStyle(e).display !== 'none' && e.getClientRects().length > 0;
  const said = [...document.querySelectorAll('main *')].filter(
    e => seen(e) && [...e.childNodes].some(n => n.nodeType === Node.TEXT_NODE && n.data.trim()));
  return [...document.querySelectorAll('main h2, main h3')].filter(seen).filter(h => {
    const next = said.find(e => !h.contains(e) && h.compareDocumentPosition(e) & Node.DOCUMENT_POSITION_FOLLOWING);
    const heading = next && next.closest('h1, h2, h3');
    return !next || heading && heading.tagName <= h.tagName;
  }).map(h => h.textContent.trim());
}"""
"""The headings with nothing under them that is seen."""


@pytest.mark.parametrize("path", PAGES)
def test_no_heading_prints_alone(page, path):
    page.emulate_media(media="print")
    page.goto(path)
    assert page.evaluate(ALONE) == []


@pytest.mark.parametrize("text", ["do i have to take part", "what is the capital of france", "who is to blame for my sister's death"])
def test_an_answer_prints_with_helplines_and_the_day_and_no_heading_alone_B8(page, text):
    ask(page, text)
    page.emulate_media(media="print")
    assert page.evaluate(ALONE) == []
    expect(page.get_by_role("heading", name="People you can talk to")).to_be_visible()
    expect(page.get_by_text("Guidance may have changed since.")).to_be_visible()


def test_a_help_panel_prints_from_the_first_sheet_and_its_heading_is_black_B8(page):
    ask(page, "my husband hits me and I am scared")
    page.emulate_media(media="print")
    panel = page.locator("[data-help]")
    assert panel.evaluate("panel => getComputedStyle(panel).breakInside") == "auto"
    assert panel.locator("h2").first.evaluate("h => getComputedStyle(h).color") == "rgb(0, 0, 0)"


@pytest.mark.parametrize("kind", ["page", "plain_page"])
def test_ask_and_follow_the_citation(request, kind):
    page = request.getfixturevalue(kind)
    page.goto("/")
    page.get_by_role("button", name="Ask a question").or_(page.get_by_role("link", name="Ask a question")).first.click()
    page.click("text=Go on")
    page.fill("#text", "will the report use our names")
    page.click("text=Find an answer")
    expect(page.locator("blockquote").first).to_be_visible()
    page.locator("figcaption a").first.click()
    expect(page.locator("mark").first).to_be_attached()
    assert "real names" in page.locator("mark").first.inner_text().lower() or page.locator("mark").first.is_visible()


@pytest.mark.parametrize("kind", ["page", "plain_page"])
def test_search_the_documents_and_read_on_SA05(request, kind):
    page = request.getfixturevalue(kind)
    page.goto("/documents")
    page.click("text=Search the documents")
    page.click("text=Go on")
    page.fill("#text", "coroner")
    page.locator("main button").click()
    expect(page.locator("h1")).to_have_text("Where this comes up")
    assert "coroner" not in page.url
    if kind == "page":
        assert axe(page) == []
    page.locator("main .doors a").first.click()
    expect(page.locator("mark").first).to_be_attached()


@pytest.mark.parametrize("kind", ["page", "plain_page"])
def test_walk_the_family_pathway(request, kind):
    page = request.getfixturevalue(kind)
    page.goto("/for/1")
    page.click("text=What happens, and your choices")
    steps = 0
    while page.locator("a.govuk-button", has_text="Next").count():
        page.locator("a.govuk-button", has_text="Next").click()
        steps += 1
        page.wait_for_url(f"**/way/1/{steps}")
        expect(page.get_by_text("Stop here", exact=True)).to_have_count(1)
        assert page.get_by_text("Short version", exact=True).count() >= 1
    assert steps == 11
    before = page.locator("h1").inner_text()
    page.reload()
    assert page.locator("h1").inner_text() == before
    page.go_back()
    page.wait_for_url("**/way/1/10")
    assert "Part 10" in page.title()


def test_walk_a_part_by_keyboard(page):
    page.goto("/way/1/1")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent").strip().endswith("Exit this page")
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent.trim().startsWith('Next')"):
            break
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/way/1/2$"))


def test_the_whole_family_pathway_by_keyboard_alone(page, library):
    def follow(beginning):
        for _ in range(80):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.textContent.trim()").startswith(beginning):
                page.keyboard.press("Enter")
                return
        pytest.fail(f"the keyboard does not come to {beginning}")

    page.goto("/way/1")
    steps = library.pathways["family"].steps
    follow("Next: ")
    for place, step in enumerate(steps, start=1):
        page.wait_for_url(re.compile(rf"/way/1/{place}$"))
        expect(page.locator("h1")).to_have_text(step.title["en"])
        if place < len(steps):
            follow("Next: ")
    follow("Stop here and keep my place")
    expect(page.locator("h1")).to_have_text("Your place is kept")


def test_the_date_helper_by_keyboard(page):
    page.goto("/dates")
    page.locator("#day").focus()
    for number in ("24", "3", "2026"):
        page.keyboard.type(number)
        page.keyboard.press("Tab")
    page.locator("#year").focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("24 September 2026")
    expect(page.locator("main")).to_contain_text("Guidance")


@pytest.mark.parametrize("path", ["/ur/way/small", "/ur/dates", "/ur/"])
def test_right_to_left_has_no_axe_finding_and_no_sideways_scroll(chromium, right_to_left, small, path):
    port = free_port()
    serving = make_server("127.0.0.1", port, right_to_left, threaded=True)
    threading.Thread(target=serving.serve_forever, daemon=True).start()
    context = chromium.new_context(viewport={"width": 320, "height": 700}, base_url=f"http://127.0.0.1:{port}")
    page = context.new_page()
    page.goto(path.replace("small", str(next(iter(small.pathways.values())).number)))
    assert page.evaluate("document.documentElement.dir") == "rtl"
    assert axe(page) == []
    assert no_sideways_scroll(page)
    context.close()
    serving.shutdown()
    serving.server_close()


@pytest.mark.parametrize("kind", ["page", "plain_page"])
def test_take_the_quiz(request, kind):
    page = request.getfixturevalue(kind)
    page.goto("/module/1")
    page.click("text=Start the questions")
    for place in range(1, 11):
        page.wait_for_url(re.compile(rf"/{place}$"))
        if page.locator("select").count():
            for turn in range(page.locator("select").count()):
                page.locator("select").nth(turn).select_option(index=turn + 1)
        else:
            page.locator("input[name=chosen]").first.check()
        page.click("text=Check my answer")
        expect(page.locator("h1")).to_have_text(re.compile("This matches the guidance|The guidance says something different"))
        page.locator("main a.govuk-button").click()
    expect(page.locator("h1")).to_contain_text("of 10 as the guidance does")


@pytest.mark.parametrize("kind", ["page", "plain_page"])
def test_exit_leaves_and_back_shows_nothing_SX01_SX03(request, kind):
    page = request.getfixturevalue(kind)
    page.goto("/way/1/2")
    with page.expect_request(re.compile("^https://"), timeout=10_000):
        page.click("text=Exit this page")
    page.wait_for_timeout(500)
    page.goto("/way/1/2")
    assert "review" not in page.content().lower()
    page.goto("/way/1/3")
    assert "review" not in page.content().lower()


def test_shift_three_times_leaves_SX01(page):
    page.goto("/way/1/2")
    with page.expect_request(re.compile("^https://"), timeout=10_000):
        for _ in range(3):
            page.keyboard.press("Shift")


def test_nothing_is_asked_of_another_host_SP02(page, server):
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    for path in ("/", "/ask", "/way/1/4", "/support"):
        page.goto(path)
    assert asked
    assert all(url.startswith(server) for url in asked)


def test_exit_is_in_reach_and_hides_no_focus(page):
    page.goto("/support")
    box = page.locator(".exit .govuk-exit-this-page__button").bounding_box()
    assert box["height"] >= 44
    assert box["y"] + box["height"] <= 700
    for link in page.locator("main a.number").all()[:5]:
        assert link.bounding_box()["height"] >= 44


def test_the_whole_pathway_prints_on_few_pages(chromium, server, tmp_path):
    context = chromium.new_context(base_url=server)
    page = context.new_page()
    page.goto("/way/1/print")
    pdf = page.pdf(format="A4")
    context.close()
    assert 1 <= len(re.findall(rb"/Type\s*/Page[^s]", pdf)) <= 12


def sent(page, path):
    """Each form page with something sent, as a reader would."""
    page.goto(path)
    if path == "/dates":
        for field, value in (("day", "24"), ("month", "3"), ("year", "2026")):
            page.fill(f"#{field}", value)
    elif path == "/questions/1":
        page.locator("input[type=checkbox]").first.check()
    elif path == "/check/4":
        for radio in page.locator("input[type=radio][value='0']").all():
            radio.check()
    elif path == "/way/1":
        page.locator("details summary").first.click()
        page.locator("input[type=radio]").first.check()
    with page.expect_navigation():
        page.locator("main form button").first.click()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/dates", "/questions/1", "/check/4", "/check/3/1", "/way/1", "/way/1/3", "/code"])
def test_what_comes_of_a_form_has_no_axe_finding(page, path, scheme):
    page.emulate_media(color_scheme=scheme)
    sent(page, path)
    assert axe(page) == []
    assert no_sideways_scroll(page)


def test_text_spacing_and_forced_colours(chromium, server):
    context = chromium.new_context(viewport={"width": 320, "height": 700}, base_url=server, forced_colors="active")
    page = context.new_page()
    page.goto("/way/1/4")
    page.evaluate("document.body.style.cssText = 'line-height:1.5;letter-spacing:.12em;word-spacing:.16em'")
    assert no_sideways_scroll(page)
    context.close()
