"""The inputs of a move's form, read off the lifecycle table: a new move gets its form by having fields."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from flask_babel import gettext as _
from flask_babel import ngettext

from app.accounts.queries import Person
from app.edge.entrance import actor, runtime
from app.hazards.candidates import likely_masters, receiving_units
from app.hazards.case import Case, find_case
from app.hazards.deadlines import CHOICES, DEFAULT_DAYS, LONGEST
from app.hazards.lifecycle import TABLE, Action, Move
from app.hazards.people import rectifiers_for
from app.hazards.views import HazardLine, HazardView
from app.hazards.words import Level, ReportedTo
from app.units.queries import Unit
from app.web import act_words, words
from app.web.offered import offered_categories
from app.web.pages import Choice, HazardCard, Input
from app.web.present_deadline import counting_note
from app.web.present_pieces import card_of
from app.web.times import typed

Form = Mapping[str, str]
ORDER: Final = (
    "decision", "reason", "to", "on", "level", "category", "factor", "unit", "master", "rectifier",
    "measures", "done", "finished_at", "cost", "conclusion", "document", "text", "deadline",
    "funds", "emergency_plan", "interim_control",
)  # fmt: skip
"""In which order a form asks; a field that is not named here comes last, as a text."""
KINDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "decision": "radios",
        "reason": "radios",
        "to": "radios",
        "level": "radios",
        "factor": "radios",
        "category": "select",
        "unit": "select",
        "master": "master",
        "rectifier": "rectifier",
        "deadline": "deadline",
        "finished_at": "moment",
        "on": "day",
        "cost": "money",
        "document": "document",
    }
)
"""How a field is asked; the others are texts."""
_BESIDE: Final = frozenset({"rectifier_name"})
"""Asked together with another field."""
_DAYS: Final = tuple(str(days) for days in CHOICES if days)
_USUAL_DAYS: Final[Mapping[Action, str]] = MappingProxyType({Action.ACCEPT: str(DEFAULT_DAYS)})
_REPAIR_AGAIN_DAYS: Final = "3"


@dataclass(frozen=True)
class Offers:
    """What the database has to choose from for one move."""

    people: tuple[Person, ...] = ()
    units: tuple[Unit, ...] = ()
    masters: tuple[HazardLine, ...] = ()


def offers_for(view: HazardView, action: Action) -> Offers:
    """Whom, where to and into which hazard, as far as the move asks for it."""
    asked, by, at = TABLE[action].fields, actor(), runtime().now()
    with runtime().db.read() as session:
        case: Case = find_case(session, view.number, by=by)
        return Offers(
            people=tuple(rectifiers_for(session, view.unit)) if "rectifier" in asked else (),
            units=receiving_units(session, case, by=by) if "unit" in asked else (),
            masters=likely_masters(session, case.hazard, by=by, at=at) if "master" in asked else (),
        )


def inputs_of(view: HazardView, action: Action, form: Form, offers: Offers) -> tuple[Input, ...]:
    """Every input of the move but those that only a major hazard needs."""
    move = TABLE[action]
    names = [name for name in move.fields if name not in _BESIDE and name not in move.major_needs]
    names.sort(key=lambda name: ORDER.index(name) if name in ORDER else len(ORDER))
    return tuple(_input(view, move, name, form, offers) for name in names)


def major_inputs(view: HazardView, action: Action, form: Form) -> tuple[Input, ...]:
    """What a major hazard needs beside: the rest of 五落实, and interim control."""
    move = TABLE[action]
    return tuple(_input(view, move, name, form, Offers(), required=False) for name in move.major_needs)


def _input(
    view: HazardView, move: Move, name: str, form: Form, offers: Offers, *, required: bool | None = None
) -> Input:
    kind = KINDS.get(name, "area")
    needed = name in move.needs or any(name in group for group in move.one_of)
    built = Input(
        name=name,
        kind=kind,
        label=act_words.of_move(act_words.LABELS, move.action, name) or str(words.FACTS.get(name, name)),
        hint=act_words.of_move(act_words.HINTS, move.action, name),
        placeholder=act_words.of_move(act_words.PLACEHOLDERS, move.action, name),
        value=form.get(name, ""),
        required=needed if required is None else required,
        limit=runtime().settings.limits.text,
    )
    more = _MORE.get(name)
    return built if more is None else more(built, view, move, form, offers)


def _with(built: Input, **more: object) -> Input:
    return Input(**{**vars(built), **more})


def _chosen(pairs: Mapping[str, object], value: str) -> tuple[Choice, ...]:
    return tuple(Choice(value=code, label=str(word), chosen=code == value) for code, word in pairs.items())


def _decision(built: Input, _view: HazardView, move: Move, form: Form, _offers: Offers) -> Input:
    ways = {way: words.DECISIONS[way] for way in move.targets}
    return _with(built, choices=_chosen(ways, form.get("decision", "")))


def _reason(built: Input, _view: HazardView, _move: Move, form: Form, _offers: Offers) -> Input:
    return _with(built, choices=_chosen(words.REJECT_REASONS, form.get("reason", "")))


def _to(built: Input, view: HazardView, _move: Move, form: Form, _offers: Offers) -> Input:
    lacking = next((to for to in ReportedTo if to not in view.dual_reports), ReportedTo.REGULATOR)
    return _with(built, choices=_chosen(words.REPORTED_TO, form.get("to", lacking)))


def _level(built: Input, _view: HazardView, _move: Move, form: Form, _offers: Offers) -> Input:
    return _with(built, choices=_chosen(words.LEVELS, form.get("level", Level.GENERAL)))


def _factor(built: Input, view: HazardView, _move: Move, form: Form, _offers: Offers) -> Input:
    return _with(built, choices=_chosen(words.FACTORS, form.get("factor", view.factor or "")))


def _category(built: Input, view: HazardView, _move: Move, form: Form, _offers: Offers) -> Input:
    chosen = form.get("category", view.category or "")
    with runtime().db.read() as session:
        shown = offered_categories(session, view.unit, keep=[chosen, view.category or ""])
    return _with(built, choices=_chosen({code: words.CATEGORIES[code] for code in shown}, chosen))


def _unit(built: Input, _view: HazardView, _move: Move, form: Form, offers: Offers) -> Input:
    names = {unit.id: unit.name for unit in offers.units}

    def label(unit: Unit) -> str:
        above = [names[step] for step in unit.lineage[:-1] if step in names]
        return " / ".join([*above, unit.name])

    named = {unit.code: label(unit) for unit in offers.units}
    return _with(built, choices=_chosen(named, form.get("unit", "")))


def _master(built: Input, _view: HazardView, _move: Move, form: Form, offers: Offers) -> Input:
    chosen = form.get("master", "")
    return _with(built, cards=cards_of(offers.masters, chosen=chosen), second=form.get("master_typed", ""))


def cards_of(lines: tuple[HazardLine, ...], *, chosen: str = "") -> tuple[HazardCard, ...]:
    """Hazards to choose from, with their pictures."""
    at = runtime().now()
    return tuple(card_of(line, href="", at=at, current=line.number == chosen) for line in lines)


def _rectifier(built: Input, _view: HazardView, _move: Move, form: Form, offers: Offers) -> Input:
    named = {person.login: person.name for person in offers.people}
    return _with(built, choices=_chosen(named, form.get("rectifier", "")), second=form.get("rectifier_name", ""))


def _deadline(built: Input, view: HazardView, move: Move, form: Form, _offers: Offers) -> Input:
    """Choices for a general hazard; of a major one, and of an extension, the day and hour are typed."""
    if move.action is Action.REQUEST_EXTENSION or view.level is Level.MAJOR:
        most = LONGEST[view.level or Level.GENERAL]
        now = typed(view.deadline, view.unit.zone) if view.deadline else ""
        asks = move.action is Action.REQUEST_EXTENSION
        return _with(
            built,
            value=form.get("deadline", now if asks else ""),
            hint=str(_("从今天算起最多 %(days)s 天", days=most)),
        )
    usual = _USUAL_DAYS.get(move.action, _REPAIR_AGAIN_DAYS)
    at_once = ("0",) if move.action is Action.ACCEPT else ()
    named: dict[str, object] = {days: _days_word(days) for days in (*at_once, *_DAYS)} | {"": _("自定")}
    chosen, note = form.get("deadline_days", usual), counting_note(view.unit, at=runtime().now())
    hint = str(_("选“自定”时填写，最长 30 天"))
    return _with(built, choices=_chosen(named, chosen), second=chosen, hint=hint, note=note)


def _days_word(days: str) -> str:
    return str(_("2 小时内") if days == "0" else ngettext("%(num)s 天", "%(num)s 天", int(days)))


def _finished(built: Input, view: HazardView, _move: Move, form: Form, _offers: Offers) -> Input:
    now = typed(runtime().now(), view.unit.zone)
    return _with(built, value=form.get("finished_at", now), is_now="finished_at" not in form)


def _on(built: Input, view: HazardView, _move: Move, form: Form, _offers: Offers) -> Input:
    today = runtime().now().astimezone(view.unit.zone).date().isoformat()
    return _with(built, value=form.get("on", today), second=today)


_More = Callable[[Input, HazardView, Move, Form, Offers], Input]
_MORE: Final[Mapping[str, _More]] = MappingProxyType(
    {
        "decision": _decision,
        "reason": _reason,
        "to": _to,
        "level": _level,
        "factor": _factor,
        "category": _category,
        "unit": _unit,
        "master": _master,
        "rectifier": _rectifier,
        "deadline": _deadline,
        "finished_at": _finished,
        "on": _on,
    }
)
"""What a field's input needs beside its words."""
