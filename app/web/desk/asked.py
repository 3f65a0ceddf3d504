"""What an address of the desk asks for: a group, words, filters, a page; and addresses for something else."""

from datetime import datetime
from typing import Any, Final

from flask import request, url_for
from flask_babel import gettext as _

from app.core.errors import Fault, Invalid
from app.edge.entrance import runtime
from app.hazards.desk import Mark
from app.hazards.desk_filters import AGES, DeskFilter, Offered, offered_to
from app.hazards.desk_groups import Urgency
from app.hazards.words import Category, Level
from app.web import words
from app.web.desk.words import FILTERS
from app.web.frames import DESK_LINES, Reader
from app.web.pages import Choice
from app.web.pages.desk import FilterSelect, Narrowing

_FILTERS: Final = ("unit", "category", "level", "place", "rectifier", "older", "supervised")
_FREE: Final = frozenset({"unit", "place", "rectifier"})
"""Filters that take any code or name; what is there for nobody finds nothing."""
_LONGEST: Final = 64


def _said(name: str) -> str:
    return request.args.get(name, "").strip()[:_LONGEST]


def _asked_now() -> dict[str, str]:
    return {name: _said(name) for name in ("only", *_FILTERS)} | {"q": words_asked()}


def address(**changes: str | None) -> str:
    """The desk as it is asked for now, but for these; None takes one away."""
    told: dict[str, Any] = {name: value for name, value in {**_asked_now(), **changes}.items() if value}
    return url_for("officer.desk", **told)


def address_beside(number: str) -> str:
    """A ticket beside the list as it is asked for now: whoever opens one does not lose sight of the others."""
    asked = {**_asked_now(), "cursor": request.args.get("cursor", "")}
    told: dict[str, Any] = {name: value for name, value in asked.items() if value}
    return url_for("officer.ticket", number=number, **told)


def words_asked() -> str:
    """What is sought; empty for nothing."""
    return request.args.get("q", "").strip()


def group_asked() -> str:
    """The group that is shown alone; empty for all."""
    only = request.args.get("only", "")
    return only if only in DESK_LINES else ""


def filter_asked() -> DeskFilter:
    """The filters; a word that is none of the offered narrows nothing."""
    category, level, older = _said("category"), _said("level"), _said("older")
    return DeskFilter(
        unit=_said("unit") or None,
        category=Category(category) if category in set(Category) else None,
        level=Level(level) if level in set(Level) else None,
        place=_said("place") or None,
        rectifier=_said("rectifier") or None,
        older_than_days=int(older) if older in {str(days) for days in AGES} else None,
        supervised=_said("supervised") == "1",
    )


def mark_of(mark: Mark) -> tuple[str, str, str]:
    """A mark as texts to be sealed."""
    return mark.group, mark.due.isoformat(), mark.number


def mark_asked(parts: tuple[str, ...] | None) -> Mark | None:
    """The mark that was sealed.

    Raises:
        Invalid: it was none.
    """
    if parts is None:
        return None
    group, due, number = parts
    try:
        return Mark(Urgency(group), datetime.fromisoformat(due), number)
    except ValueError as error:
        raise Invalid(Fault("cursor", "not_a_cursor")) from error


def narrowing_of(who: Reader) -> Narrowing | None:
    """The filter's form; None for whoever commands nothing: a handful of own tasks needs none."""
    if not (who.accepts or who.oversees_only):
        return None
    with runtime().db.read() as session:
        offered = offered_to(session, by=who.actor)
    every = _selects(offered)
    selects = tuple(group for group in every if len(group.choices) > 2)  # noqa: PLR2004  # "all" and one
    chosen = [said for group in every if (said := _chosen_in(group))]
    supervised = filter_asked().supervised
    if supervised:
        chosen.append(str(words.STATES["supervised"].word))
    return Narrowing(
        selects=selects,
        supervised=supervised,
        said=str(_("、")).join(chosen),
        kept=tuple((name, value) for name, value in (("only", group_asked()), ("q", words_asked())) if value),
        clear_href=address(cursor=None, **dict.fromkeys(_FILTERS)),
    )


def _chosen_in(group: FilterSelect) -> str:
    """What narrows, in words: also what is not offered, as an old link may ask for it."""
    label = next((choice.label for choice in group.choices if choice.chosen and choice.value), "")
    return label or (_said(group.name) if group.name in _FREE else "")


def _selects(offered: Offered) -> tuple[FilterSelect, ...]:
    shown = {*offered.categories, _said("category")}
    return (
        _select("unit", [(unit.code, unit.name) for unit in offered.units]),
        _select("category", [(c, str(w)) for c, w in words.CATEGORIES.items() if c in shown]),
        _select("level", [(code, str(word)) for code, word in words.LEVELS.items()]),
        _select("place", [(place.code, place.name) for place in offered.places]),
        _select("rectifier", list(offered.rectifiers)),
        _select("older", [(str(days), str(_("上报超过 %(days)s 天", days=days))) for days in AGES]),
    )


def _select(name: str, pairs: list[tuple[str, str]]) -> FilterSelect:
    now = _said(name)
    every = Choice(value="", label=str(_("全部")), chosen=not now)
    return FilterSelect(
        name=name,
        word=str(FILTERS[name]),
        choices=(every, *(Choice(value=value, label=label, chosen=value == now) for value, label in pairs)),
    )
