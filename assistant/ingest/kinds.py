"""What a file is, by what is in it and never by its name."""

import re

from assistant.ingest import markup, office, pdf
from assistant.ingest.blocks import Extract, RefusedError

_PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"II*\x00", b"MM\x00*", b"RIFF")


def read(data: bytes) -> Extract:
    """Read a file of any form that is taken in.

    Raises:
        RefusedError: it is of no such form, or cannot be read; the message is the cause.
    """
    if not data.strip():
        raise RefusedError("This file is empty.")
    try:
        return _read(data)
    except RefusedError:
        raise
    except (MemoryError, RecursionError):
        raise RefusedError("This file takes more memory to read than is allowed.") from None
    except Exception:
        raise RefusedError("This file is damaged and cannot be read.") from None


def _read(data: bytes) -> Extract:
    if b"%PDF-" in data[:1024]:
        return pdf.read(data)
    if data.startswith(b"PK"):
        return office.archive(data)
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise RefusedError("This is an old Word file, or one locked with a password. Save it as .docx without a password.")
    if data.startswith(_PICTURES):
        raise RefusedError("This is a picture. Its text needs text recognition first.")
    if data.startswith(b"{\\rtf"):
        raise RefusedError("This is rich text. Save it as .docx or .odt.")
    return _text(data)


def _text(data: bytes) -> Extract:
    text = decoded(data)
    start = text.lstrip("\ufeff \t\r\n")[:2000].lower()
    if start.startswith("<?xml") and "<html" not in start:
        return markup.xml(data)
    if start.startswith("<") and re.match(r"<(?:!doctype html|html|head|body|main|article|div|section|h[1-6]|p|!--|\?xml)\b", start):
        return markup.html(text)
    if start.startswith("<"):
        return markup.xml(data)
    if start.startswith("{"):
        return markup.from_json(text)
    if re.search(r"^#{1,6} \S", text, re.MULTILINE):
        return markup.markdown(text)
    return markup.plain(text)


def decoded(data: bytes) -> str:
    """The text of a file in UTF-8, UTF-16 with its mark, or Windows-1252.

    Raises:
        RefusedError: it is not text.
    """
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", "replace")
    odd = sum(char < " " and char not in "\t\n\r\f" for char in text[:20_000])
    if "\0" in text or odd > len(text[:20_000]) / 50:
        raise RefusedError("This file is of a kind that is not taken in. Use PDF, DOCX, ODT, HTML, Markdown or plain text.")
    return text
