"""Fetching one document from the web: only public addresses, connected to just as they were checked."""

import http.client
import ipaddress
import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import SplitResult, urljoin, urlsplit

from assistant.ingest.blocks import RefusedError

SECONDS = 20.0
LARGEST = 10 * 1024 * 1024
REDIRECTS = 3
AGENT = "assistant-guide/0.1 (reads official documents for a community safety partnership)"
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True)
class Known:
    """What is known of an address from the last time, to ask only for what is new."""

    etag: str = ""
    modified: str = ""


@dataclass(frozen=True)
class Answer:
    """What an address gave. ``data`` is None when it says that nothing has changed."""

    data: bytes | None
    address: str
    """Where it came from, after redirects."""
    etag: str = ""
    modified: str = ""


def is_address(text: str) -> bool:
    """Whether a text is a web address and not the name of a file."""
    return text.lower().startswith(("http://", "https://"))


def is_public(address: Address, port: int) -> bool:
    """Whether an address may be connected to: on the open internet, at a usual port."""
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_global and not address.is_multicast and port in {80, 443}


def fetch(
    url: str, known: Known = Known(), allowed: Callable[[Address, int], bool] = is_public, pause: Callable[[float], None] = time.sleep
) -> Answer:
    """What is at an address. A server that asks to wait is asked once more, after the time it names.

    Raises:
        RefusedError: the address is not one to fetch from, or the answer is no document.
    """
    until = time.monotonic() + SECONDS
    waited, hops = False, 0
    while hops <= REDIRECTS:
        try:
            answer, data = _get(urlsplit(url), known, allowed, until)
            onward = urljoin(url, answer.headers.get("Location") or "")
        except RefusedError:
            raise
        except (OSError, http.client.HTTPException, ValueError, UnicodeError):
            raise RefusedError("The address cannot be reached, or does not answer as a web server does.") from None
        if answer.status in {301, 302, 303, 307, 308}:
            url, hops = onward, hops + 1
            continue
        if answer.status in {429, 503} and not waited:
            waited = True
            pause(_wait(answer))
            until = time.monotonic() + SECONDS
            continue
        if answer.status not in {200, 304}:
            raise RefusedError(f"The address answers {answer.status}, not with a document.")
        etag, modified = (answer.headers.get(name) or "" for name in ("ETag", "Last-Modified"))
        return Answer(data if answer.status == 200 else None, url, etag, modified)
    raise RefusedError(f"The address leads on more than {REDIRECTS} times.")


def _wait(answer: http.client.HTTPResponse) -> float:
    """Seconds that a server asks to wait, 30 at most."""
    asked = answer.headers.get("Retry-After") or ""
    return min(float(asked), 30.0) if asked.isascii() and asked.isdigit() else 5.0


def _get(parts: SplitResult, known: Known, allowed: Callable[[Address, int], bool], until: float) -> tuple[http.client.HTTPResponse, bytes]:
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise RefusedError("Only http and https addresses are fetched.")
    if parts.username is not None or parts.password is not None:
        raise RefusedError("An address with a name or password in it is not fetched.")
    port = parts.port or (443 if parts.scheme == "https" else 80)
    address = _checked(parts.hostname, port, allowed)
    plain = socket.create_connection((str(address), port), timeout=_left(until))
    try:
        if parts.scheme == "https":
            link: socket.socket = ssl.create_default_context().wrap_socket(plain, server_hostname=parts.hostname)
        else:
            link = plain
        connection = http.client.HTTPConnection(parts.hostname, port)
        connection.sock = link
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        since = {"If-None-Match": known.etag, "If-Modified-Since": known.modified}
        asked = {"User-Agent": AGENT, "Accept-Encoding": "identity", "Accept": "*/*", "Connection": "close"}
        connection.request("GET", path, headers={**asked, **{name: value for name, value in since.items() if value}})
        answer = connection.getresponse()
        if answer.headers.get("Content-Encoding", "identity").lower() not in {"identity", ""}:
            raise RefusedError("The address answers in a packed form that is not taken.")
        return answer, _body(answer, link, until)
    finally:
        plain.close()


def _checked(host: str, port: int, allowed: Callable[[Address, int], bool]) -> Address:
    """The address to connect to: the name is looked up once, and every address it has must be allowed."""
    found = [ipaddress.ip_address(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    if not found or not all(allowed(address, port) for address in found):
        raise RefusedError("The address leads to a private network or an unusual port, and is not fetched.")
    return found[0]


def _body(answer: http.client.HTTPResponse, link: socket.socket, until: float) -> bytes:
    parts: list[bytes] = []
    size = 0
    while True:
        link.settimeout(_left(until))
        chunk = answer.read1(1 << 16)
        if not chunk:
            return b"".join(parts)
        parts.append(chunk)
        size += len(chunk)
        if size > LARGEST:
            raise RefusedError("The document is larger than 10 MB.")


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise RefusedError("The address takes longer than 20 seconds to answer.")
    return left
