"""What every request and response goes through: headers, origin, the form token, limits, and leaving."""

import hashlib
import logging
import re
import secrets
import unicodedata
from datetime import UTC, datetime
from typing import Any

from flask import Flask, Response, abort, current_app, request, session
from flask.sessions import SecureCookieSessionInterface
from flask_wtf import FlaskForm
from itsdangerous import BadSignature, TimestampSigner
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from werkzeug.exceptions import TooManyRequests
from wtforms.csrf.core import CSRF
from wtforms.validators import ValidationError

from assistant.web.i18n import gettext

_log = logging.getLogger(__name__)

LEFT = "__Host-left"
"""The cookie that says a reader has left: set on exit, gone when they choose to come back."""
SESSION = "__Host-session"
TOKEN_AGE = 12 * 60 * 60
RATES = {"send": RateLimitItemPerMinute(15), "learn": RateLimitItemPerMinute(60), "read": RateLimitItemPerMinute(180)}
"""How often one client may ask and send, answer items of a course, and read, each minute."""
LEARNING = frozenset({"learn", "study"})
"""Blueprints whose forms are answered quickly, one after another."""
NOTED = RateLimitItemPerMinute(1)
"""How often one kind of refusal is logged."""
TRIES, ALL_TRIES = RateLimitItemPerMinute(10), RateLimitItemPerMinute(300)
"""Codes that one client, and all together, may try."""

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; manifest-src 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "accelerometer=(), camera=(), geolocation=(), gyroscope=(), microphone=(), payment=(), usb=()",
}


class FormToken(CSRF):
    """A signed, timed token that needs no cookie, so that asking a question leaves none."""

    def setup_form(self, form: Any) -> Any:
        """Make the token field."""
        return super().setup_form(form)

    def generate_csrf_token(self, csrf_token_field: Any) -> str:  # noqa: ARG002 - the protocol of WTForms
        """A fresh token, tied to the learner if there is one."""
        return _signer().sign(session.get("learner", "-")).decode()

    def validate_csrf_token(self, form: Any, field: Any) -> None:  # noqa: ARG002 - the protocol of WTForms
        """Refuse a token that is not ours, is too old, or is another learner's."""
        try:
            owner = _signer().unsign(field.data or "", max_age=TOKEN_AGE).decode()
        except (BadSignature, UnicodeError, ValueError):
            owner = ""
        if owner not in {"-", session.get("learner", "-")}:
            current_app.extensions["limits"].note("form token")
            raise ValidationError(gettext("This page was open for a long time. Send the form again."))


class Form(FlaskForm):  # type: ignore[misc]
    """A form of this site."""

    class Meta:
        """How WTForms makes it."""

        csrf = True
        csrf_class = FormToken
        csrf_field_name = "token"

        locales = ("en",)
        """Never seen: every message is our own, in the language of the request."""

        def bind_field(self, form: Any, unbound_field: Any, options: dict[str, Any]) -> Any:
            """Every text field drops what cannot stand in a page."""
            return unbound_field.bind(form=form, **{**options, "filters": [*unbound_field.kwargs.get("filters", ()), legible]})


def legible(value: Any) -> Any:
    """A text without control characters, half characters and unassigned ones; line breaks and tabs stay."""
    if not isinstance(value, str):
        return value
    return "".join(char for char in value if char in "\t\n\r" or unicodedata.category(char) not in {"Cc", "Cs", "Cn"})


def _signer() -> TimestampSigner:
    return TimestampSigner(current_app.config["SECRET_KEY"], salt="form", digest_method=hashlib.sha256)


class Sessions(SecureCookieSessionInterface):
    """Sessions signed with SHA-256."""

    digest_method = staticmethod(hashlib.sha256)


class Limits:
    """How often one client may send and read.

    A client is a keyed hash; the key is made anew each day and stands in memory only.
    """

    def __init__(self) -> None:
        self._storage = MemoryStorage()
        self._window = MovingWindowRateLimiter(self._storage)
        self._key, self._day = secrets.token_bytes(32), datetime.now(UTC).date()

    def _client(self, address: str) -> str:
        today = datetime.now(UTC).date()
        if today != self._day:
            self._key, self._day = secrets.token_bytes(32), today
        return hashlib.blake2b(address.encode(), key=self._key, digest_size=12).hexdigest()

    def allows(self, address: str, kind: str) -> bool:
        """Count one request of a kind in `RATES`; False when there have been too many."""
        return self._window.hit(RATES[kind], kind, self._client(address)) or self.note(f"too many: {kind}")

    def tries(self, address: str) -> bool:
        """Count one try of a code; False when this client, or all clients together, have tried too many."""
        within = self._window.hit(TRIES, "code", self._client(address)) and self._window.hit(ALL_TRIES, "codes")
        return within or self.note("too many: codes")

    def note(self, kind: str) -> bool:
        """Log that something was refused: its kind alone, and once a minute, so that no reader can be followed. Always False."""
        if self._window.hit(NOTED, "noted", kind):
            _log.warning("refused: %s", kind)
        return False


FREE = frozenset({"static", "site.leave", "site.left", "site.support", "site.safe", "site.come_back"})
"""Pages that are served however often they are asked for."""
HEARS = frozenset({"ask.answer", "find.results"})
"""Pages that count for themselves, because a message is heard even over the limit."""


def install(app: Flask) -> None:
    """Put the guards on every request and response."""
    app.extensions["limits"] = Limits()
    app.session_interface = Sessions()

    app.before_request(_guard)

    @app.after_request
    def headers(response: Response) -> Response:
        for name, value in HEADERS.items():
            response.headers[name] = value
        response.headers.setdefault("Cache-Control", "no-store")
        if request.is_secure and not app.debug:
            response.headers["Strict-Transport-Security"] = "max-age=63072000; includeSubDomains"
        response.headers.pop("Server", None)
        return response


def _guard() -> None:
    config, limits = current_app.config, current_app.extensions["limits"]
    if config["HOSTS"] and named_host(request.host) not in config["HOSTS"]:
        limits.note("another host's name")
        abort(400)
    send = request.method == "POST"
    if send and not same_origin():
        limits.note("from another site")
        abort(403)
    limited = request.endpoint not in FREE | HEARS and config["LIMITS"]
    kind = "read" if not send else "learn" if request.blueprint in LEARNING else "send"
    if limited and not limits.allows(request.remote_addr or "", kind):
        raise TooManyRequests


def unsent(form: Form) -> tuple[int, tuple[str, ...]] | None:
    """Why a form whose page counts for itself is not acted on, as a status and messages beside the form's own; None where it is."""
    if current_app.config["LIMITS"] and not current_app.extensions["limits"].allows(request.remote_addr or "", "send"):
        return 429, (gettext("That was a lot of questions quickly. Wait a minute, then try again."),)
    if not form.validate():
        return 422 if form.errors else 200, tuple(form.token.errors)
    return None


def named_host(host: str) -> str:
    """The name in a Host header, in small letters and without a port.

    >>> named_host("Reviews.Example.org:8000"), named_host("[::1]:8000")
    ('reviews.example.org', '[::1]')
    """
    return re.sub(r":\d*$", "", host.lower())


def same_origin() -> bool:
    """Whether a POST comes from a page of this site, as far as the browser says."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None and site not in {"same-origin", "none"}:
        return False
    origin = request.headers.get("Origin")
    return origin is None or origin == "null" or origin.rstrip("/") == request.host_url.rstrip("/")
