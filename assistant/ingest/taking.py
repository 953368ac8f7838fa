"""From an extract to passages, and to a draft that a person completes before anything is published."""

import hashlib
import json
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count
from pathlib import Path

from assistant.domain.guidance import Document, Kind, Nation, Paragraph, Passage, Role, Section, Sentence, Status
from assistant.domain.passages import split
from assistant.domain.sentences import spans
from assistant.errors import InputError
from assistant.ingest.blocks import Block, Extract, RefusedError
from assistant.ingest.cage import LARGEST, extract
from assistant.ingest.fetch import Answer, fetch, is_address


@dataclass(frozen=True)
class Taken:
    """A document as it would be added: its passages, the page and status of each, and its draft in the corpus's own form."""

    document: Document
    form: str
    sha256: str
    passages: tuple[Passage, ...]
    pages: dict[str, int]
    """Page by passage id, where the file has pages."""
    statuses: dict[str, str]
    """``prospective`` or ``repealed`` by passage id, where the source says so of a part."""
    draft: str
    extract: Extract | None = None
    answer: Answer | None = None
    """What the web server said, where the document came from one."""


def sha256_of(data: bytes) -> str:
    """The hash under which a file is known."""
    return hashlib.sha256(data).hexdigest()


def take(source: str, today: date, fetched: Callable[[str], Answer] = fetch) -> Taken:
    """Read a file or an address into passages. Nothing is written.

    Raises:
        RefusedError: it cannot be taken in; the message is the cause.
    """
    data = (fetched(source).data or b"") if is_address(source) else read_file(Path(source))
    return laid_out(extract(data), sha256_of(data), today)


def read_file(path: Path) -> bytes:
    """What is in a file, as far as it may be of use: no more than the largest that is taken in, and a byte.

    Raises:
        InputError: it is a folder, or cannot be read.
    """
    try:
        if path.is_dir():
            raise InputError(f"{path} is a folder. Give a file.")
        with path.open("rb") as file:
            return file.read(LARGEST + 1)
    except (OSError, ValueError):
        raise InputError(f"{path} cannot be read.") from None


def laid_out(found: Extract, sha256: str, today: date) -> Taken:
    """Lay an extract out as a draft of the corpus and cut it into passages."""
    name = slug(found.title) or "document"
    status = Status.WITHDRAWN if found.withdrawn else Status.DRAFT
    head = {
        "title": found.title, "summary": "Taken in, not yet described.", "number": 0, "kind": "guidance",
        "status": status.value, "updated": today.isoformat(),
        "review_by": (today + timedelta(days=182)).isoformat(), "audience": ["practitioners"],
    }  # fmt: skip
    page = _Page("---\n" + "".join(f"{key}: {json.dumps(value, ensure_ascii=False)}\n" for key, value in head.items()) + "---\n")
    for block in found.blocks:
        page.add(block)
    sections = page.sections()
    if not sections:
        raise RefusedError("No text can be read in this file.")
    readers = frozenset({Role.PRACTITIONERS})
    document = Document(name, "en", found.title, "", Kind.GUIDANCE, status, today, today, readers, frozenset(Nation), sections)
    passages = split([document])
    pages, statuses = {}, {}
    for passage in passages:
        block = page.origin[passage.paragraphs[0]]
        if block.page:
            pages[passage.id] = block.page
        if block.status:
            statuses[passage.id] = block.status
    return Taken(document, found.form, sha256, passages, pages, statuses, page.text)


class _Page:
    """Blocks as they are set down, each sentence with its place in the draft."""

    def __init__(self, head: str) -> None:
        self.text = head
        self.origin: dict[str, Block] = {}
        self._sections: list[Section] = []
        self._trail: list[tuple[int, str]] = []
        self._heading = ("start", "", 1)
        self._paragraphs: list[Paragraph] = []
        self._names: set[str] = set()

    def add(self, block: Block) -> None:
        """Set down one block."""
        if block.level:
            self._close()
            self._trail = [(level, words) for level, words in self._trail if level < block.level] + [(block.level, block.text)]
            name = self._free(slug(block.text) or "part")
            self._heading = (name, block.text, block.level)
            self.text += f"\n{'#' * min(max(block.level, 2), 4)} {block.text} {{#{name}}}\n"
            return
        if block.item:
            self.text += "- "
        start = len(self.text)
        sentences = tuple(Sentence(block.text[a:b], start + a, start + b) for a, b in spans(block.text))
        name = self._free("p-" + hashlib.sha256(block.text.encode()).hexdigest()[:8])
        self._paragraphs.append(Paragraph(name, sentences, block.item))
        self.origin[name] = block
        self.text += block.text + ("\n" if block.item else "\n\n")

    def sections(self) -> tuple[Section, ...]:
        """All sections that hold text."""
        self._close()
        return tuple(self._sections)

    def _close(self) -> None:
        name, title, level = self._heading
        if self._paragraphs:
            self._sections.append(Section(name, title, level, tuple(words for _, words in self._trail), tuple(self._paragraphs)))
        self._paragraphs = []

    def _free(self, name: str) -> str:
        free, turn = name, 2
        while free in self._names:
            free, turn = f"{name}-{turn}", turn + 1
        self._names.add(free)
        return free


def slug(text: str) -> str:
    """A text as an id: small letters, figures and hyphens, at most six words.

    >>> slug("3.1 Who pays? (England)")
    '3-1-who-pays-england'
    """
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return "-".join(re.findall(r"[a-z0-9]+", plain)[:6])[:60]


def keep(taken: Taken, folder: Path) -> Path:
    """Write the draft where a person completes it. Returns its path. One that is there already, and says something else, stays.

    Raises:
        InputError: it cannot be written.
    """
    name = taken.document.id
    paths = (folder / (name if turn == 1 else f"{name}-{turn}") / "en.md" for turn in count(1))
    try:
        path = next(path for path in paths if not path.exists() or path.read_bytes() == taken.draft.encode())
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(taken.draft.encode())
    except OSError:
        raise InputError(f"A draft cannot be written in {folder}.") from None
    return path
