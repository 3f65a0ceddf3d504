"""`/healthz`: whether a hazard can be accepted, and what the house stands on."""

import json
from typing import Any, Final

from flask import Blueprint, Response
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from app.core.errors import Unavailable
from app.core.outbox import WorkerPulse, queue_depth
from app.core.working_days import KNOWN_UNTIL
from app.edge.entrance import public, runtime
from app.evidence.lost import count_missing
from app.runtime import VERSION, Runtime
from storage.object_store import StoreError

health: Final = Blueprint("health", __name__)


@health.get("/healthz")
@public
def healthz() -> Response:
    """200 when a hazard can be accepted, else 503; workers that are away do not keep reports out."""
    means = runtime()
    report: dict[str, Any] = {"version": VERSION}
    able = _ask_database(means, report) and _ask_store(means, report)
    # Working days beyond it are taken for Monday to Friday until the service is brought up to date.
    report["calendar"] = {"known_until": KNOWN_UNTIL.isoformat()}
    text = json.dumps({"ok": able, **report}, ensure_ascii=False)
    headers = {"Cache-Control": "no-store"} if able else {"Cache-Control": "no-store", "Retry-After": "30"}
    return Response(text, 200 if able else 503, headers, mimetype="application/json")


def _ask_database(means: Runtime, report: dict[str, Any]) -> bool:
    try:
        report["database"] = means.db.describe()
        with means.db.read() as session:
            depth = queue_depth(session)
            missing = count_missing(session)
            pulses = session.execute(select(WorkerPulse).order_by(WorkerPulse.at.desc())).scalars().all()
    except (Unavailable, SQLAlchemyError) as fault:
        report["database"] = {"fault": type(fault).__name__}
        return False
    report["store"] = {"missing": missing}
    at = means.now()
    oldest = (at - depth.oldest_at).total_seconds() if depth.oldest_at else 0
    report["queue"] = {"waiting": depth.waiting, "failed": depth.failed, "oldest_seconds": round(max(oldest, 0))}
    report["workers"] = [{"seen_seconds_ago": round((at - p.at).total_seconds()), "jail": p.jail} for p in pulses]
    return True


def _ask_store(means: Runtime, report: dict[str, Any]) -> bool:
    try:
        report["store"] |= {"check": means.store.check()}
    except StoreError as fault:
        report["store"] |= {"fault": type(fault).__name__}
        return False
    return True
