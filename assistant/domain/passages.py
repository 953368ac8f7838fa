"""From documents to passages: each section whole, or cut between paragraphs where it is long."""

import re
from collections.abc import Iterable, Iterator

from assistant.domain.guidance import Document, Paragraph, Passage, Section

LONGEST = 120
"""Words in a passage before a section is cut. Long enough for a rule and its exception, short enough to read."""


def split(documents: Iterable[Document]) -> tuple[Passage, ...]:
    """All passages of the documents, in reading order."""
    return tuple(passage for document in documents for section in document.sections for passage in _of(document, section))


_NUMBER = re.compile(r"(?:\d+(?:\.\d+)*\.?|\((?:[a-z]{1,2}|[ivx]{1,5}|\d{1,3})\))(?=\s)")


def numbers(passage: Passage) -> tuple[str, ...]:
    """The numbers that stand before a passage's paragraphs, such as 3.12 or (iv), in their order."""
    firsts = {paragraph: passage.sentences[i].text for i, paragraph in reversed([*enumerate(passage.paragraphs)])}
    found = (_NUMBER.match(firsts[paragraph]) for paragraph in dict.fromkeys(passage.paragraphs))
    return tuple(match[0] for match in found if match)


def _of(document: Document, section: Section) -> Iterator[Passage]:
    groups = list(_groups(section.paragraphs))
    for number, group in enumerate(groups, start=1):
        suffix = f"/{number}" if len(groups) > 1 else ""
        path = (document.title, *section.path)
        yield Passage(
            id=f"{document.id}#{section.id}{suffix}",
            document=document.id,
            section=section.id,
            path=path if len(path) < 2 or path[0] != path[1] else path[1:],
            sentences=tuple(sentence for paragraph in group for sentence in paragraph.sentences),
            paragraphs=tuple(paragraph.id for paragraph in group for _ in paragraph.sentences),
            language=document.language,
            status=document.status,
            audience=document.audience,
            nations=document.nations,
        )


def _groups(paragraphs: Iterable[Paragraph]) -> Iterator[list[Paragraph]]:
    group: list[Paragraph] = []
    size = 0
    for paragraph in paragraphs:
        words = len(paragraph.text.split())
        if group and size + words > LONGEST and not (paragraph.item and group[-1].item and size < 2 * LONGEST):
            yield group
            group, size = [], 0
        group.append(paragraph)
        size += words
    if group:
        yield group
