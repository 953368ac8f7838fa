"""Our retriever and three other libraries on the same passages and questions with the same model, in one run.

Two sets of questions: the golden ones about this corpus, and any benchmark in BEIR layout named on the command line. Each library
builds its index in one process, and opens it and answers in a fresh one. The last lines tell how many of the golden questions are
answered rightly by the site, and how often the first passage of each library is a right one, which is what it would answer with.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import ir_measures
from ir_measures import RR, P, R, ScoredDoc, nDCG

sys.path.insert(0, str(Path(__file__).parent.parent))
from assistant import bootstrap, settings
from assistant.evaluation.golden import judge, read_golden, within

LIBRARIES = ("ours", "langchain", "llamaindex", "txtai")
MEASURES = {"nDCG@10": nDCG @ 10, "recall@5": R @ 5, "MRR@10": RR @ 10, "first": P @ 1}


def own_benchmark(folder: Path) -> str:
    """The corpus and its English golden questions with a wanted section, in BEIR layout. Returns what the site answers of them."""
    assembly = bootstrap.assemble(settings.from_environment())
    passages = assembly.retriever.index.passages
    golden = [g for path in sorted(Path("tests/golden").glob("*.txt")) for g in read_golden(path)]
    asked = [g for g in golden if g.passages and g.question.language == "en" and not g.question.history]
    (folder / "corpus.jsonl").write_text(
        "\n".join(json.dumps({"_id": p.id, "title": p.heading, "text": p.text}) for p in passages), encoding="utf-8"
    )
    (folder / "queries.jsonl").write_text(
        "\n".join(json.dumps({"_id": str(i), "text": g.question.text}) for i, g in enumerate(asked)), encoding="utf-8"
    )
    judged = [
        f"{i}\t{p.id}\t1" for i, g in enumerate(asked) for p in passages if any(within(p.id.partition("/")[0], w) for w in g.passages)
    ]
    (folder / "qrels.tsv").write_text("\n".join(judged), encoding="utf-8")
    right = sum(judge(g, assembly.answerer.answer(g.question), assembly.library.cards) == "answered_right" for g in asked)
    return f"answered rightly by the site: {right} of {len(asked)} ({right / len(asked):.3f})"


def run(library: str, deed: str, benchmark: Path, store: Path, python: Path) -> dict[str, Any]:
    """One process of one library; what it wrote of itself."""
    model = bootstrap.model_folder(settings.from_environment())
    out = store.with_suffix(f".{deed}.json")
    program = sys.executable if library == "ours" else str(python)
    command = [program, "-W", "ignore", ".ci/peers.py", deed, library, str(benchmark), str(model), str(store), str(out)]
    subprocess.run(command, check=True, capture_output=True, env={**os.environ, "HF_HUB_OFFLINE": "1"})
    found: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
    return found


def main() -> None:
    """Compare on the corpus, then on every folder that is named."""
    python = Path(sys.argv[1])
    with tempfile.TemporaryDirectory() as place:
        own = Path(place) / "own"
        own.mkdir()
        answered = own_benchmark(own)
        for benchmark in (own, *map(Path, sys.argv[2:])):
            print(f"\n{'this corpus and its golden questions' if benchmark == own else benchmark.name}")
            head = (*MEASURES, "ms", "95% ms", "start s", "MB", "index s")
            print(f"{'':<12}" + "".join(f"{name:>10}" for name in head))
            lines = (line.split("\t") for line in (benchmark / "qrels.tsv").read_text(encoding="utf-8").splitlines())
            qrels = [ir_measures.Qrel(row[0], row[-2], int(row[-1])) for row in lines if row[-1].strip().isdigit()]
            for library in LIBRARIES:
                store = Path(place) / f"{benchmark.name}-{library}"
                built = run(library, "build", benchmark, store, python)
                asked = run(library, "ask", benchmark, store, python)
                ranked = [ScoredDoc(q, p, -float(i)) for q, places in asked["ranked"].items() for i, p in enumerate(places)]
                scores = ir_measures.calc_aggregate(MEASURES.values(), qrels, ranked)
                times = sorted(asked["times"])
                row = [
                    *(f"{scores[measure]:.3f}" for measure in MEASURES.values()), f"{statistics.median(times):.1f}",
                    f"{times[int(0.95 * len(times))]:.1f}", f"{asked['seconds']:.1f}", f"{asked['memory']:.0f}", f"{built['seconds']:.0f}",
                ]  # fmt: skip
                print(f"{library:<12}" + "".join(f"{value:>10}" for value in row), flush=True)
        print(f"\n{answered}; 'first' above is the share whose first passage is a right one")


if __name__ == "__main__":
    main()
