"""Days are worked out by the calendar, for any day and any period."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.domain.dates import EARLIEST, Expectation, Start, next_working, rows
from assistant.domain.learning import Strength

DAYS = st.dates(EARLIEST, date(2060, 12, 31))
NONE: frozenset[date] = frozenset()


def expected(months, start=Start.DECIDED, name="e"):
    return Expectation(name, {"en": "x"}, start, Strength.GUIDANCE, {"en": ""}, "d#s", months)


@given(day=DAYS, months=st.integers(1, 60))
def test_a_month_is_a_calendar_month(day, months):
    due = rows([expected(months)], Start.DECIDED, day, day, NONE)[0].day
    assert (due.year * 12 + due.month) - (day.year * 12 + day.month) == months
    assert due.day == day.day or (due.day < day.day and (due.replace(day=28).toordinal() + 4 - due.toordinal()) <= 4)


@given(day=DAYS, closed=st.frozensets(DAYS, max_size=20))
def test_the_next_working_day_is_one_and_the_nearest(day, closed):
    found = next_working(day, closed)
    assert found >= day
    assert found.weekday() < 5
    assert found not in closed
    between = [date.fromordinal(n) for n in range(day.toordinal(), found.toordinal())]
    assert all(d.weekday() >= 5 or d in closed for d in between)


@given(day=DAYS, today=DAYS, months=st.lists(st.integers(0, 40), max_size=8))
def test_rows_stand_in_order_and_those_without_a_day_last(day, today, months):
    found = rows([expected(m) for m in months], Start.DECIDED, day, today, NONE)
    days = [row.day for row in found]
    known = [d for d in days if d is not None]
    assert len(found) == len(months)
    assert known == sorted(known)
    assert days[: len(known)] == known
    assert all(row.past == (row.day is not None and row.day < today) for row in found)


@pytest.mark.parametrize(
    ("day", "months", "due"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2026, 11, 24), 6, date(2027, 5, 24)),
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
    ],
)
def test_ends_of_months(day, months, due):
    assert rows([expected(months)], Start.DECIDED, day, day, NONE)[0].day == due


def test_what_runs_from_another_day_is_left_out_or_has_no_day():
    told = [expected(1, Start.NOTIFIED, "a"), expected(6, Start.DECIDED, "b"), expected(12, Start.PUBLISHED, "c")]
    found = rows(told, Start.NOTIFIED, date(2026, 3, 2), date(2026, 3, 2), NONE)
    assert [(row.expectation.id, row.day) for row in found] == [("a", date(2026, 4, 2)), ("b", None)]
    assert [row.expectation.id for row in rows(told, Start.PUBLISHED, date(2026, 3, 2), date(2026, 3, 2), NONE)] == ["c"]


def test_a_weekend_names_the_next_working_day():
    row = rows([expected(1)], Start.DECIDED, date(2026, 10, 28), date(2026, 10, 28), NONE)[0]
    assert (row.day, row.working) == (date(2026, 11, 28), date(2026, 11, 30))
