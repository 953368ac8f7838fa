"""The inside of the cage: read one file from standard input, write what it says to standard output, and touch nothing else.

Run as ``python -m assistant.ingest.caged``. Limits are set before any reader is loaded.
"""

import json
import os
import resource
import sys
from typing import Any

SECONDS = 30
MEMORY = 512 * 1024 * 1024
_FORBIDDEN = (
    "socket.",
    "subprocess.",
    "os.exec",
    "os.fork",
    "os.posix_spawn",
    "os.system",
    "os.remove",
    "os.rename",
    "os.mkdir",
    "os.link",
    "os.symlink",
    "os.rmdir",
    "os.truncate",
    "os.chmod",
    "urllib.",
    "shutil.",
)


def close_the_cage() -> None:
    """Give up time, memory, files, network and other programs."""
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
    sys.addaudithook(_refuse)


def _refuse(event: str, given: tuple[Any, ...]) -> None:
    if event.startswith(_FORBIDDEN) or (event == "open" and _writes(*given[1:3])):
        raise PermissionError(event)


def _writes(mode: str | None, flags: int) -> bool:
    return bool(set(mode or "") & set("wax+")) or bool(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND))


def main() -> None:
    """Answer with ``{"extract": …}`` or ``{"refused": …}``."""
    close_the_cage()
    data = sys.stdin.buffer.read()
    from assistant.ingest.blocks import RefusedError
    from assistant.ingest.kinds import read

    try:
        answer: dict[str, Any] = {"extract": read(data).as_json()}
    except RefusedError as cause:
        answer = {"refused": str(cause)}
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main()
