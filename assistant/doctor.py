"""What the service needs, looked at one thing at a time."""

import os
import shutil
import sys
from collections.abc import Callable

from assistant.bootstrap import analyser, model_folder, texts
from assistant.content.library import load
from assistant.errors import AssistantError
from assistant.learning.records import Records
from assistant.retrieval.encoder import read_card
from assistant.retrieval.index import open_saved
from assistant.settings import Settings, signing_secret

LEAST_SPACE = 200_000_000
"""Bytes that have to be free for an index and its records."""


def examine(settings: Settings) -> list[tuple[str, str]]:
    """Name of each thing, and what is wrong with it and what to do; empty when it is well."""

    def corpus() -> None:
        load(settings.corpus)

    def model() -> None:
        folder = model_folder(settings)
        if folder is not None:
            read_card(folder)

    def index() -> None:
        folder = model_folder(settings)
        library = load(settings.corpus)
        identity = read_card(folder) if folder is not None else None
        open_saved(settings.index, library.passages, texts(library), analyser(library), identity)

    def secret() -> None:
        signing_secret(settings)

    def records() -> None:
        Records(settings.records).attempts("nobody", "nothing")

    def space() -> None:
        settings.data.mkdir(parents=True, exist_ok=True)
        if shutil.disk_usage(settings.data).free < LEAST_SPACE or not os.access(settings.data, os.W_OK):
            raise AssistantError("The data folder is full or cannot be written. Free some space.")

    def python() -> None:
        if sys.version_info < (3, 11):
            raise AssistantError("Python 3.11 or newer is needed.")

    examined: list[Callable[[], None]] = [python, space, secret, corpus, model, index, records]
    return [(look.__name__, _fault(look)) for look in examined]


def _fault(look: Callable[[], None]) -> str:
    try:
        look()
    except (AssistantError, OSError) as fault:
        return str(fault)
    return ""
