"""When a missed item comes back: the schedule is FSRS (Ye, Su and Cao, 2022), as the library ``fsrs`` has it."""

from datetime import datetime, timedelta

from fsrs import Card, Rating, Scheduler

_DAY = (timedelta(days=1),)
_SCHEDULER = Scheduler(learning_steps=_DAY, relearning_steps=_DAY, enable_fuzzing=False)


def missed(now: datetime) -> tuple[str, datetime]:
    """The state of an item that was answered otherwise than the guidance does, and when it is due again."""
    return _reviewed(Card(card_id=0, due=now), Rating.Again, now)


def met(state: str, now: datetime, *, agrees: bool) -> tuple[str, datetime]:
    """The state of an item that came back, after it was answered again."""
    return _reviewed(Card.from_json(state), Rating.Good if agrees else Rating.Again, now)


def _reviewed(card: Card, rating: Rating, now: datetime) -> tuple[str, datetime]:
    reviewed, _ = _SCHEDULER.review_card(card, rating, now)
    return reviewed.to_json(), reviewed.due
