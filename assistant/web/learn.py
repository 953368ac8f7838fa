"""Quizzes: one item a page, marked on the server, with a reason for every option."""

import secrets
from datetime import UTC, datetime

from flask import Blueprint, abort, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response as AnyResponse

from assistant.domain.learning import Form, Item, ItemKind, Quiz, Response, draw, mark, option_order
from assistant.learning.attempts import Attempt, finish, respond, score, start
from assistant.web.context import site_context
from assistant.web.forms import ItemForm, PlainForm
from assistant.web.i18n import gettext

pages = Blueprint("learn", __name__)


def _quiz(number: int, *forms: Form) -> Quiz:
    found = next((q for q in site_context().library.quizzes.values() if q.number == number), None)
    if found is None or found.form not in (forms or (Form.TEST,)):
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
    if not chosen or not all(value.isascii() and value.isdigit() and len(value) < 3 and int(value) < len(item.options) for value in chosen):
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


@pages.get("/check/<int:number>")
def page(number: int) -> str | AnyResponse:
    """A self-check on one page, or the first of a row of statements. Nothing is kept."""
    found = _quiz(number, Form.SELF_CHECK, Form.MISUNDERSTANDINGS)
    if found.form is Form.MISUNDERSTANDINGS:
        return redirect(url_for("learn.statement", number=number, place=1))
    return _check_page(found, secrets.randbits(31))


def _check_page(quiz: Quiz, seed: int, message: str = "") -> str:
    given = {key: request.form[key] for key in request.form if key.startswith("i-")} if message else {}
    return render_template(
        "check.html", title=gettext("Course"), quiz=quiz, seed=seed, items=draw(quiz, seed), form=PlainForm(), given=given, message=message
    )


@pages.post("/check/<int:number>")
def checked(number: int) -> str | tuple[str, int]:
    """What the guide says to each statement of a self-check."""
    found = _quiz(number, Form.SELF_CHECK)
    seed = request.form.get("seed", "")
    if not seed.isascii() or not seed.isdigit() or len(seed) > 12:
        abort(400)
    form, drawn = PlainForm(), draw(found, int(seed))
    given = {item.id: request.form.get(f"i-{item.id}", "") for item in drawn}
    if not form.validate():
        return _check_page(found, int(seed), str(form.token.errors[0])), 422
    if not all(value in {"0", "1"} for value in given.values()):
        return _check_page(found, int(seed), gettext("Choose an answer for each statement.")), 422
    rows = [(item, int(given[item.id]), mark(item, (int(given[item.id]),)).agrees) for item in drawn]
    evidence = site_context().presenter.evidence
    quotes = {item.id: evidence(item.evidence, most=1) for item, _, _ in rows}
    return render_template("checked.html", title=gettext("Result"), quiz=found, rows=rows, quotes=quotes)


@pages.get("/check/<int:number>/<int:place>")
def statement(number: int, place: int) -> str:
    """One statement that people often believe, or do not."""
    found = _quiz(number, Form.MISUNDERSTANDINGS)
    if not 1 <= place <= len(found.items):
        abort(404)
    return render_template(
        "statement.html", title=gettext("What to expect"), quiz=found, item=found.items[place - 1], place=place, form=PlainForm()
    )


@pages.post("/check/<int:number>/<int:place>")
def told(number: int, place: int) -> str | AnyResponse:
    """What the guide says to a statement. What the reader thought is not kept and not scored."""
    found = _quiz(number, Form.MISUNDERSTANDINGS)
    if not 1 <= place <= len(found.items):
        abort(404)
    if not PlainForm().validate():
        return redirect(url_for("learn.statement", number=number, place=place), 303)
    item = found.items[place - 1]
    right = next(option for option in item.options if option.right)
    thought = {"so": 0, "not": 1}.get(request.form.get("think", ""))
    shown = item.options[thought] if thought is not None else right
    quotes = site_context().presenter.evidence(item.evidence, most=1)
    return render_template(
        "told.html", title=gettext("What to expect"), quiz=found, item=item, place=place, shown=shown, right=right, quotes=quotes
    )


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
