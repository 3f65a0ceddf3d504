"""Permissions as data: what each role carries, and that a grant holds in its subtree and nowhere else."""

import pytest

from app.accounts.actor import Actor, Grant
from app.accounts.permissions import GRANTED, Permission, Role

EXPECTED = {
    # domain.md §2 and §5, "Who reads", written out
    "worker": "hazard:submit hazard:read_public place:read",
    "rectifier": "hazard:submit hazard:read_public place:read hazard:rectify",
    "officer": "hazard:submit hazard:read_public place:read hazard:rectify hazard:read hazard:read_reporter"
    " hazard:triage hazard:verify photo:read_original statement:read",
    "head": "hazard:submit hazard:read_public place:read hazard:read hazard:read_reporter hazard:oversee"
    " photo:read_original statement:read",
    "reviewer": "hazard:read hazard:arbitrate statement:read",
    "admin": "place:read unit:manage",
}


@pytest.mark.parametrize("role", Role)
def test_each_role_carries_exactly_what_the_domain_gives_it(role):
    assert GRANTED[role] == set(EXPECTED[role].split())


def test_the_grants_cannot_be_changed():
    with pytest.raises(TypeError):
        GRANTED[Role.WORKER] = frozenset(Permission)


def test_a_grant_holds_in_its_unit_and_below_and_nowhere_else():
    officer = Actor(1, "a", "甲", 3, (Grant(Role.OFFICER, 2), Grant(Role.WORKER, 9)))
    assert officer.can(Permission.HAZARD_TRIAGE, lineage=(1, 2))
    assert officer.can(Permission.HAZARD_TRIAGE, lineage=(1, 2, 3))
    assert not officer.can(Permission.HAZARD_TRIAGE, lineage=(1,))
    assert not officer.can(Permission.HAZARD_TRIAGE, lineage=(1, 22))
    assert not officer.can(Permission.HAZARD_TRIAGE, lineage=(1, 9))
    assert officer.units_where(Permission.HAZARD_TRIAGE) == {2}
    assert officer.units_where(Permission.HAZARD_SUBMIT) == {2, 9}
    assert officer.can_somewhere(Permission.HAZARD_TRIAGE)
    assert not officer.can_somewhere(Permission.UNIT_MANAGE)
    assert officer.holds(Role.OFFICER, lineage=(1, 2))
    assert not officer.holds(Role.OFFICER, lineage=(9,))
