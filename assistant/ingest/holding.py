"""Official documents that are held: each edition in a folder of its own, with what is known of how it came."""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path

from assistant.content.library import Library
from assistant.domain.guidance import Document, Role, Source, Status
from assistant.domain.passages import split
from assistant.errors import InputError
from assistant.ingest.blocks import Extract, RefusedError
from assistant.ingest.cage import extract
from assistant.ingest.fetch import Answer, Known, fetch
from assistant.ingest.taking import Taken, laid_out, sha256_of

FIRST_NUMBER = 1000
"""Neutral number of the first source's document; the others follow in the order of the sources file."""


@dataclass(frozen=True)
class Held:
    """One edition that is held. Dates are ISO 8601."""

    source: str
    sha256: str
    address: str
    fetched: str
    checked: str
    title: str
    form: str
    withdrawn: bool = False
    etag: str = ""
    modified: str = ""


@dataclass(frozen=True)
class Outcome:
    """What came of asking for one source: ``new``, ``changed``, ``same``, ``linked`` (not stored) or ``refused``, and why."""

    source: str
    what: str
    why: str = ""
    taken: Taken | None = None


def machine_address(address: str) -> str:
    """Where a publisher gives a page's text to machines: the content API of GOV.UK, the XML of legislation.gov.uk.

    >>> machine_address("https://www.legislation.gov.uk/ukpga/2004/28/section/9")
    'https://www.legislation.gov.uk/ukpga/2004/28/section/9/data.xml'
    """
    for host, before, after in (("https://www.legislation.gov.uk/", "", "/data.xml"), ("https://www.gov.uk/", "api/content/", "")):
        if address.startswith(host) and not address.endswith((".xml", ".pdf")):
            return f"{host}{before}{address.removeprefix(host).rstrip('/')}{after}"
    return address


class Holdings:
    """The folder of official documents."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def editions(self, source: str) -> tuple[Held, ...]:
        """The editions held of one source, newest first."""
        found = []
        for path in self._folder.glob(f"{source}/*/held.json"):
            try:
                came = (path.parent / "extract.json").stat().st_mtime_ns
                found.append((came, Held(**json.loads(path.read_text(encoding="utf-8")))))
            except (OSError, ValueError, TypeError):
                raise InputError(f"{path} is damaged. Delete its folder and run: assistant sources fetch {source}") from None
        return tuple(held for _, held in sorted(found, key=lambda pair: pair[0], reverse=True))

    def document(self, held: Held) -> tuple[Document, Path]:
        """The text of an edition, and the file in which its sentences stand."""
        folder = self._place(held)
        try:
            found = Extract.from_json(json.loads((folder / "extract.json").read_text(encoding="utf-8")))
        except (OSError, ValueError, KeyError, TypeError):
            raise InputError(f"{folder} is damaged. Delete it and run: assistant sources fetch {held.source}") from None
        return laid_out(found, held.sha256, date.fromisoformat(held.fetched)).document, folder / "en.md"

    def keep(self, held: Held, found: Extract, taken: Taken) -> None:
        """Keep an edition, whole or not at all."""
        folder = self._place(held)
        aside = folder.with_name(f".{folder.name}")
        try:
            aside.mkdir(parents=True, exist_ok=True)
            (aside / "extract.json").write_text(json.dumps(found.as_json(), ensure_ascii=False), encoding="utf-8")
            (aside / "en.md").write_text(taken.draft, encoding="utf-8")
            (aside / "held.json").write_text(json.dumps(asdict(held), indent=1), encoding="utf-8")
            if not folder.exists():
                aside.rename(folder)
        except OSError:
            raise InputError(f"{folder} cannot be written.") from None

    def touch(self, held: Held) -> None:
        """Keep when an edition was last compared with its address."""
        (self._place(held) / "held.json").write_text(json.dumps(asdict(held), indent=1), encoding="utf-8")

    def _place(self, held: Held) -> Path:
        return self._folder / held.source / held.sha256[:12]


def ask_for(source: Source, holdings: Holdings, today: date) -> Outcome:
    """Ask a source's address whether there is something new, and read it. Nothing is kept."""
    if not re.match(r"https?://", source.address):
        return Outcome(source.id, "linked", "There is no address to fetch from.")
    if not source.licence:
        return Outcome(source.id, "linked", "Its licence is not known: it is linked, and not stored.")
    before = next(iter(holdings.editions(source.id)), None)
    known = Known(before.etag, before.modified) if before is not None and before.address == source.address else Known()
    try:
        answer = fetch(machine_address(source.address), known)
    except RefusedError as fault:
        return Outcome(source.id, "refused", str(fault))
    return read_as(source, answer, holdings, today)


def read_as(source: Source, answer: Answer, holdings: Holdings, today: date) -> Outcome:
    """Read what came as the document of a source, if it is new. Nothing but the day of comparison is kept."""
    before = next(iter(holdings.editions(source.id)), None)
    if answer.data is None or (before is not None and sha256_of(answer.data) == before.sha256):
        if before is not None:
            holdings.touch(replace(before, checked=today.isoformat(), etag=answer.etag or before.etag))
        return Outcome(source.id, "same")
    try:
        found = extract(answer.data)
        taken = laid_out(found, sha256_of(answer.data), today)
    except RefusedError as fault:
        return Outcome(source.id, "refused", str(fault))
    return Outcome(source.id, "changed" if before is not None else "new", taken=replace(taken, extract=found, answer=answer))


def keep(outcome: Outcome, source: Source, holdings: Holdings, today: date) -> None:
    """Keep what a source's address gave."""
    taken = outcome.taken
    assert taken is not None  # noqa: S101 - asked for only after something new came
    assert taken.extract is not None  # noqa: S101
    etag, modified = (taken.answer.etag, taken.answer.modified) if taken.answer is not None else ("", "")
    day = today.isoformat()
    held = Held(
        source.id, taken.sha256, source.address, day, day, taken.document.title, taken.form, taken.extract.withdrawn, etag, modified
    )
    holdings.keep(held, taken.extract, taken)


def into(library: Library, holdings: Holdings) -> Library:
    """The library with the official documents that are held: the newest edition to search and read, older ones to compare.

    Older are what its source gave before, and what stands before it in its series.
    """
    documents: dict[str, Document] = {}
    files: dict[str, Path] = {}
    older: dict[str, tuple[Document, ...]] = {}
    fetched: dict[str, Mapping[str, str]] = {}
    for place, source in enumerate(library.sources.values()):
        editions = holdings.editions(source.id)
        if not editions:
            continue
        name = f"held-{source.id}"
        laid = [_as_held(*holdings.document(held), source, held, FIRST_NUMBER + place, newest=held is editions[0]) for held in editions]
        documents[name], files[name] = laid[0]
        older[name] = tuple(document for document, _ in laid[1:])
        fetched[name] = {"source": source.id, "fetched": editions[0].fetched}
        before = [f"held-{other.id}" for other in list(library.sources.values())[:place] if source.series and other.series == source.series]
        older[name] += tuple(documents[other] for other in before if other in documents)
    return replace(
        library,
        documents={**library.documents, **documents},
        files={**library.files, **files},
        passages=(*library.passages, *(replace(passage, official=True) for passage in split(documents.values()))),
        older=older,
        held=fetched,
    )


def _as_held(document: Document, path: Path, source: Source, held: Held, number: int, *, newest: bool) -> tuple[Document, Path]:
    status = Status.WITHDRAWN if held.withdrawn else source.status if newest else Status.SUPERSEDED
    return replace(
        document,
        id=f"held-{source.id}",
        title=held.title,
        summary=source.publisher,
        kind=source.kind,
        status=status,
        audience=frozenset({Role.PRACTITIONERS}),
        edition=source.edition if newest else held.fetched,
        number=number,
        official=True,
    ), path
