import os
import re
import socket
import subprocess
import sys
import time

import pytest

from assistant.web import serving
from assistant.web.security import HEADERS
from tests.conftest import FIXTURE, HOME, free_port

MARK = b"MARKhelianthus"
CHUNKED = b"Content-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\n\r\n"
NO_REQUESTS = {
    "a sentence": MARK + b" is on his way here",
    "a version": b"GET /?q=" + MARK + b" HTTP/9.9",
    "a space in the address": b"GET /" + MARK + b" and more HTTP/1.1",
    "a long address": b"GET /" + MARK * 500 + b" HTTP/1.1",
    "a header's name": b"GET / HTTP/1.1\r\nHost: x\r\n" + MARK + b" x: 1",
    "a long header": b"GET / HTTP/1.1\r\nHost: x\r\nX-A: " + MARK * 1000,
    "a length": b"POST /ask HTTP/1.1\r\nHost: x\r\nContent-Length: " + MARK,
    "a coding": b"POST /ask HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: " + MARK,
    "pieces of no size": b"POST /ask HTTP/1.1\r\nHost: x\r\n" + CHUNKED + MARK + b"\r\nabc\r\n0",
    "pieces where no page is": b"POST /nowhere HTTP/1.1\r\nHost: x\r\n" + CHUNKED + MARK,
    "a piece without its end": b"POST /ask HTTP/1.1\r\nHost: x\r\n" + CHUNKED + b"4\r\ntext=" + MARK,
}


class EnoughError(Exception):
    pass


def test_what_is_kept_no_longer_is_purged_every_day_in_a_process_of_its_own_SP06(monkeypatch, tmp_path):
    slept, ran = [], []
    monkeypatch.setenv("ASSISTANT_DATA", str(tmp_path))
    really = subprocess.run

    def sleep(seconds):
        slept.append(seconds)
        if len(slept) == 3:
            raise EnoughError

    def run(command, **how):
        ran.append(really(command, **how).returncode)

    monkeypatch.setattr(serving.time, "sleep", sleep)
    monkeypatch.setattr(serving.subprocess, "run", run)
    with pytest.raises(EnoughError):
        serving.purge_daily()
    assert slept == [60, 24 * 60 * 60, 24 * 60 * 60]
    assert ran == [0, 0]


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """The site as it is served, without a model. Gives its port, and stops it for what it has logged."""
    port = free_port()
    data = tmp_path_factory.mktemp("data")
    environment = {**os.environ, "ASSISTANT_DATA": str(data), "ASSISTANT_CORPUS": str(FIXTURE), "ASSISTANT_MODEL": "none"}
    with (data / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "assistant.cli", "serve", "--port", str(port)],
            cwd=HOME, env=environment, stdout=log, stderr=log,
        )  # fmt: skip
        for _ in range(150):
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                time.sleep(0.2)

        def stop():
            process.terminate()
            process.wait(20)
            return (data / "log").read_bytes()

        yield port, stop
        stop()


def sent(port, request):
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(65536), b""))


def test_what_is_no_request_is_refused_with_a_page_and_told_of_to_no_one_SP01_SP04_SS03_SS16(served):
    port, stop = served
    for name, request in NO_REQUESTS.items():
        head, _, page = sent(port, request + b"\r\n\r\n").partition(b"\r\n\r\n")
        assert re.match(rb"HTTP/1.1 40[04] ", head), name
        assert all(f"{header}: {value}".encode() in head for header, value in HEADERS.items()), name
        assert b"Cache-Control: no-store" in head, name
        assert b"<h1" in page, name
        assert MARK not in head + page, name
    log = stop()
    assert MARK not in log
    lines = log.decode().splitlines()
    assert lines[0].startswith("Serving on ")
    assert all(re.fullmatch(r"\S+Z WARNING assistant.web.security: refused: [a-z ]+", line) for line in lines[1:]), lines[1:]
