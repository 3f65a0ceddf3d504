"""The pages of what a unit decides for itself."""

from flask import request
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.edge.entrance import actor, runtime
from app.edge.wording import CATEGORY_NAMES
from app.units.choosing import ALWAYS_SHOWN, own_choices
from app.units.managing import managed_unit
from app.units.queries import Unit, unit_by_id
from app.units.settings import UnitSettings, settings_of
from app.web.frames import frame_of
from app.web.pages.frame import Choice, FieldFault
from app.web.setup import words
from app.web.setup.pages import CategoriesPage, CategoryTick, FormPage, Input
from app.web.setup.present_units import unit_address
from app.web.setup.typed import said


def _above(session: Session, unit: Unit) -> tuple[str, UnitSettings]:
    """Whose choices hold when this unit makes none, and which they are."""
    if unit.parent_id is None:
        return "", UnitSettings()
    parent = unit_by_id(session, unit.parent_id)
    return parent.name, settings_of(session, parent)


def categories_page(code: str, *, faults: tuple[FieldFault, ...] = ()) -> CategoriesPage:
    """Every category with a box: ticked ones are offered."""
    with runtime().db.read() as session:
        unit = managed_unit(session, code, by=actor())
        now, own = settings_of(session, unit), own_choices(session, unit)
        above, _settings = _above(session, unit)
    posted = request.method == "POST"
    shown = set(request.form.getlist("shown")) if posted else CATEGORY_NAMES.keys() - set(now.hidden_categories)
    return CategoriesPage(
        frame=frame_of(current="setup"),
        unit=unit.name,
        back_href=unit_address(unit.code),
        action=request.path,
        follows=(request.form.get("follows") == "1") if posted else "hidden_categories" not in own,
        above=above,
        may_follow=bool(above),
        ticks=tuple(
            CategoryTick(
                code=one, name=str(word), shown=one in shown or one == ALWAYS_SHOWN, fixed=one == ALWAYS_SHOWN
            )
            for one, word in CATEGORY_NAMES.items()
        ),
        faults=faults,
    )


def deadlines_page(code: str, *, faults: tuple[FieldFault, ...] = ()) -> FormPage:
    """Calendar or working days, or as the unit above."""
    with runtime().db.read() as session:
        unit = managed_unit(session, code, by=actor())
        own = own_choices(session, unit)
        above, settings = _above(session, unit)
    chosen = said("deadline_days", str(own.get("deadline_days", "" if above else settings.deadline_days)))
    inherited = str(words.DEADLINE_DAYS[settings.deadline_days])
    follow = Choice(
        value="", label=str(_("随%(above)s（%(days)s）", above=above, days=inherited)), chosen=not chosen
    )
    choices = (
        *([follow] if above else []),
        *(Choice(value=way, label=str(word), chosen=way == chosen) for way, word in words.DEADLINE_DAYS.items()),
    )
    said_how = (
        _("%(what)s：%(hint)s。", what=words.DEADLINE_DAYS[way], hint=hint)
        for way, hint in words.DEADLINE_HINTS.items()
    )
    return FormPage(
        frame=frame_of(current="setup"),
        title=str(_("整改期限怎么算")),
        about=unit.name,
        back_href=unit_address(unit.code),
        action=request.path,
        button=str(_("保存")),
        hint="".join(map(str, said_how)) + str(_("已经定下的期限不变。")),
        inputs=(
            Input(name="deadline_days", kind="radios", label=str(words.LABELS["deadline_days"]), choices=choices),
        ),
        faults=faults,
    )
