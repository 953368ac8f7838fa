"""The commands for courses and certificates."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from assistant import settings
from assistant.content.folder import load
from assistant.errors import InputError
from assistant.learning import codes, export, papers
from assistant.learning.certificates import Keys, Register, digest, verify


@click.group()
def certificate() -> None:
    """Certificates: verify, revoke, and change the signing key."""


@certificate.command("verify")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--keys", type=click.Path(path_type=Path), metavar="FILE", help="Public keys as a JSON Web Key Set; else those of this service."
)
@click.option(
    "--revoked", type=click.Path(path_type=Path), metavar="FILE", help="A list of revoked certificates; else that of this service."
)
def certificate_verify(file: Path, keys: Path | None, revoked: Path | None) -> None:
    """Say what a certificate holds, if it is whole. Works without a network."""
    chosen = settings.from_environment()
    token, words = papers.read(file)
    known = _listed(keys, "keys") if keys is not None else Keys(chosen.keys).public()
    shown = verify(token, known)
    if words is not None and not papers.shows(words, shown):
        raise InputError("The signature fits, and the words on the paper are not those that were signed: it was altered.")
    listed = _listed(revoked, "revoked")["revoked"] if revoked is not None else Register(chosen.records).revoked()
    if digest(codes.read(shown.code) or "") in listed:
        raise InputError("This certificate was withdrawn.")
    for _, label, value in shown.rows():
        click.echo(f"{label}: {value}")
    click.echo("The signature is right, and every field is as it was signed.")


@certificate.command("revoke")
@click.argument("code")
def certificate_revoke(code: str) -> None:
    """Put the certificate with this code on the list of withdrawn ones."""
    if not Register(settings.from_environment().records).revoke(codes.read(code) or ""):
        raise InputError("No certificate has that code.")
    click.echo("It is on the list of withdrawn certificates.")


@certificate.command("rotate")
def certificate_rotate() -> None:
    """Sign with a new key from now on. Certificates signed before can still be verified."""
    click.echo(f"New certificates are signed with the key {Keys(settings.from_environment().keys).rotate()}.")


@click.group()
def course() -> None:
    """The courses."""


@course.command("list")
def course_list() -> None:
    """Every course: its id, title and modules."""
    for found in load(settings.from_environment().corpus).courses.values():
        click.echo(f"{found.id:<14} {found.title.get('en', '')} ({', '.join(found.modules)})")


@course.command("export")
@click.argument("course_id")
@click.option("--format", "form", required=True, type=click.Choice(export.FORMATS))
@click.option("--out", required=True, type=click.Path(path_type=Path), metavar="FILE")
def course_export(course_id: str, form: str, out: Path) -> None:
    """Write a course for a learning system: a SCORM or cmi5 package, or its items as QTI 3 or GIFT."""
    library = load(settings.from_environment().corpus)
    found = library.courses.get(course_id)
    if found is None:
        raise InputError(f"There is no course called {course_id}. Known: {', '.join(library.courses)}.")
    try:
        out.write_bytes(export.export(library, found, form, datetime.now(UTC)))
    except OSError:
        raise InputError(f"{out} cannot be written.") from None
    click.echo(f"Written: {out}")


def _listed(path: Path, name: str) -> dict[str, Any]:
    """A JSON object with a list of that name.

    Raises:
        InputError: the file cannot be read, or is none.
    """
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeError):
        raise InputError(f"{path} cannot be read.") from None
    except (ValueError, RecursionError):
        raise InputError(f"{path} is not JSON.") from None
    if not isinstance(value, dict) or not isinstance(value.get(name), list):
        raise InputError(f"{path} holds no list called {name}.")
    return value
