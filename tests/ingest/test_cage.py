"""Whoever gets into the cage can reach nothing: each attempt is made in a process of its own."""

import subprocess
import sys

import pytest

from tests.conftest import HOME

INSIDE = "from assistant.ingest.caged import close_the_cage\nclose_the_cage()\n"


@pytest.mark.parametrize(
    "attempt",
    [
        "import socket; socket.create_connection(('127.0.0.1', 80))",
        "import socket; socket.socket()",
        "import subprocess; subprocess.run(['true'])",
        "import os; os.system('true')",
        "import os; os.fork()",
        "open('x.txt', 'w')",
        "from pathlib import Path; Path('x.txt').write_text('x')",
        "import os; os.remove('/tmp/none')",
        "import os; os.open('x.txt', os.O_CREAT | os.O_WRONLY)",
        "bytearray(1 << 30)",
    ],
)
def test_nothing_outside_can_be_reached_SS08(attempt, tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", INSIDE + attempt], cwd=tmp_path, env={"PYTHONPATH": str(HOME)}, capture_output=True, timeout=60
    )
    assert done.returncode != 0
    assert b"PermissionError" in done.stderr or b"MemoryError" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_reading_is_still_possible(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "assistant.ingest.caged"],
        input=b"Some words here.",
        cwd=tmp_path,
        env={"PYTHONPATH": str(HOME)},
        capture_output=True,
        timeout=60,
    )
    assert done.returncode == 0
    assert b"Some words here." in done.stdout
