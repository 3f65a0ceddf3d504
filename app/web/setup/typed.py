"""What is typed into the forms of the set-up: numbers, days and positions read, faults beside their inputs."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Final

from flask import Response, request

from app.core.errors import Fault, Forbidden, Invalid, NotFound, NotSignedIn, Problem
from app.edge.wording import sentence_of
from app.evidence.datums import Datum, degrees_in_wgs84
from app.units.geometry import Position
from app.units.outlines import corners_of
from app.web.answers import refused_answer
from app.web.forms import field_faults
from app.web.pages.frame import FieldFault
from app.web.setup import words

Form = Mapping[str, str]
_DIGITS_MOST: Final = 9
_LAT_MOST: Final = 90


def whole_number(form: Form, name: str) -> int | None:
    """The number typed, or None when nothing was.

    Raises:
        Invalid: no number.
    """
    typed = form.get(name, "").strip().replace(",", "").replace("，", "")
    if not typed:
        return None
    if not (typed.isascii() and typed.isdecimal() and len(typed) <= _DIGITS_MOST):
        raise Invalid(Fault(name, "not_a_number"))
    return int(typed)


def day(form: Form, name: str) -> date | None:
    """The day typed, or None when nothing was.

    Raises:
        Invalid: no day.
    """
    typed = form.get(name, "").strip()
    try:
        return date.fromisoformat(typed) if typed else None
    except ValueError as error:
        raise Invalid(Fault(name, "not_a_day")) from error


def positions(form: Form, name: str) -> tuple[Position, ...]:
    """The positions typed, one on each line, in WGS-84 whatever map they were read from.

    Raises:
        Invalid: a line that cannot be read, longitude before latitude, or no such datum.
    """
    try:
        typed = corners_of(form.get(name, ""))
    except Invalid as unread:
        code = "not_a_corner" if name == "corners" else "not_a_position"
        raise Invalid(*(Fault(name, code, fault.values) for fault in unread.faults)) from unread
    if any(abs(lat) > _LAT_MOST >= abs(lon) for lat, lon in typed):
        raise Invalid(Fault(name, "position_swapped"))
    if form.get("datum", Datum.WGS84) not in set(Datum):
        raise Invalid(Fault("datum", "not_a_choice"))
    datum = Datum(form.get("datum", Datum.WGS84))
    return tuple(degrees_in_wgs84(lat, lon, datum=datum) for lat, lon in typed)


def position(form: Form) -> tuple[float | None, float | None]:
    """The one position typed, or none.

    Raises:
        Invalid: as `positions`; more than one.
    """
    typed = positions(form, "position")
    if len(typed) > 1:
        raise Invalid(Fault("position", "not_a_position"))
    return typed[0] if typed else (None, None)


def faults_in(problem: Problem) -> tuple[FieldFault, ...]:
    """What a refusal says beside the inputs; a position is one input here, however its degrees failed."""
    if not isinstance(problem, Invalid):
        return field_faults(problem)
    return tuple(
        FieldFault(field=field, sentence=sentence_of(fault), label=str(words.LABELS.get(field, "")))
        for fault in problem.faults
        for field in ["position" if fault.field in {"lat", "lon"} else fault.field]
    )


def again(template: str, page_of: Callable[..., object]) -> Callable[..., Response | None]:
    """How a refused form is shown once more: its page with what was typed and the faults; None where in vain."""

    def show(problem: Problem, **view_args: Any) -> Response | None:
        if isinstance(problem, NotFound | NotSignedIn | Forbidden):
            return None
        page = page_of(**view_args, faults=faults_in(problem))
        return refused_answer(template, page, problem=problem)

    return show


def said(name: str, otherwise: str = "") -> str:
    """What this request's form says, else what is so now."""
    return request.form.get(name, otherwise) if request.method == "POST" else otherwise
