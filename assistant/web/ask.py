"""Asking a question. POST, then a page: nothing is stored, so there is nothing to go to."""

from flask import Blueprint, current_app, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from assistant.answering import LONGEST
from assistant.domain.answers import Alarm, Answer, Outcome, Question, Route
from assistant.domain.guidance import Nation, Role
from assistant.domain.site import RouteRule
from assistant.safety.privacy import mask
from assistant.web.context import site_context
from assistant.web.forms import AskForm
from assistant.web.i18n import gettext

pages = Blueprint("ask", __name__)
NOTHING = Alarm()


@pages.get("/before")
def before() -> str:
    """The pause on the way to the first text box."""
    return render_template("before.html", title=gettext("Before you type"))


@pages.get("/ask")
def form() -> str:
    """The question box."""
    return _form(AskForm())


@pages.post("/ask")
def answer() -> str | tuple[str, int] | AnyResponse:
    """Answer a question. Whatever is wrong with the form, what it says of danger is heard first."""
    asked = AskForm()
    text = asked.text.data or ""
    alarm = site_context().assembly.answerer.hear(text)
    if current_app.config["LIMITS"] and not current_app.extensions["limits"].allows(request.remote_addr or "", send=True):
        message = gettext("That was a lot of questions quickly. Wait a minute, then try again.")
        return _form(asked, alarm, message), 429
    if not asked.validate():
        return _form(asked, alarm, *(asked.token.errors or ())), 422 if asked.errors else 200
    question = Question(text, _role(asked.role.data), _nation(asked.nation.data), g.language, _history(asked.history.data))
    return _page(site_context().assembly.answerer.answer(question), asked)


@pages.get("/answer")
def again() -> AnyResponse:
    """An answer has no address of its own."""
    return redirect(url_for("ask.form"))


def _role(value: str | None) -> Role | None:
    return Role(value) if value in set(Role) else None


def _nation(value: str | None) -> Nation | None:
    return Nation(value) if value in set(Nation) else None


def _history(value: str | None) -> tuple[str, ...]:
    return (value[:LONGEST],) if value else ()


def _form(asked: AskForm, alarm: Alarm = NOTHING, *messages: str) -> str:
    presenter = site_context().presenter
    often = ["cards-family#how-long", "cards-family#names-in-report", "cards-family#do-i-have-to", "cards-family#see-draft"]
    held = [door for door in often if site_context().library.resolves(door)]
    return render_template(
        "ask.html", title=gettext("Ask"), form=asked, help=presenter.help(alarm), messages=messages, often=presenter.doors(held)
    )


def _page(found: Answer, asked: AskForm) -> str:
    context = site_context()
    presenter = context.presenter
    follow = AskForm(formdata=None, role=asked.role.data, nation=asked.nation.data)
    follow.history.data = mask(found.asked, frozenset()).text if found.asked else ""
    rule = next((r for r in context.library.routes if r.route == found.route), None)
    shared: dict[str, object] = {
        "answer": found,
        "help": presenter.help(found.alarm),
        "form": follow,
        "rule": rule,
        "emergency": presenter.emergency(),
    }
    if found.route is Route.UNCLEAR and not found.parts:
        message = gettext("Write a question in words, so that this site can look for it.")
        return _form(asked, found.alarm, message)
    if rule is not None and found.outcome is Outcome.DECLINED and rule.declines:
        return _not_here(rule, shared)
    parts = tuple(presenter.part(part) for part in found.parts)
    card = context.library.cards.get(found.card) if found.card else None
    return render_template(
        "answer.html",
        title=gettext("Your answer"),
        heading=presenter.title(found, parts),
        views=parts,
        near=presenter.near(found.nearest),
        role_word=asked.role.data,
        onward=presenter.doors(dict.fromkeys(e.partition("#")[0] for e in card.evidence)) if card else [],
        counted=len(context.library.documents),
        **shared,
    )


def _not_here(rule: RouteRule, shared: dict[str, object]) -> str:
    presenter = site_context().presenter
    services = [site_context().library.services[name] for name in rule.services]
    return render_template(
        "elsewhere.html",
        title=gettext("Your answer"),
        quotes=presenter.evidence(rule.evidence),
        doors=presenter.doors(rule.doors),
        services=services,
        **shared,
    )
