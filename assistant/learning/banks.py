"""Items for other systems: GIFT (Moodle) and QTI 3 (1EdTech, 2022)."""

import re
from collections.abc import Iterable

from lxml import etree
from lxml.etree import _Element

from assistant.domain.guidance import Text
from assistant.domain.learning import Item, ItemKind

LANGUAGE = "en"
_QTI = "http://www.imsglobal.org/xsd/imsqtiasi_v3p0"
_PACKAGE = "http://www.imsglobal.org/xsd/qti/qtiv3p0/imscp_v1p1"


def gift(items: Iterable[Item]) -> str:
    """Items in GIFT. An ordering is written as a matching of places, since GIFT has no kind for it."""
    return "\n\n".join(f"::{_plain(item.id)}::{_gift(item.stem)} {{{_answers(item)}}}" for item in items) + "\n"


def _gift(text: Text) -> str:
    return _plain(text.get(LANGUAGE, ""))


def _plain(text: str) -> str:
    return re.sub(r"([~=#{}:\\])", r"\\\1", text)


def _answers(item: Item) -> str:
    options = item.options
    if item.kind is ItemKind.TRUE_FALSE:
        other, right = sorted(options, key=lambda option: option.right)
        return f"{'TRUE' if options[0].right else 'FALSE'}#{_gift(other.why)}#{_gift(right.why)}"
    lines = {
        ItemKind.MATCH: [f"={_gift(o.text)} -> {_gift(o.match)}" for o in options],
        ItemKind.ORDER: [f"={place} -> {_gift(o.text)}" for place, o in enumerate(options, start=1)],
        ItemKind.SINGLE_CHOICE: [f"{'=' if o.right else '~'}{_gift(o.text)}#{_gift(o.why)}" for o in options],
        ItemKind.MULTIPLE_CHOICE: [
            f"~%{share:.5g}%{_gift(o.text)}#{_gift(o.why)}" for o, share in zip(options, _shares(item), strict=True)
        ],
    }
    return "\n" + "\n".join(lines[item.kind]) + "\n"


def _shares(item: Item) -> list[float]:
    """Percent for each option of a multiple choice: the right ones make 100, the others take it away."""
    right = sum(option.right for option in item.options)
    return [100 / right if option.right else -100 / (len(item.options) - right) for option in item.options]


def qti(name: str, items: tuple[Item, ...]) -> dict[str, str]:
    """Items as the files of a QTI 3 content package, by path."""
    root = etree.Element(f"{{{_PACKAGE}}}manifest", {"identifier": name}, nsmap={None: _PACKAGE})
    metadata = under(root, "metadata")
    under(metadata, "schema", "QTI Package")
    under(metadata, "schemaversion", "3.0.0")
    under(root, "organizations")
    resources = under(root, "resources")
    for item in items:
        href = f"items/{item.id}.xml"
        under(under(resources, "resource", identifier=item.id, type="imsqti_item_xmlv3p0", href=href), "file", href=href)
    return {"imsmanifest.xml": written(root), **{f"items/{item.id}.xml": qti_item(item) for item in items}}


def qti_item(item: Item) -> str:
    """One item as a QTI 3 assessment item, with a reason for every option where the interaction has choices."""
    stem = item.stem.get(LANGUAGE, "")
    root = etree.Element(f"{{{_QTI}}}qti-assessment-item", {"identifier": item.id, "title": stem}, nsmap={None: _QTI})
    root.set("adaptive", "false")
    root.set("time-dependent", "false")
    root.set("{http://www.w3.org/XML/1998/namespace}lang", LANGUAGE)
    cardinality = {ItemKind.ORDER: "ordered", ItemKind.MULTIPLE_CHOICE: "multiple", ItemKind.MATCH: "multiple"}.get(item.kind, "single")
    base = "directedPair" if item.kind is ItemKind.MATCH else "identifier"
    declared = under(root, "qti-response-declaration", identifier="RESPONSE", cardinality=cardinality, **{"base-type": base})
    right = under(declared, "qti-correct-response")
    for value in correct(item):
        under(right, "qti-value", value)
    outcome = under(root, "qti-outcome-declaration", identifier="SCORE", cardinality="single", **{"base-type": "float"})
    under(under(outcome, "qti-default-value"), "qti-value", "0")
    if not item.kind.placed:
        under(root, "qti-outcome-declaration", identifier="FEEDBACK", cardinality=cardinality, **{"base-type": "identifier"})
    _interaction(under(root, "qti-item-body"), item)
    _processing(root, told=not item.kind.placed)
    return written(root)


def _processing(root: _Element, *, told: bool) -> None:
    """A point for the correct response; and, where the options have reasons, the reasons of those chosen."""
    processing = under(root, "qti-response-processing")
    condition = under(under(processing, "qti-response-condition"), "qti-response-if")
    match = under(condition, "qti-match")
    under(match, "qti-variable", identifier="RESPONSE")
    under(match, "qti-correct", identifier="RESPONSE")
    under(under(condition, "qti-set-outcome-value", identifier="SCORE"), "qti-base-value", "1", **{"base-type": "float"})
    if told:
        under(under(processing, "qti-set-outcome-value", identifier="FEEDBACK"), "qti-variable", identifier="RESPONSE")


def correct(item: Item) -> list[str]:
    """The values of the correct response, in their order."""
    if item.kind is ItemKind.MATCH:
        return [f"L{i} R{i}" for i in range(len(item.options))]
    return [f"C{i}" for i, option in enumerate(item.options) if option.right or item.kind is ItemKind.ORDER]


def _interaction(body: _Element, item: Item) -> None:
    name = {ItemKind.MATCH: "match", ItemKind.ORDER: "order"}.get(item.kind, "choice")
    shuffle = "false" if item.kind is ItemKind.TRUE_FALSE else "true"
    interaction = under(body, f"qti-{name}-interaction", **{"response-identifier": "RESPONSE", "shuffle": shuffle})
    under(interaction, "qti-prompt", item.stem.get(LANGUAGE, ""))
    if item.kind is ItemKind.MATCH:
        interaction.set("max-associations", str(len(item.options)))
        for side, texts in (("L", [o.text for o in item.options]), ("R", [o.match for o in item.options])):
            held = under(interaction, "qti-simple-match-set")
            for i, text in enumerate(texts):
                words = text.get(LANGUAGE, "")
                under(held, "qti-simple-associable-choice", words, identifier=f"{side}{i}", **{"match-max": "1"})
        return
    if name == "choice":
        interaction.set("max-choices", "0" if item.kind is ItemKind.MULTIPLE_CHOICE else "1")
    for i, option in enumerate(item.options):
        choice = under(interaction, "qti-simple-choice", option.text.get(LANGUAGE, ""), identifier=f"C{i}")
        if item.kind is ItemKind.ORDER:
            continue
        shown = {"outcome-identifier": "FEEDBACK", "identifier": f"C{i}", "show-hide": "show"}
        under(choice, "qti-feedback-inline", option.why.get(LANGUAGE, ""), **shown)


def under(parent: _Element, name: str, text: str = "", **attributes: str) -> _Element:
    """A child in its parent's namespace."""
    child = etree.SubElement(parent, f"{{{etree.QName(parent).namespace}}}{name}", attributes)
    child.text = text or None
    return child


def written(root: _Element) -> str:
    """An XML document as text, with its declaration."""
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8")).decode()
