"""Our statements beside the passages of the official documents that they cite."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from rapidfuzz import fuzz

from assistant.content.comparing import contradicts
from assistant.content.library import Library
from assistant.domain.guidance import Document, Passage, Reference, Sentence
from assistant.retrieval.search import Retriever

MEANING = 0.7
"""Share of similarity of meaning in the score; the rest is words in common. Words alone where there is no model."""


@dataclass(frozen=True)
class Aligned:
    """A statement of ours, and the sentence of its source that bears it out best."""

    document: str
    section: str
    sentence: Sentence
    reference: Reference
    passage: Passage
    text: str
    """The sentence of the source."""
    score: float
    """0 to 1."""
    contradiction: str
    """What the source says otherwise in figures; empty where nothing."""


def align(library: Library, retriever: Retriever) -> tuple[Aligned, ...]:
    """Every statement that cites an official document which is held, beside its best sentence."""
    held = {about["source"]: name for name, about in library.held.items()}
    statements = [row for row in _statements(library.documents.values()) if row[3].source in held]
    if not statements:
        return ()
    vectors = retriever.encode([sentence.text for _, _, sentence, _ in statements])
    places = {
        name: [(p, i) for p in retriever.index.passages if p.document == name for i in range(len(p.sentences))] for name in held.values()
    }
    found = []
    for row, (document, section, sentence, reference) in enumerate(statements):
        candidates = places[held[reference.source]]
        if not candidates:
            continue
        words = np.array([fuzz.token_set_ratio(sentence.text, p.sentences[i].text) / 100 for p, i in candidates])
        meaning = retriever.sentence_similarity(vectors[row] if vectors is not None else None, candidates)
        scores = words if meaning is None else MEANING * meaning + (1 - MEANING) * words
        best = int(np.argmax(scores))
        passage, i = candidates[best]
        text = passage.sentences[i].text
        found.append(
            Aligned(document.id, section, sentence, reference, passage, text, float(scores[best]), contradicts(sentence.text, text))
        )
    return tuple(found)


def _statements(documents: Iterable[Document]) -> Iterator[tuple[Document, str, Sentence, Reference]]:
    for document in documents:
        for section in document.sections:
            for paragraph in section.paragraphs:
                for sentence in paragraph.sentences:
                    yield from ((document, section.id, sentence, reference) for reference in sentence.references)
