"""One retrieval library on one benchmark in BEIR layout: build an index, or open it in a fresh process and ask.

Started by ``.ci/compare.py``: ``ours`` in this project's environment, the others in that of ``.ci/peers.txt``. Every library gets
the same passages, heading before words, the same model with its prompts, and is otherwise left as it comes.
"""

import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

Search = Callable[[str], list[str]]
TOP = 10


def rows(path: Path) -> list[dict[str, Any]]:
    """The objects of a JSON Lines file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def texts_of(benchmark: Path) -> dict[str, str]:
    """The passages by id, each with its heading before it."""
    return {row["_id"]: f"{row.get('title') or ''}\n{row['text']}" for row in rows(benchmark / "corpus.jsonl")}


def ours(benchmark: Path, model: str, store: Path, *, build: bool) -> Search:
    """This project's own retriever, as ``assistant evaluate --beir`` runs it."""
    sys.path.insert(0, str(Path(__file__).parent.parent))
    from assistant.evaluation.beir import read_beir
    from assistant.retrieval import index, saved
    from assistant.retrieval.encoder import OnnxEncoder
    from assistant.retrieval.search import Retriever
    from assistant.retrieval.words import Analyser
    from assistant.settings import THIRD

    passages, threads = read_beir(benchmark).passages, 2 if build else 1
    first, third = OnnxEncoder(Path(model), threads=threads), OnnxEncoder(Path(model).parent / THIRD, threads=threads)
    if build:
        saved.save(index.build(passages, Analyser(), first, third), store, first.identity)
    held = Retriever(saved.open_saved(store, passages, index.Authored(), Analyser(), first.identity), first, third)
    return lambda question: [found.passage.id for found in held.search(question, limit=TOP)]


def langchain(benchmark: Path, model: str, store: Path, *, build: bool) -> Search:
    """LangChain's FAISS store."""
    from langchain_community.vectorstores import FAISS
    from langchain_huggingface import HuggingFaceEmbeddings

    encoder = HuggingFaceEmbeddings(model_name=model, encode_kwargs={"prompt": "passage: "}, query_encode_kwargs={"prompt": "query: "})
    if build:
        texts = texts_of(benchmark)
        FAISS.from_texts(list(texts.values()), encoder, metadatas=[{"id": name} for name in texts]).save_local(str(store))
    held = FAISS.load_local(str(store), encoder, allow_dangerous_deserialization=True)
    return lambda question: [found.metadata["id"] for found in held.similarity_search(question, k=TOP)]


def llamaindex(benchmark: Path, model: str, store: Path, *, build: bool) -> Search:
    """LlamaIndex's own vector store."""
    from llama_index.core import Settings, StorageContext, VectorStoreIndex, load_index_from_storage
    from llama_index.core.schema import TextNode
    from llama_index.embeddings.huggingface import HuggingFaceEmbedding

    Settings.embed_model = HuggingFaceEmbedding(model_name=model, query_instruction="query: ", text_instruction="passage: ")
    if build:
        VectorStoreIndex([TextNode(text=text, id_=name) for name, text in texts_of(benchmark).items()]).storage_context.persist(str(store))
    held = load_index_from_storage(StorageContext.from_defaults(persist_dir=str(store))).as_retriever(similarity_top_k=TOP)
    return lambda question: [found.node.node_id for found in held.retrieve(question)]


def txtai(benchmark: Path, model: str, store: Path, *, build: bool) -> Search:
    """Both arms of txtai, dense and words, together."""
    from txtai import Embeddings

    held = Embeddings(path=model, hybrid=True, instructions={"query": "query: ", "data": "passage: "})
    if build:
        held.index((name, text, None) for name, text in texts_of(benchmark).items())
        held.save(str(store))
    held.load(str(store))
    return lambda question: [name for name, _ in held.search(question, TOP)]


def main() -> None:
    """``build`` or ``ask``, a library, a benchmark, a model, a place for the index, and a file for what came of it."""
    deed, library, benchmark, model, store, out = sys.argv[1:]
    folder = Path(benchmark)
    questions = {row["_id"]: row["text"] for row in rows(folder / "queries.jsonl")}
    begun = time.perf_counter()
    libraries = {"ours": ours, "langchain": langchain, "llamaindex": llamaindex, "txtai": txtai}
    search = libraries[library](folder, model, Path(store), build=deed == "build")
    first = next(iter(questions.values()))
    search(first)
    result: dict[str, Any] = {"seconds": time.perf_counter() - begun}
    if deed == "ask":
        times, ranked = [], {}
        for name, text in questions.items():
            asked = time.perf_counter()
            ranked[name] = search(text)
            times.append((time.perf_counter() - asked) * 1000)
        result |= {"times": times, "ranked": ranked, "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000}
    Path(out).write_text(json.dumps(result), encoding="utf-8")


if __name__ == "__main__":
    main()
