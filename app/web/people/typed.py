"""What is typed into the people's forms, and a refused form shown once more."""

from collections.abc import Callable
from typing import Any

from flask import Response, request

from app.accounts.permissions import Role
from app.core.errors import Fault, Forbidden, Invalid, NotFound, NotSignedIn, Problem
from app.edge.wording import sentence_of
from app.units.staff import NewPerson
from app.web.answers import refused_answer
from app.web.forms import field_faults
from app.web.pages.frame import FieldFault
from app.web.people import words


def new_person() -> NewPerson:
    """The person that the form describes; every ticked role is held in the one unit that was chosen for roles.

    Raises:
        Invalid: a role that is none.
    """
    said = request.form
    unit = said.get("unit", "")
    roles = [role_in(code) for code in said.getlist("role")]
    return NewPerson(
        said.get("login", "").strip() or None,
        said.get("name", ""),
        unit,
        tuple((role, said.get("role_unit") or unit) for role in roles),
    )


def role_in(said: str) -> Role:
    """A role that was chosen.

    Raises:
        Invalid: none of the six.
    """
    if said not in set(Role):
        raise Invalid(Fault("role", "not_a_choice"))
    return Role(said)


def faults_in(problem: Problem) -> tuple[FieldFault, ...]:
    """What a refusal says beside the inputs, with these pages' words for them."""
    if not isinstance(problem, Invalid):
        return field_faults(problem)
    return tuple(
        FieldFault(field=f.field, sentence=sentence_of(f), label=str(words.LABELS.get(f.field, "")))
        for f in problem.faults
    )


def again(template: str, page_of: Callable[..., object]) -> Callable[..., Response | None]:
    """How a refused form is shown once more: its page with what was typed and the faults; None where in vain."""

    def show(problem: Problem, **view_args: Any) -> Response | None:
        if isinstance(problem, NotFound | NotSignedIn | Forbidden):
            return None
        page = page_of(**view_args, faults=faults_in(problem))
        return refused_answer(template, page, problem=problem)

    return show
