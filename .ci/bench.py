"""Measure what a reader and a machine feel: start, answers, memory, page weight, index. Medians of several runs, printed as a table."""

import gzip
import os
import re
import statistics
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import psutil

sys.path.insert(0, ".ci")
from screens import free_port

QUESTIONS = [line.split("|")[1] for line in Path("tests/golden/questions.txt").read_text(encoding="utf-8").splitlines()]


def row(name: str, value: float, unit: str) -> None:
    """Print one line of the table."""
    print(f"{name:<52} {value:>9.1f} {unit}", flush=True)


def start_server() -> tuple[subprocess.Popen[bytes], str, float]:
    """Serve, and give the process, the address and the seconds to the first answered page."""
    port = free_port()
    environment = {**os.environ, "ASSISTANT_LIMITS": "off"}
    begun = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "assistant.cli", "serve", "--port", str(port)], env=environment, stdout=subprocess.DEVNULL
    )
    base = f"http://127.0.0.1:{port}"
    while True:
        try:
            urlopen(f"{base}/ask", timeout=5).read()
            return process, base, time.perf_counter() - begun
        except OSError:
            time.sleep(0.02)


def ask(base: str, token: str, text: str) -> float:
    """Ask once and give the milliseconds."""
    begun = time.perf_counter()
    urlopen(Request(f"{base}/ask", urlencode({"token": token, "text": text}).encode()), timeout=30).read()
    return (time.perf_counter() - begun) * 1000


def serving() -> None:
    """Start, answers over HTTP, memory of a worker."""
    starts = []
    for turn in range(3):
        process, base, seconds = start_server()
        page = urlopen(f"{base}/ask").read().decode()
        token = re.search(r'name="token"[^>]*value="([^"]+)"', page)[1]
        first = ask(base, token, QUESTIONS[0])
        starts.append(seconds + first / 1000)
        if turn == 2:
            times = [ask(base, token, text) for text in QUESTIONS]
            row("one answer through HTTP, median", statistics.median(times), "ms")
            row("one answer through HTTP, 95%", sorted(times)[int(0.95 * len(times))], "ms")
            begun = time.perf_counter()
            with ThreadPoolExecutor(8) as pool:
                list(pool.map(lambda text, base=base, token=token: ask(base, token, text), QUESTIONS * 3))
            row("answers a second, two workers, eight at once", 3 * len(QUESTIONS) / (time.perf_counter() - begun), "/s")
            workers = psutil.Process(process.pid).children()
            row("memory of a worker, its fair share", statistics.mean(w.memory_full_info().pss for w in workers) / 1e6, "MB")
        process.terminate()
        process.wait(20)
    row("start to first answer, median of 3", statistics.median(starts), "s")


def answering() -> None:
    """Answers without the web, and the index."""
    from assistant import bootstrap, settings
    from assistant.retrieval.index import build

    chosen = settings.from_environment()
    assembly = bootstrap.assemble(chosen)
    from assistant.domain.answers import Question

    times = []
    for text in QUESTIONS * 2:
        begun = time.perf_counter()
        assembly.answerer.answer(Question(text))
        times.append((time.perf_counter() - begun) * 1000)
    row("Answerer.answer, median", statistics.median(times), "ms")
    row("Answerer.answer, 95%", sorted(times)[int(0.95 * len(times))], "ms")
    held = assembly.library.passages
    if assembly.model is not None:
        threads = os.cpu_count() or 1
        encoder, third = bootstrap.open_encoder(chosen, threads=threads), bootstrap.open_third(chosen, threads=threads)
        begun = time.perf_counter()
        build(held, bootstrap.analyser(assembly.library), encoder, third)
        row("passages indexed a second, each with its sentences", len(held) / (time.perf_counter() - begun), "/s")
    begun = time.perf_counter()
    bootstrap.build_index(chosen, assembly.library, lambda _done, _all: None)
    row("index again, nothing changed", time.perf_counter() - begun, "s")


def learning() -> None:
    """Marks and steps of a pathway, without the network; records on disk."""
    import dataclasses
    import tempfile

    from assistant import settings
    from assistant.web.app import create_app

    with tempfile.TemporaryDirectory() as folder:
        app = create_app(dataclasses.replace(settings.from_environment(), data=Path(folder), model="none", limits=False))
        client, base = app.test_client(), {"base_url": "https://localhost"}

        def timed(path: str, data: dict[str, object] | None = None) -> float:
            begun = time.perf_counter()
            client.post(path, data=data, **base) if data else client.get(path, **base)
            return (time.perf_counter() - begun) * 1000

        def token(path: str) -> str:
            return re.search(r'name="token"[^>]*value="([^"]+)"', client.get(path, **base).text)[1]

        times = []
        for _ in range(10):
            first = client.post("/module/1", data={"token": token("/module/1")}, **base).location
            for place in range(1, 11):
                path = f"{first.rpartition('/')[0]}/{place}"
                size = client.get(path, **base).text.count("<select")
                times.append(timed(path, {"token": token(path), "chosen": [str(i) for i in range(size)] or "0"}))
        row("one mark, kept on disk, median", statistics.median(times), "ms")
        row("one mark, kept on disk, 95%", sorted(times)[int(0.95 * len(times))], "ms")
        steps = [timed(f"/way/1/{place}") for place in range(1, 8) for _ in range(10)]
        row("one part of a pathway, median", statistics.median(steps), "ms")


def weight() -> None:
    """The first visit, packed."""
    static = Path("assistant/web/static")
    names = ["vendor/govuk-frontend.css", "tokens.css", "app.css", "on.js", "app.js", "vendor/govuk-frontend.js"]
    row("style and script of a first visit, packed", sum(len(gzip.compress((static / n).read_bytes(), 9)) for n in names) / 1e3, "kB")


if __name__ == "__main__":
    print(f"model: {os.environ.get('ASSISTANT_MODEL', 'multilingual-e5-small')}")
    weight()
    learning()
    serving()
    answering()
