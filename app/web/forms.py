"""What a form's texts mean: fields as `app.edge.reading` takes them, and faults beside their inputs."""

import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from app.core.errors import BadRequest, Fault, Invalid, NotSignedIn, Problem, TooLarge, TooMany, UnsupportedMedia
from app.edge.reading import DraftPhotoSchema, read
from app.edge.wording import sentence_of, title_of
from app.evidence.locations import parse_position
from app.hazards.deadlines import Counting, chosen_deadline
from app.hazards.lifecycle import TABLE, Action
from app.hazards.words import Level
from app.web import words
from app.web.pages import FieldFault

Form = Mapping[str, str]
_MIB: Final = 1024 * 1024
_DEGREES: Final = re.compile(r"-?[0-9]{1,3}(\.[0-9]{1,15})?")


def draft_fields(form: Form, *, place_code: str | None, photos: int, claim_hash: str | None) -> dict[str, Any]:
    """A report's fields as `read_draft` takes them; `place_code` is the scanned place's, if one was scanned."""
    told: dict[str, Any] = {
        "client_id": form.get("client_id", ""),
        "photos": statements(form, photos=photos),
        "place_code": place_code or form.get("place_code"),
        "location_text": form.get("location_text"),
        "description": form.get("description"),
        "anonymous": "anonymous" in form,
    }
    if form.get("category"):
        told["category"] = form["category"]
    if form.get("pin_lat") or form.get("pin_lon"):
        told["pin"] = {name: _degrees(form.get(f"pin_{name}", "")) for name in ("lat", "lon")}
    if claim_hash is not None:
        told["claim_hash"] = claim_hash
    return told


def _degrees(sent: str) -> float | str:
    """The number sent, or the text, to be refused."""
    return float(sent) if _DEGREES.fullmatch(sent) else sent


def kept_pin(form: Form) -> tuple[str, str]:
    """Latitude and longitude of the pin that was sent; empty when there is none or it names no spot.

    The fields are hidden: what cannot be read is told once, and goes, or the form could never be sent again.
    """
    lat, lon = form.get("pin_lat", ""), form.get("pin_lon", "")
    return ("", "") if parse_position(_degrees(lat), _degrees(lon)) is None else (lat, lon)


def statements(form: Form, *, photos: int) -> list[dict[str, Any]]:
    """What the phone said about each photo, at most one for each.

    The field is hidden: nobody could correct it, and a hazard without a position is still a hazard. So what cannot
    be read counts as unsaid.
    """
    try:
        said = json.loads(form.get("captured_positions") or "[]")
    except (ValueError, RecursionError):
        return []
    if not isinstance(said, list):
        return []
    return [one if _is_statement(one) else {} for one in _without_dropped(said, form)[:photos]]


def _without_dropped(said: list[Any], form: Form) -> list[Any]:
    """The kept photos come first; what was said of one that was ticked off goes with it."""
    if not isinstance(form, MultiDict):
        return said
    kept, dropped = form.getlist("kept"), set(form.getlist("dropped"))
    return [one for n, one in enumerate(said) if n >= len(kept) or kept[n] not in dropped]


def kept_statements(form: Form, *, kept: int) -> str:
    """The statements about kept photos, as the form carries them on; those of lost photos are lost too."""
    said = statements(form, photos=kept)
    return json.dumps(said) if any(said) else ""


def _is_statement(said: object) -> bool:
    try:
        read(DraftPhotoSchema(exclude=["sha256"]), said)
    except Invalid:
        return False
    return True


def action_fields(
    action: Action, form: Form, *, photos: int, zone: ZoneInfo, at: datetime, counting: Counting = "calendar"
) -> dict[str, Any]:
    """A move's fields as `read_action` takes them; typed times are in `zone`; what was left blank is unsaid.

    `counting` is how the hazard's unit counts the days that were chosen.
    """
    told: dict[str, Any] = {name: form[name] for name in TABLE[action].fields if form.get(name, "").strip()}
    if "master" in TABLE[action].fields and form.get("master_typed", "").strip():
        told["master"] = form["master_typed"].strip().upper()
    if "deadline" in TABLE[action].fields:
        told.pop("deadline", None)
        deadline = _deadline(form, zone=zone, at=at, counting=counting)
        told |= {"deadline": deadline} if deadline else {}
    if "finished_at" in told:
        told["finished_at"] = _instant(told["finished_at"], zone=zone)
    version = form.get("version", "")
    told["version"] = int(version) if version.isascii() and version.isdecimal() else version
    told["photos"] = statements(form, photos=photos)
    return told


def _deadline(form: Form, *, zone: ZoneInfo, at: datetime, counting: Counting) -> str:
    days = form.get("deadline_days", "")
    # Of a major hazard the day is a decision, not a habit (domain.md §5, clocks): what is ticked does not count.
    if not days or form.get("level") == Level.MAJOR:
        return _instant(form.get("deadline", ""), zone=zone)
    if not (days.isascii() and days.isdecimal() and len(days) < 4):  # noqa: PLR2004  # far enough
        return days
    return chosen_deadline(int(days), at=at, zone=zone, counting=counting).isoformat()


def _instant(typed: str, *, zone: ZoneInfo) -> str:
    """A typed time with the zone it was meant in; what is no time stays, to be refused with its reason."""
    try:
        instant = datetime.fromisoformat(typed)
    except ValueError:
        return typed
    return (instant if instant.tzinfo else instant.replace(tzinfo=zone)).isoformat()


class FormExpired(BadRequest):
    """The page's token is old; its form is shown again with a fresh one."""


def field_faults(problem: Problem) -> tuple[FieldFault, ...]:
    """What a refusal says beside the inputs of a form."""
    if isinstance(problem, Invalid):
        return tuple(dict.fromkeys(_field_fault(_pin_as_one(fault)) for fault in problem.faults))
    if isinstance(problem, FormExpired):
        return (FieldFault(field="", sentence=str(_("页面停留太久，内容都还在，请再交一次。"))),)
    if isinstance(problem, TooLarge | UnsupportedMedia):
        if problem.values.get("what") == "document":
            return (FieldFault(field="document", sentence=_document_sentence(problem)),)
        return (FieldFault(field="photo", sentence=_photo_sentence(problem)),)
    if isinstance(problem, TooMany):
        told = _("太频繁了，这次没有收下。请过 %(seconds)s 秒再交，填的字都还在。", seconds=problem.retry_after)
        return (FieldFault(field="", sentence=str(told)),)
    field = "anonymous" if isinstance(problem, NotSignedIn) else ""
    return (FieldFault(field=field, sentence=title_of(problem)),)


def _field_fault(fault: Fault) -> FieldFault:
    label = str(words.LABELS.get(fault.field, ""))
    return FieldFault(field=_input(fault), sentence=sentence_of(fault), label=label)


def _pin_as_one(fault: Fault) -> Fault:
    """Half a pin cannot be mended: whatever is wrong with it, it is set anew."""
    return Fault("pin", "position_impossible") if fault.field.partition(".")[0] == "pin" else fault


def _input(fault: Fault) -> str:
    return "photo" if fault.field.partition(".")[0] == "photos" else fault.field


def _document_sentence(problem: TooLarge | UnsupportedMedia) -> str:
    limit = problem.values.get("limit")
    if isinstance(limit, int):
        return str(_("附件超过 %(mib)s MB，请压缩后再传，或拍照上传。", mib=limit // _MIB))
    return title_of(problem)


def _photo_sentence(problem: TooLarge | UnsupportedMedia) -> str:
    n, limit = problem.values.get("n"), problem.values.get("limit")
    mib = limit // _MIB if isinstance(limit, int) else ""
    if isinstance(problem, UnsupportedMedia):
        what = _("第 %(n)s 个文件不是能用的照片。", n=n) if n else _("有一个文件不是能用的照片。")
        what += _("请用 JPEG、PNG、WebP、HEIC 或 AVIF。")
    elif problem.values.get("what") == "photo":
        what = _("第 %(n)s 张照片", n=n) if n else _("有一张照片")
        what += _("超过 %(mib)s MB，请换一张，或用普通拍照模式重拍。", mib=mib)
    else:
        what = _("照片加起来超过 %(mib)s MB，请减少几张，分几次上报。", mib=mib)
    return str(what + _("这次的照片都没有收下，请重新添加；其他内容还在。"))
