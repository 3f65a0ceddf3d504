"""Routes of people: the list, one person, a new one, leaving a duty."""

from flask import Response, flash, request

from app.accounts.permissions import Permission
from app.edge.entrance import actor, needs, runtime
from app.hazards.leaving import disable_person, end_role, move_person
from app.units.staff import enable_person, grant_role, invite_person, make_person, rename_person, reset_password
from app.web.again import shown_again
from app.web.answers import page_answer, see_other
from app.web.people.blueprint import pages
from app.web.people.present_leave import asked_role, heirs_of_form, leave_page, move_page
from app.web.people.present_links import link_page
from app.web.people.present_people import add_page, people_page, person_address, person_page
from app.web.people.typed import again, new_person, role_in

LIST, PERSON, ADD = "people/people.html", "people/person.html", "people/add.html"
LINK, LEAVE = "people/link.html", "people/leave.html"


@pages.get("")
@needs(Permission.UNIT_MANAGE)
def people() -> Response:
    """The people of one's units."""
    return page_answer(LIST, people_page())


@pages.get("/add")
@needs(Permission.UNIT_MANAGE)
def add() -> Response:
    """The form for a new person."""
    return page_answer(ADD, add_page())


@pages.post("/add")
@needs(Permission.UNIT_MANAGE)
@shown_again(again(ADD, add_page))
def make() -> Response:
    """Make a person; the answer is the one-time link, which is shown nowhere else."""
    means = runtime()
    login, link = make_person(new_person(), by=actor(), at=means.now(), db=means.db)
    return page_answer(LINK, link_page(login, link))


@pages.get("/person/<login>")
@needs(Permission.UNIT_MANAGE)
def person(login: str) -> Response:
    """One person."""
    return page_answer(PERSON, person_page(login))


@pages.post("/person/<login>/invite")
@needs(Permission.UNIT_MANAGE)
@shown_again(again(PERSON, person_page))
def invite(login: str) -> Response:
    """A fresh one-time link; the one before is dead."""
    means = runtime()
    link = invite_person(login, by=actor(), at=means.now(), db=means.db)
    return page_answer(LINK, link_page(login, link))


@pages.post("/person/<login>/reset")
@needs(Permission.UNIT_MANAGE)
@shown_again(again(PERSON, person_page))
def reset(login: str) -> Response:
    """Forget the password and show a one-time link to choose another."""
    means = runtime()
    link = reset_password(login, by=actor(), at=means.now(), db=means.db)
    return page_answer(LINK, link_page(login, link))


@pages.post("/person/<login>/name")
@needs(Permission.UNIT_MANAGE)
@shown_again(again(PERSON, person_page))
def rename(login: str) -> Response:
    """Call a person otherwise."""
    means = runtime()
    rename_person(login, request.form.get("name", ""), by=actor(), at=means.now(), db=means.db)
    flash("person_renamed")
    return see_other(person_address(login))


@pages.post("/person/<login>/roles")
@needs(Permission.UNIT_MANAGE)
@shown_again(again(PERSON, person_page))
def grant(login: str) -> Response:
    """Give a role."""
    means, said = runtime(), request.form
    role = role_in(said.get("role", ""))
    grant_role(login, role, said.get("unit", ""), by=actor(), at=means.now(), db=means.db)
    flash("role_granted")
    return see_other(person_address(login))


@pages.post("/person/<login>/enable")
@needs(Permission.UNIT_MANAGE)
@shown_again(again(PERSON, person_page))
def enable(login: str) -> Response:
    """Open a disabled account again."""
    means = runtime()
    enable_person(login, by=actor(), at=means.now(), db=means.db)
    flash("person_enabled")
    return see_other(person_address(login))


@pages.get("/person/<login>/leave")
@needs(Permission.UNIT_MANAGE)
def leave(login: str) -> Response:
    """What disabling a person, or ending a role, would leave behind."""
    return page_answer(LEAVE, leave_page(login))


@pages.post("/person/<login>/leave")
@needs(Permission.UNIT_MANAGE)
@shown_again(again(LEAVE, leave_page))
def left(login: str) -> Response:
    """Disable, or end a role, and hand over."""
    means, heirs = runtime(), heirs_of_form()
    role, unit = asked_role()
    if role is None:
        disable_person(login, heirs, by=actor(), at=means.now(), db=means.db)
    else:
        end_role(login, role, unit, heirs, by=actor(), at=means.now(), db=means.db)
    flash("person_disabled" if role is None else "role_ended")
    return see_other(person_address(login))


@pages.get("/person/<login>/move")
@needs(Permission.UNIT_MANAGE)
def move(login: str) -> Response:
    """What moving a person to another unit would leave behind."""
    return page_answer(LEAVE, move_page(login))


@pages.post("/person/<login>/move")
@needs(Permission.UNIT_MANAGE)
@shown_again(again(LEAVE, move_page))
def moved(login: str) -> Response:
    """Move a person, and hand over."""
    means, unit = runtime(), request.args.get("unit", "")
    move_person(login, unit, heirs_of_form(), by=actor(), at=means.now(), db=means.db)
    flash("person_moved")
    return see_other(person_address(login))
