"""The real server: both workers answer, the model is the served one, and it stops when told."""

import re
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from http.cookiejar import CookieJar
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, build_opener

import psutil
import pytest

pytestmark = pytest.mark.model


def ask(server, text):
    opener = build_opener(HTTPCookieProcessor(CookieJar()))
    page = opener.open(f"{server}/ask", timeout=30).read().decode()
    token = re.search(r'name="token"[^>]*value="([^"]+)"', page)[1]
    with opener.open(f"{server}/ask", urlencode({"token": token, "text": text}).encode(), timeout=30) as reply:
        return reply.status, reply.read().decode()


def listens(process, port):
    """Whether a process listens on a port; one that is gone by now does not."""
    try:
        return any(c.status == psutil.CONN_LISTEN and c.laddr.port == port for c in process.net_connections("inet"))
    except psutil.Error:
        return False


def workers(server):
    """The two processes that answer; the first may do so before the second is there."""
    port = int(server.rsplit(":", 1)[1])
    for _ in range(100):
        found = [p for p in psutil.Process().children(recursive=True) if listens(p, port)]
        inner = [p for p in found if p.ppid() in {q.pid for q in found}]
        if len(inner) == 2:
            break
        time.sleep(0.1)
    return inner


def test_each_worker_answers_after_the_fork(server):
    held = {p.pid: p.cpu_times().user for p in workers(server)}
    assert len(held) == 2
    with ThreadPoolExecutor(8) as pool:
        replies = list(pool.map(lambda _: ask(server, "how long does a review take"), range(40)))
    assert all(status == 200 and "<blockquote>" in page for status, page in replies)
    assert all(p.cpu_times().user > held[p.pid] for p in workers(server))


@pytest.mark.parametrize(
    "head",
    [
        "POST /ask HTTP/1.1\r\nHost: h\r\nContent-Length: 6\r\nTransfer-Encoding: chunked",
        "POST /ask HTTP/1.1\r\nHost: h\r\nContent-Length: 6\r\nContent-Length: 7",
        "POST /ask HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: xchunked",
        "GET / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding : chunked",
    ],
)
def test_a_request_whose_end_can_be_read_in_two_ways_is_refused(server, head):
    host, _, port = server.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=10) as wire:
        wire.sendall(f"{head}\r\n\r\n0\r\n\r\nGET /support HTTP/1.1\r\nHost: h\r\n\r\n".encode())
        reply = b""
        while read := wire.recv(65536):
            reply += read
    statuses = re.findall(rb"HTTP/1\.1 (\d{3})", reply)
    assert len(statuses) == 1, statuses
    assert statuses[0] in {b"400", b"501"}
