"""The record of changes in words: who, when, what, from what to what."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from flask import url_for
from flask_babel import LazyString
from flask_babel import gettext as _

from app.accounts.permissions import Role
from app.edge.entrance import actor, runtime
from app.edge.wording import CATEGORY_NAMES
from app.units.managing import managed_units
from app.units.record import Change, changes_made
from app.web.frames import ROLES, frame_of, reader
from app.web.pages.frame import Choice
from app.web.setup import words
from app.web.setup.pages import ChangedField, ChangeLine, ChangesPage
from app.web.times import typed

NUMBER_LONGEST: Final = 18


def changes_page(*, unit: str, kind: str, before: str) -> ChangesPage:
    """One page of the record; a `before` that is no number begins at the newest.

    Raises:
        NotFound: the unit is absent or not managed by the reader.
    """
    who = actor()
    kind = kind if kind in words.SUBJECTS else ""
    older_than = int(before) if before.isascii() and before.isdecimal() and len(before) <= NUMBER_LONGEST else None
    with runtime().db.read() as session:
        found = changes_made(session, by=who, unit_code=unit, kind=kind, before=older_than)
        units = managed_units(session, by=who)
    asked: dict[str, Any] = {name: said for name, said in (("unit", unit), ("kind", kind)) if said}
    return ChangesPage(
        frame=frame_of(current="setup"),
        back_href=url_for("setup.overview"),
        units=tuple(Choice(value=one.code, label=one.name, chosen=one.code == unit) for one in units),
        kinds=tuple(
            Choice(value=code, label=str(word), chosen=code == kind) for code, word in words.SUBJECTS.items()
        ),
        lines=tuple(_line(change) for change in found.items),
        older_href=url_for("setup.changes", **asked, before=found.older) if found.older else "",
        newest_href=url_for("setup.changes", **asked) if older_than is not None else "",
    )


def _line(change: Change) -> ChangeLine:
    fields = {**change.before, **change.after}
    return ChangeLine(
        at=typed(change.at, reader().home.zone).replace("T", " "),
        who=change.who or str(_("系统")),
        what=_sentence(change),
        unit=change.unit,
        fields=tuple(_field(name, change) for name in fields if name != "in_use"),
    )


def _sentence(change: Change) -> str:
    fields = {**change.before, **change.after}
    said = {"subject": words.SUBJECTS.get(change.kind, change.kind), "name": change.name}
    if change.after.get("in_use") is False:
        return str(_("停用了%(subject)s“%(name)s”", **said))
    if change.kind == "setting":
        return str(_("修改了“%(name)s”的设置", **said))
    if "scan_code_renewed" in fields:
        return str(_("换了%(subject)s“%(name)s”的二维码", **said))
    named = change.kind != "person" or "login" in fields  # a role given to somebody makes nobody
    if not change.before and named:
        return str(_("新建了%(subject)s“%(name)s”", **said))
    if not change.after and named:
        return str(_("取消了%(subject)s“%(name)s”", **said))
    return str(_("修改了%(subject)s“%(name)s”", **said))


def _field(name: str, change: Change) -> ChangedField:
    return ChangedField(
        label=str(words.FIELDS.get(f"{change.kind}.{name}", words.FIELDS.get(name, name))),
        before=_value(name, change.before),
        after=_value(name, change.after),
    )


def _value(name: str, side: Mapping[str, Any]) -> str:
    """One side of a change as people say it; what was not there is empty."""
    value = side.get(name)
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(_("是")) if value else str(_("否"))
    if name in _SPOKEN:
        return _SPOKEN[name](value)
    return _listed(str(one) for one in value) if isinstance(value, list) else str(value)


def _listed(them: Iterable[str]) -> str:
    return " · ".join(them) or str(_("没有"))


def _outline(corners: list[list[float]]) -> str:
    return str(_("%(count)s 个角点：%(corners)s", count=len(corners), corners="; ".join(map(_corner, corners))))


def _role(told: str) -> str:
    """`officer@HBJX-3` as 三号车间安全员 would be said, with the unit's code: the name may have changed since."""
    role, _at, unit = told.partition("@")
    return str(ROLES[Role(role)]) % {"unit": unit} if role in set(Role) else told


def _corner(corner: list[float]) -> str:
    return f"{corner[0]:.5f},{corner[1]:.5f}"


def _named(names: Mapping[str, LazyString]) -> Callable[[Any], str]:
    return lambda code: str(names.get(str(code), code))


_SPOKEN: Final[Mapping[str, Callable[[Any], str]]] = {
    "kind": _named(words.KINDS),
    "deadline_days": _named(words.DEADLINE_DAYS),
    "category": _named(CATEGORY_NAMES),
    "password": _named(words.PASSWORDS),
    "hidden_categories": lambda codes: _listed(str(CATEGORY_NAMES.get(code, code)) for code in codes),
    "corners": _outline,
    "role": _role,
    "roles": lambda told: _listed(_role(one) for one in str(told).split("、")),
}
"""Fields whose values are codes: how each is said."""
