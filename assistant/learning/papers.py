"""Certificates as files: what one holds, and whether what it shows is what was signed."""

from pathlib import Path

import pypdfium2
from selectolax.lexbor import LexborHTMLParser

from assistant.errors import InputError
from assistant.learning.certificates import TITLE, Shown

LARGEST = 2_000_000
"""Bytes that a certificate may have."""


def read(path: Path) -> tuple[str, str | None]:
    """The signed token in a file, and all the words that the file shows; None for a bare token.

    Raises:
        InputError: there is no such file, or no certificate in it.
    """
    try:
        if path.stat().st_size > LARGEST:
            raise InputError(f"{path} is too large to be a certificate.")
        content = path.read_bytes()
    except OSError:
        raise InputError(f"{path} cannot be read.") from None
    found = _pdf(content) if content.startswith(b"%PDF") else _text(content)
    if found is None:
        raise InputError(f"{path} holds no certificate of this site.")
    return found


def _text(content: bytes) -> tuple[str, str | None] | None:
    text = content.decode("utf-8", errors="replace").strip()
    if text.startswith("eyJ") and len(text.split()) == 1:
        return text, None
    page = LexborHTMLParser(text)
    held = page.css_first('meta[name="credential"]')
    body = page.body
    token = held.attributes.get("content") if held is not None else None
    return (token, body.text(separator=" ")) if token and body is not None else None


def _pdf(content: bytes) -> tuple[str, str | None] | None:
    try:
        document = pypdfium2.PdfDocument(content)
        words = " ".join(page.get_textpage().get_text_range() for page in document)
        for i in range(document.count_attachments()):
            held = document.get_attachment(i)
            if held.get_name() == "certificate.jwt":
                return bytes(held.get_data()).decode("ascii", errors="replace"), words
    except pypdfium2.PdfiumError:
        return None
    return None


def shows(words: str, shown: Shown) -> bool:
    """Whether a paper's words are those of the signed fields, their labels, and nothing else."""
    signed = TITLE + "".join(label + value for _, label, value in shown.rows())
    return _closed(words) == _closed(signed)


def _closed(text: str) -> str:
    return "".join(text.split()).replace("\u00ad", "").replace("\ufffe", "").replace("\u2010", "-")
