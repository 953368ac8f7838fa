"""Courses for learning systems: SCORM 1.2 and 2004 (ADL), cmi5 (ADL), QTI 3 (1EdTech) and GIFT (Moodle).

A package is a player of a few plain files and the course as data. Inside a learning system it is the reader's browser that
marks, so a package holds its keys: that is how SCORM and cmi5 work.
"""

import io
import json
import zipfile
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from lxml import etree
from lxml.etree import _Element

from assistant.content.library import Library
from assistant.domain.courses import Course, Module
from assistant.domain.guidance import Provenance, Reference, Status
from assistant.domain.learning import Item, Quiz
from assistant.learning import banks
from assistant.learning.banks import LANGUAGE, under, written

PLAYER = Path(__file__).parent / "player"
PLAYER_FILES = ("index.html", "player.css", "player.js", "systems.js")
FORMATS = ("scorm12", "scorm2004", "cmi5", "qti3", "gift")
STANDING = {
    Provenance.SEEN: "",
    Provenance.RECALLED: " (not yet checked against the source)",
    Provenance.INFERRED: " (our own reading of it)",
}
"""What stands behind a source, by how our words stand to it."""
NOT_IN_FORCE = {
    Status.PROSPECTIVE: " (passed, but not in force)",
    Status.DRAFT: " (a draft, not in force)",
    Status.SUPERSEDED: " (replaced)",
    Status.WITHDRAWN: " (withdrawn)",
}
"""What stands behind a source, or a sentence that rests on nothing else, that is not in force."""
_CMI5 = "https://w3id.org/xapi/profiles/cmi5/v1/CourseStructure.xsd"


def export(library: Library, course: Course, form: str, now: datetime) -> bytes:
    """A course in one of `FORMATS`: a zip archive, or text in UTF-8 for GIFT."""
    writers: dict[str, Callable[[], bytes]] = {
        "scorm12": lambda: _package(library, course, now, {"imsmanifest.xml": scorm12(course)}),
        "scorm2004": lambda: _package(library, course, now, {"imsmanifest.xml": scorm2004(course)}),
        "cmi5": lambda: _package(library, course, now, {"cmi5.xml": cmi5(library, course)}),
        "qti3": lambda: _zip(banks.qti(course.id, items_of(library, course)), now),
        "gift": lambda: banks.gift(items_of(library, course)).encode(),
    }
    return writers[form]()


def items_of(library: Library, course: Course) -> tuple[Item, ...]:
    """All items of a course's banks."""
    return tuple(item for name in course.modules for item in library.quizzes[name].items)


def as_data(library: Library, course: Course) -> dict[str, Any]:
    """A course as the player reads it."""
    return {
        "title": _said(course.title),
        "summary": _said(course.summary),
        "modules": [_module(library, library.modules[name], library.quizzes[name]) for name in course.modules],
    }


def _module(library: Library, module: Module, quiz: Quiz) -> dict[str, Any]:
    return {
        "title": _said(quiz.title),
        "objectives": [_said(text) for text in quiz.objectives.values()],
        "draw": quiz.draw,
        "cut": quiz.cut_score,
        "items": [_item(library, item) for item in quiz.items],
        "lessons": [
            {
                "title": _said(lesson.title),
                "minutes": lesson.minutes,
                "sections": [_section(library, reference) for reference in lesson.read],
                "check": lesson.check,
            }
            for lesson in module.lessons
        ],
    }


def _section(library: Library, reference: str) -> dict[str, Any]:
    document_id, _, section_id = reference.partition("#")
    document = library.documents[document_id]
    section = document.section(section_id)
    assert section is not None  # noqa: S101 - the corpus is checked for this
    references = dict.fromkeys(r for p in section.paragraphs for s in p.sentences for r in s.references)
    sources = [_source(library, reference) for reference in references]
    return {
        "title": section.title,
        "document": document.title,
        "paragraphs": [[p.text, p.item] for p in section.paragraphs],
        "sources": list(dict.fromkeys(sources)),
    }


def _source(library: Library, reference: Reference) -> str:
    source = library.sources[reference.source]
    place = f", {reference.place}" if reference.place else ""
    return f"{source.title}{place}{NOT_IN_FORCE.get(source.status, '')}{STANDING[reference.provenance]}"


def _item(library: Library, item: Item) -> dict[str, Any]:
    return {
        "id": item.id,
        "kind": item.kind.value,
        "objective": item.objective,
        "stem": _said(item.stem),
        "options": [
            {"text": _said(option.text), "match": _said(option.match), "why": _said(option.why), "right": option.right,
             "cites": quoted(library, item.evidence_for(i))}
            for i, option in enumerate(item.options)
        ],
    }  # fmt: skip


def quoted(library: Library, references: Iterable[str]) -> list[str]:
    """The sentences that references name, each with its document's title, and how it stands where that is not in force."""
    rows = (row for reference in references for row in library.sentences_of(reference)[:1])
    return [
        f"{passage.sentences[i].text} ({library.documents[passage.document].title})"
        f"{NOT_IN_FORCE.get(library.standing(passage.sentences[i]), '')}"
        for passage, i in rows
    ]


def _said(text: Any) -> str:
    return str(text.get(LANGUAGE, ""))


def _package(library: Library, course: Course, now: datetime, manifest: dict[str, str]) -> bytes:
    data = json.dumps(as_data(library, course), ensure_ascii=False, separators=(",", ":"))
    files = {name: (PLAYER / name).read_text(encoding="utf-8") for name in PLAYER_FILES}
    return _zip({**manifest, **files, "course.js": f"window.COURSE = {data};\n"}, now)


def _zip(files: dict[str, str], now: datetime) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(zipfile.ZipInfo(name, now.timetuple()[:6]), text.encode(), zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _manifest(course: Course, *, content: str, adl: str, kind: str, more: Callable[[_Element], None], **about: str) -> str:
    """An IMS manifest with one shareable content object."""
    title = _said(course.title)
    root = etree.Element(f"{{{content}}}manifest", {"identifier": course.id, "version": "1"}, nsmap={None: content, "adlcp": adl})
    metadata = under(root, "metadata")
    for name, text in about.items():
        under(metadata, name, text)
    organisation = under(under(root, "organizations", default="course"), "organization", identifier="course")
    under(organisation, "title", title)
    item = under(organisation, "item", identifier="item", identifierref="player")
    under(item, "title", title)
    more(item)
    resource = under(under(root, "resources"), "resource", identifier="player", type="webcontent", href="index.html")
    resource.set(f"{{{adl}}}{kind}", "sco")
    for name in (*PLAYER_FILES, "course.js"):
        under(resource, "file", href=name)
    return written(root)


def scorm12(course: Course) -> str:
    """The manifest of a SCORM 1.2 package."""
    content, adl = "http://www.imsproject.org/xsd/imscp_rootv1p1p2", "http://www.adlnet.org/xsd/adlcp_rootv1p2"
    about = {"schema": "ADL SCORM", "schemaversion": "1.2"}
    return _manifest(course, content=content, adl=adl, kind="scormtype", more=lambda _: None, **about)


def scorm2004(course: Course) -> str:
    """The manifest of a SCORM 2004 4th edition package. The content itself says when it is complete and passed."""
    sequencing = "http://www.imsglobal.org/xsd/imsss"

    def more(item: _Element) -> None:
        parent = etree.SubElement(item, f"{{{sequencing}}}sequencing", nsmap={"imsss": sequencing})
        under(parent, "deliveryControls", completionSetByContent="true", objectiveSetByContent="true")

    content, adl = "http://www.imsglobal.org/xsd/imscp_v1p1", "http://www.adlnet.org/xsd/adlcp_v1p3"
    about = {"schema": "ADL SCORM", "schemaversion": "2004 4th Edition"}
    return _manifest(course, content=content, adl=adl, kind="scormType", more=more, **about)


def cmi5(library: Library, course: Course) -> str:
    """The course structure of a cmi5 package with one assignable unit."""
    root = etree.Element(f"{{{_CMI5}}}courseStructure", nsmap={None: _CMI5})
    cut = min(library.quizzes[name].cut_score for name in course.modules)
    top = under(root, "course", id=f"urn:course:{course.id}")
    unit = under(
        root, "au", id=f"urn:course:{course.id}:player", moveOn="CompletedAndPassed", masteryScore=f"{cut:g}", launchMethod="OwnWindow"
    )
    for part in (top, unit):
        for name, text in (("title", course.title), ("description", course.summary)):
            under(under(part, name), "langstring", _said(text), lang=LANGUAGE)
    under(unit, "url", "index.html")
    return written(root)
