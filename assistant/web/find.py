"""Search: the passages that speak of a few words, whether or not they answer anything."""

from flask import Blueprint, g, render_template, url_for

from assistant.domain.answers import Question
from assistant.domain.guidance import Passage
from assistant.web.ask import pause
from assistant.web.context import site_context
from assistant.web.forms import SearchForm
from assistant.web.i18n import gettext
from assistant.web.security import unsent

pages = Blueprint("find", __name__)
MOST = 10
"""Passages that are shown."""


@pages.get("/search/before")
def before() -> str:
    """The pause on the way to the box."""
    return pause(url_for("find.form"), url_for("read.documents"))


@pages.get("/search")
def form() -> str:
    """The box."""
    return _page(SearchForm())


@pages.post("/search")
def results() -> str | tuple[str, int]:
    """What was found, one passage of a section. Personal details are taken out first, as from a question."""
    asked = SearchForm()
    if refused := unsent(asked):
        status, messages = refused
        return _page(asked, *messages), status
    said, hits = site_context().assembly.answerer.look_up(Question(asked.text.data or "", language=g.language), 3 * MOST)
    sections: dict[tuple[str, str], Passage] = {}
    for hit in hits:
        sections.setdefault((hit.passage.document, hit.passage.section), hit.passage)
    found = site_context().presenter.found(list(sections.values())[:MOST])
    return render_template("found.html", title=gettext("Search"), form=asked, said=said, found=found)


def _page(asked: SearchForm, *messages: str) -> str:
    faults = [*asked.text.errors, *messages]
    return render_template("search.html", title=gettext("Search"), form=asked, faults=faults)
