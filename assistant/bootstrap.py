"""Putting the parts together: from settings to everything a page or a command needs."""

import logging
import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from assistant import retrieval, safety
from assistant.answering import Answerer
from assistant.content.folder import load
from assistant.content.library import Library
from assistant.domain.guidance import Card, Gap, Passage
from assistant.domain.site import Example
from assistant.errors import IndexFault, InputError, ModelError
from assistant.gate import GATE, Gate
from assistant.ingest.holding import Holdings, into
from assistant.learning.certificates import Keys, Register
from assistant.learning.records import Records
from assistant.learning.tally import Tally
from assistant.retrieval import models
from assistant.retrieval.cards import CardMatcher, after_openings, authored
from assistant.retrieval.encoder import Encoder, OnnxEncoder, PairEncoder, ReferenceEncoder, read_card, together
from assistant.retrieval.index import LANGUAGES, Authored, Index, Kept, Progress, build, fitted_on
from assistant.retrieval.languages import LanguageIdentifier
from assistant.retrieval.saved import fingerprint, kept_from, open_saved, save, stands, writing_to
from assistant.retrieval.search import Retriever
from assistant.retrieval.words import Analyser, plain_words
from assistant.safety import ear
from assistant.safety.router import Router
from assistant.safety.triage import Triage
from assistant.settings import Settings

EAR = "ear.npz"
"""The stored ear for letters, in the corpus folder."""


@dataclass(frozen=True)
class Assembly:
    """The parts of one running service."""

    settings: Settings
    library: Library
    answerer: Answerer
    retriever: Retriever
    records: Records
    register: Register
    tally: Tally
    keys: Keys
    model: dict[str, str] | None
    notice: str
    """Why the service runs without its model or index, in one line; empty when all is well."""


def open_library(settings: Settings) -> Library:
    """The corpus, with the official documents that are held.

    Raises:
        CorpusError: the corpus cannot be served.
        InputError: a document that is held is damaged.
    """
    return into(load(settings.corpus), Holdings(settings.official))


def model_folder(settings: Settings) -> Path | None:
    """Where the chosen model stands ready, or None when the setting is ``none``."""
    if settings.model == "none":
        return None
    if settings.model in models.SOURCES:
        return settings.models / settings.model
    return Path(settings.model)


def prepare_model(settings: Settings) -> Path | None:
    """Make the chosen model ready for indexing and serving.

    Raises:
        ModelError: it cannot be made ready; the message says what to do.
    """
    if settings.model == "none":
        return None
    if settings.model in models.SOURCES:
        return models.prepare(settings.model, packages=settings.packages, models=settings.models)
    return models.adopt(Path(settings.model))


def folder_beside(settings: Settings, name: str) -> Path | None:
    """Where the second or third model, by its name, stands ready beside the first, or None."""
    folder = settings.models / name
    return folder if settings.model != "none" and (folder / models.CARD).is_file() else None


def prepare_beside(settings: Settings) -> None:
    """Make the second and the third model ready. Where the packages of one are not here, a line says that it is done without."""
    for name in (settings.second, settings.third):
        if name != "none" and settings.model != "none":
            try:
                models.prepare(name, packages=settings.packages, models=settings.models)
            except ModelError as fault:
                logging.getLogger(__name__).warning("%s Until then it is done without.", fault)


def identity(settings: Settings) -> dict[str, str] | None:
    """What the models in use say of themselves.

    Raises:
        ModelError: the first model has not been made ready.
    """
    folder = model_folder(settings)
    beside = {"second": folder_beside(settings, settings.second), "third": folder_beside(settings, settings.third)}
    return None if folder is None else together(read_card(folder), **{n: read_card(f) for n, f in beside.items() if f is not None})


def open_encoder(settings: Settings, *, threads: int = 1) -> Encoder | None:
    """The encoder of questions and passages.

    Raises:
        ModelError: the model has not been made ready.
    """
    first, second = open_first(settings, threads=threads), folder_beside(settings, settings.second)
    return first if first is None or second is None else PairEncoder(first, OnnxEncoder(second, threads=threads))


def open_third(settings: Settings, *, threads: int = 1) -> Encoder | None:
    """The encoder by which English is compared too, or None."""
    folder = folder_beside(settings, settings.third)
    return None if folder is None else OnnxEncoder(folder, threads=threads)


def open_languages(settings: Settings) -> LanguageIdentifier | None:
    """What tells English from other languages, as the index of the corpus holds it; None where there is none to trust."""
    model = identity(settings)
    kept = kept_from(settings.index, model) if model is not None else Kept()
    return next((LanguageIdentifier(arrays[LANGUAGES]) for arrays in kept.fits.values() if LANGUAGES in arrays), None)


def open_first(settings: Settings, *, threads: int = 1) -> Encoder | None:
    """The encoder of the chosen model alone.

    Raises:
        ModelError: the model has not been made ready.
    """
    folder = model_folder(settings)
    if folder is None:
        return None
    read_card(folder)
    return ReferenceEncoder(folder) if settings.encoder == "reference" else OnnxEncoder(folder, threads=threads)


def analyser(library: Library) -> Analyser:
    """Words of the subject: each glossary term and its other names are one concept."""
    return Analyser({term.id: (term.name, *term.others) for term in library.terms.values()})


def texts(library: Library) -> Authored:
    """The texts of cards, gaps and example messages that the index holds beside the passages."""
    cards, gaps = tuple(library.cards.values()), tuple(library.gaps.values())
    asked = after_openings(authored(cards, gaps, library.documents), (*cards, *gaps), library.openings)
    examples = ear.enriched(library.messages)
    languages = (*asked.languages, *(e.language for e in examples))
    return replace(asked, messages=tuple(e.text for e in examples), languages=languages)


def listener(settings: Settings, library: Library) -> Triage:
    """What hears danger in plain code: phrases, and the stored ear for letters."""
    return Triage(library.signals, ordinary_words(library), ear.open_letters(settings.corpus / EAR))


def fit_letter_ear(settings: Settings, library: Library) -> bool:
    """Fit the ear for letters anew if the examples have changed. Returns whether it was."""
    path = settings.corpus / EAR
    if not library.messages or ear.learned_from(path) == ear.hash_of(library.messages):
        return False
    fitted = ear.fit_letters([*ear.enriched(library.messages), *_ordinary_asks(library)])
    try:
        ear.save_letters(path, fitted, library.messages)
    except OSError:
        raise InputError(f"{path} cannot be written.") from None
    return True


def _ordinary_asks(library: Library) -> tuple[Example, ...]:
    """Ways of asking as ordinary messages: none that asks where help is, is a message itself, or has danger in it by a phrase."""
    phrases = Triage(library.signals, ordinary_words(library))
    labelled = {message.text.casefold() for message in library.messages}
    help_is = {name for call in library.calls for name in call.cards[: call.shown]}
    things: tuple[Card | Gap, ...] = (*library.cards.values(), *library.gaps.values())
    asks = (ask for thing in things if thing.id not in help_is for ask in thing.asks)
    return tuple(Example(None, "en", ask) for ask in asks if ask.casefold() not in labelled and phrases.hear(ask).help is None)


def _with_ear(index: Index, library: Library, kept: Kept) -> Index:
    """The index with the ear for meaning, fitted on its own vectors of examples and ways of asking; without examples, as it is."""
    if index.message_vectors is None or index.ask_vectors is None or index.authored is None:
        return index
    place = {ask: i for i, ask in enumerate(index.authored.asks)}
    ordinary = _ordinary_asks(library)
    vectors = np.concatenate([index.message_vectors, index.ask_vectors[[place[example.text] for example in ordinary]]])
    examples = [*ear.enriched(library.messages), *ordinary]
    return index.fitting(fitted_on(ear, vectors, examples), lambda: ear.fit_meaning(vectors, examples).arrays, kept)


def build_index(settings: Settings, library: Library, progress: Progress) -> int:
    """Build the index of the corpus with what reads questions, and put it in use, unless it stands. Returns how many passages it holds.

    Raises:
        IndexFault: it cannot be written.
        InputError: the corpus has new examples, and what is learned from them cannot be written beside them.
    """
    with writing_to(settings.index):
        fit_letter_ear(settings, library)
    prepare_model(settings)
    prepare_beside(settings)
    model, held = identity(settings), texts(library)
    made_of = _made_of(library, held, model)
    if stands(settings.index, made_of):
        return len(library.passages)
    threads = os.cpu_count() or 1
    encoder, third = open_encoder(settings, threads=threads), open_third(settings, threads=threads)
    kept = kept_from(settings.index, model) if model is not None else Kept()
    index = build(library.passages, analyser(library), encoder, third, authored=held, kept=kept, progress=progress)
    save(_with_ear(index, library, kept), settings.index, model, made_of)
    return len(library.passages)


def _made_of(library: Library, held: Authored, model: dict[str, str] | None) -> str:
    """A hash of everything that an index of the library is made of: texts, their labels, phrases, models and code."""
    code = [path.read_bytes() for package in (retrieval, safety) for path in sorted(Path(package.__path__[0]).glob("*.py"))]
    return fitted_on(ear, fingerprint(library.passages, held), held, library.messages, library.signals, model, code)


def assemble(settings: Settings) -> Assembly:
    """Everything, opened. A missing model or a faulty index leaves the service on words alone, and ``notice`` says so.

    Raises:
        CorpusError: the corpus cannot be served.
    """
    notice = ""
    with ThreadPoolExecutor(1) as beside:
        opening = beside.submit(lambda: (open_encoder(settings), open_third(settings), identity(settings)))
        library = open_library(settings)
        try:
            encoder, third, model = opening.result()
        except ModelError as fault:
            encoder, third, model, notice = None, None, None, str(fault)
    index, fault_line = _open_index(settings, library, model)
    notice = notice or fault_line
    retriever = Retriever(index, encoder, third)
    meaning = ear.MeaningEar(**index.fitted) if retriever.has_model and index.fitted else None
    answerer = make_answerer(library, retriever, listener(settings, library), meaning=meaning)
    threadpool_limits(1)  # what one question asks of the number libraries is too little to be shared out
    return Assembly(
        settings, library, answerer, retriever, Records(settings.records), Register(settings.records), Tally(settings.records),
        Keys(settings.keys), model if retriever.has_model else None, notice,
    )  # fmt: skip


def _open_index(settings: Settings, library: Library, model: dict[str, str] | None) -> tuple[Index, str]:
    try:
        return open_saved(settings.index, library.passages, texts(library), analyser(library), model), ""
    except IndexFault as fault:
        return build(library.passages, analyser(library), None, authored=texts(library)), str(fault)


def make_matcher(library: Library, index: Index) -> CardMatcher:
    """A matcher of the library's cards and gaps over an index of its passages."""
    return CardMatcher(tuple(library.cards.values()), tuple(library.gaps.values()), library.documents, sections(library), index)


def make_answerer(
    library: Library,
    retriever: Retriever,
    triage: Triage | None = None,
    *,
    gate: Gate = GATE,
    meaning: ear.MeaningEar | None = None,
) -> Answerer:
    """An answerer over a library and a retriever of its passages."""
    held = sections(library)
    return Answerer(
        retriever,
        triage or Triage(library.signals, ordinary_words(library)),
        Router(library.routes, library.signals.spellings, library.signals.groups),
        make_matcher(library, retriever.index),
        library.documents,
        tuple(library.terms.values()),
        held,
        library.calls,
        gate,
        meaning,
    )


def sections(library: Library) -> Mapping[str, tuple[Passage, ...]]:
    """Passages by the section they are from, ``document#section``."""
    found: dict[str, tuple[Passage, ...]] = {}
    for passage in (*library.passages, *library.meanings):
        key = f"{passage.document}#{passage.section}"
        found[key] = (*found.get(key, ()), passage)
    return found


def ordinary_words(library: Library) -> frozenset[str]:
    """The vocabulary of the corpus: words that are spelt as they should be."""
    return frozenset(word for passage in library.passages for word in plain_words(f"{passage.heading} {passage.text}"))
