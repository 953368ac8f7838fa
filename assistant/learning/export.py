"""Courses for learning systems: SCORM 1.2 and 2004 (ADL), cmi5 (ADL), QTI 3 (1EdTech) and GIFT (Moodle).

A package is a player of a few plain files and the course as data. Inside a learning system it is the reader's browser that
marks, so a package holds its keys: that is how SCORM and cmi5 work.
"""

import io
import json
import re
import zipfile
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from assistant.content.library import Library
from assistant.domain.courses import Course, Module
from assistant.domain.learning import Item, ItemKind, Quiz

PLAYER = Path(__file__).parent / "player"
PLAYER_FILES = ("index.html", "player.css", "player.js", "systems.js")
FORMATS = ("scorm12", "scorm2004", "cmi5", "qti3", "gift")
LANGUAGE = "en"


def export(library: Library, course: Course, form: str, now: datetime) -> bytes:
    """A course in one of `FORMATS`: a zip archive, or text in UTF-8 for GIFT."""
    writers: dict[str, Callable[[], bytes]] = {
        "scorm12": lambda: _package(library, course, now, {"imsmanifest.xml": scorm12(course)}),
        "scorm2004": lambda: _package(library, course, now, {"imsmanifest.xml": scorm2004(course)}),
        "cmi5": lambda: _package(library, course, now, {"cmi5.xml": cmi5(library, course)}),
        "qti3": lambda: qti_package(items_of(library, course), course, now),
        "gift": lambda: gift(items_of(library, course)).encode(),
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
    sources = [f"{library.sources[r.source].title}{', ' + r.place if r.place else ''}" for r in references]
    return {
        "title": section.title,
        "document": document.title,
        "paragraphs": [[p.text, p.item] for p in section.paragraphs],
        "sources": list(dict.fromkeys(sources)),
    }


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
    """The sentences that references name, each with its document's title."""
    rows = (row for reference in references for row in library.sentences_of(reference)[:1])
    return [f"{passage.sentences[i].text} ({library.documents[passage.document].title})" for passage, i in rows]


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


def _resource_files() -> str:
    return "".join(f'<file href="{name}"/>' for name in (*PLAYER_FILES, "course.js"))


def scorm12(course: Course) -> str:
    """The manifest of a SCORM 1.2 package with one shareable content object."""
    title = escape(_said(course.title))
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<manifest identifier="{course.id}" version="1.0" xmlns="http://www.imsproject.org/xsd/imscp_rootv1p1p2"
  xmlns:adlcp="http://www.adlnet.org/xsd/adlcp_rootv1p2" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
  xsi:schemaLocation="http://www.imsproject.org/xsd/imscp_rootv1p1p2 imscp_rootv1p1p2.xsd http://www.adlnet.org/xsd/adlcp_rootv1p2 adlcp_rootv1p2.xsd">
  <metadata><schema>ADL SCORM</schema><schemaversion>1.2</schemaversion></metadata>
  <organizations default="course"><organization identifier="course"><title>{title}</title>
    <item identifier="item" identifierref="player"><title>{title}</title></item>
  </organization></organizations>
  <resources><resource identifier="player" type="webcontent" adlcp:scormtype="sco" href="index.html">{_resource_files()}</resource></resources>
</manifest>
"""


def scorm2004(course: Course) -> str:
    """The manifest of a SCORM 2004 4th edition package with one shareable content object."""
    title = escape(_said(course.title))
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<manifest identifier="{course.id}" version="1" xmlns="http://www.imsglobal.org/xsd/imscp_v1p1"
  xmlns:adlcp="http://www.adlnet.org/xsd/adlcp_v1p3" xmlns:imsss="http://www.imsglobal.org/xsd/imsss"
  xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
  xsi:schemaLocation="http://www.imsglobal.org/xsd/imscp_v1p1 imscp_v1p1.xsd http://www.adlnet.org/xsd/adlcp_v1p3 adlcp_v1p3.xsd">
  <metadata><schema>ADL SCORM</schema><schemaversion>2004 4th Edition</schemaversion></metadata>
  <organizations default="course"><organization identifier="course"><title>{title}</title>
    <item identifier="item" identifierref="player"><title>{title}</title>
      <imsss:sequencing><imsss:deliveryControls completionSetByContent="true" objectiveSetByContent="true"/></imsss:sequencing>
    </item>
  </organization></organizations>
  <resources><resource identifier="player" type="webcontent" adlcp:scormType="sco" href="index.html">{_resource_files()}</resource></resources>
</manifest>
"""


def cmi5(library: Library, course: Course) -> str:
    """The course structure of a cmi5 package with one assignable unit."""
    cut = min(library.quizzes[name].cut_score for name in course.modules)
    title, summary = escape(_said(course.title)), escape(_said(course.summary))
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<courseStructure xmlns="https://w3id.org/xapi/profiles/cmi5/v1/CourseStructure.xsd">
  <course id="urn:course:{course.id}">
    <title><langstring lang="{LANGUAGE}">{title}</langstring></title>
    <description><langstring lang="{LANGUAGE}">{summary}</langstring></description>
  </course>
  <au id="urn:course:{course.id}:player" moveOn="CompletedAndPassed" masteryScore="{cut}" launchMethod="OwnWindow">
    <title><langstring lang="{LANGUAGE}">{title}</langstring></title>
    <description><langstring lang="{LANGUAGE}">{summary}</langstring></description>
    <url>index.html</url>
  </au>
</courseStructure>
"""


def gift(items: Iterable[Item]) -> str:
    """Items in GIFT. An ordering is written as a matching of places, since GIFT has no kind for it."""
    return "\n\n".join(f"::{_gift_text(item.id)}::{_gift_text(_said(item.stem))} {{{_gift_answers(item)}}}" for item in items) + "\n"


def _gift_text(text: str) -> str:
    return re.sub(r"([~=#{}:\\])", r"\\\1", text)


def _gift_answers(item: Item) -> str:
    options = [(_gift_text(_said(o.text)), _gift_text(_said(o.why)), o) for o in item.options]
    if item.kind is ItemKind.TRUE_FALSE:
        true = item.options[0].right
        differs, agrees = (options[1][1], options[0][1]) if true else (options[0][1], options[1][1])
        return f"{'TRUE' if true else 'FALSE'}#{differs}#{agrees}"
    if item.kind is ItemKind.MATCH:
        return "\n" + "\n".join(f"={text} -> {_gift_text(_said(o.match))}" for text, _, o in options) + "\n"
    if item.kind is ItemKind.ORDER:
        return "\n" + "\n".join(f"={place} -> {text}" for place, (text, _, _) in enumerate(options, start=1)) + "\n"
    if item.kind is ItemKind.SINGLE_CHOICE:
        return "\n" + "\n".join(f"{'=' if o.right else '~'}{text}#{why}" for text, why, o in options) + "\n"
    right = sum(o.right for o in item.options)
    share, off = 100 / right, 100 / (len(item.options) - right)
    return "\n" + "\n".join(f"~%{share if o.right else -off:.5g}%{text}#{why}" for text, why, o in options) + "\n"


_QTI = "http://www.imsglobal.org/xsd/imsqtiasi_v3p0"
_MATCH_CORRECT = "https://purl.imsglobal.org/spec/qti/v3p0/rptemplates/match_correct.xml"


def qti_item(item: Item) -> str:
    """One item as a QTI 3 assessment item, with a reason for every option where the interaction has choices."""
    many = item.kind in {ItemKind.MULTIPLE_CHOICE, ItemKind.MATCH}
    cardinality = "ordered" if item.kind is ItemKind.ORDER else "multiple" if many else "single"
    base = "directedPair" if item.kind is ItemKind.MATCH else "identifier"
    correct = "".join(f"<qti-value>{value}</qti-value>" for value in _qti_correct(item))
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<qti-assessment-item xmlns="{_QTI}" identifier="{item.id}" title={quoteattr(_said(item.stem))} adaptive="false" time-dependent="false" xml:lang="{LANGUAGE}">
  <qti-response-declaration identifier="RESPONSE" cardinality="{cardinality}" base-type="{base}">
    <qti-correct-response>{correct}</qti-correct-response>
  </qti-response-declaration>
  <qti-outcome-declaration identifier="SCORE" cardinality="single" base-type="float"><qti-default-value><qti-value>0</qti-value></qti-default-value></qti-outcome-declaration>
  <qti-item-body>{_qti_interaction(item)}</qti-item-body>
  <qti-response-processing template="{_MATCH_CORRECT}"/>
</qti-assessment-item>
"""


def _qti_correct(item: Item) -> list[str]:
    if item.kind is ItemKind.MATCH:
        return [f"L{i} R{i}" for i in range(len(item.options))]
    if item.kind is ItemKind.ORDER:
        return [f"C{i}" for i in range(len(item.options))]
    return [f"C{i}" for i, option in enumerate(item.options) if option.right]


def _qti_interaction(item: Item) -> str:
    prompt = f"<qti-prompt>{escape(_said(item.stem))}</qti-prompt>"
    if item.kind is ItemKind.MATCH:
        sides = [
            "".join(
                f'<qti-simple-associable-choice identifier="{side}{i}" match-max="1">{escape(_said(text))}</qti-simple-associable-choice>'
                for i, text in enumerate(texts)
            )
            for side, texts in (("L", [o.text for o in item.options]), ("R", [o.match for o in item.options]))
        ]
        sets = "".join(f"<qti-simple-match-set>{side}</qti-simple-match-set>" for side in sides)
        return f'<qti-match-interaction response-identifier="RESPONSE" shuffle="true" max-associations="{len(item.options)}">{prompt}{sets}</qti-match-interaction>'
    choices = "".join(_qti_choice(item, i) for i in range(len(item.options)))
    if item.kind is ItemKind.ORDER:
        return f'<qti-order-interaction response-identifier="RESPONSE" shuffle="true">{prompt}{choices}</qti-order-interaction>'
    most = 0 if item.kind is ItemKind.MULTIPLE_CHOICE else 1
    shuffle = "false" if item.kind is ItemKind.TRUE_FALSE else "true"
    return f'<qti-choice-interaction response-identifier="RESPONSE" shuffle="{shuffle}" max-choices="{most}">{prompt}{choices}</qti-choice-interaction>'


def _qti_choice(item: Item, i: int) -> str:
    why = f'<qti-feedback-inline outcome-identifier="RESPONSE" identifier="C{i}" show-hide="show">{escape(_said(item.options[i].why))}</qti-feedback-inline>'
    return f'<qti-simple-choice identifier="C{i}">{escape(_said(item.options[i].text))}{why}</qti-simple-choice>'


def qti_package(items: tuple[Item, ...], course: Course, now: datetime) -> bytes:
    """Items as a QTI 3 content package."""
    resources = "".join(
        f'<resource identifier="{item.id}" type="imsqti_item_xmlv3p0" href="items/{item.id}.xml"><file href="items/{item.id}.xml"/></resource>'
        for item in items
    )
    manifest = f"""<?xml version="1.0" encoding="UTF-8"?>
<manifest xmlns="http://www.imsglobal.org/xsd/qti/qtiv3p0/imscp_v1p1" identifier="{course.id}">
  <metadata><schema>QTI Package</schema><schemaversion>3.0.0</schemaversion></metadata>
  <organizations/>
  <resources>{resources}</resources>
</manifest>
"""
    return _zip({"imsmanifest.xml": manifest, **{f"items/{item.id}.xml": qti_item(item) for item in items}}, now)
