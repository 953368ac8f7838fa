"""An index on disk.

It is built aside and swapped in whole: ``current`` names the folder in use, and a folder is never changed once it is named
there. Every file's checksum stands in the manifest, and the manifest's own in ``current``; they are compared when the index is
opened.
"""

import fcntl
import hashlib
import json
import os
import re
import secrets
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from assistant.domain.guidance import Passage
from assistant.errors import IndexFault
from assistant.retrieval.encoder import Vectors
from assistant.retrieval.index import (
    ASK,
    FITTED,
    LANGUAGES,
    LENGTH,
    THIRD,
    Authored,
    Index,
    Kept,
    WordArm,
    assembled,
    embedding_text,
    encoded_texts,
    parts_of,
    text_key,
)
from assistant.retrieval.models import sha256
from assistant.retrieval.words import Analyser

FORMAT = 10
"""Which writing of an index its files are: raised when they, or the way a text is read, change."""


def fingerprint(passages: Iterable[Passage], authored: Authored | None = None) -> str:
    """A hash of everything in the passages and authored answers that the index depends on."""
    texts = authored or Authored()
    digest = hashlib.sha256("\n".join((*texts.asks, *texts.replies, *texts.messages, *texts.told)).encode())
    for passage in passages:
        digest.update(f"{passage.id}\0{embedding_text(passage)}\0{passage.status}\n".encode())
    return digest.hexdigest()


@contextmanager
def writing_to(folder: Path) -> Iterator[None]:
    """With the folder of indexes made.

    Raises:
        IndexFault: something cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        yield
    except OSError as fault:
        raise IndexFault(f"The index cannot be written to {folder}: {fault.strerror}.") from fault


def save(index: Index, folder: Path, model: dict[str, str] | None, made_of: str = "") -> Path:
    """Write the index, made by this model, beside the one in use, then name it as the current one. Returns its folder.

    ``made_of`` is a hash of all that it was made of (see `stands`).

    Two that save at once take turns.

    Raises:
        IndexFault: it cannot be written; the one in use stays.
    """
    with writing_to(folder), (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return _save(index, folder, model, made_of)


MANIFEST = "manifest.json"
"""Says of an index what it was built from, and the checksum of each of its files. Its own stands with the name of the current index."""
KEYS = "-keys"
"""Ends the name of the array of text keys that goes with an array of vectors."""
FITTED_ON = frozenset({"asks", "messages", "told"})
"""The arrays that are not opened to serve, and are kept in half precision."""


def _arrays(index: Index) -> dict[str, Any]:
    """What is kept of a freshly built index, by file."""
    if index.dense is None or index.sentences is None:
        return {}
    texts, encoded, shared = index.authored or Authored(), encoded_texts(index.passages)[0], index.shared
    keyed: dict[str, Any] = {}
    for name, vectors, of in (
        ("passages", index.dense.vectors, encoded[: len(index.passages)]),
        ("sentences", index.sentences, encoded[len(index.passages) :]),
    ):
        keyed[name] = (vectors[:, :shared], of)
        if vectors.shape[1] > shared:
            keyed[f"third-{name}"] = (vectors[:, shared:] / LENGTH, [THIRD + text for text in of])
    keyed |= {
        "asks": (index.ask_vectors, [ASK + ask for ask in texts.asks]),
        "replies": (index.reply_vectors, list(texts.replies)),
        "messages": (index.message_vectors, [ASK + message for message in texts.messages]),
        "told": (index.told_vectors, [ASK + told for told in texts.told]),
    }
    found: dict[str, Any] = {"owners": index.owners}
    if index.languages is not None:
        found[LANGUAGES] = index.languages.weights
    for name, (vectors, of) in keyed.items():
        if vectors is not None:
            kept = vectors.astype(np.float16) if name in FITTED_ON else vectors
            found |= {name: kept, f"{name}{KEYS}": np.array([text_key(text) for text in of])}
    fitted = {f"{FITTED}{name}": array for name, array in index.fitted.items()}
    return {**found, **fitted, **parts_of("plain", index.plain), **parts_of("english", index.english)}


_BUILT = re.compile(r"\.?[0-9a-f]{12}-[0-9a-f]{8}")
"""Names of folders that were built here, the only ones that are ever deleted; a dot stands before one that was not finished."""


def _save(index: Index, folder: Path, model: dict[str, str] | None, made_of: str) -> Path:
    name = f"{fingerprint(index.passages, index.authored)[:12]}-{secrets.token_hex(4)}"
    aside = folder / f".{name}"
    aside.mkdir()
    for file, array in _arrays(index).items():
        np.save(aside / f"{file}.npy", array)
    manifest = {
        "format": FORMAT,
        "corpus": fingerprint(index.passages, index.authored),
        "model": model,
        "made_of": made_of,
        "passages": len(index.passages),
        "fits": index.fits,
        "files": {path.name: sha256(path) for path in sorted(aside.iterdir())},
    }
    (aside / MANIFEST).write_text(json.dumps(manifest, indent=1), encoding="utf-8")
    for path in aside.iterdir():
        _sync(path)
    final = folder / name
    aside.rename(final)
    pointer = folder / f".current-{os.getpid()}"
    pointer.write_text(f"{name} {sha256(final / MANIFEST)}", encoding="utf-8")
    _sync(pointer)
    pointer.replace(folder / "current")
    for path in folder.iterdir():
        if _BUILT.fullmatch(path.name) and path.name != name:
            shutil.rmtree(path, ignore_errors=True)
    return final


def _sync(path: Path) -> None:
    with path.open("rb") as stream:
        os.fsync(stream.fileno())


def manifest(folder: Path) -> dict[str, Any]:
    """The manifest of the current index.

    Raises:
        IndexFault: there is no index, or its manifest cannot be read.
    """
    try:
        name, _, expected = (folder / "current").read_text(encoding="utf-8").strip().partition(" ")
        if sha256(folder / name / MANIFEST) != expected:
            raise IndexFault("The index manifest is damaged. Run: assistant index")
        value: dict[str, Any] = json.loads((folder / name / MANIFEST).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise IndexFault("There is no index yet. Run: assistant index") from None
    except (OSError, ValueError):
        raise IndexFault("The index manifest is damaged. Run: assistant index") from None
    return value | {"folder": str(folder / name)}


def stands(folder: Path, made_of: str) -> bool:
    """Whether the current index was made of just this, and is whole: then there is nothing to build."""
    try:
        book = manifest(folder)
        if book.get("made_of") != made_of:
            return False
        _checked_arrays(book)
    except IndexFault:
        return False
    return True


def open_saved(folder: Path, passages: Sequence[Passage], authored: Authored, analyser: Analyser, model: dict[str, str] | None) -> Index:
    """Open the current index for these passages, these authored answers and this model.

    Raises:
        IndexFault: it is missing or damaged, or was built from other passages or by another model.
    """
    book = manifest(folder)
    if book["format"] != FORMAT:
        raise IndexFault("The index is of another version. Run: assistant index")
    if book["corpus"] != fingerprint(passages, authored):
        raise IndexFault("The corpus has changed since the index was built. Run: assistant index")
    if book["model"] != model:
        raise IndexFault("The index was built with another model. Run: assistant index")
    arrays = _checked_arrays(book, lambda name: name not in FITTED_ON and not name.endswith(KEYS))
    words = WordArm([embedding_text(passage) for passage in passages], analyser)
    if not arrays:
        return Index(tuple(passages), words, authored=authored)
    return assembled(tuple(passages), words, arrays, authored, book["fits"])


def _checked_arrays(book: dict[str, Any], wanted: Callable[[str], bool] = lambda _name: True) -> dict[str, Any]:
    """The arrays of an index whose names are wanted, each compared with its checksum."""
    arrays: dict[str, Any] = {}
    for name, expected in book["files"].items():
        path = Path(book["folder"]) / name
        if not wanted(path.stem):
            continue
        if not path.is_file() or sha256(path) != expected:
            raise IndexFault(f"The index file {name} is damaged. Run: assistant index")
        arrays[path.stem] = np.load(path, allow_pickle=False)
    return arrays


def kept_from(folder: Path, model: dict[str, str]) -> Kept:
    """What the last index holds, if the same model made it; nothing if there is none to trust."""
    try:
        book = manifest(folder)
        arrays = _checked_arrays(book) if book["format"] == FORMAT and book["model"] == model else {}
    except IndexFault:
        return Kept()
    vectors: dict[str, Vectors] = {}
    for name in arrays:
        if name.endswith(KEYS):
            vectors.update(zip(arrays[name].tolist(), arrays[name.removesuffix(KEYS)], strict=True))
    fits = book["fits"] if arrays else {}
    return Kept(vectors, {on: {file: arrays[file] for file in files} for on, files in fits.items()})
