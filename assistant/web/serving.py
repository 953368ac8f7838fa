"""Serving with gunicorn: one copy of everything, opened before the workers part, and nothing told of who sent what."""

import gc
import os
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from typing import Any, ClassVar

from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger
from gunicorn.http.errors import NoMoreData, ParseException
from gunicorn.workers.gthread import ThreadWorker
from werkzeug.exceptions import BadRequest

from assistant.errors import SettingsError
from assistant.settings import Settings
from assistant.web.app import create_app

SOON, DAY = 60.0, 24 * 60 * 60.0
"""Seconds from the start to the first purge, and from one to the next."""
PURGE = (sys.executable, "-W", "ignore", "-m", "assistant.cli", "purge")


def purge_daily() -> None:
    """Purge soon and every day from now on, in a process of its own. Never returns.

    A worker that is born while this process has the records open would take them to be locked for as long as it lives.
    """
    time.sleep(SOON)
    while True:
        subprocess.run(PURGE, check=False, stdout=subprocess.DEVNULL)  # noqa: S603 - our own command
        time.sleep(DAY)


class _Log(Logger):  # type: ignore[misc]
    """gunicorn's log. A fault is told by its kind alone: its text may hold what was sent."""

    def exception(self, *_told: Any, **_more: Any) -> None:
        self.error("fault: %s", type(sys.exc_info()[1]).__name__)


class _Worker(ThreadWorker):  # type: ignore[misc]
    """A worker that answers what is no request with a page of the site, and tells of no address and no words."""

    refusal: ClassVar[bytes]

    def handle_error(self, _request: Any, client: socket.socket, _address: Any, error: Exception) -> None:
        if not isinstance(error, ParseException):
            self.log.error("fault: %s", type(error).__name__)
            return
        self.wsgi.extensions["limits"].note("no request")
        with suppress(OSError):
            client.sendall(self.refusal)


class _Body:
    """What a request sends along. What of it cannot be read is the sender's fault and none of ours."""

    def __init__(self, body: Any) -> None:
        self._body = body

    def read(self, size: int = -1) -> bytes:
        return self._read(self._body.read, size)

    def readline(self, size: int = -1) -> bytes:
        return self._read(self._body.readline, size)

    @staticmethod
    def _read(way: Any, size: int) -> bytes:
        try:
            return bytes(way(None if size < 0 else size))
        except (ParseException, NoMoreData):
            raise BadRequest from None


def _readable(app: Any) -> Any:
    """The application, given bodies that are read or refused."""
    return lambda environ, start: app({**environ, "wsgi.input": _Body(environ["wsgi.input"])}, start)


def _refusal(app: Flask) -> bytes:
    """The page for what is no request, with the headers of every page, as it goes over the wire."""
    with app.test_request_context():
        response = app.process_response(app.make_response(app.handle_user_exception(BadRequest())))
    lines = [f"HTTP/1.1 {response.status}", *(f"{name}: {value}" for name, value in response.headers), "Connection: close", "", ""]
    return "\r\n".join(lines).encode("latin-1") + response.get_data()


class _Server(BaseApplication):  # type: ignore[misc]
    def __init__(self, app: Flask, options: dict[str, Any]) -> None:
        self._app = app
        self._options = options
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        return self._app


def run(settings: Settings, host: str, port: int) -> None:
    """Serve until stopped.

    The index is opened once and shared by the workers; nothing is searched before they part, because a library
    that has already used its threads does not survive a fork. For the same reason a worker leaves without tidying
    up what was opened before it was born.

    Raises:
        SettingsError: the port is taken.
    """
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            raise SettingsError(
                f"Port {port} on {host} cannot be used: something may be serving there. Choose another with --port."
            ) from None
    options = {
        "bind": f"{host}:{port}",
        "workers": 2,
        "threads": 4,
        "worker_class": _Worker,
        "logger_class": _Log,
        "preload_app": True,
        "timeout": 60,
        "accesslog": None,
        "loglevel": "warning",
        "worker_exit": lambda _server, _worker: os._exit(0),
        "worker_tmp_dir": "/dev/shm" if os.path.isdir("/dev/shm") else None,  # noqa: S108, PTH112 - gunicorn's own heartbeat
    }
    # Read by faiss when it is opened: a limit set later holds for one thread alone.
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # noqa: TID251 - no setting of ours
    gc.disable()  # while millions of things are opened to stay, looking for what could go is time lost
    app = create_app(settings)
    app.wsgi_app = _readable(app.wsgi_app)  # type: ignore[method-assign]
    _Worker.refusal = _refusal(app)
    gc.collect()
    gc.freeze()  # what is open stays open: workers need not look through it, nor copy its pages to do so
    gc.enable()
    threading.Thread(target=purge_daily, daemon=True).start()
    print(f"Serving on http://{host}:{port}", flush=True)  # noqa: T201 - the address is the answer to the command
    _Server(app, options).run()
