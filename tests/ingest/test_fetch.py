"""Fetching, against a real server on this machine that behaves badly."""

import http.server
import ipaddress
import socketserver
import threading
import time

import pytest

from assistant.ingest import fetch as module
from assistant.ingest.blocks import RefusedError
from assistant.ingest.fetch import fetch, is_public


class Server(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_GET(self):  # noqa: C901 - one case for each behaviour
        if self.path == "/page":
            self._send(b"<html><body><main><h1>T</h1><p>Words of a page.</p></main></body></html>")
        elif self.path.startswith("/hop"):
            left = int(self.path[4:])
            self.send_response(302)
            self.send_header("Location", f"/hop{left - 1}" if left else "/page")
            self.end_headers()
        elif self.path == "/away":
            self.send_response(301)
            self.send_header("Location", "http://10.0.0.1/secret")
            self.end_headers()
        elif self.path == "/file":
            self.send_response(302)
            self.send_header("Location", "file:///etc/passwd")
            self.end_headers()
        elif self.path == "/odd":
            self.send_response(302)
            self.send_header("Location", "http://[odd/")
            self.end_headers()
        elif self.path == "/packed":
            self._send(b"x", ("Content-Encoding", "gzip"))
        elif self.path == "/endless":
            self._stream(b"x" * 65536, 0)
        elif self.path == "/slow":
            self._stream(b"x", 0.2)
        elif self.path == "/cookie":
            self._send(str(dict(self.headers)).encode(), ("Set-Cookie", "a=b"))
        else:
            self.send_error(404)

    def _send(self, body, *headers):
        self.send_response(200)
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _stream(self, piece, pause):
        self.send_response(200)
        self.end_headers()
        try:
            while True:
                self.wfile.write(piece)
                time.sleep(pause)
        except OSError:
            pass


@pytest.fixture(scope="module")
def base():
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Server) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def here(address, port):
    return address == ipaddress.ip_address("127.0.0.1")


def test_a_page_comes_with_its_last_address_SS09(base):
    assert fetch(f"{base}/hop2", allowed=here) == fetch(f"{base}/page", allowed=here)


@pytest.mark.parametrize(
    ("path", "cause"),
    [
        ("/hop9", "more than 3 times"), ("/away", "private network"), ("/file", "http and https"),
        ("/odd", "cannot be reached"), ("/packed", "packed form"),
        ("/endless", "10 MB"), ("/none", "404"),
    ],
)  # fmt: skip
def test_what_is_no_document_is_refused_SS09(base, path, cause):
    with pytest.raises(RefusedError, match=cause):
        fetch(base + path, allowed=here)


def test_a_slow_answer_is_left(base, monkeypatch):
    monkeypatch.setattr(module, "SECONDS", 1.0)
    with pytest.raises(RefusedError):
        fetch(f"{base}/slow", allowed=here)


def test_no_cookie_is_sent_and_the_reader_names_itself(base):
    fetch(f"{base}/cookie", allowed=here)
    told = fetch(f"{base}/cookie", allowed=here).data.decode()
    assert "Cookie" not in told
    assert "assistant-guide" in told


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "192.168.0.1",
        "172.16.0.1",
        "169.254.169.254",
        "0.0.0.0",
        "100.64.0.1",
        "224.0.0.1",
        "::1",
        "fe80::1",
        "fc00::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
    ],
)
def test_an_address_that_is_not_public_is_not_connected_to_SS09(address):
    assert not is_public(ipaddress.ip_address(address), 443)


def test_a_public_address_at_an_unusual_port_is_not_connected_to():
    public = ipaddress.ip_address("8.8.8.8")
    assert is_public(public, 443)
    assert not is_public(public, 8080)


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost/",
        "http://a:b@example.com/",
        "http://127.0.0.1:1/",
        "http:///x",
        "https://[::1]/",
        "http://2130706433/",
        "http://0x7f.1/",
        "http://[odd/",
        "http://localhost:99999/",
    ],
)
def test_an_address_that_leads_inside_is_refused(url):
    with pytest.raises(RefusedError):
        fetch(url)
