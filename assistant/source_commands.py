"""The commands for official documents: which there are, fetching them, and what changed."""

import json
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click

from assistant import bootstrap, settings
from assistant.content import checks, comparing
from assistant.content.folder import load
from assistant.content.library import Library
from assistant.domain.guidance import Source
from assistant.errors import InputError
from assistant.ingest import holding
from assistant.ingest.aligning import align
from assistant.ingest.blocks import RefusedError
from assistant.ingest.fetch import Answer
from assistant.ingest.holding import Holdings, Outcome
from assistant.ingest.taking import read_file

POLITE = 1.0
"""Seconds between two requests to one host."""
SHOWN = 5
"""Changed paragraphs that are shown in words; the page of changes has all."""


@click.group()
def sources() -> None:
    """Official documents: what the site rests on, fetching them, and what changed."""


@sources.command("list")
@click.option("--json", "as_json", is_flag=True)
def sources_list(*, as_json: bool) -> None:
    """Every official document: edition, status, whether it is held, and when it was last compared with its address."""
    chosen = settings.from_environment()
    holdings = Holdings(chosen.official)
    for source in load(chosen.corpus).sources.values():
        held = holdings.editions(source.id)
        row = {
            "id": source.id, "title": source.title, "edition": source.edition, "status": source.status.value, "licence": source.licence,
            "address": source.address, "held": len(held), "checked": held[0].checked if held else "",
        }  # fmt: skip
        if as_json:
            click.echo(json.dumps(row, ensure_ascii=False))
        else:
            state = f"held, compared {row['checked']}" if held else "not held" if source.licence else "linked: licence not known"
            click.echo(
                f"{source.id:<18} {source.status.value:<11} {state:<26} {source.title}{', ' + source.edition if source.edition else ''}"
            )


@sources.command("fetch")
@click.argument("names", nargs=-1, metavar="[SOURCE]...")
@click.option("--from", "file", type=click.Path(path_type=Path), metavar="FILE", help="Take this file as the document of one source.")
def sources_fetch(names: tuple[str, ...], file: Path | None) -> None:
    """Download the documents with a known address and licence, and index what is new."""
    chosen = settings.from_environment()
    library, holdings, today = load(chosen.corpus), Holdings(chosen.official), _today()
    outcomes = [_from_file(library, names, file, holdings, today)] if file is not None else _asked(library, names, holdings, today)
    new = 0
    for outcome in outcomes:
        click.echo(f"{outcome.source:<18} {outcome.what}{': ' + outcome.why if outcome.why else ''}")
        if outcome.taken is not None:
            holding.keep(outcome, library.sources[outcome.source], holdings, today)
            new += 1
    if new:
        count = bootstrap.build_index(chosen, bootstrap.open_library(chosen), lambda _done, _all: None)
        click.echo(f"The index holds {count} passages.")


@sources.command("check")
@click.argument("names", nargs=-1, metavar="[SOURCE]...")
@click.option("--json", "as_json", is_flag=True)
def sources_check(names: tuple[str, ...], *, as_json: bool) -> None:
    """Say what changed at the addresses of documents that are held, and everything that rests on them. Nothing is taken in."""
    chosen = settings.from_environment()
    library, holdings, today = load(chosen.corpus), Holdings(chosen.official), _today()
    held = tuple(name for name in names or library.sources if holdings.editions(_source(library, name).id))
    if not held:
        raise InputError("None of these documents is held. Run: assistant sources fetch")
    for outcome in _asked(library, held, holdings, today):
        report = _report(library, holdings, outcome)
        click.echo(json.dumps(report, ensure_ascii=False) if as_json else _in_words(report))


def _report(library: Library, holdings: Holdings, outcome: Outcome) -> dict[str, Any]:
    report: dict[str, Any] = {"source": outcome.source, "what": outcome.what, "why": outcome.why}
    if outcome.taken is None:
        return report
    before = holdings.editions(outcome.source)[0]
    changes = comparing.changed(comparing.compare(holdings.document(before)[0], outcome.taken.document))
    return {
        **report,
        "withdrawn": bool(outcome.taken.extract and outcome.taken.extract.withdrawn),
        "title": outcome.taken.document.title if outcome.taken.document.title != before.title else "",
        "changes": [{"kind": change.kind.value, "section": change.section, "old": change.old, "new": change.new} for change in changes],
        "resting": checks.resting_on(library, outcome.source),
    }


def _in_words(report: dict[str, Any]) -> str:
    lines = [f"{report['source']}: {report['what']}{': ' + report['why'] if report['why'] else ''}"]
    if report.get("withdrawn"):
        lines.append("  It carries a notice that it was withdrawn.")
    if report.get("title"):
        lines.append(f"  Its title is now: {report['title']}")
    changes = report.get("changes", [])
    counts = {kind: sum(change["kind"] == kind for change in changes) for kind in ("added", "removed", "reworded")}
    if changes:
        lines.append("  Paragraphs: " + ", ".join(f"{count} {kind}" for kind, count in counts.items() if count) + ".")
    for change in changes[:SHOWN]:
        lines.append(f"  {change['kind']} in {change['section']}:")
        lines += [f"    was: {change['old']}"] * bool(change["old"]) + [f"    now: {change['new']}"] * bool(change["new"])
    if len(changes) > SHOWN:
        lines.append(f"  and {len(changes) - SHOWN} more.")
    if report.get("resting"):
        lines.append("  To be looked at again:")
        lines += [f"    {thing}" for thing in report["resting"]]
    return "\n".join(lines)


def _asked(library: Library, names: tuple[str, ...], holdings: Holdings, today: date) -> Iterator[Outcome]:
    """What came of each source, asked for one after another, and not too quickly of one host."""
    last: dict[str, float] = {}
    for name in names or tuple(library.sources):
        source = _source(library, name)
        host = urlsplit(source.address).netloc
        wait = last.get(host, 0.0) + POLITE - time.monotonic()
        if wait > 0:
            time.sleep(wait)
        yield holding.ask_for(source, holdings, today)
        last[host] = time.monotonic()


def _from_file(library: Library, names: tuple[str, ...], file: Path, holdings: Holdings, today: date) -> Outcome:
    if len(names) != 1:
        raise InputError("Name the one source whose document this file is.")
    source = _source(library, names[0])
    if not source.licence:
        raise InputError(f"The licence of {source.id} is not known: it is linked, and not stored.")
    outcome = holding.read_as(source, Answer(read_file(file), source.address), holdings, today)
    if outcome.what == "refused":
        raise RefusedError(outcome.why)
    return outcome


def _source(library: Library, name: str) -> Source:
    source = library.sources.get(name)
    if source is None:
        raise InputError(f"There is no source called {name}. Run: assistant sources list")
    return source


def _today() -> date:
    return datetime.now(UTC).date()


def beside() -> checks.Beside:
    """Statements beside the passages of documents that are held; nothing where none is."""
    chosen = settings.from_environment()
    if not any(chosen.official.glob("*/*/held.json")):
        return {}
    assembly = bootstrap.assemble(chosen)
    rows = align(assembly.library, assembly.retriever)
    return {(row.sentence.text, row.reference.source): (row.text, row.score, row.contradiction) for row in rows}
