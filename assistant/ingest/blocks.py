"""What every reader of a file gives: blocks of text in reading order."""

import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from typing import Any

from assistant.errors import InputError
from assistant.retrieval.words import tidy

NOTES = "Notes"
"""The heading under which footnotes stand."""


class RefusedError(InputError):
    """A file that cannot be taken in; its text is the cause in one plain line."""


@dataclass(frozen=True)
class Block:
    """A heading, paragraph, list item or table row."""

    text: str
    level: int = 0
    """1 to 6 for a heading, 0 for anything else."""
    item: bool = False
    page: int = 0
    """Page of a PDF, from 1; 0 where there are no pages."""
    status: str = ""
    """``prospective`` or ``repealed`` where the source says so of this text alone."""


@dataclass(frozen=True)
class Extract:
    """What a file says: its title, how it was read, and its blocks."""

    title: str
    form: str
    blocks: tuple[Block, ...]
    withdrawn: bool = False

    def as_json(self) -> dict[str, Any]:
        """Plain values, to hand from one process to another."""
        return asdict(self)

    @staticmethod
    def from_json(value: dict[str, Any]) -> "Extract":
        """The extract of plain values."""
        blocks = tuple(Block(**block) for block in value["blocks"])
        return Extract(value["title"], value["form"], blocks, value["withdrawn"])


def noted(notes: Iterable[Block]) -> list[Block]:
    """Footnotes under a heading of their own, as they stand after the text."""
    held = [replace(block, level=0, item=True) for block in notes]
    return [Block(NOTES, level=2, page=held[0].page), *held] if held else []


def extract_of(form: str, blocks: Iterable[Block], title: str = "", *, withdrawn: bool = False) -> Extract:
    """An extract of the blocks that hold words, invisible characters taken out.

    Raises:
        RefusedError: nothing is left.
    """
    kept = [Block(text, b.level, b.item, b.page, b.status) for b in blocks if re.search(r"\w", text := one_line(b.text))]
    if not any(block.level == 0 for block in kept):
        raise RefusedError("No text can be read in this file. If it is a scan, it needs text recognition first.")
    first = next((block.text for block in kept if block.level == 1), "")
    return Extract(one_line(title) or first or kept[0].text[:80], form, tuple(kept), withdrawn)


def one_line(text: str) -> str:
    """Text on one line, in one form, without invisible characters."""
    return re.sub(r"\s+", " ", tidy(text)).strip()
