"""The real corpus is sound, in the strict way."""

from assistant.content import checks
from assistant.content.folder import read
from tests.conftest import HOME


def test_the_corpus_is_sound_strictly():
    library, problems = read(HOME / "corpus")
    assert library is not None
    assert [str(p) for p in [*problems, *checks.problems(library)]] == []


def test_cards_are_not_few(library):
    assert len(library.cards) >= 140
    assert all(len(card.asks) >= 2 for card in library.cards.values())


def test_only_well_checked_services_are_shown_SF10(library):
    from assistant.web.present import Presenter

    presenter = Presenter(library)
    shown = [s for need in {n for s in library.services.values() for n in s.needs} for s in presenter.services(need)]
    assert shown
    assert {s.grade for s in shown} <= {"A", "B"}
