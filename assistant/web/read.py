"""Reading: documents, and words explained."""

import re
from datetime import date

from flask import Blueprint, abort, render_template

from assistant.content.comparing import Kind, compare
from assistant.domain.guidance import Document, Nation, Role, Status
from assistant.ingest.aligning import align
from assistant.web.called import document_word, edition_word, licence_line, places_word, standing_on, standing_word
from assistant.web.context import site_context
from assistant.web.i18n import gettext
from assistant.web.present import marked
from assistant.web.tools import place_and_day

pages = Blueprint("read", __name__)


@pages.get("/documents")
def documents() -> str:
    """Every document that is held, by who it is written for."""
    groups: dict[str, list[Document]] = {}
    for held in sorted(site_context().library.documents.values(), key=lambda d: (_place(d), d.number)):
        groups.setdefault(_GROUPS[_place(held)](), []).append(held)
    return render_template("documents.html", title=gettext("Documents"), groups=groups)


_GROUPS = (
    lambda: gettext("Official documents"),
    lambda: gettext("For everyone"),
    lambda: gettext("For relatives and friends"),
    lambda: gettext("For relatives, and for people working on a review"),
    lambda: gettext("For employers and colleagues"),
    lambda: gettext("For people working on a review"),
)


def _place(document: Document) -> int:
    """In which of the groups a document stands."""
    readers = document.audience
    of_family, of_work = bool(readers & {Role.FAMILY, Role.FRIENDS}), Role.PRACTITIONERS in readers
    if document.official or len(readers) > 2:
        return 0 if document.official else 1
    return (3 if of_work else 2) if of_family else (5 if of_work else 4)


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
        kind=document_word(found),
        places=places_word(next(iter(found.nations)) if len(found.nations) == 1 else None),
        standing=standing_word(found.status),
        mark=lambda sentences: marked(sentences, start, end),
        spanned=bool(match),
        notes=site_context().presenter.notes(found.sections),
        official=_official(found),
        edition=edition_word,
    )


def _official(document: Document) -> dict[str, object] | None:
    """What a reader has to know of a document whose words are the publisher's own; None for one of ours."""
    context = site_context()
    source = context.presenter.source_of(document)
    if source is None:
        return None
    fetched = date.fromisoformat(context.library.held[document.id]["fetched"])
    older = context.library.older.get(document.id, ())
    nation, day = place_and_day()
    applies = standing_on(source, nation, day) if source.series and document.status is not Status.WITHDRAWN else ""
    others = [
        (other, context.library.documents.get(f"held-{other.id}"))
        for other in context.library.sources.values()
        if other.series == source.series
        and other.id != source.id
        and any(other.applies(one, day) for one in ([nation] if nation else Nation))
    ]
    return {
        "source": source, "fetched": fetched, "licence": licence_line(source), "older": older,
        "applies": applies, "day": day, "places": places_word(nation), "others": others if source.series else [],
    }  # fmt: skip


@pages.get("/documents/<int:number>/changes/<int:back>")
def changes(number: int, back: int) -> str:
    """What changed in an official document since an edition that was held before, paragraph by paragraph."""
    library = site_context().library
    found = next((d for d in library.documents.values() if d.number == number and d.official), None)
    older = library.older.get(found.id, ()) if found is not None else ()
    if found is None or not 1 <= back <= len(older):
        abort(404)
    rows = compare(older[back - 1], found)
    counts = {kind: sum(row.kind is kind for row in rows) for kind in Kind}
    return render_template(
        "changes.html", title=gettext("Document {number}", number=number), document=found, old=older[back - 1],
        rows=rows, counts=counts, official=_official(found), edition=edition_word,
    )  # fmt: skip


@pages.get("/settle")
def settle() -> str:
    """Our statements beside the passages they cite, for an editor. In development only."""
    context = site_context()
    if context.assembly.settings.production:
        abort(404)
    rows = sorted(align(context.library, context.assembly.retriever), key=lambda row: (not row.contradiction, row.score))
    return render_template("settle.html", title=gettext("Documents"), rows=rows, presenter=context.presenter, library=context.library)


@pages.get("/words")
def glossary() -> str:
    """The words of the subject, explained."""
    presenter = site_context().presenter
    terms = sorted(site_context().library.terms.values(), key=lambda t: t.name.casefold())
    rows = [(term, presenter.note(term.reference)) for term in terms]
    return render_template("words.html", title=gettext("Words explained"), rows=rows)
