"""Compare the messages of code and templates with each catalogue: none missing, none left over, none empty, no marks lost."""

import re
import sys
from pathlib import Path

from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

METHODS = [("assistant/web/**.py", "python"), ("assistant/retention.py", "python"), ("templates/**.html", "jinja2.ext:babel_extract")]
KEYWORDS = {"_": None, "gettext": None}


def messages() -> set[str]:
    """Every message of the interface."""
    found = extract_from_dir(".", METHODS, {"templates/**.html": {"encoding": "utf-8"}}, KEYWORDS)
    texts = {message if isinstance(message, str) else message[0] for _, _, message, _, _ in found}
    sys.path.insert(0, ".")
    from assistant.retention import TABLE

    return texts | {kept.what for kept in TABLE}


def main() -> int:
    """Print each fault; the exit code says whether there is one."""
    wanted, faults = messages(), 0
    for po in sorted(Path("translations").glob("*/LC_MESSAGES/messages.po")):
        with po.open("rb") as source:
            held = {str(m.id): str(m.string) for m in read_po(source) if m.id}
        for text in sorted(wanted - set(held)):
            faults += 1
            sys.stderr.write(f"{po}: missing: {text}\n")
        for text in sorted(set(held) - wanted):
            faults += 1
            sys.stderr.write(f"{po}: left over: {text}\n")
        for text, said in held.items():
            marks = sorted(re.findall(r"%?\{[a-z]+\}", text))
            if not said or marks != sorted(re.findall(r"%?\{[a-z]+\}", said)):
                faults += 1
                sys.stderr.write(f"{po}: empty, or its marks differ: {text}\n")
    return min(faults, 1)


if __name__ == "__main__":
    sys.exit(main())
