"""Fixtures, few and real: the corpus, an assembly on a word-hashing encoder, the app, and a client that parses what it gets."""

import dataclasses
import hashlib
import re
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

import html5lib
import numpy as np
import pytest
from flask import Flask
from flask.testing import FlaskClient

from assistant import bootstrap
from assistant.bootstrap import Assembly
from assistant.content.folder import load
from assistant.content.library import Library
from assistant.learning.certificates import Keys, Register
from assistant.learning.records import Records
from assistant.learning.tally import Tally
from assistant.retrieval.encoder import Vectors
from assistant.retrieval.index import Index, build
from assistant.retrieval.search import Retriever
from assistant.retrieval.words import STOP, plain_words, stem
from assistant.settings import Settings
from assistant.web.app import create_app

HOME = Path(__file__).parent.parent
FIXTURE = Path(__file__).parent / "fixtures" / "corpus"


RUN_TOGETHER = re.compile(r"[^\s<>]</(?:a|span|strong|em|b)><(?:a|span|strong|em|b)\b[^>]*>[^\s<>]+")
"""Two pieces of a line with nothing between them: read aloud, or without styles, they are one word."""


class HashingEncoder:
    """Same words, same vector: each stem is hashed to one of 384 places."""

    identity = {"name": "hashing", "package": "tests", "sha256": "0", "licence": "none"}

    def queries(self, texts: list[str]) -> Vectors:
        return self.passages(texts)

    def passages(self, texts: list[str]) -> Vectors:
        rows = np.full((len(texts), 384), 1e-3, np.float32)
        for row, text in zip(rows, texts, strict=True):
            for word in plain_words(text):
                if word not in STOP:
                    row[int(hashlib.md5(stem(word).encode()).hexdigest()[:8], 16) % 384] += 1
        return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


@pytest.fixture(scope="session")
def encoder() -> HashingEncoder:
    return HashingEncoder()


@pytest.fixture(scope="session")
def library() -> Library:
    return load(HOME / "corpus")


@pytest.fixture(scope="session")
def small() -> Library:
    """The fixture corpus, small enough to know by heart."""
    return load(FIXTURE)


@pytest.fixture(scope="session")
def index(library: Library, encoder: HashingEncoder) -> Index:
    return build(library.passages, bootstrap.analyser(library), encoder, authored=bootstrap.texts(library))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def make_settings(data: Path, corpus: Path = HOME / "corpus") -> Settings:
    return Settings(
        corpus=corpus, data=data, model="none", encoder="onnx", production=False, secret="x" * 8 + "0123456789" * 4, trusted_proxies=0
    )


@pytest.fixture(scope="session")
def assembly(library: Library, index: Index, encoder: HashingEncoder, tmp_path_factory: pytest.TempPathFactory) -> Assembly:
    data = tmp_path_factory.mktemp("data")
    retriever = Retriever(index, encoder)
    answerer = bootstrap.make_answerer(library, retriever)
    return Assembly(
        make_settings(data),
        library,
        answerer,
        retriever,
        Records(data / "records.db"),
        Register(data / "records.db"),
        Tally(data / "records.db"),
        Keys(data / "keys"),
        encoder.identity,
        "",
    )


@pytest.fixture(scope="session")
def app(assembly: Assembly) -> Flask:
    app = create_app(assembly.settings, assembly)
    app.config["LIMITS"] = False
    return app


class Client(FlaskClient):
    """Speaks HTTPS and parses every page: HTML that is not well formed fails the test that asked for it."""

    def open(self, *args, **kwargs):
        kwargs.setdefault("base_url", "https://localhost")
        response = super().open(*args, **kwargs)
        if response.mimetype == "text/html" and response.status_code not in {301, 302, 303, 308}:
            parser = html5lib.HTMLParser(strict=False)
            parser.parse(response.text)
            faults = [fault for fault in parser.errors if fault[1] not in {"unexpected-start-tag-implies-end-tag"}]
            assert not faults, f"{args[0]}: {faults[:3]}"
        return response

    def token(self, path: str) -> str:
        """The form token of a page."""
        import re

        text = self.get(path).text
        found = re.search(r'name="token"[^>]*value="([^"]+)"', text) or re.search(r'value="([^"]+)"[^>]*name="token"', text)
        assert found, f"{path} has no form token"
        return found[1]

    def ask(self, text: str, **data: str):
        """Ask a question through the form."""
        return self.post("/ask", data={"token": self.token("/ask"), "text": text, **data})


@pytest.fixture
def client(app: Flask) -> Client:
    app.test_client_class = Client
    return app.test_client()


@pytest.fixture
def fixture_copy(tmp_path: Path) -> Path:
    """The fixture corpus, to break."""
    return Path(shutil.copytree(FIXTURE, tmp_path / "corpus"))


@pytest.fixture(scope="session")
def right_to_left(small: Library, encoder: HashingEncoder, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The site on the fixture corpus, which is offered in Urdu too."""
    data = tmp_path_factory.mktemp("rtl")
    retriever = Retriever(build(small.passages, bootstrap.analyser(small), encoder, authored=bootstrap.texts(small)), encoder)
    answerer = bootstrap.make_answerer(small, retriever)
    settings = dataclasses.replace(make_settings(data), corpus=FIXTURE)
    app = create_app(
        settings,
        Assembly(
            settings,
            small,
            answerer,
            retriever,
            Records(data / "r.db"),
            Register(data / "r.db"),
            Tally(data / "r.db"),
            Keys(data / "keys"),
            None,
            "",
        ),
    )
    app.config["LIMITS"] = False
    return app
