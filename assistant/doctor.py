"""What the service needs, looked at one thing at a time."""

import os
import shutil
from collections.abc import Callable

from assistant.bootstrap import EAR, analyser, folder_beside, identity, model_folder, texts
from assistant.content.folder import load
from assistant.errors import AssistantError
from assistant.learning.records import Records
from assistant.retrieval.models import check
from assistant.retrieval.saved import open_saved
from assistant.safety.ear import hash_of, learned_from, open_letters
from assistant.settings import Settings, signing_secret

LEAST_SPACE = 200_000_000
"""Bytes that have to be free for an index and its records."""


def examine(settings: Settings) -> list[tuple[str, str]]:
    """Name of each thing, and what is wrong with it and what to do; empty when it is well."""
    looks: list[tuple[str, Callable[[Settings], object]]] = [
        ("space", _space),
        ("secret", signing_secret),
        ("corpus", lambda s: load(s.corpus)),
        ("model", _model),
        ("index", _index),
        ("ear", _ear),
        ("records", lambda s: Records(s.records).attempts("nobody", "nothing")),
    ]
    return [(name, _fault(look, settings)) for name, look in looks]


def _space(settings: Settings) -> None:
    settings.data.mkdir(parents=True, exist_ok=True)
    if shutil.disk_usage(settings.data).free < LEAST_SPACE or not os.access(settings.data, os.W_OK):
        raise AssistantError("The data folder is full or cannot be written. Free some space.")


def _model(settings: Settings) -> None:
    identity(settings)
    for folder in (model_folder(settings), folder_beside(settings, settings.second), folder_beside(settings, settings.third)):
        if folder is not None:
            check(folder)


def _ear(settings: Settings) -> None:
    examples = load(settings.corpus).messages
    if examples and (open_letters(settings.corpus / EAR) is None or learned_from(settings.corpus / EAR) != hash_of(examples)):
        raise AssistantError("The ear for letters is missing, damaged or older than its examples. Run: assistant index.")


def _index(settings: Settings) -> None:
    library = load(settings.corpus)
    open_saved(settings.index, library.passages, texts(library), analyser(library), identity(settings))


def _fault(look: Callable[[Settings], object], settings: Settings) -> str:
    try:
        look(settings)
    except (AssistantError, OSError) as fault:
        return str(fault)
    return ""
