"""Serving with gunicorn: one copy of everything, opened before the workers part."""

import gc
import os
import socket
import subprocess
import sys
import threading
import time
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication

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
        "worker_class": "gthread",
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
    gc.collect()
    gc.freeze()  # what is open stays open: workers need not look through it, nor copy its pages to do so
    gc.enable()
    threading.Thread(target=purge_daily, daemon=True).start()
    print(f"Serving on http://{host}:{port}", flush=True)  # noqa: T201 - the address is the answer to the command
    _Server(app, options).run()
