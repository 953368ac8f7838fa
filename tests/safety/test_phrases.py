"""The language of phrases, and small listeners and routers made of a few of them."""

from functools import partial

import numpy as np
import pytest

from assistant.domain.answers import Alarm, Help, Route
from assistant.domain.site import Example, RouteRule, Signal, Signals
from assistant.safety.ear import LABELS, MOST, WINDOW, LetterEar, fit_letters, letters, stretches
from assistant.safety.phrases import compile_phrase, fold, needed_words, phrase_pattern, straight, words
from assistant.safety.privacy import MARK, mask
from assistant.safety.router import Router
from assistant.safety.triage import LONGEST, Triage


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("He HIT me", "he hit me"),
        ("tab\there", "tab here"),
        ("line\nbreak", "line break"),
        ("Café ÉTÉ", "cafe ete"),
        ("straße", "strasse"),
        ("ﬁne", "fine"),
        ("a\u200bb", "ab"),
        ("a\u202eb", "ab"),
        ("a\ud800b", "ab"),
        ("a\ue000b", "ab"),
        ("مَرْحَبًا", "مرحبا"),
        ("हिंसा", "हिंसा"),
        ("１２", "12"),
        ("", ""),
    ],
)
def test_every_spelling_comes_to_one_form_SS11(text, folded):
    assert fold(text) == folded


def test_composed_and_decomposed_letters_are_alike_SS11():
    assert fold("ŵyr") == fold("w\u0302yr")
    assert fold("ਪੰਜਾਬੀ") == fold("ਪੰਜਾਬੀ")


@pytest.mark.parametrize(
    ("text", "spellings", "found"),
    [
        ("I'm here", {"im": "i am"}, ["i", "am", "here"]),
        ("he's, gone!", {"hes": "he is"}, ["he", "is", "gone"]),
        ("it’s 5 o'clock", {}, ["its", "5", "oclock"]),
        ("under_score", {}, ["under", "score"]),
        ("हिंसा नहीं", {}, ["हिंसा", "नहीं"]),
        ("'quoted'", {}, ["quoted"]),
        ("", {}, []),
    ],
)
def test_a_text_is_words_in_one_form(text, spellings, found):
    assert words(text, spellings) == found


def test_a_word_without_apostrophes():
    assert straight("don't’won`tʼ") == "dontwont"


@pytest.mark.parametrize(
    ("phrase", "pattern"),
    [
        ("a b", " a b(?= )"),
        ("(a|b c) d", " (?:a|b c) d(?= )"),
        ("a [b|c]", " a(?: (?:b|c))?(?= )"),
        ("thr* (in*|x)", " thr[^ ]* (?:in[^ ]*|x)(?= )"),
        ("a ... b", " a(?: [^ ]+){0,4}? b(?= )"),
        ("DON'T a.b", r" dont a\.b(?= )"),
        ("(don't|a+b)", r" (?:dont|a\+b)(?= )"),
    ],
)
def test_a_phrase_is_a_bounded_pattern(phrase, pattern):
    assert phrase_pattern(phrase) == pattern
    assert compile_phrase(phrase).pattern == pattern
    assert compile_phrase(phrase) is compile_phrase(phrase)


@pytest.mark.parametrize(
    ("phrase", "needed"),
    [
        ("he hits me", {"hits"}),
        ("me he hits", {"hits"}),
        ("to kill [everybody]", {"kill"}),
        ("a ... knife", {"knife"}),
        ("threat* to us", {"to"}),
        ("(strangl*|chok*) me", {"me"}),
        ("(he|she) goes", {"goes"}),
        ("(will stab|will shoot) me", {"stab", "shoot"}),
        ("(my mother|a sister) is", {"mother", "sister"}),
        ("(ab|abcdef) xyz", {"xyz"}),
        ("a (abcd|abcdef) xyz", {"abcd", "abcdef"}),
        ("one two", {"one"}),
        ("DON'T go", {"dont"}),
        ("thr* ab*", set()),
        ("...", set()),
    ],
)
def test_a_message_without_a_needed_word_needs_no_search(phrase, needed):
    assert needed_words(phrase) == needed


def listener(
    *phrases, label=Help.ABUSE_DISCLOSURE, spellings=None, groups=None, ordinary=(), quoted=(), figures=(), plain=(), known=(), **more
):
    signals = (Signal(label, "en", phrases, **more),)
    return Triage(Signals(signals, spellings or {}, groups or {}, ordinary, quoted, figures, plain), known)


@pytest.mark.parametrize(
    ("made", "text", "heard"),
    [
        (partial(listener, "he hits me"), "Well, HE HITS me!", True),
        (partial(listener, "he hits me"), "she hits me", False),
        (partial(listener, "hurts <who>", groups={"who": ("me", "us")}), "it hurts us", True),
        (partial(listener, "hurts <who>", groups={"who": ("me", "us")}), "it hurts them", False),
        (partial(listener, "<a> <b>", groups={"a": ("x", "y"), "b": ("v", "w")}), "say y w now", True),
        (partial(listener, "you are bad", spellings={"UR": "You Are"}), "ur bad", True),
        (partial(listener, "strangled me"), "he strangeld me", True),
        (partial(listener, "strangled me"), "he srtangled me", True),
        (partial(listener, "strangled me"), "he atrangled me", False),
        (partial(listener, "strangled me"), "he strrrrangled me", True),
        (partial(listener, "strangled me"), "he stragd me", False),
        (partial(listener, "choked me"), "he choke me", True),
        (partial(listener, "choked me"), "he cooked me", True),
        (partial(listener, "choked me", known=("cooked",)), "he cooked me", False),
        (partial(listener, "choked me", plain=("Cooked",)), "he cooked me", False),
        (partial(listener, "choked me", ordinary=("we cooked",)), "he cooked me", False),
        (partial(listener, "choked me", quoted=("we cooked",)), "he cooked me", False),
        (partial(listener, "kill me"), "kil me", False),
        (partial(listener, "call 999"), "please call 999", True),
        (partial(listener, "hits me", unless=("in a game",)), "he hits me in a game", False),
        (partial(listener, "hits me", unless=("in a game",)), "he hits me in a lane", True),
        (partial(listener, "hits her", other=True, ordinary=("what is the policy",)), "what is the policy if he hits her", False),
        (partial(listener, "hits her", other=True, ordinary=("what is the policy",)), "what is the policy if my son hits her", True),
        (partial(listener, "hits me", ordinary=("what is the policy",)), "what is the policy if he hits me", True),
        (partial(listener, "hits me", quoted=("she told the panel",)), "she told the panel he hits me", False),
        (partial(listener, "killing me", figures=("wait is killing me",)), "the wait is killing me", False),
        (partial(listener, "killing me", figures=("wait is killing me",)), "the wait is killing me and he is killing me", True),
        (partial(listener, "hits me", figures=("wait is killing me",)), "he hits wait is killing me me", False),
        (
            partial(listener, "killing me", figures=("wait is <what> me",), groups={"what": ("killing", "ending")}),
            "the wait is killing me",
            False,
        ),
    ],
)
def test_a_few_phrases_hear_what_they_say(made, text, heard):
    assert (made().hear(text).help is not None) is heard


@pytest.mark.parametrize(
    ("said", "meant", "near"),
    [("knifee", "knife", True), ("knyve", "knife", False), ("strangledxy", "strangled", True), ("strangledxyz", "strangled", False)],
)
def test_a_misspelling_is_near_by_the_length_of_the_word(said, meant, near):
    assert (listener(f"a {meant}").hear(f"a {said}").help is not None) is near


@pytest.mark.parametrize(
    ("text", "help_", "also"),
    [
        ("he hits me", Help.ABUSE_DISCLOSURE, ()),
        ("he hits me and the kids are upstairs", Help.ABUSE_DISCLOSURE, (Help.CHILD_RISK,)),
        ("he is at the door and the kids are upstairs", Help.IMMEDIATE_DANGER, (Help.CHILD_RISK,)),
        ("he hits me and want to die, the kids are upstairs", Help.SELF_HARM, (Help.CHILD_RISK, Help.ABUSE_DISCLOSURE)),
        ("want to die, the kids are upstairs", Help.SELF_HARM, ()),
        ("the kids are hurt", Help.CHILD_RISK, ()),
        ("he hits me and the kids are hurt", Help.CHILD_RISK, (Help.ABUSE_DISCLOSURE,)),
        ("the kids are upstairs", None, ()),
    ],
)
def test_a_child_who_is_spoken_of_beside_abuse_or_danger_is_thought_of_after_it(text, help_, also):
    signals = (
        Signal(Help.ABUSE_DISCLOSURE, "en", ("he hits me",)),
        Signal(Help.IMMEDIATE_DANGER, "en", ("at the door",)),
        Signal(Help.SELF_HARM, "en", ("want to die",)),
        Signal(Help.CHILD_RISK, "en", ("kids are hurt",)),
    )
    alarm = Triage(Signals(signals, groups={"little": ("kids", "children")}, young=("the <little>",))).hear(text)
    assert (alarm.help, alarm.also) == (help_, also)


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("my friend is hurt", True), ("my friend told me he is hurt", True), ("my friend is hurt and told me i should go", False),
        ("it is hurt", False), ("my friend is well", False), ("i am hurt by my friend", False),
    ],
)  # fmt: skip
def test_a_call_that_speaks_of_someone_else_alone_is_about_them_SF05(text, other):
    signals = (Signal(Help.ABUSE_DISCLOSURE, "en", ("hurt",)),)
    made = Triage(Signals(signals, groups={"close": ("friend", "mum")}, others=("my <close>",), asides=("told me",), oneself=("(i|me)",)))
    assert made.hear(text).other is other


def test_what_was_heard_is_told_with_who_and_how():
    signals = (
        Signal(Help.DISTRESS_ONLY, "en", ("i cry",)),
        Signal(Help.SELF_HARM, "en", ("want to die",)),
        Signal(Help.IMMEDIATE_DANGER, "en", ("at the door",)),
        Signal(Help.ABUSE_DISCLOSURE, "en", ("i hit him",), causing=True),
        Signal(Help.ABUSE_DISCLOSURE, "en", ("hits her",), other=True),
    )
    made = Triage(Signals(signals))
    alarm = made.hear("i want to die and he is at the door")
    assert (alarm.help, alarm.also, alarm.causing, alarm.other) == (Help.IMMEDIATE_DANGER, (Help.SELF_HARM,), False, False)
    alarm = made.hear("i hit him and he hits her and i cry")
    assert (alarm.help, alarm.causing, alarm.other) == (Help.ABUSE_DISCLOSURE, True, True)
    nothing = made.hear("who pays")
    assert (nothing.help, nothing.also, nothing.causing, nothing.other) == (None, (), False, False)


@pytest.mark.parametrize(
    ("text", "causing"),
    [
        ("hits me", False),
        ("danger", False),
        ("hurts a child", False),
        ("upset", True),
        ("i hit him", True),
        ("hits me and i hit him", True),
        ("who pays", False),
    ],
)
def test_an_ear_is_believed_on_who_causes_harm_where_no_phrase_tells_of_another_who_does_SF05(text, causing):
    signals = (
        Signal(Help.ABUSE_DISCLOSURE, "en", ("hits me",)),
        Signal(Help.IMMEDIATE_DANGER, "en", ("danger",)),
        Signal(Help.SELF_HARM, "en", ("upset",)),
        Signal(Help.CHILD_RISK, "en", ("hurts a child",)),
        Signal(Help.ABUSE_DISCLOSURE, "en", ("i hit him",), causing=True),
    )
    made = Triage(Signals(signals))
    assert made.hear(text, causing=True).causing is causing
    assert made.hear(text).causing is ("i hit him" in text)


def test_the_beginning_and_the_end_of_a_very_long_message_are_read_SS10():
    made = listener("he hits me")
    fill = "x " * LONGEST
    half = LONGEST // 2
    assert made.hear("he hits me " + fill).help
    assert made.hear(fill + "he hits me").help
    assert not made.hear(fill + "he hits me " + fill).help
    exactly = "x " * (half - 5) + "he hits me"
    assert len(exactly) == LONGEST
    assert made.hear(exactly).help
    middle = "x " * ((half - 6) // 2) + "he hits me " + "x " * LONGEST
    assert made.hear(middle[:LONGEST]).help
    assert not made.hear(middle).help
    third = "x " * (half // 2 - 500) + "he hits me " + "x " * LONGEST
    assert made.hear(third).help
    assert made.hear("x " * LONGEST + "he hits me " + "x " * (half // 2 - 500)).help
    assert not made.hear("x" * (half - 4) + " he hits me" + "x" * half).help


def test_an_ear_is_listened_to_only_when_it_is_sure_SF02():
    said = {None: "blue chair", Help.SELF_HARM: "red lamp", Help.CHILD_RISK: "green door"}
    examples = [Example(label, "en", f"{text} {i}") for label, text in said.items() for i in range(15)]
    made = Triage(Signals(()), letters=LetterEar(fit_letters(examples)))
    assert made.hear("red lamp 3").help is Help.SELF_HARM
    assert made.hear("red chair blue lamp").help is None
    assert made.hear("blue chair").help is None
    assert made.hear("red lamp").help is None


class Silent:
    """An ear for letters that hears nothing in particular."""

    def chances(self, text):
        return np.full(6, 1 / 6, np.float32)


@pytest.mark.parametrize(
    ("letters", "alarm", "heard"),
    [(None, 0.39, False), (None, 0.41, True), (Silent(), 0.15, False), (Silent(), 0.18, True)],
)
def test_the_ear_for_meaning_is_asked_with_the_one_for_letters_where_there_is_one_SF02(letters, alarm, heard):
    made = Triage(Signals(()), letters=letters)
    chances = np.array([1 - alarm, alarm, 0, 0, 0, 0], np.float32)
    found = made.hear("the chair", {"the chair": chances})
    assert found.help is (LABELS[1] if heard else None)
    assert made.hear("the chair", {}).help is made.hear("the chair").help


def test_what_an_ear_adds_stands_in_order_and_upset_gives_way():
    heard = Alarm(Help.DISTRESS_ONLY, (), causing=True)
    sure = np.array([0.0, 0.0, 0.4, 0.6, 0.0, 0.0], np.float32)
    names = [LABELS[2], LABELS[3]]
    added = Triage.add(heard, [sure], 0.4)
    assert [added.help, *added.also] == sorted(names, key=list(Help).index)
    assert added.causing
    unsure = np.array([0.6, 0.4, 0.0, 0.0, 0.0, 0.0], np.float32)
    assert Triage.add(heard, [unsure], 0.4) == heard
    assert Triage.add(heard, [unsure], 0.35).help is LABELS[1]


def test_self_harm_is_heard_sooner_than_the_rest():
    quiet = Alarm()
    for place, label in enumerate(LABELS):
        chances = np.array([0.65, *[0.0] * 5], np.float32)
        chances[place] = max(chances[place], 0.35)
        assert Triage.add(quiet, [chances], 0.4).help is (label if label is Help.SELF_HARM else None)


def rule(route, *phrases, **more):
    return RouteRule(route, phrases, {"en": "t"}, {"en": "r"}, **more)


@pytest.mark.parametrize(
    ("text", "route"),
    [
        ("Hello!", Route.GREETING),
        ("hello who pays", None),
        ("well hello", None),
        ("can I sue", Route.LEGAL),
        ("could we sue them", Route.LEGAL),
        ("can they sue for a review", None),
        ("whose fault and can i sue", Route.BLAME),
        ("ur to blame", Route.BLAME),
    ],
)
def test_the_first_rule_that_fits_is_taken(text, route):
    rules = [
        rule(Route.GREETING, "hello", whole=True),
        rule(Route.BLAME, "whose fault", "you are to blame"),
        rule(Route.LEGAL, "<may> <who> sue", unless=("for a review",)),
    ]
    found = Router(rules, {"ur": "you are"}, {"may": ("can", "could"), "who": ("i", "we", "they")}).route(text)
    assert (found.route if found else None) == route


def test_a_message_is_heard_in_stretches():
    some = [f"w{i}" for i in range(WINDOW + 3)]
    assert stretches(" ".join(some[: WINDOW - 1])) == [" ".join(some[: WINDOW - 1])]
    assert stretches("One. Two? Three! چار۔ پانچ؟ six") == ["One.", "Two?", "Three!", "چار۔", "پانچ؟", "six"]
    assert stretches(" ".join(some)) == [" ".join(some[:WINDOW]), " ".join(some[WINDOW // 2 :])]
    assert stretches(" ".join(some[:WINDOW])) == [" ".join(some[:WINDOW])]
    assert stretches("") == []
    many = stretches(" ".join(f"Line {i}." for i in range(MOST * 3)))
    assert len(many) == MOST
    assert many[0] == "Line 0."
    assert many[-1] == f"Line {MOST * 3 - 1}."
    assert many[MOST * 2 // 3 - 1] == f"Line {MOST * 2 // 3 - 1}."


def test_letters_of_a_message_are_its_words_and_groups():
    def count(text):
        return len(letters(text))

    assert count("") == 0
    assert count("a") == 1 + 2 + 1
    assert set(letters("ab cd")) >= set(letters("ab")) | set(letters("cd"))
    assert count("ab cd") == count("ab") + count("cd") + 1
    assert list(letters("AB")) == list(letters("ab"))
    assert list(letters("b a")) != list(letters("a b"))
    assert list(letters("x" * 100)) == list(letters("x" * 100))


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("my name is Ann Jones and", f"my name is {MARK} and"),
        ("I'm called Bob", f"I'm called {MARK}"),
        ("my name is on the letter", "my name is on the letter"),
        ("MY NAME IS Ann how long does it take", f"MY NAME IS {MARK} how long does it take"),
        ("the chair named Panel", "the chair named Panel"),
        ("dr Smith said", f"dr {MARK} said"),
        ("we met Jane Doe there", f"we met {MARK} there"),
        ("the Home Office said", "the Home Office said"),
        ("the Home Alone said", "the Home Alone said"),
        ("ring 01632 960 123 now", f"ring {MARK} now"),
        ("at a.b+c@example.co.uk please", f"at {MARK} please"),
        ("born on 3rd May 1980 here", f"born {MARK} here"),
        ("nothing here", "nothing here"),
        ("the Home' Alone' said", "the Home' Alone' said"),
    ],
)
def test_details_are_taken_out_and_words_of_the_subject_stay_SP05(text, masked):
    found = mask(text, {"home", "office", "panel"})
    assert (found.text, found.changed) == (masked, masked != text)
