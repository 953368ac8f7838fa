import dataclasses
import re

import pytest

from assistant.learning import papers
from assistant.learning.certificates import verify
from assistant.web import pdf
from tests.web.test_study import read_lessons, take_test, wrong

FORM = "/course/8/certificate"
"""A short course of one module."""


@pytest.fixture
def done(client, assembly, library):
    """A learner who has completed the course."""
    read_lessons(client, library, "module-wales")
    take_test(client, assembly, "module-wales")
    return client


def made(client, **more):
    page = client.get(FORM).text
    code = re.search(r'name="code" value="([^"]+)"', page)[1]
    data = {"token": client.token(FORM), "code": code, "name": "Siân  O'Neil", **more}
    return code, data, client.post(FORM, data=data)


def test_a_certificate_needs_every_lesson_and_the_cut_score(client, assembly, library):
    assert client.get(FORM).location == "/course/8"
    take_test(client, assembly, "module-wales")
    assert client.get(FORM).location == "/course/8"
    read_lessons(client, library, "module-wales")
    assert client.get(FORM).status_code == 200
    assert "Make a certificate" in client.get("/course/8").text


def test_too_few_answers_make_no_certificate(client, assembly, library):
    read_lessons(client, library, "module-wales")
    take_test(client, assembly, "module-wales", wrong)
    assert client.get(FORM).location == "/course/8"
    assert client.post(FORM, data={"token": client.token("/mine"), "name": "x"}).location == "/course/8"


def test_a_certificate_shows_its_fields_and_a_code_to_check(done):
    code, _, response = made(done)
    assert "Siân O&#39;Neil" in response.text
    assert "<svg" in response.text
    told = done.get("/certificate/" + code.replace(" ", "")).text
    assert "This certificate was issued here" in told
    assert "Neil" not in told


def test_sent_twice_it_is_one_certificate(done, assembly):
    code, data, first = made(done)
    again = done.post(FORM, data={**data, "token": done.token(FORM)})
    assert code in again.text
    assert assembly.register.find(code.replace(" ", "")) is not None
    other = done.post(FORM, data={**data, "token": done.token(FORM), "name": "Someone Else"})
    assert code not in other.text
    assert first.status_code == other.status_code == 200


def test_a_name_is_confirmed_and_never_told_SS07(done):
    code, _, _ = made(done)
    right = done.post("/certificate", data={"token": done.token("/certificate"), "code": code, "name": "siân o'neil"})
    assert "The name fits this certificate." in right.text
    other = done.post("/certificate", data={"token": done.token("/certificate"), "code": code, "name": "Sian"})
    assert "The name does not fit this certificate." in other.text


@pytest.mark.parametrize("name", ["", "   ", "x" * 81])
def test_a_name_that_cannot_be_printed_is_told_plainly(done, name):
    page = done.get(FORM).text
    response = done.post(FORM, data={"token": done.token(FORM), "code": re.search(r'name="code" value="([^"]+)"', page)[1], "name": name})
    assert response.status_code == 422
    assert "at most 80 characters" in response.text


def test_an_unknown_code_is_told_plainly(client):
    assert client.get("/certificate/0000000000000000").status_code == 404
    response = client.post("/certificate", data={"token": client.token("/certificate"), "code": "nothing"})
    assert "No certificate has that code." in response.text


def test_a_certificate_that_was_withdrawn_says_so(done, assembly):
    code, _, _ = made(done)
    assembly.register.revoke(code.replace(" ", ""))
    assert "This certificate was withdrawn" in done.get("/certificate/" + code.replace(" ", "")).text
    assert done.get("/certificate/revoked").json["revoked"]


def test_a_certificate_says_when_guidance_has_changed_C8(done, app, monkeypatch):
    code, _, _ = made(done)
    context = app.extensions["site"]
    sources = {name: dataclasses.replace(source, edition="A newer edition") for name, source in context.library.sources.items()}
    library = dataclasses.replace(context.library, sources=sources)
    monkeypatch.setitem(
        app.extensions, "site", dataclasses.replace(context, assembly=dataclasses.replace(context.assembly, library=library))
    )
    assert "guidance has changed since" in done.get("/certificate/" + code.replace(" ", "")).text


@pytest.mark.parametrize("form", ["file", "badge", "pdf"])
def test_every_file_of_a_certificate_verifies_offline_and_altered_does_not(done, assembly, tmp_path, form):
    if form == "pdf" and not pdf.available():
        pytest.skip("PDF needs the extra: pip install 'assistant[pdf]'")
    _, _, response = made(done, **{form: "1"})
    path = tmp_path / "file"
    path.write_bytes(response.data)
    token, words = papers.read(path)
    shown = verify(token, assembly.keys.public())
    assert shown.name == "Siân O'Neil"
    assert words is None or papers.shows(words, shown)
    assert words is None or not papers.shows(words.replace("Neil", "Neal"), shown)
    assert "certificate." in response.headers["Content-Disposition"]


def test_a_name_is_kept_in_no_file_SP06(done, assembly):
    made(done)
    held = b"".join(path.read_bytes() for path in assembly.settings.data.rglob("*") if path.is_file())
    assert "Siân".encode() not in held
    assert b"O'Neil" not in held


def test_a_name_that_tells_of_danger_is_heard_SF03(done):
    page = done.get(FORM).text
    code = re.search(r'name="code" value="([^"]+)"', page)[1]
    response = done.post(FORM, data={"token": done.token(FORM), "code": code, "name": "he is going to kill me tonight"})
    assert 'data-help="immediate_danger"' in response.text


def test_the_public_keys_are_there_for_others(client):
    keys = client.get("/certificate/keys").json["keys"]
    assert keys
    assert all(set(key) >= {"kty", "crv", "x", "kid"} and "d" not in key for key in keys)
