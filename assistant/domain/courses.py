"""Courses: what is read, in which order, and what a certificate of them needs; and fictional cases to decide."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from assistant.domain.guidance import Text


@dataclass(frozen=True)
class Lesson:
    """One screen of reading and one question about it."""

    id: str
    title: Text
    minutes: int
    objective: str
    read: tuple[str, ...]
    """Sections of the guide, ``document#section``."""
    check: str
    """The item that ends the lesson."""
    prompt: Text
    """What a trainer may ask a group."""
    ahead: Text = field(default_factory=dict)
    """What it speaks of that may be hard to read, said before it; empty where there is nothing to name."""


@dataclass(frozen=True)
class Module:
    """Lessons, and the quiz of the same id that tests their objectives."""

    id: str
    version: int
    lessons: tuple[Lesson, ...]
    official: Mapping[str, Text] = field(default_factory=dict)
    """What the Home Office online learning calls an objective, by the objective's id."""

    @property
    def minutes(self) -> int:
        """How long its lessons take to read."""
        return sum(lesson.minutes for lesson in self.lessons)

    def place(self, lesson_id: str) -> int | None:
        """Where a lesson stands, from 0, or None if the module has no such lesson."""
        return next((i for i, lesson in enumerate(self.lessons) if lesson.id == lesson_id), None)


@dataclass(frozen=True)
class Course:
    """Modules that lead to one certificate: every lesson read, and each quiz at its cut score."""

    id: str
    number: int
    title: Text
    summary: Text
    modules: tuple[str, ...]
    rests_on: tuple[str, ...]
    """Sources whose edition a certificate names."""


@dataclass(frozen=True)
class Decision:
    """A way on from one point of a case: what follows, and why the guidance points there or elsewhere."""

    text: Text
    follows: Text
    why: Text
    evidence: tuple[str, ...]
    to: str = ""
    """The scene that comes next; empty at the end of the case."""


@dataclass(frozen=True)
class Scene:
    """One point of a case at which something has to be decided."""

    id: str
    text: Text
    decisions: tuple[Decision, ...]


@dataclass(frozen=True)
class Scenario:
    """A wholly fictional case. Its first scene is where it begins."""

    id: str
    number: int
    title: Text
    summary: Text
    scenes: tuple[Scene, ...]
    debrief: Text
    """What the case was about, in a few sentences."""
    evidence: tuple[str, ...]
    """What the debrief rests on."""
    ahead: Text = field(default_factory=dict)
    """What it speaks of that may be hard to read, said before it; empty where there is nothing to name."""

    def place(self, scene_id: str) -> int | None:
        """Where a scene stands, from 0, or None if the case has no such scene."""
        return next((i for i, scene in enumerate(self.scenes) if scene.id == scene_id), None)
