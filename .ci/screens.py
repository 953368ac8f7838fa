"""Take the pictures in docs/screens: each page narrow and wide, and one dark, one right to left, one printed."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

from playwright.sync_api import Page, sync_playwright

OUT = Path("docs/screens")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-sync"]


def browser_path() -> str:
    """The Chromium of this machine."""
    names = (os.environ.get("CHROMIUM"), "chromium", "chromium-browser", "google-chrome")
    found = next((path for name in names if name and (path := shutil.which(name))), None)
    if found is None:
        sys.exit("Chromium is missing. Install it, or set CHROMIUM to its path.")
    return found


def free_port() -> int:
    """A port that no one uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def served() -> Iterator[str]:
    """The site, served without limits, for as long as it is looked at. Gives its address."""
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "assistant.cli", "serve", "--port", str(port)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, env={**os.environ, "ASSISTANT_LIMITS": "off"})
    try:
        for _ in range(100):
            try:
                urlopen(f"{base}/", timeout=1).read()
                break
            except OSError:
                time.sleep(0.2)
        yield base
    finally:
        server.terminate()


def ask(page: Page, base: str, text: str) -> None:
    """Ask a question as a reader would."""
    page.goto(f"{base}/ask")
    page.fill("#text", text)
    page.get_by_role("button", name="Find an answer").click()


def main() -> None:
    """Serve the site and take the pictures."""
    OUT.mkdir(parents=True, exist_ok=True)
    with served() as base, sync_playwright() as play:
        browser = play.chromium.launch(executable_path=browser_path(), args=ARGUMENTS)
        for name, size, scheme in (("narrow", (320, 700), "light"), ("wide", (1100, 800), "light"), ("dark", (320, 700), "dark")):
            page = browser.new_context(viewport={"width": size[0], "height": size[1]}, color_scheme=scheme).new_page()
            for title, path in (("home", "/"), ("step", "/way/1/4"), ("map", "/way/1/now/4")):
                page.goto(base + path)
                page.screenshot(path=OUT / f"{title}-{name}.png")
            ask(page, base, "Will the report use our names?")
            page.screenshot(path=OUT / f"answer-{name}.png")
        ask(page, base, "he is going to kill me")
        page.screenshot(path=OUT / "help-dark.png")
        page.goto(f"{base}/cy/")
        page.screenshot(path=OUT / "home-cy.png")
        browser.close()


if __name__ == "__main__":
    main()
