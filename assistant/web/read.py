"""Reading: documents, words explained, and the pathways."""

import re

from flask import Blueprint, abort, render_template

from assistant.domain.guidance import Document, Role
from assistant.domain.learning import Pathway, Step
from assistant.web.context import site_context
from assistant.web.i18n import gettext
from assistant.web.present import marked, standing, status_word, strength_word

pages = Blueprint("read", __name__)


@pages.get("/documents")
def documents() -> str:
    """Every document that is held."""
    library = site_context().library
    held = sorted((d for d in library.documents.values()), key=lambda d: d.number)
    return render_template("documents.html", title=gettext("Documents"), documents=held)


@pages.get("/documents/<int:number>")
@pages.get("/documents/<int:number>/<span>")
def document(number: int, span: str = "") -> str:
    """One document, with a stretch marked if the address names one."""
    found = next((d for d in site_context().library.documents.values() if d.number == number), None)
    match = re.fullmatch(r"(\d{1,9})-(\d{1,9})", span)
    if found is None or (span and match is None):
        abort(404)
    start, end = (int(match[1]), int(match[2])) if match else (0, 0)
    return render_template(
        "document.html",
        title=gettext("Document {number}", number=number),
        document=found,
        kind=status_word(found.kind),
        standing=standing(found),
        mark=lambda sentences: marked(sentences, start, end),
        spanned=bool(match),
        notes=_notes(found),
    )


def _notes(document: Document) -> list[tuple[str, str, bool]]:
    """The sources of a document, each once, in order: words, address, whether still to be checked."""
    library, presenter = site_context().library, site_context().presenter
    found: dict[str, tuple[str, str, bool]] = {}
    for section in document.sections:
        for paragraph in section.paragraphs:
            for sentence in paragraph.sentences:
                for reference in sentence.references:
                    text, _, unchecked = presenter.reference(reference)
                    found.setdefault(text, (text, library.sources[reference.source].address, unchecked))
    return list(found.values())


@pages.get("/words")
def glossary() -> str:
    """The words of the subject, explained."""
    presenter = site_context().presenter
    terms = sorted(site_context().library.terms.values(), key=lambda t: t.name.casefold())
    rows = [(term, *presenter.reference(term.reference)) for term in terms]
    return render_template("words.html", title=gettext("Words explained"), rows=rows, status_word=status_word)


def _pathway(number: int) -> Pathway:
    found = next((p for p in site_context().library.pathways.values() if p.number == number), None)
    if found is None:
        abort(404)
    return found


@pages.get("/way/<int:number>")
def pathway(number: int) -> str:
    """All parts of a pathway, and the map of its stages."""
    return render_template("pathway.html", title=gettext("What to expect"), **_view(_pathway(number)))


@pages.get("/way/<int:number>/now")
@pages.get("/way/<int:number>/now/<int:place>")
def now(number: int, place: int = 0) -> str:
    """Where are we now: signs to recognise a stage by, and the map with the stage marked."""
    found = _pathway(number)
    stages = [step for step in found.steps if step.stage]
    if place > len(stages):
        abort(404)
    return render_template("now.html", title=gettext("What to expect"), stages=stages, place=place, **_view(found))


@pages.get("/way/<int:number>/print")
def whole(number: int) -> str:
    """The whole pathway on one page, for printing."""
    found = _pathway(number)
    views = [_step(found, place) for place in range(len(found.steps))]
    services = site_context().presenter.services("bereaved")
    return render_template("whole.html", title=gettext("What to expect"), views=views, services=services, **_view(found))


@pages.get("/way/<int:number>/<int:place>")
@pages.get("/way/<int:number>/<int:place>/<any(short):short>")
def step(number: int, place: int, short: str = "") -> str:
    """One part of a pathway."""
    found = _pathway(number)
    if not 1 <= place <= len(found.steps):
        abort(404)
    view = _step(found, place - 1)
    return render_template("step.html", title=gettext("Part {number}", number=place), short=bool(short), **view, **_view(found))


def _view(found: Pathway) -> dict[str, object]:
    return {
        "pathway": found,
        "strength_word": strength_word,
        "by_choice": found.role in {Role.FAMILY, Role.FRIENDS},
        "role_name": {
            Role.FAMILY: gettext("Relatives"),
            Role.FRIENDS: gettext("Friends"),
            Role.EMPLOYERS: gettext("Employers"),
            Role.PRACTITIONERS: gettext("Practitioners"),
        }[found.role],
    }


def _step(found: Pathway, place: int) -> dict[str, object]:
    presenter = site_context().presenter
    step: Step = found.steps[place]
    after = found.steps[place + 1] if place + 1 < len(found.steps) else None
    return {"step": step, "place": place + 1, "after": after, "quotes": presenter.evidence(step.evidence), "terms": _terms(step)}


def _terms(step: Step) -> list[tuple[str, str]]:
    """Glossary terms that a step's words use: name and meaning."""
    if step.prose is None:
        return []
    text = " ".join(p.text for section in step.prose.sections for p in section.paragraphs)
    return [
        (term.name, term.meaning)
        for term in site_context().library.terms.values()
        if any(re.search(rf"\b{re.escape(word)}\b", text) for word in (term.name, term.name.lower()))
    ][:6]
