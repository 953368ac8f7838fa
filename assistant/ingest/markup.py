"""Readers for HTML, Markdown, plain text, GOV.UK content and legislation."""

import json
import re
from collections.abc import Iterator
from typing import Any

from lxml import etree
from markdown_it import MarkdownIt
from selectolax.lexbor import LexborHTMLParser, LexborNode

from assistant.ingest.blocks import Block, Extract, RefusedError, extract_of, noted

DROPPED = frozenset(
    (
        "script",
        "style",
        "nav",
        "header",
        "footer",
        "aside",
        "form",
        "template",
        "noscript",
        "svg",
        "math",
        "iframe",
        "object",
        "button",
        "select",
        "dialog",
        "head",
        "link",
        "meta",
    )
)
"""Elements that are no part of what a page says."""
NOTES_AT = ".footnotes, [role=doc-endnotes]"
"""Footnotes as GOV.UK and other publishers set them."""
MARKS_AT = "sup[id^=fnref], a.footnote, a[role=doc-noteref], a.reversefootnote, a[role=doc-backlink]"
WHOLE = {"p", "li", "dt", "dd", "tr", "blockquote", "pre", "figcaption", "caption", "summary", "address"}
INNER = {"p", "ul", "ol", "li", "table", "div", "section", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "dl", "tr"}
_HIDING = re.compile(
    r"display:none|visibility:(?:hidden|collapse)|font-size:0|opacity:0(?![.\d])|(?<!-)color:(?:white|#f{3}(?:f{3})?|transparent)|"
    r"(?:left|top|text-indent):-\d{3,}|clip:rect|(?<!-)(?:width|height):[01]px",
)
_HIDING_CLASS = re.compile(r"\b(?:visually-?hidden|sr-only|screen-reader-text|govuk-visually-hidden)\b")


def html(text: str, title: str = "", *, withdrawn: bool = False, form: str = "html") -> Extract:
    """Read a page: what a reader of it sees, from its main part if it names one."""
    tree = LexborHTMLParser(text)
    root = tree.css_first("main") or tree.css_first("[role=main]") or tree.css_first("article") or tree.body
    if root is None:
        raise RefusedError("There is no page in this file.")
    heading = tree.css_first("h1") or tree.css_first("title")
    notes = [_note(item) for list_ in root.css(NOTES_AT) for item in list_.css("li")]
    for mark in root.css(f"{NOTES_AT}, {MARKS_AT}"):
        mark.decompose()
    return extract_of(form, [*_walk(root), *noted(notes)], title or (heading.text() if heading else ""), withdrawn=withdrawn)


def _note(item: LexborNode) -> Block:
    for mark in item.css(MARKS_AT):
        mark.decompose()
    return Block(_seen(item))


def _walk(node: LexborNode) -> Iterator[Block]:
    loose: list[str] = []
    for child in node.iter(include_text=True):
        name = child.tag or ""
        if name == "-text":
            loose.append(child.text_content or "")
            continue
        if _hidden(child) or name in DROPPED or name.startswith("-") or name.startswith("_"):
            continue
        if name == "br":
            loose.append(" ")
            continue
        if name not in WHOLE and name not in INNER and not _holds_blocks(child):
            loose.append(_seen(child))
            continue
        if "".join(loose).strip():
            yield Block("".join(loose))
        loose = []
        yield from _block(child, name)
    if "".join(loose).strip():
        yield Block("".join(loose))


def _block(node: LexborNode, name: str) -> Iterator[Block]:
    if re.fullmatch(r"h[1-6]", name):
        yield Block(_seen(node), level=int(name[1]))
    elif name == "tr":
        yield Block(" | ".join(_seen(cell) for cell in node.iter() if cell.tag in {"td", "th"} and not _hidden(cell)))
    elif name in WHOLE and not _holds_blocks(node):
        yield Block(_seen(node), item=name in {"li", "dt", "dd"})
    elif name == "li":
        first, *rest = [*_walk(node)] or [Block("")]
        yield Block(first.text, item=True)
        yield from rest
    else:
        yield from _walk(node)


def _holds_blocks(node: LexborNode) -> bool:
    return any(child.tag in INNER or _holds_blocks(child) for child in node.iter())


def _hidden(node: LexborNode) -> bool:
    given = node.attributes
    style = re.sub(r"\s+", "", given.get("style") or "").lower()
    return (
        "hidden" in given
        or given.get("aria-hidden") == "true"
        or _HIDING.search(style) is not None
        or _HIDING_CLASS.search(given.get("class") or "") is not None
    )


def _seen(node: LexborNode) -> str:
    """The text of a node without its hidden parts."""
    parts = []
    for child in node.iter(include_text=True):
        if child.tag == "-text":
            parts.append(child.text_content or "")
        elif child.tag == "br":
            parts.append(" ")
        elif not _hidden(child) and child.tag not in DROPPED and not (child.tag or "-").startswith(("-", "_")):
            parts.append(f" {_seen(child)} " if child.tag in WHOLE or child.tag in INNER else _seen(child))
    return "".join(parts)


def govuk(value: dict[str, Any]) -> Extract:
    """Read an item of the GOV.UK content API: its body, or its parts in their order."""
    details = value.get("details") or {}
    body = details.get("body") or ""
    if isinstance(body, list):
        body = next((one.get("content", "") for one in body if one.get("content_type") == "text/html"), "")
    parts = [f"<h2>{part.get('title', '')}</h2>{part.get('body', '')}" for part in details.get("parts") or [] if isinstance(part, dict)]
    page = f"<main>{body}{''.join(parts)}</main>"
    return html(page, str(value.get("title") or ""), withdrawn=bool(value.get("withdrawn_notice")), form="govuk")


def from_json(text: str) -> Extract:
    """Read JSON of the GOV.UK content API.

    Raises:
        RefusedError: it is JSON of another kind.
    """
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        raise RefusedError("This file looks like JSON and cannot be read as it.") from None
    if not isinstance(value, dict) or not isinstance(value.get("details"), dict):
        raise RefusedError("This is JSON, but not of the GOV.UK content API.")
    return govuk(value)


def markdown(text: str) -> Extract:
    """Read Markdown; HTML in it is text, not markup."""
    body = re.sub(r"\A---\n.*?\n---\n", "", text, flags=re.DOTALL)
    page = MarkdownIt("commonmark", {"html": False}).enable("table").render(body)
    return html(f"<main>{page}</main>", form="markdown")


_BULLET = re.compile(r"^\s*(?:[-*•●▪–]|\(?[a-z0-9ivx]{1,4}[.)]|\d+(?:\.\d+)+\.?)\s+")


def plain(text: str) -> Extract:
    """Read plain text: an empty line ends a paragraph; a short line alone, underlined or in capitals, is a heading."""
    blocks: list[Block] = []
    for piece in re.split(r"\n\s*\n", text.replace("\r\n", "\n").replace("\r", "\n")):
        lines = [line for line in piece.split("\n") if line.strip()]
        if not lines:
            continue
        underlined = len(lines) == 2 and re.fullmatch(r"[=\-~]{3,}\s*", lines[1])
        alone = len(lines) == 1 and len(lines[0]) < 80 and lines[0].isupper()
        if underlined or alone:
            blocks.append(Block(lines[0], level=1 if underlined and lines[1].startswith("=") else 2))
            continue
        joined: list[str] = []
        for line in lines:
            if joined and not _BULLET.match(line):
                joined[-1] += " " + line
            else:
                joined.append(line)
        blocks.extend(
            Block(_BULLET.sub("", one) if re.match(r"^\s*[-*•●▪–]", one) else one, item=bool(_BULLET.match(one))) for one in joined
        )
    return extract_of("text", blocks)


def xml(data: bytes) -> Extract:
    """Read XML: legislation as legislation.gov.uk has it, or a page.

    Raises:
        RefusedError: it declares entities, is damaged, or is of another kind.
    """
    root = safe_xml(data)
    name = etree.QName(root).localname
    if name == "html":
        return html(data.decode("utf-8", "replace"))
    if name != "Legislation":
        raise RefusedError("This XML is not legislation and not a page.")
    title = next((_words(e) for e in root.iter("{*}title")), "")
    return extract_of("legislation", _law(root), title)


def safe_xml(data: bytes) -> Any:
    """The root of an XML text, read without entities, definitions of types or the network.

    Raises:
        RefusedError: it holds such definitions or is damaged.
    """
    if b"<!ENTITY" in data:
        raise RefusedError("This file declares XML entities, which are not taken in.")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=False)
    try:
        return etree.fromstring(data, parser)
    except etree.XMLSyntaxError:
        raise RefusedError("This file is damaged: its XML cannot be read.") from None


_GROUPS = {"Part": 1, "Chapter": 2, "Schedule": 1, "Pblock": 2, "PsubBlock": 3, "P1group": 3}


def _law(node: Any, status: str = "") -> Iterator[Block]:
    name = etree.QName(node).localname if isinstance(node.tag, str) else ""
    state = {"Prospective": "prospective", "Repealed": "repealed"}.get(node.get("Status", ""), status)
    if name in {"Metadata", "Commentaries", "Contents", "Footnotes", "Versions", "Resources"} or not name:
        return
    if name in _GROUPS:
        number, title = (_child(node, "Number"), _child(node, "Title"))
        section = next((_words(p) for p in node.iter("{*}Pnumber")), "") if name == "P1group" else ""
        yield Block(" ".join(part for part in (number, section, title) if part), level=_GROUPS[name], status=state)
    if name in {"P1", "P2", "P3", "P4"}:
        number = _child(node, "Pnumber")
        own = " ".join(_words(text) for text in node.iter("{*}Text") if _owner(text) is node)
        mark = {"P1": f"{number}.", "P2": f"({number})", "P3": f"({number})", "P4": f"({number})"}[name] if number else ""
        if own:
            yield Block(f"{mark} {own}".strip(), item=name in {"P3", "P4"}, status=state)
    elif name == "Text" and _owner(node) is None:
        yield Block(_words(node), status=state)
    for child in node:
        yield from _law(child, state)


def _owner(node: Any) -> Any:
    """The numbered provision that a text belongs to."""
    return next((e for e in node.iterancestors() if etree.QName(e).localname in {"P1", "P2", "P3", "P4"}), None)


def _child(node: Any, name: str) -> str:
    return next((_words(child) for child in node if isinstance(child.tag, str) and etree.QName(child).localname == name), "")


def _words(node: Any) -> str:
    return " ".join("".join(node.itertext()).split())
