"""The golden questions: what was wanted, what came, and how that compares with the last time.

A line of a file is ``role|question|wanted`` and, after one more bar, flags. ``wanted`` lists documents or
``document#section``, any of which may be cited; ``NONE`` says that nothing answers it; ``@route`` that it belongs
to that route. Flags are ``lang=``, ``after=`` (an earlier question) and ``kind=``. The questions of the file called
``held``, a third of all, are held back and serve for reporting alone.
"""

import json
import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.answering import Answerer
from assistant.domain.answers import NOT_COVERED, Answer, Outcome, Question
from assistant.domain.guidance import Card, Role
from assistant.errors import InputError

HELD = "held"
"""The name of the file whose questions are held back: only their totals are looked at."""
DROP = 0.02
"""A fall of a share by more than this is a regression."""


@dataclass(frozen=True)
class Golden:
    """One golden question."""

    question: Question
    wanted: tuple[str, ...]
    kind: str
    held: bool

    @property
    def sections(self) -> tuple[str, ...]:
        """The wanted documents and sections, without ``NONE`` and routes."""
        return tuple(w for w in self.wanted if w != "NONE" and not w.startswith("@"))

    @property
    def passages(self) -> tuple[str, ...]:
        """The wanted sections that search can find; cards are matched, not searched."""
        return tuple(w for w in self.sections if not w.startswith("cards-"))


def read_golden(path: Path) -> tuple[Golden, ...]:
    """Read a file of golden questions.

    Raises:
        InputError: the file cannot be read, or a line is not of that form.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        raise InputError(f"{path} cannot be read.") from None
    found = []
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.startswith("#"):
            continue
        fields = line.split("|")
        if len(fields) not in {3, 4}:
            raise InputError(f"{path}:{number}: a line is role|question|wanted, or has flags after one more bar.")
        role, text, wanted, *rest = fields
        flags = dict(flag.partition("=")[::2] for flag in rest[0].split(";")) if rest else {}
        question = Question(
            text,
            Role(role) if role in set(Role) else None,
            language=flags.get("lang", "en"),
            history=(flags["after"],) if "after" in flags else (),
        )
        kind = "follow-up" if "after" in flags else flags.get("kind", "language" if question.language != "en" else "plain")
        found.append(Golden(question, tuple(wanted.split(",")), kind, path.stem == HELD))
    return tuple(found)


def judge(golden: Golden, answer: Answer, cards: dict[str, Card]) -> str:
    """One of ``answered_right``, ``answered_wrong``, ``declined_right`` and ``declined_wrong``."""
    if answer.route is not None and f"@{answer.route.value}" in golden.wanted:
        return "declined_right" if answer.outcome is Outcome.DECLINED else "answered_right"
    if answer.outcome is Outcome.DECLINED:
        return "declined_right" if "NONE" in golden.wanted and answer.reason == NOT_COVERED else "declined_wrong"
    cited = {cited.citation.passage.partition("/")[0] for cited in answer.sentences}
    for card in answer.cards:
        cited |= set(cards[card].evidence)
    found = [reference for reference in golden.sections if any(within(c, reference) for c in cited)]
    enough = len(found) >= min(len(golden.sections), 2) if golden.kind == "parts" else bool(found)
    return "answered_right" if enough else "answered_wrong"


def within(cited: str, reference: str) -> bool:
    """Whether a cited section is the wanted one, or in the wanted document."""
    return cited == reference or cited.partition("#")[0] == reference


def score(
    answerer: Answerer, questions: Sequence[Golden], search: Callable[[Question], Sequence[str]], cards: dict[str, Card]
) -> dict[str, Any]:
    """Ask every question and count.

    ``search`` gives the ids of the ten best passages. Shares are of the questions of each group; ``right_no`` is the
    share of questions without an answer, or of another place, that were told so.
    """
    rows = []
    for golden in questions:
        begin = time.perf_counter()
        answer = answerer.answer(golden.question)
        spent = (time.perf_counter() - begin) * 1000
        ranked = [passage.partition("/")[0] for passage in search(golden.question)] if golden.passages else []
        place = next((i for i, p in enumerate(ranked) if any(within(p, w) for w in golden.passages)), None)
        rows.append((golden, judge(golden, answer, cards), place, spent))
    groups: dict[str, list[Any]] = {
        "held back": [row for row in rows if row[0].held],
        "development": [row for row in rows if not row[0].held],
    }
    english = [row for row in rows if row[0].question.language == "en"]
    for row in rows:
        if row[0].question.language != "en":
            groups.setdefault(f"language {row[0].question.language}", []).append(row)
    groups["language en"] = english
    for row in english:
        groups.setdefault(f"role {row[0].question.role or 'none'}", []).append(row)
        groups.setdefault(f"kind {row[0].kind}", []).append(row)
    result: dict[str, Any] = {name: _summary(group) for name, group in groups.items() if group}
    result["all"] = _summary(rows) | {
        "median_ms": round(statistics.median(row[3] for row in rows), 2),
        "p95_ms": _p95([r[3] for r in rows]),
    }
    return result


def _p95(values: Iterable[float]) -> float:
    ordered = sorted(values)
    return round(ordered[int(0.95 * (len(ordered) - 1))], 2)


def _summary(rows: Sequence[Any]) -> dict[str, Any]:
    names = ("answered_right", "answered_wrong", "declined_right", "declined_wrong")
    counts: dict[str, Any] = {name: sum(row[1] == name for row in rows) for name in names}
    findable = [row for row in rows if row[0].passages]
    closed = [row for row in rows if not row[0].sections]
    counts["questions"] = len(rows)
    if findable:
        counts["recall@5"] = round(sum(row[2] is not None and row[2] < 5 for row in findable) / len(findable), 3)
        counts["mrr@10"] = round(sum(1 / (row[2] + 1) for row in findable if row[2] is not None) / len(findable), 3)
    if closed:
        counts["right_no"] = round(sum(row[1] in {"declined_right", "answered_right"} for row in closed) / len(closed), 3)
    return counts


SHARES = ("answered_right", "declined_right")


def regressions(now: dict[str, Any], before: dict[str, Any]) -> list[str]:
    """What has fallen by more than ``DROP`` since the stored baseline, in the held-back and the development part."""
    found = []
    for part in ("held back", "development"):
        for name in (*SHARES, "recall@5", "mrr@10"):
            old, new = _share(before.get(part, {}), name), _share(now.get(part, {}), name)
            if old is not None and new is not None and new < old - DROP:
                found.append(f"{part}: {name} fell from {old:.3f} to {new:.3f}")
    return found


def _share(counts: dict[str, Any], name: str) -> float | None:
    if name not in counts or not counts.get("questions"):
        return None
    return float(counts[name]) / counts["questions"] if name in SHARES else float(counts[name])


def read_baseline(path: Path) -> dict[str, Any]:
    """A stored result, or nothing where there is none yet.

    Raises:
        InputError: the file is there and cannot be read.
    """
    try:
        value: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError):
        raise InputError(f"{path} cannot be read as a stored result.") from None
    return value


def table(result: dict[str, Any]) -> str:
    """The result as a table, a row for each group of questions."""
    rows = [f"{'':<20} {'asked':>5} {'right':>6} {'wrong':>6} {'no, right':>9} {'no, wrong':>9} {'recall@5':>8} {'mrr@10':>7}"]
    for name, counts in result.items():
        numbers = [counts[key] for key in ("questions", "answered_right", "answered_wrong", "declined_right", "declined_wrong")]
        recall, mrr = (f"{counts[key]:.3f}" if key in counts else "" for key in ("recall@5", "mrr@10"))
        rows.append("{:<20} {:>5} {:>6} {:>6} {:>9} {:>9} {:>8} {:>7}".format(name, *numbers, recall, mrr))
    rows.append(f"median {result['all']['median_ms']} ms, 95th percentile {result['all']['p95_ms']} ms")
    return "\n".join(rows)
