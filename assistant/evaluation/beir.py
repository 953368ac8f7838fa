"""Measuring the retriever: on any benchmark in BEIR layout, through the very code that the site uses.

nDCG@10, recall at 5 and 10, and MRR@10 are computed by the ir-measures library.
"""

import re
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from threadpoolctl import threadpool_limits

from assistant import lines
from assistant.domain.guidance import Passage, Sentence
from assistant.domain.sentences import spans
from assistant.errors import InputError
from assistant.retrieval.encoder import Encoder
from assistant.retrieval.index import Progress, build
from assistant.retrieval.languages import LanguageIdentifier
from assistant.retrieval.search import Retriever
from assistant.retrieval.words import Analyser


@dataclass(frozen=True)
class Benchmark:
    """Passages, questions, and which passages hold the evidence for which question."""

    passages: tuple[Passage, ...]
    queries: dict[str, str]
    judged: dict[str, dict[str, int]]


def read_beir(folder: Path) -> Benchmark:
    """Read ``corpus.jsonl``, ``queries.jsonl`` and ``qrels.tsv`` or ``qrels/test.tsv``.

    Raises:
        InputError: a file is missing or a line cannot be read; the message names it.
    """
    qrels = next((path for path in (folder / "qrels.tsv", folder / "qrels" / "test.tsv") if path.is_file()), None)
    if qrels is None:
        raise InputError(f"{folder} holds no qrels.tsv and no qrels/test.tsv.")
    passages = tuple(map(_passage, _rows(folder / "corpus.jsonl")))
    judged: dict[str, dict[str, int]] = {}
    for number, line in enumerate(lines.read_text(qrels).splitlines(), start=1):
        fields = line.split("\t")
        if not line.strip() or (number == 1 and not _GRADE.fullmatch(fields[-1])):
            continue
        if len(fields) < 3 or not _GRADE.fullmatch(fields[-1]):
            raise InputError(f"{qrels}:{number}: a line is question, passage and grade, with tabs between them.")
        judged.setdefault(fields[0], {})[fields[-2]] = round(float(fields[-1]))
    queries = {name: str(row.get("text") or "") for row in _rows(folder / "queries.jsonl") if (name := str(row["_id"])) in judged}
    if not passages or not queries:
        raise InputError(f"{folder} holds no passage, or no question that {qrels.name} judges.")
    return Benchmark(passages, queries, judged)


_GRADE = re.compile(r"\s*-?\d{1,6}(?:\.\d{1,6})?\s*")


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    for place, row in lines.read(path):
        if row.get("_id") is None:
            raise InputError(f"{place}: this line has no _id.")
        yield row


def _passage(row: dict[str, Any]) -> Passage:
    title, text = str(row.get("title") or ""), str(row.get("text") or "")
    sentences = tuple(Sentence(text[start:end], start, end) for start, end in spans(text))
    name = str(row["_id"])
    return Passage(id=name, document=title or name, section="", path=(title,) if title else (), sentences=sentences)


def measure(
    benchmark: Benchmark,
    encoder: Encoder | None,
    progress: Progress,
    *,
    third: Encoder | None = None,
    languages: LanguageIdentifier | None = None,
) -> dict[str, Any]:
    """Index the benchmark's passages as the site would, ask every question, and score the rankings."""
    import ir_measures
    from ir_measures import RR, R, ScoredDoc, nDCG

    started = time.perf_counter()
    index = replace(build(benchmark.passages, Analyser(), encoder, third, progress=progress), languages=languages)
    retriever = Retriever(index, encoder, third)
    indexing = time.perf_counter() - started
    run: list[Any] = []
    spent: list[float] = []
    with threadpool_limits(1):  # as in the service
        for query, text in benchmark.queries.items():
            begin = time.perf_counter()
            hits = retriever.search(text, limit=10)
            spent.append((time.perf_counter() - begin) * 1000)
            run.extend(ScoredDoc(query, hit.passage.id, hit.score) for hit in hits)
    wanted = {"ndcg@10": nDCG @ 10, "recall@5": R @ 5, "recall@10": R @ 10, "mrr@10": RR @ 10}
    qrels = [ir_measures.Qrel(q, p, grade) for q, row in benchmark.judged.items() for p, grade in row.items()]
    scores = ir_measures.calc_aggregate(wanted.values(), qrels, run)
    return {name: round(scores[item], 4) for name, item in wanted.items()} | {
        "passages": len(benchmark.passages),
        "queries": len(benchmark.queries),
        "ms_per_query": round(statistics.median(spent), 2) if spent else 0.0,
        "index_seconds": round(indexing, 1),
        "model": " and ".join(model.identity["name"] for model in (encoder, third) if model is not None) or "none",
    }
