"""Who is learning in this browser, and how far they are."""

import secrets

from flask import session

from assistant.domain.courses import Course
from assistant.learning.attempts import score
from assistant.web.context import site_context


def learner() -> str | None:
    """The random number under which this browser's progress is kept; None when nothing is."""
    found: str | None = session.get("learner")
    return found


def new_learner() -> str:
    """The learner's number, made now if there is none."""
    found: str = session.setdefault("learner", secrets.token_hex(16))
    return found


def progress(course: Course, me: str | None) -> dict[str, tuple[int, bool]]:
    """Of each module: how many lessons were read, and whether its test has reached the cut score."""
    records = site_context().assembly.records
    if me is None:
        return dict.fromkeys(course.modules, (0, False))
    return {
        name: (len(records.lessons(me, name)), any(a.finished is not None and score(a).reached for a in records.attempts(me, name)))
        for name in course.modules
    }


def complete(course: Course, me: str | None) -> bool:
    """The completion rule: every lesson of every module read, and every test at its cut score."""
    modules = site_context().library.modules
    return all(read >= len(modules[name].lessons) and reached for name, (read, reached) in progress(course, me).items())
