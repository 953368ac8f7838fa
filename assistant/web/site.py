"""Pages that stand by themselves: home, role homes, support, safety, privacy, and leaving."""

import json
from datetime import date
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, current_app, redirect, render_template, url_for
from werkzeug.wrappers import Response as AnyResponse

from assistant.retention import TABLE
from assistant.web.context import role_of, site_context
from assistant.web.forms import PlainForm
from assistant.web.i18n import gettext
from assistant.web.security import LEFT, SESSION

pages = Blueprint("site", __name__)

MEASURED = Path(__file__).parent.parent.parent / "docs" / "measured.json"
"""What ``assistant evaluate --keep`` stored."""
LOOKED = MEASURED.with_name("accessibility.json")
"""What ``./dev access`` stored."""


@pages.get("/")
def home() -> str:
    """The first page."""
    return render_template("home.html", title=gettext("Start"))


@pages.get("/for/<int:number>")
def role(number: int) -> str:
    """The home of one kind of reader."""
    chosen = role_of(number)
    library = site_context().library
    elsewhere = {meaning.document for meaning in library.meanings}  # words explained have a page of their own
    documents = sorted(
        (d for d in library.documents.values() if chosen in d.audience and not d.id.startswith("cards-") and d.id not in elsewhere),
        key=lambda d: (len(d.audience), d.number),
    )
    return render_template(
        "role.html",
        title=gettext("Your choices") if number <= 2 else gettext("What to expect"),
        role=chosen,
        number=number,
        documents=documents,
        pathways=[p for p in library.pathways.values() if p.role is chosen],
        quizzes=[q for q in library.quizzes.values() if q.role is chosen],
    )


@pages.get("/support")
def support() -> str:
    """Every service, danger first."""
    presenter = site_context().presenter
    needs = [
        (gettext("If someone is hurting or frightening you"), presenter.services("abuse")),
        (gettext("If a child may not be safe"), presenter.services("child")),
        (gettext("If you are thinking of ending your life"), presenter.services("self-harm")),
        (gettext("If you are worried about how you treat someone"), presenter.services("cause")),
        (gettext("If you are grieving"), presenter.services("bereaved")),
        (gettext("At an inquest"), presenter.services("inquest")),
    ]
    advocates = presenter.services("advocate")
    return render_template("support.html", title=gettext("Support"), needs=needs, advocates=advocates)


@pages.get("/safe")
def safe() -> str:
    """Staying safe online."""
    return render_template("safe.html", title=gettext("Stay safe online"))


@pages.get("/privacy")
def privacy() -> str:
    """What is kept: drawn from the retention table."""
    return render_template("privacy.html", title=gettext("Privacy"), table=TABLE)


@pages.get("/reach")
def reach() -> str:
    """How to reach a person."""
    return render_template("reach.html", title=gettext("Reach a person"))


@pages.get("/about")
def about() -> str:
    """What this site is."""
    return render_template("about.html", title=gettext("About"))


@pages.get("/accessibility")
def accessibility() -> str:
    """The accessibility statement, with what the last look at every page found."""
    return render_template("accessibility.html", title=gettext("Accessibility"), looked=_looked())


def _looked() -> dict[str, Any] | None:
    """The stored result of the last look, if there is one: when, pages, languages and faults."""
    try:
        found = json.loads(LOOKED.read_text(encoding="utf-8"))
        return {"on": date.fromisoformat(found["on"]), **{name: int(found[name]) for name in ("pages", "languages", "faults")}}
    except (OSError, ValueError, KeyError, TypeError):
        return None


@pages.get("/how-well")
def how_well() -> str:
    """What is in the index, how it searches, and what it cannot do."""
    context = site_context()
    return render_template(
        "how_well.html",
        title=gettext("How well this works"),
        model=context.assembly.model,
        notice=context.assembly.notice,
        passages=len(context.library.passages),
        documents=sorted(context.library.documents.values(), key=lambda d: d.number),
        cards=len(context.library.cards),
        measured=_measured(),
    )


def _measured() -> dict[str, int] | None:
    """The stored counts of the golden questions that are held back, if there are any."""
    try:
        counts: dict[str, int] = json.loads(MEASURED.read_text(encoding="utf-8"))["held back"]
    except (OSError, ValueError, KeyError):
        return None
    return counts


@pages.get("/leave")
def leave() -> AnyResponse:
    """Leave at once: end the session, remember only that the reader left, and go to a neutral site."""
    response = redirect(site_context().library.site.exit_address, 302)
    secure = current_app.config["SESSION_COOKIE_SECURE"]
    response.set_cookie(LEFT, "1", secure=secure, httponly=True, samesite="Lax", path="/")
    response.delete_cookie(SESSION, secure=secure, httponly=True, samesite="Lax", path="/")
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


@pages.get("/left")
def left() -> str:
    """What a reader sees who comes back after leaving: nothing, and a way on."""
    return render_template("left.html", title=gettext("Guide"), form=PlainForm())


@pages.post("/back")
def come_back() -> AnyResponse:
    """Come back after leaving."""
    response: Response = redirect(url_for("site.home"), 303)  # type: ignore[assignment]
    response.delete_cookie(LEFT, secure=current_app.config["SESSION_COOKIE_SECURE"], httponly=True, samesite="Lax", path="/")
    return response


@pages.get("/favicon.ico")
def icon() -> AnyResponse:
    """The mark."""
    return redirect(url_for("static", filename="mark.svg"), 302)
