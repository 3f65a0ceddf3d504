"""What a major hazard must have: 五落实 (安委〔2024〕7号), interim control, the dual report (安全生产法 §41)."""

from datetime import datetime

from flask import url_for
from flask_babel import gettext as _

from app.hazards.documents import DualReportView
from app.hazards.lifecycle import Action, State
from app.hazards.views import HazardView
from app.hazards.words import Level, ReportedTo
from app.web import words
from app.web.pages import Duty, MajorBox
from app.web.times import moment

ACCEPTED = frozenset({State.RECTIFYING, State.REVIEWING, State.CLOSED})


def major_box(view: HazardView, *, at: datetime) -> MajorBox | None:
    """What is there and what is lacking; None for a hazard that is not major, or not accepted."""
    if view.level is not Level.MAJOR or view.state not in ACCEPTED:
        return None
    zone = view.unit.zone
    duties = (
        Duty(code="rectifier", says=view.rectifier or ""),
        Duty(code="measures", says=view.measures or ""),
        Duty(code="funds", says=view.funds or ""),
        Duty(code="deadline", says=moment(view.deadline, zone, now=at) if view.deadline else ""),
        Duty(code="emergency_plan", says=view.emergency_plan or ""),
        Duty(code="interim_control", says=view.interim_control or ""),
    )
    told = [_report(view, report) for report in view.dual_report_papers]
    lacking = [Duty(code=to) for to in ReportedTo if to not in view.dual_reports]
    may_record = Action.RECORD_DUAL_REPORT in view.open_actions
    return MajorBox(
        duties=duties,
        reports=(*told, *lacking),
        lacking=sum(not duty.says for duty in (*duties, *lacking)),
        report_href=_record_address(view, lacking) if may_record else "",
        report_word=_record_word(lacking),
        supervised=moment(view.supervised_at, zone, now=at) if view.supervised_at else "",
    )


def _record_address(view: HazardView, lacking: list[Duty]) -> str:
    to = lacking[0].code if lacking else None
    return url_for("officer.act_form", number=view.number, action=Action.RECORD_DUAL_REPORT, to=to)


def _record_word(lacking: list[Duty]) -> str:
    if len(lacking) > 1:
        return str(words.ACTIONS[Action.RECORD_DUAL_REPORT])
    return str(_("登记%(to)s报告", to=words.REPORTED_TO[lacking[0].code])) if lacking else ""


def _report(view: HazardView, report: DualReportView) -> Duty:
    n = report.document_n
    return Duty(
        code=report.to,
        says=" ".join(part for part in (report.on.isoformat(), report.says or "") if part),
        href=url_for("reporter.document", number=view.number, n=n) if n else "",
        dim="" if n else str(_("没有附件")),
    )
