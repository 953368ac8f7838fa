"""Courses to read, missed items that come back, fictional cases, and what is held of a learner."""

import secrets
from datetime import UTC, datetime

from flask import Blueprint, abort, current_app, redirect, render_template, request, session, url_for
from werkzeug.exceptions import TooManyRequests
from werkzeug.wrappers import Response as AnyResponse

from assistant.domain.courses import Course, Lesson, Module, Scenario
from assistant.domain.guidance import Section
from assistant.domain.learning import Item, Quiz, Response, mark, option_order
from assistant.learning import codes
from assistant.learning.revision import met
from assistant.retention import days
from assistant.web.context import site_context
from assistant.web.forms import CodeForm, ItemForm, PlainForm
from assistant.web.i18n import gettext
from assistant.web.learn import quiz_of, response_in, told_of
from assistant.web.learners import complete, learner, new_learner, progress

pages = Blueprint("study", __name__)


def course_of(number: int) -> Course:
    """The course with that number, or 404."""
    found = next((course for course in site_context().library.courses.values() if course.number == number), None)
    if found is None:
        abort(404)
    return found


@pages.get("/course")
def courses() -> str:
    """All courses, cases, and what has come back."""
    library, me = site_context().library, learner()
    now = datetime.now(UTC)
    return render_template(
        "courses.html",
        title=gettext("Courses"),
        courses=library.courses.values(),
        cases=library.scenarios.values(),
        minutes={course.id: minutes(course) for course in library.courses.values()},
        due=len(site_context().assembly.records.due(me, now)) if me else 0,
    )


def minutes(course: Course) -> int:
    """How long a course takes: its lessons, and a minute for each question of its tests."""
    library = site_context().library
    return sum(library.modules[name].minutes + library.quizzes[name].draw for name in course.modules)


@pages.get("/course/<int:number>")
def course(number: int) -> str:
    """One course: its modules, and how far this learner is."""
    found = course_of(number)
    library, me = site_context().library, learner()
    return render_template(
        "course.html",
        title=gettext("Course"),
        course=found,
        minutes=minutes(found),
        rows=[(library.quizzes[name], library.modules[name], *state) for name, state in progress(found, me).items()],
        complete=complete(found, me),
        held=me is not None,
    )


def _lesson(number: int, place: int) -> tuple[Quiz, Module, Lesson, Item]:
    quiz = quiz_of(number)
    module = site_context().library.modules.get(quiz.id)
    if module is None or not 1 <= place <= len(module.lessons):
        abort(404)
    lesson = module.lessons[place - 1]
    item = quiz.item(lesson.check)
    if item is None:
        abort(404)
    return quiz, module, lesson, item


def _seed(item: Item) -> int:
    """A fixed order of options: a check may be met again, and then looks the same."""
    return sum(map(ord, item.id))


def read_in(lesson: Lesson) -> list[tuple[str, int, Section]]:
    """What a lesson reads: the title and number of each document, and the section."""
    library = site_context().library
    found = []
    for reference in lesson.read:
        document_id, _, section_id = reference.partition("#")
        document = library.documents[document_id]
        section = document.section(section_id)
        if section is not None:
            found.append((document.title, document.number, section))
    return found


@pages.get("/module/<int:number>/lesson/<int:place>")
def lesson(number: int, place: int) -> str:
    """One screen of reading, and one question."""
    quiz, module, found, item = _lesson(number, place)
    return _lesson_page(quiz, module, found, item, place, ItemForm())


def _lesson_page(quiz: Quiz, module: Module, lesson: Lesson, item: Item, place: int, form: ItemForm, message: str = "") -> str:
    return render_template(
        "lesson.html", title=gettext("Lesson {number}", number=place), quiz=quiz, module=module, lesson=lesson, place=place,
        sections=read_in(lesson), presenter=site_context().presenter,
        item=item, order=option_order(item, _seed(item)), form=form, message=message,
    )  # fmt: skip


@pages.post("/module/<int:number>/lesson/<int:place>")
def checked(number: int, place: int) -> tuple[str, int] | AnyResponse:
    """Take the answer to a lesson's question, and keep that the lesson was read."""
    quiz, module, found, item = _lesson(number, place)
    form = ItemForm()
    response, message = response_in(form, item)
    if response is None:
        return _lesson_page(quiz, module, found, item, place, form, message), 422
    site_context().assembly.records.read_lesson(new_learner(), module.id, found.id, datetime.now(UTC))
    _remember(item, response, sure=form.certain)
    return redirect(url_for("study.told", number=number, place=place), 303)


@pages.get("/module/<int:number>/lesson/<int:place>/told")
def told(number: int, place: int) -> str | AnyResponse:
    """What the guidance says to the answer that was just given to a lesson's question."""
    quiz, module, found, item = _lesson(number, place)
    response, sure = _remembered(item)
    if response is None:
        return redirect(url_for("study.lesson", number=number, place=place))
    return render_template(
        "lesson_told.html", title=gettext("Lesson {number}", number=place), quiz=quiz, module=module, lesson=found, place=place,
        **told_of(item, response), sure=sure,
    )  # fmt: skip


def _remember(item: Item, response: Response, *, sure: bool | None) -> None:
    """Keep the last answer in the reader's own cookie, so that the page that tells of it can be loaded again."""
    session["met"] = [item.id, list(response), sure]


def _remembered(item: Item) -> tuple[Response | None, bool | None]:
    name, response, sure = session.get("met", ["", [], None])
    fits = name == item.id and response and all(place < len(item.options) for place in response)
    return (tuple(response), sure) if fits else (None, None)


@pages.get("/module/<int:number>/trainer")
def trainer(number: int) -> str:
    """A plan, prompts and a handout for someone who leads a group, to print."""
    quiz = quiz_of(number)
    module = site_context().library.modules.get(quiz.id)
    if module is None:
        abort(404)
    return render_template(
        "trainer.html", title=gettext("For trainers"), quiz=quiz, module=module,
        lessons=[(lesson, read_in(lesson)) for lesson in module.lessons],
        minutes=sum(lesson.minutes + 5 for lesson in module.lessons) + quiz.draw,
        presenter=site_context().presenter,
    )  # fmt: skip


@pages.get("/review")
def review() -> str:
    """Every objective and item with its key and reasons, for an editor. In development only."""
    context = site_context()
    if context.assembly.settings.production:
        abort(404)
    quizzes = sorted(context.library.quizzes.values(), key=lambda quiz: quiz.number)
    return render_template("review.html", title=gettext("Courses"), quizzes=quizzes, evidence=context.presenter.evidence)


@pages.get("/revise")
def revise() -> str:
    """A missed item that has come back, or when the next one will."""
    return _revise_page(ItemForm())


def _due(me: str | None) -> tuple[Quiz, Item, str] | None:
    """The missed item that has been due longest. Items that left the bank are passed over."""
    context = site_context()
    rows = context.assembly.records.due(me, datetime.now(UTC)) if me else ()
    for quiz_id, item_id, state in rows:
        quiz = context.library.quizzes.get(quiz_id)
        item = quiz.item(item_id) if quiz is not None else None
        if quiz is not None and item is not None:
            return quiz, item, state
    return None


def _revise_page(form: ItemForm, message: str = "") -> str:
    me, records = learner(), site_context().assembly.records
    found = _due(me)
    item = found[1] if found else None
    later = records.next_due(me) if me else None
    return render_template(
        "revise.html",
        title=gettext("Questions that come back"),
        item=item,
        order=option_order(item, _seed(item)) if item else (),
        form=form,
        message=message,
        later=max(later, datetime.now(UTC)).date() if later else None,
        on=records.revises(me) if me else True,
        held=me is not None,
    )


@pages.post("/revise")
def revised() -> tuple[str, int] | AnyResponse:
    """Take the answer to an item that came back, and work out when it comes again."""
    me, found, form = learner(), _due(learner()), ItemForm()
    if me is None or found is None or form.asked.data != found[1].id:
        return redirect(url_for("study.revise"), 303)
    quiz, item, state = found
    response, message = response_in(form, item)
    if response is None:
        return _revise_page(form, message), 422
    now = datetime.now(UTC)
    later = met(state, now, agrees=mark(item, response).agrees)
    site_context().assembly.records.schedule(me, quiz.id, item.id, *later, now)
    _remember(item, response, sure=form.certain)
    return redirect(url_for("study.came_back"), 303)


@pages.get("/revise/told")
def came_back() -> str | AnyResponse:
    """What the guidance says to the item that came back and was just answered."""
    name = session.get("met", [""])[0]
    item = next((item for quiz in site_context().library.quizzes.values() if (item := quiz.item(name)) is not None), None)
    response, sure = _remembered(item) if item is not None else (None, None)
    if item is None or response is None:
        return redirect(url_for("study.revise"))
    return render_template("revised.html", title=gettext("Questions that come back"), **told_of(item, response), sure=sure)


@pages.post("/revise/switch")
def switch() -> AnyResponse:
    """Have missed items come back, or not."""
    if PlainForm().validate():
        site_context().assembly.records.switch_revision(new_learner(), datetime.now(UTC), on="on" in request.form)
    return redirect(url_for("study.revise"), 303)


def _case(number: int) -> Scenario:
    found = next((case for case in site_context().library.scenarios.values() if case.number == number), None)
    if found is None:
        abort(404)
    return found


@pages.get("/case/<int:number>")
def case(number: int) -> str:
    """A fictional case: what it is about, and its first scene."""
    return _scene_page(_case(number), 1)


@pages.get("/case/<int:number>/<int:place>")
def scene(number: int, place: int) -> str:
    """One point at which something has to be decided."""
    return _scene_page(_case(number), place)


def _scene_page(case: Scenario, place: int, message: str = "") -> str:
    if not 1 <= place <= len(case.scenes):
        abort(404)
    return render_template(
        "scene.html", title=gettext("A case"), case=case, scene=case.scenes[place - 1], place=place, form=PlainForm(), message=message
    )


@pages.post("/case/<int:number>/<int:place>")
def decide(number: int, place: int) -> tuple[str, int] | AnyResponse:
    """Take a decision, and go to what follows. Nothing is kept."""
    found = _case(number)
    if not 1 <= place <= len(found.scenes):
        abort(404)
    chosen, form = request.form.get("chosen", ""), PlainForm()
    if not form.validate():
        return _scene_page(found, place, str((form.token.errors or [""])[0])), 422
    if not (chosen.isascii() and chosen.isdigit() and len(chosen) < 3 and int(chosen) < len(found.scenes[place - 1].decisions)):
        return _scene_page(found, place, gettext("Choose an answer first.")), 422
    return redirect(url_for("study.decided", number=number, place=place, chosen=int(chosen) + 1), 303)


@pages.get("/case/<int:number>/<int:place>/<int:chosen>")
def decided(number: int, place: int, chosen: int) -> str:
    """What follows from a decision, and what the guidance says of it."""
    found = _case(number)
    if not 1 <= place <= len(found.scenes) or not 1 <= chosen <= len(found.scenes[place - 1].decisions):
        abort(404)
    here = found.scenes[place - 1]
    decision = here.decisions[chosen - 1]
    evidence = site_context().presenter.evidence
    after = found.place(decision.to)
    return render_template(
        "decided.html", title=gettext("A case"), case=found, scene=here, place=place, decision=decision,
        quotes=evidence(decision.evidence, most=1), after=after + 1 if after is not None else None,
        others=[other for other in here.decisions if other is not decision],
        debrief=evidence(found.evidence, most=1) if after is None else (),
    )  # fmt: skip


@pages.get("/mine")
def mine() -> str:
    """What is held under this browser's number, a code to come back with, and a way to delete it."""
    return render_template("mine.html", title=gettext("Privacy"), form=PlainForm(), code_form=CodeForm(), held=learner() is not None)


@pages.post("/mine")
def forget() -> AnyResponse:
    """Delete all that is held, at once."""
    me = learner()
    if me and PlainForm().validate():
        site_context().assembly.records.forget(me)
        session.clear()
    return redirect(url_for("study.mine"), 303)


@pages.post("/mine/keep")
def keep() -> str | AnyResponse:
    """Make a code with which a learner can come back in another browser, and show it once."""
    me = learner()
    if me is None or not PlainForm().validate():
        return redirect(url_for("study.mine"), 303)
    code = codes.make()
    site_context().assembly.records.keep_learner(_kept(code), me, datetime.now(UTC))
    return render_template("learner_code.html", title=gettext("Your place"), code=code)


@pages.post("/mine/code")
def come_in() -> str | tuple[str, int] | AnyResponse:
    """Go on with the progress that is kept under a code."""
    form = CodeForm()
    if current_app.config["LIMITS"] and not current_app.extensions["limits"].tries(request.remote_addr or ""):
        raise TooManyRequests
    records, now = site_context().assembly.records, datetime.now(UTC)
    kept = _kept(form.code.data or "")
    found = records.learner(kept, now - days("progress"))
    if form.validate() and found is not None:
        records.keep_learner(kept, found, now)
        session["learner"] = found
        return redirect(url_for("study.courses"), 303)
    message = (
        str(form.token.errors[0]) if form.token.errors else gettext("We cannot find a place for that code. Check the code, or start again.")
    )
    page = render_template(
        "mine.html", title=gettext("Privacy"), form=PlainForm(), code_form=form, held=learner() is not None, messages=[message]
    )
    return page, 422


def _kept(code: str) -> str:
    return codes.kept(codes.read(code) or secrets.token_hex(8), current_app.config["SECRET_KEY"])
