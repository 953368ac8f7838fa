"""A real server and a real browser. Without Chromium these tests are skipped, unless it is required (CI, or REQUIRE_BROWSER)."""

import os
import shutil
import subprocess
import sys
import time
from urllib.request import urlopen

import pytest

from tests.conftest import HOME, free_port

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """The site as it is served: gunicorn, preloaded, two workers. Gives its address."""
    port = free_port()
    environment = {**os.environ, "ASSISTANT_HOME": str(HOME), "ASSISTANT_LIMITS": "off"}
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "assistant.cli", "serve", "--port", str(port)],
        cwd=HOME, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
    )  # fmt: skip
    address = f"http://127.0.0.1:{port}"
    for _ in range(150):
        if process.poll() is not None:
            pytest.fail(f"the server stopped: {process.stderr.read().decode()[-500:]}")
        try:
            urlopen(f"{address}/", timeout=2).read()
            break
        except OSError:
            time.sleep(0.2)
    yield address
    process.terminate()
    process.wait(20)
    process.stderr.close()


@pytest.fixture(scope="session")
def chromium():
    names = (os.environ.get("CHROMIUM"), "chromium", "chromium-browser", "google-chrome")
    path = next((found for name in names if name and (found := shutil.which(name))), None)
    if path is None:
        message = "Chromium is not installed; set CHROMIUM to its path to run these tests"
        if os.environ.get("CI") or os.environ.get("REQUIRE_BROWSER"):
            pytest.fail(message)
        pytest.skip(message)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def page(chromium, server):
    """A narrow page that fails the test on any message in its console."""
    context = chromium.new_context(viewport={"width": 320, "height": 700}, base_url=server)
    page = context.new_page()
    said = []
    page.on("console", lambda message: said.append(message.text) if message.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    yield page
    context.close()
    expected = ("404", "status of 422", "ERR_NAME_NOT_RESOLVED")
    assert [text for text in said if not any(part in text for part in expected)] == []


@pytest.fixture
def plain_page(chromium, server):
    """A page without scripts."""
    context = chromium.new_context(viewport={"width": 320, "height": 700}, base_url=server, java_script_enabled=False)
    yield context.new_page()
    context.close()
