import sqlite3
from datetime import UTC, date, datetime, timedelta

import pytest

from assistant.errors import StoreFault
from assistant.learning.tally import Tally

DAY = date(2026, 11, 22)


@pytest.fixture
def tally(tmp_path):
    return Tally(tmp_path / "records.db")


def test_panels_are_counted_by_month_kind_and_language(tally):
    for day, kind in ((DAY, "self_harm"), (DAY, "self_harm"), (date(2026, 11, 3), "self_harm"), (date(2026, 10, 3), "child_risk")):
        tally.add(day, kind, "en")
    tally.add(DAY, "self_harm", "cy")
    assert list(tally.by_month()) == [
        ("2026-10", "child_risk", "en", 1),
        ("2026-11", "self_harm", "cy", 1),
        ("2026-11", "self_harm", "en", 3),
    ]


def test_counts_are_deleted_after_their_time(tally):
    tally.add(DAY - timedelta(days=366), "self_harm", "en")
    tally.add(DAY, "self_harm", "en")
    assert tally.purge(datetime(2026, 11, 22, 12, tzinfo=UTC), timedelta(days=365)) == 1
    assert [row[0] for row in tally.by_month()] == ["2026-11"]


def test_a_count_does_not_wait_long_for_another_writer(tally, tmp_path):
    tally.add(DAY, "self_harm", "en")
    other = sqlite3.connect(tmp_path / "records.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreFault):
        tally.add(DAY, "self_harm", "en")
    other.close()
