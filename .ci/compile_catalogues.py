"""Compile each catalogue of messages that is newer than what was compiled from it."""

from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

for po in Path("translations").glob("*/LC_MESSAGES/messages.po"):
    mo = po.with_suffix(".mo")
    if not mo.is_file() or mo.stat().st_mtime < po.stat().st_mtime:
        with po.open("rb") as source:
            catalogue = read_po(source, locale=po.parent.parent.name)
        aside = mo.with_suffix(".tmp")
        with aside.open("wb") as target:
            write_mo(target, catalogue)
        aside.replace(mo)
