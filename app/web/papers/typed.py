"""What the forms of papers and the filters of the register say, read into values; faults beside their inputs."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

from marshmallow import ValidationError
from werkzeug.datastructures import MultiDict

from app.competition.reading import month_of_text
from app.core.errors import Fault, Invalid, Problem
from app.edge.fields import E, clean_text, limits_in_force
from app.edge.wording import sentence_of, title_of
from app.hazards.lifecycle import State
from app.hazards.words import Category
from app.papers.issuing import NoticeDraft
from app.papers.proofreading import Wording
from app.papers.register import RegisterFilter
from app.web.pages import FieldFault
from app.web.papers.words import LABELS

TEXT_LONGEST: Final = 200
REQUIREMENT_LONGEST: Final = 1_000
FILTERS: Final = ("state", "unit", "category", "from_month", "to_month")


def hazard_numbers(given: MultiDict[str, str]) -> tuple[str, ...]:
    """The hazards named by `hazard`, repeated or with commas (an address of two hundred would be too long)."""
    return tuple(number for text in given.getlist("hazard") for number in text.replace(",", " ").split())


def _text(form: Mapping[str, str], name: str, *, limit: int, faults: list[Fault], required: bool = False) -> str:
    try:
        text = clean_text(form.get(name, ""), limit=limit, lines=True)
    except ValidationError as refusal:
        code, _separator, most = str(refusal.messages[0]).partition(":")
        faults.append(Fault(name, code, {"limit": most} if most else {}))
        return ""
    if required and not text:
        faults.append(Fault(name, "required"))
    return text


def _day(form: Mapping[str, str], name: str, *, faults: list[Fault]) -> date:
    try:
        return date.fromisoformat(form.get(name, ""))
    except ValueError:
        faults.append(Fault(name, "not_a_day" if form.get(name) else "required"))
        return date.min


def _draft_id(form: Mapping[str, str]) -> str:
    """The form's own name; a form without one is a new one."""
    try:
        return str(uuid.UUID(form.get("draft_id", "")))
    except ValueError:
        return str(uuid.uuid4())


def _inspectors(form: Mapping[str, str], *, faults: list[Fault]) -> tuple[str, str]:
    first = _text(form, "inspector_1", limit=TEXT_LONGEST, faults=faults, required=True)
    return first, _text(form, "inspector_2", limit=TEXT_LONGEST, faults=faults)


def notice_draft(form: MultiDict[str, str]) -> NoticeDraft:
    """What the form of a notice says.

    Raises:
        Invalid: with every fault.
    """
    faults: list[Fault] = []
    numbers = hazard_numbers(form)
    bases = {n: _text(form, f"basis-{n}", limit=TEXT_LONGEST, faults=faults) for n in numbers}
    common = _text(form, "basis", limit=TEXT_LONGEST, faults=faults)
    wording = _wording(form, numbers, faults=faults)
    draft = NoticeDraft(
        draft_id=_draft_id(form),
        numbers=numbers,
        requirement=_text(form, "requirement", limit=REQUIREMENT_LONGEST, faults=faults, required=True),
        reinspection_on=_day(form, "reinspection_on", faults=faults),
        inspectors=_inspectors(form, faults=faults),
        bases={number: text or common for number, text in bases.items()},
        wording=wording,
    )
    if faults:
        raise Invalid(*faults)
    return draft


def _wording(form: Mapping[str, str], numbers: Sequence[str], *, faults: list[Fault]) -> Wording:
    """How the form rewords each hazard; an input that it does not have rewords nothing."""

    def said(part: str, limit: int, *, required: bool) -> dict[str, str]:
        names = {number: f"{part}-{number}" for number in numbers if f"{part}-{number}" in form}
        return {n: _text(form, name, limit=limit, faults=faults, required=required) for n, name in names.items()}

    limits = limits_in_force()
    return Wording(
        problems=said("problem", limits.description, required=True),
        measures=said("measures", limits.text, required=True),
        places=said("where", limits.text, required=True),
    )


def opinion_draft(form: MultiDict[str, str]) -> tuple[str, tuple[str, str]]:
    """The form's name and the inspectors of an opinion.

    Raises:
        Invalid: with every fault.
    """
    faults: list[Fault] = []
    inspectors = _inspectors(form, faults=faults)
    if faults:
        raise Invalid(*faults)
    return _draft_id(form), inspectors


def register_filter(given: Mapping[str, str]) -> RegisterFilter:
    """What the register is narrowed by; what is left open narrows nothing.

    Raises:
        Invalid: a word or a month that cannot be read.
    """
    return RegisterFilter(
        state=_word(given, "state", State),
        unit_code=given.get("unit") or None,
        category=_word(given, "category", Category),
        from_month=_month(given, "from_month"),
        to_month=_month(given, "to_month"),
    )


def _word(given: Mapping[str, str], name: str, vocabulary: type[E]) -> E | None:
    if not given.get(name):
        return None
    try:
        return vocabulary(given[name])
    except ValueError as error:
        raise Invalid(Fault(name, "not_a_choice")) from error


def _month(given: Mapping[str, str], name: str) -> date | None:
    if not given.get(name):
        return None
    try:
        return month_of_text(given[name])
    except Invalid as error:
        raise Invalid(Fault(name, "not_a_month")) from error


def faults_of(problem: Problem) -> tuple[FieldFault, ...]:
    """What a refusal says beside the inputs."""
    if not isinstance(problem, Invalid):
        return (FieldFault(field="", sentence=title_of(problem)),)
    return tuple(
        FieldFault(field=fault.field, sentence=sentence_of(fault), label=_label(fault.field))
        for fault in problem.faults
    )


def _label(name: str) -> str:
    return str(LABELS.get(name) or LABELS.get(name.partition("-")[0], ""))
