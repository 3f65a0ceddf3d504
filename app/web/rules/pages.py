"""The pages of the routing rules: the list, a rule's form, its removal, and the tester."""

from dataclasses import dataclass

from app.web.pages.frame import Choice, ChoiceGroup, FieldFault, Frame


@dataclass(frozen=True, kw_only=True)
class RuleLine:
    """One rule in its order; `flaw` says in words why it cannot work."""

    key: str
    position: int
    asks: str  # 用电 · 冲压线 A3
    officer: str
    on: bool
    flaw: str = ""
    first: bool = False
    last: bool = False
    edit_href: str = ""
    move_href: str = ""
    switch_href: str = ""
    remove_href: str = ""


@dataclass(frozen=True, kw_only=True)
class RuleGroup:
    """The rules of one unit, and who hears when none of them is for a hazard."""

    code: str
    unit: str
    rules: tuple[RuleLine, ...]
    otherwise: str
    make_href: str


@dataclass(frozen=True, kw_only=True)
class RulesPage:
    """派单规则."""

    frame: Frame
    groups: tuple[RuleGroup, ...] = ()  # units that have rules
    bare: tuple[Choice, ...] = ()  # units without: their code and name
    broken: int = 0
    make_href: str = ""
    try_href: str = ""


@dataclass(frozen=True, kw_only=True)
class RuleForm:
    """Making or changing one rule."""

    frame: Frame
    action: str
    unit: str
    categories: tuple[Choice, ...]
    spots: tuple[ChoiceGroup, ...]
    officers: tuple[Choice, ...]
    back_href: str
    add_href: str  # where a person is added, when nobody can be chosen
    is_new: bool = True
    position: int = 0
    gone: str = ""  # what it names that is not there any more
    faults: tuple[FieldFault, ...] = ()


@dataclass(frozen=True, kw_only=True)
class RemovePage:
    """Asking once more before a rule is removed."""

    frame: Frame
    action: str
    unit: str
    line: RuleLine
    back_href: str


@dataclass(frozen=True, kw_only=True)
class TriedStep:
    """One step of a decision in words; `kind` is won, broken, passed or plain."""

    kind: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Tried:
    """What a try came to."""

    officer: str  # empty: nobody
    unit: str
    steps: tuple[TriedStep, ...]


@dataclass(frozen=True, kw_only=True)
class TryPage:
    """试一试: a photo here, of this: who gets it, and why?"""

    frame: Frame
    places: tuple[ChoiceGroup, ...]
    categories: tuple[Choice, ...]
    units: tuple[Choice, ...]
    lat: str = ""
    lon: str = ""
    tried: Tried | None = None
    faults: tuple[FieldFault, ...] = ()
    back_href: str = ""
