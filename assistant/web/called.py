"""What the words of the domain are called on a page: how binding something is, where it holds, how it stands."""

import re
from datetime import date

from assistant.domain.guidance import Document, Kind, Nation, Provenance, Source, Status
from assistant.domain.learning import Strength
from assistant.web.i18n import day, gettext


def status_word(kind: Kind | str) -> str:
    """The outlined word beside a citation."""
    return {
        "law": gettext("Law"),
        "guidance": gettext("Guidance"),
        "local": gettext("Local practice"),
        "research": gettext("Research"),
    }.get(str(kind), gettext("Our words"))


def document_word(document: Document) -> str:
    """The outlined word over a document: a document of ours is our words, whatever it tells of."""
    return status_word(document.kind if document.official else Kind.GENERAL)


def strength_word(strength: Strength) -> str:
    """The outlined word beside a period."""
    return status_word(strength.value) if strength is not Strength.NONE else gettext("No set time")


_NOT_IN_FORCE = {
    Status.DRAFT: lambda: gettext("Draft: not in force"),
    Status.PROSPECTIVE: lambda: gettext("Passed, but not in force"),
    Status.SUPERSEDED: lambda: gettext("Replaced. Read the one in force"),
    Status.WITHDRAWN: lambda: gettext("Withdrawn"),
}


def standing_word(status: Status) -> str:
    """What a reader has to know of what is not in force; empty for what is."""
    return _NOT_IN_FORCE[status]() if status in _NOT_IN_FORCE else ""


def cited_word(source: Source, provenance: Provenance) -> str:
    """The outlined word before a source. Our own reading of one is our words; none stands before what binds no one."""
    if word := standing_word(source.status):
        return word
    if provenance is Provenance.INFERRED:
        return gettext("Our words")
    return {Kind.GUIDANCE: gettext("Guidance, not law"), Kind.GENERAL: ""}.get(source.kind, status_word(source.kind))


def edition_word(document: Document) -> str:
    """The edition of a document as a reader names it: as its publisher does, or by the day on which it was fetched."""
    if re.fullmatch(r"\d{4}-\d\d-\d\d", document.edition):
        return day(date.fromisoformat(document.edition))
    return document.edition or day(document.updated)


def places_word(nation: Nation | None) -> str:
    """A place in words; both where none is named."""
    return {Nation.ENGLAND: gettext("England"), Nation.WALES: gettext("Wales")}.get(nation, gettext("England and Wales"))  # type: ignore[arg-type]


def standing_on(source: Source, nation: Nation | None, on: date) -> str:
    """Whether a source governs a review in a place on a day; in both nations where none is named."""
    nations = [nation] if nation else [*Nation]
    where = [one for one in nations if source.applies(one, on)]
    if where:
        return gettext("In force") if len(where) == len(nations) else gettext("In force in {place}", place=places_word(where[0]))
    if source.status in {Status.DRAFT, Status.PROSPECTIVE, Status.WITHDRAWN}:
        known = source.checked is not None and on >= source.checked
        return _NOT_IN_FORCE[source.status]() if known else gettext("Not in force")
    if not source.nations & set(nations):
        return gettext("Not for {place}", place=places_word(nation))
    begun = on.isoformat()[: len(source.since)] >= source.since
    return gettext("Replaced by then") if begun else gettext("Not yet in force then")


def licence_line(source: Source) -> str:
    """What has to stand beside a publisher's own words."""
    crown = source.licence.startswith("Open Government Licence")
    return gettext("Crown copyright. {licence}.", licence=source.licence) if crown else source.licence
