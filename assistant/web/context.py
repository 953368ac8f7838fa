"""What every view needs of the running service, in one value."""

from dataclasses import dataclass

from flask import abort, current_app

from assistant.bootstrap import Assembly
from assistant.content.library import Library
from assistant.domain.guidance import Role
from assistant.web.present import Presenter

ROLES = (Role.FAMILY, Role.FRIENDS, Role.EMPLOYERS, Role.PRACTITIONERS)
"""Roles in the order of their neutral numbers, from 1."""


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


def role_of(number: int) -> Role:
    """The role with that neutral number."""
    if not 1 <= number <= len(ROLES):
        abort(404)
    return ROLES[number - 1]


def number_of(role: Role) -> int:
    """The neutral number of a role."""
    return ROLES.index(role) + 1
