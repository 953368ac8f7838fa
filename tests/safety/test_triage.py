"""Help is heard in plain wordings, and ordinary questions are left alone. The full held-back set belongs to the safety suite."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.content.library import load
from assistant.domain.answers import Help
from assistant.safety.phrases import compile_phrase
from assistant.safety.triage import Triage
from tests.conftest import HOME

LISTENER = Triage(load(HOME / "corpus").signals)

HEARD = [
    line.split("|")
    for line in (HOME / "tests" / "safety" / "heard.txt").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]
ORDINARY = [
    line
    for line in (HOME / "tests" / "safety" / "ordinary.txt").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]


@pytest.mark.parametrize(("label", "text"), HEARD)
def test_a_person_at_risk_is_heard_SF01(label, text):
    assert LISTENER.hear(text).help == Help(label)


@pytest.mark.parametrize("text", ORDINARY)
def test_an_ordinary_question_is_left_alone_SF06(text):
    assert LISTENER.hear(text).help is None


def test_danger_outranks_the_rest_SF04():
    alarm = LISTENER.hear("he is going to kill me and he hits the kids and i want to die")
    assert alarm.help is Help.IMMEDIATE_DANGER
    assert alarm.also[0] is Help.CHILD_RISK
    assert Help.SELF_HARM in alarm.also


def test_one_who_causes_harm_is_heard_SF05():
    assert LISTENER.hear("i hit my wife and i want to stop").causing


def test_someone_else_at_risk_is_heard_SF05():
    assert LISTENER.hear("my friend is being hit by her husband").other


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=3000))
def test_no_text_breaks_it_SS11(text):
    LISTENER.hear(text)


@pytest.mark.parametrize("text", ["a " * 5000, "he is going to " * 700, "(" * 10_000, "my my my " * 3000, "going to kill " * 700])
def test_it_stays_quick_on_any_text_SS10(text):
    started = time.process_time()
    LISTENER.hear(text)
    assert time.process_time() - started < 1.0


@pytest.mark.parametrize(
    ("phrase", "line", "matches"),
    [
        ("(a|b) c", " x a c ", True),
        ("(a|b) c", " x c ", False),
        ("a [b] c", " a c ", True),
        ("a [b] c", " a b c ", True),
        ("a ... c", " a 1 2 3 4 c ", True),
        ("a ... c", " a 1 2 3 4 5 c ", False),
        ("thr*", " threaten ", True),
        ("cat", " cats ", False),
    ],
)
def test_the_phrase_language_means_what_it_says(phrase, line, matches):
    assert bool(compile_phrase(phrase).search(line)) is matches
