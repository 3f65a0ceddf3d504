"""The routing rules as pages."""

from collections.abc import Iterable, Sequence

from flask import request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.edge.entrance import actor, runtime
from app.hazards.routing_facts import rule_surroundings
from app.units.areas import areas_in
from app.units.managing import managed_unit, managed_units
from app.units.queries import Unit, places_in, subtree, unit_by_id, units_by_id
from app.units.rules import flaw_of, in_order
from app.units.ruling import managed_rule, officers_over
from app.units.settings import settings_of
from app.units.surroundings import RuleFact, Surroundings
from app.web import words
from app.web.frames import frame_of
from app.web.pages import Choice, ChoiceGroup, FieldFault
from app.web.rule_words import asks_line, flaw_line
from app.web.rules.pages import RemovePage, RuleForm, RuleGroup, RuleLine, RulesPage


def rules_page() -> RulesPage:
    """Every rule of the units the reader manages, in the order of the tree and of each unit."""
    with runtime().db.read() as session:
        units = managed_units(session, by=actor())
        # A retired unit's rules are still shown, broken, until somebody removes them.
        every = subtree(session, [unit.id for unit in units])
        around = rule_surroundings(session, [unit.id for unit in every])
    groups = tuple(_group(unit, around) for unit in every if any(r.unit_id == unit.id for r in around.rules))
    named = {group.code for group in groups}
    return RulesPage(
        frame=frame_of(current="rules"),
        groups=groups,
        bare=tuple(Choice(value=unit.code, label=unit.name) for unit in units if unit.code not in named),
        broken=sum(1 for group in groups for line in group.rules if line.flaw and line.on),
        make_href=url_for("rules.new"),
        try_href=url_for("rules.try_out"),
    )


def _group(unit: Unit, around: Surroundings) -> RuleGroup:
    rules = in_order(rule for rule in around.rules if rule.unit_id == unit.id)
    lines = [_line(rule, around) for rule in rules]
    return RuleGroup(
        code=unit.code,
        unit=unit.name,
        rules=_ended(lines),
        otherwise=_otherwise(unit, around),
        make_href=url_for("rules.new", unit=unit.code),
    )


def _otherwise(unit: Unit, around: Surroundings) -> str:
    here = [officer.name for officer in around.officers if officer.unit_id == unit.id]
    if here:
        return str(_("以上都不适用时，派给本单位安全员：%(names)s", names=str(_("、")).join(here)))
    return str(_("以上都不适用时，本单位没有安全员，报到上级。"))


def _ended(lines: Sequence[RuleLine]) -> tuple[RuleLine, ...]:
    last = len(lines) - 1
    return tuple(RuleLine(**{**vars(line), "first": n == 0, "last": n == last}) for n, line in enumerate(lines))


def _line(rule: RuleFact, around: Surroundings) -> RuleLine:
    flaw = flaw_of(rule, around)
    return RuleLine(
        key=rule.key,
        position=rule.position,
        asks=asks_line(rule.category or "", rule.spot),
        officer=rule.officer,
        on=rule.on,
        flaw=flaw_line(flaw, officer=rule.officer, unit=_name(rule.unit_id, around)) if flaw else "",
        edit_href=url_for("rules.edit", key=rule.key),
        move_href=url_for("rules.move", key=rule.key),
        switch_href=url_for("rules.switch", key=rule.key),
        remove_href=url_for("rules.removal", key=rule.key),
    )


def _name(unit_id: int, around: Surroundings) -> str:
    return next(unit.name for unit in around.units if unit.id == unit_id)


def new_form(unit_code: str, *, faults: tuple[FieldFault, ...] = ()) -> RuleForm:
    """The form of a new rule of this unit, or of the highest one the reader manages.

    Raises:
        NotFound: the unit is absent or not managed by the reader.
    """
    with runtime().db.read() as session:
        code = unit_code or managed_units(session, by=actor())[0].code
        unit = managed_unit(session, code, by=actor())
        return _form(session, unit, action=url_for("rules.make", unit=unit.code), faults=faults)


def edit_form(key: str, *, faults: tuple[FieldFault, ...] = ()) -> RuleForm:
    """The form of a rule that is there.

    Raises:
        NotFound: absent, or of a unit the reader does not manage.
    """
    with runtime().db.read() as session:
        unit_id = managed_rule(session, key, by=actor()).unit_id
        around = rule_surroundings(session, [unit_id])
        rule = next(one for one in around.rules if one.key == key)
        action = url_for("rules.change", key=key)
        return _form(session, unit_by_id(session, unit_id), action=action, rule=rule, around=around, faults=faults)


def _form(
    session: Session,
    unit: Unit,
    *,
    action: str,
    rule: RuleFact | None = None,
    around: Surroundings | None = None,
    faults: tuple[FieldFault, ...] = (),
) -> RuleForm:
    hidden = settings_of(session, unit).hidden_categories
    people = officers_over(session, unit)
    homes = units_by_id(session, [person.unit_id for person in people])
    category, spot, officer_id = _said(rule)
    flaw = flaw_of(rule, around) if rule and around else None
    sent = request.form
    return RuleForm(
        frame=frame_of(current="rules"),
        action=action,
        unit=unit.name,
        categories=tuple(
            Choice(value=code, label=str(word), chosen=code == sent.get("category", category))
            for code, word in words.CATEGORIES.items()
            if code not in hidden
        ),
        spots=_spots(session, unit, chosen=sent.get("spot", spot)),
        officers=tuple(
            Choice(
                value=person.login,
                label=f"{person.name} · {homes[person.unit_id].name}",
                chosen=person.login == sent["officer"] if "officer" in sent else person.account_id == officer_id,
            )
            for person in people
        ),
        back_href=url_for("rules.rules"),
        add_href=url_for("people.add", unit=unit.code),
        is_new=rule is None,
        position=rule.position if rule else 0,
        gone=flaw_line(flaw, officer=rule.officer, unit=unit.name) if rule and flaw else "",
        faults=faults,
    )


def _said(rule: RuleFact | None) -> tuple[str, str, int | None]:
    if rule is None:
        return "", "", None
    spot = f"place:{rule.place.code}" if rule.place else f"area:{rule.area.key}" if rule.area else ""
    return rule.category or "", spot, rule.account_id


def _spots(session: Session, unit: Unit, *, chosen: str) -> tuple[ChoiceGroup, ...]:
    """The areas and places of the unit and of everything below it."""
    below = {one.id: one for one in subtree(session, [unit.id]) if not one.retired}
    areas, places = areas_in(session, list(below)), places_in(session, [unit.id])
    groups = [_group_of(str(_("区域")), ((f"area:{it.key}", it.name) for it in areas), chosen)]
    for one in below.values():
        here = ((f"place:{it.code}", it.name) for it in places if it.unit_id == one.id)
        groups.append(_group_of(str(_("%(unit)s的点位", unit=one.name)), here, chosen))
    return tuple(group for group in groups if group.choices)


def _group_of(label: str, them: Iterable[tuple[str, str]], chosen: str) -> ChoiceGroup:
    choices = tuple(Choice(value=value, label=name, chosen=value == chosen) for value, name in them)
    return ChoiceGroup(label=label, choices=choices)


def remove_page(key: str) -> RemovePage:
    """The rule that is about to be removed.

    Raises:
        NotFound: absent, or of a unit the reader does not manage.
    """
    with runtime().db.read() as session:
        unit_id = managed_rule(session, key, by=actor()).unit_id
        around = rule_surroundings(session, [unit_id])
    rule = next(one for one in around.rules if one.key == key)
    return RemovePage(
        frame=frame_of(current="rules"),
        action=url_for("rules.remove", key=key),
        unit=_name(unit_id, around),
        line=_line(rule, around),
        back_href=url_for("rules.rules"),
    )
