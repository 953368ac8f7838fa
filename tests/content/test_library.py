import pytest

from assistant.content.folder import load
from assistant.domain.guidance import Status
from assistant.quoting import cite


@pytest.mark.parametrize(
    ("sources", "stands"),
    [
        ("act: section 9, seen", Status.IN_FORCE),
        ("bill: section 19, seen", Status.PROSPECTIVE),
        ("bill: section 19, seen; act: section 9, seen", Status.IN_FORCE),
    ],
)
def test_a_sentence_stands_as_its_sources_do(fixture_copy, sources, stands):
    with (fixture_copy / "sources.yaml").open("a") as more:
        more.write('- {id: bill, title: "Bill", publisher: Parliament, kind: law, status: prospective, address: "", edition: "2024"}\n')
    with (fixture_copy / "documents/fees/en.md").open("a") as fees:
        fees.write(f"\n## Later {{#later}}\nThe fee would go. {{{sources}}}\n")
    found = load(fixture_copy)
    assert found.status(cite(found.passages_of("fees#later")[0], 0)) is stands
    assert found.status(cite(found.passages_of("old-fees#fees")[0], 0)) is Status.SUPERSEDED
