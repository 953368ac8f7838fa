"""Pages as tagged PDF (PDF/UA-1), where the optional library WeasyPrint is installed."""

from ctypes.util import find_library
from functools import cache
from importlib.util import find_spec
from typing import Any

from assistant.errors import AssistantError


@cache
def available() -> bool:
    """Whether PDF can be made here: the library and the system library that it draws text with."""
    return find_spec("weasyprint") is not None and find_library("pango-1.0") is not None


def pdf(html: str, attached: dict[str, bytes] | None = None) -> bytes:
    """An HTML document as PDF. It may ask for nothing outside itself.

    Raises:
        AssistantError: the library is missing, or the document asks for something.
    """
    try:
        import weasyprint  # type: ignore[import-untyped]  # noqa: PLC0415 - an optional library
    except (ImportError, OSError):
        raise AssistantError("PDF needs the extra: pip install 'assistant[pdf]', and the system library Pango.") from None

    def nothing(url: str, *_: Any, **__: Any) -> Any:
        raise AssistantError(f"A page asks for {url[:40]}.")

    files = [weasyprint.Attachment(string=content, name=name) for name, content in (attached or {}).items()]
    document = weasyprint.HTML(string=html, url_fetcher=nothing)
    return bytes(document.write_pdf(pdf_variant="pdf/ua-1", attachments=files))
