"""Why: routing decisions, evidence grades and quarantines as a safety officer would say them."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Any, Final

from flask_babel import LazyString, lazy_gettext
from flask_babel import gettext as _

from app.edge.wording_moves import closed_sentence
from app.evidence.causes import Cause
from app.evidence.locations import Because as Finding
from app.hazards.policy import ClosedMove, Why
from app.hazards.views import HazardView, PhotoView
from app.units.surroundings import Because
from app.web import words
from app.web.rule_words import rule_values
from app.web.times import span_words

_l = lazy_gettext
ROUTING: Final[Mapping[str, LazyString]] = MappingProxyType(
    {
        Because.PLACE_SCANNED: _l("点位“%(place)s”属%(unit)s"),
        Because.PIN_SET: _l("按地图标注定位"),
        Because.PHONE_POSITION: _l("按手机定位，精度 %(accuracy_m)s 米"),
        Because.PHONE_INACCURATE: _l("手机定位精度 %(accuracy_m)s 米，超过 %(limit_m)s 米，未采用"),
        Because.EXIF_POSITION: _l("按照片自带的 GPS 定位"),
        Because.NO_LOCATION: _l("没有可用的定位"),
        Because.INSIDE_AREA: _l("位置在“%(area)s”内，属%(unit)s"),
        Because.NEAREST_PLACE: _l("离点位“%(place)s”%(metres)s 米，属%(unit)s"),
        Because.OUTSIDE_EVERYTHING: _l("不在任何区域内，%(limit_m)s 米内没有点位"),
        Because.REPORTERS_UNIT: _l("按上报人所在单位：%(unit)s"),
        Because.OFFICER_FOR_CATEGORY: _l("%(unit)s的%(category)s类由%(officer)s负责"),
        Because.RULE_WON: _l("%(unit)s第 %(rule)s 条规则（%(asks)s）：派给%(officer)s"),
        Because.RULE_BROKEN: _l("%(unit)s第 %(rule)s 条规则不起作用：%(why)s"),
        Because.RULE_PASSED: _l("%(unit)s第 %(rule)s 条规则不适用：%(why)s"),
        Because.DEPUTY: _l("%(officer)s今天不在岗，由%(deputy)s代办"),
        Because.OFFICER_AWAY: _l("%(officer)s今天不在岗，没有人代办"),
        Because.OFFICER_ON_DUTY_HERE: _l("%(unit)s的安全员是%(officer)s"),
        Because.CLIMBED: _l("%(unit)s没有安全员，报到上级%(to)s"),
        Because.NOBODY: _l("%(unit)s及上级都没有安全员，请管理员指定"),
        "transferred": _l("%(by)s从%(from)s转办过来"),
        "transfer_returned": _l("%(by)s从%(from)s退回转办"),
        "appeal_overturned": _l("申诉成立，由上级单位办理"),
        "handed_over": _l("%(from)s已交接给%(to)s"),
        "unit_moved": _l("%(unit)s从%(from)s移到%(to)s，重新派单"),
        "recategorized": _l("%(by)s把类别改为%(category)s，按规则重新派单"),
    }
)
FINDINGS: Final[Mapping[str, LazyString]] = MappingProxyType(
    {
        Finding.TIMES_AGREE: _l("时间相差 %(apart)s"),
        Finding.TIMES_CONTRADICT: _l("时间对不上，相差 %(apart)s"),
        Finding.TIME_IN_FUTURE: _l("拍摄时间比收到晚 %(apart)s"),
        Finding.TIME_TOO_OLD: _l("拍摄时间比收到早 %(apart)s"),
        Finding.POSITIONS_AGREE: _l("%(one)s与%(other)s相距 %(distance)s"),
        Finding.POSITIONS_CONTRADICT: _l("%(one)s与%(other)s对不上，相距 %(distance)s"),
        Finding.LIVE: _l("现场拍摄"),
        Finding.PLACE_SCANNED: _l("已扫点位码"),
        Finding.POSITION_KNOWN: _l("有定位"),
        Finding.TIME_KNOWN: _l("有拍摄时间"),
        Finding.NO_TIME: _l("没有拍摄时间"),
        Finding.NO_POSITION: _l("没有定位"),
    }
)
_TIMES: Final = (
    Finding.TIMES_CONTRADICT,
    Finding.TIME_IN_FUTURE,
    Finding.TIME_TOO_OLD,
    Finding.TIMES_AGREE,
)
"""The findings about the time, the gravest first."""
CAUSES: Final[Mapping[str, LazyString]] = MappingProxyType(
    {
        Cause.TRUNCATED: _l("文件不完整，多半是上传或存储时断了。请从手机里重新发一张。"),
        Cause.TOO_MANY_PIXELS: _l("照片像素太大。请用普通拍照模式重拍，不用全景或高像素模式。"),
        Cause.UNREADABLE: _l("文件内容不是照片。请用手机相机重拍一张。"),
        Cause.FORMAT_MISMATCH: _l("文件内容和格式不符。请用手机相机重拍一张。"),
        Cause.OUT_OF_MEMORY: _l("照片太复杂，处理不了。请用普通拍照模式重拍。"),
        Cause.OUT_OF_TIME: _l("照片处理超时。请用普通拍照模式重拍。"),
        Cause.CRASHED: _l("文件有损坏，处理不了。请重拍一张。"),
        Cause.MISSING: _l("原件丢失，请联系管理员。"),
        Cause.ALTERED: _l("原件已损坏，请联系管理员。"),
        Cause.TOO_LARGE_OUTPUT: _l("照片太大，处理不了。请用普通拍照模式重拍。"),
    }
)


def routing_lines(because: Iterable[Mapping[str, str]]) -> tuple[str, ...]:
    """The reasons of a routing decision, in its order."""
    return tuple(_routing_line(reason) for reason in because)


def routing_told(because: Iterable[Mapping[str, str]]) -> tuple[str, ...]:
    """The same for who reported it: who is in charge, without the number of the rule that says so."""
    return tuple(
        _rule_told(reason) if reason["code"] == Because.RULE_WON else _routing_line(reason) for reason in because
    )


def _rule_told(reason: Mapping[str, str]) -> str:
    officer, asks = reason["officer"], rule_values(reason)["asks"]
    if reason["category"] and not reason["spot"]:
        return str(_("%(category)s隐患由%(officer)s负责", category=asks, officer=officer))
    return str(_("%(asks)s：由%(officer)s负责", asks=asks, officer=officer))


def _routing_line(reason: Mapping[str, str]) -> str:
    values = {**reason, **rule_values(reason)}
    if values.get("category"):
        values["category"] = str(words.CATEGORIES[values["category"]])
    return str(ROUTING[reason["code"]]) % values


def grade_line(photo: PhotoView) -> str:
    """Everything that led to a photo's grade, in one line."""
    return str(_("；")).join(_finding(found) for found in _telling(photo.grade_because))


def _telling(findings: tuple[dict[str, Any], ...]) -> list[dict[str, Any]]:
    """Without what another finding already says: one about the time, no bare 有定位 beside a distance."""
    codes = [found["code"] for found in findings]
    silent: set[str] = set()
    times = [code for code in _TIMES if code in codes]
    silent |= set(times[1:])
    if times or Finding.LIVE in codes:
        silent.add(Finding.TIME_KNOWN)
    if Finding.TIME_TOO_OLD in codes:
        silent.add(Finding.LIVE)
    if {Finding.POSITIONS_AGREE, Finding.POSITIONS_CONTRADICT} & set(codes):
        silent.add(Finding.POSITION_KNOWN)
    return [found for code, found in zip(codes, findings, strict=True) if code not in silent]


def _metres(metres: int | None) -> str:
    if metres is None:
        return ""
    if metres >= 100_000:  # noqa: PLR2004  # from a hundred kilometres a tenth says nothing
        return str(_("%(km)s 公里", km=round(metres / 1000)))
    if metres >= 1000:  # noqa: PLR2004  # a kilometre
        return str(_("%(km)s 公里", km=f"{metres / 1000:.1f}"))
    return str(_("%(metres)s 米", metres=metres))


def _spaced(name: str) -> str:
    """照片 GPS before a Chinese word takes a space; 扫码点位 does not."""
    return f"{name} " if name[-1:].isascii() and name.strip() else name


def _finding(found: Mapping[str, Any]) -> str:
    between = [str(words.WITNESSES.get(source, "")) for source in found.get("between", ())]
    one, other = (*between, "", "")[:2]
    values = {
        "apart": span_words(timedelta(minutes=found.get("minutes") or 0)),
        "distance": _metres(found.get("metres")),
        "one": _spaced(one),
        "other": _spaced(other),
    }
    return str(FINDINGS[found["code"]]) % values


def cause_line(cause: str | None) -> str:
    """What was wrong with a quarantined photo and what can be done; empty for none."""
    return str(CAUSES[cause]) if cause else ""


def closed_line(move: ClosedMove, view: HazardView) -> str:
    """Why a move is closed to its reader, and what would open it."""
    why = Why.STATE if move.awaits_state else move.why
    return closed_sentence(move.action, why, is_its_state=not move.awaits_state, rectifier=view.rectifier)
