"""Rules for what is taught: quizzes, lessons, courses and cases.

The rules of item writing follow Haladyna, Downing and Rodriguez (2002), Applied Measurement in Education 15(3).
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import combinations

from rapidfuzz import fuzz

from assistant.content.files import Problem
from assistant.content.library import Library
from assistant.domain.courses import Lesson, Module, Scenario
from assistant.domain.guidance import Provenance, Text
from assistant.domain.learning import Form, Item, ItemKind, Quiz

FEWEST = 6
"""Items for each objective of a module's test."""
_ABSOLUTE = re.compile(r"\b(always|never|all|only|every|none|must)\b", re.IGNORECASE)
_SWEEPING = re.compile(r"\b(all|none|both|neither) of (the|these)\b", re.IGNORECASE)
_NEGATIVE = re.compile(r"\b(not|except|n't)\b(?! to hold a review)", re.IGNORECASE)
_HARD = re.compile(r"\b(suicides?|honour-based|sexual abuse)\b", re.IGNORECASE)
"""What is named before it is read."""
_LIKE = 93
"""How alike two stems may be, of 100."""
_BALANCE = 0.65
"""Largest share of a bank in which a key may be the first, the longest, or true."""


def problems(library: Library) -> Iterator[Problem]:
    """Everything that is wrong with quizzes, lessons, courses and cases."""
    for quiz in library.quizzes.values():
        yield from (library.fault("quiz", quiz.id, message) for message in _quiz_faults(library, quiz))
    yield from _alike(library)
    for module in library.modules.values():
        yield from (library.fault("module", module.id, message) for message in _module_faults(library, module))
    for course in library.courses.values():
        missing = [f"there is no module called {name}" for name in course.modules if name not in library.modules]
        missing += [f"there is no source called {name}" for name in course.rests_on if name not in library.sources]
        yield from (library.fault("course", course.id, message) for message in missing)
    for case in library.scenarios.values():
        yield from (library.fault("scenario", case.id, message) for message in _case_faults(library, case))


def _quiz_faults(library: Library, quiz: Quiz) -> Iterator[str]:
    if quiz.draw > len(quiz.items):
        yield f"draw is {quiz.draw} and the bank holds {len(quiz.items)}"
    ids = Counter(item.id for item in quiz.items)
    for item in quiz.items:
        yield from (f"{item.id}: {fault}" for fault in (*_item_faults(library, quiz, item), *_wording(item)))
        yield from (f"{item.id}: {fault}" for fault in _option_faults(item, library.site.content_languages))
        if ids[item.id] > 1:
            yield f"{item.id}: the id is used twice"
    tested = {item.objective for item in quiz.items}
    yield from (f"no item tests the objective {objective}" for objective in quiz.objectives if objective not in tested)
    yield from _balance(quiz)


def _item_faults(library: Library, quiz: Quiz, item: Item) -> Iterator[str]:
    if item.objective not in quiz.objectives:
        yield f"there is no objective called {item.objective}"
    if not item.evidence:
        yield "the item has no evidence"
    yield from evidence_faults(library, {*item.evidence, *(r for option in item.options for r in option.evidence)})
    right = sum(option.right for option in item.options)
    if item.kind in {ItemKind.SINGLE_CHOICE, ItemKind.TRUE_FALSE} and right != 1:
        yield f"{right} options are right; there must be one"
    if item.kind is ItemKind.MULTIPLE_CHOICE and not 1 < right < len(item.options):
        yield "in a multiple choice some options are right and some are not"
    if item.kind is ItemKind.MATCH and len({tuple(option.match.items()) for option in item.options if option.match}) < len(item.options):
        yield "in a matching item each option has a match of its own"


def evidence_faults(library: Library, references: Iterable[str]) -> Iterator[str]:
    """What is wrong with evidence: it is not here, or all of it is only recalled."""
    for reference in sorted(references):
        if not library.resolves(reference):
            yield f"the evidence {reference} is not in the corpus"
            continue
        sentences = [passage.sentences[i] for passage, i in library.sentences_of(reference)]
        if not any(r.provenance is not Provenance.RECALLED for sentence in sentences for r in sentence.references):
            yield f"the evidence {reference} is only recalled"


def _wording(item: Item) -> Iterator[str]:
    wrong = [option for option in item.options if not option.right and item.kind in {ItemKind.SINGLE_CHOICE, ItemKind.MULTIPLE_CHOICE}]
    for text in item.stem.values():
        if _NEGATIVE.search(text):
            yield "the stem is negative"
    for word in (found.group() for option in wrong for text in option.text.values() if (found := _ABSOLUTE.search(text))):
        yield f"a distractor says {word.lower()}"
    if any(_SWEEPING.search(text) for option in item.options for text in option.text.values()):
        yield "an option sweeps up the others"


def _option_faults(item: Item, languages: Iterable[str]) -> Iterator[str]:
    for language in languages:
        texts = [option.text.get(language, "").casefold() for option in item.options]
        if len(set(texts)) < len(texts):
            yield "two options have the same words"
        if not all(texts) or not item.stem.get(language):
            yield f"words are missing in {language}"
        if any(not option.why.get(language) for option in item.options):
            yield f"an option has no explanation in {language}"


def _balance(quiz: Quiz) -> Iterator[str]:
    """Signs by which a key could be found without knowing anything."""
    truths = [item.options[0].right for item in quiz.items if item.kind is ItemKind.TRUE_FALSE]
    choices = [item for item in quiz.items if item.kind is ItemKind.SINGLE_CHOICE]
    lengths = [[(len(option.text.get("en", "")), option.right) for option in item.options] for item in choices]
    signs = {
        "a statement is true": truths,
        "a statement is false": [not truth for truth in truths],
        "the key stands first": [item.options[0].right for item in choices],
        "the key is the longest": [max(options)[1] and [n for n, _ in options].count(max(options)[0]) == 1 for options in lengths],
        "the key is the shortest": [min(options)[1] and [n for n, _ in options].count(min(options)[0]) == 1 for options in lengths],
    }
    for sign, seen in signs.items():
        if len(seen) >= FEWEST and sum(seen) > _BALANCE * len(seen):
            yield f"too often {sign}: {sum(seen)} of {len(seen)}"


def _alike(library: Library) -> Iterator[Problem]:
    stems = [(quiz.id, item.id, item.stem.get("en", "")) for quiz in library.quizzes.values() for item in quiz.items]
    for (quiz, one, text), (_, other, text2) in combinations(stems, 2):
        if fuzz.ratio(text, text2, score_cutoff=_LIKE):
            yield library.fault("quiz", quiz, f"{one}: nearly the same words as {other}")


def _module_faults(library: Library, module: Module) -> Iterator[str]:
    quiz = library.quizzes.get(module.id)
    if quiz is None or quiz.form is not Form.TEST:
        yield "there is no test of this id"
        return
    for objective in quiz.objectives:
        items = [item for item in quiz.items if item.objective == objective]
        if len(items) < FEWEST:
            yield f"{len(items)} items test the objective {objective}; there must be {FEWEST}"
        if {item.difficulty for item in items} != {1, 2, 3}:
            yield f"the objective {objective} lacks one of three difficulties"
    yield from (f"{lesson.id}: {fault}" for lesson in module.lessons for fault in _lesson_faults(library, quiz, lesson))
    yield from (f"there is no objective called {name}" for name in module.official if name not in quiz.objectives)
    taught = {lesson.objective for lesson in module.lessons}
    yield from (f"no lesson teaches the objective {name}" for name in quiz.objectives if name not in taught)


def _lesson_faults(library: Library, quiz: Quiz, lesson: Lesson) -> Iterator[str]:
    if quiz.item(lesson.check) is None:
        yield f"there is no item called {lesson.check}"
    if lesson.objective not in quiz.objectives:
        yield f"there is no objective called {lesson.objective}"
    yield from (f"{place} is not in the corpus" for place in lesson.read if not library.resolves(place))
    said = (passage.sentences[i].text for place in lesson.read for passage, i in library.sentences_of(place))
    yield from _unannounced(lesson.ahead, said)


def _unannounced(ahead: Text, said: Iterable[str]) -> Iterator[str]:
    if not ahead.get("en") and (found := _HARD.search(" ".join(said))):
        yield f"it speaks of {found.group().lower()}, and does not say so ahead"


def _case_faults(library: Library, case: Scenario) -> Iterator[str]:
    known = {scene.id for scene in case.scenes}
    reached = {case.scenes[0].id} if case.scenes else set()
    for scene in case.scenes:
        if len(scene.decisions) < 2:
            yield f"{scene.id}: there is nothing to decide"
        for decision in scene.decisions:
            reached.add(decision.to)
            if not decision.evidence:
                yield f"{scene.id}: a decision cites nothing"
            if decision.to and decision.to not in known:
                yield f"{scene.id}: there is no scene called {decision.to}"
            elif decision.to and case.place(decision.to) <= case.place(scene.id):  # type: ignore[operator]
                yield f"{scene.id}: {decision.to} goes back"
            yield from (f"{scene.id}: {fault}" for fault in evidence_faults(library, decision.evidence))
            yield from (f"{scene.id}: {fault}" for fault in _said(library, decision.text, decision.follows, decision.why))
    if "" not in reached:
        yield "the case has no end"
    yield from (f"{name}: no decision leads here" for name in known - reached)
    yield from evidence_faults(library, case.evidence)
    yield from _unannounced(case.ahead, (text for scene in case.scenes for text in (scene.text.get("en", ""), case.summary.get("en", ""))))


def _said(library: Library, *texts: Text) -> Iterator[str]:
    for language in library.site.content_languages:
        if not all(text.get(language) for text in texts):
            yield f"words are missing in {language}"
