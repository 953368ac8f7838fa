from datetime import UTC, datetime, timedelta

from assistant.learning.revision import met, missed

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def test_a_missed_item_comes_back_after_a_day_and_then_ever_later():
    state, due = missed(NOW)
    assert due == NOW + timedelta(days=1)
    waits = []
    for _ in range(4):
        state, later = met(state, due, agrees=True)
        waits.append(later - due)
        due = later
    assert waits == sorted(waits)
    assert waits[-1] > timedelta(days=7)


def test_an_item_missed_again_comes_back_soon():
    state, due = missed(NOW)
    for _ in range(3):
        state, due = met(state, due, agrees=True)
    _, again = met(state, due, agrees=False)
    assert again - due == timedelta(days=1)
