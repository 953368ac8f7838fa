"""A trainee's whole way: read, answer, leave, come back by code, pass, print the certificate, and verify it."""

import re
import subprocess
import sys

import pypdfium2
import pytest
from playwright.sync_api import expect

from assistant.domain.learning import ItemKind
from tests.browser.test_site import axe, no_sideways_scroll
from tests.conftest import HOME

pytestmark = pytest.mark.browser
MODULE, COURSE = "/module/12", "/course/8"
"""A short course of one module."""


def item_of(page, library):
    """The item that stands on the page."""
    asked = page.locator("legend, h1#chosen, h2#chosen").first.inner_text()
    return next(item for item in library.quizzes["module-wales"].items if item.stem["en"] == asked)


def wanted(item, *, right):
    places = list(range(len(item.options)))
    if item.kind.placed:
        return places if right else places[::-1]
    chosen = [i for i in places if item.options[i].right is right]
    return chosen if item.kind is ItemKind.MULTIPLE_CHOICE else chosen[:1]


def respond(page, item, *, right):
    values = wanted(item, right=right)
    if item.kind.placed:
        for place, value in enumerate(values):
            page.locator("select").nth(place).select_option(str(value))
    else:
        for value in values:
            page.locator(f'input[name=chosen][value="{value}"]').check()
    page.click("text=Check my answer")
    expect(page.locator("h1")).to_have_text("This matches the guidance" if right else "The guidance says something different")


def test_a_trainee_s_whole_way(page, library, tmp_path):
    walk(page, library, tmp_path, axe)


def test_a_trainee_s_whole_way_without_scripts(plain_page, library, tmp_path):
    walk(plain_page, library, tmp_path, lambda _: [])


def walk(page, library, folder, findings):
    page.goto(COURSE)
    page.click("text=Short module: Wales")
    for place, lesson in enumerate(library.modules["module-wales"].lessons, start=1):
        page.goto(f"{MODULE}/lesson/{place}")
        expect(page.locator("h1")).to_have_text(lesson.title["en"])
        respond(page, item_of(page, library), right=place != 1)
        page.reload()
        expect(page.locator("main")).to_contain_text("This lesson is done.")
        assert findings(page) == []
    page.goto(MODULE)
    page.click("text=Start the questions")
    for place in range(1, 5):
        page.wait_for_url(re.compile(rf"/{place}$"))
        respond(page, item_of(page, library), right=place != 2)
        assert findings(page) == []
        assert no_sideways_scroll(page)
        page.locator("main a.govuk-button").click()
    page.goto("/mine")
    page.click("text=Make a code")
    code = page.locator("p.number").inner_text()
    page.context.clear_cookies()
    page.goto("/mine")
    expect(page.locator("main")).to_contain_text("Nothing is held.")
    page.fill("#code", code)
    page.click("text=Go on with my courses")
    page.goto(MODULE)
    page.click("text=Go on where you were")
    for _ in range(5):
        respond(page, item_of(page, library), right=True)
        page.locator("main a.govuk-button").click()
    expect(page.locator("h1")).to_have_text("You answered 8 of 9 as the guidance does")
    assert findings(page) == []
    page.emulate_media(media="print")
    expect(page.locator("ul.doors").first).to_be_visible()
    expect(page.get_by_role("link", name="See or delete what is held")).to_be_hidden()
    page.emulate_media(media="null")
    certify(page, folder, findings)


def certify(page, folder, findings):
    page.goto(COURSE)
    page.click("text=Make a certificate")
    page.fill("#name", "Nia Enghraifft")
    page.click("main button")
    expect(page.locator("[data-shown=name]")).to_have_text("Nia Enghraifft")
    assert findings(page) == []
    assert "Enghraifft" not in page.url
    assert len(pypdfium2.PdfDocument(page.pdf(format="A4"))) == 1
    code = page.locator("[data-shown=code]").inner_text()
    with page.expect_download() as waiting:
        page.click("text=Save as a web page")
    saved = folder / "certificate.html"
    waiting.value.save_as(saved)
    command = [sys.executable, "-W", "ignore", "-m", "assistant.cli", "certificate", "verify", str(saved)]
    told = subprocess.run(command, capture_output=True, text=True, cwd=HOME, check=True).stdout
    assert "Nia Enghraifft" in told
    assert "The signature is right" in told
    saved.write_text(saved.read_text().replace("Nia", "Mia"))
    refused = subprocess.run(command, capture_output=True, text=True, cwd=HOME, check=False)
    assert refused.returncode == 2
    assert refused.stderr.count("\n") == 1
    page.goto("/certificate")
    page.fill("#code", code)
    page.click("text=Check it")
    expect(page.locator("h1")).to_have_text("This certificate was issued here")
    page.fill("#name", "nia enghraifft")
    page.click("text=Check the name")
    expect(page.locator("main")).to_contain_text("The name fits this certificate.")
    assert findings(page) == []


def tab_to(page, name):
    """Press Tab until the control of that name has the focus."""
    for _ in range(60):
        page.keyboard.press("Tab")
        held = page.evaluate("(document.activeElement.labels?.[0] || document.activeElement).textContent.trim()")
        if held == name:
            return
    pytest.fail(f"the keyboard does not come to {name}")


def by_keyboard(page, item, *, right):
    values = wanted(item, right=right)
    if item.kind.placed:
        for place, value in enumerate(values):
            page.locator("select").nth(place).focus()
            side = item.options[value].text["en"] if item.kind is ItemKind.ORDER else item.options[value].match["en"]
            page.keyboard.type(side[:24])
    elif item.kind is ItemKind.MULTIPLE_CHOICE:
        for value in values:
            page.locator("#main").focus()
            tab_to(page, item.options[value].text["en"])
            page.keyboard.press("Space")
    else:
        tab_to(page, page.locator("input[name=chosen] + label").first.inner_text().strip())
        for _ in range(len(item.options)):
            held = page.evaluate("document.activeElement.value")
            if held == str(values[0]):
                break
            page.keyboard.press("ArrowDown")
        page.keyboard.press("Space")
    tab_to(page, "Check my answer")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("This matches the guidance" if right else "The guidance says something different")


def test_a_course_is_completed_by_keyboard_alone(page, library):
    page.goto(MODULE)
    lessons = library.modules["module-wales"].lessons
    tab_to(page, lessons[0].title["en"])
    page.keyboard.press("Enter")
    for place in range(1, len(lessons) + 1):
        page.wait_for_url(re.compile(rf"/lesson/{place}$"))
        by_keyboard(page, item_of(page, library), right=True)
        tab_to(page, "Next lesson" if place < len(lessons) else "To the test")
        page.keyboard.press("Enter")
    page.wait_for_url(re.compile(f"{MODULE}$"))
    tab_to(page, "Start the questions")
    page.keyboard.press("Enter")
    for place in range(1, 10):
        page.wait_for_url(re.compile(rf"/{place}$"))
        expect(page.get_by_role("button", name="Check my answer")).to_be_visible()
        by_keyboard(page, item_of(page, library), right=True)
        tab_to(page, "Next question" if place < 9 else "See the result")
        page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("You answered 9 of 9 as the guidance does")
    tab_to(page, "Make a certificate: Reviews in Wales")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/certificate$"))
    tab_to(page, "Name on the certificate")
    page.keyboard.type("Nia Enghraifft")
    page.keyboard.press("Enter")
    expect(page.locator("[data-shown=name]")).to_have_text("Nia Enghraifft")


@pytest.mark.parametrize("kind", ["page", "plain_page"])
def test_a_case_is_decided_to_its_end(request, kind, library):
    page = request.getfixturevalue(kind)
    case = next(case for case in library.scenarios.values() if case.number == 4)
    page.goto("/case/4")
    for _ in case.scenes:
        page.locator("input[name=chosen]").nth(1).check()
        page.click("text=See what follows")
        expect(page.locator("h1")).to_have_text("What follows")
        if page.locator("text=Looking back").count():
            break
        page.locator("main a.govuk-button").click()
    expect(page.locator("main")).to_contain_text(case.debrief["en"][:40])
