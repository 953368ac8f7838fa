"""What every view needs of the running service, in one value."""

from dataclasses import dataclass

from flask import current_app

from assistant.bootstrap import Assembly
from assistant.content.library import Library
from assistant.web.present import Presenter


@dataclass(frozen=True)
class SiteContext:
    """The running service as the views see it."""

    assembly: Assembly
    presenter: Presenter

    @property
    def library(self) -> Library:
        """The corpus."""
        return self.assembly.library


def site_context() -> SiteContext:
    """The context of the application that serves this request."""
    context: SiteContext = current_app.extensions["site"]
    return context
