"""What may be done, and which role may do it: permissions as data, granted in a unit, valid in its subtree."""

from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Role(StrEnum):
    """The six roles; a person may hold several, each in its own unit."""

    WORKER = "worker"
    OFFICER = "officer"
    RECTIFIER = "rectifier"
    HEAD = "head"
    REVIEWER = "reviewer"
    ADMIN = "admin"


class Permission(StrEnum):
    """`resource:action`; who exactly may act on one hazard is refined by `hazards.policy`."""

    HAZARD_SUBMIT = "hazard:submit"
    HAZARD_READ_PUBLIC = "hazard:read_public"
    HAZARD_READ = "hazard:read"
    HAZARD_READ_REPORTER = "hazard:read_reporter"
    HAZARD_TRIAGE = "hazard:triage"
    HAZARD_RECTIFY = "hazard:rectify"
    HAZARD_VERIFY = "hazard:verify"
    HAZARD_OVERSEE = "hazard:oversee"
    HAZARD_ARBITRATE = "hazard:arbitrate"
    PHOTO_READ_ORIGINAL = "photo:read_original"
    STATEMENT_READ = "statement:read"
    PLACE_READ = "place:read"
    UNIT_MANAGE = "unit:manage"


P = Permission
_EVERYBODY: Final = frozenset({P.HAZARD_SUBMIT, P.HAZARD_READ_PUBLIC, P.PLACE_READ})
GRANTED: Final = MappingProxyType(
    {
        Role.WORKER: _EVERYBODY,
        Role.RECTIFIER: _EVERYBODY | {P.HAZARD_RECTIFY},
        Role.OFFICER: _EVERYBODY
        | {
            P.HAZARD_READ,
            P.HAZARD_READ_REPORTER,
            P.HAZARD_TRIAGE,
            P.HAZARD_RECTIFY,
            P.HAZARD_VERIFY,
            P.PHOTO_READ_ORIGINAL,
            P.STATEMENT_READ,
        },
        Role.HEAD: _EVERYBODY
        | {
            P.HAZARD_READ,
            P.HAZARD_READ_REPORTER,
            P.HAZARD_OVERSEE,
            P.PHOTO_READ_ORIGINAL,
            P.STATEMENT_READ,
        },
        # The reporter's name is for officers and above in the line of command; a reviewer counts, not commands.
        Role.REVIEWER: frozenset({P.HAZARD_READ, P.HAZARD_ARBITRATE, P.STATEMENT_READ}),
        Role.ADMIN: frozenset({P.PLACE_READ, P.UNIT_MANAGE}),
    }
)
"""Which role carries which permission, by domain.md §2 and §5 "Who reads"."""
