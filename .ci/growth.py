"""How search time and memory grow with the passages: 1,000, 10,000 and 100,000 of them, made up from the corpus's own sentences.

Vectors are drawn by chance, because only their number matters here; questions are encoded by the real model. Each size is
measured in a process of its own.
"""

import random
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

sys.path.insert(0, str(Path(__file__).parent.parent))
from assistant import bootstrap, settings
from assistant.domain.guidance import Passage, Sentence
from assistant.retrieval.encoder import OnnxEncoder, Vectors
from assistant.retrieval.index import build
from assistant.retrieval.saved import open_saved, save
from assistant.retrieval.search import Retriever
from assistant.retrieval.words import Analyser

SIZES = (1_000, 10_000, 100_000)
SENTENCES = 4
QUESTIONS = [line.split("|")[1] for line in Path("tests/golden/questions.txt").read_text(encoding="utf-8").splitlines()]


class Chance:
    """An encoder whose vectors mean nothing."""

    def __init__(self) -> None:
        self.identity = {"name": "chance", "package": "none", "sha256": "0", "licence": "none"}
        self._numbers = np.random.default_rng(7)

    def passages(self, texts: list[str]) -> Vectors:
        """A unit vector for each text."""
        rows = self._numbers.standard_normal((len(texts), 384), dtype=np.float32)
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)

    queries = passages


def make(count: int, sentences: list[str]) -> list[Passage]:
    """Passages of a few sentences each, drawn by chance."""
    chance = random.Random(count)
    made = []
    for number in range(count):
        drawn = tuple(Sentence(text, 0, len(text)) for text in chance.choices(sentences, k=SENTENCES))
        made.append(Passage(id=f"p{number}", document=f"d{number // 20}", section="", path=(f"Part {number % 20}",), sentences=drawn))
    return made


def measure(count: int, folder: Path) -> None:
    """Build, open and search one size, and print a line of the table."""
    chosen = settings.from_environment()
    sentences = [s.text for p in bootstrap.open_library(chosen).passages for s in p.sentences]
    passages = make(count, sentences)
    encoder = Chance()
    begun = time.perf_counter()
    index = build(passages, Analyser(), encoder, encoder)
    save(index, folder, encoder.identity)
    built = time.perf_counter() - begun
    authored = index.authored
    del index
    begun = time.perf_counter()
    index = open_saved(folder, passages, authored, Analyser(), encoder.identity)
    opened = time.perf_counter() - begun
    retriever = Retriever(index, OnnxEncoder(bootstrap.model_folder(chosen)), bootstrap.open_third(chosen))
    threadpool_limits(1)  # as in the service
    times = []
    for text in QUESTIONS:
        begun = time.perf_counter()
        retriever.search(text)
        times.append((time.perf_counter() - begun) * 1000)
    times.sort()
    memory = int(next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmRSS")).split()[1]) / 1000
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    print(
        f"{count:>9} passages: search {statistics.median(times):6.1f} ms, 95% {times[int(0.95 * len(times))]:6.1f} ms, "
        f"build without encoding {built:6.1f} s, open {opened:5.1f} s, memory {memory:6.0f} MB, peak {peak:6.0f} MB",
        flush=True,
    )


if __name__ == "__main__":
    if len(sys.argv) > 2:
        measure(int(sys.argv[1]), Path(sys.argv[2]))
    else:
        import tempfile

        for size in SIZES:
            with tempfile.TemporaryDirectory() as place:
                subprocess.run([sys.executable, "-W", "ignore", __file__, str(size), place], check=True)
