"""From a sentence-transformers folder to the graphs that ONNX Runtime serves: the very weights, and an 8-bit form of them."""

from pathlib import Path
from typing import Any

import numpy as np


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

    Weights use 7 of the 8 bits: a processor without instructions for products of 8-bit numbers adds two of them in 16 bits, where
    full ones run over.
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
        reduce_range=True,
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
