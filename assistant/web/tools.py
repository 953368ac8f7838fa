"""Small tools beside the pathways: dates, questions to take to a meeting, and what runs beside a review.

Nothing is kept: each page is worked out from what was sent with it. Only the place and day of which editions are told stand
in the session cookie, which leaving deletes.
"""

from datetime import UTC, date, datetime, time
from typing import Any

from flask import Blueprint, Response, abort, g, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response as AnyResponse

from assistant.domain.dates import EARLIEST, Row, Start, rows
from assistant.domain.guidance import Nation
from assistant.web.called import places_word, standing_on, strength_word
from assistant.web.context import site_context
from assistant.web.forms import DateForm, EditionsForm, PlainForm
from assistant.web.i18n import gettext, words

pages = Blueprint("tools", __name__)

AHEAD = 366
"""Days ahead of today that a reader's day may lie."""
PLACES = {Nation.ENGLAND: "ENG", Nation.WALES: "WLS"}


@pages.get("/dates")
def dates() -> str:
    """The form of the date helper."""
    return _date_form(DateForm())


@pages.post("/dates")
def worked_out() -> str | tuple[str, int]:
    """What is expected after the day that was given."""
    form = DateForm()
    day, message = _day(form)
    if not form.validate() or day is None:
        return _date_form(form, message or str((form.token.errors or [""])[0])), 422
    found = _rows(form, day)
    today = datetime.now(UTC).date()
    place = next((i for i, row in enumerate(found) if row.day is None or row.day > today), len(found))
    return render_template(
        "dates_result.html", title=gettext("Dates"), rows=found, place=place, day_given=day, form=form,
        start=Start(form.start.data), strength_word=strength_word, doors=site_context().presenter.doors,
    )  # fmt: skip


@pages.post("/dates/calendar")
def calendar() -> AnyResponse | tuple[str, int]:
    """The days as a calendar file, with neutral names unless the reader asks for full ones."""
    form = DateForm()
    day, message = _day(form)
    if not form.validate() or day is None:
        return _date_form(form, message), 422
    response = Response(calendar_file(_rows(form, day), full=bool(form.full.data)), mimetype="text/calendar")
    response.headers["Content-Disposition"] = 'attachment; filename="dates.ics"'
    return response


def calendar_file(found: tuple[Row, ...], *, full: bool) -> bytes:
    """An iCalendar file (RFC 5545) with an all-day entry for each row that has a day."""
    from icalendar import Calendar, Event

    book = Calendar()
    book.add("prodid", "-//dates//")
    book.add("version", "2.0")
    for turn, row in enumerate((row for row in found if row.day is not None), start=1):
        entry = Event()
        entry.add("uid", f"{row.expectation.id}-{row.day:%Y%m%d}@dates")
        entry.add("dtstamp", datetime.combine(row.day or date.min, time(), UTC))
        entry.add("dtstart", row.day)
        entry.add("summary", words(row.expectation.what) if full else gettext("Reminder {n}", n=turn))
        book.add_component(entry)
    return bytes(book.to_ical())


@pages.get("/editions")
def editions() -> str:
    """Which law and guidance applies to a review in a place on a day."""
    nation, day = place_and_day()
    return _editions(EditionsForm(formdata=None, nation=nation.value if nation else "both", day=day.day, month=day.month, year=day.year))


@pages.post("/editions")
def editions_on() -> AnyResponse | tuple[str, int]:
    """Take the place and day, for this page and for the pages of official documents."""
    form = EditionsForm()
    day, message = _day(form)
    if not form.validate() or day is None:
        return _editions(form, message or str((form.token.errors or [""])[0])), 422
    session["applies"] = [form.nation.data, day.isoformat()]
    return redirect(url_for("tools.editions"), 303)


def place_and_day() -> tuple[Nation | None, date]:
    """The place and day that the reader gave; both nations and today where none was given."""
    nation, day = session.get("applies", ("", ""))
    today = datetime.now(UTC).date()
    return (Nation(nation) if nation in set(Nation) else None), (date.fromisoformat(day) if day else today)


def _editions(form: DateForm, message: str = "") -> str:
    nation, day = place_and_day()
    library = site_context().library
    held = {value["source"]: library.documents[name].number for name, value in library.held.items()}
    told = [(source, standing_on(source, nation, day), held.get(source.id)) for source in library.sources.values() if source.series]
    return render_template(
        "editions.html", title=gettext("Documents"), form=form, message=message, told=told, day_given=day, places=places_word(nation)
    )


def _date_form(form: DateForm, message: str = "") -> str:
    return render_template("dates.html", title=gettext("Dates"), form=form, message=message)


def _day(form: DateForm) -> tuple[date | None, str]:
    """The day that was given, or what is wrong with it."""
    parts = [str(field.data or "").strip() for field in (form.day, form.month, form.year)]
    if not all(parts):
        return None, gettext("Give a day, a month and a year.")
    try:
        day = date(*(int(part) for part in reversed(parts) if part.isascii() and len(part) <= 4))
    except (ValueError, TypeError):
        return None, gettext("That day is not in the calendar. Check the day, month and year.")
    if day < EARLIEST:
        return None, gettext("Reviews have been held since 13 April 2011. Give a later day.")
    if (day - datetime.now(UTC).date()).days > AHEAD:
        return None, gettext("That day is more than a year ahead. Check the year.")
    return day, ""


def _rows(form: DateForm, day: date) -> tuple[Row, ...]:
    nation = Nation(form.nation.data) if form.nation.data in set(Nation) else Nation.ENGLAND
    import holidays

    closed = holidays.country_holidays("GB", subdiv=PLACES[nation], years=range(day.year, day.year + 3))
    start = Start(form.start.data) if form.start.data in set(Start) else Start.DECIDED
    return rows(site_context().library.dates, start, day, datetime.now(UTC).date(), closed)


@pages.get("/questions/<int:number>")
def questions(number: int) -> str:
    """Questions worth asking, to choose from."""
    return render_template("questions.html", title=gettext("Questions to take"), form=PlainForm(), **_questions(number), chosen=None)


@pages.post("/questions/<int:number>")
def listed(number: int) -> str | tuple[str, int]:
    """The chosen questions as a list to print, or the choice once more with what was chosen."""
    view = {"title": gettext("Questions to take"), "form": PlainForm(), **_questions(number)}
    picked = set(request.form.getlist("q"))
    chosen = [(key, text) for group in view["groups"] for key, text in group[1] if key in picked]
    faults = [] if view["form"].validate() else list(view["form"].token.errors)
    if not chosen:
        faults = [gettext("Choose at least one question.")]
    if faults:
        return render_template("questions.html", **view, chosen=picked, message=faults[0]), 422
    if "change" in request.form:
        return render_template("questions.html", **view, chosen=picked)
    return render_template("questions_list.html", **view, questions=chosen)


def _questions(number: int) -> dict[str, Any]:
    found = next((p for p in site_context().library.pathways.values() if p.number == number), None)
    held = found.questions() if found is not None else ()
    if found is None or not held:
        abort(404)
    presenter = site_context().presenter
    groups = [
        (words(step.title), [(f"{step.id}-{i}", text) for i, text in enumerate(texts)], presenter.doors(step.evidence[:1]))
        for step, texts in held
    ]
    return {"pathway": found, "groups": groups}


@pages.get("/beside")
def beside() -> str:
    """What may run beside a review, side by side."""
    return render_template("beside.html", title=gettext("What to expect"), processes=site_context().library.beside)


@pages.get("/beside/<int:number>")
def process(number: int) -> str:
    """One process that may run beside a review."""
    library, presenter = site_context().library, site_context().presenter
    found = next((process for process in library.beside if process.number == number), None)
    if found is None:
        abort(404)
    return render_template(
        "process.html",
        title=gettext("What to expect"),
        process=found,
        quotes=presenter.evidence(found.evidence, most=3),
        language=g.language,
    )
