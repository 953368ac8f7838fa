import pytest

from assistant.asking import leans_on_history, only_whether, settled, split, years_of_a_figure
from assistant.domain.answers import Question


def test_a_question_is_cut_at_its_joins():
    assert split("Who pays? How long does it take?") == ("Who pays?", "How long does it take?")
    assert split("family and friends") == ("family and friends",)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("who runs it, who pays and how long does it take", ("who runs it", "who pays", "how long does it take")),
        ("She died in May. When does it start, who runs it?", ("She died in May. When does it start", "who runs it?")),
        ("does section 9 apply to suicide, and how do we decide?", ("does section 9 apply to suicide", "how do we decide?")),
        ("what help is there; can my brother come", ("what help is there", "can my brother come")),
        ("Who pays? Who writes? Who reads? Who checks? Who stores?", ("Who pays?", "Who writes?", "Who reads?", "Who checks? Who stores?")),
        ("he was her son, does it count", None),
        ("My sister, who was killed by her ex, had asked for help. Will they look at that?", None),
        ("When the report is out, do we get a copy?", None),
        ("what she said, can we see it", None),
        ("which was sad, can we see it", None),
        ("Can I ask, how long does it take", None),
        ("who decides and when?", None),
        ("what if he appeals, does the review stop", None),
        (
            "We had a letter. I want to know who pays, whether we have to go and if it is private.",
            ("We had a letter. I want to know who pays", "whether we have to go", "whether it is private."),
        ),
        ("Please tell me what happens next. Do we get a letter?", ("Please tell me what happens next.", "Do we get a letter?")),
        ("I\u2019d like to know who pays and if it\u2019s private", ("I\u2019d like to know who pays", "whether it\u2019s private")),
        ("They want to know what I saw. Can I refuse?", ()),
        ("They won't tell me what happened. Can I complain?", ()),
        ("I don't know who he is. Can the review find out?", ()),
        ("I'd like to know who pays if we go.", ()),
    ],
)
def test_a_list_of_questions_is_split_and_a_story_is_not_A7(text, parts):
    assert split(text) == (parts or (text,))


def test_a_question_that_stands_alone_does_not_lean():
    assert leans_on_history("and how long does that take?")
    assert not leans_on_history("how long does a domestic homicide review take in Wales after a trial")


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("How many reviews were there in 2016 and 2019?", {"2016", "2019"}),
        ("what share were suicides in 2021-22", {"2021"}),
        ("average age in the 2022 analysis", {"2022"}),
        ("how many reviews are there", set()),
        ("she died in 2012, can there be a review", set()),
        ("how many pages has form 20145", set()),
    ],
)
def test_the_years_of_a_figure_are_read(text, years):
    assert years_of_a_figure(text) == years


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Can he ask me instead? She cries when the phone rings and none of us sleep.", None),
        ("Does the chair have to reply? I've sent four.", None),
        ("Should I step aside as author? I have left that team by now.", None),
        ("Who is the chair? The letter has no name. Who chose her?", ("Who is the chair?", "The letter has no name. Who chose her?")),
        ("Who is the chair? I want to know who pays.", ("Who is the chair?", "I want to know who pays.")),
        ("May I bring someone? A friend.", None),
        ("Who pays? Travel costs.", ("Who pays?", "Travel costs.")),
    ],
)
def test_what_only_tells_more_stays_with_the_question_before_it_A7(text, parts):
    assert split(text) == (parts or (text,))


@pytest.mark.parametrize(
    "text",
    [
        "Is there a review?",
        "So would that be a DHR?",
        "do we still need a domestic homicide review",
        "Will there be one of these reviews?",
        "Does it need to be reviewed",
        "will they carry out a DHR",
    ],
)
def test_a_question_may_ask_only_whether_there_is_a_review(text):
    assert only_whether(text)
    assert settled(f"A lodger did it. {text}") == "A lodger did it. Is that reviewed?"


@pytest.mark.parametrize(
    "text",
    [
        "Who holds the review?",
        "Will there be an inquest?",
        "Is the review public?",
        "Is that it?",
        "Can we stop the review?",
        "Is there a trial first?",
    ],
)
def test_a_question_that_asks_more_is_not_asked_of_a_story_alone(text):
    assert not only_whether(text)
    assert settled(f"A lodger did it. {text}") == f"A lodger did it. {text}"


def test_a_question_after_a_question_is_not_asked_of_a_story():
    text = "Why did nobody write to us? Will there be a review?"
    assert settled(text) == text


@pytest.mark.parametrize(
    ("history", "topic"),
    [
        (("what does the quality assurance panel do",), "Quality assurance panel"),
        (("what is the QA panel looking for",), "Quality assurance panel"),
        (("does the chair meet the panel before the chair writes",), "Chair"),
        (("what is the victims’ code",), "Victims' Code"),
        (("what does the chair do", "and then"), "Chair"),
        (("can we see it", "when"), "can we see it"),
        (("what is the action plan", "do we have to help them with it", "when"), "Action plan"),
        (("  ",), ""),
    ],
)
def test_a_follow_up_is_about_the_last_question_that_stands_alone_or_the_first_A9(assembly, history, topic):
    assert assembly.answerer.answer(Question("and how long for", history=history)).topic == topic
