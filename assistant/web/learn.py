"""Quizzes: one item a page, marked on the server, with a reason for every option."""

import secrets
from datetime import UTC, datetime

from flask import Blueprint, abort, redirect, render_template, session, url_for
from werkzeug.wrappers import Response as AnyResponse

from assistant.domain.learning import Item, ItemKind, Quiz, Response, option_order
from assistant.learning.attempts import Attempt, finish, respond, score, start
from assistant.web.context import site_context
from assistant.web.forms import ItemForm, PlainForm
from assistant.web.i18n import gettext

pages = Blueprint("learn", __name__)


def _quiz(number: int) -> Quiz:
    found = next((q for q in site_context().library.quizzes.values() if q.number == number), None)
    if found is None:
        abort(404)
    return found


def _attempt(quiz: Quiz, attempt_id: str) -> Attempt:
    learner = session.get("learner")
    found = site_context().assembly.records.attempt(attempt_id, learner) if learner else None
    if found is None or found.quiz != quiz.id:
        abort(404)
    return found


def _item(quiz: Quiz, attempt: Attempt, place: int) -> Item:
    if not 1 <= place <= len(attempt.items):
        abort(404)
    item = quiz.item(attempt.items[place - 1][0])
    if item is None:
        abort(404)
    return item


@pages.get("/course/<int:number>")
def quiz(number: int) -> str:
    """What a quiz asks, how long it is, and a button to begin."""
    found = _quiz(number)
    learner = session.get("learner")
    before = site_context().assembly.records.attempts(learner, found.id) if learner else ()
    unfinished = next((a for a in reversed(before) if a.finished is None and a.next_place is not None), None)
    return render_template("quiz.html", title=gettext("Course"), quiz=found, form=PlainForm(), unfinished=unfinished)


@pages.post("/course/<int:number>")
def begin(number: int) -> AnyResponse:
    """Start an attempt."""
    found = _quiz(number)
    if not PlainForm().validate():
        return redirect(url_for("learn.quiz", number=number), 303)
    learner = session.setdefault("learner", secrets.token_hex(16))
    records, now = site_context().assembly.records, datetime.now(UTC)
    attempt = start(found, learner, secrets.randbits(32), now, records.attempts(learner, found.id))
    records.save(attempt, now)
    return redirect(url_for("learn.item", number=number, attempt=attempt.id, place=1), 303)


@pages.get("/course/<int:number>/<attempt>/<int:place>")
def item(number: int, attempt: str, place: int) -> str:
    """One item, or what the guidance says once it has a response."""
    found = _quiz(number)
    taken = _attempt(found, attempt)
    shown = _item(found, taken, place)
    if shown.id in taken.given:
        return _feedback(found, taken, shown, place)
    return _ask(found, taken, shown, place, ItemForm())


@pages.post("/course/<int:number>/<attempt>/<int:place>")
def answer(number: int, attempt: str, place: int) -> str | tuple[str, int] | AnyResponse:
    """Take a response. Sent twice, it counts once."""
    found = _quiz(number)
    taken = _attempt(found, attempt)
    shown = _item(found, taken, place)
    form = ItemForm()
    response = _response(shown, form.chosen.data or [])
    if not form.validate() or response is None:
        message = gettext("Choose an answer first.") if response is None else str((form.token.errors or [""])[0])
        return _ask(found, taken, shown, place, form, message), 422
    now = datetime.now(UTC)
    site_context().assembly.records.save(finish(respond(taken, shown, response), now), now)
    return redirect(url_for("learn.item", number=number, attempt=attempt, place=place), 303)


def _response(item: Item, chosen: list[str]) -> Response | None:
    if not chosen or not all(value.isdigit() and int(value) < len(item.options) for value in chosen):
        return None
    places = tuple(int(value) for value in chosen)
    if item.kind is ItemKind.ORDER:
        return places if len(places) == len(item.options) else None
    if item.kind is not ItemKind.MULTIPLE_CHOICE and len(places) != 1:
        return None
    return places


def _ask(quiz: Quiz, attempt: Attempt, item: Item, place: int, form: ItemForm, message: str = "") -> str:
    return render_template(
        "item.html",
        title=gettext("Question {number}", number=place),
        quiz=quiz, attempt=attempt, item=item, place=place, form=form, message=message,
        order=option_order(item, attempt.seed), many=item.kind is ItemKind.MULTIPLE_CHOICE, ordering=item.kind is ItemKind.ORDER,
    )  # fmt: skip


def _feedback(quiz: Quiz, attempt: Attempt, item: Item, place: int) -> str:
    given = attempt.given[item.id]
    presenter = site_context().presenter
    first = given.response[0] if item.kind is not ItemKind.ORDER else 0
    return render_template(
        "feedback.html",
        title=gettext("Question {number}", number=place),
        quiz=quiz, attempt=attempt, item=item, place=place, given=given,
        ordering=item.kind is ItemKind.ORDER,
        right=[i for i, option in enumerate(item.options) if option.right],
        quotes=presenter.evidence(item.evidence_for(first)),
        after=attempt.next_place,
    )  # fmt: skip


@pages.get("/course/<int:number>/<attempt>/result")
def result(number: int, attempt: str) -> str | AnyResponse:
    """How an attempt stands against the guidance."""
    found = _quiz(number)
    taken = _attempt(found, attempt)
    if taken.next_place is not None:
        return redirect(url_for("learn.item", number=number, attempt=attempt, place=taken.next_place + 1))
    differing = [item for i, _ in taken.items if not taken.given[i].agrees and (item := found.item(i)) is not None]
    doors = site_context().presenter.doors(dict.fromkeys(reference for item in differing for reference in item.evidence))
    return render_template("result.html", title=gettext("Result"), quiz=found, score=score(taken, found), doors=doors, form=PlainForm())


@pages.get("/mine")
def mine() -> str:
    """What is held under this browser's number, and a way to delete it."""
    return render_template("mine.html", title=gettext("Privacy"), form=PlainForm(), held=bool(session.get("learner")))


@pages.post("/mine")
def forget() -> str | AnyResponse:
    """Delete all that is held, at once."""
    learner = session.get("learner")
    if learner and PlainForm().validate():
        site_context().assembly.records.forget(learner)
        session.clear()
    return redirect(url_for("learn.mine"), 303)
