"""Dates, questions to take, and what runs beside: worked out from what was sent, and never kept."""

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from icalendar import Calendar


def send(client, path="/dates", **fields):
    return client.post(path, data={"token": client.token("/dates"), "start": "decided", "nation": "england", **fields})


def test_the_days_after_a_decision_B3(client):
    response = send(client, day="24", month="3", year="2026")
    assert response.status_code == 200
    assert "24 September 2026" in response.text
    assert re.search(r"[Gg]uidance", response.text)
    assert "Set-Cookie" not in response.headers


@pytest.mark.parametrize(
    ("day", "month", "year", "told"),
    [
        ("", "", "", "Give a day, a month and a year."),
        ("31", "2", "2026", "not in the calendar"),
        ("x", "2", "2026", "not in the calendar"),
        ("²", "2", "2026", "not in the calendar"),
        ("1", "1", "99999", "not in the calendar"),
        ("1", "1", "1999", "13 April 2011"),
        ("1", "1", "2090", "more than a year ahead"),
    ],
)
def test_a_day_that_cannot_be_is_told_and_what_was_typed_stays(client, day, month, year, told):
    response = send(client, day=day, month=month, year=year)
    assert response.status_code == 422
    assert told in response.text
    if year:
        assert f'value="{year}"' in response.text


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(fields=st.tuples(st.text(max_size=6), st.text(max_size=6), st.text(max_size=6), st.text(max_size=6)))
def test_any_typing_gives_a_page_SS11(client, fields):
    day, month, year, nation = fields
    assert send(client, day=day, month=month, year=year, nation=nation).status_code in {200, 422}


@pytest.mark.parametrize(("full", "neutral"), [("", True), ("y", False)])
def test_a_calendar_names_nothing_unless_asked_B3_SX(client, full, neutral):
    response = send(client, "/dates/calendar", day="24", month="3", year="2026", full=full)
    book = Calendar.from_ical(response.data)
    names = [str(event["summary"]) for event in book.walk("VEVENT")]
    assert names
    assert all(re.fullmatch(r"Reminder \d+", name) for name in names) is neutral
    assert "homicide" not in response.headers["Content-Disposition"]


def test_chosen_questions_are_listed_B10(client):
    keys = re.findall(r'name="q" type="checkbox" value="([^"]+)"', client.get("/questions/1").text)
    page = client.post("/questions/1", data={"token": client.token("/questions/1"), "q": keys[:2]}).text
    assert page.count("<li") >= 2
    assert all(f'type="hidden" name="q" value="{key}"' in page for key in keys[:2])
    again = client.post("/questions/1", data={"token": client.token("/questions/1"), "q": keys[:2], "change": "y"}).text
    assert len(re.findall(r'name="q" type="checkbox" value="[^"]+" checked', again)) == 2
    assert client.post("/questions/1", data={"token": client.token("/questions/1"), "q": ["nope"]}).status_code == 422


def test_each_process_says_what_it_cannot_decide_with_quotes_B4(client, library):
    for process in library.beside:
        page = client.get(f"/beside/{process.number}").text
        assert "<blockquote" in page
        assert page.count("<h2") >= 2


def test_a_self_check_shows_what_the_guide_says_and_keeps_nothing_C5(client, library):
    quiz = next(q for q in library.quizzes.values() if q.number == 4)
    page = client.get("/check/4").text
    names = dict.fromkeys(re.findall(r'name="(i-[^"]+)"', page))
    seed = re.search(r'name="seed" value="(\d+)"', page)[1]
    assert not any(option.why["en"] in page for item in quiz.items for option in item.options)
    missing = client.post("/check/4", data={"token": client.token("/check/4"), "seed": seed})
    assert missing.status_code == 422
    result = client.post("/check/4", data={"token": client.token("/check/4"), "seed": seed, **dict.fromkeys(names, "0")})
    assert result.status_code == 200
    assert result.text.count("<blockquote") >= len(names)
    assert "Set-Cookie" not in result.headers


@pytest.mark.parametrize("think", ["so", "not", "tell", "x"])
def test_a_misunderstanding_is_explained_without_a_score_C5(client, think):
    response = client.post("/check/3/1", data={"token": client.token("/check/3/1"), "think": think})
    assert response.status_code == 200
    assert "<blockquote" in response.text
    assert "score" not in re.sub(r"no score", "", response.text.lower())
    assert "Set-Cookie" not in response.headers


@pytest.mark.parametrize("seed", ["", "x", "²", "-1", "9" * 20])
def test_a_seed_that_is_none_is_refused(client, seed):
    assert client.post("/check/4", data={"token": client.token("/check/4"), "seed": seed}).status_code == 400


@pytest.mark.parametrize(
    ("nation", "when", "told"),
    [
        ("england", ("1", "6", "2012"), {"2011": "In force", "December 2016": "Not yet in force then", "30 October 2024": "In force"}),
        ("england", ("1", "6", "2015"), {"2011": "Replaced by then", "2013, known": "In force", "December 2016": "Not yet in force then"}),
        ("wales", ("2", "10", "2024"), {"December 2016": "In force", "later update": "In force", "2 May 2024": "Not in force"}),
        ("england", ("2", "10", "2024"), {"later update": "Not for England", "Royal Assent": "Not in force"}),
        ("england", ("24", "11", "2026"), {"2 May 2024": "Draft: not in force", "Royal Assent": "Passed, but not in force"}),
        ("both", ("2", "10", "2024"), {"later update": "In force in Wales", "December 2016": "In force"}),
    ],
)
def test_what_applies_in_a_place_on_a_day_F3(client, nation, when, told):
    day, month, year = when
    form = {"token": client.token("/editions"), "nation": nation, "day": day, "month": month, "year": year}
    sent = client.post("/editions", data=form)
    assert (sent.status_code, sent.location) == (303, "/editions")
    rows = dict(re.findall(r'<span class="soft"[^>]*>([^<]*)</span></dt><dd><strong>([^<]*)</strong>', client.get("/editions").text))
    for edition, standing in told.items():
        assert {shown for name, shown in rows.items() if edition in name} == {standing}, edition
    client.get("/leave")
    client.post("/back", data={"token": client.token("/left")})
    assert "Replaced by then" in client.get("/editions").text


def test_a_day_that_cannot_be_is_told_where_editions_are_asked_for(client):
    form = {"token": client.token("/editions"), "nation": "wales", "day": "31", "month": "2", "year": "2024"}
    response = client.post("/editions", data=form)
    assert response.status_code == 422
    assert "not in the calendar" in response.text
    assert 'value="2024"' in response.text
