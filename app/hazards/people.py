"""Who may be named as rectifier."""

from typing import Any

from sqlalchemy.orm import Session

from app.accounts.permissions import Role
from app.accounts.queries import Person, people_with_role
from app.core.errors import Fault, Invalid
from app.hazards.told import Told
from app.units.queries import Unit, enterprise_of, subtree

MAY_REPAIR = (Role.RECTIFIER, Role.OFFICER, Role.HEAD, Role.WORKER)


def rectifiers_for(session: Session, unit: Unit) -> list[Person]:
    """Everybody of the unit's enterprise whom an officer may name, rectifiers and officers first."""
    units = [u.id for u in subtree(session, [enterprise_of(session, unit).id])]
    by_trade = people_with_role(session, [Role.RECTIFIER, Role.OFFICER], unit_ids=units)
    known = {person.account_id for person in by_trade}
    others = people_with_role(session, MAY_REPAIR, unit_ids=units)
    return [*by_trade, *(person for person in others if person.account_id not in known)]


def named_rectifier(session: Session, told: Told, unit: Unit) -> dict[str, Any]:
    """The columns of the rectifier that was named: an account of the unit's enterprise, or a bare name.

    Raises:
        Invalid: no such account there.
    """
    if told.rectifier is None:
        return {"rectifier_id": None, "rectifier_name": told.rectifier_name}
    # Whoever cannot hand a repair in (an administrator, say) would leave the hazard stuck.
    person = next((p for p in rectifiers_for(session, unit) if p.login == told.rectifier), None)
    if person is None:
        raise Invalid(Fault("rectifier", "unknown_rectifier"))
    return {"rectifier_id": person.account_id, "rectifier_name": None}


def is_still_there(session: Session, account_id: int | None, unit: Unit) -> bool:
    """Whether this rectifier can still be given work; a person without an account always can."""
    return account_id is None or account_id in {person.account_id for person in rectifiers_for(session, unit)}
