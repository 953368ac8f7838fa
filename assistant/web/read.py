"""Reading: documents, and words explained."""

import re

from flask import Blueprint, abort, render_template

from assistant.web.context import site_context
from assistant.web.i18n import gettext
from assistant.web.present import marked, standing, status_word

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
        notes=site_context().presenter.notes(found.sections),
    )


@pages.get("/words")
def glossary() -> str:
    """The words of the subject, explained."""
    presenter = site_context().presenter
    terms = sorted(site_context().library.terms.values(), key=lambda t: t.name.casefold())
    rows = [(term, *presenter.reference(term.reference)) for term in terms]
    return render_template("words.html", title=gettext("Words explained"), rows=rows, status_word=status_word)
