"""The list of people, one person, and the form for a new one, as pages."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from flask import request, url_for
from flask_babel import gettext as _

from app.accounts.permissions import Role
from app.core.errors import NotFound
from app.edge.entrance import actor, runtime
from app.units.managing import managed_unit, managed_units
from app.units.queries import Unit
from app.units.staff import Member, member
from app.units.staff_lists import People, Wanted, people_of
from app.web.frames import ROLES, frame_of, reader
from app.web.pages.frame import Choice, FieldFault
from app.web.people import words
from app.web.people.pages import AddPage, HeldRole, PeopleGroup, PeoplePage, PersonLine, PersonPage, RoleChip
from app.web.times import moment

WORDS_MOST: Final = 60


def people_page() -> PeoplePage:
    """The people whom the reader manages, narrowed as the address says.

    Raises:
        NotFound: the unit is absent or not managed by the reader.
    """
    said = request.args
    who, means = actor(), runtime()
    role = said.get("role", "")
    only = said.get("only", "") if said.get("only") in {"waiting", "disabled"} else ""
    with means.db.read() as session:
        unit = managed_unit(session, said["unit"], by=who) if said.get("unit") else None
        wanted = Wanted(
            unit=unit,
            words=said.get("q", "").strip()[:WORDS_MOST] or None,
            role=Role(role) if role in set(Role) else None,
            only=only,
            after=said.get("after"),
        )
        found = people_of(session, wanted, by=who)
        units = managed_units(session, by=who)
    asked: dict[str, Any] = {name: said[name] for name in ("unit", "q", "role", "only") if said.get(name)}
    here: dict[str, Any] = {"unit": unit.code} if unit else {}
    return PeoplePage(
        frame=frame_of(current="people"),
        groups=_groups(found, at=means.now()),
        units=unit_choices(units, chosen=unit.code if unit else ""),
        roles=tuple(
            Choice(value=code, label=str(word), chosen=code == role) for code, word in words.ROLES.items()
        ),
        onlys=(
            Choice(value="", label=str(_("在用")), chosen=not only),
            Choice(value="waiting", label=str(_("还没登录过")), chosen=only == "waiting"),
            Choice(value="disabled", label=str(_("停用中")), chosen=only == "disabled"),
        ),
        words=wanted.words or "",
        is_narrowed=bool(asked),
        is_chosen=bool(asked.keys() - {"q"}),
        add_href=url_for("people.add", **here),
        import_href=url_for("people.upload"),
        links_href=url_for("people.links", **here),
        next_href=url_for("people.people", **asked, after=found.next) if found.next else "",
        first_href=url_for("people.people", **asked) if wanted.after else "",
    )


def unit_choices(units: Sequence[Unit], *, chosen: str = "") -> tuple[Choice, ...]:
    """The units as options; those below stand under those above."""
    shallowest = min((len(unit.lineage) for unit in units), default=0)
    return tuple(
        Choice(
            value=unit.code,
            label="　" * (len(unit.lineage) - shallowest) + unit.name,
            chosen=unit.code == chosen,
        )
        for unit in units
    )


def state_of(met: Member, *, at: datetime) -> str:
    """Where an account stands: disabled, active, waiting for its link to be used, or without a link that works."""
    if met.account.disabled_at is not None:
        return "disabled"
    if met.account.has_password:
        return "active"
    return "waiting" if met.link_expires_at is not None and met.link_expires_at > at else "uninvited"


def person_address(login: str) -> str:
    """Where a person's page is."""
    return url_for("people.person", login=login)


def _groups(found: People, *, at: datetime) -> tuple[PeopleGroup, ...]:
    grouped: dict[str, list[PersonLine]] = {}
    for met in found.members:
        home = met.home.name if met.home else str(_("外单位"))
        line = PersonLine(
            href=person_address(met.account.login),
            name=met.account.name,
            login=met.account.login,
            unit=home,
            roles=tuple(_role_words(met)),
            state=state_of(met, at=at),
        )
        grouped.setdefault(home, []).append(line)
    return tuple(PeopleGroup(unit=unit, people=tuple(lines)) for unit, lines in grouped.items())


def _role_words(met: Member) -> list[str]:
    """The roles; with the unit only where it is another than one's own."""
    return [
        str(words.ROLES[held.role])
        if met.home is not None and held.unit.id == met.home.id
        else str(ROLES[held.role]) % {"unit": held.unit.name}
        for held in met.roles
    ]


def person_page(login: str, *, faults: tuple[FieldFault, ...] = ()) -> PersonPage:
    """One person.

    Raises:
        NotFound: absent or foreign.
    """
    who, means = actor(), runtime()
    with means.db.read() as session:
        met = member(session, login, by=who)
        units = managed_units(session, by=who)
    state = state_of(met, at=means.now())
    until = met.link_expires_at if state == "waiting" else None
    account = met.account
    return PersonPage(
        frame=frame_of(current="people"),
        back_href=url_for("people.people"),
        name=account.name,
        login=account.login,
        unit=met.home.name if met.home else str(_("外单位")),
        state=state,
        link_until=moment(until, reader().home.zone, now=means.now()) if until else "",
        roles=tuple(
            HeldRole(
                role=str(words.ROLES[held.role]),
                unit=held.unit.name,
                end_href=url_for("people.leave", login=login, role=held.role, unit=held.unit.code),
            )
            for held in met.roles
        ),
        is_wholly_managed=met.is_wholly_managed,
        is_self=account.account_id == who.account_id,
        typed_name=request.form.get("name", account.name),
        role_choices=tuple(
            Choice(value=code, label=str(word), chosen=code == request.form.get("role"))
            for code, word in words.ROLES.items()
        ),
        unit_choices=unit_choices(units, chosen=request.form.get("unit", met.home.code if met.home else "")),
        home_choices=unit_choices(units, chosen=met.home.code if met.home else ""),
        actions=_actions(login, state),
        faults=faults,
    )


def _actions(login: str, state: str) -> dict[str, str]:
    named = {
        "invite": "people.invite",
        "reset": "people.reset",
        "rename": "people.rename",
        "grant": "people.grant",
        "leave": "people.leave",
        "enable": "people.enable",
    }
    found = {action: url_for(endpoint, login=login) for action, endpoint in named.items()}
    found["move"] = url_for("people.move", login=login)
    closed = {"active": {"invite", "enable"}, "disabled": {"invite", "reset", "leave", "move"}}
    for action in closed.get(state, {"reset", "enable"}):
        del found[action]
    return found


def add_page(*, faults: tuple[FieldFault, ...] = ()) -> AddPage:
    """The form for a new person.

    Raises:
        NotFound: the reader manages no unit.
    """
    said: Any = request.form if request.method == "POST" else request.args
    with runtime().db.read() as session:
        units = managed_units(session, by=actor())
    if not units:
        raise NotFound
    chosen = said.get("unit", units[0].code)
    ticked = request.form.getlist("role") if request.method == "POST" else [said.get("role", Role.WORKER)]
    return AddPage(
        frame=frame_of(current="people"),
        back_href=url_for("people.people"),
        login=said.get("login", ""),
        name=said.get("name", ""),
        units=unit_choices(units, chosen=chosen),
        roles=tuple(
            RoleChip(value=code, label=str(word), hint=str(words.ROLE_HINTS[code]), chosen=code in ticked)
            for code, word in words.ROLES.items()
        ),
        role_units=unit_choices(units, chosen=said.get("role_unit", "")),
        faults=faults,
    )
