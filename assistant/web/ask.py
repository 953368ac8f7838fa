"""Asking a question. POST, then a page: nothing is stored, so there is nothing to go to."""

import re

from flask import Blueprint, abort, g, redirect, render_template, url_for
from werkzeug.wrappers import Response as AnyResponse

from assistant.answering import LONGEST
from assistant.domain.answers import Alarm, Answer, Outcome, Question, Route
from assistant.domain.guidance import Nation, Role
from assistant.domain.learning import Pathway, Step
from assistant.domain.site import RouteRule
from assistant.safety.privacy import mask
from assistant.web.called import places_word
from assistant.web.context import number_of, role_of, site_context
from assistant.web.forms import AskForm
from assistant.web.i18n import gettext, words
from assistant.web.security import unsent
from assistant.web.ways import chosen_in, pathway_of

pages = Blueprint("ask", __name__)
NOTHING = Alarm()
WORDS = 4
"""Words of the subject that are explained under an answer."""
OFTEN = {
    Role.FAMILY: ("family#how-long", "family#names-in-report", "family#do-i-have-to", "family#see-draft"),
    Role.FRIENDS: ("friends#friend-have-to", "friends#friend-named", "friends#friend-how", "friends#friend-what-asked"),
    Role.EMPLOYERS: ("employers#employer-first", "employers#employer-duty", "employers#employer-keep", "employers#colleague-have-to"),
    Role.PRACTITIONERS: ("practitioners#time-report", "practitioners#tor", "practitioners#imr-content", "practitioners#who-clears"),
}
"""Cards offered below the question box, by who asks."""


@pages.get("/before")
def before() -> str:
    """The pause on the way to the first text box."""
    return pause(url_for("ask.form"), url_for("site.home"))


@pages.get("/before/<int:number>")
def before_role(number: int) -> str:
    """The pause on the way from the home of one kind of reader."""
    role_of(number)
    return pause(url_for("ask.from_role", number=number), url_for("site.role", number=number))


@pages.get("/before/<int:number>/<int:place>")
def before_step(number: int, place: int) -> str:
    """The pause on the way from a part of a pathway."""
    _step(number, place)
    return pause(url_for("ask.from_step", number=number, place=place), url_for("ways.step", number=number, place=place))


@pages.get("/ask/<int:number>")
def from_role(number: int) -> str:
    """The question box, with who asks."""
    return _form(AskForm(formdata=None, role=role_of(number).value))


@pages.get("/ask/<int:number>/<int:place>")
def from_step(number: int, place: int) -> str:
    """The question box, asked from a part of a pathway: who asks, where and about what go with it."""
    pathway, step = _step(number, place)
    nation = chosen_in(pathway).get("nation")
    asked = AskForm(formdata=None, role=pathway.role.value, nation=nation, step=f"{number}-{place}", history=words(step.title))
    return _form(asked)


def pause(onward: str, back: str) -> str:
    """What to know before the first text box, on the way to it."""
    return render_template("before.html", title=gettext("Before you type"), onward=onward, back=back)


def _step(number: int, place: int) -> tuple[Pathway, Step]:
    pathway = pathway_of(number)
    if not 1 <= place <= len(pathway.steps):
        abort(404)
    return pathway, pathway.steps[place - 1]


def _way_back(value: str | None) -> tuple[str, str] | None:
    """The part of a pathway that a question was asked from: its title and address."""
    match = re.fullmatch(r"(\d{1,3})-(\d{1,3})", value or "")
    found = next((p for p in site_context().library.pathways.values() if match and p.number == int(match[1])), None)
    if match is None or found is None or not 1 <= int(match[2]) <= len(found.steps):
        return None
    return words(found.steps[int(match[2]) - 1].title), url_for("ways.step", number=found.number, place=int(match[2]))


@pages.get("/ask")
def form() -> str:
    """The question box."""
    return _form(AskForm())


@pages.post("/ask")
def answer() -> str | tuple[str, int]:
    """Answer a question. Whatever is wrong with the form, what it says of danger is heard and shown first."""
    asked = AskForm()
    text = asked.text.data or ""
    answerer = site_context().assembly.answerer
    if refused := _refused(asked):
        status, messages = refused
        return _form(asked, answerer.hear(text), *messages), status
    question = Question(text, _role(asked.role.data), _nation(asked.nation.data), g.language, _history(asked.history.data))
    return _page(answerer.answer(question), asked)


def _refused(asked: AskForm) -> tuple[int, tuple[str, ...]] | None:
    """Why a question is not answered, as a status and messages; None where it is."""
    if site_context().assembly.settings.answers_off.exists():
        return 503, (gettext("Answers are resting. You can still search, read and print."),)
    return unsent(asked)


@pages.get("/answer")
def again() -> AnyResponse:
    """An answer has no address of its own."""
    return redirect(url_for("ask.form"))


def _role(value: str | None) -> Role | None:
    return Role(value) if value in set(Role) else None


def _back(asked: AskForm) -> str:
    """The address of the page that a question box was opened from."""
    way, role = _way_back(asked.step.data), _role(asked.role.data)
    if way is not None:
        return way[1]
    return url_for("site.home") if role is None else url_for("site.role", number=number_of(role))


def _afresh(role: Role | None) -> str:
    """The address of an empty question box for the same asker."""
    return url_for("ask.form") if role is None else url_for("ask.from_role", number=number_of(role))


def _nation(value: str | None) -> Nation | None:
    return Nation(value) if value in set(Nation) else None


def _history(value: str | None) -> tuple[str, ...]:
    """The earlier questions that the form carries, a line each: the one that names the topic, and the last one."""
    return tuple(line[:LONGEST] for line in (value or "").splitlines()[-2:])


def _form(asked: AskForm, alarm: Alarm = NOTHING, *messages: str) -> str:
    presenter = site_context().presenter
    often = (f"cards-{card}" for card in OFTEN[_role(asked.role.data) or Role.FAMILY])
    held = [door for door in often if site_context().library.resolves(door)]
    return render_template(
        "ask.html",
        title=gettext("Ask"),
        form=asked,
        help=presenter.help(alarm),
        faults=[*asked.text.errors, *messages],
        often=presenter.doors(held),
        afresh=_afresh(_role(asked.role.data)),
        back=_back(asked),
    )


def _page(found: Answer, asked: AskForm) -> str:
    context = site_context()
    presenter = context.presenter
    follow = AskForm(formdata=None, role=asked.role.data, nation=asked.nation.data, step=asked.step.data)
    follow.history.data = "\n".join(mask(said, frozenset()).text for said in (found.follows, found.asked) if said)
    rule = next((r for r in context.library.routes if r.route == found.route), None)
    help_ = presenter.help(found.alarm)
    shared: dict[str, object] = {
        "answer": found,
        "help": help_,
        "named": presenter.named(found.asked, help_),
        "form": follow,
        "rule": rule,
        "way_back": _way_back(asked.step.data),
        "afresh": _afresh(_role(asked.role.data)),
    }
    if found.route is Route.UNCLEAR and not found.parts:
        message = gettext("Write a question in words, so that this site can look for it.")
        return _form(asked, found.alarm, message)
    if rule is not None and found.outcome is Outcome.DECLINED and rule.declines:
        return _not_here(rule, shared)
    nation = _nation(asked.nation.data)
    searched = [d for d in context.library.documents.values() if nation is None or not d.nations or nation in d.nations]
    parts = tuple(presenter.part(part) for part in found.parts)
    cards = context.library.cards
    shown = [cards[card] for card in found.cards]
    of_wales = [cards[card.wales] for card in shown if card.wales in cards and nation is None]
    evidence = shown[0].evidence if shown else ()
    rest = [*evidence[:1], *(e for card in of_wales for e in card.evidence), *evidence[1:]]
    return render_template(
        "answer.html",
        title=gettext("Your answer"),
        heading=presenter.title(found, parts),
        views=parts,
        near=presenter.near(found.nearest),
        terms=presenter.terms(" ".join(cited.sentence.text for cited in found.sentences), WORDS),
        services=presenter.helping(found, nation),
        role_word=asked.role.data,
        onward=presenter.doors(dict.fromkeys(e.partition("#")[0] for e in rest)),
        counted=len(searched),
        place=places_word(nation),
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
