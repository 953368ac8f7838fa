"""The pathways: choices, parts, the map of stages, pages to print and to take away, and a code to come back by.

What a reader has said of their situation stands in the session cookie, which leaving deletes; never in an address.
"""

from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from flask import Blueprint, Response, abort, current_app, g, redirect, render_template, request, session, url_for
from markupsafe import Markup
from werkzeug.exceptions import TooManyRequests
from werkzeug.wrappers import Response as AnyResponse

from assistant.domain.guidance import Role
from assistant.domain.learning import Chosen, Pathway, Step
from assistant.learning import codes
from assistant.retention import days
from assistant.web import pdf
from assistant.web.called import strength_word
from assistant.web.context import number_of, site_context
from assistant.web.drawing import stage_map
from assistant.web.forms import CodeForm, PlainForm
from assistant.web.i18n import gettext, words

pages = Blueprint("ways", __name__)

PRINT_STYLES = Path(__file__).parent / "static" / "print.css"
WORDS = 6
"""Words of the subject that are explained under a part."""
_paper = lru_cache(maxsize=8)(pdf.pdf)


def pathway_of(number: int) -> Pathway:
    """The pathway with that neutral number."""
    found = next((p for p in site_context().library.pathways.values() if p.number == number), None)
    if found is None:
        abort(404)
    return found


def chosen_in(pathway: Pathway) -> Chosen:
    """What the reader has said on this pathway, as far as it still makes sense."""
    said = session.get("said", {}).get(str(pathway.number), {})
    return {choice.id: said[choice.id] for choice in pathway.choices if said.get(choice.id) in {option.id for option in choice.options}}


@pages.get("/way/<int:number>")
def pathway(number: int) -> str:
    """All parts of a pathway, and the choices that shorten it."""
    view = _view(pathway_of(number))
    return render_template("pathway.html", title=gettext("What to expect"), form=PlainForm(), with_pdf=pdf.available(), **view)


@pages.post("/way/<int:number>")
def choose(number: int) -> AnyResponse:
    """Take what the reader says of their situation; nothing chosen shows everything."""
    found = pathway_of(number)
    if PlainForm().validate():
        said = {c.id: request.form[c.id] for c in found.choices if request.form.get(c.id) in {option.id for option in c.options}}
        held = dict(session.get("said", {}))
        held.pop(str(number), None)
        session["said"] = held | ({str(number): said} if said else {})
        if not session["said"]:
            session.pop("said")
    return redirect(url_for("ways.pathway", number=number), 303)


@pages.get("/way/<int:number>/now")
@pages.get("/way/<int:number>/now/<int:place>")
def now(number: int, place: int = 0) -> str:
    """Where are we now: signs to recognise a stage by, and the map with the stage marked."""
    found = pathway_of(number)
    stages = [step for step in found.steps if step.stage]
    if place > len(stages) or not stages:
        abort(404)
    drawing = _drawing(stages, place)
    return render_template("now.html", title=gettext("What to expect"), stages=stages, place=place, drawing=drawing, **_view(found))


def _drawing(stages: list[Step], place: int) -> Markup:
    beside = [(gettext("Inquest"), 1, min(9, len(stages))), (gettext("Criminal case"), 1, min(6, len(stages)))]
    return stage_map([words(step.title) for step in stages], place, beside, mirrored=g.direction == "rtl")


@pages.get("/way/<int:number>/print")
@pages.get("/way/<int:number>/<any(sheet):sheet>")
def whole(number: int, sheet: str = "") -> str:
    """The whole pathway on one page, for printing; as a ``sheet``, its short versions alone."""
    return _whole(pathway_of(number), brief=bool(sheet))


def _whole(found: Pathway, *, brief: bool = False, template: str = "whole.html", print_styles: str = "") -> str:
    presenter = site_context().presenter
    steps = found.shown(chosen_in(found))
    quoted = presenter.evidence(reference for step in steps for reference in step.evidence)
    timed = presenter.notes(section for step in steps if (section := step.section("time")))
    sources = {note.address: note for note in (*(quote.note for quote in quoted), *timed) if note.address and note.source}
    return render_template(
        template, title=gettext("What to expect"), views=[_step(found, step) for step in steps], services=presenter.services("bereaved"),
        brief=brief, print_styles=print_styles, sources=[] if brief else sources.values(), **_view(found),
    )  # fmt: skip


@pages.get("/way/<int:number>/file")
def take_away(number: int) -> AnyResponse:
    """The whole pathway as one file that asks for nothing else."""
    response = Response(one_file(pathway_of(number)), mimetype="text/html")
    response.headers["Content-Disposition"] = f'attachment; filename="guide-{number}.html"'
    return response


@pages.get("/way/<int:number>/pdf")
def paper(number: int) -> AnyResponse:
    """The whole pathway as PDF, where the optional library is installed."""
    if not pdf.available():
        abort(404)
    response = Response(_paper(one_file(pathway_of(number))), mimetype="application/pdf")
    response.headers["Content-Disposition"] = f'attachment; filename="guide-{number}.pdf"'
    return response


def one_file(found: Pathway) -> str:
    """The pathway as one HTML file, with its styles in it and no outside request."""
    return _whole(found, template="file.html", print_styles=PRINT_STYLES.read_text(encoding="utf-8"))


@pages.get("/way/<int:number>/<int:place>")
@pages.get("/way/<int:number>/<int:place>/<any(short):short>")
def step(number: int, place: int, short: str = "") -> str:
    """One part of a pathway."""
    found = pathway_of(number)
    if not 1 <= place <= len(found.steps):
        abort(404)
    view = _step(found, found.steps[place - 1])
    return render_template(
        "step.html", title=gettext("Part {number}", number=place), short=bool(short), form=PlainForm(), **view, **_view(found)
    )


@pages.post("/way/<int:number>/<int:place>/keep")
def keep(number: int, place: int) -> str | AnyResponse:
    """Keep a reader's place under a new code, and show the code once."""
    found = pathway_of(number)
    if not 1 <= place <= len(found.steps) or not PlainForm().validate():
        return redirect(url_for("ways.pathway", number=number), 303)
    code = codes.make()
    letters = codes.read(code) or ""
    records = site_context().assembly.records
    records.keep_place(codes.kept(letters, current_app.config["SECRET_KEY"]), found.id, found.steps[place - 1].id, datetime.now(UTC))
    return render_template("kept.html", title=gettext("Your place"), code=code, number=number, place=place, form=CodeForm(code=code))


@pages.get("/code")
def code() -> str:
    """Where a code is typed in."""
    return _code_page(CodeForm())


@pages.post("/code")
def come_in() -> str | AnyResponse | tuple[str, int]:
    """Go to the place kept under a code, or forget it."""
    form = CodeForm()
    if current_app.config["LIMITS"] and not current_app.extensions["limits"].tries(request.remote_addr or ""):
        raise TooManyRequests
    if not form.validate():
        return _code_page(form, *(form.token.errors or ())), 422
    kept = codes.kept(codes.read(form.code.data or "") or "", current_app.config["SECRET_KEY"])
    records, library = site_context().assembly.records, site_context().library
    if "forget" in request.form:
        records.forget_place(kept)
        return render_template("forgotten.html", title=gettext("Your place"))
    found = records.place(kept, datetime.now(UTC) - days("places"))
    pathway = library.pathways.get(found[0]) if found else None
    place = pathway.place(found[1]) if pathway is not None and found is not None else None
    if pathway is None or place is None:
        return _code_page(form, gettext("We cannot find a place for that code. Check the code, or start again.")), 422
    return redirect(url_for("ways.step", number=pathway.number, place=place + 1), 303)


def _code_page(form: CodeForm, *messages: str) -> str:
    return render_template("code.html", title=gettext("Your place"), form=form, messages=messages)


def _view(found: Pathway) -> dict[str, object]:
    said = chosen_in(found)
    return {
        "pathway": found,
        "chosen": said,
        "shown": found.shown(said),
        "presenter": site_context().presenter,
        "strength_word": strength_word,
        "by_choice": found.role in {Role.FAMILY, Role.FRIENDS},
        "role_number": number_of(found.role),
        "has_stages": any(step.stage for step in found.steps),
        "role_name": {
            Role.FAMILY: gettext("Relatives"),
            Role.FRIENDS: gettext("Friends"),
            Role.EMPLOYERS: gettext("Employers"),
            Role.PRACTITIONERS: gettext("Practitioners"),
        }[found.role],
    }


def _step(found: Pathway, step: Step) -> dict[str, object]:
    said = chosen_in(found)
    shown = found.shown(said)
    place = found.steps.index(step)
    after = next((later for later in found.steps[place + 1 :] if later in shown), None)
    before = next((earlier for earlier in reversed(found.steps[:place]) if earlier in shown), None)
    sections, presenter = step.sections(said), site_context().presenter
    terms = presenter.terms(" ".join(p.text for section in sections for p in section.paragraphs), WORDS)
    told = [p for section in sections if section.id not in {"choice", "questions", "short"} for p in section.paragraphs]
    woven = presenter.woven(told, [term for _, term in terms])
    return {
        "step": step,
        "sections": sections,
        "place": place + 1,
        "turn": shown.index(step) + 1 if step in shown else place + 1,
        "after": after,
        "before": before,
        "quotes": presenter.evidence(step.evidence),
        "terms": terms,
        "woven": woven,
        "linked": {term.id for pieces in woven.values() for _, term in pieces if term is not None},
    }
