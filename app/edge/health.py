"""`/healthz`: whether a hazard can be accepted, and what the house stands on."""

import json
from typing import Any, Final

from flask import Blueprint, Response

from app.core.working_days import KNOWN_UNTIL
from app.edge import asking
from app.edge.asking import Outcome, asker
from app.edge.entrance import public, runtime
from app.edge.soundings import DatabaseSounding, questions_about, seconds_since, store_kind
from app.runtime import Runtime
from app.version import VERSION

health: Final = Blueprint("health", __name__)


@health.get("/healthz")
@public
def healthz() -> Response:
    """200 when a hazard can be accepted, else 503; workers or a Redis that are away do not keep reports out."""
    means = runtime()
    outcomes = asker().ask(questions_about(means), within=asking.PATIENCE_SECONDS)
    able = not (outcomes["database"].fault or outcomes["store"].fault)
    text = json.dumps({"ok": able, **_report(means, outcomes)}, ensure_ascii=False)
    headers = {"Cache-Control": "no-store"} if able else {"Cache-Control": "no-store", "Retry-After": "30"}
    return Response(text, 200 if able else 503, headers, mimetype="application/json")


def _report(means: Runtime, outcomes: dict[str, Outcome]) -> dict[str, Any]:
    sounding = outcomes["database"].told
    missing = {"missing": sounding.missing} if isinstance(sounding, DatabaseSounding) else {}
    store = {"check": outcomes["store"].told}
    return {
        "version": VERSION,
        **_told_by_database(means, outcomes["database"]),
        "store": {"kind": store_kind(means), **missing, **(_fault(outcomes["store"]) or store)},
        "redis": _told_by_redis(outcomes.get("redis")),
        # Working days beyond it are taken for Monday to Friday until the service is brought up to date.
        "calendar": {"known_until": KNOWN_UNTIL.isoformat()},
    }


def _told_by_database(means: Runtime, outcome: Outcome) -> dict[str, Any]:
    kind = means.db.engine.dialect.name
    sounding = outcome.told
    if not isinstance(sounding, DatabaseSounding):
        return {"database": {"kind": kind, **_fault(outcome)}}
    queue = sounding.queue
    oldest = round(seconds_since(queue.oldest_at, means.now()))
    return {
        "database": sounding.about,
        "queue": {"waiting": queue.waiting, "failed": queue.failed, "oldest_seconds": oldest},
        "workers": [{"seen_seconds_ago": round(p.seen_seconds_ago), "jail": p.jail} for p in sounding.pulses],
    }


def _told_by_redis(outcome: Outcome | None) -> dict[str, Any]:
    """Without Redis the workers look into the database themselves."""
    if outcome is None:
        return {"kind": "embedded"}
    return {"kind": "redis", **(_fault(outcome) or {"check": "reachable"})}


def _fault(outcome: Outcome) -> dict[str, Any]:
    return {"fault": outcome.fault} if outcome.fault else {}
