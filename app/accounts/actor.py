"""Who is acting: an account with its grants, a guest at a place, or the bearer of an anonymous pass."""

from collections.abc import Collection
from dataclasses import dataclass

from app.accounts.permissions import GRANTED, Permission, Role


@dataclass(frozen=True)
class Grant:
    """A role held in a unit, valid in the unit's subtree."""

    role: Role
    unit_id: int


@dataclass(frozen=True)
class Actor:
    """An account that acts, as its grants stood when this request began."""

    account_id: int
    login: str
    name: str
    home_unit_id: int
    grants: tuple[Grant, ...]

    def can(self, permission: Permission, *, lineage: Collection[int]) -> bool:
        """Whether a grant with this permission covers a unit, given the unit's id and those of all above it."""
        return any(permission in GRANTED[grant.role] and grant.unit_id in lineage for grant in self.grants)

    def can_somewhere(self, permission: Permission) -> bool:
        """Whether any grant carries this permission."""
        return any(permission in GRANTED[grant.role] for grant in self.grants)

    def units_where(self, permission: Permission) -> frozenset[int]:
        """The units whose subtrees this permission covers."""
        return frozenset(grant.unit_id for grant in self.grants if permission in GRANTED[grant.role])

    def holds(self, role: Role, *, lineage: Collection[int]) -> bool:
        """Whether the role is held in one of these units."""
        return any(grant.role is role and grant.unit_id in lineage for grant in self.grants)


@dataclass(frozen=True)
class Guest:
    """Somebody without an account who scanned the code of a place that allows guests; perhaps with a pass."""

    place_id: int
    pass_hash: str | None = None


@dataclass(frozen=True)
class Unnamed:
    """The bearer of a one-use pass: someone of this unit, nobody can tell who."""

    unit_id: int
    pass_hash: str


Submitter = Actor | Guest | Unnamed
