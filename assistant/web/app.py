"""The application: parts put in place, pages that tell of faults, and nothing else."""

import gzip
import logging
import re
import secrets
import time
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask, Response, abort, g, render_template, request, url_for
from flask.logging import default_handler
from govuk_frontend_wtf.main import WTFormsHelpers
from jinja2 import ChoiceLoader, FileSystemLoader, PackageLoader, PrefixLoader
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.wrappers import Response as AnyResponse

from assistant import bootstrap
from assistant.bootstrap import Assembly
from assistant.errors import StoreFault
from assistant.learning import codes
from assistant.learning.tally import Tally
from assistant.retention import days
from assistant.settings import HOME, Settings, signing_secret
from assistant.web import ask, certify, find, i18n, learn, read, security, site, study, tools, ways
from assistant.web.context import SiteContext, site_context
from assistant.web.i18n import gettext
from assistant.web.present import HelpView, Presenter

HERE = Path(__file__).parent


def create_app(settings: Settings, assembly: Assembly | None = None) -> Flask:
    """The site for these settings.

    Raises:
        SettingsError: a setting is missing or unsafe.
        CorpusError: the corpus cannot be served.
    """
    secret = signing_secret(settings)
    assembly = assembly or bootstrap.assemble(settings)
    app = Flask("assistant.web", static_folder=None, template_folder=str(HOME / "templates"))
    app.config.update(
        SECRET_KEY=secret,
        SESSION_COOKIE_NAME=security.SESSION,
        SESSION_COOKIE_SECURE=True,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/",
        PERMANENT_SESSION_LIFETIME=days("places"),
        MAX_CONTENT_LENGTH=1_000_000,
        MAX_FORM_MEMORY_SIZE=1_000_000,
        WTF_I18N_ENABLED=False,
        WTF_CSRF_ENABLED=True,
        HOSTS=settings.hosts,
        LIMITS=settings.limits,
    )
    app.jinja_loader = ChoiceLoader(
        [
            FileSystemLoader(HOME / "templates"),
            PrefixLoader(
                {
                    "govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja"),
                    "govuk_frontend_wtf": PackageLoader("govuk_frontend_wtf"),
                }
            ),
        ]
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    WTFormsHelpers(app)
    languages = assembly.library.site.languages
    i18n.install(app, str(HOME / "translations"), languages)
    assembly.keys.make()
    app.extensions["site"] = SiteContext(assembly, Presenter(assembly.library))
    _remember_leaving(app)
    security.install(app)
    for module in (site, ask, find, read, ways, tools, learn, study, certify):
        app.register_blueprint(module.pages)
    app.add_url_rule("/static/<path:filename>", "static", _static)
    _shared(app)
    _count_help(app)
    _faults(app)
    app.wsgi_app = i18n.LanguageInPath(app.wsgi_app, languages)  # type: ignore[method-assign, assignment]
    if settings.trusted_proxies:
        count = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)  # type: ignore[method-assign]
    return app


def _remember_leaving(app: Flask) -> None:
    """After leaving, a page that Back or a restored tab asks for again shows nothing."""

    @app.before_request
    def blank() -> str | None:
        left = request.cookies.get(security.LEFT)
        if left and request.endpoint not in security.FREE and request.method in {"GET", "HEAD"}:
            return site.left()
        return None


@cache
def _file(filename: str) -> tuple[bytes, bytes, str] | None:
    root = (HERE / "static").resolve()
    path = (root / filename).resolve()
    kinds = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
    if root not in path.parents or path.suffix not in kinds or not path.is_file():
        return None
    body = path.read_bytes()
    return body, gzip.compress(body, 9, mtime=0), kinds[path.suffix]


def _static(filename: str) -> Response:
    """A file of the site, packed if the browser takes it so."""
    found = _file(filename) if len(filename) < 200 and "\0" not in filename else None
    if found is None:
        abort(404)
    body, packed, kind = found
    zipped = "gzip" in request.headers.get("Accept-Encoding", "")
    response = Response(packed if zipped else body, mimetype=kind)
    response.headers["Vary"] = "Accept-Encoding"
    response.headers["Cache-Control"] = "public, max-age=3600"
    if zipped:
        response.headers["Content-Encoding"] = "gzip"
    return response


def _shared(app: Flask) -> None:
    @app.context_processor
    def shared() -> dict[str, Any]:
        context: SiteContext = app.extensions["site"]
        return {
            "site": context.library.site,
            "emergency": context.presenter.emergency(),
            "notice": context.assembly.notice,
            "print_services": context.presenter.services("bereaved")[:4],
            "today": datetime.now(UTC).date(),
            "other_language": _other_language,
            "heard": _heard,
            "error": _error,
        }


def _error(text: str | None) -> dict[str, str] | None:
    """What a field's component says of a fault: the message, and the word before it for those who hear the page."""
    return {"text": text, "visuallyHiddenText": gettext("Error")} if text else None


def _count_help(app: Flask) -> None:
    """Count a help panel once its page is sent, so that no count ever keeps help waiting."""

    @app.after_request
    def counted(response: AnyResponse) -> AnyResponse:
        if kind := g.get("help_shown"):
            tally, language = app.extensions["site"].assembly.tally, g.get("language", "en")
            response.call_on_close(lambda: _count(app, tally, kind, language))
        return response


def _count(app: Flask, tally: Tally, kind: str, language: str) -> None:
    try:
        tally.add(datetime.now(UTC).date(), kind, language)
    except StoreFault as fault:
        app.logger.error("help was shown and not counted: %s", type(fault.__cause__).__name__)


def _heard() -> HelpView | None:
    """The help that words sent with a form call for, whichever form it was."""
    if request.method != "POST":
        return None
    try:
        sent = request.form
    except HTTPException:  # what was sent is too much, or cannot be read: there are no words to hear
        return None
    words = [value for name, value in sent.items() if name != "token" and re.search(r"[^\W\d]{2}", value)]
    typed = [value for value in words if codes.read(value) is None]
    context = site_context()
    return context.presenter.help(context.assembly.answerer.hear(" ".join(typed))) if typed else None


def _other_language(code: str) -> str:
    """The address of this page in another language; the start where the page has no address of its own."""
    root = request.script_root
    if root.endswith(f"/{g.language}"):
        root = root[: -len(g.language) - 1]
    path = request.path if request.method == "GET" and request.url_rule is not None else "/ask" if request.endpoint == "ask.answer" else "/"
    return f"{root}{'' if code == 'en' else '/' + code}{path}"


def _faults(app: Flask) -> None:
    """A plain page for each fault, and a line in the log: the time in UTC, a number, the kind, and nothing of the request."""
    line = logging.Formatter("%(asctime)sZ %(levelname)s %(name)s: %(message)s", "%Y-%m-%dT%H:%M:%S")
    line.converter = time.gmtime
    default_handler.setFormatter(line)
    app.logger.setLevel(logging.WARNING)  # and so it is there, with its handler, for whatever is logged below it
    app.log_exception = lambda exc_info: app.logger.error("fault: %s", exc_info[0])  # type: ignore[method-assign]

    @app.errorhandler(HTTPException)
    def told(error: HTTPException) -> AnyResponse | tuple[str, int]:
        code = error.code or 500
        if 300 <= code < 400:
            return error.get_response()
        headings = {
            403: gettext("This form came from another site. Open the page again and send it from there."),
            404: gettext("We cannot find that page"),
            410: gettext("This report is no longer shown. You can ask for a copy."),
            413: gettext("That was too much to send at once. Make it shorter."),
            429: gettext("That was a lot of questions quickly. Wait a minute, then try again."),
        }
        return _fault_page(headings.get(code, gettext("That page cannot be used in this way")), code, "")

    @app.errorhandler(StoreFault)
    def unkept(error: StoreFault) -> tuple[str, int]:
        number = secrets.token_hex(3).upper()
        app.logger.error("records %s: %s", number, type(error.__cause__).__name__)
        return _fault_page(gettext("This could not be kept just now. Go back and try again. Reading and asking still work."), 503, number)

    @app.errorhandler(Exception)
    def broken(error: Exception) -> tuple[str, int]:
        number = secrets.token_hex(3).upper()
        app.logger.error("fault %s: %s", number, type(error).__name__)
        return _fault_page(gettext("Something went wrong here"), 500, number)


def _fault_page(heading: str, code: int, number: str) -> tuple[str, int]:
    if "language" not in g:
        g.language, g.direction = "en", "ltr"
        g.translations = i18n.catalogue("", "en")
    title = gettext("Page not found") if code == 404 else gettext("Guide")
    return render_template("fault.html", title=title, heading=heading, number=number, start=url_for("site.home")), code
