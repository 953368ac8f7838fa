"""Tests and checks: items marked on the server, with a cited reason for every option."""

import secrets
from datetime import UTC, datetime

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from assistant.domain.learning import Form, Item, ItemKind, Quiz, Response, draw, mark, option_order
from assistant.learning.attempts import Attempt, finish, respond, score, start
from assistant.learning.revision import missed
from assistant.web.context import site_context
from assistant.web.forms import ItemForm, PlainForm
from assistant.web.i18n import gettext
from assistant.web.learners import complete, learner, new_learner

pages = Blueprint("learn", __name__)


def quiz_of(number: int, *forms: Form) -> Quiz:
    """The quiz with that number, if it is a test or of one of the forms; else 404."""
    found = next((q for q in site_context().library.quizzes.values() if q.number == number), None)
    if found is None or found.form not in (forms or (Form.TEST,)):
        abort(404)
    return found


def _attempt(quiz: Quiz, attempt_id: str) -> Attempt:
    me = learner()
    found = site_context().assembly.records.attempt(attempt_id, me) if me else None
    if found is None or found.quiz != quiz.id:
        abort(404)
    return found


def _item(attempt: Attempt, place: int) -> Item:
    if not 1 <= place <= len(attempt.items):
        abort(404)
    return attempt.items[place - 1]


@pages.get("/module/<int:number>")
def quiz(number: int) -> str:
    """A module: what it teaches, its lessons, and its test."""
    found, me = quiz_of(number), learner()
    context = site_context()
    records = context.assembly.records
    before = records.attempts(me, found.id) if me else ()
    unfinished = next((a for a in reversed(before) if a.finished is None and a.next_place is not None), None)
    read = records.lessons(me, found.id) if me else frozenset()
    module = context.library.modules.get(found.id)
    reached = any(a.finished is not None and score(a).reached for a in before)
    return render_template(
        "quiz.html",
        title=gettext("Course"),
        quiz=found,
        form=PlainForm(),
        unfinished=unfinished,
        module=module,
        read=read,
        reached=reached,
        tried=bool(before),
    )


@pages.post("/module/<int:number>")
def begin(number: int) -> AnyResponse:
    """Start an attempt."""
    found = quiz_of(number)
    if not PlainForm().validate():
        return redirect(url_for("learn.quiz", number=number), 303)
    me, context, now = new_learner(), site_context(), datetime.now(UTC)
    records = context.assembly.records
    module = context.library.modules.get(found.id)
    seen = [item.id for attempt in records.attempts(me, found.id) for item in attempt.items]
    seen += [lesson.check for lesson in module.lessons] if module is not None else []
    attempt = start(found, me, secrets.randbits(32), now, seen)
    records.save(attempt, now)
    return redirect(url_for("learn.item", number=number, attempt=attempt.id, place=1), 303)


@pages.get("/module/<int:number>/<attempt>/<int:place>")
def item(number: int, attempt: str, place: int) -> str:
    """One item, or what the guidance says once it has a response."""
    found = quiz_of(number)
    taken = _attempt(found, attempt)
    shown = _item(taken, place)
    if shown.id in taken.given:
        given = taken.given[shown.id]
        return render_template(
            "feedback.html",
            title=gettext("Question {number}", number=place),
            quiz=found, attempt=taken, place=place, after=taken.next_place, **told_of(shown, given.response), sure=given.sure,
        )  # fmt: skip
    return _ask(found, taken, shown, place, ItemForm())


@pages.post("/module/<int:number>/<attempt>/<int:place>")
def answer(number: int, attempt: str, place: int) -> str | tuple[str, int] | AnyResponse:
    """Take a response. Sent twice, it counts once."""
    found = quiz_of(number)
    taken = _attempt(found, attempt)
    shown = _item(taken, place)
    form = ItemForm()
    response, message = response_in(form, shown)
    if response is None:
        return _ask(found, taken, shown, place, form, message), 422
    now, records = datetime.now(UTC), site_context().assembly.records
    if shown.id not in taken.given:
        taken = finish(respond(taken, shown, response, sure=form.certain), now)
        records.save(taken, now)
        if not taken.given[shown.id].agrees:
            records.schedule(taken.learner, found.id, shown.id, *missed(now), now)
    return redirect(url_for("learn.item", number=number, attempt=attempt, place=place), 303)


def response_in(form: ItemForm, item: Item) -> tuple[Response | None, str]:
    """The response that was sent, or None and what is wrong with it."""
    response = _response(item, form.chosen.data or [])
    if not form.validate():
        return None, str((form.token.errors or [""])[0])
    return response, "" if response is not None else gettext("Choose an answer first.")


def _response(item: Item, chosen: list[str]) -> Response | None:
    if not chosen or not all(value.isascii() and value.isdigit() and len(value) < 3 and int(value) < len(item.options) for value in chosen):
        return None
    places = tuple(int(value) for value in chosen)
    if item.kind.placed:
        return places if len(places) == len(item.options) else None
    if item.kind is not ItemKind.MULTIPLE_CHOICE and len(places) != 1:
        return None
    return places


def _ask(quiz: Quiz, attempt: Attempt, item: Item, place: int, form: ItemForm, message: str = "") -> str:
    return render_template(
        "item.html",
        title=gettext("Question {number}", number=place),
        quiz=quiz, attempt=attempt, item=item, place=place, form=form, message=message, order=option_order(item, attempt.seed),
    )  # fmt: skip


def told_of(item: Item, response: Response) -> dict[str, object]:
    """What a page tells of a response: every option with its reason and the sentence it rests on."""
    evidence = site_context().presenter.evidence
    right = [i for i, option in enumerate(item.options) if option.right]
    leading = list(range(len(item.options))) if item.kind.placed else [*response, *right]
    return {
        "item": item,
        "response": response,
        "agrees": mark(item, response).agrees,
        "right": right,
        "cited": [evidence(item.evidence_for(i), most=1) for i in range(len(item.options))],
        "quotes": evidence(dict.fromkeys(reference for i in leading for reference in item.evidence_for(i)), most=1),
    }


@pages.get("/module/<int:number>/<attempt>/result")
def result(number: int, attempt: str) -> str | AnyResponse:
    """How an attempt stands against the guidance."""
    found = quiz_of(number)
    taken = _attempt(found, attempt)
    if taken.next_place is not None:
        return redirect(url_for("learn.item", number=number, attempt=attempt, place=taken.next_place + 1))
    places = dict.fromkeys(reference.partition(" ~ ")[0] for item in taken.differing for reference in item.evidence)
    return render_template(
        "result.html", title=gettext("Result"), quiz=found, score=score(taken), form=PlainForm(),
        doors=site_context().presenter.doors(places),
        sure=[item for item in taken.differing if taken.given[item.id].sure],
        courses=[(course, complete(course, learner())) for course in site_context().library.courses.values() if found.id in course.modules],
    )  # fmt: skip


@pages.get("/check/<int:number>")
def page(number: int) -> str | AnyResponse:
    """A self-check on one page, or the first of a row of statements. Nothing is kept."""
    found = quiz_of(number, Form.SELF_CHECK, Form.MISUNDERSTANDINGS)
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
    found = quiz_of(number, Form.SELF_CHECK)
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
    found = quiz_of(number, Form.MISUNDERSTANDINGS)
    if not 1 <= place <= len(found.items):
        abort(404)
    return render_template(
        "statement.html", title=gettext("What to expect"), quiz=found, item=found.items[place - 1], place=place, form=PlainForm()
    )


@pages.post("/check/<int:number>/<int:place>")
def told(number: int, place: int) -> str | AnyResponse:
    """What the guide says to a statement. What the reader thought is not kept and not scored."""
    found = quiz_of(number, Form.MISUNDERSTANDINGS)
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
