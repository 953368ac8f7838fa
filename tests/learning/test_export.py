"""Packages and item banks as files; what learning systems make of them is tried in the browser tests."""

import io
import json
import re
import zipfile
from datetime import UTC, datetime

import pytest
from lxml import etree

from assistant.domain.guidance import Provenance
from assistant.domain.learning import ItemKind
from assistant.learning import banks, export
from assistant.learning.certificates import Keys, Register, Shown

NOW = datetime(2026, 11, 24, tzinfo=UTC)


def files(library, course, form):
    with zipfile.ZipFile(io.BytesIO(export.export(library, library.courses[course], form, NOW))) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


@pytest.mark.parametrize(("form", "manifest"), [("scorm12", "imsmanifest.xml"), ("scorm2004", "imsmanifest.xml"), ("cmi5", "cmi5.xml")])
def test_a_package_holds_a_player_and_its_course(library, form, manifest):
    for name, course in library.courses.items():
        held = files(library, name, form)
        assert set(held) == {manifest, "course.js", *export.PLAYER_FILES}
        assert course.title["en"] in etree.fromstring(held[manifest].encode()).xpath("string()")
        data = json.loads(re.fullmatch(r"window.COURSE = (.*);\n", held["course.js"])[1])
        assert len(data["modules"]) == len(course.modules)
        for module, wanted in zip(data["modules"], course.modules, strict=True):
            assert len(module["items"]) == len(library.quizzes[wanted].items)
            assert all(option["why"] and option["cites"] for item in module["items"] for option in item["options"])
            assert all(section["sources"] for lesson in module["lessons"] for section in lesson["sections"])


def test_a_lesson_tells_how_its_words_stand_to_each_source(library):
    for course in library.courses.values():
        for module, name in zip(export.as_data(library, course)["modules"], course.modules, strict=True):
            read = [reference for lesson in library.modules[name].lessons for reference in lesson.read]
            told = [section["sources"] for lesson in module["lessons"] for section in lesson["sections"]]
            for reference, sources in zip(read, told, strict=True):
                document, _, section = reference.partition("#")
                paragraphs = library.documents[document].section(section).paragraphs
                stand = {r.provenance for p in paragraphs for s in p.sentences for r in s.references}
                assert any("not yet checked" in source for source in sources) == (Provenance.RECALLED in stand)
                assert any("our own reading" in source for source in sources) == (Provenance.INFERRED in stand)


def test_a_sentence_on_law_that_is_not_in_force_says_so(library):
    (told,) = export.quoted(library, ["the-law#section-19 ~ Section 19 would put"])
    assert told.endswith("(passed, but not in force)")
    (told,) = export.quoted(library, ["the-law#section-9 ~ Domestic homicide reviews rest"])
    assert "force" not in told
    lessons = export.as_data(library, library.courses["information"])["modules"][0]["lessons"]
    sources = [source for lesson in lessons for section in lesson["sections"] for source in section["sources"]]
    assert (
        [source for source in sources if "(replaced)" in source]
        == [source for source in sources if "after a patient's death" in source]
        != []
    )


def test_the_same_course_at_the_same_moment_is_the_same_package(library):
    course = library.courses["wales"]
    assert export.export(library, course, "scorm12", NOW) == export.export(library, course, "scorm12", NOW)


def test_every_item_is_a_qti_item_that_reads_back_equal(library):
    held = files(library, "chairing", "qti3")
    listed = etree.fromstring(held["imsmanifest.xml"].encode()).xpath("//*[local-name()='file']/@href")
    items = {item.id: item for item in export.items_of(library, library.courses["chairing"])}
    assert set(listed) == {f"items/{name}.xml" for name in items}
    for name, item in items.items():
        root = etree.fromstring(held[f"items/{name}.xml"].encode())
        assert root.xpath("string(//*[local-name()='qti-prompt'])") == item.stem["en"]
        values = root.xpath("//*[local-name()='qti-correct-response']/*/text()")
        assert values == banks.correct(item)
        choices = root.xpath("//*[local-name()='qti-simple-choice']/text()")
        if item.kind is not ItemKind.MATCH:
            assert choices == [option.text["en"] for option in item.options]
        if not item.kind.placed:
            assert root.xpath("//*[local-name()='qti-feedback-inline']/text()") == [option.why["en"] for option in item.options]


def test_gift_has_a_question_for_every_item_with_its_signs_escaped(library):
    items = export.items_of(library, library.courses["chairing"])
    text = banks.gift(items)
    assert text.count("\n\n::") == len(items) - 1
    assert "Module 2\\: " not in text
    assert all(re.search(rf"::{re.escape(item.id)}::", text) for item in items)
    assert text == export.export(library, library.courses["chairing"], "gift", NOW).decode()


@pytest.fixture
def run(monkeypatch, capsys, tmp_path):
    from assistant import cli

    monkeypatch.setenv("ASSISTANT_DATA", str(tmp_path / "var"))

    def command(*arguments):
        monkeypatch.setattr("sys.argv", ["assistant", *map(str, arguments)])
        code = 0
        try:
            cli.main()
        except SystemExit as leaving:
            code = leaving.code or 0
        return code, *capsys.readouterr()

    return command


def test_courses_are_listed_and_written_by_command(run, tmp_path):
    assert "wales" in run("course", "list")[1]
    for form in export.FORMATS:
        path = tmp_path / form
        assert run("course", "export", "wales", "--format", form, "--out", path)[0] == 0
        assert path.stat().st_size > 1000
    assert run("course", "export", "none", "--format", "gift", "--out", tmp_path / "x")[0] == 2
    assert run("course", "export", "wales", "--format", "gift", "--out", "/nowhere/x")[0] == 2


SHOWN = Shown("Ada", "A course", "M", "G", "2026-11-24", "P", "0123 4567 89AB CDEF", "https://x.example/certificate/0123456789ABCDEF")


def test_certificates_are_verified_revoked_and_signed_anew_by_command(run, tmp_path):
    keys, register = Keys(tmp_path / "var" / "keys"), Register(tmp_path / "var" / "records.db")
    path = tmp_path / "certificate.jwt"
    path.write_text(keys.sign(SHOWN))
    code, out, _ = run("certificate", "verify", path)
    assert code == 0
    assert "Name: Ada" in out
    known, listed = tmp_path / "keys.json", tmp_path / "revoked.json"
    known.write_text(json.dumps(keys.public()))
    listed.write_text(json.dumps({"revoked": []}))
    assert run("certificate", "rotate")[0] == 0
    assert run("certificate", "verify", path, "--keys", known, "--revoked", listed)[0] == 0
    assert run("certificate", "verify", path, "--keys", "/nowhere")[0] == 2
    assert run("certificate", "revoke", "0123456789ABCDEF")[0] == 2
    register.enter("0123456789ABCDEF", SHOWN, {}, "secret")
    assert run("certificate", "revoke", "0123 4567 89ab cdef")[0] == 0
    code, _, told = run("certificate", "verify", path)
    assert code == 2
    assert "withdrawn" in told
    known.write_text("not json")
    code, _, told = run("certificate", "verify", path, "--keys", known)
    assert code == 2
    assert told.count("\n") == 1
    known.write_text("[]")
    assert "holds no list called keys" in run("certificate", "verify", path, "--keys", known)[2]
    known.write_text('{"keys": [{"kty": "odd"}]}')
    assert run("certificate", "verify", path, "--keys", known)[0] == 2
