"""The commands. Exit 0 is success; exit 2 is a fault in what was given, told in one plain line."""

import json
import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from assistant import bootstrap, lines, settings
from assistant.bootstrap import Assembly
from assistant.content import checks, reviewing
from assistant.content.folder import load, read
from assistant.content.library import Library, Reading
from assistant.course_commands import certificate, course
from assistant.domain.answers import Question
from assistant.domain.guidance import Nation, Role
from assistant.domain.learning import Pathway
from assistant.domain.passages import numbers
from assistant.errors import AssistantError, CorpusError, InputError
from assistant.evaluation.beir import measure, read_beir
from assistant.evaluation.golden import DROP, read_baseline, read_golden, regressions, score, table
from assistant.source_commands import beside, sources

_ROLES = click.Choice([role.value for role in Role])
_NATIONS = click.Choice([nation.value for nation in Nation])


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="assistant")
def commands() -> None:
    """Answers, pathways and courses about domestic homicide reviews."""


@commands.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
def serve(host: str, port: int) -> None:
    """Serve the site."""
    from assistant.web.serving import run

    run(settings.from_environment(), host, port)


@commands.command()
@click.option("--corpus", type=click.Path(path_type=Path), help="The corpus folder.")
@click.option("--index", "folder", type=click.Path(path_type=Path), help="Where to put the index.")
def index(corpus: Path | None, folder: Path | None) -> None:
    """Build the index. A passage that has not changed is not encoded again."""
    chosen = settings.from_environment(corpus=corpus, index=folder)
    library = bootstrap.open_library(chosen)
    count = bootstrap.build_index(chosen, library, _bar("Encoding"))
    click.echo(f"The index holds {count} passages.")


@commands.command()
@click.option("--strict", is_flag=True, help="Warnings stop too.")
@click.option("--corpus", type=click.Path(path_type=Path))
@click.option("--touching", metavar="DOCUMENT", help="What rests on a document.")
@click.option("--worklist", metavar="FILE", type=click.Path(path_type=Path), help="Write the statements still to be checked.")
@click.option("--reviewed", metavar="NOTE", help="Record that the changed cards and leaflets were compared with what they rest on.")
@click.option("--corrected", type=click.IntRange(min=0), default=0, help="How many statements had to be changed in that reading.")
def check(*, strict: bool, corpus: Path | None, touching: str | None, worklist: Path | None, reviewed: str | None, corrected: int) -> None:
    """Check the corpus: every problem in one run, as file:line: message."""
    root = settings.from_environment(corpus=corpus).corpus
    if not root.is_dir():
        raise InputError(f"There is no corpus folder at {root}.")
    library, problems = read(root)
    if library is not None and (touching or worklist):
        _list(library, touching, worklist)
        return
    if library is not None and reviewed:
        reading = Reading(datetime.now(UTC).date(), reviewed, 0, corrected, {})
        _write_text(root / "reviewed.yaml", reviewing.recorded(library, reading))
        library, problems = read(root)
    if library is not None:
        problems = sorted({*problems, *checks.problems(library)})
    for problem in problems:
        click.echo(str(problem), err=True)
    faults = [problem for problem in problems if strict or not problem.warning]
    if faults or library is None:
        raise InputError(f"{len(faults)} problem(s) in the corpus.")
    click.echo(checks.readability_table(library))
    click.echo("Hardest sentences for their readers:")
    for line in checks.hardest(library):
        click.echo(f"  {line}")
    click.echo(f"The corpus is sound: {len(library.documents)} documents, {len(library.cards)} cards, {len(library.terms)} terms.")


def _list(library: Library, touching: str | None, worklist: Path | None) -> None:
    if touching:
        if touching not in library.documents:
            raise InputError(f"There is no document called {touching}.")
        click.echo("\n".join(checks.touching(library, touching)) or "Nothing rests on it.")
    if worklist is not None:
        _write_text(worklist, checks.worklist(library, beside()))


@commands.command()
def doctor() -> None:
    """One line for each thing the service needs, and what to do about it."""
    from assistant.doctor import examine

    lines = examine(settings.from_environment())
    for name, fault in lines:
        click.echo(f"{'ok   ' if not fault else 'FAULT'}  {name}{': ' + fault if fault else ''}")
    if any(fault for _, fault in lines):
        raise InputError("Something needs attention.")


@commands.command()
@click.argument("text", required=False)
@click.option("--role", type=_ROLES)
@click.option("--nation", type=_NATIONS)
@click.option("--language", default="en", show_default=True)
@click.option("--json", "as_json", is_flag=True)
@click.option("--batch", type=click.Path(path_type=Path), metavar="IN.jsonl")
@click.option("--out", type=click.Path(path_type=Path), metavar="OUT.jsonl")
def ask(
    text: str | None, role: str | None, nation: str | None, language: str, *, as_json: bool, batch: Path | None, out: Path | None
) -> None:
    """Answer a question, or a file of questions."""
    assembly = _assemble()
    if batch is not None:
        rows = [(row.get("id"), lines.question(row, place)) for place, row in lines.read(batch)]
        lines.write(out, (lines.answer(assembly, name, question) for name, question in rows))
        return
    if not text:
        raise InputError("Give a question, or --batch IN.jsonl --out OUT.jsonl.")
    question = Question(text, Role(role) if role else None, Nation(nation) if nation else None, language)
    row = lines.answer(assembly, None, question)
    if as_json:
        click.echo(json.dumps(row, ensure_ascii=False))
        return
    if row["help"]:
        click.echo(f"[help: {row['help']}]")
    click.echo(f"{row['outcome']}{' (' + row['reason'] + ')' if row['reason'] else ''}")
    for sentence in row["sentences"]:
        citation = sentence["citations"][0]
        click.echo(f"- {sentence['text']}\n    {citation['title']} [{citation['passage']}]")


@commands.command()
@click.argument("text", required=False)
@click.option("--k", default=10, show_default=True, type=click.IntRange(1, 1000))
@click.option("--json", "as_json", is_flag=True)
@click.option("--batch", type=click.Path(path_type=Path), metavar="IN.jsonl")
@click.option("--out", type=click.Path(path_type=Path), metavar="OUT.jsonl")
def search(text: str | None, k: int, *, as_json: bool, batch: Path | None, out: Path | None) -> None:
    """List the passages that fit best."""
    assembly = _assemble()
    if batch is not None:
        asked = [(line.get("id"), lines.text(line, place)) for place, line in lines.read(batch)]
        lines.write(out, (lines.hits(assembly, name, words, k) for name, words in asked))
        return
    if not text:
        raise InputError("Give words to search for, or --batch IN.jsonl --out OUT.jsonl.")
    found = lines.hits(assembly, None, text, k)
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    for hit in found["hits"]:
        click.echo(f"{hit['score']:.3f}  {hit['passage']}")


@commands.command()
@click.option("--batch", required=True, type=click.Path(path_type=Path), metavar="IN.jsonl")
@click.option("--out", required=True, type=click.Path(path_type=Path), metavar="OUT.jsonl")
def triage(batch: Path, out: Path) -> None:
    """Say for each message which help it calls for."""
    answerer = bootstrap.assemble(settings.from_environment()).answerer
    rows = [(row.get("id"), answerer.hear(lines.text(row, place))) for place, row in lines.read(batch)]
    lines.write(out, (lines.heard(name, alarm) for name, alarm in rows))


@commands.command()
@click.argument("source", metavar="FILE_OR_URL")
@click.option("--dry-run", is_flag=True, help="Write nothing.")
@click.option("--json", "as_json", is_flag=True)
def ingest(source: str, *, dry_run: bool, as_json: bool) -> None:
    """Read a document into passages, and keep a draft of it. Nothing is published by itself."""
    from assistant.ingest.taking import keep, take

    taken = take(source, datetime.now(UTC).date())
    kept = None if dry_run else keep(taken, settings.from_environment().data / "drafts")
    if as_json:
        for passage in taken.passages:
            row = {
                "passage": passage.id, "document": passage.document, "path": passage.path, "text": passage.text,
                "numbers": numbers(passage), "page": taken.pages.get(passage.id),
                "status": taken.statuses.get(passage.id, passage.status.value),
                "start": passage.sentences[0].start, "end": passage.sentences[-1].end, "form": taken.form, "sha256": taken.sha256,
            }  # fmt: skip
            click.echo(json.dumps(row, ensure_ascii=False))
    else:
        for passage in taken.passages:
            click.echo(f"{passage.id}\n    {' > '.join(passage.path)}\n    {passage.text}")
        click.echo(f"{len(taken.passages)} passages, read as {taken.form}.")
    if kept is not None:
        click.echo(f"A draft is kept at {kept}. Complete its head, name its sources, and move it into the corpus to publish it.", err=True)


@commands.command()
@click.option("--beir", type=click.Path(path_type=Path), metavar="DIR", help="A benchmark in BEIR layout.")
@click.option("--golden", type=click.Path(path_type=Path), default=Path("tests/golden"), show_default=True, help="Golden questions.")
@click.option("--baseline", type=click.Path(path_type=Path), default=Path("docs/measured.json"), show_default=True)
@click.option("--keep", is_flag=True, help="Make this result the new baseline.")
@click.option("--json", "as_json", is_flag=True)
def evaluate(beir: Path | None, golden: Path, baseline: Path, *, keep: bool, as_json: bool) -> None:
    """Measure retrieval on a benchmark, or the answers on the golden questions against the stored baseline."""
    chosen = settings.from_environment()
    if beir is not None:
        if not beir.is_dir():
            raise InputError(f"There is no folder at {beir}.")
        bootstrap.prepare_model(chosen)
        bootstrap.prepare_beside(chosen)
        first, third = bootstrap.open_first(chosen, threads=2), bootstrap.open_third(chosen, threads=2)
        result = measure(read_beir(beir), first, _bar("Encoding"), third=third, languages=bootstrap.open_languages(chosen))
        click.echo(json.dumps(result, ensure_ascii=False) if as_json else "\n".join(f"{n:<24} {v}" for n, v in result.items()))
        return
    result = _measured(golden)
    click.echo(json.dumps(result, ensure_ascii=False) if as_json else table(result))
    if keep:
        _write_text(baseline, json.dumps(result, indent=1, ensure_ascii=False) + "\n", told=not as_json)
        return
    fallen = regressions(result, read_baseline(baseline))
    for line in fallen:
        click.echo(line, err=True)
    if fallen:
        raise InputError(f"{len(fallen)} measure(s) fell by more than {DROP} below {baseline}.")


def _measured(folder: Path) -> dict[str, Any]:
    assembly = _assemble()
    paths = sorted(folder.glob("*.txt")) if folder.is_dir() else [folder]
    questions = [golden for path in paths for golden in read_golden(path)]
    if not questions:
        raise InputError(f"There are no golden questions in {folder}.")

    def search(question: Question) -> list[str]:
        return [hit.passage.id for hit in assembly.answerer.search(question)]

    return score(assembly.answerer, questions, search, assembly.library.cards)


@commands.group()
def pathways() -> None:
    """The guided pathways."""


@pathways.command("show")
@click.argument("pathway_id")
@click.option("--svg", "drawing", type=click.Path(path_type=Path), metavar="FILE", help="Draw the flow of its steps.")
def pathways_show(pathway_id: str, drawing: Path | None) -> None:
    """Print a pathway as an outline, and draw its flow."""
    from assistant.web.drawing import flow

    pathway = _pathway(load(settings.from_environment().corpus), pathway_id)
    click.echo(_outline(pathway))
    if drawing is not None:
        steps = [(step.title.get("en", step.id), step.when) for step in pathway.steps]
        _write_text(drawing, flow(pathway.title.get("en", pathway.id), steps))


@pathways.command("export")
@click.argument("pathway_id")
@click.option("--out", required=True, type=click.Path(path_type=Path), metavar="FILE.html")
@click.option("--language", default="en", show_default=True)
def pathways_export(pathway_id: str, out: Path, language: str) -> None:
    """Write a pathway as one HTML file that asks for nothing else."""
    from assistant.web.app import create_app
    from assistant.web.ways import one_file

    chosen = settings.from_environment()
    app = create_app(chosen)
    library = app.extensions["site"].library
    pathway = _pathway(library, pathway_id)
    if language not in library.site.languages:
        raise InputError(f"The site is not in {language}. It is in: {', '.join(library.site.languages)}.")
    with app.test_request_context(f"/{language}/"):
        app.preprocess_request()
        _write_text(out, one_file(pathway))


def _pathway(library: Library, pathway_id: str) -> Pathway:
    pathway = library.pathways.get(pathway_id)
    if pathway is None:
        raise InputError(f"There is no pathway called {pathway_id}. Known: {', '.join(library.pathways)}.")
    return pathway


def _write_text(path: Path, text: str, *, told: bool = True) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError:
        raise InputError(f"{path} cannot be written.") from None
    if told:
        click.echo(f"Written: {path}")


@commands.command()
@click.option("--all", "whole", is_flag=True, help="Delete even if it is over a fifth of what is held.")
def purge(*, whole: bool) -> None:
    """Delete what is kept no longer. A running service does so by itself every day."""
    from assistant.retention import sweep

    for line in sweep(settings.from_environment().records, whole=whole):
        click.echo(line)


@commands.command()
def counts() -> None:
    """How often help was shown, by month, kind and language. Small counts are not told."""
    from assistant.learning.tally import FEWEST, Tally

    found = Tally(settings.from_environment().records).by_month()
    for month, kind, language, shown in found:
        click.echo(f"{month}  {kind:<16}  {language:<3}  {shown if shown >= FEWEST else f'under {FEWEST}'}")
    if not found:
        click.echo("No help has been shown yet.")


commands.add_command(certificate)
commands.add_command(course)
commands.add_command(sources)


def _outline(pathway: Pathway) -> str:
    lines = [pathway.title.get("en", pathway.id)]
    for number, step in enumerate(pathway.steps, start=1):
        condition = f", if {step.when}" if step.when else ""
        lines.append(f"  {number}. {step.title.get('en', step.id)} ({step.minutes} min{condition})")
        lines.extend(f"       cites {reference}" for reference in step.evidence)
    return "\n".join(lines)


def _assemble() -> Assembly:
    assembly = bootstrap.assemble(settings.from_environment())
    if assembly.notice:
        click.echo(f"Searching by words alone. {assembly.notice}", err=True)
    return assembly


def _bar(label: str) -> Callable[[int, int], None]:
    from tqdm import tqdm

    bars: list[Any] = []

    def progress(done: int, total: int) -> None:
        if not bars:
            bars.append(tqdm(total=total, desc=label, unit="text", file=sys.stderr))
        bars[0].update(done - bars[0].n)
        if done >= total:
            bars.pop().close()

    return progress


def main() -> None:
    """Run a command and turn every known fault into one line and exit 2."""
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    try:
        commands(standalone_mode=False)
    except click.exceptions.Abort:
        sys.exit(130)
    except click.exceptions.Exit as leaving:
        sys.exit(leaving.exit_code)
    except click.ClickException as fault:
        click.echo(fault.format_message(), err=True)
        sys.exit(2)
    except CorpusError as fault:
        for problem in fault.problems:
            click.echo(problem, err=True)
        click.echo(str(fault), err=True)
        sys.exit(2)
    except AssistantError as fault:
        click.echo(str(fault), err=True)
        sys.exit(2)
    except BrokenPipeError:
        sys.exit(0)


if __name__ == "__main__":
    main()
