"""The record of readings: which cards and leaflets someone has compared with what they rest on, and whether they still say the same.

``reviewed.yaml`` holds each reading, and for each text a digest of what was read: its own statements and the statements that it
cites. A text that has changed since, or whose evidence has, is to be read again.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace

from assistant.content.files import Problem
from assistant.content.library import Library, Reading


@dataclass(frozen=True)
class Standing:
    """One text as it stands now."""

    kind: str
    """``card`` or ``document``."""
    name: str
    digest: str
    statements: int


def standing(library: Library) -> Iterator[Standing]:
    """Every card and every leaflet, with a digest of its statements and of those that it cites."""
    for card in library.cards.values():
        section = library.documents[card.document].section(card.section)
        own = [s.text for paragraph in section.paragraphs for s in paragraph.sentences] if section else []
        cited = [s.text for reference in card.evidence for passage in library.passages_of(reference) for s in passage.sentences]
        yield Standing("card", card.id, _digest([*own, *cited]), len(own))
    for document in library.documents.values():
        if document.id.startswith("leaflet-"):
            sentences = [s for section in document.sections for paragraph in section.paragraphs for s in paragraph.sentences]
            texts = [" ".join((s.text, *(f"{r.source} {r.place}" for r in s.references))) for s in sentences]
            yield Standing("document", document.id, _digest(texts), len(texts))


def unread(library: Library) -> Iterator[Problem]:
    """Texts that have changed since they were read, or were never read. Nothing where no reading is recorded at all."""
    if not library.readings:
        return
    read = {name: digest for reading in library.readings for name, digest in reading.texts.items()}
    for text in standing(library):
        if read.get(text.name) != text.digest:
            yield library.fault(
                text.kind, text.name, "to be compared with what it rests on, then: assistant check --reviewed NOTE", warning=True
            )


def recorded(library: Library, reading: Reading) -> str:
    """``reviewed.yaml`` with this reading of every text that is not recorded as it stands, and the earlier readings of what stands else.

    The reading's own ``statements`` and ``texts`` are filled in here.
    """
    read = {name: digest for earlier in library.readings for name, digest in earlier.texts.items()}
    texts = tuple(standing(library))
    new = [text for text in texts if read.get(text.name) != text.digest]
    same = {text.name for text in texts} - {text.name for text in new}
    kept = [replace(r, texts={name: digest for name, digest in r.texts.items() if name in same}) for r in library.readings]
    if new:
        kept.append(replace(reading, statements=sum(text.statements for text in new), texts={text.name: text.digest for text in new}))
    lines = ["# Readings of cards and leaflets against what they rest on. Written by: assistant check --reviewed"]
    for one in kept:
        lines += [
            f"- on: {one.on}",
            f"  note: {json.dumps(one.note, ensure_ascii=False)}",
            f"  statements: {one.statements}",
            f"  changed: {one.changed}",
        ]
        lines += ["  texts:" if one.texts else "  texts: {}", *(f'    {name}: "{digest}"' for name, digest in sorted(one.texts.items()))]
    return "\n".join(lines) + "\n"


def _digest(texts: list[str]) -> str:
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()[:16]
