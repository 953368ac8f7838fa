"""Certificates: made when a course is complete, checked by link, code, QR code or file."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime

import segno
from flask import Blueprint, Response, current_app, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.exceptions import TooManyRequests
from werkzeug.wrappers import Response as AnyResponse

from assistant.content.library import Library
from assistant.domain.courses import Course
from assistant.learning import codes
from assistant.learning.certificates import Entry, Shown
from assistant.web import pdf
from assistant.web.context import site_context
from assistant.web.forms import CertificateForm, CodeForm
from assistant.web.i18n import gettext
from assistant.web.learners import complete, learner
from assistant.web.study import course_of

pages = Blueprint("certify", __name__)

LONGEST_NAME = 80


@dataclass(frozen=True)
class Made:
    """A certificate as it is shown: its fields, the signed token, and the QR code of its link."""

    shown: Shown
    token: str
    qr: Markup


@pages.get("/course/<int:number>/certificate")
def form(number: int) -> str | AnyResponse:
    """Where a name is typed for a certificate."""
    course = course_of(number)
    if not complete(course, learner()):
        return redirect(url_for("study.course", number=number))
    return _name_page(course, CertificateForm(code=codes.make()))


def _name_page(course: Course, form: CertificateForm, message: str = "") -> str:
    return render_template("certificate_form.html", title=gettext("Certificate"), course=course, form=form, message=message)


@pages.post("/course/<int:number>/certificate")
def make(number: int) -> str | tuple[str, int] | AnyResponse:
    """The certificate, as a page, a file or a PDF. Sent twice with one code and name, it is one certificate."""
    course, form = course_of(number), CertificateForm()
    if not complete(course, learner()):
        return redirect(url_for("study.course", number=number), 303)
    name = " ".join((form.name.data or "").split())
    if not form.validate():
        return _name_page(course, form, str(form.token.errors[0])), 422
    if not name or len(name) > LONGEST_NAME:
        return _name_page(course, form, gettext("Type the name that the certificate is for, in at most 80 characters.")), 422
    made = _made(course, name, codes.read(form.code.data or ""))
    if "file" in request.form:
        return _download(render_template("certificate_file.html", title=gettext("Certificate"), made=made), "text/html", "certificate.html")
    if "badge" in request.form:
        return _download(made.token, "application/vc+jwt", "certificate.jwt")
    if "pdf" in request.form and pdf.available():
        page = render_template("certificate_file.html", title=gettext("Certificate"), made=made)
        return _download(pdf.pdf(page, {"certificate.jwt": made.token.encode()}), "application/pdf", "certificate.pdf")
    again = CertificateForm(formdata=None, name=name, code=made.shown.code)
    return render_template("certificate.html", title=gettext("Certificate"), course=course, made=made, form=again, with_pdf=pdf.available())


def _download(body: str | bytes, kind: str, name: str) -> Response:
    response = Response(body, mimetype=kind)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _made(course: Course, name: str, code: str | None) -> Made:
    assembly, secret = site_context().assembly, current_app.config["SECRET_KEY"]
    held = assembly.register.find(code) if code else None
    if code is None or (held is not None and not assembly.register.names(code, name, secret)):
        code, held = codes.read(codes.make()) or "", None
    shown = _shown(course, name, code, held)
    if held is None:
        assembly.register.enter(code, shown, editions(site_context().library, course), secret)
    qr = segno.make(shown.link, error="m").svg_inline(scale=4, border=2, dark="#000", light="#fff", omitsize=False)
    return Made(shown, assembly.keys.sign(shown), Markup(qr))  # noqa: S704 - drawn here, from our own address


def _shown(course: Course, name: str, code: str, held: Entry | None) -> Shown:
    library = site_context().library
    modules = [f"{library.quizzes[m].title['en']} (version {library.modules[m].version})" for m in course.modules]
    sources = [library.sources[source] for source in course.rests_on]
    guidance = [f"{s.title} ({s.edition})" if s.edition and s.edition not in s.title else s.title for s in sources]
    return Shown(
        name=name,
        course=held.course if held else course.title["en"],
        modules=held.modules if held else "; ".join(modules),
        guidance=held.guidance if held else "; ".join(guidance),
        issued=held.issued if held else datetime.now(UTC).date().isoformat(),
        issuer=library.site.partnership.name["en"],
        code=" ".join(code[i : i + 4] for i in range(0, len(code), 4)),
        link=request.host_url.rstrip("/") + url_for("certify.told", code=code),
    )


def editions(library: Library, course: Course) -> dict[str, str]:
    """Edition and status of each source that a course rests on."""
    found = {name: library.sources[name] for name in course.rests_on if name in library.sources}
    return {name: f"{source.edition} / {source.status}" for name, source in found.items()}


def changed(library: Library, entry: Entry) -> bool:
    """Whether a source of a certificate now has another edition or status, or is gone."""
    return any(
        name not in library.sources or f"{library.sources[name].edition} / {library.sources[name].status}" != edition
        for name, edition in entry.editions.items()
    )


@pages.get("/certificate")
def check() -> str:
    """Where a certificate's code is typed."""
    return _check_page(CodeForm())


def _check_page(form: CodeForm, *messages: str) -> str:
    return render_template("certificate_check.html", title=gettext("Certificate"), form=form, messages=messages)


@pages.post("/certificate")
def asked() -> str | tuple[str, int]:
    """What the register says of a code, and of a name if one is given. It confirms a name, and never tells one."""
    form = CertificateForm()
    _count()
    code = codes.read(form.code.data or "")
    if not form.validate():
        return _check_page(CodeForm(), str(form.token.errors[0])), 422
    return _told(code, " ".join((form.name.data or "").split()))


@pages.get("/certificate/<code>")
def told(code: str) -> str | tuple[str, int]:
    """What the register says of the code in a certificate's link."""
    _count()
    found = _told(codes.read(code), "")
    return found if isinstance(found, str) else (found[0], 404)


def _count() -> None:
    if current_app.config["LIMITS"] and not current_app.extensions["limits"].tries(request.remote_addr or ""):
        raise TooManyRequests


def _told(code: str | None, name: str) -> str | tuple[str, int]:
    context = site_context()
    entry = context.assembly.register.find(code or "")
    if code is None or entry is None:
        return _check_page(CodeForm(formdata=None), gettext("No certificate has that code. Check it against the paper.")), 422
    matches = context.assembly.register.names(code, name, current_app.config["SECRET_KEY"]) if name else None
    return render_template(
        "certificate_told.html", title=gettext("Certificate"), entry=entry, matches=matches, name=name,
        changed=changed(context.library, entry), form=CertificateForm(formdata=None, code=code),
    )  # fmt: skip


@pages.get("/certificate/keys")
def keys() -> AnyResponse:
    """The public keys, so that a certificate can be verified elsewhere."""
    return Response(json.dumps(site_context().assembly.keys.public()), mimetype="application/jwk-set+json")


@pages.get("/certificate/revoked")
def revoked() -> AnyResponse:
    """SHA-256 of the codes of revoked certificates."""
    return Response(json.dumps({"revoked": site_context().assembly.register.revoked()}), mimetype="application/json")
