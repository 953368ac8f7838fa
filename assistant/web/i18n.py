"""The language and direction of a request.

The language is the first part of the address (``/cy/…``); English has none. A small WSGI layer moves it out of
the path, so that routes, and the links made from them, know nothing of it. Nothing is stored.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from functools import cache
from typing import Any

from babel import Locale
from babel.dates import format_date
from babel.support import NullTranslations, Translations
from flask import Flask, g, request

from assistant.domain.guidance import Text
from assistant.domain.site import in_language

WSGI = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class LanguageInPath:
    """Moves a leading language code from the path to the script name."""

    def __init__(self, app: WSGI, languages: Sequence[str]) -> None:
        self._app = app
        self._languages = frozenset(languages) - {"en"}

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        """Serve one request."""
        head, _, rest = environ.get("PATH_INFO", "").lstrip("/").partition("/")
        if head in self._languages:
            environ["SCRIPT_NAME"] = f"{environ.get('SCRIPT_NAME', '')}/{head}"
            environ["PATH_INFO"] = f"/{rest}"
            environ["assistant.language"] = head
        return self._app(environ, start)


@cache
def catalogue(folder: str, language: str) -> NullTranslations:
    """The messages of one language."""
    if language == "en":
        return NullTranslations()
    return Translations.load(folder, [language])


def gettext(message: str, **values: Any) -> str:
    """The message in the language of the request, with ``{name}`` filled in."""
    text = _current().gettext(message) if "translations" in g else message
    return text.format(**values) if values else text


def _current() -> NullTranslations:
    found: NullTranslations = g.translations
    return found


def words(text: Text) -> str:
    """Content in the language of the request, or in English where there is no translation yet."""
    return in_language(text, [g.language])[0]


def language_of(text: Text) -> str:
    """The language that `words` gives for this text: what its ``lang`` has to say."""
    return in_language(text, [g.language])[1]


def day(value: date) -> str:
    """A date as a reader writes it: 22 November 2026."""
    return format_date(value, "d MMMM y", locale=Locale.parse(g.language))


def install(app: Flask, folder: str, languages: Sequence[str]) -> None:
    """Make the language of each request known to views and templates."""

    @app.before_request
    def choose() -> None:
        g.language = request.environ.get("assistant.language", "en")
        g.translations = catalogue(folder, g.language)
        locale = Locale.parse(g.language)
        g.direction = locale.text_direction

    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        lambda message: _current().gettext(message),
        lambda one, many, count: _current().ngettext(one, many, count),
        newstyle=False,
    )
    app.jinja_env.globals.update(words=words, language_of=language_of, day=day, say=gettext)

    @app.context_processor
    def offered() -> dict[str, Any]:
        return {"languages": [(code, Locale.parse(code).get_language_name(code)) for code in languages]}
