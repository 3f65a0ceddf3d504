"""What the API's answers look like: views in, JSON-able dictionaries out (contract.md)."""

from datetime import datetime
from typing import Any

from app.accounts.actor import Actor
from app.hazards.documents import DualReportView
from app.hazards.policy import View
from app.hazards.submission import Receipt
from app.hazards.views import HazardLine, HazardView, PhotoView, RoutingView, StepView, WitnessView
from app.units.queries import Place, Unit


def instant(at: datetime | None) -> str | None:
    """RFC 3339 in UTC."""
    return None if at is None else at.isoformat().replace("+00:00", "Z")


def unit_shape(unit: Unit) -> dict[str, Any]:
    """A unit by its public code."""
    return {"code": unit.code, "name": unit.name, "kind": unit.kind}


def place_shape(place: Place, unit: Unit | None = None) -> dict[str, Any]:
    """A place by its code."""
    position = None if place.lat is None else {"lat": place.lat, "lon": place.lon, "datum": "wgs84"}
    shape = {"code": place.code, "name": place.name, "position": position, "allows_guests": place.allows_guests}
    return shape if unit is None else {**shape, "unit": unit_shape(unit)}


def me_shape(actor: Actor, units: dict[int, Unit]) -> dict[str, Any]:
    """Who the caller is and where the roles hold."""
    roles = [{"role": grant.role, "unit": unit_shape(units[grant.unit_id])} for grant in actor.grants]
    return {
        "login": actor.login,
        "name": actor.name,
        "unit": unit_shape(units[actor.home_unit_id]),
        "roles": roles,
    }


def receipt_shape(receipt: Receipt) -> dict[str, Any]:
    """The answer of `POST hazards`."""
    return {
        "number": receipt.number,
        "state": receipt.state,
        "version": receipt.version,
        "unit": unit_shape(receipt.unit),
        "officer": receipt.officer,
        "receipt": {
            "client_id": receipt.client_id,
            "received_at": instant(receipt.received_at),
            "photos": [{"sha256": sha256, "bytes": size} for sha256, size in receipt.photos],
        },
    }


def line_shape(line: HazardLine) -> dict[str, Any]:
    """One hazard in a list."""
    return {
        "number": line.number,
        "state": line.state,
        "version": line.version,
        "level": line.level,
        "category": line.category,
        "description": line.description,
        "place": line.place,
        "location_text": line.location_text,
        "unit": unit_shape(line.unit),
        "mine": line.is_mine,
        "anonymous": line.anonymous,
        "submitted_at": instant(line.submitted_at),
        "deadline": instant(line.deadline),
        "overdue": line.is_overdue,
    }


def hazard_shape(view: HazardView) -> dict[str, Any]:
    """The answer of `GET hazards/{number}`; the public part has fewer keys."""
    shape: dict[str, Any] = {
        "number": view.number,
        "state": view.state,
        "version": view.version,
        "level": view.level,
        "category": view.category,
        "place": None if view.place is None else place_shape(view.place),
        "location_text": view.location_text,
        "unit": unit_shape(view.unit),
        "anonymous": view.anonymous,
        "submitted_at": instant(view.submitted_at),
        "closed_at": instant(view.closed_at),
        "overdue": view.is_overdue,
        "open_actions": list(view.open_actions),
        "photos": [_photo(photo, public=view.view is View.PUBLIC) for photo in view.photos],
    }
    return shape if view.view is View.PUBLIC else {**shape, **_inner(view)}


def _inner(view: HazardView) -> dict[str, Any]:
    return {
        "description": view.description,
        "factor": view.factor,
        "found_by": view.found_by,
        "reporter": view.reporter,
        "guest": view.guest,
        "routing": None if view.routing is None else _routing(view.routing),
        "rectifier": view.rectifier,
        "measures": view.measures,
        "funds": view.funds,
        "emergency_plan": view.emergency_plan,
        "interim_control": view.interim_control,
        "deadline": instant(view.deadline),
        "first_deadline": instant(view.first_deadline),
        "extension_deadline": instant(view.extension_deadline),
        "accepted_at": instant(view.accepted_at),
        "finished_at": instant(view.finished_at),
        "done": view.done,
        "cost": None if view.cost_fen is None else f"{view.cost_fen // 100}.{view.cost_fen % 100:02d}",
        "conclusion": view.conclusion,
        "fixed_on_the_spot": view.fixed_on_the_spot,
        "times_returned": view.times_returned,
        "reject_reason": view.reject_reason,
        "master": view.master,
        "dual_reports": list(view.dual_reports),
        "dual_report_papers": [_paper(report) for report in view.dual_report_papers],
        "timeline": [_step(step) for step in view.timeline],
        "signals": list(view.signals),
    }


def _routing(routing: RoutingView) -> dict[str, Any]:
    return {"unit": unit_shape(routing.unit), "officer": routing.officer, "because": list(routing.because)}


def _paper(report: DualReportView) -> dict[str, Any]:
    """One half of the dual report; `file` is the number of its document, if one was kept."""
    return {
        "to": report.to,
        "on": report.on.isoformat(),
        "document": report.says,
        "file": report.document_n,
    }


def _step(step: StepView) -> dict[str, Any]:
    return {
        "version": step.version,
        "action": step.action,
        "at": instant(step.at),
        "by": step.who,
        "from": step.from_state,
        "to": step.to_state,
        "detail": step.detail,
    }


def _photo(photo: PhotoView, *, public: bool) -> dict[str, Any]:
    shape: dict[str, Any] = {
        "n": photo.n,
        "stage": photo.stage,
        "status": photo.status,
        "width": photo.width,
        "height": photo.height,
    }
    if photo.cause is not None:
        shape["cause"] = photo.cause
    if public:
        return shape
    return {
        **shape,
        "sha256": photo.sha256,
        "bytes": photo.bytes,
        "captured_at": instant(photo.captured_at),
        "grade": photo.grade,
        "grade_because": list(photo.grade_because),
        "witnesses": [_witness(witness) for witness in photo.witnesses],
    }


def _witness(witness: WitnessView) -> dict[str, Any]:
    return {
        "source": witness.source,
        "lat": witness.lat,
        "lon": witness.lon,
        "accuracy_m": witness.accuracy_m,
        "datum": "wgs84",
        "sent_as": witness.datum,
        "at": instant(witness.at),
    }
