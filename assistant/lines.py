"""The lines of JSON that other people's scripts send and read: one in for each question, one out for each, in the same order."""

import json
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from assistant.bootstrap import Assembly
from assistant.domain.answers import Alarm, Answer, Cited, Question
from assistant.domain.guidance import Nation, Role
from assistant.errors import InputError


def read_text(path: Path) -> str:
    """The text of a file, with or without a mark of byte order.

    Raises:
        InputError: the file cannot be read as UTF-8.
    """
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        raise InputError(f"{path} cannot be read as UTF-8 text.") from None


def read(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """The objects of a JSON Lines file, each with its place, ``file:line``. Half characters, which no text can hold, are question marks.

    Raises:
        InputError: the file cannot be opened, or a line is not an object.
    """
    for number, line in enumerate(read_text(path).split("\n"), start=1):
        if not line.strip():
            continue
        place = f"{path}:{number}"
        try:
            row = json.loads(line)
            if "\\ud" in line.lower():
                row = json.loads(json.dumps(row, ensure_ascii=False).encode("utf-8", "replace"))
        except (ValueError, RecursionError):
            raise InputError(f"{place}: this line is not JSON.") from None
        if not isinstance(row, dict):
            raise InputError(f"{place}: this line is not a JSON object.")
        yield place, row


def write(path: Path | None, rows: Iterable[dict[str, Any]]) -> None:
    """Write one object a line, each as soon as it is there.

    Raises:
        InputError: there is no path, or nothing can be written there.
    """
    if path is None:
        raise InputError("Say where the results go: --out OUT.jsonl.")
    try:
        with path.open("w", encoding="utf-8") as stream:
            for row in rows:
                stream.write(json.dumps(row, ensure_ascii=False) + "\n")
    except OSError:
        raise InputError(f"{path} cannot be written.") from None


def text(row: dict[str, Any], place: str) -> str:
    """The text of a line.

    Raises:
        InputError: it has none.
    """
    found = row.get("text")
    if not isinstance(found, str):
        raise InputError(f"{place}: this line has no text.")
    return found


def question(row: dict[str, Any], place: str) -> Question:
    """The question that a line asks, with who asks, where it happened and what was asked before.

    Raises:
        InputError: one of these is not what it should be.
    """
    history = row.get("history") or []
    if not isinstance(history, list) or not all(isinstance(item, str) for item in history):
        raise InputError(f"{place}: history is a list of earlier questions.")
    try:
        role = Role(row["role"]) if row.get("role") else None
        nation = Nation(row["nation"]) if row.get("nation") else None
    except ValueError:
        raise InputError(f"{place}: the role or nation is not known.") from None
    return Question(text(row, place), role, nation, str(row.get("language") or "en"), tuple(history))


def answer(assembly: Assembly, name: Any, asked: Question) -> dict[str, Any]:
    """The line of an answer: what is shown, where it stands, and the milliseconds that it took."""
    started = time.perf_counter()
    found = assembly.answerer.answer(asked)
    spent = (time.perf_counter() - started) * 1000
    return {"id": name, **_shown(assembly, found), "ms": round(spent, 3)}


def _shown(assembly: Assembly, found: Answer) -> dict[str, Any]:
    return {
        "outcome": found.outcome.value,
        "reason": found.reason,
        "route": found.route.value if found.route else None,
        "help": found.alarm.help.value if found.alarm.help else None,
        "card": found.card,
        "sentences": [{"text": cited.sentence.text, "citations": [_citation(assembly, cited)]} for cited in found.sentences],
        "nearest": list(found.nearest),
    }


def _citation(assembly: Assembly, cited: Cited) -> dict[str, Any]:
    place = cited.citation
    document = assembly.library.documents[place.document]
    return {
        "document": place.document,
        "passage": place.passage,
        "start": place.start,
        "end": place.end,
        "title": document.title,
        "url": f"/documents/{document.number}/{place.start}-{place.end}#marked",
        "status": assembly.library.status(cited).value,
    }


def hits(assembly: Assembly, name: Any, words: str, k: int) -> dict[str, Any]:
    """The line of a search: the ``k`` passages that fit best."""
    found = assembly.answerer.search(Question(words), k)
    return {"id": name, "hits": [{"passage": h.passage.id, "document": h.passage.document, "score": round(h.score, 5)} for h in found]}


def heard(name: Any, alarm: Alarm) -> dict[str, Any]:
    """The line of a message: the help that it calls for."""
    return {"id": name, "help": alarm.help.value if alarm.help else None, "also": [label.value for label in alarm.also]}
