"""The real server: both workers answer, the model is the served one, and it stops when told."""

import re
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
    port = int(server.rsplit(":", 1)[1])
    found = [p for p in psutil.Process().children(recursive=True) if listens(p, port)]
    master = next(p for p in found if p.ppid() not in {q.pid for q in found})
    return [p for p in found if p.pid != master.pid]


def test_each_worker_answers_after_the_fork(server):
    held = {p.pid: p.cpu_times().user for p in workers(server)}
    assert len(held) == 2
    with ThreadPoolExecutor(8) as pool:
        replies = list(pool.map(lambda _: ask(server, "how long does a review take"), range(40)))
    assert all(status == 200 and "<blockquote>" in page for status, page in replies)
    assert all(p.cpu_times().user > held[p.pid] for p in workers(server))
