"""The outside of the cage: hand a file to a process of its own and take back what it says."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from assistant.ingest.blocks import Extract, RefusedError

LARGEST = 25 * 1024 * 1024
"""Bytes of a file."""
SECONDS = 30
SPOKEN = 64 * 1024 * 1024
"""Bytes of an answer."""


def extract(data: bytes) -> Extract:
    """What a file says, read in a process with its own limits on time, memory, files and network.

    Raises:
        RefusedError: it cannot be taken in; the message is the cause.
    """
    if len(data) > LARGEST:
        raise RefusedError("This file is larger than 25 MB.")
    home = Path(__file__).parent.parent.parent
    with tempfile.TemporaryDirectory() as empty:
        try:
            done = subprocess.run(
                [sys.executable, "-m", "assistant.ingest.caged"],
                input=data, capture_output=True, timeout=SECONDS, cwd=empty, check=False,
                env={"PYTHONPATH": str(home), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "OMP_NUM_THREADS": "1"},
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            raise RefusedError("This file takes longer than 30 seconds to read.") from None
    if done.returncode != 0 or len(done.stdout) > SPOKEN:
        raise RefusedError("This file is damaged, or takes more time or memory to read than is allowed.")
    answer = json.loads(done.stdout)
    if "refused" in answer:
        raise RefusedError(answer["refused"])
    return Extract.from_json(answer["extract"])
